import Kernels

/// A heat map as cells with limits, few enough to be drawn one by one.
struct HeatGrid {
  private static let mostColumns = 240
  private static let mostRows = 160

  /// The limits of the columns, one more than there are.
  let x: [Double]
  /// The limits of the rows from the bottom up.
  let y: [Double]
  /// The rows from the bottom up; means of the finite numbers where several cells were joined, NaN without any.
  let values: [[Double]]
  let label: String
  /// Where a number lies between dark and bright.
  let scale: Scale

  /// Lays the cells out along the axes of a panel.
  init(_ map: Heatmap, _ panel: Panel) {
    let columns = map.values.map(\.count).min() ?? 0
    let (across, up) = (
      HeatGrid.groups(columns, HeatGrid.mostColumns), HeatGrid.groups(map.values.count, HeatGrid.mostRows)
    )
    let xs = HeatGrid.limits(map.x, columns, panel.x)
    let ys = HeatGrid.limits(map.y, map.values.count, panel.y)
    x = (across.map(\.lowerBound) + [columns]).map { xs[$0] }
    y = (up.map(\.lowerBound) + [map.values.count]).map { ys[$0] }
    values = up.map { rows in
      across.map { columns in HeatGrid.mean(map.values[rows].flatMap { $0[columns] }) }
    }
    label = map.label
    scale = Scale(Axis(isLogarithmic: map.isLogarithmic), showing: values.joined(), air: 0)
  }

  private static func groups(_ count: Int, _ most: Int) -> [Range<Int>] {
    let parts = min(count, most)
    return (0..<parts).map { $0 * count / parts..<($0 + 1) * count / parts }
  }

  /// The limits lie halfway between the places as the axis shows them: on a logarithmic one at their geometric means, so that
  /// they have places too.
  private static func limits(_ places: [Double]?, _ count: Int, _ axis: Axis) -> [Double] {
    guard count > 0 else { return [0] }
    let given = places.flatMap { $0.count == count && $0.allSatisfy(\.isFinite) ? $0 : nil }
    let places = given ?? (1...count).map(Double.init)
    guard axis.isLogarithmic, places.allSatisfy({ $0 > 0 }) else { return limits(places) }
    return limits(places.map(Double.log10)).map {
      max(.leastNonzeroMagnitude, min(.greatestFiniteMagnitude, Double.exp10($0)))
    }
  }

  private static func limits(_ places: [Double]) -> [Double] {
    let (first, last) = (places[0], places[places.count - 1])
    guard places.count > 1 else {
      let half = max(0.5, abs(first) / 1e6)
      return [finite(first - half), finite(first + half)]
    }
    let inner = zip(places, places.dropFirst()).map { $0 / 2 + $1 / 2 }
    return [finite(first + (first - inner[0]))] + inner + [finite(last + (last - inner[inner.count - 1]))]
  }

  private static func finite(_ value: Double) -> Double {
    max(-.greatestFiniteMagnitude, min(.greatestFiniteMagnitude, value))
  }

  private static func mean(_ values: [Double]) -> Double {
    let finite = values.filter(\.isFinite)
    return finite.isEmpty ? .nan : finite.reduce(0) { $0 + $1 / Double(finite.count) }
  }
}
