import Kernels

/// Draws curves, points and bands into the dots of an area.
struct TerminalCurves {
  private let scales: PanelScales
  /// Points are drawn larger than a dot where a line goes through them and there are few enough.
  private static let cellsAPoint = 3
  /// Far outside; the slope of a line that leaves the panel need not be exact, but its ends must be finite.
  private static let farthest = 1e6

  init(_ scales: PanelScales) { self.scales = scales }

  /// A place in dots, fractional and perhaps outside; nil for what the scales can't show.
  private func place(_ x: Double, _ y: Double, _ area: TerminalArea) -> (x: Double, y: Double)? {
    guard let across = scales.x.share(x), let up = scales.y.share(y) else { return nil }
    let far = TerminalCurves.farthest
    return (
      max(-far, min(far, across)) * Double(area.width - 1), max(-far, min(far, up)) * Double(area.height - 1)
    )
  }

  /// Points alone.
  func scatter(_ series: Series, _ area: inout TerminalArea, _ pen: TerminalArea.Pen) throws {
    for index in 0..<min(series.x.count, series.y.count) {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      guard let place = place(series.x[index], series.y[index], area) else { continue }
      area.dot(Int(place.x.rounded()), Int(place.y.rounded()), pen)
    }
  }

  /// Points joined by lines, broken where a point can't be shown.
  func line(_ series: Series, _ area: inout TerminalArea, _ pen: TerminalArea.Pen) throws {
    let count = min(series.x.count, series.y.count)
    let isMarked = series.hasPoints && count > 1 && count * TerminalCurves.cellsAPoint <= area.columns
    try trace(series, area.width, area.height, area) { x, y in area.dot(x, y, pen) }
    guard isMarked, !area.usesSigns else { return }
    for index in 0..<count {
      guard let place = place(series.x[index], series.y[index], area) else { continue }
      let (x, y) = (Int(place.x.rounded()), Int(place.y.rounded()))
      guard 0..<area.width ~= x, 0..<area.height ~= y else { continue }
      for (right, up) in [(0, 1), (1, 0), (1, 1)] { area.dot(x + right, y + up, pen) }
    }
  }

  /// A curve as a wide shade.
  func theory(_ series: Series, _ area: inout TerminalArea) throws {
    try trace(series, area.width, area.height, area) { x, y in area.shade(x, y) }
  }

  /// What lies between two curves, as every other dot of every other line.
  func band(_ band: Band, _ area: inout TerminalArea, _ pen: TerminalArea.Pen) throws {
    let count = min(band.x.count, band.lower.count, band.upper.count)
    var last: (x: Double, low: Double, high: Double)?
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      guard let low = place(band.x[index], band.lower[index], area),
        let high = place(band.x[index], band.upper[index], area)
      else {
        last = nil
        continue
      }
      let here = (x: low.x, low: min(low.y, high.y), high: max(low.y, high.y))
      fill(from: last ?? here, to: here, &area, pen)
      last = here
    }
  }

  private func fill(
    from start: (x: Double, low: Double, high: Double), to end: (x: Double, low: Double, high: Double),
    _ area: inout TerminalArea, _ pen: TerminalArea.Pen
  ) {
    let (left, right) = (min(start.x, end.x).rounded(), max(start.x, end.x).rounded())
    for x in stride(from: max(0, Int(left)), through: min(area.width - 1, Int(right)), by: 1) {
      let share = right > left ? max(0, min(1, (Double(x) - start.x) / (end.x - start.x))) : 1
      let (low, high) = (
        start.low + (end.low - start.low) * share, start.high + (end.high - start.high) * share
      )
      let (bottom, top) = (Int(low.rounded()), Int(high.rounded()))
      for y in stride(from: max(0, bottom), through: min(area.height - 1, top), by: 1)
      where (x % 2 == 0 && y % 2 == 0) || y == bottom || y == top {
        area.dot(x, y, pen)
      }
    }
  }

  /// Calls `dot` for every dot of a curve; of many points in one column of dots only the first, the lowest, the highest and the
  /// last count.
  private func trace(
    _ series: Series, _ width: Int, _ height: Int, _ area: TerminalArea, _ dot: (Int, Int) -> Void
  ) throws {
    var (column, low, high): (Int?, Double, Double) = (nil, 0, 0)
    var previous: (x: Double, y: Double)?
    for index in 0..<min(series.x.count, series.y.count) {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      guard let place = place(series.x[index], series.y[index], area) else {
        (previous, column) = (nil, nil)
        continue
      }
      let here = Int(place.x.rounded())
      defer { previous = place }
      if column == here, place.y >= low, place.y <= high, previous != nil { continue }
      TerminalCurves.segment(previous ?? place, place, width, height, dot)
      if column != here { (column, low, high) = (here, place.y, place.y) }
      (low, high) = (min(low, place.y), max(high, place.y))
    }
  }

  /// A straight line, cut at the edges.
  private static func segment(
    _ start: (x: Double, y: Double), _ end: (x: Double, y: Double), _ width: Int, _ height: Int,
    _ dot: (Int, Int) -> Void
  ) {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    var (first, last) = (0.0, 1.0)
    for (from, change, limit) in [(start.x, dx, Double(width) - 0.5), (start.y, dy, Double(height) - 0.5)] {
      let (low, high) = (-0.5, limit)
      if change == 0 {
        if from < low || from >= high { return }
        continue
      }
      let (a, b) = ((low - from) / change, (high - from) / change)
      first = max(first, min(a, b))
      last = min(last, max(a, b))
    }
    guard first <= last else { return }
    let steps = max(1, Int((max(abs(dx), abs(dy)) * (last - first)).rounded(.up)))
    for step in 0...steps {
      let share = first + (last - first) * Double(step) / Double(steps)
      dot(Int((start.x + dx * share).rounded()), Int((start.y + dy * share).rounded()))
    }
  }
}
