import Kernels

/// Draws histograms and the histograms of layers as bars of blocks.
struct TerminalBars {
  private let scales: PanelScales

  init(_ scales: PanelScales) { self.scales = scales }

  /// A histogram alone in its panel: in each column the highest bin that reaches into it.
  func histogram(_ bins: Bins, _ area: inout TerminalArea, _ color: Color?) {
    var heights = [Double](repeating: 0, count: area.columns)
    eachBin(bins, area.columns) { count, start, end in
      guard let height = scales.y.share(count) else { return }
      for column in columns(start, end, area.columns) {
        // an empty bin of a logarithmic axis is not shown, the smallest of all is
        heights[column] = max(heights[column], height, 1e-9)
      }
    }
    for (column, height) in heights.enumerated() {
      area.bar(column, height: height, from: 0, to: area.lines, color)
    }
  }

  /// The columns whose middle a bin covers, or the one that holds a narrow bin.
  private func columns(_ start: Double, _ end: Double, _ count: Int) -> Range<Int> {
    let (first, last) = (Int((start - 0.5).rounded(.up)), Int((end - 0.5).rounded(.up)))
    if first < last { return max(0, first)..<max(0, min(count, last)) }
    let only = min(count - 1, max(0, Int(start)))
    return only..<only + 1
  }

  /// Calls `body` for each bin that is not empty, with its ends in columns, cut at the limits.
  private func eachBin(_ bins: Bins, _ columns: Int, _ body: (Double, Double, Double) -> Void) {
    for index in 0..<min(bins.counts.count, max(0, bins.edges.count - 1)) where bins.counts[index] > 0 {
      guard let start = scales.x.share(bins.edges[index]), let end = scales.x.share(bins.edges[index + 1]),
        end >= 0, start <= 1
      else { continue }
      body(bins.counts[index], max(0, start) * Double(columns), min(1, end) * Double(columns))
    }
  }

  /// The outline of a histogram among others, as a curve for the dots of an area.
  static func outline(_ bins: Bins) -> Series {
    let trimmed = bins.trimmed
    guard let first = trimmed.edges.first, let last = trimmed.edges.last else { return Series(x: [], y: []) }
    var (x, y) = ([first], [0.0])
    for (index, count) in trimmed.counts.enumerated() {
      x += [trimmed.edges[index], trimmed.edges[index + 1]]
      y += [count, count]
    }
    (x, y) = (x + [last], y + [0])
    return Series(bins.name, x: x, y: y, color: bins.color, hasPoints: false)
  }

  /// Which ridges are shown where not all have a line, the first and the last among them.
  static func shown(_ count: Int, lines: Int) -> [Int] {
    guard count > lines else { return Array(0..<count) }
    return lines < 2 ? [count - 1] : (0..<lines).map { $0 * (count - 1) / (lines - 1) }
  }

  /// Ridges one below the other, each as high as its fullest column; the lines on which their labels stand.
  ///
  /// What falls into a column is shared out by area, since each ridge has bins of its own.
  func ridges(_ ridges: [Ridge], _ area: inout TerminalArea) -> [(label: String, line: Int)] {
    let shown = TerminalBars.shown(ridges.count, lines: area.lines)
    let height = max(1, area.lines / max(shown.count, 1))
    return shown.enumerated().map { place, index in
      let color = Palette.depth(ridges.count > 1 ? Double(index) / Double(ridges.count - 1) : 0)
      let masses = self.masses(ridges[index].bins, area.columns)
      let bottom = (place + 1) * height
      if let most = masses.max(), most > 0 {
        for (column, mass) in masses.enumerated() {
          area.bar(column, height: mass / most, from: bottom - height, to: bottom, ridges[index].bins.color ?? color)
        }
      }
      remark(TerminalText.visible(ridges[index].note, isUnicode: area.abilities.isUnicode), bottom - 1, &area)
      return (ridges[index].label, bottom - 1)
    }
  }

  private func remark(_ text: String, _ line: Int, _ area: inout TerminalArea) {
    for (place, character) in text.enumerated() where TerminalText.width(character) == 1 {
      area.block(character, line: line, column: area.columns - text.count + place, TerminalLook.frame)
    }
  }

  private func masses(_ bins: Bins, _ count: Int) -> [Double] {
    var masses = [Double](repeating: 0, count: count)
    let highest = bins.counts.max() ?? 1
    eachBin(bins, count) { mass, start, end in
      let mass = mass / highest
      guard end - start > 1e-9 else { return masses[min(count - 1, max(0, Int(start)))] += mass }
      for column in max(0, Int(start))..<max(Int(start), min(count, Int(end.rounded(.up)))) {
        let part = min(end, Double(column + 1)) - max(start, Double(column))
        masses[column] += mass * part / (end - start)
      }
    }
    return masses
  }
}
