/// A text of a user's between double quotes, every character of ASCII but letters and spaces as its octal code.
///
/// A digit after a code would be taken for a part of it. Nothing is left that could end the string, be a command, a macro or a
/// substitution; single quotes won't do, since gnuplot 5.4 takes three of them at the start for an empty string. Used with
/// `noenhanced`, so that `_ ^ { } @ & ~ \` are themselves.
enum GnuplotText {
  /// The string as gnuplot reads it; as a `format`, as the text of a tick is, percent signs stand for themselves.
  static func quoted(_ text: String, longest: Int = 160, isFormat: Bool = false) -> String {
    var quoted = ""
    for scalar in clipped(text, longest).unicodeScalars {
      let isPlain = scalar == " " || scalar.properties.isAlphabetic
      if !scalar.isASCII || isPlain {
        quoted.unicodeScalars.append(scalar)
      } else {
        quoted += octal(scalar) + (isFormat && scalar == "%" ? octal(scalar) : "")
      }
    }
    return "\"" + quoted + "\""
  }

  private static func octal(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
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
