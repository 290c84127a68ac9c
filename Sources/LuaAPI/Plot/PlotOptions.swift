import CLua
import Plots

extension Parameter {
  /// Titles and axes: what every plot takes.
  static let axisOptions = [
    Parameter("title", .string, default: "''", "the line above"),
    Parameter("subtitle", .string, default: "''", "the grey line below the title"),
    Parameter("xlabel", .string, default: "''", "what the horizontal axis shows"),
    Parameter("ylabel", .string, default: "''", "what the vertical axis shows"),
    Parameter("logx", .boolean, default: "false", "whether the horizontal axis is logarithmic"),
    Parameter("logy", .boolean, default: "false", "whether the vertical axis is logarithmic"),
    Parameter("xlim", .table, default: "nil", "the ends of the horizontal axis, {lower, upper}"),
    Parameter("ylim", .table, default: "nil", "the ends of the vertical axis, {lower, upper}"),
  ]
}

extension Call {
  /// A panel with the axes that the options describe.
  ///
  /// - Throws: a failure for limits that are none, and where nothing can be drawn.
  func figure(_ marks: [Mark], xlabel: String = "", ylabel: String = "", note: String = "") throws -> Figure {
    let panel = Panel(
      x: try axis("x", label: xlabel), y: try axis("y", label: ylabel), marks: marks, note: note)
    let leftOut = LeftOut(panel, PanelScales(panel))
    if leftOut.shown == 0 {
      let reasons = [leftOut.text, note].filter { !$0.isEmpty }
      throw failure("nothing to draw: " + (reasons.isEmpty ? "there are no numbers" : reasons.joined(separator: "; ")))
    }
    return Figure(
      title: option("title").asString ?? "", subtitle: option("subtitle").asString ?? "",
      columns: [Figure.Column([panel])])
  }

  private func axis(_ name: String, label: String) throws -> Axis {
    var axis = Axis(
      label: option("\(name)label").asString ?? label, isLogarithmic: flag("log\(name)", default: false))
    guard case .table(let index) = option("\(name)lim") else { return axis }
    let limits = try sequence(at: index) { $0.asNumber ?? .nan }
    guard limits.count == 2, limits[0].isFinite, limits[1].isFinite, limits[0] < limits[1] else {
      throw failure(
        "option '\(name)lim' expected {lower, upper} with lower < upper, got \(limits.count == 2 ? "{\(limits[0]), \(limits[1])}" : "\(limits.count) numbers")"
      )
    }
    if axis.isLogarithmic, limits[0] <= 0 {
      throw failure("option '\(name)lim' expected limits above 0 for a logarithmic axis, got \(limits[0])")
    }
    (axis.lower, axis.upper) = (limits[0], limits[1])
    return axis
  }

  /// The option with a text for each of `count` things; nil when it was not given.
  func texts(_ name: String, count: Int) throws -> [String]? {
    guard case .table(let index) = option(name) else { return nil }
    let texts = try sequence(at: index) { value in
      switch value {
      case .string(let text): return text
      case .integer, .number: return value.text
      default: throw failure("option '\(name)' expected strings, got \(value.text)")
      }
    }
    guard texts.count == count else {
      throw failure("option '\(name)' expected \(count) strings, one for each, got \(texts.count)")
    }
    return texts
  }
}
