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

  init(_ map: Heatmap) {
    let columns = map.values.map(\.count).min() ?? 0
    let (across, up) = (
      HeatGrid.groups(columns, HeatGrid.mostColumns), HeatGrid.groups(map.values.count, HeatGrid.mostRows)
    )
    let (xs, ys) = (HeatGrid.limits(map.x, columns), HeatGrid.limits(map.y, map.values.count))
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

  /// The limits lie halfway between the places.
  private static func limits(_ places: [Double]?, _ count: Int) -> [Double] {
    guard count > 0 else { return [0] }
    let given = places.flatMap { $0.count == count && $0.allSatisfy(\.isFinite) ? $0 : nil }
    let places = given ?? (1...count).map(Double.init)
    if count == 1 { return [places[0] - 0.5, places[0] + 0.5] }
    let inner = zip(places, places.dropFirst()).map { $0 / 2 + $1 / 2 }
    return [2 * places[0] - inner[0]] + inner + [2 * places[count - 1] - inner[count - 2]]
  }

  private static func mean(_ values: [Double]) -> Double {
    let finite = values.filter(\.isFinite)
    return finite.isEmpty ? .nan : finite.reduce(0) { $0 + $1 / Double(finite.count) }
  }
}
