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

  /// How a message about a field that is not there ends: with the nearest or, where none is near, with the page that lists all.
  fileprivate func cure(for field: String) -> String {
    let nearest = suggestion(for: field, among: fieldNames)
    return nearest.isEmpty ? "; ?\(name) lists what it has" : nearest
  }
}

@c @implementation
func sonde_swift_cure_of_miss(
  _ module: Int32, _ name: UnsafePointer<CChar>?, _ namesPage: Bool, _ cure: UnsafeMutablePointer<CChar>?, _ size: Int
) -> Bool {
  guard let name, let cure else { return false }
  let (module, field) = (HelpModule.all[Int(module)], String(cString: name))
  let text = namesPage ? module.cure(for: field) : suggestion(for: field, among: module.fieldNames)
  guard !text.isEmpty, text.utf8.count < size else { return false }
  for (index, byte) in text.utf8.enumerated() { cure[index] = CChar(bitPattern: byte) }
  cure[text.utf8.count] = 0
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
    return "\(module.name) has no '\(name)'\(module.cure(for: name))"
  }
}
