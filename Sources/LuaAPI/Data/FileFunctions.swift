import CLua
import Files
import Kernels
import Tensors

extension FunctionRecord {
  /// What saves and loads tensors.
  static let fileFunctions: [FunctionRecord] = [save, load]

  private static let save = FunctionRecord(
    "sonde.save",
    "Saves tensors in the format that the name ends in: .npy or .csv one tensor, .npz or .safetensors a table of them.",
    [
      Parameter("path", .string, "the file; it is replaced whole or not at all"),
      Parameter(
        "value", .tensors,
        "a tensor for .npy, of one or two dimensions for .csv; a table name -> tensor for .npz and .safetensors, "
          + "where .npz names a sequence arr_0, arr_1 and so on as numpy.savez does"),
    ],
    options: [
      Parameter("compress", .boolean, default: "false", "whether a .npz is deflated"),
      Parameter("metadata", .table, default: "none", "strings name -> string that a .safetensors says of itself"),
      Parameter("delimiter", .string, default: "\",\"", "the character between two cells of a .csv"),
      Parameter("header", .table, default: "none", "the names of a .csv's columns, its first row"),
    ],
    returns: "nothing", errors: "another ending, a value that the format can't hold, a path that can't be written",
    example: """
      local path = os.tmpname() .. '.npy'; sonde.save(path, sonde.tensor{{1, 2}, {3, 4}})
      assert(sonde.load(path)[2][1] == 3); os.remove(path)
      """
  ) { call in
    let origin = Origin(operation: call.who, path: try call.string(0))
    let format = try FileFormat(origin)
    try call.requireOptions(of: format)
    switch format {
    case .npy: try NPY.write(try call.tensor(for: format), origin)
    case .npz:
      try NPZ.write(try call.namedTensors(for: format), origin, isDeflated: call.flag("compress", default: false))
    case .safetensors: try Safetensors.write(try call.namedTensors(for: format), metadata: try call.metadata(), origin)
    case .csv:
      let table = try CSV(delimiter: call.option("delimiter").asString ?? ",", operation: call.who)
      try table.write(try call.tensor(for: format), names: try call.header(), origin)
    }
    return 0
  }

  private static let load = FunctionRecord(
    "sonde.load",
    "Loads tensors from a .npy, .npz, .safetensors or .csv file; nothing that it loads can run code.",
    [Parameter("path", .string, "the file; its name's end tells the format")],
    options: [
      Parameter("metadata", .boolean, default: "false", "whether a .safetensors answers its metadata too"),
      Parameter(
        "dtype", .dtype, default: "the session's default", "the elements' type of a .csv; others know their own"),
      Parameter(
        "delimiter", .string, default: "\",\"", "the character between a .csv's cells; a space is any run of blanks"),
      Parameter(
        "header", .boolean, default: "whether it has text and no number",
        "whether a .csv's first row is passed over; an empty cell below is NaN"),
    ],
    returns:
      "a tensor of .npy, [rows, columns] of .csv; a table name -> tensor of .npz and .safetensors, the latter's metadata "
      + "behind it if asked for; float16 and bfloat16 become float32, all integers int64",
    errors:
      "a missing file; a truncated, oversized or damaged one, with the byte position; elements that aren't numbers",
    example: """
      local path = os.tmpname() .. '.npz'; sonde.save(path, {w = sonde.ones(2), n = sonde.tensor(7)})
      assert(sonde.load(path).w:sum():item() == 2); os.remove(path)
      """
  ) { call in
    let origin = Origin(operation: call.who, path: try call.string(0))
    let format = try FileFormat(origin)
    try call.requireOptions(of: format)
    switch format {
    case .npy: return try call.push(NPY.read(origin))
    case .npz: return try call.push(named: NPZ.read(origin))
    case .safetensors:
      let file = try Safetensors(origin)
      let count = try call.push(named: file.tensors)
      return try call.flag("metadata", default: false) ? count + call.push(strings: file.metadata) : count
    case .csv:
      let header: Bool? = call.option("header").isAbsent ? nil : call.flag("header", default: false)
      let delimiter = call.option("delimiter").asString ?? ","
      let table = try CSV(delimiter: delimiter, hasHeader: header, operation: call.who)
      return try call.push(table.read(call.dtype(), origin))
    }
  }
}

extension Call {
  /// Refuses options that the format has no use for.
  fileprivate func requireOptions(of format: FileFormat) throws {
    let home: [String: FileFormat] = [
      "compress": .npz, "metadata": .safetensors, "dtype": .csv, "delimiter": .csv, "header": .csv,
    ]
    for name in options.keys.sorted() {
      if let expected = home[name], expected != format {
        throw failure("option '\(name)' is for .\(expected.rawValue), got a .\(format.rawValue)")
      }
    }
  }

  /// The value of a format that holds one tensor.
  fileprivate func tensor(for format: FileFormat) throws -> Tensor {
    guard let tensor = argument(1).asTensor else {
      throw failure(
        "expected a tensor for a .\(format.rawValue), got \(argument(1).text); "
          + "sonde.tensor makes one of numbers, .npz and .safetensors hold a table of tensors")
    }
    return tensor
  }

  /// The table of a format that holds tensors by name.
  fileprivate func namedTensors(for format: FileFormat) throws -> [NamedTensor] {
    guard case .table(let index) = argument(1) else {
      throw failure(
        "expected a table name -> tensor for a .\(format.rawValue), got \(argument(1).text); {name = tensor} makes one")
    }
    let length = Int(clamping: lua_rawlen(lua, index))
    var result: [NamedTensor] = []
    try forEachPair(in: index) { key, position in
      let value = LuaValue(lua, position)
      guard let tensor = value.asTensor else {
        throw failure("expected tensors in the table, got \(value.text) at \(key.text)")
      }
      result.append(NamedTensor(try name(key, length, format), tensor))
    }
    return result
  }

  /// The name that a key becomes.
  private func name(_ key: LuaValue, _ length: Int, _ format: FileFormat) throws -> String {
    if let name = key.asString { return name }
    guard format == .npz, case .integer(let index) = key, 1...Int64(max(length, 1)) ~= index else {
      let keys = format == .npz ? "names or a sequence" : "names"
      throw failure("expected \(keys) as keys of the table, got \(key.text)")
    }
    return "arr_\(index - 1)"
  }

  fileprivate func metadata() throws -> [String: String] {
    guard case .table(let index) = option("metadata") else { return [:] }
    var result: [String: String] = [:]
    try forEachPair(in: index) { key, position in
      let value = LuaValue(lua, position)
      guard let name = key.asString, let text = value.asString else {
        throw failure("option 'metadata' expected strings by name, got \(value.text) at \(key.text)")
      }
      result[name] = text
    }
    return result
  }

  fileprivate func header() throws -> [String]? {
    guard case .table(let index) = option("header") else { return nil }
    return try sequence(at: index) { value in
      guard let name = value.asString else {
        throw failure("option 'header' expected the names of columns, got \(value.text)")
      }
      return name
    }
  }

  /// Pushes a table name -> tensor.
  fileprivate func push(named tensors: [NamedTensor]) throws -> Int32 {
    try LuaAPI.check(sonde_try_table(lua, 0, Int32(clamping: tensors.count)))
    let table = lua_gettop(lua)
    for item in tensors {
      _ = try push(item.name)
      _ = try push(item.tensor)
      try LuaAPI.check(sonde_try_set(lua, table))
    }
    return 1
  }

  /// Pushes a table name -> string.
  fileprivate func push(strings: [String: String]) throws -> Int32 {
    try LuaAPI.check(sonde_try_table(lua, 0, Int32(clamping: strings.count)))
    let table = lua_gettop(lua)
    for (name, text) in strings {
      _ = try push(name)
      _ = try push(text)
      try LuaAPI.check(sonde_try_set(lua, table))
    }
    return 1
  }
}
