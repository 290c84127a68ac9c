import Gradients
import Kernels
import Tensors

extension Parameter {
  fileprivate static let matrix = Parameter("a", .tensor, "a matrix [m, n] or a batch of them [..., m, n]")
  fileprivate static let square = Parameter("a", .tensor, "a square matrix [n, n] or a batch of them [..., n, n]")
  fileprivate static let symmetric = Parameter(
    "a", .tensor, "a symmetric matrix [n, n] or a batch of them, of which only the lower triangle is read")
  fileprivate static let sides = Parameter(
    "b", .tensor, "the right-hand sides [..., n, k], or vectors [n] or [..., n]; leading dimensions broadcast")
  fileprivate static let upper = Parameter(
    "upper", .boolean, default: "false", "whether the triangle is the upper one")
  fileprivate static let rtol = Parameter(
    "rtol", .number, default: "max(m, n) * epsilon of the dtype",
    "singular values up to this fraction of the largest count as 0")
  fileprivate static let order = Parameter(
    "ord", .oneOf([.number, .choice(["fro", "nuc", "inf", "-inf"])]), default: "2 of vectors, 'fro' of matrices",
    "the order of the norm: 1, -1, 2, -2, math.huge, -math.huge; 'fro' or 'nuc' of matrices; any p of vectors")
}

extension Call {
  /// The argument at `position` as an order of norms, nil when it is absent.
  fileprivate func order(_ position: Int) -> NormOrder? {
    switch argument(position) {
    case .string("fro"): .frobenius
    case .string("nuc"): .nuclear
    case .string("inf"): .power(.infinity)
    case .string("-inf"): .power(-.infinity)
    case let value: value.asNumber.map { .power($0) }
    }
  }

  /// The option `dim` as dimensions from 0, nil when it is absent.
  fileprivate func dimensions(rank: Int) throws -> [Int]? {
    switch option("dim") {
    case .absent: nil
    case .table(let index): try sequence(at: index) { try dimension($0, rank: rank) }
    case let value: [try dimension(value, rank: rank)]
    }
  }
}

extension FunctionRecord {
  /// `sonde.linalg`.
  static let linearAlgebraFunctions: [FunctionRecord] =
    [svd, svdvals, qr, eigh, eigvalsh, cholesky] + [solve, solveTriangular, choleskySolve, lstsq, inv, pinv]
    + [det, slogdet, norm, cond, matrixRank, matrixPower]

  // MARK: Decompositions

  private static let svd = FunctionRecord(
    "sonde.linalg.svd",
    "Computes singular values and vectors, a = u * diag(s) * vh; the factors are reduced by default.",
    [.matrix],
    options: [
      Parameter("full_matrices", .boolean, default: "false", "whether u is [m, m] and vh [n, n], as PyTorch's default")
    ],
    returns: "u [..., m, k], s [..., k] descending and vh [..., k, n], where k = min(m, n)",
    errors: "fewer than 2 dimensions, NaN or infinity",
    example: "local u, s, vh = sonde.linalg.svd(sonde.tensor{{3, 0}, {0, -2}, {0, 0}}); "
      + "assert(math.abs(s[2] - 2) < 1e-6 and u.shape[2] == 2 and #vh == 2)"
  ) { call in
    let factors = try Differentiable.svd(
      try call.tensor(0), fullMatrices: call.flag("full_matrices", default: false),
      defaultFloat: call.session.defaultDType)
    return try call.push(factors.u) + call.push(factors.s) + call.push(factors.vh)
  }

  private static let svdvals = FunctionRecord(
    "sonde.linalg.svdvals", "Computes singular values alone.", [.matrix],
    returns: "a tensor [..., min(m, n)], descending", errors: "fewer than 2 dimensions, NaN or infinity",
    example: "assert(math.abs(sonde.linalg.svdvals(sonde.tensor{{0, 2}, {3, 0}})[1] - 3) < 1e-6)"
  ) { call in
    try call.push(try Differentiable.singularValues(try call.tensor(0), defaultFloat: call.session.defaultDType))
  }

  private static let qr = FunctionRecord(
    "sonde.linalg.qr", "Computes a = q * r with orthonormal columns in q and an upper triangle r.", [.matrix],
    options: [
      Parameter("mode", .choice(["reduced", "complete"]), default: "'reduced'", "whether k is min(m, n) or m")
    ],
    returns: "q [..., m, k] and r [..., k, n]", errors: "fewer than 2 dimensions",
    example: "local q, r = sonde.linalg.qr(sonde.ones(3, 2)); "
      + "assert(q.shape[2] == 2 and math.abs((q:t():mm(q))[1][1] - 1) < 1e-6 and r[2][1] == 0)"
  ) { call in
    let (q, r) = try Differentiable.qr(
      try call.tensor(0), complete: call.option("mode").asString == "complete", defaultFloat: call.session.defaultDType)
    return try call.push(q) + call.push(r)
  }

  private static let eigh = FunctionRecord(
    "sonde.linalg.eigh", "Computes eigenvalues and eigenvectors of symmetric matrices.", [.symmetric],
    returns: "the eigenvalues [..., n], ascending, and orthonormal eigenvectors, the columns of a tensor [..., n, n]",
    errors: "other than square matrices, NaN or infinity",
    example: "local w, v = sonde.linalg.eigh(sonde.tensor{{2, 1}, {1, 2}}); "
      + "assert(math.abs(w[1] - 1) < 1e-6 and math.abs(w[2] - 3) < 1e-6 and #v == 2)"
  ) { call in
    let (values, vectors) = try Differentiable.eigh(try call.tensor(0), defaultFloat: call.session.defaultDType)
    return try call.push(values) + call.push(vectors)
  }

  private static let eigvalsh = FunctionRecord(
    "sonde.linalg.eigvalsh", "Computes eigenvalues of symmetric matrices alone.", [.symmetric],
    returns: "a tensor [..., n], ascending", errors: "other than square matrices, NaN or infinity",
    example: "assert(math.abs(sonde.linalg.eigvalsh(sonde.tensor{{2, 1}, {1, 2}})[2] - 3) < 1e-6)"
  ) { call in
    try call.push(try Differentiable.symmetricEigenvalues(try call.tensor(0), defaultFloat: call.session.defaultDType))
  }

  private static let cholesky = FunctionRecord(
    "sonde.linalg.cholesky", "Computes the lower triangle l with a = l * l:t(), or the upper u with a = u:t() * u.",
    [Parameter("a", .tensor, "symmetric positive definite matrices [..., n, n]; the other triangle is not read")],
    options: [.upper], returns: "a tensor [..., n, n], 0 in the other triangle",
    errors: "other than square matrices, NaN or infinity, matrices that are not positive definite: names the minor",
    example: "assert(sonde.linalg.cholesky(sonde.tensor{{4, 2}, {2, 5}})[2][1] == 1)"
  ) { call in
    try call.push(
      try Differentiable.cholesky(
        try call.tensor(0), upper: call.flag("upper", default: false), defaultFloat: call.session.defaultDType))
  }

  // MARK: Equations

  private static let solve = FunctionRecord(
    "sonde.linalg.solve", "Solves a * x = b for square matrices.", [.square, .sides],
    returns: "x, of b's shape with leading dimensions broadcast",
    errors: "singular matrices: names the pivot that is zero; NaN or infinity in a, shapes that do not agree",
    example: "assert(sonde.linalg.solve(sonde.tensor{{2, 0}, {0, 4}}, sonde.tensor{2, 2})[2] == 0.5)"
  ) { call in
    try call.push(
      try Differentiable.solve(try call.tensor(0), try call.tensor(1), defaultFloat: call.session.defaultDType))
  }

  private static let solveTriangular = FunctionRecord(
    "sonde.linalg.solve_triangular", "Solves a * x = b for triangles by substitution; the other triangle is not read.",
    [.square, .sides],
    options: [
      .upper, Parameter("left", .boolean, default: "true", "whether to solve a * x = b, or x * a = b"),
      Parameter("unitriangular", .boolean, default: "false", "whether the diagonal counts as ones"),
    ],
    returns: "x, of b's shape with leading dimensions broadcast",
    errors: "a diagonal element that is zero, shapes that do not agree",
    example: "assert(sonde.linalg.solve_triangular(sonde.tensor{{2, 0}, {1, 1}}, sonde.tensor{2, 3})[2] == 2)"
  ) { call in
    try call.push(
      try Differentiable.solveTriangular(
        try call.tensor(0), try call.tensor(1), upper: call.flag("upper", default: false),
        left: call.flag("left", default: true), unit: call.flag("unitriangular", default: false),
        defaultFloat: call.session.defaultDType))
  }

  private static let choleskySolve = FunctionRecord(
    "sonde.linalg.cholesky_solve", "Solves a * x = b with the Cholesky factor of a.",
    [
      Parameter("b", .tensor, "the right-hand sides [..., n, k], or vectors [n] or [..., n]"),
      Parameter("l", .tensor, "what linalg.cholesky(a) gave"),
    ],
    options: [.upper], returns: "x, of b's shape with leading dimensions broadcast",
    errors: "a diagonal element that is zero, shapes that do not agree",
    example: "local l = sonde.linalg.cholesky(sonde.tensor{{4, 2}, {2, 5}}); "
      + "assert(math.abs(sonde.linalg.cholesky_solve(sonde.tensor{6, 7}, l)[1] - 1) < 1e-6)"
  ) { call in
    try call.push(
      try Differentiable.solveCholesky(
        try call.tensor(1), try call.tensor(0), upper: call.flag("upper", default: false),
        defaultFloat: call.session.defaultDType))
  }

  private static let lstsq = FunctionRecord(
    "sonde.linalg.lstsq", "Finds the x of least |b - a * x|, and of least |x| among several, by singular values.",
    [.matrix, Parameter("b", .tensor, "the right-hand sides [..., m, k], or vectors [m] or [..., m]")],
    options: [
      Parameter(
        "rcond", .number, default: "max(m, n) * epsilon of the dtype",
        "singular values up to this fraction of the largest count as 0")
    ],
    returns:
      "x [..., n, k] or [..., n]; the sums of squared residuals [..., k], or [0] unless m > n and all ranks are n; "
      + "the int64 rank [...]; the singular values of a",
    errors: "NaN or infinity, shapes that do not agree",
    example: "local x, residuals, rank = sonde.linalg.lstsq(sonde.ones(3, 1), sonde.tensor{1, 2, 3}); "
      + "assert(math.abs(x[1] - 2) < 1e-6 and math.abs(residuals[1] - 2) < 1e-5 and rank:item() == 1)"
  ) { call in
    let result = try Differentiable.leastSquares(
      try call.tensor(0), try call.tensor(1), tolerance: call.option("rcond").asNumber,
      defaultFloat: call.session.defaultDType)
    return try call.push(result.solution) + call.push(result.residuals) + call.push(result.rank)
      + call.push(result.singularValues)
  }

  private static let inv = FunctionRecord(
    "sonde.linalg.inv", "Inverts square matrices.", [.square], returns: "a tensor of the same shape",
    errors: "singular matrices: names the pivot that is zero; NaN or infinity",
    example: "assert(sonde.linalg.inv(sonde.tensor{{2, 0}, {0, 4}})[2][2] == 0.25)"
  ) { call in
    try call.push(try Differentiable.inverse(try call.tensor(0), defaultFloat: call.session.defaultDType))
  }

  private static let pinv = FunctionRecord(
    "sonde.linalg.pinv", "Computes the Moore-Penrose pseudoinverse by singular values.", [.matrix], options: [.rtol],
    returns: "a tensor [..., n, m]", errors: "fewer than 2 dimensions, NaN or infinity",
    example: "assert(math.abs(sonde.linalg.pinv(sonde.tensor{{2}, {0}})[1][1] - 0.5) < 1e-6)"
  ) { call in
    try call.push(
      try Differentiable.pseudoinverse(
        try call.tensor(0), relative: call.option("rtol").asNumber, defaultFloat: call.session.defaultDType))
  }

  // MARK: Numbers

  private static let det = FunctionRecord(
    "sonde.linalg.det", "Computes determinants; NaN where a number is not finite.", [.square],
    returns: "a tensor [...], 0-dim for one matrix", errors: "other than square matrices",
    example: "assert(sonde.linalg.det(sonde.tensor{{2, 0}, {0, 4}}):item() == 8)"
  ) { call in
    try call.push(try Differentiable.determinant(try call.tensor(0), defaultFloat: call.session.defaultDType))
  }

  private static let slogdet = FunctionRecord(
    "sonde.linalg.slogdet", "Computes signs of determinants and logarithms of their absolute values.", [.square],
    returns: "the signs (1, -1, or 0) and the logarithms (-inf for 0), tensors [...], 0-dim for one matrix",
    errors: "other than square matrices",
    example: "local sign, log = sonde.linalg.slogdet(sonde.tensor{{0, 1}, {1, 0}}); "
      + "assert(sign:item() == -1 and log:item() == 0)"
  ) { call in
    let (sign, logarithm) = try Differentiable.signAndLogarithmOfDeterminant(
      try call.tensor(0), defaultFloat: call.session.defaultDType)
    return try call.push(sign) + call.push(logarithm)
  }

  private static let norm = FunctionRecord(
    "sonde.linalg.norm",
    "Computes norms: of all elements, or with an order of a vector or of the matrices in the last two dimensions.",
    [Parameter("a", .tensor, "the vector, matrices or any tensor"), .order],
    options: [
      Parameter(
        "dim", .oneOf([.integer, .table]), default: "the last two, or all without ord",
        "one dimension of vectors, or two, of the rows and the columns of matrices"),
      Parameter("keepdim", .boolean, default: "false", "whether the dimensions stay with extent 1"),
    ],
    returns: "a tensor, 0-dim for one norm",
    errors: "an order that matrices do not have, NaN or infinity for 2, -2 and 'nuc' of matrices",
    example: "assert(sonde.linalg.norm(sonde.tensor{3, 4}):item() == 5 and "
      + "sonde.linalg.norm(sonde.tensor{{1, 2}, {3, 4}}, math.huge):item() == 7)"
  ) { call in
    let tensor = try call.tensor(0)
    return try call.push(
      try Differentiable.norm(
        tensor, call.order(1), along: try call.dimensions(rank: tensor.rank),
        keepDimensions: call.flag("keepdim", default: false), defaultFloat: call.session.defaultDType))
  }

  private static let cond = FunctionRecord(
    "sonde.linalg.cond",
    "Computes condition numbers |a| * |a^-1|; the largest over the smallest singular value for ord 2.",
    [
      .matrix,
      Parameter(
        "ord", .oneOf([.number, .choice(["fro", "nuc", "inf", "-inf"])]), default: "2",
        "the order of the matrix norm; other than 2 and -2 want square matrices"),
    ],
    returns: "a tensor [...], 0-dim for one matrix; infinite for singular ones",
    errors: "no elements, NaN or infinity",
    example: "assert(math.abs(sonde.linalg.cond(sonde.tensor{{4, 0}, {0, 2}}):item() - 2) < 1e-6)"
  ) { call in
    try call.push(
      try Differentiable.conditionNumber(try call.tensor(0), call.order(1), defaultFloat: call.session.defaultDType))
  }

  private static let matrixRank = FunctionRecord(
    "sonde.linalg.matrix_rank", "Counts the singular values larger than the larger of atol and rtol times the largest.",
    [.matrix],
    options: [
      Parameter("atol", .number, default: "0", "the tolerance itself"),
      Parameter(
        "rtol", .number, default: "max(m, n) * epsilon of the dtype, or 0 with atol",
        "the tolerance as a fraction of the largest singular value"),
    ],
    returns: "an int64 tensor [...], 0-dim for one matrix", errors: "fewer than 2 dimensions, NaN or infinity",
    example: "assert(sonde.linalg.matrix_rank(sonde.ones(3, 3)):item() == 1)"
  ) { call in
    try call.push(
      try LinearAlgebra.rank(
        try call.tensor(0), absolute: call.option("atol").asNumber, relative: call.option("rtol").asNumber,
        defaultFloat: call.session.defaultDType))
  }

  private static let matrixPower = FunctionRecord(
    "sonde.linalg.matrix_power", "Raises square matrices to an integer power by repeated squaring.",
    [.square, Parameter("n", .integer, "the power; 0 gives the identity, negative ones powers of the inverse")],
    returns: "a tensor of the same shape; whole numbers stay whole for n >= 0",
    errors: "other than square matrices, negative powers of singular ones",
    example: "assert(sonde.linalg.matrix_power(sonde.tensor{{1, 1}, {0, 1}}, 5)[1][2] == 5)"
  ) { call in
    try call.push(
      try Differentiable.power(try call.tensor(0), try call.integer(1), defaultFloat: call.session.defaultDType))
  }
}
