import COpenBLAS
import Kernels

/// Matrix products by OpenBLAS, the one place that calls it.
///
/// OpenBLAS runs single-threaded, and a large product is cut into blocks of rows so that Ctrl-C
/// is answered between two of them.
public enum Products {
  // each call packs all of b again: many rows a call, yet a few hundredths of a second at most
  private static let multiplicationsPerCall = 1 << 30

  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// Computes `c = op(a) op(b) + beta c` for row-major matrices, `op(a)` being `[rows, inner]` and `op(b)` `[inner, columns]`.
  ///
  /// The leading dimensions are the distances in elements between neighbouring rows as stored. Pointers to
  /// matrices of no elements are not read.
  ///
  /// - Throws: `Interrupted` when a stop is requested between two blocks of rows.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func multiply<T: FloatElement>(
    rows: Int, columns: Int, inner: Int,
    a: UnsafePointer<T>, leadingA: Int, transposeA: Bool = false,
    b: UnsafePointer<T>, leadingB: Int, transposeB: Bool = false,
    beta: T = 0, c: UnsafeMutablePointer<T>, leadingC: Int
  ) throws {
    guard rows > 0, columns > 0 else { return }
    _ = singleThreaded
    let block = Swift.max(1, multiplicationsPerCall / Swift.max(1, columns * inner))
    var first = 0
    while first < rows {
      try Interrupt.check()
      let height = Swift.min(block, rows - first)
      let left = a + (transposeA ? first : first * leadingA)
      let result = c + first * leadingC
      call(height, columns, inner, left, leadingA, transposeA, b, leadingB, transposeB, beta, result, leadingC)
      first += height
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
