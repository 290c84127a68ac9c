import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Command lines, environments, files, errors and exits, told by one script of shell whatever the program.
struct PlainLuaTests {
  private static let folder = "Tests/SondeTests/Fixtures"

  /// Whether the program holds the release of Lua that made the fixture: its texts change from one to the next.
  private static let isOnRecord = (try? Child.run(Workplace.sonde, ["-v"]))?.output.contains("Lua 5.4.4 ") == true
  /// Whether stock Lua is here to compare with.
  private static let hasReference = access(Workplace.lua, X_OK) == 0

  /// What the script tells of a program, cut into its cases, each with its line of shell.
  private func cases(of program: String) throws -> [Substring] {
    let place = try Workplace()
    let script = Project.path("\(PlainLuaTests.folder)/plain_lua.sh")
    let outcome = try place.run([script, program], program: "/bin/sh")
    #expect(outcome.status == 0 && outcome.errors == "")
    return cut(outcome.output)
  }

  private func cut(_ text: String) -> [Substring] { text.split(separator: "--- ") }

  @Test(.enabled(if: isOnRecord))
  func doesWhatIsOnRecord() throws {
    let recorded = try #require(Project.text("\(PlainLuaTests.folder)/plain_lua.txt"))
    // the first line is the command that made it
    let expected = cut(recorded.split(separator: "\n", maxSplits: 1).last.map(String.init) ?? "")
    let told = try cases(of: Workplace.sonde)
    #expect(told.count == expected.count && expected.count > 50)
    for (ours, theirs) in zip(told, expected) { #expect(ours == theirs) }
  }

  @Test(.enabled(if: hasReference))
  func doesWhatLuaDoes() throws {
    for (ours, theirs) in zip(try cases(of: Workplace.sonde), try cases(of: Workplace.lua)) { #expect(ours == theirs) }
  }
}
