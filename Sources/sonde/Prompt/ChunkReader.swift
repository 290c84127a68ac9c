import CLua
import CReadline
import LuaAPI

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads lines until they make a whole chunk, and keeps the history.
final class ChunkReader {
  let compiler: ChunkCompiler
  /// What completes the lines, where anything does.
  var completion: LineCompletion?
  private let lines = LineReader()
  private let history: PromptHistory
  /// The lines that are left of a transcript, to be taken one by one as if they were typed.
  private var transcript: ArraySlice<[UInt8]> = []
  /// The prompt that stands before the chunk's first line.
  private var firstPrompt: [CChar] = [0]

  init(compiler: ChunkCompiler) {
    self.compiler = compiler
    history = PromptHistory(isInReadline: lines.source == .readline)
  }

  /// Whether lines are typed and not piped in.
  var isTerminal: Bool { lines.source != .pipe }

  private var lua: LuaState { compiler.interpreter.lua }

  /// Takes over the terminal.
  func begin() {
    if lines.source == .readline { completion?.install() }
    lines.begin()
    if isTerminal { history.begin() }
  }

  /// Gives the terminal back.
  func end() { lines.end() }

  /// Reads lines until they make a whole chunk; nil at the end of the input.
  ///
  /// What the compiler has pushed is left on the stack.
  func next() -> Chunk? {
    var chunk = Chunk()
    while true {
      switch readLine(after: chunk) {
      case .end where chunk.isBlank: return nil
      case .end:
        // As in lua.c, what was left unfinished is told as an error.
        _ = compiler.isComplete(chunk)
        return keep(chunk)
      case .cleared(let typed, let isWhole): chunk = cleared(chunk, typed, isWhole)
      case .cut:
        sonde_complain(
          "a terminal without readline takes 4095 bytes a line and has cut this one, so nothing of it has run; "
            + ":load runs a file with longer ones\n")
        chunk = Chunk()
      case .line(let line): chunk.append(line)
      case .chunk(let text): chunk = Chunk(text)
      }
      if isTerminal, let typed = Transcript.typedLines(chunk.bytes) {
        transcript = typed[...]
        chunk = Chunk()
      } else if chunk.isBlank {
        chunk = Chunk()
      } else if isWhole(chunk) {
        return keep(chunk)
      }
    }
  }

  /// Whether there is no use in another line.
  private func isWhole(_ chunk: Chunk) -> Bool { compiler.isComplete(chunk) || isBroken(chunk) }

  /// Whether a string in quotes ends with the chunk's last line, which lua.c takes for unfinished.
  private func isBroken(_ chunk: Chunk) -> Bool {
    let message = "unfinished string near <eof>"
    return sonde_error_ends(lua, message, message.utf8.count) && OpenConstructs(chunk.bytes).isBroken
  }

  /// Takes no further line of a transcript: who interrupts one chunk of it wants none after it.
  func dropTranscript() { transcript = [] }

  // MARK: History

  private func keep(_ chunk: Chunk) -> Chunk {
    if isTerminal, !chunk.isPrivate { history.add(chunk.historyEntry) }
    return chunk
  }

  /// What is left after Ctrl-C: nothing, but of more than a line the history keeps what was typed.
  private func cleared(_ chunk: Chunk, _ typed: [UInt8], _ isWhole: Bool) -> Chunk {
    dropTranscript()
    var typedChunk = isWhole ? Chunk() : chunk
    typedChunk.append(typed)
    if typedChunk.hasSeveralLines { _ = keep(typedChunk) }
    return Chunk()
  }

  // MARK: Lines

  private func readLine(after chunk: Chunk) -> LineReader.Input {
    let continues = !chunk.isBlank
    let prompt = promptText(continues ? "_PROMPT2" : "_PROMPT", default: continues ? ">> " : "> ")
    if !continues { firstPrompt = prompt }
    guard let line = transcript.popFirst() else {
      return lines.read(prompt: prompt, pending: chunk.bytes, firstPrompt: firstPrompt)
    }
    lines.echo(prompt: prompt, line)
    return .line(line)
  }

  /// The global `_PROMPT` or `_PROMPT2` as text, asked for before every line; what can't be used gives the default.
  private func promptText(_ global: String, default fallback: String) -> [CChar] {
    lua_settop(lua, 0)
    // Ctrl-C before or meanwhile is for the line that is to be read
    let interrupts = sonde_interrupt_count()
    let wasInterrupted = sonde_prompt_take_interrupt()
    let status = sonde_run_prompt(lua, compiler.interpreter.session.runtime, global)
    if wasInterrupted || sonde_interrupt_count() != interrupts { sonde_prompt_note_interrupt() }
    defer { lua_settop(lua, 0) }
    guard status == LUA_OK, lua_type(lua, -1) == LUA_TSTRING, let text = lua_tolstring(lua, -1, nil) else {
      return Array(fallback.utf8CString)
    }
    return Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1))
  }
}
