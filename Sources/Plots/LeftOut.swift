/// How many numbers of a panel can't be shown, and why.
public struct LeftOut: Equatable, Sendable {
  /// NaN or infinite.
  public private(set) var notFinite = 0
  /// Zero or negative on a logarithmic axis; of bins, those that begin there.
  public private(set) var notPositive = 0
  /// Beyond the limits that an axis was given.
  public private(set) var outside = 0
  /// How many are shown.
  public private(set) var shown = 0

  /// Counts the points, bins and cells of a panel.
  public init(_ panel: Panel, _ scales: PanelScales) {
    for mark in panel.marks {
      switch mark {
      case .line(let series), .theory(let series), .scatter(let series):
        count(panel, scales, min(series.x.count, series.y.count)) { (series.x[$0], series.y[$0], series.y[$0]) }
      case .band(let band):
        count(panel, scales, min(band.x.count, band.lower.count, band.upper.count)) {
          (band.x[$0], band.lower[$0], band.upper[$0])
        }
      case .histogram(let bins): count(bins, panel)
      case .ridges(let ridges):
        for ridge in ridges { count(ridge.bins, panel) }
        shown += ridges.count { !$0.note.isEmpty }
      case .heatmap(let map): count(map)
      }
    }
  }

  private mutating func count(
    _ panel: Panel, _ scales: PanelScales, _ count: Int, _ point: (Int) -> (Double, Double, Double)
  ) {
    for index in 0..<count {
      let (x, low, high) = point(index)
      if !(x.isFinite && low.isFinite && high.isFinite) {
        notFinite += 1
      } else if (panel.x.isLogarithmic && x <= 0) || (panel.y.isLogarithmic && min(low, high) <= 0) {
        notPositive += 1
      } else if panel.x.excludes(x) || (panel.y.excludes(low) && panel.y.excludes(high)) {
        outside += 1
      } else {
        shown += 1
      }
    }
  }

  /// A bin that begins at or below 0 has no place on a logarithmic axis.
  private mutating func count(_ bins: Bins, _ panel: Panel) {
    let bins = bins.trimmed
    for (count, edge) in zip(bins.counts, bins.edges) {
      if panel.x.isLogarithmic && edge <= 0 {
        notPositive += count > 0 ? 1 : 0
      } else {
        shown += 1
      }
    }
  }

  private mutating func count(_ map: Heatmap) {
    for value in map.values.joined() {
      if !value.isFinite {
        notFinite += 1
      } else if map.isLogarithmic && value <= 0 {
        notPositive += 1
      } else {
        shown += 1
      }
    }
  }

  /// Whether there is nothing that could be drawn: a line between points outside the limits may still cross the panel.
  public var isEverything: Bool { shown + outside == 0 }

  /// What is missing, in words; empty where nothing is.
  public var text: String {
    let parts = [
      (notFinite, "not finite"), (notPositive, "not above 0 on a logarithmic scale"), (outside, "outside the limits"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.isEmpty ? "" : "left out: " + parts.joined(separator: ", ")
  }
}

extension Axis {
  /// Whether its own limits leave a number out.
  fileprivate func excludes(_ value: Double) -> Bool {
    (lower.map { value < $0 } ?? false) || (upper.map { value > $0 } ?? false)
  }
}
