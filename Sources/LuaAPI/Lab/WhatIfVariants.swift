import CLua
import Lab

/// What Swift reads of a variant of a what-if, whose state is the library's.
struct WhatIfVariant {
  let number: Int
  let name: String
  let isBase: Bool
  /// The settings by key, as names show them, in the order of the keys.
  let settings: [(key: String, value: String)]
  let error: String?
  let report: Report?
}

extension Call {
  /// The variants of the what-if that is the receiver.
  func whatIfVariants() throws -> [WhatIfVariant] {
    try restoring {
      let count = try runLibrary("variants", "plain", given: 1)
      guard case .table(let table) = LuaValue(lua, lua_gettop(lua) - count + 1) else { return [] }
      return try sequence(at: table) { value in
        guard case .table(let index) = value else { throw failure("expected a variant, got \(value.text)") }
        return try variant(at: index)
      }
    }
  }

  private func variant(at table: Int32) throws -> WhatIfVariant {
    func field(_ name: String) throws -> LuaValue {
      try LuaAPI.check(sonde_try_get_field(lua, table, name))
      return LuaValue(lua, lua_gettop(lua))
    }
    return try restoring {
      var settings: [(String, String)] = []
      if case .table(let index) = try field("settings") {
        settings = try sequence(at: index) { pair in
          guard case .table(let index) = pair else { return ("", "") }
          let texts = try sequence(at: index) { $0.asString ?? "" }
          return (texts.first ?? "", texts.last ?? "")
        }
      }
      var report: Report?
      if case .object(let handle as ReportHandle, _) = try field("report") { report = handle.report }
      var isBase = false
      if case .boolean(true) = try field("base") { isBase = true }
      return WhatIfVariant(
        number: try field("number").asInteger ?? 0, name: try field("name").asString ?? "", isBase: isBase,
        settings: settings, error: try field("error").asString, report: report)
    }
  }
}
