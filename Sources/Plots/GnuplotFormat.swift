import Tensors

/// The kinds of file that gnuplot draws figures into.
public enum GnuplotFormat: String, CaseIterable, Sendable {
  /// Vector graphics for web pages, text as text.
  case svg
  /// Pixels.
  case png
  /// Vector graphics for print.
  case pdf

  /// The format that a path's ending names, in letters of either case.
  ///
  /// - Throws: `GnuplotError.ending` for any other path.
  public init(path: String) throws {
    let ending = fileEnding(of: path)
    guard let format = GnuplotFormat(rawValue: ending ?? "") else { throw GnuplotError.ending(ending) }
    self = format
  }

  /// The command that chooses it, for a canvas in pixels of which an inch has 96.
  func terminal(_ width: Int, _ height: Int) -> String {
    let look = "rounded background rgb '#\(GnuplotLook.background)'"
    switch self {
    case .svg:
      return "set terminal svg size \(width),\(height) dynamic font '\(font(GnuplotLook.text))' \(look)"
    case .png: return "set terminal pngcairo size \(width),\(height) font '\(font(GnuplotLook.text))' \(look)"
    case .pdf:
      let inches = [width, height].map { "\(Double($0) / 96)in" }.joined(separator: ",")
      return
        "set terminal pdfcairo size \(inches) fontscale \(GnuplotLook.pdfFontScale) linewidth \(GnuplotLook.pdfLineWidth) "
        + "font '\(font(GnuplotLook.text))' \(look)"
    }
  }

  /// A font of a size in points; SVG's are pixels.
  func font(_ points: Double, isBold: Bool = false) -> String {
    let size = self == .svg ? points * 96 / 72 : points
    return "\(GnuplotLook.font)\(isBold ? ":Bold" : ""),\(GnuplotScript.number(size))"
  }

  /// Whether bytes are a whole picture: they begin and end as one does.
  func isWhole(_ bytes: [UInt8]) -> Bool {
    switch self {
    case .svg: bytes.starts(with: "<?xml".utf8) && tail(bytes).contains("</svg>")
    case .png: bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) && tail(bytes).contains("IEND")
    case .pdf: bytes.starts(with: "%PDF".utf8) && tail(bytes).contains("%%EOF")
    }
  }

  private func tail(_ bytes: [UInt8]) -> String { String(decoding: bytes.suffix(16), as: UTF8.self) }
}

/// The measures and greys of a figure; lengths in pixels of which an inch has 96, sizes of text in points.
enum GnuplotLook {
  static let font = "DejaVu Sans"
  static let text = 11.0
  static let titleText = 15.0
  static let smallText = 9.0
  static let background = "fbfbfa"
  static let ink = "2b2b35"
  static let pale = "8a8a94"
  static let grid = "e3e3e6"
  /// What makes lines and texts of a pdf look as they do on the screen.
  static let pdfLineWidth = 1.6
  static let pdfFontScale = 0.75
  /// What makes points of an svg look as they do in pixels.
  static let svgPointScale = 0.6
  /// How wide a character is on average, and how high a line.
  static let character = 8.9
  static let line = 18.0
}
