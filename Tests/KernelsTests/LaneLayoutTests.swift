import Kernels
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The functions that are computed many at a time.
private let functions: [UnaryOperation] = [
  .exponential, .exponentialMinusOne, .logarithmOnePlus, .tanh, .sigmoid, .silu, .softplus,
  .elu, .selu, .errorFunction, .complementaryErrorFunction, .gelu, .sine, .cosine,
  .logarithm, .logarithm2, .logarithm10, .exponential2,
]

/// A plane of one row with a distance between elements in the result and the operand.
private func row(_ count: Int, outStep: Int, step: Int, first: Int = 0) -> Plane {
  Plane(
    rows: 1, columns: count, first: SIMD4(0, first, 0, 0), rowStrides: .zero, columnStrides: SIMD4(outStep, step, 0, 0))
}

private func bits<T: FloatElement>(_ numbers: [T]) -> [UInt64] {
  // conversion keeps all that distinguishes two floats
  numbers.map { $0.isNaN ? 1 : Double($0).bitPattern }
}

/// Runs an operation from one array into another.
private func run<T: FloatElement>(
  _ operation: UnaryOperation, _ plane: Plane, _ x: [T], into result: inout [T], shared: Bool = false
) throws {
  try result.withUnsafeMutableBufferPointer { out in
    try x.withUnsafeBufferPointer { x in
      guard let out = out.baseAddress, let x = x.baseAddress else { return }
      if shared {
        try plane.shared { try Elementwise.unary(operation, $0, out, x) }
      } else {
        try Elementwise.unary(operation, plane, out, x)
      }
    }
  }
}

@Suite(.serialized) struct LaneLayoutTests {
  /// Numbers of all sizes, some beyond every threshold.
  private func numbers<T: FloatElement>(_ type: T.Type, _ count: Int) -> [T] {
    var chance = Chance(state: 3)
    return (0..<count).map { index in
      if index % 37 == 5 { return [.nan, .infinity, -.infinity, 0, -0.0, 3e5, -2e6][index / 37 % 7] }
      return T(Double.random(in: -1...1, using: &chance) * [0.1, 2, 20, 200][index % 4])
    }
  }

  private func checkLayouts<T: FloatElement>(_ operation: UnaryOperation, _ type: T.Type) throws {
    let x = numbers(T.self, 700)
    let whole = bits(try applied(operation, x))
    // alone, and every tail
    for index in stride(from: 0, to: 700, by: 7) {
      #expect(bits(try applied(operation, [x[index]]))[0] == whole[index])
    }
    for count in 1...33 {
      #expect(bits(try applied(operation, Array(x[3..<(3 + count)]))) == Array(whole[3..<(3 + count)]))
    }
    // with gaps, and backwards
    var gaps = [T](repeating: 0, count: 2100)
    for index in 0..<700 { gaps[index * 3] = x[index] }
    var result = [T](repeating: 0, count: 1400)
    try run(operation, row(700, outStep: 2, step: 3), gaps, into: &result)
    #expect((0..<700).map { bits([result[$0 * 2]])[0] } == whole)
    result = [T](repeating: 0, count: 700)
    try run(operation, row(700, outStep: 1, step: -1, first: 699), x, into: &result)
    #expect(bits(result.reversed()) == whole)
  }

  @Test(arguments: functions)
  func resultsDoNotDependOnTheLayout(_ operation: UnaryOperation) throws {
    try checkLayouts(operation, Float.self)
    try checkLayouts(operation, Double.self)
  }

  private func checkInPlace<T: FloatElement>(_ operation: UnaryOperation, _ type: T.Type) throws {
    var x = numbers(T.self, 700)
    let whole = bits(try applied(operation, x))
    try x.withUnsafeMutableBufferPointer { x in
      guard let x = x.baseAddress else { return }
      try Elementwise.unary(operation, Plane(contiguous: 700), x, x)
    }
    #expect(bits(x) == whole)
  }

  @Test(arguments: UnaryOperation.allCases)
  func inPlaceIsTheSame(_ operation: UnaryOperation) throws {
    try checkInPlace(operation, Float.self)
    try checkInPlace(operation, Double.self)
  }

  /// Computes `f(x, y)` for as many numbers as `x` has, into a third array or into `x`; `step` is 0 for one `y` alone.
  private func combined<T: FloatElement>(
    _ operation: BinaryOperation, _ x: [T], _ y: [T], step: Int, inPlace: Bool
  ) throws -> [UInt64] {
    let plane = Plane(
      rows: 1, columns: x.count, first: .zero, rowStrides: .zero, columnStrides: SIMD4(1, 1, step, 0))
    var (x, result) = (x, [T](repeating: 0, count: x.count))
    try x.withUnsafeMutableBufferPointer { x in
      try result.withUnsafeMutableBufferPointer { out in
        guard let x = x.baseAddress, let out = out.baseAddress else { return }
        try Elementwise.binary(operation, plane, inPlace ? x : out, x, y)
      }
    }
    return bits(inPlace ? x : result)
  }

  private func checkInPlace<T: FloatElement>(_ operation: BinaryOperation, _ type: T.Type) throws {
    let x = numbers(T.self, 700)
    let y = Array(x.reversed())
    for count in [1, 7, 33, 700] {
      for step in [0, 1] {
        let part = Array(x[..<count])
        let apart = try combined(operation, part, y, step: step, inPlace: false)
        #expect(try combined(operation, part, y, step: step, inPlace: true) == apart, "\(count) numbers, step \(step)")
      }
    }
  }

  @Test(arguments: BinaryOperation.allCases)
  func inPlaceIsTheSameOfTwoOperands(_ operation: BinaryOperation) throws {
    try checkInPlace(operation, Float.self)
    try checkInPlace(operation, Double.self)
  }

  @Test(arguments: [UnaryOperation.exponential, .logarithmOnePlus, .gelu, .sine])
  func resultsDoNotDependOnThreads(_ operation: UnaryOperation) throws {
    let before = WorkerPool.threads
    defer { WorkerPool.threads = before }
    let x = numbers(Float.self, 200_003)
    var results: [[UInt64]] = []
    for threads in 1...3 {
      WorkerPool.threads = threads
      var result = [Float](repeating: 0, count: x.count)
      try run(operation, Plane(contiguous: x.count), x, into: &result, shared: true)
      results.append(bits(result))
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }
}

@Suite struct SoftmaxLineTests {
  /// Softmax of one line with distances between its elements.
  private func softmax<T: FloatElement>(_ x: [T], logarithm: Bool, steps: (Int, Int) = (1, 1)) throws -> [T] {
    var input = [T](repeating: 0, count: x.count * steps.0)
    for index in x.indices { input[index * steps.0] = x[index] }
    var result = [T](repeating: 0, count: x.count * steps.1)
    try result.withUnsafeMutableBufferPointer { out in
      try input.withUnsafeBufferPointer { input in
        guard let out = out.baseAddress, let input = input.baseAddress else { return }
        try Lines.softmax(logarithm: logarithm, Plane(contiguous: 1), input, out, count: x.count, steps: steps)
      }
    }
    return x.indices.map { result[$0 * steps.1] }
  }

  private func logSumExp<T: FloatElement>(_ x: [T]) throws -> T {
    var result = T(0)
    try x.withUnsafeBufferPointer { line in
      guard let first = line.baseAddress else { return }
      try Lines.logSumExp(Plane(contiguous: 1), first, &result, count: line.count, step: 1)
    }
    return result
  }

  @Test(arguments: [1, 2, 7, 8, 9, 255, 256, 257, 1000])
  func agreesWithTheDefinition(count: Int) throws {
    let x = skewedLadder(count).map { $0 / 4000 }
    // the sum in the order of size, far more exact than either
    let largest = x.max() ?? 0
    let powers = x.map { exp($0 - largest) }
    let sum = powers.sorted().reduce(0, +)
    let soft = try softmax(x, logarithm: false)
    let logs = try softmax(x, logarithm: true)
    let singles = try softmax(x.map { Float($0) }, logarithm: false)
    for index in x.indices {
      #expect(abs(soft[index] - powers[index] / sum) <= 1e-14 * powers[index] / sum)
      #expect(abs(logs[index] - (x[index] - largest - log(sum))) <= 1e-14 * (1 + abs(logs[index])))
      // the input is rounded to float32 first
      #expect(abs(Double(singles[index]) / (powers[index] / sum) - 1) <= 1e-5)
    }
    #expect(abs(try logSumExp(x) - (largest + log(sum))) <= 1e-14 * (1 + abs(largest)))
  }

  @Test(arguments: [1, 5, 8, 33, 300])
  func linesWithGapsGiveTheSame(count: Int) throws {
    let x = skewedLadder(count).map { Float($0 / 4000) }
    for logarithm in [false, true] {
      let whole = try softmax(x, logarithm: logarithm)
      #expect(try softmax(x, logarithm: logarithm, steps: (3, 2)) == whole)
      #expect(try softmax(x, logarithm: logarithm, steps: (1, 4)) == whole)
    }
  }

  @Test func endsAreRight() throws {
    let inf = Float.infinity
    #expect(try softmax([-inf, 0, -inf], logarithm: false) == [0, 1, 0])
    #expect(try softmax([-inf, 0], logarithm: true) == [-inf, 0])
    #expect(try softmax([-inf, -inf], logarithm: false).allSatisfy { $0.isNaN })
    #expect(try softmax([1, .nan], logarithm: false).allSatisfy { $0.isNaN })
    #expect(try logSumExp([-inf, -inf]) == -inf)
    #expect(try logSumExp([1, inf, -inf]) == inf)
    #expect(try logSumExp([Float.nan, .nan]).isNaN)
    #expect(try logSumExp([inf, Float.nan]).isNaN)
    #expect(try logSumExp([-.infinity, Double(3)]) == 3)
    #expect(try logSumExp([Double(1e300)]) == 1e300)
  }
}
