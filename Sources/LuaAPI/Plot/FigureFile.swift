import Files
import Plots

extension Call {
  /// Draws a figure into the file that `path` names, which is replaced whole or not at all.
  ///
  /// - Parameters:
  ///   - width: in pixels, of a pdf 96 to an inch; nil for the standard size.
  ///   - height: in pixels.
  /// - Throws: a failure that names the function called; `FileError` for a path that can't be written, before gnuplot is
  ///   started; `Interrupted`.
  func write(_ figure: Figure, to path: String, width: Int? = nil, height: Int? = nil) throws {
    let format = try named { try GnuplotFormat(path: path) }
    try AtomicFile.replace(Origin(operation: who, path: path)) { file in
      let picture = try picture(figure, format, width: width, height: height)
      try picture.withUnsafeBytes { try file.write($0) }
    }
  }

  /// Draws a figure by gnuplot.
  ///
  /// - Throws: a failure that names the function called; `Interrupted`.
  func picture(_ figure: Figure, _ format: GnuplotFormat, width: Int? = nil, height: Int? = nil) throws -> [UInt8] {
    let standard = Gnuplot.standardSize
    return try named {
      try Gnuplot.picture(figure, format, width: width ?? standard.width, height: height ?? standard.height)
    }
  }

  private func named<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as GnuplotError {
      throw failure(error.description)
    }
  }
}
