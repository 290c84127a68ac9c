/// A text of a user's between single quotes, where gnuplot knows no escapes, no macros and no commands.
///
/// Only a quote needs care, which is doubled, and what ends a line: control characters become spaces. Used with `noenhanced`, so
/// that `_ ^ { } @ & ~ \` are themselves.
enum GnuplotText {
  static func quoted(_ text: String, longest: Int = 160) -> String {
    "'" + clipped(text, longest).replacing("'", with: "''") + "'"
  }

  /// The text in one line without control characters, cut with an ellipsis where it has more characters than `longest`.
  static func clipped(_ text: String, _ longest: Int) -> String {
    var plain = String.UnicodeScalarView()
    // a character may have any number of scalars
    for scalar in text.unicodeScalars.prefix(8 * longest) { plain.append(isBreaking(scalar) ? " " : scalar) }
    let line = String(plain)
    return line.count > longest ? line.prefix(max(longest - 1, 0)) + "…" : line
  }

  /// Control and format characters that end a line or turn its direction, and those XML has no place for.
  private static func isBreaking(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }
  }

  /// About how many pixels a text of the standard size takes.
  static func width(_ text: String) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2E80 ? 2 : 1) * GnuplotLook.character }
  }
}
