#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the place where text is shown can show: a terminal, or a pipe or file without colours.
public struct TerminalAbilities: Equatable, Sendable {
  /// How many colours there are.
  public enum Colors: Int, Comparable, Sendable {
    /// None, and no control codes at all.
    case none
    /// The sixteen of the oldest terminals, whose exact shades are the user's.
    case sixteen
    /// 256, of which 240 are fixed.
    case indexed
    /// Every colour.
    case full

    /// Whether there are fewer.
    public static func < (left: Colors, right: Colors) -> Bool { left.rawValue < right.rawValue }
  }

  /// Whether block elements, braille and letters beyond ASCII are shown.
  public var isUnicode: Bool
  /// The colours.
  public var colors: Colors
  /// How many characters fit on a line.
  public var columns: Int
  /// How many lines fit on the screen.
  public var lines: Int

  /// Makes abilities; those of a file in Unicode unless told otherwise.
  public init(isUnicode: Bool = true, colors: Colors = .none, columns: Int = 80, lines: Int = 24) {
    self.isUnicode = isUnicode
    self.colors = colors
    self.columns = columns
    self.lines = lines
  }

  /// Tells the abilities from the environment.
  ///
  /// - Unicode: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set decides, and where none is, as in a
  ///   container, there is Unicode; the Linux console has no braille and counts as without.
  /// - Colours: only on a terminal, not under `NO_COLOR`, nor where `TERM` is missing or `dumb`; `COLORTERM` and `TERM`
  ///   say how many.
  /// - Size: that of the terminal, else `COLUMNS` and `LINES`, else 80 by 24.
  ///
  /// - Parameters:
  ///   - isTerminal: whether a person reads it as it is written.
  ///   - size: what the terminal says of its size.
  ///   - variable: an environment variable's value.
  public init(isTerminal: Bool, size: (columns: Int, lines: Int)?, variable: @escaping (String) -> String?) {
    let set = { (name: String) in variable(name).flatMap { $0.isEmpty ? nil : $0 } }
    let terminal = set("TERM") ?? "dumb"
    isUnicode =
      (set("LC_ALL") ?? set("LC_CTYPE") ?? set("LANG")).map(TerminalAbilities.isUnicodeLocale) ?? true
      && !(isTerminal && terminal == "linux")
    colors =
      isTerminal && terminal != "dumb" && set("NO_COLOR") == nil
      ? TerminalAbilities.colors(terminal, set("COLORTERM")) : .none
    let told = { (name: String) in set(name).flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } }
    columns = size.flatMap { $0.columns > 0 ? $0.columns : nil } ?? told("COLUMNS") ?? 80
    lines = size.flatMap { $0.lines > 0 ? $0.lines : nil } ?? told("LINES") ?? 24
  }

  private static func isUnicodeLocale(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.contains("utf-8") || name.contains("utf8")
  }

  private static func colors(_ terminal: String, _ more: String?) -> Colors {
    if more == "truecolor" || more == "24bit" || terminal.hasSuffix("-direct") { return .full }
    return terminal.contains("256") ? .indexed : .sixteen
  }

  /// The abilities of standard output at this moment: a terminal may have been resized since the last time.
  public static var current: TerminalAbilities {
    var size = winsize()
    let isTerminal = isatty(STDOUT_FILENO) != 0
    let isSized = isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
    return TerminalAbilities(
      isTerminal: isTerminal, size: isSized ? (Int(size.ws_col), Int(size.ws_row)) : nil,
      variable: { getenv($0).map { String(cString: $0) } })
  }

  /// How many characters fit on a line of the terminal, nil where standard output is a pipe or a file, whose lines have no end.
  public static var columnsOfTerminal: Int? { isatty(STDOUT_FILENO) != 0 ? current.columns : nil }

  /// What sparklines are made of there.
  public var sparklines: Sparkline.Style { isUnicode ? .blocks : .ascii }

  /// What stands between a mean and its spread there.
  public var plusMinus: String { isUnicode ? "\u{B1}" : "+-" }
}

extension TerminalAbilities.Colors {
  /// The sixteen colours as xterm shows them, black and white left out, which may be the background.
  private static let shades: [(code: Int, color: Color)] = [
    (31, 0xCD0000), (32, 0x00CD00), (33, 0xCDCD00), (34, 0x0000EE), (35, 0xCD00CD), (36, 0x00CDCD), (90, 0x7F7F7F),
    (91, 0xFF0000), (92, 0x00FF00), (93, 0xFFFF00), (94, 0x5C5CFF), (95, 0xFF00FF), (96, 0x00FFFF),
  ].map { ($0, Color(hex: $1)) }

  /// The control code that sets a foreground and a background, nil for the terminal's own; nothing without colours.
  func code(_ foreground: Color?, _ background: Color?) -> String {
    guard self != .none else { return "" }
    let parts =
      ["0"] + (foreground.map { [part($0, isBackground: false)] } ?? [])
      + (background.map { [part($0, isBackground: true)] } ?? [])
    return "\u{1B}[\(parts.joined(separator: ";"))m"
  }

  private func part(_ color: Color, isBackground: Bool) -> String {
    let kind = isBackground ? 48 : 38
    switch self {
    case .full: return "\(kind);2;\(color.red);\(color.green);\(color.blue)"
    case .indexed: return "\(kind);5;\(TerminalAbilities.Colors.index(color))"
    case .none, .sixteen:
      let nearest = TerminalAbilities.Colors.shades.min { $0.color.distance(color) < $1.color.distance(color) }
      return "\((nearest?.code ?? 39) + (isBackground ? 10 : 0))"
    }
  }

  /// The nearest of the 6 by 6 by 6 colours and the 24 greys.
  private static func index(_ color: Color) -> Int {
    let levels = [0, 95, 135, 175, 215, 255]
    let cube = [color.red, color.green, color.blue].map { part in
      levels.indices.min { abs(levels[$0] - Int(part)) < abs(levels[$1] - Int(part)) } ?? 0
    }
    let grey = max(0, min(23, (Int(color.red) + Int(color.green) + Int(color.blue) - 24 + 15) / 30))
    let shade = UInt8(8 + 10 * grey)
    let parts = cube.map { UInt8(levels[$0]) }
    let isGrey =
      Color(red: shade, green: shade, blue: shade).distance(color)
      < Color(red: parts[0], green: parts[1], blue: parts[2]).distance(color)
    return isGrey ? 232 + grey : 16 + 36 * cube[0] + 6 * cube[1] + cube[2]
  }
}

extension Color {
  /// The squared distance in red, green and blue.
  fileprivate func distance(_ other: Color) -> Int {
    zip([red, green, blue], [other.red, other.green, other.blue]).reduce(0) { sum, pair in
      sum + (Int(pair.0) - Int(pair.1)) * (Int(pair.0) - Int(pair.1))
    }
  }
}
