/// Text as a page of markup holds it: nothing in it is a tag, an entity or a script.
enum MarkupText {
  /// Fit for the space between tags and for values in double quotes.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\n", "\t": escaped += " "
      // what no page may hold, not even as an entity
      default: escaped.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{fffd}" : scalar)
      }
    }
    return escaped
  }

  /// An element with a text in it.
  static func element(_ name: String, _ attributes: String = "", text: String) -> String {
    "<\(name)\(attributes.isEmpty ? "" : " " + attributes)>\(escaped(text))</\(name)>"
  }
}
