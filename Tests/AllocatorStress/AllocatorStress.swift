import CLua
import LuaAPI
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs a script under allocators of Lua's that fail at the N-th request, for every N up to a limit, in three ways.
///
/// A program of its own, because it counts every tensor of the process. Prints what went wrong and exits with 1.
@main
enum AllocatorStress {
  /// How an allocator fails from request N on.
  enum Failure: String, CaseIterable {
    case once, twice, always

    func fails(request: Int, at position: Int) -> Bool {
      switch self {
      case .once: request == position
      case .twice: request == position || request == position + 1
      case .always: request >= position
      }
    }
  }

  /// What the allocator counts; Lua passes its address back.
  struct Count {
    var requests = 0
    var position = 0
    var failure = Failure.once
  }

  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let limit = Int(arguments[1]), let script = text(of: arguments[2]) else {
      print("usage: AllocatorStress limit script.lua")
      exit(2)
    }
    var outcomes: [String: Int] = [:]
    for failure in Failure.allCases {
      for position in 1...limit {
        let outcome = run(script, Count(position: position, failure: failure))
        outcomes[outcome, default: 0] += 1
        guard outcome == "success" || outcome == "not enough memory" else {
          print("request \(position) failing \(failure.rawValue): \(outcome)")
          exit(1)
        }
        guard MemoryAccount.storages == 0 else {
          print("request \(position) failing \(failure.rawValue): \(MemoryAccount.storages) tensors alive after close")
          exit(1)
        }
      }
    }
    let told = outcomes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    print(told.joined(separator: ", "))
  }

  private static func text(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
  }

  /// Opens a state, runs the script, closes; answers 'success' or the message.
  private static func run(_ script: String, _ count: Count) -> String {
    let counter = UnsafeMutablePointer<Count>.allocate(capacity: 1)
    counter.initialize(to: count)
    defer { counter.deallocate() }
    guard let lua = lua_newstate(allocate, counter) else { return "not enough memory" }
    guard let session = try? Session(lua, presets: true) else { return "not enough memory" }
    defer { session.close() }
    var copy = script
    var status = copy.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { sonde_try_load(lua, $0.baseAddress, $0.count, "=stress") }
    }
    if status == LUA_OK { status = sonde_run(lua, session.runtime, 0, 0, false) }
    if status == LUA_OK { return "success" }
    guard lua_type(lua, -1) == LUA_TSTRING, let message = lua_tolstring(lua, -1, nil) else { return "not a message" }
    let text = String(cString: message)
    return text.contains("not enough memory") ? "not enough memory" : text
  }

  private static let allocate: lua_Alloc = { counter, block, _, size in
    guard size > 0 else {
      free(block)
      return nil
    }
    if let counter = counter?.assumingMemoryBound(to: Count.self) {
      counter.pointee.requests += 1
      let count = counter.pointee
      if count.failure.fails(request: count.requests, at: count.position) { return nil }
    }
    return realloc(block, size)
  }
}
