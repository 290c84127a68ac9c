import LuaAPI
import Tensors

/// Offers the name that was meant where Lua complains that a name has no value.
struct Misspelling {
  let failure: Failure
  /// The line that failed.
  let excerpt: TypedSources.Excerpt
  let inspector: ValueInspector
  /// The locals of the prompt.
  let locals: [String]

  /// `, did you mean 'print'?`, or nothing.
  var suggestion: String {
    guard let message = failure.positions.first?.text, let start = message.firstRange(of: " a nil value (")?.upperBound
    else {
      return ""
    }
    // global 'pritn')
    let parts = message[start...].split(separator: "'", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[2] == ")" else { return "" }
    let name = String(parts[1])
    // a variable that is not there need not be a slip; slips seldom begin with another letter
    let near = candidates(for: parts[0].dropLast(), message).filter {
      $0.first?.lowercased() == name.first?.lowercased()
    }
    return nearestName(to: name, among: near).map { ", did you mean '\($0)'?" } ?? ""
  }

  private func candidates(for kind: Substring, _ message: Substring) -> [String] {
    switch kind {
    case "global": return locals + inspector.globals().map(\.name)
    case "field", "method":
      guard let range = Caret(excerpt).range(of: message, repeats: { _ in false }), let path = path(before: range)
      else {
        return []
      }
      return inspector.members(of: path, onlyMethods: kind == "method").map(\.name)
    default: return []
    }
  }

  /// What stands before the `.` or `:` in front of a name, where it is made of names alone.
  private func path(before range: Range<Int>) -> ValuePath? {
    let scanner = LuaScanner(Array(excerpt.text[..<range.lowerBound]))
    var words = scanner.filter { $0.kind != .comment }.map { (text: scanner.text(of: $0), isName: $0.kind == .name) }
    var names: [String] = []
    while let separator = words.popLast(), separator.text == "." || separator.text == ":" {
      guard let name = words.popLast(), name.isName else { return nil }
      names.insert(name.text, at: 0)
    }
    guard let root = names.first else { return nil }
    return names.dropFirst().reduce(ValuePath(.name(root))) { $0.appending(.field(Array($1.utf8))) }
  }
}
