import TestSupport
import Testing

@testable import Kernels

/// The kernels of every level that this machine can run, against those of the lowest.
///
/// They are the same source; what a compiler may do differently for longer vectors must not show in a single bit.
@Suite(.serialized) struct InstructionSetTests {
  /// Rows and columns: less than a vector, one more than a vector, tails, and more than a piece between two polls.
  static let shapes = [(1, 1), (1, 7), (7, 1), (3, 33), (33, 64), (5, 1000), (1000, 1001)]

  /// Runs `body` at each level and expects the same numbers of each.
  private func compare<R: FixedWidthInteger>(
    _ what: String, _ body: () throws -> [R], at location: SourceLocation = #_sourceLocation
  ) rethrows {
    let before = InstructionSet.current
    defer { InstructionSet.use(before) }
    InstructionSet.use(.v1)
    let expected = try body()
    for level in InstructionSet.supported.dropFirst() {
      InstructionSet.use(level)
      let found = try body()
      if found == expected { continue }
      let differing = zip(found, expected).filter { $0 != $1 }.count
      #expect(
        found.count == expected.count && differing == 0, "\(what) at \(level.name): \(differing) differ",
        sourceLocation: location)
    }
  }

  /// The bits of numbers; those of NaN, whose sign depends on the order of operands that the compiler chooses, are 1.
  private func bits<T: FloatElement>(_ numbers: [T]) -> [UInt64] {
    numbers.withUnsafeBytes { bytes in
      T.self == Float.self
        ? bytes.bindMemory(to: Float.self).map { $0.isNaN ? 1 : UInt64($0.bitPattern) }
        : bytes.bindMemory(to: Double.self).map { $0.isNaN ? 1 : $0.bitPattern }
    }
  }

  /// Numbers of many sizes, with the special ones among them.
  private func numbers<T: FloatElement>(_ type: T.Type, _ count: Int, _ seed: UInt64, special: Bool = true) -> [T] {
    var chance = Chance(state: seed)
    return (0..<count).map { index in
      if special && index % 41 == 17 {
        return [.nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, 3e5][index / 41 % 7]
      }
      return T(Double.random(in: -1...1, using: &chance) * [0.01, 1, 6, 90][index % 4])
    }
  }

  private func filled<T, R>(_ count: Int, _ zero: T, _ body: (UnsafeMutablePointer<T>) throws -> R) rethrows -> [T] {
    var result = [T](repeating: zero, count: count)
    try result.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { _ = try body(base) } }
    return result
  }

  // MARK: Elementwise

  private func checkElementwise<T: FloatElement & StoredElement>(_ type: T.Type) throws {
    for (rows, columns) in Self.shapes {
      let (count, plane) = (rows * columns, Plane(contiguous: rows * columns))
      let (x, y) = (numbers(T.self, count, 11), numbers(T.self, count, 12))
      for operation in UnaryOperation.allCases where count < 100_000 || [.exponential, .tanh].contains(operation) {
        try compare("\(operation) of \(count) \(T.self)") {
          bits(try filled(count, T.zero) { try Elementwise.unary(operation, plane, $0, x) })
        }
      }
      for operation in BinaryOperation.allCases where count < 100_000 || operation == .add {
        try compare("\(operation) of \(count) \(T.self)") {
          bits(try filled(count, T.zero) { try Elementwise.binary(operation, plane, $0, x, y) })
        }
      }
      for comparison in Comparison.allCases where count < 100_000 {
        try compare("\(comparison) of \(count) \(T.self)") {
          try filled(count, UInt8(0)) { try Elementwise.compare(comparison, plane, $0, x, y) }
        }
      }
      try compare("clamp of \(count) \(T.self)") {
        bits(try filled(count, T.zero) { try Elementwise.clamp(plane, $0, x, low: -0.5, high: 0.25) })
      }
      try compare("to int64 and back") {
        let whole = x.map { $0.isFinite ? $0 : 0 }
        return try filled(count, Int64(0)) { try CopyKernel.copy(plane, $0, whole) }
      }
    }
  }

  @Test func elementwiseFunctionsAreTheSameAtEveryLevel() throws {
    try checkElementwise(Float.self)
    try checkElementwise(Double.self)
  }

  // MARK: Reductions

  /// A matrix reduced to a number for each row, or for each column.
  private func reduction(_ rows: Int, _ columns: Int, alongRows: Bool) -> Plane {
    Plane(
      rows: rows, columns: columns, first: .zero, rowStrides: SIMD4(columns, alongRows ? 1 : 0, 0, 0),
      columnStrides: SIMD4(1, alongRows ? 0 : 1, 0, 0))
  }

  private func checkReductions<T: FloatElement & StoredElement>(_ type: T.Type) throws {
    for (rows, columns) in Self.shapes {
      let x = numbers(T.self, rows * columns, 13)
      let finite = numbers(T.self, rows * columns, 13, special: false)
      for alongRows in [true, false] {
        let (plane, count) = (reduction(rows, columns, alongRows: alongRows), alongRows ? rows : columns)
        try compare("sum over \(rows)x\(columns) \(T.self)") {
          bits(try filled(count, 0.0) { try Reductions.sum(plane, finite, $0) })
        }
        try compare("squares over \(rows)x\(columns) \(T.self)") {
          bits(try filled(count, 0.0) { try Reductions.sumOfSquares(plane, finite, $0) })
        }
        try compare("product over \(rows)x\(columns) \(T.self)") {
          bits(try filled(count, 1.0) { try Reductions.product(plane, finite, $0) })
        }
        for largest in [true, false] {
          try compare("extreme over \(rows)x\(columns) \(T.self)") {
            bits(try filled(count, finite[0]) { try Reductions.extreme(largest: largest, plane, finite, $0) })
          }
        }
        try compare("NaN among extremes") {
          bits(try filled(count, T.zero) { try Reductions.extreme(largest: true, plane, x, $0) })
        }
      }
      let lines = Plane(
        rows: 1, columns: rows, first: .zero, rowStrides: .zero, columnStrides: SIMD4(columns, columns, 0, 0))
      for logarithm in [true, false] where rows * columns < 100_000 {
        try compare("softmax of \(rows)x\(columns) \(T.self)") {
          bits(
            try filled(rows * columns, T.zero) {
              try Lines.softmax(logarithm: logarithm, lines, finite, $0, count: columns, steps: (1, 1))
            })
        }
      }
    }
  }

  @Test func reductionsAreTheSameAtEveryLevel() throws {
    try checkReductions(Float.self)
    try checkReductions(Double.self)
  }

  // MARK: Statistics

  private func checkStatistics<T: FloatElement>(_ type: T.Type) throws {
    for (rows, columns) in Self.shapes {
      let count = rows * columns
      for special in [true, false] {
        let x = numbers(T.self, count, 14, special: special)
        try compare("moments of \(count) \(T.self)") {
          let found = try Moments.scan(x, count: count)
          let short = try Moments.scan(x, count: count, shape: false)
          let counts = [found.nans, found.infinities, found.zeros, found.subnormals].map(UInt64.init)
          let measures = [
            found.finiteMinimum, found.finiteMaximum, found.smallestMagnitude, found.mean, found.rms,
            found.standardDeviation, found.skewness, found.kurtosis, short.mean, short.standardDeviation,
          ]
          return counts + bits(measures.filter { !$0.isNaN })
        }
      }
      let x = numbers(T.self, count, 15, special: false)
      let moments = try Moments.scan(x, count: count)
      try compare("distribution of \(count) \(T.self)") {
        let request = Distribution.Request(
          percentiles: [0, 5, 50, 95, 100], bins: 50, countsValues: true, countsMagnitudes: true)
        let memory = UnsafeMutablePointer<T>.allocate(capacity: count)
        defer { memory.deallocate() }
        let found = try Distribution(of: x, moments: moments, request) { _ in memory }
        let counts = [found.histogram, found.logHistogram].flatMap { $0?.counts ?? [] }.map(UInt64.init)
        return counts + bits(found.percentiles)
      }
      try compare("batch of \(rows)x\(columns) \(T.self)") {
        var scratch = [Double](repeating: 0, count: MomentsOfBatch.scratchCount(samples: rows, units: columns))
        let found = try MomentsOfBatch.scan(x, samples: rows, units: columns, scale: 1, scratch: &scratch)
        return [UInt64(found.deadUnits)] + bits([found.standardDeviation, found.cosine].filter { !$0.isNaN })
      }
      let floats = x.map { Float($0) }
      try compare("transposed batch of \(rows)x\(columns) \(T.self)") {
        var scratch = [Double](repeating: 0, count: rows)
        let found = try MomentsOfBatch.scan(transposed: floats, samples: rows, units: columns, scratch: &scratch)
        return [UInt64(found.deadUnits)] + bits([found.standardDeviation, found.cosine].filter { !$0.isNaN })
      }
    }
  }

  @Test func statisticsAreTheSameAtEveryLevel() throws {
    try checkStatistics(Float.self)
    try checkStatistics(Double.self)
  }

  // MARK: Layers

  private func checkLayers<T: FloatElement>(_ type: T.Type) throws {
    for (rows, columns) in Self.shapes {
      let count = rows * columns
      let z = numbers(T.self, count, 16, special: false).map { $0 / 16 }
      let g = numbers(T.self, count, 17, special: false)
      let (scale, shift) = (numbers(T.self, columns, 18, special: false), numbers(T.self, columns, 19, special: false))
      for function in ActivationFunction.allCases where count < 100_000 || function == .relu {
        let passes = ActivationPasses<T>(function, slope: function.defaultSlope)
        let a = try filled(count, T.zero) {
          try passes.forward(z, scale: scale, shift: shift, into: $0, moments: nil, rows: rows, columns: columns)
        }
        try compare("\(function) forward of \(rows)x\(columns) \(T.self)") {
          var (pivot, sums) = ([T](repeating: 0, count: columns), [Double](repeating: 0, count: columns))
          var squares = sums
          let result = try filled(count, T.zero) { out in
            try pivot.withUnsafeMutableBufferPointer { pivot in
              try sums.withUnsafeMutableBufferPointer { sums in
                try squares.withUnsafeMutableBufferPointer { squares in
                  guard let pivot = pivot.baseAddress, let sum = sums.baseAddress, let square = squares.baseAddress
                  else { return }
                  try passes.forward(
                    z, scale: scale, shift: shift, into: out,
                    moments: ColumnMoments(pivot: pivot, sum: sum, squares: square), rows: rows, columns: columns)
                }
              }
            }
          }
          return bits(result) + bits(sums) + bits(squares)
        }
        try compare("\(function) backward of \(rows)x\(columns) \(T.self)") {
          bits(
            try filled(count, T.zero) { out in
              try g.withUnsafeBufferPointer { g in
                try z.withUnsafeBufferPointer { z in
                  try a.withUnsafeBufferPointer { a in
                    try scale.withUnsafeBufferPointer { scale in
                      try shift.withUnsafeBufferPointer { shift in
                        guard let g = g.baseAddress, let z = z.baseAddress, let a = a.baseAddress,
                          let scale = scale.baseAddress, let shift = shift.baseAddress
                        else { return }
                        try passes.backward(
                          ActivationBackward(gradient: g, z: z, a: a, scale: scale, shift: shift, result: out),
                          rows: rows, columns: columns)
                      }
                    }
                  }
                }
              }
            })
        }
      }
    }
  }

  @Test func activationsAreTheSameAtEveryLevel() throws {
    try checkLayers(Float.self)
    try checkLayers(Double.self)
  }

  private func checkColumns<T: FloatElement>(_ columns: Int, _ type: T.Type) throws {
    let mean = numbers(Double.self, columns, 22, special: false)
    let variance = numbers(Double.self, columns, 23, special: false).map { $0 * $0 }
    let (gamma, beta) = (numbers(T.self, columns, 24, special: false), numbers(T.self, columns, 25, special: false))
    try compare("fold of \(columns) \(T.self)") {
      var (scale, shift, hatScale, hatShift) = (gamma, gamma, gamma, gamma)
      ColumnNormalisation.fold(
        mean: mean, variance: variance, eps: 1e-5, gamma: gamma, beta: beta, scale: &scale, shift: &shift,
        hatScale: &hatScale, hatShift: &hatShift, columns: columns)
      return bits(scale) + bits(shift) + bits(hatScale) + bits(hatShift)
    }
    try compare("slopes of \(columns) \(T.self)") {
      var (factor, hatFactor, constant) = (gamma, gamma, gamma)
      ColumnNormalisation.slopes(
        variance: variance, eps: 1e-5, gamma: gamma, sums: mean, hatSums: variance, rows: 60, factor: &factor,
        hatFactor: &hatFactor, constant: &constant, columns: columns)
      return bits(factor) + bits(hatFactor) + bits(constant)
    }
    try compare("running statistics of \(columns) \(T.self)") {
      var (runningMean, runningVariance) = (gamma, beta)
      ColumnNormalisation.updateRunning(
        mean: mean, variance: variance, summand: beta, rows: 60, weight: 0.1, runningMean: &runningMean,
        runningVariance: &runningVariance, columns: columns)
      return bits(runningMean) + bits(runningVariance)
    }
  }

  @Test(arguments: [1, 7, 33, 1001])
  func numbersOfColumnsAreTheSameAtEveryLevel(columns: Int) throws {
    try checkColumns(columns, Float.self)
    try checkColumns(columns, Double.self)
  }

  private func checkOptimisers<T: FloatElement>(_ type: T.Type) throws {
    for count in [1, 7, 33, 1001] {
      let (p, g) = (numbers(T.self, count, 20, special: false), numbers(T.self, count, 21, special: false))
      try compare("sgd of \(count) \(T.self)") {
        var (p, b) = (p, g)
        OptimiserKernels.sgd(
          &p, g, &b, isFirst: false,
          .init(rate: 0.1, momentum: 0.9, dampening: 0.1, isNesterov: true, decay: 0.01), count: count)
        return bits(p) + bits(b)
      }
      try compare("adam of \(count) \(T.self)") {
        var (p, m, v) = (p, g, g.map { $0 * $0 })
        OptimiserKernels.adam(
          &p, g, mean: &m, square: &v, largest: nil, time: 3,
          .init(rate: 0.1, beta1: 0.9, beta2: 0.999, eps: 1e-8, decay: 0.01, isDecoupled: true, maximises: false),
          count: count)
        return bits(p) + bits(m) + bits(v)
      }
    }
  }

  @Test func optimisersAreTheSameAtEveryLevel() throws {
    try checkOptimisers(Float.self)
    try checkOptimisers(Double.self)
  }

  // MARK: Random numbers

  private func checkFills<T: FloatElement>(_ type: T.Type) throws {
    for count in [1, 7, 33, 70_001] {
      try compare("normal, \(count) \(T.self)") {
        bits(
          try filled(count, T.zero) { try Philox.fillNormal($0, count: count, key: 5, counter: 9, mean: 1, std: 2) })
      }
      try compare("uniform, \(count) \(T.self)") {
        bits(
          try filled(count, T.zero) { try Philox.fillUniform($0, count: count, key: 5, counter: 9, low: -1, high: 2) })
      }
      try compare("exponential, \(count) \(T.self)") {
        bits(
          try filled(count, T.zero) { try Philox.fillExponential($0, count: count, key: 5, counter: 9, rate: 2) })
      }
    }
  }

  @Test func randomNumbersAreTheSameAtEveryLevel() throws {
    try checkFills(Float.self)
    try checkFills(Double.self)
  }

  // MARK: The choice

  @Test(arguments: [
    ("v1", 1, InstructionSet.v1), ("v1", 4, .v1), ("v2", 2, .v1), ("v2", 4, .v1), ("v3", 3, .v3), ("v3", 4, .v3),
    ("v4", 4, .v4),
  ])
  func aNameChoosesTheHighestLevelWithKernels(_ name: String, _ processor: Int, _ level: InstructionSet) throws {
    #expect(try InstructionSet.level(named: name, processor: processor) == level)
  }

  @Test(arguments: ["", "v0", "v5", "V3", "3", "avx2", "v3 "])
  func whatNamesNoLevelIsAnError(_ name: String) {
    #expect(throws: InstructionSetError.unknown(name)) { try InstructionSet.level(named: name, processor: 4) }
  }

  @Test(arguments: [("v2", 1), ("v3", 2), ("v4", 3)])
  func whatTheProcessorLacksIsAnError(_ name: String, _ processor: Int) {
    #expect(throws: InstructionSetError.unsupported(name, processor: processor)) {
      try InstructionSet.level(named: name, processor: processor)
    }
  }

  @Test func theLowestLevelIsSupportedAndTheHighestIsTheLast() {
    #expect(InstructionSet.supported.first == .v1)
    #expect(InstructionSet.supported.last == InstructionSet.highest)
    #expect(InstructionSet.supported.contains(InstructionSet.current))
  }
}
