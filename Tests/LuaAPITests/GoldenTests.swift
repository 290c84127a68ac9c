import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The tensors of Lua against NumPy's results, which Fixtures/goldens.py wrote, and against themselves.
@Suite struct GoldenTests {
  private static let goldens = Project.path("Tests/LuaAPITests/Fixtures/goldens.txt")

  @Test func resultsAreNumPys() throws {
    let cases = try lines().count { $0.hasPrefix("case\t") }
    #expect(cases >= 1500)
    #expect(try run("goldens.lua", [Self.goldens]) == Child.Outcome(output: "\(cases) cases, 0 failures\n"))
  }

  /// Of every dtype and kind of result, one case is given another number, extent or dtype: each must be told.
  @Test(arguments: [
    ("float32;3,4;", "float32;4,3;"), ("float64;3,4;", "float32;3,4;"), ("float32;;", "float32;;1"),
    (" 0.5 ", " 0.25 "),
    ("int64;3,4;1", "int64;3,4;2"), ("bool;3,4;1", "bool;3,4;0"), ("number;;", "number;;1"),
    ("integer;;", "integer;;1"),
    ("boolean;;1", "boolean;;0"), (" nan ", " 1 "), (" inf ", " -inf "), (" -0.0 ", " 0.0 "),
    ("\terror\t", "\tbool;;1\t"),
  ])
  func changedResultsFail(result: String, replacement: String) throws {
    let folder = try #require(TemporaryDirectory())
    let all = try lines()
    let found = try #require(all.first { $0.hasPrefix("case\t") && isExact($0) && $0.contains(result) })
    let changed = found.replacing(result, with: replacement, maxReplacements: 1)
    let text = (all.filter { !$0.hasPrefix("case\t") } + [changed]).joined(separator: "\n")
    let outcome = try run("goldens.lua", [folder.write("changed.txt", Array(text.utf8))])
    let name = found.split(separator: "\t")[1]
    #expect(outcome.status == 1 && outcome.output.hasPrefix("\(name): "), "\(outcome)")
    #expect(outcome.output.hasSuffix("1 cases, 1 failures\n"))
  }

  @Test func propertiesHold() throws {
    let outcome = try run("properties.lua", [])
    #expect(outcome == Child.Outcome(output: "ok\n"))
  }

  private func lines() throws -> [Substring] {
    let stream = try #require(fopen(Self.goldens, "r"))
    defer { fclose(stream) }
    var text: [UInt8] = []
    while case let byte = getc(stream), byte != EOF { text.append(UInt8(truncatingIfNeeded: byte)) }
    return String(decoding: text, as: UTF8.self).split(separator: "\n")
  }

  /// Whether every number must be the same to the last bit.
  private func isExact(_ line: Substring) -> Bool {
    line.split(separator: "\t", omittingEmptySubsequences: false)[2] == "0"
  }

  private func run(_ script: String, _ arguments: [String]) throws -> Child.Outcome {
    try Child.run(
      Child.built("sonde"), [Project.path("Tests/LuaAPITests/Scripts/\(script)")] + arguments, seconds: 120)
  }
}
