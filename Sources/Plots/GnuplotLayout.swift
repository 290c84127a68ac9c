/// Where the panels of a figure lie, in pixels from the canvas' left lower corner.
struct GnuplotLayout {
  struct Box: Equatable {
    var left: Double
    var right: Double
    var bottom: Double
    var top: Double

    var width: Double { right - left }
    var height: Double { top - bottom }
  }

  private static let margin = 18.0

  /// The boxes of the panels, column by column.
  let boxes: [[Box]]
  /// The baseline of the title, and of the subtitle, from the top.
  let titleDrop = 32.0
  let subtitleDrop: Double

  init(_ figure: Figure, width: Double, height: Double) {
    let (hasTitle, hasSubtitle) = (!figure.title.isEmpty, !figure.subtitle.isEmpty)
    subtitleDrop = hasTitle ? 64 : 28
    let head = hasTitle && hasSubtitle ? 78.0 : hasTitle ? 48 : hasSubtitle ? 42 : GnuplotLayout.margin / 2
    let total = figure.columns.reduce(0) { $0 + max($1.weight, 0.01) }
    var left = GnuplotLayout.margin
    let whole = width - 2 * GnuplotLayout.margin
    var boxes: [[Box]] = []
    for column in figure.columns {
      let share = whole * max(column.weight, 0.01) / total
      let box = Box(left: left, right: left + share, bottom: GnuplotLayout.margin, top: height - head)
      boxes.append(GnuplotLayout.split(box, column.panels.count))
      left += share
    }
    self.boxes = boxes
  }

  private static func split(_ box: Box, _ count: Int) -> [Box] {
    let height = box.height / Double(max(count, 1))
    return (0..<count).map { index in
      let top = box.top - Double(index) * height
      return Box(left: box.left, right: box.right, bottom: top - height, top: top)
    }
  }
}
