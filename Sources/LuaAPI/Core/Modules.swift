import CLua
import Tensors

// The tables of functions: a field that is not there is nil, as in every table, and what is said of it.

extension HelpModule {
  /// The fields that a user can name: functions, and the modules inside.
  var fieldNames: [String] {
    let inner = HelpModule.all.filter { $0.name.hasPrefix(name + ".") }.map { HelpIndex.plain($0.name) }
    let root =
      name == "sonde" ? HelpModule.all.map(\.name).filter { !$0.contains(".") && $0 != name } + ["version"] : []
    return functions.map(\.shortName) + inner + root
  }
}

@c @implementation
func sonde_swift_nearest_field(
  _ module: Int32, _ name: UnsafePointer<CChar>?, _ nearest: UnsafeMutablePointer<CChar>?, _ size: Int
) -> Bool {
  guard let name, let nearest,
    let found = nearestName(to: String(cString: name), among: HelpModule.all[Int(module)].fieldNames),
    found.utf8.count < size
  else { return false }
  for (index, byte) in found.utf8.enumerated() { nearest[index] = CChar(bitPattern: byte) }
  nearest[found.utf8.count] = 0
  return true
}

extension Session {
  /// Lets the tables of the modules in the root note the fields they are asked for and have not.
  func equipModules(in root: Int32) throws {
    for (number, module) in HelpModule.all.enumerated() {
      lua_pushvalue(lua, root)
      for part in module.name.split(separator: ".") where part != "sonde" {
        try check(sonde_try_get_field(lua, lua_gettop(lua), String(part)))
      }
      try check(sonde_try_module(lua, runtime, Int32(number)))
      lua_settop(lua, root)
    }
  }

  /// What is to be said when a chunk has given nil for the field of a module, the last that was asked for: that it has none,
  /// and the nearest; nil where no field was missing.
  public func remarkOnMissingField(named name: String) -> String? {
    var missing: UnsafePointer<CChar>?
    let number = sonde_last_miss(runtime, &missing)
    guard number >= 0, let missing, String(cString: missing) == name else { return nil }
    let module = HelpModule.all[Int(number)]
    let nearest = suggestion(for: name, among: module.fieldNames)
    return "\(module.name) has no '\(name)'\(nearest.isEmpty ? "; ?\(module.name) lists what it has" : nearest)"
  }
}
