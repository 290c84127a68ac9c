import Kernels
import Tensors
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// NumPy's results in Fixtures/linalg.txt, in both dtypes and every layout of the inputs.
@Suite struct LinearAlgebraGoldenTests {
  /// One line: a function, its argument, and tensors, the inputs first.
  struct Case {
    let text: String
    let function: String
    let argument: String
    let tensors: [(shape: Extents, numbers: [Double])]

    init(_ line: String) {
      let fields = line.split(separator: ";")
      let words = fields[0].split(separator: " ")
      text = String(line.prefix(60))
      function = String(words[0])
      argument = words.count > 1 ? String(words[1]) : ""
      tensors = fields.dropFirst().map { field in
        let parts = field.split(separator: ":")
        let extents = parts[0].split(whereSeparator: { $0 == "," || $0 == " " }).compactMap { Int($0) }
        return (Extents(extents), parts.dropFirst().joined().split(separator: " ").compactMap { Double($0) })
      }
    }
  }

  static let cases: [Case] = {
    guard let stream = fopen(Project.path("Tests/TensorsTests/Fixtures/linalg.txt"), "r") else { return [] }
    defer { fclose(stream) }
    var text: [UInt8] = []
    while case let byte = getc(stream), byte != EOF { text.append(UInt8(byte)) }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").dropFirst().map { Case(String($0)) }
  }()

  /// Layouts of the same elements: contiguous, transposed in memory, with gaps, with another offset.
  private static let layouts: [@Sendable (Tensor) throws -> Tensor] = [
    { $0 },
    { $0.rank < 2 ? $0 : try $0.transpose($0.rank - 2, $0.rank - 1).clone().transpose($0.rank - 2, $0.rank - 1) },
    { $0.rank == 0 ? $0 : try Tensor.stack([$0, $0], along: $0.rank).select($0.rank, 1) },
  ]

  /// What a case's function gives, and how many of the case's tensors are its inputs.
  private func results(_ item: Case, _ a: Tensor, _ b: Tensor) throws -> (inputs: Int, [Tensor]) {
    let order = order(item.argument)
    switch item.function {
    case "svdvals": return (1, [try LinearAlgebra.singularValues(a)])
    case "pinv": return (1, [try LinearAlgebra.pseudoinverse(a, relative: Double(item.argument))])
    case "matrix_rank": return (1, [try LinearAlgebra.rank(a)])
    case "qr":
      let (q, r) = try LinearAlgebra.qr(a, complete: item.argument == "complete")
      return (1, [q, r])
    case "norm": return (1, [try LinearAlgebra.norm(a)])
    case "matrix_norm": return (1, [try LinearAlgebra.norm(a, order, along: [a.rank - 2, a.rank - 1])])
    case "vector_norm": return (1, [try LinearAlgebra.norm(a, order, along: [a.rank - 1])])
    case "cond": return (1, [try LinearAlgebra.conditionNumber(a, order)])
    case "det": return (1, [try LinearAlgebra.determinant(a)])
    case "slogdet":
      let (sign, logarithm) = try LinearAlgebra.signAndLogarithmOfDeterminant(a)
      return (1, [sign, logarithm])
    case "inv": return (1, [try LinearAlgebra.inverse(a)])
    case "eigvalsh": return (1, [try LinearAlgebra.symmetricEigenvalues(a)])
    case "cholesky": return (1, [try LinearAlgebra.cholesky(a, upper: item.argument == "upper")])
    case "matrix_power": return (1, [try LinearAlgebra.power(a, Int(item.argument) ?? 99)])
    case "tril": return (1, [try a.lowerTriangle(Int(item.argument) ?? 99)])
    case "triu": return (1, [try a.upperTriangle(Int(item.argument) ?? 99)])
    case "diagonal":
      return (1, [try a.diagonal(Int(item.argument) ?? 99, first: a.rank - 2, second: a.rank - 1)])
    default: return (2, try solutions(item, a, b))
    }
  }

  private func solutions(_ item: Case, _ a: Tensor, _ b: Tensor) throws -> [Tensor] {
    switch item.function {
    case "solve": return [try LinearAlgebra.solve(a, b)]
    case "cholesky_solve":
      let x = try LinearAlgebra.solveCholesky(try LinearAlgebra.cholesky(a), b)
      assertClose(
        try x.doubles(),
        try LinearAlgebra.solveCholesky(try LinearAlgebra.cholesky(a, upper: true), b, upper: true).doubles(),
        relative: 1e-3, absolute: 1e-4, "upper")
      return [x]
    case "lstsq":
      let tolerance = item.argument == "-1" ? nil : Double(item.argument)
      let found = try LinearAlgebra.leastSquares(a, b, tolerance: tolerance)
      return [found.solution, found.residuals, found.rank, found.singularValues]
    case "solve_triangular":
      return [
        try LinearAlgebra.solveTriangular(
          a, b, upper: item.argument == "upper", left: item.argument != "right", unit: item.argument == "unit")
      ]
    default:
      Issue.record("no function \(item.function)")
      return []
    }
  }

  private func order(_ name: String) -> NormOrder? {
    name == "fro" ? .frobenius : name == "nuc" ? .nuclear : Double(name).map { .power($0) }
  }

  /// Relative to the largest number of a result: inputs are conditioned to about 1e4.
  private func tolerance(_ dtype: DType) -> Double { dtype == .float32 ? 2e-3 : 1e-11 }

  @Test(arguments: [DType.float32, .float64]) func resultsAreNumPys(dtype: DType) throws {
    #expect(LinearAlgebraGoldenTests.cases.count > 800)
    for item in LinearAlgebraGoldenTests.cases {
      for layout in LinearAlgebraGoldenTests.layouts {
        let inputs = try item.tensors.prefix(2).map {
          try layout(try Tensor($0.numbers, shape: $0.shape, dtype))
        }
        let (count, found) = try results(item, inputs[0], inputs[inputs.count - 1])
        for (tensor, expected) in zip(found, item.tensors.dropFirst(count)) {
          #expect(tensor.shape == expected.shape, "\(item.text)")
          let actual = try tensor.doubles()
          let allowed = tolerance(dtype) * (expected.numbers.filter(\.isFinite).map(abs).max() ?? 0)
          // one expectation a tensor: a hundred thousand of them take half a minute
          let worst = zip(actual, expected.numbers).first { $0 != $1 && !(abs($0 - $1) <= allowed) }
          #expect(worst == nil, "\(dtype) \(item.text): \(actual)")
        }
        #expect(found.count >= item.tensors.count - count, "\(item.text)")
      }
    }
  }
}
