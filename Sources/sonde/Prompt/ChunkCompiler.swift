import CLua
import LuaAPI

/// Compiles what was typed, and tells whether it is whole.
struct ChunkCompiler {
  let interpreter: Interpreter

  private var lua: LuaState { interpreter.lua }

  /// Compiles as an expression, then as statements, and leaves the function or the message on the stack.
  func isComplete(_ chunk: Chunk) -> Bool {
    lua_settop(lua, 0)
    if chunk.isForPrompt || load(chunk.expression) == LUA_OK { return true }
    let unfinished = isUnfinished
    if chunk.isMarkedExpression { return !unfinished }
    lua_settop(lua, 0)
    return load(chunk.bytes) == LUA_OK || !(unfinished || isUnfinished)
  }

  /// Whether the message on top says that the text ended too early.
  private var isUnfinished: Bool { sonde_error_ends(lua, "<eof>", 5) }

  private func load(_ text: [UInt8]) -> Int32 {
    text.withUnsafeBytes { bytes in
      sonde_try_load(lua, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, "=stdin")
    }
  }
}
