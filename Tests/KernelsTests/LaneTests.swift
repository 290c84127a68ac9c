import Kernels
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Applies an operation to numbers that lie one after another.
func applied<T: FloatElement>(_ operation: UnaryOperation, _ numbers: [T]) throws -> [T] {
  var result = numbers
  try result.withUnsafeMutableBufferPointer { out in
    try numbers.withUnsafeBufferPointer { x in
      guard let out = out.baseAddress, let x = x.baseAddress else { return }
      try Elementwise.unary(operation, Plane(contiguous: numbers.count), out, x)
    }
  }
  return result
}

private func logistic(_ x: Double) -> Double {
  let e = exp(-abs(x))
  return x < 0 ? e / (1 + e) : 1 / (1 + e)
}

/// Each function and what the mathematical library has for it in double.
private let references: [(UnaryOperation, @Sendable (Double) -> Double)] = [
  (.exponential, { exp($0) }), (.exponentialMinusOne, { expm1($0) }),
  (.logarithmOnePlus, { log1p($0) }), (.tanh, { tanh($0) }), (.sigmoid, { logistic($0) }),
  (.silu, { $0 == -.infinity ? 0 : $0 * logistic($0) }), (.softplus, { $0 > 20 ? $0 : log1p(exp($0)) }),
  (.elu, { $0 > 0 ? $0 : expm1($0) }),
  (.selu, { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * expm1($0)) }),
  (.errorFunction, { erf($0) }), (.complementaryErrorFunction, { erfc($0) }),
  (.gelu, { $0 == -.infinity ? 0 : 0.5 * $0 * erfc(-$0 * 0.5.squareRoot()) }),
  (.sine, { sin($0) }), (.cosine, { cos($0) }), (.logarithm, { log($0) }), (.logarithm2, { log2($0) }),
  (.logarithm10, { log10($0) }), (.exponential2, { exp2($0) }),
]

@Suite struct LaneTests {
  /// Every exponent with both signs, and ranges where functions bend.
  static func grid<T: FloatElement>(_ type: T.Type, exponents: Int, each: Int) -> [T]
  where T.RawSignificand: FixedWidthInteger {
    var chance = Chance(state: 5)
    var numbers: [T] = []
    for exponent in 0..<exponents {
      for index in 0..<each {
        let significand = T.RawSignificand.random(in: 0..<(1 << T.significandBitCount), using: &chance)
        numbers.append(
          T(
            sign: index % 2 == 0 ? .plus : .minus, exponentBitPattern: T.RawExponent(exponent),
            significandBitPattern: significand))
      }
    }
    for range in [1.0, 4, 30, 110, 750] {
      for _ in 0..<2000 { numbers.append(T(Double.random(in: -range...range, using: &chance))) }
    }
    return numbers
  }

  // half a unit is the rounding; the rest is the polynomials' share
  @Test(arguments: references.indices)
  func singlesAreRoundedFromBetter(_ which: Int) throws {
    let (operation, reference) = references[which]
    let bound = 0.56
    let numbers = LaneTests.grid(Float.self, exponents: 255, each: 200)
    let results = try applied(operation, numbers)
    for (x, got) in zip(numbers, results) {
      let want = reference(Double(x))
      let nearest = Float(want)
      if want.isNaN || nearest.isInfinite {
        if !(want.isNaN ? got.isNaN : got == nearest) { Issue.record("\(operation) \(x): \(got)") }
        continue
      }
      let unit = Double(max(nearest.magnitude, .leastNormalMagnitude).ulp)
      if !(abs(Double(got) - want) <= bound * unit) { Issue.record("\(operation) \(x): \(got)") }
    }
  }

  // 2 units are ours and 1 is the library's; the logistic function of the reference has 2
  @Test(arguments: references.indices)
  func doublesAgreeWithTheLibrary(_ which: Int) throws {
    let (operation, reference) = references[which]
    let numbers = LaneTests.grid(Double.self, exponents: 2047, each: 20)
    for (x, got) in zip(numbers, try applied(operation, numbers)) {
      // the sigmoid inside has lost bits there
      if operation == .silu && x < -700 || operation == .gelu && x < -35 { continue }
      let want = reference(x)
      if want.isNaN || want.isInfinite {
        if !(want.isNaN ? got.isNaN : got == want) { Issue.record("\(operation) \(x): \(got)") }
        continue
      }
      let unit = max(want.magnitude, .leastNormalMagnitude).ulp
      if !(abs(got - want) <= 4 * unit) { Issue.record("\(operation) \(x): \(got) for \(want)") }
    }
  }

  @Test func doublesAreWithinTwoUnits() throws {
    for line in laneGoldens.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      let operation = try #require(UnaryOperation(rawValue: words[0]))
      let (x, want, rest) = (
        try #require(Double(words[1])), try #require(Double(words[2])), try #require(Double(words[3]))
      )
      let got = try applied(operation, [x])[0]
      let units = abs((got - want) - rest) / max(want.magnitude, .leastNormalMagnitude).ulp
      // silu has the rounding of a product more
      let bound: [UnaryOperation: Double] = [.exponential: 1, .logarithm: 1, .silu: 3]
      #expect(units <= bound[operation] ?? 2, "\(operation) \(x): \(got) for \(want), \(units) units")
    }
  }

  /// Applies pow to two arrays, or to an array and one exponent.
  private func raised<T: FloatElement>(_ x: [T], _ y: [T], step: Int = 1) throws -> [T] {
    var result = x
    var plane = Plane(contiguous: x.count)
    plane.columnStrides[2] = step
    try result.withUnsafeMutableBufferPointer { out in
      try x.withUnsafeBufferPointer { x in
        try y.withUnsafeBufferPointer { y in
          guard let out = out.baseAddress, let x = x.baseAddress, let y = y.baseAddress else { return }
          try Elementwise.binary(.power, plane, out, x, y)
        }
      }
    }
    return result
  }

  @Test func powersOfSinglesAreRoundedFromBetter() throws {
    var chance = Chance(state: 8)
    for (spread, exponent) in [(10.0, 5.0), (120, 1), (1, 100), (0.005, 20_000), (149, 0.5)] {
      let x = (0..<4000).map { _ in Float(exp2(Double.random(in: -spread...spread, using: &chance))) }
      let y = x.map { _ in Float(Double.random(in: -exponent...exponent, using: &chance)) }
      for ((x, y), got) in zip(zip(x, y), try raised(x, y)) {
        let want = pow(Double(x), Double(y))
        let unit = Double(max(Float(want).magnitude, .leastNormalMagnitude).ulp)
        if !(abs(Double(got) - want) <= 0.56 * unit || got == Float(want)) { Issue.record("\(x) ^ \(y): \(got)") }
      }
    }
  }

  @Test func specialPowersAreTheLibrarys() throws {
    let numbers: [Float] = [
      0, -0.0, 1, -1, .infinity, -.infinity, .nan, 2, -2, 0.5, -0.5, 3, -3, 1e30, -1e30, 1e-30, .leastNonzeroMagnitude,
      .leastNormalMagnitude, .greatestFiniteMagnitude, 2.5, 7, 1e5,
    ]
    for y in numbers {
      // one exponent for all, and by itself beside others
      let all = try raised(numbers, [y], step: 0)
      for (x, got) in zip(numbers, all) {
        let want = powf(x, y)
        let alone = try raised([x, 3], [y, 2])[0]
        // the library rounds some of what it computes to the other side
        let near = x > 0 && y.isFinite && want.isFinite ? want.ulp : 0
        for got in [got, alone] {
          let isRight = want.isNaN ? got.isNaN : got.sign == want.sign && (got == want || abs(got - want) <= near)
          #expect(isRight, "\(x) ^ \(y): \(got) for \(want)")
        }
      }
    }
  }

  @Test func specialNumbersAreExact() throws {
    let inf = Double.infinity
    let wanted: [(UnaryOperation, [(Double, Double)])] = [
      (.exponential, [(0, 1), (-0.0, 1), (inf, inf), (-inf, 0), (1e5, inf), (-1e5, 0)]),
      (.exponentialMinusOne, [(0, 0), (-0.0, -0.0), (inf, inf), (-inf, -1), (1e5, inf), (-1e5, -1)]),
      (.logarithmOnePlus, [(0, 0), (-0.0, -0.0), (-1, -inf), (inf, inf), (-2, .nan), (-inf, .nan)]),
      (.tanh, [(0, 0), (-0.0, -0.0), (inf, 1), (-inf, -1), (30, 1), (-30, -1)]),
      (.sigmoid, [(0, 0.5), (inf, 1), (-inf, 0), (-1e5, 0)]),
      (.silu, [(0, 0), (-0.0, -0.0), (inf, inf), (-inf, 0)]),
      (.softplus, [(inf, inf), (-inf, 0), (21, 21)]),
      (.elu, [(0, 0), (-0.0, -0.0), (inf, inf), (-inf, -1), (3, 3)]),
      (.errorFunction, [(0, 0), (-0.0, -0.0), (inf, 1), (-inf, -1), (7, 1)]),
      (.complementaryErrorFunction, [(0, 1), (inf, 0), (-inf, 2)]),
      (.gelu, [(0, 0), (-0.0, -0.0), (inf, inf), (-inf, 0)]),
      (.sine, [(0, 0), (-0.0, -0.0), (inf, .nan)]), (.cosine, [(0, 1), (-0.0, 1), (-inf, .nan)]),
      (.logarithm, [(0, -inf), (-0.0, -inf), (1, 0), (inf, inf), (-1, .nan), (-inf, .nan)]),
      (.logarithm2, [(0, -inf), (1, 0), (8, 3), (0.25, -2), (inf, inf), (-1, .nan)]),
      (.logarithm10, [(-0.0, -inf), (1, 0), (1000, 3), (inf, inf), (-inf, .nan)]),
      (.exponential2, [(0, 1), (-0.0, 1), (10, 1024), (-126, 0x1p-126), (inf, inf), (-inf, 0), (1e5, inf)]),
      (.relu, [(0, 0), (-0.0, 0), (-3, 0), (2.5, 2.5), (inf, inf), (-inf, 0)]),
    ]
    for (operation, pairs) in wanted {
      for (x, want) in pairs + [(.nan, .nan)] {
        let (wide, narrow) = (try applied(operation, [x])[0], try applied(operation, [Float(x)])[0])
        for got in [wide, Double(narrow)] {
          #expect(want.isNaN ? got.isNaN : got == want && got.sign == want.sign, "\(operation) \(x): \(got)")
        }
      }
    }
  }

  /// The largest and smallest numbers whose powers of e are finite, subnormal and other than 0.
  ///
  /// python3 -c "from mpmath import *; mp.prec=200; [print(float(exp(mpf(x))).hex()) for x in (709.782712893384, -708.5, -740, -745.1332191019411)]"
  @Test func powersReachBothEndsOfDoubles() throws {
    let wanted: [(Double, Double)] = [
      (709.782712893384, 0x1.fffffffffff2ap+1023), (709.7827128933841, .infinity), (-708.5, 0x0.e6cf6d08897acp-1022),
      (-740, 0x0.0000000000055p-1022),
      (-745.1332191019411, .leastNonzeroMagnitude), (-745.1332191019413, 0), (0x1p-1074, 1), (-0x1p-1074, 1),
    ]
    for (x, want) in wanted {
      let got = try applied(.exponential, [x])[0]
      #expect(abs(got - want) <= want.ulp || got == want, "\(x): \(got)")
    }
    let least = try applied(.logarithm, [Double.leastNonzeroMagnitude])[0]
    #expect(least == -744.4400719213812)
  }

  @Test(arguments: [UnaryOperation.tanh, .errorFunction, .sine])
  func oddFunctionsAreOdd(_ operation: UnaryOperation) throws {
    let numbers = LaneTests.grid(Float.self, exponents: 255, each: 40)
    let (there, back) = (try applied(operation, numbers), try applied(operation, numbers.map { -$0 }))
    for (a, b) in zip(there, back) where !(a == -b || a.isNaN && b.isNaN) {
      Issue.record("\(operation): \(a) and \(b)")
    }
  }

  @Test(arguments: [
    UnaryOperation.exponential, .logarithmOnePlus, .tanh, .sigmoid, .softplus, .errorFunction, .logarithm,
  ])
  func neighboursKeepTheirOrder(_ operation: UnaryOperation) throws {
    for start in [Float(1e-5), 0.3, 0.62, 1.7, 3.9, 19.9] {
      let numbers = (0..<20_000).map { Float(bitPattern: start.bitPattern + $0) }
      let results = try applied(operation, numbers)
      for (a, b) in zip(results, results.dropFirst()) where !(a <= b) {
        Issue.record("\(operation) after \(start)")
      }
    }
  }
}
