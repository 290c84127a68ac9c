import CLua
import Plots

extension Parameter {
  /// Where a figure goes and how large it is: what every function that draws takes.
  static let figureOptions = [
    Parameter("path", .string, default: "nil", "a file to write: .svg, .png or .pdf, by gnuplot; else it is printed"),
    Parameter("width", .integer, default: "nil", "columns of the terminal (10 to 1000), or pixels of a file"),
    Parameter("height", .integer, default: "nil", "lines of the terminal (4 to 1000), or pixels of a file"),
    Parameter("color", .boolean, default: "nil", "whether to print in colours; by default on a terminal that has them"),
    Parameter("ascii", .boolean, default: "nil", "whether to print in ASCII; by default where the locale is not UTF-8"),
    Parameter("text", .boolean, default: "false", "whether to return the lines as a string and print nothing"),
  ]
}

extension Call {
  /// Draws a figure on standard output, or into a file.
  ///
  /// - Parameters:
  ///   - path: the file, nil for standard output.
  ///   - width: in columns, of a file in pixels; nil for what the terminal or the format has.
  ///   - height: in lines, of a file in pixels.
  /// - Throws: a failure that names the function called; `FileError`; `Interrupted`.
  func show(_ figure: Figure, path: String? = nil, width: Int? = nil, height: Int? = nil) throws {
    if let path { return try write(figure, to: path, width: width, height: height) }
    let text = try text(figure, width: width, height: height, color: nil, ascii: nil)
    text.withCString { sonde_write($0, text.utf8.count) }
  }

  /// Draws a figure as the options of `Parameter.figureOptions` ask for; answers the number of results.
  ///
  /// - Parameter path: the file, where it was not given as an option.
  /// - Throws: a failure that names the function called; `FileError`; `Interrupted`.
  func show(asAskedFor figure: Figure, path: String? = nil) throws -> Int32 {
    let (width, height) = (option("width").asInteger, option("height").asInteger)
    if let path = option("path").asString ?? path {
      if flag("text", default: false) { throw failure("expected path or text=true, got both") }
      try write(figure, to: path, width: width, height: height)
      return 0
    }
    let text = try text(figure, width: width, height: height, color: asked("color"), ascii: asked("ascii"))
    if flag("text", default: false) { return try push(text) }
    text.withCString { sonde_write($0, text.utf8.count) }
    return 0
  }

  private func asked(_ name: String) -> Bool? { option(name).isAbsent ? nil : flag(name, default: false) }

  private func text(_ figure: Figure, width: Int?, height: Int?, color: Bool?, ascii: Bool?) throws -> String {
    for (name, size, range) in [("width", width, 10...1000), ("height", height, 4...1000)] {
      if let size, !range.contains(size) {
        throw failure(
          "option '\(name)' expected \(range.lowerBound) to \(range.upperBound) "
            + "\(name == "width" ? "columns" : "lines") of the terminal, got \(size)")
      }
    }
    var abilities = TerminalAbilities.current
    // a text that is kept does not depend on where the program runs
    if flag("text", default: false) { abilities = TerminalAbilities() }
    if let width { abilities.columns = width }
    if let ascii { abilities.isUnicode = !ascii }
    if let color { abilities.colors = color ? max(abilities.colors, .indexed) : .none }
    return try TerminalFigure(abilities, lines: height).text(figure).joined(separator: "\n") + "\n"
  }
}
