import Plots

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The place the program writes to, as far as texts depend on it: its width, and whether it shows colours.
public struct Screen: Sendable {
  /// What a piece of text is, which decides its colour.
  public enum Style: String, Sendable {
    /// The name of a field.
    case key = "36"
    /// A string inside a table.
    case string = "32"
    /// A number inside a table.
    case number = "35"
    /// `nil`, `true` and `false` inside a table.
    case constant = "33"
    /// What stands for something that is not shown, and margins.
    case faint = "90"
    /// What went wrong.
    case error = "31"
    /// What points to it.
    case caret = "1;31"
  }

  /// How many characters fit on a line.
  public let columns: Int
  /// Whether text may be coloured.
  public let hasColors: Bool

  /// Makes a screen; 80 columns without colours unless told otherwise.
  public init(columns: Int = 80, hasColors: Bool = false) {
    self.columns = columns
    self.hasColors = hasColors
  }

  /// Standard output at this moment.
  public static var output: Screen {
    let abilities = TerminalAbilities.current
    return Screen(columns: abilities.columns, hasColors: abilities.colors != .none)
  }

  /// Standard error at this moment: coloured where both it and standard output are.
  public static var errors: Screen {
    let output = output
    return Screen(columns: output.columns, hasColors: output.hasColors && isatty(STDERR_FILENO) != 0)
  }

  /// The text in the colour of its style, or as it is where there are no colours.
  ///
  /// The sixteen colours that every terminal
  /// has are the user's own choice, so they can be read on any background.
  public func paint(_ text: String, _ style: Style) -> String {
    hasColors && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// The cells that a text takes, its colours aside.
  public static func width(_ text: String) -> Int {
    guard text.utf8.contains(0x1B) else { return TerminalText.width(text) }
    var isCode = false
    return text.reduce(0) { sum, character in
      if isCode {
        isCode = character != "m"
        return sum
      }
      isCode = character == "\u{1B}"
      return isCode ? sum : sum + TerminalText.width(character)
    }
  }

  /// The text with what would control a terminal written out, as Lua would write it.
  public static func visible(_ text: String) -> String { text.unicodeScalars.map(ValueText.visible).joined() }
}
