import COpenBLAS
import Kernels

/// Matrix products by OpenBLAS, the one place that calls it.
///
/// OpenBLAS runs single-threaded; a large product is cut into blocks of rows or columns that the workers share. The
/// blocks follow from the shape alone, never from the number of threads, and the inner dimension is never cut: the
/// result has the same bits for any number of threads. Ctrl-C is answered between two blocks.
public enum Products {
  /// How the result is cut: into blocks of `length` rows, or columns.
  struct Cut: Equatable {
    let byRows: Bool
    let length: Int

    // each call packs the other operand again: few large blocks, yet a few hundredths of a second at most
    private static let multiplicationsPerBlock = 2_000_000
    private static let multiplicationsPerCall = 1 << 30

    init(rows: Int, columns: Int, inner: Int) {
      let multiplications = Double(rows) * Double(columns) * Double(inner)
      byRows = columns <= 2 * rows
      let (extent, unit) = byRows ? (rows, 4) : (columns, 16)
      var blocks = 16
      while blocks > 1
        && (multiplications < Double(blocks * Cut.multiplicationsPerBlock)
          || extent < blocks * (blocks == 2 ? 24 : 128))
      {
        blocks /= 2
      }
      let even = blocks == 1 ? extent : ((extent + blocks - 1) / blocks + unit - 1) / unit * unit
      length = Swift.max(
        1, Swift.min(even, Int(Double(Cut.multiplicationsPerCall) / (multiplications / Double(extent) + 1))))
    }
  }

  /// Ends OpenBLAS's threads and settles its kernels now, for a program that has signals to handle.
  public static func prepare() { BLASLibrary.prepared }

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
    let cut = Cut(rows: rows, columns: columns, inner: inner)
    let extent = cut.byRows ? rows : columns
    guard cut.length < extent else {
      try Interrupt.check()
      return call(rows, columns, inner, a, leadingA, transposeA, b, leadingB, transposeB, beta, c, leadingC)
    }
    try WorkerPool.run(chunks: (extent + cut.length - 1) / cut.length) { chunk in
      try Interrupt.check()
      let first = chunk * cut.length
      let length = Swift.min(cut.length, extent - first)
      if cut.byRows {
        let (left, result) = (a + (transposeA ? first : first * leadingA), c + first * leadingC)
        call(length, columns, inner, left, leadingA, transposeA, b, leadingB, transposeB, beta, result, leadingC)
      } else {
        let right = b + (transposeB ? first * leadingB : first)
        call(rows, length, inner, a, leadingA, transposeA, right, leadingB, transposeB, beta, c + first, leadingC)
      }
    }
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
