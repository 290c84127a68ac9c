import Kernels
import Tensors

/// Two tensors of the same shape and dtype against each other, summed in float64.
struct Difference {
  private var squaresBefore = 0.0
  private var squaresAfter = 0.0
  private var squaresBetween = 0.0
  private var products = 0.0

  /// Starts with no elements.
  init() {}

  /// Compares one pair.
  init(_ before: Tensor, _ after: Tensor) throws { try add(before, after) }

  /// The Euclidean norm of the first.
  var norm: Double { squaresBefore.squareRoot() }

  /// The Euclidean norm of the second minus the first.
  var distance: Double { squaresBetween.squareRoot() }

  /// The distance over the norm of the first: 0 where both are equal, unless both are 0, which is NaN.
  var relative: Double { distance / norm }

  /// The cosine of the angle between the two, exactly 1 where they are equal; NaN where one is 0.
  var cosine: Double {
    guard squaresBefore > 0, squaresAfter > 0 else { return .nan }
    if squaresBetween == 0 { return 1 }
    let cosine = products / (squaresBefore.squareRoot() * squaresAfter.squareRoot())
    return cosine.isNaN ? .nan : min(1, max(-1, cosine))
  }

  /// Adds the elements of another pair, as if all were one vector.
  mutating func add(_ before: Tensor, _ after: Tensor) throws {
    let (left, right) = (try before.contiguous(), try after.contiguous())
    if let type = left.dtype.floatType { try add(type, left, right) }
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  private mutating func add<T: FloatElement>(_ type: T.Type, _ before: Tensor, _ after: Tensor) throws {
    let (left, right) = (before.pointer(T.self), after.pointer(T.self))
    var sums = SIMD4<Double>.zero
    for first in stride(from: 0, to: before.count, by: Interrupt.pollInterval) {
      try Interrupt.check()
      for index in first..<min(first + Interrupt.pollInterval, before.count) {
        let (a, b) = (Double(left[index]), Double(right[index]))
        sums += SIMD4(a * a, b * b, (b - a) * (b - a), a * b)
      }
    }
    squaresBefore += sums[0]
    squaresAfter += sums[1]
    squaresBetween += sums[2]
    products += sums[3]
  }
}
