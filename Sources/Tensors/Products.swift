import COpenBLAS
import Kernels

/// Matrix products by OpenBLAS, the one place that calls it.
///
/// OpenBLAS runs single-threaded; a large product is cut into blocks that the workers share. The cut follows from the
/// shape and the kernels alone, never from the number of threads: the result has the same bits for any number of them.
/// Ctrl-C is answered between two blocks.
public enum Products {
  /// Ends OpenBLAS's threads and settles its kernels now, for a program that has signals to handle.
  public static func prepare() { BLASLibrary.prepared }

  /// Whether `op(b)` is better written out than read transposed, for a product of these sizes.
  public static func prefersPlain(rows: Int, columns: Int, inner: Int) -> Bool {
    BLASLibrary.hasSmallKernels
      && (columns <= ProductCut.narrow || Double(rows) * Double(columns) * Double(inner) <= ProductCut.smallProduct)
  }

  /// Computes `c = op(a) op(b) + beta c` for row-major matrices, `op(a)` being `[rows, inner]` and `op(b)` `[inner, columns]`.
  ///
  /// The leading dimensions are the distances in elements between neighbouring rows as stored. Pointers to
  /// matrices of no elements are not read.
  ///
  /// - Throws: `Interrupted` when a stop is requested between two blocks.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func multiply<T: FloatElement>(
    rows: Int, columns: Int, inner: Int,
    a: UnsafePointer<T>, leadingA: Int, transposeA: Bool = false,
    b: UnsafePointer<T>, leadingB: Int, transposeB: Bool = false,
    beta: T = 0, c: UnsafeMutablePointer<T>, leadingC: Int
  ) throws {
    guard rows > 0, columns > 0 else { return }
    BLASLibrary.prepared
    if rows == 1 && columns == 1 && inner > 0 {
      let sum = try dot(a, transposeA ? leadingA : 1, b, transposeB ? 1 : leadingB, inner)
      c.pointee = beta == 0 ? T(sum) : T(Double(beta) * Double(c.pointee) + sum)
      return
    }
    let cut = ProductCut(
      rows: rows, columns: columns, inner: inner, hasSmallKernels: BLASLibrary.hasSmallKernels && !transposeB)
    let (stepRow, stepInnerA) = transposeA ? (1, leadingA) : (leadingA, 1)
    let (stepInnerB, stepColumn) = transposeB ? (1, leadingB) : (leadingB, 1)
    try WorkerPool.run(chunks: cut.count) { chunk in
      try Interrupt.check()
      let block = cut.block(chunk)
      let (left, right) = (a + block.row * stepRow, b + block.column * stepColumn)
      let result = c + block.row * leadingC + block.column
      var first = 0
      repeat {
        let length = Swift.min(cut.inner, inner - first)
        call(
          block.rows, block.columns, length, left + first * stepInnerA, leadingA, transposeA,
          right + first * stepInnerB, leadingB, transposeB, first == 0 ? beta : 1, result, leadingC)
        first += cut.inner
      } while first < inner
    }
  }

  /// How many numbers OpenBLAS sums in their own precision; the sums of such pieces are added in float64.
  private static let piece = 4096
  /// How many numbers of two vectors one thread takes at a time.
  private static let share = 131_072

  /// The sum of products of two vectors, whose numbers are `stepA` and `stepB` apart.
  private static func dot<T: FloatElement>(
    _ a: UnsafePointer<T>, _ stepA: Int, _ b: UnsafePointer<T>, _ stepB: Int, _ count: Int
  ) throws -> Double {
    let parts = (count + share - 1) / share
    return try Scratch.withZeros(parts) { sums in
      try WorkerPool.run(chunks: parts) { part in
        try Interrupt.check()
        let end = Swift.min((part + 1) * share, count)
        var sum = 0.0
        for first in stride(from: part * share, to: end, by: piece) {
          let length = blasint(Swift.min(piece, end - first))
          sum += callDot(length, a + first * stepA, blasint(stepA), b + first * stepB, blasint(stepB))
        }
        sums[part] = sum
      }
      return (0..<parts).reduce(0) { $0 + sums[$1] }
    }
  }

  @inline(__always)
  private static func callDot<T: FloatElement>(
    _ count: blasint, _ a: UnsafePointer<T>, _ stepA: blasint, _ b: UnsafePointer<T>, _ stepB: blasint
  ) -> Double {
    T.self == Float.self
      ? Double(cblas_sdot(count, cast(a), stepA, cast(b), stepB)) : cblas_ddot(count, cast(a), stepA, cast(b), stepB)
  }

  @inline(__always)
  private static func call<T: FloatElement>(
    _ rows: Int, _ columns: Int, _ inner: Int, _ a: UnsafePointer<T>, _ leadingA: Int, _ transposeA: Bool,
    _ b: UnsafePointer<T>, _ leadingB: Int, _ transposeB: Bool, _ beta: T, _ c: UnsafeMutablePointer<T>, _ leadingC: Int
  ) {
    let left = transposeA ? CblasTrans : CblasNoTrans
    let right = transposeB ? CblasTrans : CblasNoTrans
    let (m, n, k) = (blasint(rows), blasint(columns), blasint(inner))
    let (lda, ldb, ldc) = (blasint(max(leadingA, 1)), blasint(max(leadingB, 1)), blasint(max(leadingC, 1)))
    if T.self == Float.self {
      cblas_sgemm(
        CblasRowMajor, left, right, m, n, k, 1, cast(a), lda, cast(b), ldb, Float(beta), cast(c), ldc)
    } else {
      cblas_dgemm(
        CblasRowMajor, left, right, m, n, k, 1, cast(a), lda, cast(b), ldb, Double(beta), cast(c), ldc)
    }
  }

  private static func cast<T, U>(_ pointer: UnsafePointer<T>) -> UnsafePointer<U> {
    UnsafeRawPointer(pointer).assumingMemoryBound(to: U.self)
  }

  private static func cast<T, U>(_ pointer: UnsafeMutablePointer<T>) -> UnsafeMutablePointer<U> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: U.self)
  }
}
