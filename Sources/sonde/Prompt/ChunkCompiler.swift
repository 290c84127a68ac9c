import CLua
import LuaAPI

/// Compiles what was typed, and tells whether it is whole.
struct ChunkCompiler {
  let interpreter: Interpreter

  /// More than Lua's 200 locals of a function don't fit, and the chunk has some of its own.
  private static let mostLocals = 190

  private var lua: LuaState { interpreter.lua }

  /// Compiles as an expression, then as statements, and leaves the function or the message on the stack; then as a block of
  /// several inputs, of which it leaves nothing there.
  func isComplete(_ chunk: Chunk) -> Bool {
    lua_settop(lua, 0)
    if chunk.isForPrompt, !chunk.hasSeveralLines { return PromptCommand.code(in: chunk).map(isComplete) ?? true }
    if !chunk.isForPrompt {
      if isWhole(chunk) { return true }
      if chunk.isMarkedExpression { return !isUnfinished }
    }
    var block = BlockInputs(chunk, self)
    switch block.read() {
    case .inputs: lua_settop(lua, 0)
    case .unfinished: return false
    case .wrong: break
    }
    return true
  }

  /// Whether Lua takes it for an expression or for statements; leaves the function or the message on the stack.
  func isWhole(_ chunk: Chunk) -> Bool {
    lua_settop(lua, 0)
    if load(chunk.expression, line: chunk.line) == LUA_OK { return true }
    if chunk.isMarkedExpression { return false }
    lua_settop(lua, 0)
    return load(chunk.bytes, line: chunk.line) == LUA_OK
  }

  /// The chunks as which one runs for which `isComplete` has just been asked: itself if it is Lua or one command, else the inputs
  /// of the block or, where Lua's message is to be told, the part that it is about.
  ///
  /// What is on the stack belongs to the only one; of several each is still to be compiled.
  func inputs(of chunk: Chunk) -> [Chunk] {
    let isCommand = chunk.isForPrompt && !chunk.hasSeveralLines
    let isLua = lua_gettop(lua) > 0 && lua_type(lua, -1) == LUA_TFUNCTION
    if isCommand || isLua || chunk.isMarkedExpression { return [chunk] }
    var block = BlockInputs(chunk, self)
    switch block.read() {
    case .inputs(let inputs): return inputs
    case .unfinished(let part), .wrong(let part): return [part]
    }
  }

  /// Whether the message on top says that the text ended too early.
  var isUnfinished: Bool { sonde_error_ends(lua, "<eof>", 5) }

  /// Compiles text under a chunk's name, its first line being that of a number, and leaves the function or the message on the
  /// stack.
  func load(_ text: [UInt8], name: String = "=stdin", line: Int = 1) -> Int32 {
    let text = line == 1 ? text : Array(repeating: UInt8(ascii: "\n"), count: line - 1) + text
    return text.withUnsafeBytes { bytes in
      sonde_try_load(lua, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, name)
    }
  }

  /// Whether Lua takes a text; leaves the stack as it is.
  func compiles(_ text: [UInt8]) -> Bool {
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    return load(text) == LUA_OK
  }

  // MARK: With the locals of the prompt

  /// What is about to run.
  struct Prepared {
    /// The upvalue in which the chunk leaves the function that tells its locals.
    var keeper: String?
    /// The locals of earlier chunks that it may see.
    var seen: [String] = []
    /// Whether its own locals can't be kept: where a label stands at its end, nothing can be put behind it.
    var losesLocals = false
  }

  /// Makes the function of a whole chunk that `isComplete` has left on the stack one that sees the locals of earlier chunks and
  /// tells its own; nil, and a message on the stack, when that can't be.
  func prepare(_ chunk: Chunk, _ outline: ChunkOutline, name: String, _ locals: KeptLocals) -> Prepared? {
    let seen = locals.names.filter { outline.names.contains($0) || $0 == "_ENV" }
    let returnsCall = outline.returns.last?.isCall == true
    if seen.isEmpty && outline.declarations.isEmpty && !returnsCall && name == "=stdin" { return Prepared() }
    let isExpression = replace(chunk.expression, name, chunk.line)
    guard isExpression || !chunk.isMarkedExpression && replace(outline.running(chunk.bytes), name, chunk.line)
    else { return nil }
    let declares = !isExpression && !outline.kept.isEmpty
    if seen.isEmpty && !declares { return Prepared() }
    guard seen.count <= ChunkCompiler.mostLocals else { return tellTooMany(seen.count) }
    if declares {
      let wrapped = WrappedChunk(chunk.bytes, outline, seeing: seen, locals.isConst)
      if replace(wrapped.text, name, chunk.line) { return join(Prepared(keeper: wrapped.keeper, seen: seen), locals) }
    }
    let body = isExpression ? chunk.expression : outline.running(chunk.bytes)
    let text = seen.isEmpty ? body : WrappedChunk(body, seeing: seen, locals.isConst).text
    guard replace(text, name, chunk.line) else { return nil }
    let prepared = Prepared(seen: seen, losesLocals: declares)
    return seen.isEmpty ? prepared : join(prepared, locals)
  }

  /// Compiles text in the place of what is on the stack.
  private func replace(_ text: [UInt8], _ name: String, _ line: Int) -> Bool {
    lua_settop(lua, 0)
    return load(text, name: name, line: line) == LUA_OK
  }

  /// Replaces the function of a wrapped chunk by that of the chunk itself, and ties its upvalues to the locals.
  private func join(_ prepared: Prepared, _ locals: KeptLocals) -> Prepared? {
    guard sonde_try_call(lua, 0, 1) == LUA_OK else { return nil }
    for name in prepared.seen { locals.join(name, functionAt: 1) }
    return prepared
  }

  private func tellTooMany(_ count: Int) -> Prepared? {
    let text =
      "this chunk names \(count) locals of earlier lines, \(ChunkCompiler.mostLocals) at most can be; keep them in a table"
    lua_settop(lua, 0)
    _ = sonde_try_string(lua, text, text.utf8.count)
    return nil
  }
}
