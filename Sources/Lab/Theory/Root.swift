/// Roots of functions of one variable.
enum Root {
  /// The root between two ends where `function` has different signs, or is 0, by regula falsi with the Illinois rule.
  static func between(_ low: Double, _ high: Double, _ function: (Double) -> Double) -> Double {
    var (left, right) = (low, high)
    var (leftValue, rightValue) = (function(low), function(high))
    if leftValue == 0 { return left }
    if rightValue == 0 { return right }
    for _ in 0..<100 {
      let middle = next(left, right, leftValue, rightValue)
      let value = function(middle)
      if value == 0 || abs(right - left) <= 1e-15 * max(abs(left), abs(right)) { return middle }
      if (value < 0) == (rightValue < 0) {
        // the same end twice: halve the other's value, or it would never move
        leftValue /= 2
      } else {
        (left, leftValue) = (right, rightValue)
      }
      (right, rightValue) = (middle, value)
      if abs(right - left) <= 4e-16 * abs(right) { return right }
    }
    return right
  }

  private static func next(_ left: Double, _ right: Double, _ leftValue: Double, _ rightValue: Double) -> Double {
    let secant = right - rightValue * (right - left) / (rightValue - leftValue)
    return secant > min(left, right) && secant < max(left, right) ? secant : left + (right - left) / 2
  }

  /// The first root going from `start` to `end` by factors of `ratio`, both positive; nil where the sign never changes.
  static func first(from start: Double, to end: Double, ratio: Double, _ function: (Double) -> Double) -> Double? {
    var (place, value) = (start, function(start))
    if value == 0 { return place }
    let isUpward = end > start
    while isUpward ? place < end : place > end {
      let further = isUpward ? min(place * ratio, end) : max(place / ratio, end)
      let next = function(further)
      if next == 0 { return further }
      if (next < 0) != (value < 0) { return between(place, further, function) }
      (place, value) = (further, next)
    }
    return nil
  }
}
