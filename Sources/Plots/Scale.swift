import Kernels

/// Where the numbers of an axis lie along its length: 0 at its lower end, 1 at its upper one.
///
/// Its limits are those of the axis, or what the data need with some air; they never coincide.
public struct Scale: Equatable, Sendable {
  /// Whether equal factors take equal lengths.
  public let isLogarithmic: Bool
  /// The lower end; its base-10 logarithm on a logarithmic scale.
  public let lower: Double
  /// The upper end; its base-10 logarithm on a logarithmic scale.
  public let upper: Double

  /// Makes the scale of an axis that shows `values`; those that it can't show are left out.
  ///
  /// - Parameters:
  ///   - axis: its limits are kept where it has them.
  ///   - values: the data.
  ///   - air: how much of the data's span is added at each end the axis leaves open.
  public init(_ axis: Axis, showing values: some Sequence<Double>, air: Double = 0.04) {
    isLogarithmic = axis.isLogarithmic
    let isLogarithmic = axis.isLogarithmic
    func placed(_ value: Double) -> Double? { Scale.place(value, isLogarithmic) }
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values {
      guard let place = placed(value) else { continue }
      low = min(low, place)
      high = max(high, place)
    }
    if low > high { (low, high) = isLogarithmic ? (0, 1) : (0, 1) }
    let margin = Scale.margin(low, high, air, isLogarithmic)
    let limit = Double.greatestFiniteMagnitude
    low = axis.lower.flatMap(placed) ?? max(-limit, low - margin)
    high = axis.upper.flatMap(placed) ?? min(limit, high + margin)
    // limits that the axis has in the wrong order, or that leave nothing between them
    if low > high { (low, high) = (high, low) }
    if low == high { (low, high) = (low - max(0.5, abs(low) / 10), high + max(0.5, abs(high) / 10)) }
    lower = max(-limit, low)
    upper = min(limit, high)
  }

  /// Equal data get a tenth to either side, on a logarithmic scale half a decade.
  private static func margin(_ low: Double, _ high: Double, _ air: Double, _ isLogarithmic: Bool) -> Double {
    if isLogarithmic { return max((high - low) * air, (1 - (high - low)) / 2) }
    if low == high { return low == 0 ? 0.5 : abs(low) / 10 }
    // halves keep the span of the largest doubles finite
    return min((high / 2 - low / 2) * air * 2, Double.greatestFiniteMagnitude)
  }

  private static func place(_ value: Double, _ isLogarithmic: Bool) -> Double? {
    guard value.isFinite, !isLogarithmic || value > 0 else { return nil }
    return isLogarithmic ? Double.log10(value) : value
  }

  /// The place of a number, outside 0 to 1 where it is outside the limits; nil for one that the scale can't show.
  ///
  /// It is finite: what is farther out than `Scale.farthest` is told as being there.
  public func share(_ value: Double) -> Double? {
    guard let place = Scale.place(value, isLogarithmic) else { return nil }
    let span = upper - lower
    // halves keep the span of the largest doubles finite; those of the smallest would be 0
    let share = span.isFinite ? (place - lower) / span : (place / 2 - lower / 2) / (upper / 2 - lower / 2)
    return max(-Scale.farthest, min(Scale.farthest, share))
  }

  /// So many lengths of the axis away nothing is seen, and sums of places are still numbers.
  private static let farthest = 1e9
}
