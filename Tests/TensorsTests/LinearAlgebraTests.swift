import Kernels
import Tensors
import TestSupport
import Testing

/// What holds of every decomposition, edges, and the texts of errors.
@Suite struct LinearAlgebraTests {
  private static let shapes: [Extents] = [
    [1, 1], [1, 5], [5, 1], [4, 4], [9, 4], [4, 9], [70, 33], [33, 70], [3, 6, 4], [2, 2, 4, 6], [0, 3, 4], [130, 130],
  ]
  private static let dtypes: [DType] = [.float32, .float64]

  private func random(_ shape: Extents, _ dtype: DType, seed: UInt64 = 5) throws -> Tensor {
    let tensor = try Tensor(dtype, shape)
    try Generator(seed: seed).fillNormal(tensor)
    return tensor
  }

  /// Inputs of every shape: random, of rank 1, all zero, and scaled to where squares leave float32.
  private func inputs(_ dtype: DType) throws -> [Tensor] {
    try LinearAlgebraTests.shapes.flatMap { shape in
      let a = try random(shape, dtype)
      let deficient = try Tensor.apply(
        .multiply, try a.narrow(a.rank - 1, 0, 1), try a.narrow(a.rank - 2, 0, Swift.min(1, a.shape[a.rank - 2])))
      return [
        a, deficient, try Tensor(dtype, shape), try Tensor.apply(.multiply, a, 1e-30),
        try Tensor.apply(.multiply, a, 1e30), try a.transpose(a.rank - 2, a.rank - 1),
        try Tensor.stack([a, a], along: a.rank).select(a.rank, 0),
      ]
    }
  }

  private func transposed(_ a: Tensor) throws -> Tensor { try a.transpose(a.rank - 2, a.rank - 1) }

  /// Fails unless two tensors agree to rounding, relative to the largest number and the size of the matrices.
  private func expectClose(
    _ actual: Tensor, _ expected: Tensor, scale: Tensor? = nil, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(actual.shape == expected.shape, "\(what)", sourceLocation: sourceLocation)
    guard actual.shape == expected.shape, actual.count > 0 else { return }
    func largest(_ a: Tensor) throws -> Double { try a.applying(.absolute).reduced(.maximum).item().double }
    let epsilon = actual.dtype == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne
    let allowed = try largest(scale ?? expected) * 400 * epsilon
    let distance = try largest(Tensor.apply(.subtract, actual.to(.float64), expected.to(.float64)))
    #expect(distance <= allowed, "\(what): \(distance) apart, \(allowed) allowed", sourceLocation: sourceLocation)
  }

  private func expectIdentity(_ a: Tensor, _ what: String) throws {
    let n = a.shape[a.rank - 1]
    try expectClose(a, try .eye(n, a.dtype).broadcast(to: a.shape), what)
  }

  @Test(arguments: dtypes) func singularVectorsRebuildTheMatrix(dtype: DType) throws {
    for a in try inputs(dtype) {
      for full in [false, true] {
        let f = try LinearAlgebra.svd(a, fullMatrices: full)
        let (less, last) = (Swift.min(a.shape[a.rank - 2], a.shape[a.rank - 1]), a.rank - 1)
        #expect(f.u.shape[last] == (full ? a.shape[last - 1] : less) && f.u.isContiguous && f.vh.isContiguous)
        let (u, vh) = (try f.u.narrow(last, 0, less), try f.vh.narrow(last - 1, 0, less))
        let scaled = try Tensor.apply(.multiply, u, try f.s.unsqueeze(last - 1))
        try expectClose(try Tensor.matmul(scaled, vh), a, "U S Vh of \(a.shape)")
        try expectIdentity(try Tensor.matmul(transposed(f.u), f.u), "U^T U of \(a.shape)")
        try expectIdentity(try Tensor.matmul(f.vh, transposed(f.vh)), "Vh Vh^T of \(a.shape)")
        let s = try f.s.doubles()
        for index in s.indices { #expect(s[index] >= 0 && (index % less == 0 || s[index] <= s[index - 1])) }
        try expectClose(try LinearAlgebra.singularValues(a), f.s, "values alone")
      }
    }
  }

  @Test(arguments: dtypes) func orthonormalFactorsRebuildTheMatrix(dtype: DType) throws {
    for a in try inputs(dtype) {
      for complete in [false, true] {
        let (q, r) = try LinearAlgebra.qr(a, complete: complete)
        try expectClose(try Tensor.matmul(q, r), a, "Q R of \(a.shape)")
        try expectIdentity(try Tensor.matmul(transposed(q), q), "Q^T Q of \(a.shape)")
        #expect(try r.upperTriangle().doubles() == r.doubles())
        #expect(q.isContiguous && r.isContiguous)
      }
    }
  }

  @Test(arguments: dtypes) func eigenvectorsRebuildTheMatrix(dtype: DType) throws {
    for b in try inputs(dtype) where b.shape[b.rank - 1] == b.shape[b.rank - 2] {
      let a = try Tensor.apply(.add, b, transposed(b))
      let (w, v) = try LinearAlgebra.eigh(a)
      let scaled = try Tensor.apply(.multiply, v, try w.unsqueeze(a.rank - 2))
      try expectClose(try Tensor.matmul(scaled, transposed(v)), a, "V W V^T of \(a.shape)")
      try expectIdentity(try Tensor.matmul(transposed(v), v), "V^T V")
      #expect(try w.doubles() == w.sorted(along: w.rank - 1).values.doubles())
      try expectClose(try LinearAlgebra.symmetricEigenvalues(a), w, scale: a, "values alone")
      // what lies above the diagonal has no say
      let garbage = try Tensor.apply(
        .add, a.lowerTriangle(), Tensor.full(a.shape, .number(.nan), dtype).upperTriangle(1))
      #expect(try LinearAlgebra.eigh(fixed(garbage, a)).values.doubles() == w.doubles())
    }
  }

  /// NaN above the diagonal, the elements of `a` elsewhere.
  private func fixed(_ garbage: Tensor, _ a: Tensor) throws -> Tensor {
    let above = try Tensor.ones(Extents(a.shape.suffix(2)), .bool).upperTriangle(1)
    return try Tensor.choose(above, .tensor(garbage), .tensor(a))
  }

  @Test(arguments: dtypes) func triangularFactorsRebuildTheMatrix(dtype: DType) throws {
    for b in try inputs(dtype) where b.shape[b.rank - 1] == 4 {
      let gram = try Tensor.matmul(b.to(.float64), transposed(b.to(.float64)))
      let identity = try Tensor.eye(gram.shape[gram.rank - 1], .float64)
      let largest = try gram.doubles().map(abs).max() ?? 0
      if largest == 0 || !(1e-30...1e30).contains(largest) { continue }
      let a = try Tensor.apply(.add, gram, Tensor.apply(.multiply, identity, .number(largest))).to(dtype)
      let l = try LinearAlgebra.cholesky(a)
      try expectClose(try Tensor.matmul(l, transposed(l)), a, "L L^T of \(a.shape)")
      #expect(try l.lowerTriangle().doubles() == l.doubles())
      let above = try Tensor.full(a.shape, 7, dtype)
      let mask = try Tensor.ones(Extents(a.shape.suffix(2)), .bool).upperTriangle(1)
      #expect(try LinearAlgebra.cholesky(Tensor.choose(mask, .tensor(above), .tensor(a))).doubles() == l.doubles())
    }
  }

  @Test(arguments: dtypes) func solutionsLeaveNoResidual(dtype: DType) throws {
    for n in [1, 2, 5, 40, 200] {
      for scale in [1e-30, 1.0, 1e30] {
        let a = try Tensor.apply(
          .multiply, Tensor.apply(.add, random([n, n], dtype), Tensor.apply(.multiply, .eye(n, dtype), 20)),
          .number(scale))
        let x = try random([n, 3], dtype, seed: 9)
        let b = try Tensor.matmul(a, x)
        try expectClose(try LinearAlgebra.solve(a, b), x, "A x = b of \(n)")
        let factors = try LUFactors(a)
        try expectClose(
          try factors.solve(Tensor.matmul(transposed(a), x), transposed: true), x, "A^T x = b of \(n)")
        try expectClose(
          try LinearAlgebra.leastSquares(a, b).solution, x, "least squares of \(n)")
        let (sign, logarithm) = try LinearAlgebra.signAndLogarithmOfDeterminant(a)
        let plain = try LinearAlgebra.signAndLogarithmOfDeterminant(Tensor.apply(.divide, a, .number(scale)))
        #expect(try sign.item() == plain.sign.item())
        assertClose(
          try logarithm.item().double - plain.logarithm.item().double, Double(n) * log(scale), relative: 1e-5,
          absolute: 1e-3)
      }
    }
  }

  private func log(_ x: Double) -> Double { x == 1 ? 0 : x > 1 ? 30 * 2.302585092994046 : -30 * 2.302585092994046 }

  @Test(arguments: dtypes) func pseudoinversesKeepPenrosesConditions(dtype: DType) throws {
    for a in try [
      random([6, 4], dtype), random([4, 6], dtype), Tensor.ones([3, 5], dtype), random([3, 5, 2], dtype),
    ] {
      let p = try LinearAlgebra.pseudoinverse(a)
      try expectClose(try Tensor.matmul(Tensor.matmul(a, p), a), a, "A P A")
      try expectClose(try Tensor.matmul(Tensor.matmul(p, a), p), p, "P A P")
      let product = try Tensor.matmul(a, p)
      try expectClose(try transposed(product).clone(), product, "(A P)^T")
    }
  }

  @Test func integersAreMadeFloats() throws {
    let a = try Tensor(integers: [4, 2, 2, 5], shape: [2, 2])
    #expect(try LinearAlgebra.cholesky(a).dtype == .float32)
    #expect(try LinearAlgebra.cholesky(a, defaultFloat: .float64).doubles() == [2, 0, 1, 2])
    #expect(try LinearAlgebra.solve(a, Tensor([1, 2], .float64)).dtype == .float64)
    #expect(try LinearAlgebra.power(a, 2).integers() == [20, 18, 18, 29])
    #expect(try LinearAlgebra.power(Tensor.ones([2, 2], .bool), 3).integers() == [4, 4, 4, 4])
    #expect(try LinearAlgebra.norm(Tensor(integers: [3, -4], shape: [2])).item() == .number(5))
  }

  @Test func emptyBatchesOfAnyLengthTakeNoTime() throws {
    let a = try Tensor.zeros([1 << 40, 0, 0])
    #expect(try LinearAlgebra.inverse(a).shape == [1 << 40, 0, 0])
    #expect(try LinearAlgebra.svd(a).s.shape == [1 << 40, 0])
    #expect(try LinearAlgebra.eigh(a).values.shape == [1 << 40, 0])
    #expect(try LinearAlgebra.solve(a, Tensor.zeros([0, 3])).shape == [1 << 40, 0, 3])
    #expect(errorText { _ = try LinearAlgebra.determinant(a) }.hasPrefix("not enough memory: "))
    #expect(
      errorText { _ = try LinearAlgebra.svd(Tensor.zeros([1 << 40, 0, 3]), fullMatrices: true) }
        .hasPrefix("not enough memory: "))
  }

  @Test func workTooLargeForLAPACKIsRefused() throws {
    #expect(
      errorText { _ = try LinearAlgebra.singularValues(Tensor.zeros([1, 1]).broadcast(to: [1, 1 << 31])) }
        == "linalg.svdvals: expected extents up to 2147483647, got [1, 2147483648]")
    let flat = try Tensor.zeros([1, 1]).broadcast(to: [1, 40_000_000])
    #expect(
      errorText { _ = try LinearAlgebra.singularValues(flat) }
        == "linalg.svdvals: expected matrices whose working memory 32-bit integers count, got extents that need about 9.5 GiB of it"
    )
  }

  @Test func numbersThatAreNotFiniteAreRefusedOrSpread() throws {
    for bad in [Double.nan, .infinity, -.infinity] {
      for dtype in LinearAlgebraTests.dtypes {
        let a = try Tensor([4, 1, 1, 1, bad, 1, 1, 1, 4], shape: [3, 3], dtype)
        let refusing: [(String, (Tensor) throws -> Void)] = [
          ("svd", { _ = try LinearAlgebra.svd($0) }), ("svdvals", { _ = try LinearAlgebra.singularValues($0) }),
          ("eigh", { _ = try LinearAlgebra.eigh($0) }),
          ("eigvalsh", { _ = try LinearAlgebra.symmetricEigenvalues($0) }),
          ("cholesky", { _ = try LinearAlgebra.cholesky($0) }), ("pinv", { _ = try LinearAlgebra.pseudoinverse($0) }),
          ("lstsq", { _ = try LinearAlgebra.leastSquares($0, $0) }),
          ("cond", { _ = try LinearAlgebra.conditionNumber($0) }),
          ("matrix_rank", { _ = try LinearAlgebra.rank($0) }), ("norm", { _ = try LinearAlgebra.norm($0, .nuclear) }),
        ]
        for (name, body) in refusing {
          #expect(
            errorText { try body(a) }
              == "linalg.\(name): expected finite numbers, got \(bad.isNaN ? "NaN" : "\(bad)") at row 2, column 2")
        }
        for (name, body) in [
          ("solve", { _ = try LinearAlgebra.solve(a, a) }), ("inv", { _ = try LinearAlgebra.inverse(a) }),
          ("cond", { _ = try LinearAlgebra.conditionNumber(a, .power(1)) }),
        ] as [(String, () throws -> Void)] {
          #expect(errorText(body) == "linalg.\(name): expected finite numbers, got NaN or infinity in the matrix")
        }
        #expect(try LinearAlgebra.determinant(a).item().double.isNaN)
        let (sign, logarithm) = try LinearAlgebra.signAndLogarithmOfDeterminant(a)
        #expect(try sign.item().double.isNaN && logarithm.item().double.isNaN)
        #expect(try LinearAlgebra.norm(a, .power(1)).item().double == (bad.isNaN ? .nan : .infinity) || bad.isNaN)
        _ = try LinearAlgebra.qr(a)
        let x = try LinearAlgebra.solve(Tensor.eye(3, dtype), a)
        #expect(try x.element(at: [1, 1]).double.isFinite == false && x.element(at: [0, 0]).double == 4)
      }
    }
  }

  @Test func errorsNamePivotsAndMatrices() throws {
    let singular = try Tensor([2, 1, 0, 0, 2, 1, 2, 3, 1], shape: [3, 3], .float64)
    let batch = try Tensor.stack([.eye(3, .float64), singular], along: 0)
    let indefinite = try Tensor([1, 0, 0, 0, 1, 0, 0, 0, -1], shape: [3, 3])
    #expect(
      errorText { _ = try LinearAlgebra.inverse(Tensor.zeros([2, 2])) }
        == "linalg.inv: expected a nonsingular matrix, got one whose pivot 1 is zero")
    #expect(
      errorText { _ = try LinearAlgebra.solve(singular, Tensor.ones([3])) }
        == "linalg.solve: expected a nonsingular matrix, got one whose pivot 3 is zero")
    #expect(
      errorText { _ = try LinearAlgebra.solve(batch, Tensor.ones([3, 1])) }
        == "linalg.solve: expected a nonsingular matrix, got matrix 2 whose pivot 3 is zero")
    #expect(
      errorText { _ = try LinearAlgebra.inverse(Tensor.stack([batch, batch], along: 0)) }
        == "linalg.inv: expected a nonsingular matrix, got matrix [1, 2] whose pivot 3 is zero")
    #expect(
      errorText { _ = try LinearAlgebra.cholesky(indefinite) }
        == "linalg.cholesky: expected a positive definite matrix, got one whose leading minor of order 3 is not positive definite"
    )
    #expect(
      errorText { _ = try LinearAlgebra.solveTriangular(indefinite.narrow(0, 0, 2).narrow(1, 1, 2), Tensor.ones([2])) }
        == "linalg.solve_triangular: expected a nonsingular triangle, got one whose diagonal element 1 is zero")
    #expect(
      errorText { _ = try LinearAlgebra.leastSquares(Tensor.ones([3, 2]), Tensor.ones([2])) }
        == "linalg.lstsq: expected as many rows on both sides of the equation, got [3, 2] and [2]")
    #expect(try LinearAlgebra.conditionNumber(batch, .frobenius).doubles()[1] == .infinity)
  }

  @Test func wholeProductsAreExact() throws {
    let big: Int64 = 1 << 53
    let a = try Tensor(integers: [big, 1, 3, -1], shape: [2, 2])
    #expect(try Tensor.matmul(a, a).integers() == [big &* big &+ 3, big - 1, 3 * big - 3, 4])
    #expect(try Tensor.matmul(a.transposed(), a).integers() == [big &* big &+ 9, big - 3, big - 3, 2])
    #expect(try Tensor.matmul(a, Tensor(integers: [1, 1], shape: [2])).integers() == [big + 1, 2])
    #expect(try Tensor.matmul(Tensor.ones([2, 3], .bool), Tensor.ones([3, 2], .bool)).integers() == [3, 3, 3, 3])
    #expect(try Tensor.matmul(Tensor.zeros([2, 0], .int64), Tensor.zeros([0, 1], .int64)).integers() == [0, 0])
    let row = try Tensor(integers: [big + 1, 2], shape: [2])
    #expect(try Tensor.dot(row, row).integers() == [(big + 1) &* (big + 1) &+ 4])
    #expect(try Tensor.outer(row, row).integers() == [(big + 1) &* (big + 1), 2 * big + 2, 2 * big + 2, 4])
    let stack = try Tensor(integers: Array(1...12), shape: [2, 3, 2])
    #expect(try Tensor.batchedMatmul(stack, stack.transpose(1, 2)).element(at: [1, 2, 2]) == .integer(265))
  }

  @Test func diagonalsAreViews() throws {
    let a = try Tensor.zeros([2, 3, 4], .int64)
    try a.diagonal(1, first: 1, second: 2).fill(5)
    #expect(try a.select(0, 1).integers() == [0, 5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 5])
    try a.diagonal(-1, first: 2, second: 1).select(1, 0).fill(7)
    #expect(try a.element(at: [0, 0, 1]) == .integer(7))
    #expect(try a.diagonal(9).shape == [4, 0] && a.diagonal(Int.min).shape == [4, 0])
    #expect(try Tensor([1, 2]).diag(-1).doubles() == [0, 0, 0, 1, 0, 0, 0, 2, 0])
    #expect(try Tensor.zeros([0]).diag(2).shape == [2, 2])
    #expect(try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3]).trace().item() == .number(6))
    #expect(errorText { _ = try Tensor([1]).diag(Int.max) }.hasPrefix("not enough memory: "))
    #expect(
      errorText { _ = try a.diagonal(0, first: 1, second: 1) } == "diagonal: expected two dimensions, got 2 twice")
  }
}
