import CLua
import LuaAPI

extension PromptCommand {
  static let load = PromptCommand(
    name: "load", argument: "file.lua", summary: "runs a file as Lua does, and keeps its locals"
  ) { prompt, argument in
    let path = UserFiles.path(typed: argument)
    do {
      let text = try ScriptText.read(path, who: ":load")
      guard text.first != 0x1B else {
        return sonde_complain(":load: expected Lua text, got bytecode in \(path); dofile runs it\n")
      }
      let chunk = Chunk(ScriptText.withoutHead(text))
      if !chunk.isBlank { prompt.evaluate(chunk, origin: path) }
    } catch let failure as ScriptText.Failure {
      sonde_complain("\(failure.text)\n")
    } catch {
      sonde_complain(":load: \(error)\n")
    }
  }
}

extension ScriptText {
  /// The text without the mark of a UTF-8 file and without a first line that begins with `#`, whose end stays.
  static func withoutHead(_ text: [UInt8]) -> [UInt8] {
    let rest = text.starts(with: [0xEF, 0xBB, 0xBF]) ? text.dropFirst(3) : text[...]
    guard rest.first == UInt8(ascii: "#") else { return Array(rest) }
    return Array(rest.drop { $0 != UInt8(ascii: "\n") })
  }
}
