import Kernels

/// Curves over their index as lines of text.
public struct LineChart {
  /// How many columns the curves take.
  public static let width = 60
  /// How many lines the curves take.
  public static let height = 12

  private static let marks: [Character] = ["*", "o", "+", "x"]

  private var curves: [(name: String, values: [Double])] = []
  private let title: String

  /// Starts a chart.
  public init(title: String) { self.title = title }

  /// Adds a curve; values that are not finite are left out.
  public mutating func add(_ name: String, _ values: [Double]) {
    if values.contains(where: \.isFinite) { curves.append((name, values)) }
  }

  /// Whether there is nothing to draw.
  public var isEmpty: Bool { curves.isEmpty }

  /// The title with the curves' marks, the curves above an axis, and the first and the last index from 1.
  ///
  /// - Parameter number: writes the numbers at the axis.
  /// - Returns: the lines; none without curves.
  public func lines(_ number: (Double) -> String) -> [String] {
    let all = curves.flatMap(\.values).filter(\.isFinite)
    guard let lowest = all.min(), let highest = all.max() else { return [] }
    let last = curves.map(\.values.count).max() ?? 1
    var cells = Array(repeating: Array(repeating: Character(" "), count: LineChart.width), count: LineChart.height)
    for (place, curve) in curves.enumerated() {
      for (index, value) in curve.values.enumerated() where value.isFinite {
        let column = last > 1 ? index * (LineChart.width - 1) / (last - 1) : 0
        // halves keep the span of the largest doubles finite
        let share = highest > lowest ? (value / 2 - lowest / 2) / (highest / 2 - lowest / 2) : 0.5
        let row = LineChart.height - 1 - Int((share * Double(LineChart.height - 1)).rounded())
        cells[row][column] = LineChart.marks[place % LineChart.marks.count]
      }
    }
    return [head] + framed(cells, number(highest), number(lowest)) + [foot(last, number(highest), number(lowest))]
  }

  private var head: String {
    let names = curves.enumerated().map { "\(LineChart.marks[$0 % LineChart.marks.count]) \($1.name)" }
    return "\(title): \(names.joined(separator: "  "))"
  }

  private func framed(_ cells: [[Character]], _ top: String, _ bottom: String) -> [String] {
    let margin = max(top.count, bottom.count)
    return cells.enumerated().map { row, line in
      let label = row == 0 ? top : row == cells.count - 1 ? bottom : ""
      let text = String(repeating: " ", count: margin - label.count) + label + " |" + String(line)
      return String(text[..<(text.lastIndex { $0 != " " }.map(text.index(after:)) ?? text.endIndex)])
    }
  }

  private func foot(_ last: Int, _ top: String, _ bottom: String) -> String {
    let margin = max(top.count, bottom.count) + 2
    let gap = LineChart.width - 1 - "\(last)".count
    return String(repeating: " ", count: margin) + "1" + String(repeating: " ", count: max(gap, 1)) + "\(last)"
  }
}
