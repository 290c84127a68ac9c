import CLua
import Testing

@testable import LuaAPI

/// The one table of records: every record is complete, and its example runs.
@Suite(.serialized) struct RecordTests {
  private static let records = FunctionRecord.all + TypeRecord.all.flatMap(\.methods)

  @Test func everyRecordIsComplete() {
    for record in RecordTests.records {
      #expect(!record.summary.isEmpty && record.summary.hasSuffix("."), "\(record.name): a summary is a sentence")
      #expect(!record.returns.isEmpty, "\(record.name): returns")
      #expect(!record.example.isEmpty, "\(record.name): example")
      for parameter in record.parameters + record.options {
        #expect(!parameter.meaning.isEmpty, "\(record.name): meaning of \(parameter.name)")
      }
    }
  }

  @Test func everyPropertyIsDescribed() {
    for type in TypeRecord.all {
      #expect(!type.summary.isEmpty, "\(type.type.name): summary")
      for property in type.properties { #expect(!property.summary.isEmpty, "\(type.type.name).\(property.name)") }
    }
  }

  @Test func namesAreUnique() {
    let names = RecordTests.records.map(\.name)
    #expect(names.count == Set(names).count, "\(Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.keys)")
  }

  @Test func methodsAreNamedAfterTheirType() {
    for type in TypeRecord.all {
      for method in type.methods {
        #expect(method.name.hasPrefix("\(type.type.name):"), "\(method.name)")
        #expect(method.receiver == type.type, "\(method.name)")
      }
    }
  }

  @Test(arguments: records.map(\.name)) func exampleRuns(name: String) throws {
    let record = try #require(RecordTests.records.first { $0.name == name })
    let state = try TestState()
    defer { state.close() }
    // as the page shows it
    #expect(state.run(ExampleText.lines(of: record.example)) == nil, "\(name)")
  }

  /// A sample call with a wrong first argument names the function and the parameter.
  @Test(arguments: records.filter { !$0.parameters.isEmpty && $0.receiver == nil }.map(\.name))
  func wrongArgumentsAreNamed(name: String) throws {
    let record = try #require(RecordTests.records.first { $0.name == name })
    if case .any = record.parameters[0].type { return }
    let state = try TestState()
    defer { state.close() }
    let message = state.run("\(name)(coroutine.create(print))")
    let path =
      "test:1: \(name): argument 1 '\(record.parameters[0].name)' expected \(record.parameters[0].type.text), got a thread"
    #expect(message == path)
  }
}

/// A Lua state with Sonde, for tests in this process.
struct TestState {
  let session: Session

  init() throws {
    let lua = try #require(luaL_newstate())
    session = try Session(lua, presets: true)
  }

  func close() { session.close() }

  /// Runs Lua text named 'test'; answers nil, or the first line of the error.
  func run(_ text: String) -> String? {
    var copy = text
    var status = copy.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { sonde_try_load(session.lua, $0.baseAddress, $0.count, "=test") }
    }
    if status == LUA_OK { status = sonde_run(session.lua, session.runtime, 0, 0, false) }
    guard status != LUA_OK else { return nil }
    defer { sonde_pop(session.lua, 1) }
    let message = LuaValue(session.lua, lua_gettop(session.lua)).asString ?? "no message"
    return String(message.split(separator: "\n", maxSplits: 1)[0])
  }
}
