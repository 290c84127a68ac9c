/// The name of a curve beside its end, instead of a key.
struct DirectLabel: Equatable {
  let name: String
  let color: Color
  /// The height, as a share of the panel's.
  var y: Double
  /// The mean height of the last part of the curve: the order of those that end together.
  var course = 0.0

  /// The names of a panel's curves, moved apart where they would overlap; where there is no room for all, some are left out.
  static func all(_ panel: Panel, _ scales: PanelScales, height: Double) -> [DirectLabel] {
    var seen: Set<String> = []
    var labels = zip(panel.marks, panel.colors).compactMap { mark, color -> DirectLabel? in
      guard let (name, y) = mark.end(scales), !name.isEmpty, seen.insert(name).inserted else { return nil }
      // grey on grey is hard to read
      let isTheory = if case .theory = mark { true } else { false }
      let shade = color ?? Palette.theory
      return DirectLabel(
        name: name, color: isTheory ? shade.mixed(with: Color(hex: 0x2B2B35), 0.45) : shade, y: max(0, min(1, y)),
        course: mark.course(scales))
    }
    let room = max(1, Int(height / GnuplotLook.line))
    if labels.count > room {
      labels = (0..<room).map { labels[$0 * labels.count / room] }
    }
    let distance = GnuplotLook.line / max(height, 1)
    // ends that are closer than half a line are seen as one
    func level(_ label: DirectLabel) -> Double { (label.y / distance * 2).rounded() }
    let sorted = labels.sorted { (level($0), $0.course, $0.y) < (level($1), $1.course, $1.y) }
    return apart(sorted, distance: distance)
  }

  /// Moves neighbours apart, groups of them staying centred where they were.
  private static func apart(_ labels: [DirectLabel], distance: Double) -> [DirectLabel] {
    var groups: [(labels: [DirectLabel], center: Double)] = []
    for label in labels {
      groups.append(([label], label.y))
      while groups.count > 1 {
        let (below, above) = (groups[groups.count - 2], groups[groups.count - 1])
        let needed = distance * Double(below.labels.count + above.labels.count) / 2
        guard above.center - below.center < needed else { break }
        let joined = below.labels + above.labels
        groups.removeLast(2)
        groups.append((joined, settled(joined, distance)))
      }
    }
    return groups.flatMap { group in
      group.labels.enumerated().map { index, label in
        var label = label
        label.y = group.center + (Double(index) - Double(group.labels.count - 1) / 2) * distance
        return label
      }
    }
  }

  /// The mean height of a group, inside the panel.
  private static func settled(_ labels: [DirectLabel], _ distance: Double) -> Double {
    let mean = labels.reduce(0) { $0 + $1.y } / Double(labels.count)
    let half = Double(labels.count - 1) / 2 * distance
    return max(half, min(1 - half, mean))
  }
}

extension Mark {
  /// The mean height of the last third of its points, as a share of the panel's; 0 for what is no curve.
  fileprivate func course(_ scales: PanelScales) -> Double {
    switch self {
    case .line(let series), .theory(let series):
      let shares = series.y.suffix(max(2, series.y.count / 3)).compactMap(scales.y.share)
      return shares.reduce(0) { $0 + $1 / Double(shares.count) }
    default: return 0
    }
  }

  /// Its name and the height of its last point that can be shown, as a share of the panel's.
  fileprivate func end(_ scales: PanelScales) -> (name: String, y: Double)? {
    func last(_ x: [Double], _ y: [Double]) -> Double? {
      zip(x, y).reversed().lazy.compactMap { x, y in scales.x.share(x) == nil ? nil : scales.y.share(y) }.first
    }
    switch self {
    case .line(let series), .theory(let series), .scatter(let series):
      return last(series.x, series.y).map { (series.name, $0) }
    case .band(let band):
      return last(band.x, zip(band.lower, band.upper).map { $0 / 2 + $1 / 2 }).map { (band.name, $0) }
    case .histogram(let bins):
      return bins.trimmed.counts.last.map { (bins.name, scales.y.share($0) ?? 0) }
    case .ridges, .heatmap: return nil
    }
  }
}
