import COpenBLAS
import Kernels

/// The LAPACK inside OpenBLAS, the one place that calls it: one matrix at a time, in column-major order without gaps.
///
/// A call runs on one thread and can't be stopped; callers check for Ctrl-C between matrices. They also refuse NaN and infinity, which
/// some algorithms answer with endless loops or reads outside. Arguments are legal by construction: xerbla never speaks.
enum LAPACK {
  /// Which singular vectors to compute.
  enum Vectors {
    case none, reduced, full

    fileprivate var letter: CChar {
      switch self {
      case .none: LAPACK.letter("N")
      case .reduced: LAPACK.letter("S")
      case .full: LAPACK.letter("A")
      }
    }
  }

  /// The memory a routine works in, for matrices of one size.
  struct Workspace {
    /// How many numbers it holds.
    let count: Int
    private let storage: Storage
    private let integerStorage: Storage

    fileprivate init(_ dtype: DType, _ count: Int, integers: Int) throws {
      self.count = Swift.max(count, 1)
      storage = try Storage(dtype, count: self.count, zeroed: false)
      // eight bytes an integer are enough for OpenBLAS of either interface
      integerStorage = try Storage(.int64, count: Swift.max(integers, 1), zeroed: false)
    }

    fileprivate var numbers: UnsafeMutableRawPointer { storage.base }
    fileprivate var length: blasint { blasint(count) }
    fileprivate var integers: UnsafeMutablePointer<blasint> {
      integerStorage.base.assumingMemoryBound(to: blasint.self)
    }
  }

  private static func letter(_ letter: Unicode.Scalar) -> CChar { CChar(letter.value) }

  /// Makes the memory that a routine asks for, at least what its documentation demands.
  ///
  /// - Throws: `TensorError` when LAPACK's 32-bit integers couldn't count `bound` numbers, an upper bound of what it computes with.
  private static func workspace(
    _ dtype: DType, _ operation: String, bound: Double, minimum: Int, integers: Int = 0,
    query: (UnsafeMutableRawPointer, UnsafeMutablePointer<blasint>) -> blasint
  ) throws -> Workspace {
    Products.prepare()
    guard bound < 0x1p31 else {
      throw TensorError.expected(
        operation: operation, expected: "matrices whose working memory 32-bit integers count",
        got: "extents that need about \(TensorError.size(Int(Swift.min(bound, 0x1p59)) * dtype.size)) of it")
    }
    var (wanted, count, wantedIntegers) = (0.0, 0.0, [blasint](repeating: 0, count: 2))
    withUnsafeMutableBytes(of: &wanted) { bytes in
      guard let base = bytes.baseAddress else { return }
      _ = query(base, &wantedIntegers)
      // a float has rounded a large size, perhaps down
      count = dtype == .float64 ? base.load(as: Double.self) : Double(base.load(as: Float.self).nextUp)
    }
    let length = Swift.min(Swift.max(Int(count.rounded(.up)), minimum), Int(Int32.max))
    return try Workspace(dtype, length, integers: Swift.max(integers, Int(wantedIntegers[0])))
  }

  /// The dtype as the shim tells precisions apart.
  private static func wide(_ dtype: DType) -> Bool { dtype == .float64 }

  // MARK: Singular values

  static func svdWorkspace(
    _ dtype: DType, _ operation: String, _ vectors: Vectors, rows: Int, columns: Int
  ) throws -> Workspace {
    let (less, more) = (Swift.min(rows, columns), Swift.max(rows, columns))
    let (square, line) = (Double(less) * Double(less), Double(less + more))
    let squares = vectors == .none ? 0 : 4 * less * (less + 2)
    return try workspace(
      dtype, operation, bound: 64 * line + (vectors == .none ? 4 : 10) * square,
      minimum: squares + 3 * less + Swift.max(more, 7 * less), integers: 8 * less
    ) { work, integers in
      // the query reads none of the matrices
      sonde_gesdd(
        wide(dtype), vectors.letter, blasint(rows), blasint(columns), work, work, work, work, work, -1, integers)
    }
  }

  /// Computes singular values, and with `u` and `vh` the vectors, by gesdd; the matrix is lost.
  ///
  /// Answers whether it converged.
  static func svd(
    _ dtype: DType, _ vectors: Vectors, rows: Int, columns: Int, _ matrix: UnsafeMutableRawPointer,
    s: UnsafeMutableRawPointer, u: UnsafeMutableRawPointer, vh: UnsafeMutableRawPointer, _ work: Workspace
  ) -> Bool {
    sonde_gesdd(
      wide(dtype), vectors.letter, blasint(rows), blasint(columns), matrix, s, u, vh, work.numbers, work.length,
      work.integers) == 0
  }

  // MARK: QR

  /// The workspace of both routines, for `columns` columns of the larger one.
  static func qrWorkspace(_ dtype: DType, _ operation: String, rows: Int, columns: Int) throws -> Workspace {
    try workspace(dtype, operation, bound: 64 * (Double(columns) + 64), minimum: columns) { work, _ in
      sonde_geqrf(wide(dtype), blasint(rows), blasint(columns), work, work, work, -1)
    }
  }

  /// Leaves R in the upper triangle of the matrix, and below it and in `tau` the reflectors of Q, by geqrf.
  static func qr(
    _ dtype: DType, rows: Int, columns: Int, _ matrix: UnsafeMutableRawPointer, tau: UnsafeMutableRawPointer,
    _ work: Workspace
  ) {
    _ = sonde_geqrf(wide(dtype), blasint(rows), blasint(columns), matrix, tau, work.numbers, work.length)
  }

  /// Replaces `reflectors` reflectors by the first `columns` columns of Q, by orgqr.
  static func orthogonal(
    _ dtype: DType, rows: Int, columns: Int, reflectors: Int, _ matrix: UnsafeMutableRawPointer,
    tau: UnsafeMutableRawPointer, _ work: Workspace
  ) {
    _ = sonde_orgqr(
      wide(dtype), blasint(rows), blasint(columns), blasint(reflectors), matrix, tau, work.numbers, work.length)
  }

  // MARK: Symmetric matrices

  static func eighWorkspace(_ dtype: DType, _ operation: String, vectors: Bool, _ n: Int) throws -> Workspace {
    let job = letter(vectors ? "V" : "N")
    let minimum = vectors ? 1 + 6 * n + 2 * n * n : 2 * n + 1
    let bound = vectors ? 128 * Double(n) + 4 * Double(n) * Double(n) : 128 * Double(n)
    return try workspace(dtype, operation, bound: bound, minimum: minimum, integers: vectors ? 3 + 5 * n : 1) {
      sonde_syevd(wide(dtype), job, blasint(n), $0, $0, $0, -1, $1, -1)
    }
  }

  /// Computes the ascending eigenvalues of a symmetric matrix, by syevd, and puts the vectors in the matrix's place.
  ///
  /// The lower triangle is read. Answers whether it converged.
  static func eigh(
    _ dtype: DType, vectors: Bool, _ n: Int, _ matrix: UnsafeMutableRawPointer, values: UnsafeMutableRawPointer,
    _ work: Workspace
  ) -> Bool {
    sonde_syevd(
      wide(dtype), letter(vectors ? "V" : "N"), blasint(n), matrix, values, work.numbers, work.length, work.integers,
      blasint(vectors ? 3 + 5 * n : 1)) == 0
  }

  /// Puts the Cholesky factor in place of its triangle, by potrf; answers the order of the first leading minor that isn't positive
  /// definite, 0 when all are.
  static func cholesky(_ dtype: DType, upper: Bool, _ n: Int, _ matrix: UnsafeMutableRawPointer) -> Int {
    Products.prepare()
    return Int(sonde_potrf(wide(dtype), letter(upper ? "U" : "L"), blasint(n), matrix))
  }

  // MARK: Linear equations

  /// Factors a square matrix in place, by getrf; answers the number of the first pivot that is zero, 0 when none is.
  static func lu(
    _ dtype: DType, _ n: Int, _ matrix: UnsafeMutableRawPointer, pivots: UnsafeMutablePointer<blasint>
  ) -> Int {
    Products.prepare()
    return Int(sonde_getrf(wide(dtype), blasint(n), matrix, pivots))
  }

  /// Solves `A x = b`, or with the transpose of A, in place of `b`, by getrs.
  static func solve(
    _ dtype: DType, transposed: Bool, _ n: Int, columns: Int, lu: UnsafeMutableRawPointer,
    pivots: UnsafeMutablePointer<blasint>, b: UnsafeMutableRawPointer
  ) {
    _ = sonde_getrs(wide(dtype), letter(transposed ? "T" : "N"), blasint(n), blasint(columns), lu, pivots, b)
  }

  /// Solves with a triangle in place of `b`, by trtrs; answers the number of the first diagonal element that is zero, 0 when none is.
  static func solveTriangular(
    _ dtype: DType, upper: Bool, transposed: Bool, unit: Bool, _ n: Int, columns: Int,
    triangle: UnsafeMutableRawPointer, b: UnsafeMutableRawPointer
  ) -> Int {
    Products.prepare()
    return Int(
      sonde_trtrs(
        wide(dtype), letter(upper ? "U" : "L"), letter(transposed ? "T" : "N"), letter(unit ? "U" : "N"), blasint(n),
        blasint(columns), triangle, b))
  }

  // MARK: Least squares

  static func leastSquaresWorkspace(
    _ dtype: DType, _ operation: String, rows: Int, columns: Int, sides: Int
  ) throws -> Workspace {
    let less = Double(Swift.min(rows, columns))
    let bound = less * (less + Double(sides) + 600) + 70 * (Double(rows) + Double(columns) + Double(sides)) + 1000
    return try workspace(dtype, operation, bound: bound, minimum: 1) { work, integers in
      var rank: blasint = 0
      return sonde_gelsd(
        wide(dtype), blasint(rows), blasint(columns), blasint(sides), work, work, work, 0, &rank, work, -1, integers)
    }
  }

  /// Minimises |b - A x| in place of `b`, of `max(rows, columns)` rows, by gelsd; the matrix is lost.
  ///
  /// Answers the rank, nil when it did not converge.
  static func leastSquares(
    _ dtype: DType, rows: Int, columns: Int, sides: Int, _ matrix: UnsafeMutableRawPointer,
    b: UnsafeMutableRawPointer, s: UnsafeMutableRawPointer, tolerance: Double, _ work: Workspace
  ) -> Int? {
    var rank: blasint = 0
    let info = sonde_gelsd(
      wide(dtype), blasint(rows), blasint(columns), blasint(sides), matrix, b, s, tolerance, &rank, work.numbers,
      work.length, work.integers)
    return info == 0 ? Int(rank) : nil
  }
}

/// The integers of pivots, as OpenBLAS counts.
typealias PivotIndex = blasint
