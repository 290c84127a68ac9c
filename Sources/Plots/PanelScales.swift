import Kernels

/// The scales that all marks of a panel share.
public struct PanelScales {
  /// The histograms of layers, where a panel has them, and how they share its height.
  public struct Ridges {
    /// From the top down.
    public let ridges: [Ridge]
    /// The distance from base line to base line, as a share of the height.
    public let step: Double
    /// How high the highest one is, as a share of the height.
    public let height: Double

    init(_ ridges: [Ridge]) {
      self.ridges = ridges
      let count = Double(ridges.count)
      // Deep nets overlap more, or nothing of each would be seen.
      let overlap = max(count < 4 ? 1.3 : 2.2, count / 16)
      step = 1 / (count - 1 + overlap * 1.08 + min(0.7, count / 12))
      height = overlap * step
    }

    /// The base line of a ridge, counted from 0.
    public func base(_ index: Int) -> Double { 1 - height * 1.08 - Double(index) * step }
  }

  /// The horizontal scale.
  public let x: Scale
  /// The vertical scale; ridges have none.
  public let y: Scale
  /// Whether all horizontal places are whole numbers, as of layers and steps.
  public let countsAlongX: Bool
  /// The ridges, if it has any.
  public let ridges: Ridges?
  /// The heat map, if it has one.
  let heat: HeatGrid?
  private let xNames: [String]
  private let yNames: [String]

  /// Finds what all marks of a panel need.
  public init(_ panel: Panel) {
    (xNames, yNames) = (panel.x.names, panel.y.names)
    let data = panel.marks.map { PanelData($0, panel) }
    let isFilled = data.contains(where: \.isFilled)
    let xs = data.flatMap(\.x)
    countsAlongX = !xs.isEmpty && !isFilled && xs.allSatisfy { !$0.isFinite || $0 == $0.rounded() }
    var across = panel.x
    if countsAlongX, !across.isLogarithmic, let only = xs.first, xs.allSatisfy({ $0 == only }) {
      (across.lower, across.upper) = (across.lower ?? only - 1, across.upper ?? only + 1)
    }
    x = Scale(across, showing: xs, air: isFilled ? 0 : 0.025)
    var axis = panel.y
    if data.contains(where: \.standsOnZero) && axis.lower == nil && !axis.isLogarithmic { axis.lower = 0 }
    y = Scale(axis, showing: data.flatMap(\.y), air: data.contains(where: \.fillsHeight) ? 0 : 0.06)
    let ridges = panel.marks.flatMap { mark -> [Ridge] in
      if case .ridges(let ridges) = mark { ridges } else { [] }
    }
    self.ridges = ridges.isEmpty ? nil : Ridges(ridges)
    heat = panel.marks.lazy.compactMap { if case .heatmap(let map) = $0 { HeatGrid(map, panel) } else { nil } }.first
  }

  /// Numbers or names along the horizontal axis, no more than about `count`.
  func xTicks(atMost count: Int) -> [Tick] {
    xNames.isEmpty
      ? x.ticks(atMost: count, isWhole: countsAlongX) : PanelScales.ticks(xNames, along: x, atMost: count)
  }

  /// Numbers or names along the vertical axis, no more than about `count`.
  func yTicks(atMost count: Int) -> [Tick] {
    yNames.isEmpty ? y.ticks(atMost: count) : PanelScales.ticks(yNames, along: y, atMost: count)
  }

  private static func ticks(_ names: [String], along scale: Scale, atMost count: Int) -> [Tick] {
    let every = (names.count - 1) / max(1, count) + 1
    return names.enumerated().filter { $0.offset % every == 0 }.compactMap { index, name in
      scale.share(Double(index + 1)).map { Tick(share: $0, label: .plain(name)) }
    }
  }

  /// The labels of the ridges at their base lines, as many as there is room for, the first and the last among them.
  func ridgeTicks(_ room: Int) -> [Tick]? {
    ridges.map { ridges in
      let count = ridges.ridges.count
      let every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].first { count <= $0 * max(room, 1) } ?? count
      return ridges.ridges.enumerated().filter { index, _ in
        index % every == every - 1 || (index == 0 && every > 1) || every == 1
      }
      .map { Tick(share: ridges.base($0), label: .plain($1.label)) }
    }
  }

  /// The remarks of the ridges at their base lines.
  var notes: [(name: String, y: Double)] {
    guard let ridges else { return [] }
    let every = max(1, Int((0.025 / ridges.step).rounded(.up)))
    return ridges.ridges.enumerated().filter { !$1.note.isEmpty && $0 % every == 0 }
      .map { ($1.note, ridges.base($0)) }
  }
}

/// The numbers of one mark that the scales must show.
private struct PanelData {
  var x: [Double] = []
  var y: [Double] = []
  /// Whether it goes to both ends of the horizontal axis.
  var isFilled = false
  var standsOnZero = false
  var fillsHeight = false

  init(_ mark: Mark, _ panel: Panel) {
    switch mark {
    case .line(let series), .theory(let series), .scatter(let series): (x, y) = (series.x, series.y)
    case .band(let band): (x, y) = (band.x, band.lower + band.upper)
    case .histogram(let bins):
      (x, y, isFilled, standsOnZero) = (bins.trimmed.edges, bins.counts, true, true)
    case .ridges(let ridges): (x, isFilled) = (ridges.flatMap { $0.bins.trimmed.edges }, true)
    case .heatmap(let map):
      let grid = HeatGrid(map, panel)
      (x, y, isFilled, fillsHeight) = (grid.x, grid.y, true, true)
    }
  }
}

extension Bins {
  /// Without the empty bins at its ends; nothing where all are empty.
  public var trimmed: Bins {
    let count = min(counts.count, edges.count - 1)
    guard count > 0, let first = counts.prefix(count).firstIndex(where: { $0 > 0 }),
      let last = counts.prefix(count).lastIndex(where: { $0 > 0 })
    else { return Bins(name, edges: [], counts: [], color: color) }
    return Bins(name, edges: Array(edges[first...last + 1]), counts: Array(counts[first...last]), color: color)
  }
}
