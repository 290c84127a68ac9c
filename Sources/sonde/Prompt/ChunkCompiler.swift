import CLua
import LuaAPI

/// Compiles what was typed, and tells whether it is whole.
struct ChunkCompiler {
  let interpreter: Interpreter

  /// More than Lua's 200 locals of a function don't fit, and the chunk has some of its own.
  private static let mostLocals = 190

  private var lua: LuaState { interpreter.lua }

  /// Compiles as an expression, then as statements, and leaves the function or the message on the stack.
  func isComplete(_ chunk: Chunk) -> Bool {
    lua_settop(lua, 0)
    if let code = PromptCommand.code(in: chunk) { return isComplete(code) }
    if chunk.isForPrompt || load(chunk.expression) == LUA_OK { return true }
    let unfinished = isUnfinished
    if chunk.isMarkedExpression { return !unfinished }
    lua_settop(lua, 0)
    return load(chunk.bytes) == LUA_OK || !(unfinished || isUnfinished)
  }

  /// Whether the message on top says that the text ended too early.
  private var isUnfinished: Bool { sonde_error_ends(lua, "<eof>", 5) }

  /// Compiles text under a chunk's name, and leaves the function or the message on the stack.
  func load(_ text: [UInt8], name: String = "=stdin") -> Int32 {
    text.withUnsafeBytes { bytes in
      sonde_try_load(lua, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, name)
    }
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
    if seen.isEmpty && outline.declarations.isEmpty && name == "=stdin" { return Prepared() }
    let isExpression = replace(chunk.expression, name)
    guard isExpression || !chunk.isMarkedExpression && replace(chunk.bytes, name) else { return nil }
    let declares = !isExpression && !outline.kept.isEmpty
    if seen.isEmpty && !declares { return Prepared() }
    guard seen.count <= ChunkCompiler.mostLocals else { return tellTooMany(seen.count) }
    if declares {
      let wrapped = WrappedChunk(chunk.bytes, outline, seeing: seen, locals.isConst)
      if replace(wrapped.text, name) { return join(Prepared(keeper: wrapped.keeper, seen: seen), locals) }
    }
    let body = isExpression ? chunk.expression : chunk.bytes
    let text = seen.isEmpty ? body : WrappedChunk(body, seeing: seen, locals.isConst).text
    guard replace(text, name) else { return nil }
    let prepared = Prepared(seen: seen, losesLocals: declares)
    return seen.isEmpty ? prepared : join(prepared, locals)
  }

  /// Compiles text in the place of what is on the stack.
  private func replace(_ text: [UInt8], _ name: String) -> Bool {
    lua_settop(lua, 0)
    return load(text, name: name) == LUA_OK
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
