import CLua
import CReadline
import LuaAPI

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads lines until they make a whole chunk: from readline on a terminal, else plain, and keeps the history.
final class ChunkReader {
  /// Whether lines are typed and not piped in.
  let isTerminal = isatty(STDIN_FILENO) != 0
  let compiler: ChunkCompiler
  private static let historyLimit: Int32 = 10_000

  init(compiler: ChunkCompiler) { self.compiler = compiler }

  private var lua: LuaState { compiler.interpreter.lua }

  /// What came of asking for a line.
  private enum Input {
    case line([UInt8])
    case cleared
    case end
  }

  /// Takes over the terminal.
  func begin() {
    guard isTerminal else { return }
    sonde_prompt_begin()
    sonde_history_open(HistoryFile.path(), ChunkReader.historyLimit)
  }

  /// Gives the terminal back.
  func end() {
    if isTerminal { sonde_prompt_end() }
  }

  /// Reads lines until they make a whole chunk; nil at the end of the input.
  ///
  /// What the compiler has pushed is left on the stack.
  func next() -> Chunk? {
    var chunk = Chunk()
    while true {
      switch readLine(continues: !chunk.isBlank) {
      case .end where chunk.isBlank: return nil
      case .end:
        // As in lua.c, what was left unfinished is told as an error.
        _ = compiler.isComplete(chunk)
        return keep(chunk)
      case .cleared: chunk = Chunk()
      case .line(let line):
        chunk.append(line)
        if chunk.isBlank {
          chunk = Chunk()
        } else if compiler.isComplete(chunk) {
          return keep(chunk)
        }
      }
    }
  }

  private func keep(_ chunk: Chunk) -> Chunk {
    if isTerminal { sonde_history_add(chunk.historyEntry) }
    return chunk
  }

  // MARK: Lines

  private func readLine(continues: Bool) -> Input {
    let prompt = promptText(continues ? "_PROMPT2" : "_PROMPT", default: continues ? ">> " : "> ")
    return isTerminal ? readTerminal(prompt) : readPlain(prompt)
  }

  private func readTerminal(_ prompt: [CChar]) -> Input {
    var status: Int32 = 0
    let line = sonde_read_line(prompt, &status)
    defer { free(line) }
    guard let line else { return Int(status) == SONDE_CLEARED ? .cleared : .end }
    return .line(Array(UnsafeRawBufferPointer(start: line, count: strlen(line))))
  }

  /// Reads what is piped in, and shows prompt and line as they would stand on a terminal.
  private func readPlain(_ prompt: [CChar]) -> Input {
    sonde_write(prompt, strlen(prompt))
    sonde_flush()
    var length = 0
    guard let line = sonde_read_plain_line(&length) else { return .end }
    defer { free(line) }
    sonde_write(line, length)
    sonde_write("\n", 1)
    sonde_flush()
    return .line(Array(UnsafeRawBufferPointer(start: line, count: length)))
  }

  /// The global `_PROMPT` or `_PROMPT2` as text, asked for before every line; what can't be used gives the default.
  private func promptText(_ global: String, default fallback: String) -> [CChar] {
    lua_settop(lua, 0)
    let status = sonde_run_prompt(lua, compiler.interpreter.session.runtime, global)
    defer { lua_settop(lua, 0) }
    guard status == LUA_OK, lua_type(lua, -1) == LUA_TSTRING, let text = lua_tolstring(lua, -1, nil) else {
      return Array(fallback.utf8CString)
    }
    return Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1))
  }
}
