import Kernels
import LuaAPI
import Tensors

/// The first lines of a session's script: the streams of random numbers as they stood, and what the command line did.
struct ScriptStart {
  private let start: SessionRecord.Start

  init(_ start: SessionRecord.Start) { self.start = start }

  /// The lines, with an end of line between them.
  var text: String { (head + streams + commandLine).joined(separator: "\n") }

  private var head: [String] {
    let words = start.arguments.words.map { ScriptStart.text(of: $0) }
    var lines = [
      "-- A session of Sonde \(Session.version), as :save writes it: it gives the same results when it runs."
    ]
    if words.dropFirst().contains(where: { $0 != "-i" }) {
      lines.append("-- It was started as: \(SessionScript.oneLine(words.joined(separator: " ")))")
    }
    return lines
  }

  private var streams: [String] {
    let state = start.generator
    var lines =
      state.counter == 0 && state.key <= UInt64(Int64.max)
      ? ["sonde.seed(\(state.key))"] : ["sonde.random_state(\"\(state)\")"]
    if start.seeds.count == 2 {
      lines.append("math.randomseed(\(start.seeds.map(ScriptStart.integer).joined(separator: ", ")))")
    }
    if start.dtype != .float32 { lines.append("sonde.default_dtype(\"\(start.dtype.name)\")") }
    return lines
  }

  /// The smallest integer is none in decimal digits.
  private static func integer(_ value: Int64) -> String { value == .min ? "math.mininteger" : "\(value)" }

  private var commandLine: [String] {
    var lines = start.arguments.actions.compactMap { action -> String? in
      switch action {
      case .execute(let text):
        return start.isFresh ? nil : "do local function run(...) \(ScriptStart.text(of: text))\nend run() end"
      case .require(let name): return ScriptStart.require(ScriptStart.text(of: name))
      case .warnings: return "warn(\"@on\")"
      }
    }
    if !start.isFresh, let script = start.arguments.script { lines += run(script: script) }
    return lines
  }

  private static func require(_ text: String) -> String {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    return "_G[\(quoted(parts[0]))] = require(\(quoted(parts[parts.count - 1])))"
  }

  private func run(script: Int) -> [String] {
    guard let path = start.arguments.scriptPath else {
      return ["-- the script that came from standard input is not part of this"]
    }
    let words = start.arguments.words[(script + 1)...].map { ScriptStart.quoted(ScriptStart.text(of: $0)) }
    let name = ScriptStart.quoted(ScriptStart.text(of: path))
    return [
      "arg = {\((["[0] = \(name)"] + words).joined(separator: ", "))}",
      "assert(loadfile(\(name)))(\(words.joined(separator: ", ")))",
    ]
  }

  private static func text(of word: Word) -> String { String(cString: word) }

  /// A string as Lua reads it.
  private static func quoted(_ text: String) -> String {
    "\""
      + text.unicodeScalars.map { scalar in
        switch scalar {
        case "\"", "\\": "\\" + String(scalar)
        case "\n": "\\n"
        case "\r": "\\r"
        default: String(scalar)
        }
      }.joined() + "\""
  }
}
