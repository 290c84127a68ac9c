import Kernels

/// One panel as commands: its axes, its labels and what it draws.
struct GnuplotPanel {
  private static let titleHeight = 36.0
  private static let ticsHeight = 26.0
  private static let labelHeight = 28.0
  private static let axisLabelWidth = 28.0
  private static let tickLength = 14.0
  private static let gap = 10.0
  private static let longestName = 28
  /// About what stands beside a map: the colours with their numbers, and the label of the other axis.
  private static let roomForHeatKey = 180.0

  private let panel: Panel
  private let format: GnuplotFormat
  private let box: GnuplotLayout.Box
  private let scales: PanelScales
  private let xTicks: [Tick]
  private let yTicks: [Tick]
  private let names: [DirectLabel]
  private let key: GnuplotHeatKey?
  /// How far left of the axis its label stands.
  private let beside: Double
  /// What is drawn, from back to front.
  let drawings: [GnuplotDrawing]

  init(_ panel: Panel, in outer: GnuplotLayout.Box, _ format: GnuplotFormat, margins: Margins) {
    self.panel = panel
    self.format = format
    scales = PanelScales(panel)
    var box = GnuplotPanel.inner(panel, outer)
    box.left += margins.left
    box.right -= margins.right
    // nothing turns inside out on a small canvas
    box.right = max(box.right, box.left + 8)
    let parts = Parts(panel, scales, height: box.height)
    (yTicks, names, key) = (parts.yTicks, parts.names, parts.key)
    beside = parts.tickWidth + GnuplotPanel.tickLength + GnuplotPanel.axisLabelWidth / 2
    let counts = scales.countsAlongX && scales.x.upper < 1000
    xTicks = scales.xTicks(
      atMost: panel.x.names.isEmpty ? Int(box.width / (counts ? 48 : 80)) : panel.x.names.count)
    drawings = GnuplotMarks(panel, scales, format, width: box.width, height: box.height).drawings
    self.box = box
  }

  /// Where the axes are from the bottom to the top: between the title and the label.
  private static func inner(_ panel: Panel, _ outer: GnuplotLayout.Box) -> GnuplotLayout.Box {
    var box = outer
    box.top -= panel.title.isEmpty ? gap : titleHeight
    box.bottom += ticsHeight + (panel.x.label.isEmpty ? 0 : labelHeight)
    box.top = max(box.top, box.bottom + 8)
    return box
  }

  /// The panel with numbers where the names along an axis have no room.
  static func readable(_ panel: Panel, in outer: GnuplotLayout.Box) -> Panel {
    var panel = panel
    let height = inner(panel, outer).height
    panel.y = panel.y.numbered(unless: Double(panel.y.names.count) * GnuplotLook.line <= height)
    let widest = width(of: panel.x.names)
    let room = outer.width - width(of: panel.y.names) - roomForHeatKey
    panel.x = panel.x.numbered(unless: Double(panel.x.names.count) * (widest + gap) <= room)
    return panel
  }

  private static func width(of names: [String]) -> Double {
    names.map { GnuplotText.width(GnuplotText.clipped($0, longestName)) }.max() ?? 0
  }

  /// What a panel needs beside its axes, in pixels.
  struct Margins {
    var left = 0.0
    var right = 0.0

    /// The margins that hold for all panels of a column, so that their axes stand below each other.
    init(_ panels: [Panel], in boxes: [GnuplotLayout.Box]) {
      for (panel, box) in zip(panels, boxes) {
        let parts = Parts(panel, PanelScales(panel), height: GnuplotPanel.inner(panel, box).height)
        let label = panel.y.label.isEmpty ? 0 : axisLabelWidth
        left = max(left, parts.tickWidth + tickLength + label)
        let name = parts.nameWidth > 0 ? parts.nameWidth + 2 * gap : gap
        right = max(right, name + (parts.key?.width ?? 0))
      }
    }
  }

  /// What stands left and right of the axes.
  private struct Parts {
    let yTicks: [Tick]
    let names: [DirectLabel]
    let key: GnuplotHeatKey?

    init(_ panel: Panel, _ scales: PanelScales, height: Double) {
      yTicks =
        scales.ridgeTicks(Int(height / GnuplotLook.line))
        ?? scales.yTicks(atMost: panel.y.names.isEmpty ? Int(height / 48) : panel.y.names.count)
      names = DirectLabel.all(panel, scales, height: height)
      key = scales.heat.map { GnuplotHeatKey($0, height: height) }
    }

    var tickWidth: Double { yTicks.map { GnuplotText.width(GnuplotPanel.plain($0)) }.max() ?? 0 }

    var nameWidth: Double {
      names.map { GnuplotText.width(GnuplotText.clipped($0.name, longestName)) }.max() ?? 0
    }
  }

  /// The tick as it looks, exponents and all.
  private static func plain(_ tick: Tick) -> String {
    if case .power(let exponent) = tick.label { "10" + "\(exponent)".prefix(4) } else { tick.text }
  }

  /// The commands before `plot`.
  func settings(_ width: Double, _ height: Double) -> String {
    let n = GnuplotScript.number
    var lines = [
      "set lmargin at screen \(n(box.left / width))", "set rmargin at screen \(n(box.right / width))",
      "set bmargin at screen \(n(box.bottom / height))", "set tmargin at screen \(n(box.top / height))",
    ]
    let isBare = scales.ridges != nil
    lines.append("set border \(isBare ? 1 : 3) lw 1.3 lc rgb '#9a9aa6'")
    lines.append("set grid xtics \(isBare ? "noytics" : "ytics") back lt 1 lw 1 lc rgb '#\(GnuplotLook.grid)'")
    lines.append(tics("x", xTicks, isUserText: !panel.x.names.isEmpty))
    lines.append(tics("y", yTicks, isUserText: isBare || !panel.y.names.isEmpty))
    lines += labels
    return lines.joined(separator: "\n")
  }

  private func tics(_ axis: String, _ ticks: [Tick], isUserText: Bool) -> String {
    if ticks.isEmpty { return "unset \(axis)tics" }
    let list = ticks.map { tick in
      let text: String
      switch tick.label {
      case .plain(let label):
        text = GnuplotText.quoted(label, longest: GnuplotPanel.longestName, isFormat: true)
      case .power(let exponent): text = "'10^{\(exponent)}'"
      }
      return "\(text) \(GnuplotScript.number(tick.share))"
    }
    return "set \(axis)tics out nomirror scale 0.5 \(isUserText ? "noenhanced" : "enhanced") "
      + "textcolor rgb '#\(GnuplotLook.ink)' (\(list.joined(separator: ", ")))"
  }

  /// The title, what the axes say, the names of the curves and remarks.
  private var labels: [String] {
    let ink = "tc rgb '#\(GnuplotLook.ink)'"
    var lines: [String] = []
    func add(_ text: String, _ x: Double, _ y: Double, _ look: String, longest: Double) {
      guard !text.isEmpty else { return }
      let quoted = GnuplotText.quoted(text, longest: max(8, Int(longest / GnuplotLook.character)))
      let place = "\(GnuplotScript.number(x / box.width)),\(GnuplotScript.number(y / box.height))"
      lines.append("set label \(quoted) at graph \(place) noenhanced front \(look)")
    }
    let bold = "center font '\(format.font(GnuplotLook.text, isBold: true))' \(ink)"
    add(panel.title, box.width / 2, box.height + 20, bold, longest: box.width + 80)
    let below = GnuplotPanel.ticsHeight + 18
    add(panel.x.label, box.width / 2, -below, "center \(ink)", longest: box.width + 80)
    add(panel.y.label, -beside, box.height / 2, "center rotate by 90 \(ink)", longest: box.height + 20)
    for name in names {
      add(
        GnuplotText.clipped(name.name, GnuplotPanel.longestName), box.width + 2 * GnuplotPanel.gap - 6,
        name.y * box.height, "left tc rgb '#\(name.color.hexadecimal)'", longest: 1e4)
    }
    let pale = "tc rgb '#\(GnuplotLook.pale)'"
    if drawings.isEmpty && scales.notes.isEmpty {
      add(
        scales.y.isLogarithmic ? "no numbers above 0 to draw" : "no finite numbers to draw",
        box.width / 2, box.height / 2, "center \(pale)", longest: 1e4)
    }
    for note in scales.notes {
      add(note.name, box.width - 6, note.y * box.height + 8, "right \(pale)", longest: box.width)
    }
    return lines + (key?.labels(box) ?? [])
  }
}
