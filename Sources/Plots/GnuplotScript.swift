import Kernels

/// The commands that draw a figure.
struct GnuplotScript {
  private(set) var text = ""

  init(_ figure: Figure, _ format: GnuplotFormat, width: Int, height: Int) {
    let layout = GnuplotLayout(figure, width: Double(width), height: Double(height))
    add("set encoding utf8")
    add(format.terminal(width, height))
    let panels = zip(figure.columns, layout.boxes).flatMap { column, boxes -> [GnuplotPanel] in
      let readable = zip(column.panels, boxes).map(GnuplotPanel.readable)
      let margins = GnuplotPanel.Margins(readable, in: boxes)
      return zip(readable, boxes).map { GnuplotPanel($0, in: $1, format, margins: margins) }
    }
    var number = 0
    let blocks = panels.map { panel in
      panel.drawings.map { drawing in
        number += 1
        add("$d\(number) << EOD\n\(drawing.data)EOD")
        return "$d\(number) \(drawing.style) notitle"
      }
    }
    add("set multiplot")
    add(title(figure, layout, format, Double(width), Double(height)))
    for (panel, plots) in zip(panels, blocks) {
      add(panel.settings(Double(width), Double(height)))
      // an empty panel still has its axes: a line far outside
      add("plot [0:1] [0:1] " + (plots.isEmpty ? "9 notitle" : plots.joined(separator: ", ")))
      add("unset label; unset object")
    }
    if panels.isEmpty { add("unset border; unset tics; plot [0:1] [0:1] 9 notitle") }
    add("unset multiplot")
    add("unset output")
  }

  private mutating func add(_ command: String) { text += command + "\n" }

  private func title(
    _ figure: Figure, _ layout: GnuplotLayout, _ format: GnuplotFormat, _ width: Double, _ height: Double
  ) -> String {
    let longest = max(8, Int((width - 80) / GnuplotLook.character))
    func label(_ text: String, _ tag: Int, _ drop: Double, _ look: String) -> String {
      text.isEmpty
        ? ""
        : "set label \(tag) \(GnuplotText.quoted(text, longest: longest)) at screen \(GnuplotScript.number(46 / width)),"
          + "\(GnuplotScript.number(1 - drop / height)) left noenhanced front \(look)\n"
    }
    let bold = "font '\(format.font(GnuplotLook.titleText, isBold: true))' tc rgb '#\(GnuplotLook.ink)'"
    return label(figure.title, 1, layout.titleDrop, bold)
      + label(figure.subtitle, 2, layout.subtitleDrop, "tc rgb '#\(GnuplotLook.pale)'")
  }

  /// A number to a hundred-thousandth, as gnuplot reads it.
  static func number(_ value: Double) -> String {
    let rounded = (max(-1e9, min(1e9, value)) * 1e5).rounded() / 1e5
    return rounded == 0 ? "0" : "\(rounded)"
  }
}

/// One thing that gnuplot draws: rows of numbers, empty ones between pieces, and how they are drawn.
struct GnuplotDrawing {
  private(set) var data = ""
  let style: String

  /// Draws pieces of points in shares of the panel.
  init(_ pieces: [[(x: Double, y: Double)]], _ style: String) {
    self.style = style
    for (index, piece) in pieces.enumerated() {
      if index > 0 { data += "\n" }
      for point in piece { add([point.x, point.y]) }
    }
  }

  /// Draws rows of any numbers.
  init(rows: [[Double]], _ style: String) {
    self.style = style
    for row in rows { add(row) }
  }

  private mutating func add(_ row: [Double]) {
    data += row.map(GnuplotScript.number).joined(separator: " ") + "\n"
  }
}
