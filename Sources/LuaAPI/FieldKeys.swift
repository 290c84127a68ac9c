import CLua
import Kernels

/// The keys of a table beside its sequence, the first of them in a stable order: numbers, strings, booleans, others.
struct FieldKeys {
  /// How many there are.
  private(set) var count = 0

  private let lua: LuaState
  /// The stack index of a table that holds the keys that are kept, by their slots.
  private let shelf: Int32
  private var sorted: [Key] = []

  /// A key as far as order goes.
  private struct Key {
    var rank = 0
    var number = 0.0
    var text: [UInt8] = []
    var slot = 0

    func precedes(_ other: Key) -> Bool {
      if rank != other.rank { return rank < other.rank }
      return number != other.number ? number < other.number : text.lexicographicallyPrecedes(other.text)
    }
  }

  /// Finds the first `most` keys of the table at an absolute stack index, and leaves a table of them on the stack.
  init(_ call: Call, of table: Int32, most: Int) throws {
    lua = call.lua
    try check(sonde_try_table(lua, 0, 0))
    shelf = lua_gettop(lua)
    let length = Int64(clamping: lua_rawlen(lua, table))
    var visited = 0
    try call.forEachPair(in: table) { key, value in
      visited += 1
      if visited % 4096 == 0 { try Interrupt.check() }
      if case .integer(let index) = key, index >= 1, index <= length { return }
      count += 1
      try keep(key, at: value - 1, most)
    }
  }

  /// How many keys are kept.
  var kept: Int { sorted.count }

  /// Pushes a key.
  func push(_ place: Int) { lua_rawgeti(lua, shelf, lua_Integer(sorted[place].slot)) }

  private mutating func keep(_ value: LuaValue, at index: Int32, _ most: Int) throws {
    var key = FieldKeys.key(value)
    if sorted.count == most {
      guard let last = sorted.last, key.precedes(last) else { return }
      key.slot = last.slot
      sorted.removeLast()
    } else {
      key.slot = sorted.count + 1
    }
    var place = sorted.count
    while place > 0 && key.precedes(sorted[place - 1]) { place -= 1 }
    sorted.insert(key, at: place)
    lua_pushvalue(lua, index)
    try check(sonde_try_set_index(lua, shelf, lua_Integer(key.slot)))
  }

  private static func key(_ value: LuaValue) -> Key {
    switch value {
    case .integer(let number): Key(number: Double(number))
    case .number(let number): Key(number: number)
    case .string(let text): Key(rank: 1, text: Array(text.utf8.prefix(256)))
    case .boolean(let flag): Key(rank: 2, number: flag ? 1 : 0)
    default: Key(rank: 3)
    }
  }
}
