import CLua
import LuaAPI

/// The locals declared at the prompt, which later chunks see.
///
/// Each is a variable of Lua's own, an upvalue of some closure: a function that was typed with it and a chunk typed later
/// share the one variable, as they would in one text.
final class KeptLocals {
  private let interpreter: Interpreter
  /// Whose variables they are: a fresh session begins without any.
  private weak var session: Session?
  private var cells: [String: Cell] = [:]
  private var order: [String] = []

  /// The upvalue `number` of a closure in the registry.
  private struct Cell {
    let reference: Int32
    let number: Int32
    let isConst: Bool
  }

  init(_ interpreter: Interpreter) { self.interpreter = interpreter }

  private var lua: LuaState { interpreter.lua }

  /// The names of those that the last chunk has declared.
  private(set) var lastKept: [String] = []

  /// Forgets which those were, before another chunk runs.
  func beginChunk() { lastKept = [] }

  /// Their names in the order of their declarations.
  var names: [String] {
    adoptSession()
    return order
  }

  private func adoptSession() {
    guard session !== interpreter.session else { return }
    session = interpreter.session
    cells = [:]
    order = []
  }

  /// Whether it was declared `<const>`.
  func isConst(_ name: String) -> Bool { cells[name]?.isConst == true }

  /// Pushes the value of a local; false, and nothing pushed, when there is no such one.
  func push(_ name: String) -> Bool {
    adoptSession()
    guard let cell = cells[name], lua_checkstack(lua, 4) != 0 else { return false }
    lua_rawgeti(lua, sonde_registry(), lua_Integer(cell.reference))
    lua_getupvalue(lua, -1, cell.number)
    lua_rotate(lua, -2, 1)
    sonde_pop(lua, 1)
    return true
  }

  /// Makes the upvalue of that name of the Lua function at a stack index the local.
  func join(_ name: String, functionAt index: Int32) {
    guard let cell = cells[name], lua_checkstack(lua, 4) != 0 else { return }
    lua_rawgeti(lua, sonde_registry(), lua_Integer(cell.reference))
    _ = sonde_join_upvalue(lua, index, name, lua_gettop(lua), cell.number)
    sonde_pop(lua, 1)
  }

  /// Forgets a local.
  func forget(_ name: String) {
    guard let cell = cells.removeValue(forKey: name) else { return }
    sonde_unreference(lua, cell.reference)
    order.removeAll { $0 == name }
  }

  // MARK: Keeping

  /// Keeps those of a chunk's locals that the function on top of the stack returns.
  ///
  /// Lua replaces a constant whose value is known to the compiler by that value: it is no upvalue, and the function gives it.
  func keep(_ outline: ChunkOutline) {
    let function = lua_gettop(lua)
    adoptSession()
    for declaration in outline.kept where lua_checkstack(lua, LUA_MINSTACK) != 0 {
      let number = sonde_upvalue_number(lua, function, declaration.name)
      lua_pushvalue(lua, function)
      if number > 0 {
        keepUpvalue(number, declaration)
      } else if declaration.attribute == .const, let position = position(of: declaration, function, outline) {
        lua_pushvalue(lua, function + position)
        keepValue(declaration)
      }
      lua_settop(lua, function)
    }
  }

  /// Calls the function on top, which is a copy of that at `function`, and tells which of its results a local is; nil when it
  /// is none.
  ///
  /// A `return` inside a block comes before some declarations, so the number of results tells which of them count.
  private func position(
    of declaration: ChunkOutline.Declaration, _ function: Int32, _ outline: ChunkOutline
  ) -> Int32? {
    guard sonde_try_call(lua, 0, LUA_MULTRET) == LUA_OK else { return nil }
    let count = Int(lua_gettop(lua) - function)
    let lists = (outline.returns.map(\.declarations) + [outline.declarations.count]).map(outline.kept(of:))
    guard let list = lists.last(where: { $0.count == count }) else { return nil }
    return list.firstIndex { $0.name == declaration.name }.map { Int32($0 + 1) }
  }

  /// Keeps the values of those of a chunk's own locals that are in the table on top of the stack, names and values in turn as
  /// the chunk had them when it failed: first those at top level, in the order of their declarations, then those of blocks.
  func keepValues(_ outline: ChunkOutline) {
    let table = lua_gettop(lua)
    adoptSession()
    var declarations = outline.declarations[...]
    var index: lua_Integer = 1
    while lua_checkstack(lua, LUA_MINSTACK) != 0, lua_rawgeti(lua, table, index) == LUA_TSTRING {
      let name = lua_tolstring(lua, -1, nil).map { String(cString: $0) } ?? ""
      // constants that the compiler knows are not there
      declarations = declarations.drop { $0.attribute == .const && $0.name != name }
      guard let declaration = declarations.popFirst(), declaration.name == name else { break }
      lua_rawgeti(lua, table, index + 1)
      if declaration.attribute != .close { keepValue(declaration) }
      lua_settop(lua, table)
      index += 2
    }
    lua_settop(lua, table)
  }

  /// Keeps the value on top of the stack, which is popped, in a variable of its own.
  func keepValue(_ declaration: ChunkOutline.Declaration) {
    let value = lua_gettop(lua)
    let text = "local value return function() return value end"
    var status = sonde_try_load(lua, text, text.utf8.count, "=kept")
    if status == LUA_OK { status = sonde_try_call(lua, 0, 1) }
    if status == LUA_OK {
      lua_pushvalue(lua, value)
      lua_setupvalue(lua, -2, 1)
      keepUpvalue(1, declaration)
    }
    lua_settop(lua, value - 1)
  }

  /// Keeps an upvalue of the closure on top of the stack, which is popped.
  private func keepUpvalue(_ number: Int32, _ declaration: ChunkOutline.Declaration) {
    var reference = LUA_NOREF
    guard sonde_try_reference(lua, &reference) == LUA_OK else { return }
    forget(declaration.name)
    cells[declaration.name] = Cell(
      reference: reference, number: number, isConst: declaration.attribute == .const)
    order.append(declaration.name)
    lastKept.append(declaration.name)
  }
}
