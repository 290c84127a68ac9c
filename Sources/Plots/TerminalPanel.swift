/// One panel as cells: title, names, frame with numbers, marks, remarks.
struct TerminalPanel {
  /// With fewer columns names stand above the panel and not beside it.
  private static let columnsForNames = 40
  /// Fewer columns than these are no picture: numbers and names give way.
  private static let leastColumns = 10
  private static let leastLines = 2
  /// The title, the axis and its label, the label of the other axis, the key of a map.
  private static let linesBesideRows = 6
  /// About what the numbers at the vertical axis take.
  private static let columnsForNumbers = 8

  private let panel: Panel
  private let scales: PanelScales
  private let abilities: TerminalAbilities
  private let leftOut: LeftOut
  private let columns: Int
  private let lines: Int

  /// Lays a panel out in so many cells.
  init(_ panel: Panel, columns: Int, lines: Int, _ abilities: TerminalAbilities) {
    let panel = TerminalPanel.readable(panel, columns: columns, lines: lines, abilities)
    (self.panel, self.columns, self.lines, self.abilities) = (panel, columns, lines, abilities)
    scales = PanelScales(panel)
    leftOut = LeftOut(panel, scales)
  }

  /// The panel with names that do nothing to a terminal, and with numbers where the names along an axis have no room.
  private static func readable(_ panel: Panel, columns: Int, lines: Int, _ abilities: TerminalAbilities) -> Panel {
    var panel = panel
    func visible(_ text: String) -> String { TerminalText.visible(text, isUnicode: abilities.isUnicode) }
    panel.x.names = panel.x.names.map(visible)
    panel.y.names = panel.y.names.map(visible)
    func widest(_ axis: Axis) -> Int { axis.names.map { TerminalText.width($0) }.max() ?? 0 }
    panel.y = panel.y.numbered(
      unless: widest(panel.y) <= columns / 4 && panel.y.names.count <= lines - linesBesideRows)
    let room = columns - (panel.y.names.isEmpty ? columnsForNumbers : widest(panel.y) + 2)
    panel.x = panel.x.numbered(unless: panel.x.names.count * (widest(panel.x) + 1) <= room)
    return panel
  }

  // MARK: Layout

  /// The cells.
  ///
  /// - Throws: `Interrupted`.
  func grid() throws -> TerminalGrid {
    guard !leftOut.isEverything else { return blank() }
    let (above, below) = (head, foot)
    let height = fitted(lines: max(TerminalPanel.leastLines, lines - above.count - below.count - axisLines))
    let numbers = verticalNumbers(height)
    let names = isNamedBeside ? DirectLabel.all(panel, scales, height: Double(height) * GnuplotLook.line) : []
    let (left, right) = margins(numbers.map(\.label), names.map(name))
    var area = TerminalArea(
      columns: fitted(columns: max(1, columns - left - right)), lines: height, abilities, usesSigns: usesSigns)
    try draw(&area)
    var grid = TerminalGrid(columns: columns, lines: above.count + height + axisLines + below.count)
    for (line, row) in above.enumerated() { grid.put(row, line: line, column: 0) }
    grid.put(area.grid(), line: above.count, column: left)
    frame(&grid, top: above.count, left: left, area, numbers)
    put(names, &grid, top: above.count, column: left + area.columns + 1, height: height, room: right - 1)
    for (line, row) in below.enumerated() { grid.put(row, line: above.count + height + axisLines + line, column: 0) }
    return grid
  }

  /// The lines of the horizontal axis, its numbers and its label.
  private var axisLines: Int { panel.x.label.isEmpty ? 2 : 3 }

  /// A number of columns in which all bins of a histogram, or all cells of a heat map, are equally wide.
  private func fitted(columns: Int) -> Int {
    guard panel.x.lower == nil, panel.x.upper == nil, panel.marks.count == 1 || scales.heat != nil else {
      return columns
    }
    var parts = scales.heat.map { $0.x.count - 1 } ?? 1
    if case .histogram(let bins) = panel.marks.first { parts = bins.trimmed.counts.count }
    return parts > 0 && parts <= columns ? columns / parts * parts : columns
  }

  /// A number of lines in which all ridges, or all rows of a heat map, are equally high.
  private func fitted(lines: Int) -> Int {
    let isFree = panel.y.lower == nil && panel.y.upper == nil
    let parts = scales.ridges?.ridges.count ?? (isFree ? scales.heat.map { $0.y.count - 1 } : nil) ?? 1
    return parts > 0 && parts <= lines ? lines / parts * parts : lines
  }

  /// What stands where nothing can be drawn.
  private func blank() -> TerminalGrid {
    let rows = head + [row("nothing to draw", color: TerminalLook.frame)] + foot
    var grid = TerminalGrid(columns: columns, lines: rows.count)
    for (line, row) in rows.enumerated() { grid.put(row, line: line, column: 0) }
    return grid
  }

  private func margins(_ numbers: [String], _ names: [String]) -> (left: Int, right: Int) {
    var left = (numbers.map { TerminalText.width($0) }.max() ?? 0) + 2
    var right = names.map { min(TerminalText.width($0), columns / 4) + 1 }.max() ?? 0
    if columns - left - right < TerminalPanel.leastColumns { right = 0 }
    if columns - left - right < TerminalPanel.leastColumns { left = columns > TerminalPanel.leastColumns ? 1 : 0 }
    return (left, right)
  }

  private func row(_ text: String, color: Color? = nil) -> TerminalGrid {
    var row = TerminalGrid(columns: columns, lines: 1)
    row.put(
      TerminalText.clipped(visible(text), to: columns, isUnicode: abilities.isUnicode), line: 0, column: 0, color)
    return row
  }

  private func visible(_ text: String) -> String { TerminalText.visible(text, isUnicode: abilities.isUnicode) }

  /// The lines above the frame.
  private var head: [TerminalGrid] {
    var rows = panel.title.isEmpty ? [] : [row(panel.title)]
    if !isNamedBeside { rows += namesAbove }
    if !panel.y.label.isEmpty { rows.append(row(panel.y.label, color: TerminalLook.frame)) }
    return rows
  }

  /// The lines below the horizontal axis.
  private var foot: [TerminalGrid] {
    var rows: [TerminalGrid] = []
    if let heat = scales.heat, !leftOut.isEverything {
      rows.append(TerminalHeat(heat, scales, abilities).key(columns: columns))
    }
    for remark in [hidden, leftOut.text, panel.note] where !remark.isEmpty {
      rows += TerminalText.wrapped(visible(remark), to: columns, isUnicode: abilities.isUnicode)
        .map { row($0, color: TerminalLook.frame) }
    }
    return rows
  }

  /// Says that not every ridge has a line.
  private var hidden: String {
    guard let count = scales.ridges?.ridges.count, count > mostRidges else { return "" }
    return "\(mostRidges) of \(count) rows are shown"
  }

  /// How many ridges have a line beside the other lines of the panel.
  private var mostRidges: Int {
    // the line that says so is one of them
    let others = (panel.title.isEmpty ? 0 : 1) + (panel.y.label.isEmpty ? 0 : 1) + axisLines + 1
    return max(TerminalPanel.leastLines, lines - others)
  }

  // MARK: Marks

  private func draw(_ area: inout TerminalArea) throws {
    let curves = TerminalCurves(scales)
    let isAlone = panel.marks.count { if case .histogram = $0 { true } else { false } } == 1
    for (index, mark) in panel.marks.enumerated() {
      let pen = pen(index)
      switch mark {
      case .line(let series): try curves.line(series, &area, pen)
      case .theory(let series): try curves.theory(series, &area)
      case .scatter(let series): try curves.scatter(series, &area, pen)
      case .band(let band): try curves.band(band, &area, pen)
      case .histogram(let bins):
        if isAlone {
          TerminalBars(scales).histogram(bins, &area, pen.color)
        } else {
          try curves.line(TerminalBars.outline(bins), &area, pen)
        }
      case .ridges(let ridges): _ = TerminalBars(scales).ridges(ridges, &area)
      case .heatmap:
        if let heat = scales.heat { try TerminalHeat(heat, scales, abilities).draw(&area) }
      }
    }
  }

  private func pen(_ index: Int) -> TerminalArea.Pen {
    if case .band = panel.marks[index] { return TerminalArea.Pen(color: panel.colors[index], sign: ":") }
    let place = panel.marks[..<index].count { $0.hasSign }
    return TerminalArea.Pen(
      color: panel.colors[index], sign: TerminalLook.signs[min(place, TerminalLook.signs.count - 1)])
  }

  // MARK: Names

  private var isNamedBeside: Bool { columns >= TerminalPanel.columnsForNames }

  /// Signs tell marks apart where there is no braille, and where there are no colours and the ends of curves don't.
  private var usesSigns: Bool {
    if !abilities.isUnicode { return true }
    guard abilities.colors == .none else { return false }
    let clouds = panel.marks.count { if case .scatter = $0 { true } else { false } }
    return clouds > 1 || (!isNamedBeside && panel.marks.count { $0.hasSign && !$0.name.isEmpty } > 1)
  }

  private var named: [(name: String, color: Color?)] {
    var seen: Set<String> = []
    return zip(panel.marks.indices, panel.marks).compactMap { index, mark in
      guard !mark.name.isEmpty, seen.insert(mark.name).inserted else { return nil }
      return (signed(mark.name, index), panel.colors[index])
    }
  }

  /// A name behind the sign of its mark.
  private func signed(_ name: String, _ index: Int) -> String {
    let shade: Character = abilities.isUnicode ? "\u{2591}" : "."
    let mark = panel.marks[index]
    if case .theory = mark { return "\(shade) \(visible(name))" }
    return usesSigns ? "\(pen(index).sign) \(visible(name))" : visible(name)
  }

  private func name(_ label: DirectLabel) -> String {
    panel.marks.firstIndex { $0.name == label.name }.map { signed(label.name, $0) } ?? visible(label.name)
  }

  private func put(
    _ names: [DirectLabel], _ grid: inout TerminalGrid, top: Int, column: Int, height: Int, room: Int
  ) {
    guard room > 0 else { return }
    var free = Set(0..<height)
    for label in names {
      let wanted = height - 1 - min(height - 1, max(0, Int(label.y * Double(height))))
      guard let line = free.min(by: { (abs($0 - wanted), $0) < (abs($1 - wanted), $1) }) else { return }
      free.remove(line)
      let text = TerminalText.clipped(name(label), to: room, isUnicode: abilities.isUnicode)
      grid.put(text, line: top + line, column: column, label.color)
    }
  }

  /// The names in lines above the panel.
  private var namesAbove: [TerminalGrid] {
    var rows: [TerminalGrid] = []
    var place = 0
    for entry in named {
      let text = TerminalText.clipped(entry.name, to: columns, isUnicode: abilities.isUnicode)
      if rows.isEmpty || place + TerminalText.width(text) > columns {
        rows.append(TerminalGrid(columns: columns, lines: 1))
        place = 0
      }
      rows[rows.count - 1].put(text, line: 0, column: place, entry.color)
      place += TerminalText.width(text) + 2
    }
    return rows
  }

  // MARK: Frame

  /// The numbers at the vertical axis and their lines; the labels of ridges instead.
  private func verticalNumbers(_ height: Int) -> [(label: String, line: Int)] {
    if let ridges = scales.ridges {
      var area = TerminalArea(columns: 1, lines: height, abilities, usesSigns: false)
      return TerminalBars(scales).ridges(ridges.ridges, &area).map {
        (TerminalText.clipped(visible($0.label), to: max(1, columns / 4), isUnicode: abilities.isUnicode), $0.line)
      }
    }
    var free = Set(0..<height)
    return TerminalNumber.ticks(
      scales.yTicks(atMost: panel.y.names.isEmpty ? max(2, height / 3) : height)
    ).compactMap { label, share in
      let line = height - 1 - Int((share * Double(4 * height - 1)).rounded()) / 4
      return free.remove(line).map { (label, $0) }
    }
  }

  private func frame(
    _ grid: inout TerminalGrid, top: Int, left: Int, _ area: TerminalArea, _ numbers: [(label: String, line: Int)]
  ) {
    let signs = abilities.isUnicode ? Array("\u{2502}\u{2524}\u{2514}\u{2500}\u{252C}") : Array("|++-+")
    let color = TerminalLook.frame
    for line in 0..<area.lines { grid.put(signs[0], line: top + line, column: left - 1, color) }
    for number in numbers {
      grid.put(signs[1], line: top + number.line, column: left - 1, color)
      let place = left - 2 - TerminalText.width(number.label)
      if place >= 0 { grid.put(number.label, line: top + number.line, column: place, color) }
    }
    let bottom = top + area.lines
    grid.put(signs[2], line: bottom, column: left - 1, color)
    for column in 0..<area.columns { grid.put(signs[3], line: bottom, column: left + column, color) }
    for (label, column) in horizontalNumbers(area.columns) {
      grid.put(signs[4], line: bottom, column: left + column, color)
      let width = TerminalText.width(label)
      let start = max(0, min(columns - width, left + column - width / 2))
      grid.put(label, line: bottom + 1, column: start, color)
    }
    let label = TerminalText.clipped(visible(panel.x.label), to: columns, isUnicode: abilities.isUnicode)
    let middle = left + (area.columns - TerminalText.width(label)) / 2
    grid.put(label, line: bottom + 2, column: max(0, min(columns - TerminalText.width(label), middle)), color)
  }

  /// The numbers at the horizontal axis and their columns, as many as don't touch.
  private func horizontalNumbers(_ width: Int) -> [(label: String, column: Int)] {
    // words are told apart by a space, numbers by two
    let gap = panel.x.names.isEmpty ? 1 : 0
    for count in stride(from: max(2, width / 6, panel.x.names.count), through: 2, by: -1) {
      let numbers = horizontalNumbers(width, atMost: count)
      let isFree = zip(numbers, numbers.dropFirst()).allSatisfy { one, next in
        next.column - one.column > (TerminalText.width(one.label) + TerminalText.width(next.label)) / 2 + gap
      }
      if isFree { return numbers }
    }
    return Array(horizontalNumbers(width, atMost: 2).prefix(1))
  }

  private func horizontalNumbers(_ width: Int, atMost count: Int) -> [(label: String, column: Int)] {
    TerminalNumber.ticks(scales.xTicks(atMost: count)).map { label, share in
      (label, Int((share * Double(2 * width - 1)).rounded()) / 2)
    }
  }
}

extension Mark {
  /// What it is called; empty for ridges and heat maps.
  var name: String {
    switch self {
    case .line(let series), .theory(let series), .scatter(let series): series.name
    case .band(let band): band.name
    case .histogram(let bins): bins.name
    case .ridges, .heatmap: ""
    }
  }

  /// Whether a sign may stand for its dots.
  var hasSign: Bool {
    switch self {
    case .line, .scatter, .histogram: true
    case .theory, .band, .ridges, .heatmap: false
    }
  }
}
