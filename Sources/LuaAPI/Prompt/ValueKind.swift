import CLua
import Datasets
import Lab
import Networks
import Tensors

/// What kind of value something is, in our words; nothing of the user's runs to find out.
struct ValueKind {
  let session: Session
  private var lua: LuaState { session.lua }

  /// Tells the kind of the value at an absolute stack index.
  func text(at index: Int32) throws -> String {
    switch LuaValue(lua, index) {
    case .absent: "nil"
    case .boolean: "boolean"
    case .integer: "number (integer)"
    case .number: "number (float)"
    case .string: "string of \(ValueKind.count(Int(clamping: lua_rawlen(lua, index)), "byte"))"
    case .table: try table(at: index)
    case .function: try "function" + (functionName(at: index).map { " \($0)" } ?? "")
    case .object(let object, let type): ValueKind.text(of: object, type)
    case .closed(let type): "\(type.name) (closed)"
    case .other(let name): try name == "thread" ? "coroutine" : named(at: index) ?? name
    }
  }

  /// A number with its noun.
  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  // MARK: Objects

  private static func text(of object: AnyObject, _ type: ObjectType) -> String {
    switch object {
    case let tensor as Tensor:
      let extents = tensor.shape.map(String.init).joined(separator: ", ")
      return "tensor \(tensor.dtype.name) [\(extents)]" + (tensor.requiresGradient ? ", with gradient" : "")
    case let network as Network:
      let isMLP = network.rows.allSatisfy { $0 is Block }
      return "net of \(count(network.rows.count, "layer")) (\(isMLP ? "nn.mlp" : "nn.Sequential"))"
    case let handle as LayerHandle: return "layer \(handle.layer.description)"
    case let dataset as Dataset: return "dataset of \(count(dataset.count, "sample"))"
    case let handle as ReportHandle: return "report of \(count(handle.report.rows.count, "layer"))"
    case let history as TrainingHistory: return "history of \(count(history.history.epochs.count, "epoch"))"
    default: return type.name
    }
  }

  // MARK: Tables

  private func table(at index: Int32) throws -> String {
    let call = Call(session: session, lua: lua, who: "type")
    let length = Int(clamping: lua_rawlen(lua, index))
    let fields = try call.restoring { try FieldKeys(call, of: index, most: 0).count }
    let parts = [length > 0 || fields == 0 ? "\(length)" : nil, fields > 0 ? ValueKind.count(fields, "field") : nil]
    let text = "table of " + parts.compactMap { $0 }.joined(separator: " and ")
    return text + (try named(at: index).map { " (\($0))" } ?? "")
  }

  /// The string `__name` of the value's metatable, where there is one.
  private func named(at index: Int32) throws -> String? {
    let call = Call(session: session, lua: lua, who: "type")
    return try call.restoring {
      guard lua_getmetatable(lua, index) != 0 else { return nil }
      try check(sonde_try_get_field(lua, lua_gettop(lua), "__name"))
      guard lua_type(lua, -1) == LUA_TSTRING else { return nil }
      return String(LuaValue.text(lua, lua_gettop(lua)).prefix(40))
    }
  }

  // MARK: Functions

  /// The name of one of ours or of Lua's own; of a user's where it was made.
  private func functionName(at index: Int32) throws -> String? {
    let record = sonde_record_of(lua, index)
    if record >= 0 { return session.records[Int(record)].name }
    if lua_iscfunction(lua, index) != 0 { return try libraryName(at: index) }
    var frame = lua_Debug()
    lua_pushvalue(lua, index)
    guard lua_getinfo(lua, ">S", &frame) != 0, frame.linedefined > 0 else { return nil }
    let source = withUnsafeBytes(of: frame.short_src) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return "of \(source):\(frame.linedefined)"
  }

  /// Where a loaded module has the function: `print`, `string.format`.
  private func libraryName(at index: Int32) throws -> String? {
    let call = Call(session: session, lua: lua, who: "type")
    return try call.restoring {
      try check(sonde_try_get_field(lua, sonde_registry(), LUA_LOADED_TABLE))
      var found: String?
      guard lua_type(lua, -1) == LUA_TTABLE else { return nil }
      try call.forEachPair(in: lua_gettop(lua)) { module, table in
        guard let module = module.asString, lua_type(lua, table) == LUA_TTABLE else { return }
        try call.forEachPair(in: table) { key, value in
          guard lua_rawequal(lua, value, index) != 0, let key = key.asString else { return }
          let name = module == "_G" ? key : "\(module).\(key)"
          if name.count < found?.count ?? Int.max { found = name }
        }
      }
      return found
    }
  }
}

extension Session {
  /// Tells the kind of the value at an absolute stack index: `tensor float32 [3]`, `net of 20 layers (nn.mlp)`, `table of 3`.
  public func kind(at index: Int32) -> String {
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    guard lua_checkstack(lua, 64) != 0 else { return "value" }
    return (try? ValueKind(session: self).text(at: index)) ?? "value"
  }
}
