import Kernels
import TestSupport
import Testing

/// The fused passes against their definition, number by number in double, at sizes that end in the middle of every vector.
@Suite struct ActivationPassTests {
  private static let shapes = [(1, 1), (7, 1), (1, 33), (3, 7), (33, 33), (130, 100)]

  /// Numbers from -9 to 9 and the kinks, the same for each call.
  private func sample<T: FloatElement>(_ count: Int, _ salt: Int, _ type: T.Type) -> [T] {
    (0..<count).map { index in
      let number = (index * 7919 + salt * 104_729) % 2003
      return number % 41 == 0 ? 0 : T(Double(number - 1001) / 111.2)
    }
  }

  private func slope(_ function: ActivationFunction) -> Double { function == .prelu ? -0.3 : function.defaultSlope }

  private func tolerance<T>(_ type: T.Type) -> Double { T.self == Float.self ? 2e-6 : 1e-14 }

  private func checkForward<T: FloatElement>(
    _ function: ActivationFunction, _ rows: Int, _ columns: Int, _ type: T.Type
  ) throws {
    let z = sample(rows * columns, 1, T.self)
    let (scale, shift) = (sample(columns, 2, T.self), sample(columns, 3, T.self))
    let passes = ActivationPasses<T>(function, slope: slope(function))
    var apart = [T](repeating: 0, count: z.count)
    try passes.forward(z, scale: scale, shift: shift, into: &apart, moments: nil, rows: rows, columns: columns)
    var inPlace = z
    try inPlace.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      try passes.forward(
        UnsafePointer(base), scale: scale, shift: shift, into: base, moments: nil, rows: rows, columns: columns)
    }
    let what = "\(function) \(T.self) \(rows)x\(columns)"
    #expect(inPlace == apart, "\(what) in place")
    let expected = z.indices.map { index in
      let column = index % columns
      return function.value(Double(z[index] * scale[column] + shift[column]), slope: slope(function))
    }
    let largest = expected.map(\.magnitude).max() ?? 0
    assertClose(
      apart.map(Double.init), expected, relative: tolerance(T.self), absolute: tolerance(T.self) * largest, what)
  }

  @Test(arguments: ActivationFunction.allCases)
  func forwardIsTheFunctionOfEachNumber(function: ActivationFunction) throws {
    for (rows, columns) in ActivationPassTests.shapes {
      try checkForward(function, rows, columns, Float.self)
      try checkForward(function, rows, columns, Double.self)
    }
  }

  /// The gradient goes through a normalisation after the activation where there is one, then through the activation.
  private func checkBackward<T: FloatElement>(
    _ function: ActivationFunction, _ rows: Int, _ columns: Int, after: Bool, inPlace: Bool, _ type: T.Type
  ) throws {
    let count = rows * columns
    let (g, z) = (sample(count, 4, T.self), sample(count, 1, T.self))
    let vectors = (0..<7).map { sample(columns, 5 + $0, T.self) }
    let passes = ActivationPasses<T>(function, slope: slope(function))
    var a = z
    try passes.forward(z, scale: vectors[0], shift: vectors[1], into: &a, moments: nil, rows: rows, columns: columns)
    var result = inPlace ? g : [T](repeating: 0, count: count)
    var (sums, hatSums) = ([Double](repeating: 1, count: columns), [Double](repeating: 2, count: columns))
    try withPointers(vectors) { v in
      try result.withUnsafeMutableBufferPointer { buffer in
        guard let target = buffer.baseAddress else { return }
        try g.withUnsafeBufferPointer { given in
          guard let apart = given.baseAddress else { return }
          try pass(
            passes, inPlace ? UnsafePointer(target) : apart, z, a, v, target, after, &sums, &hatSums, rows, columns)
        }
      }
    }
    var expected = [Double](repeating: 0, count: count)
    // a slope near 0, taken from the output, has the rounding of a number near 1
    var largest = 0.0
    var (plain, hats) = ([Double](repeating: 1, count: columns), [Double](repeating: 2, count: columns))
    for index in 0..<count {
      let v = vectors.map { Double($0[index % columns]) }
      var upstream = Double(g[index])
      if after { upstream = upstream * v[4] + (Double(a[index]) * v[2] + v[3]) * v[5] + v[6] }
      let input = Double(z[index] * vectors[0][index % columns] + vectors[1][index % columns])
      let slope = function.derivative(input, slope: slope(function))
      expected[index] = upstream * slope
      largest = max(largest, upstream.magnitude, expected[index].magnitude)
      plain[index % columns] += expected[index]
      hats[index % columns] += expected[index] * (Double(z[index]) * v[2] + v[3])
    }
    let what = "\(function) \(T.self) \(rows)x\(columns) after \(after) in place \(inPlace)"
    let room = 20 * tolerance(T.self)
    assertClose(result.map(Double.init), expected, relative: room, absolute: room * largest, what)
    let sumRoom = room * largest * Double(rows) * 100
    assertClose(sums, plain, relative: room, absolute: sumRoom, what + " sums")
    assertClose(hatSums, hats, relative: room, absolute: sumRoom, what + " hat sums")
  }

  private func withPointers<T>(_ vectors: [[T]], _ body: ([UnsafePointer<T>]) throws -> Void) throws {
    func open(_ rest: ArraySlice<[T]>, _ pointers: [UnsafePointer<T>]) throws {
      guard let first = rest.first else { return try body(pointers) }
      try first.withUnsafeBufferPointer { buffer in
        try open(rest.dropFirst(), pointers + (buffer.baseAddress.map { [$0] } ?? []))
      }
    }
    try open(vectors[...], [])
  }

  private func pass<T: FloatElement>(
    _ passes: ActivationPasses<T>, _ gradient: UnsafePointer<T>, _ z: UnsafePointer<T>, _ a: UnsafePointer<T>,
    _ v: [UnsafePointer<T>], _ target: UnsafeMutablePointer<T>, _ after: Bool, _ sums: UnsafeMutablePointer<Double>,
    _ hatSums: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int
  ) throws {
    var operands = ActivationBackward(gradient: gradient, z: z, a: a, scale: v[0], shift: v[1], result: target)
    if after {
      operands.after = NormalisationSlope(scale: v[2], shift: v[3], factor: v[4], hatFactor: v[5], constant: v[6])
    }
    (operands.sums, operands.hatSums) = (sums, hatSums)
    (operands.hatScale, operands.hatShift) = (v[2], v[3])
    try passes.backward(operands, rows: rows, columns: columns)
  }

  @Test(arguments: ActivationFunction.allCases)
  func backwardIsTheSlopeOfEachNumber(function: ActivationFunction) throws {
    for (rows, columns) in ActivationPassTests.shapes {
      for (after, inPlace) in [(false, false), (false, true), (true, false), (true, true)] {
        try checkBackward(function, rows, columns, after: after, inPlace: inPlace, Float.self)
        try checkBackward(function, rows, columns, after: after, inPlace: inPlace, Double.self)
      }
    }
  }

  @Test func aNormalisationGoesBackInPlaceAsApart() throws {
    for (rows, columns) in ActivationPassTests.shapes {
      let (g, x) = (sample(rows * columns, 1, Float.self), sample(rows * columns, 2, Float.self))
      let vectors = (0..<5).map { sample(columns, 3 + $0, Float.self) }
      try withPointers(vectors) { v in
        let slope = NormalisationSlope(scale: v[0], shift: v[1], factor: v[2], hatFactor: v[3], constant: v[4])
        var (apart, inPlace) = (x, g)
        try ColumnNormalisation.backward(g, x, slope, into: &apart, rows: rows, columns: columns)
        try inPlace.withUnsafeMutableBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return }
          try ColumnNormalisation.backward(UnsafePointer(base), x, slope, into: base, rows: rows, columns: columns)
        }
        #expect(inPlace == apart)
        let expected = g.indices.map { index in
          let w = vectors.map { Double($0[index % columns]) }
          return Double(g[index]) * w[2] + (Double(x[index]) * w[0] + w[1]) * w[3] + w[4]
        }
        assertClose(apart.map(Double.init), expected, relative: 1e-5, absolute: 1e-3, "\(rows)x\(columns)")
      }
    }
  }
}
