import TestSupport
import Testing

@testable import Files

@Suite struct LineFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try #require(TemporaryDirectory()) }

  private func open(_ name: String = "lines") throws -> LineFile {
    try LineFile(Origin(operation: "test", path: "\(directory.path)/\(name)"))
  }

  private func text(_ name: String = "lines") -> String? {
    directory.read(name).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func theFirstLineMakesTheFile() throws {
    let file = try open()
    #expect(file.lines == [] && file.rest == "" && text() == nil && file.number == -1)
    try file.append("a")
    try file.append("bé")
    #expect(text() == "a\nbé\n" && file.number >= 0)
  }

  @Test(
    arguments: [
      ("", [], ""), ("a", [], "a"), ("a\n", ["a"], ""), ("a\nb", ["a"], "b"), ("a\n\nb\n", ["a", "", "b"], ""),
      ("é\r\n\u{301}x\nz", ["é\r", "\u{301}x"], "z"),
    ] as [(String, [String], String)])
  func whatIsBehindTheLastEndIsTakenOffByTheNextLine(content: String, lines: [String], rest: String) throws {
    directory.write("lines", Array(content.utf8))
    let file = try open()
    #expect(
      file.lines.map { Array($0.utf8) } == lines.map { Array($0.utf8) } && Array(file.rest.utf8) == Array(rest.utf8))
    #expect(text() == content)
    try file.append("new")
    #expect(Array((text() ?? "").utf8) == Array((lines + ["new"]).map { $0 + "\n" }.joined().utf8))
  }

  /// Writing may be cut off inside a character.
  @Test func aCharacterCutOffIsARest() throws {
    directory.write("lines", Array("a\n".utf8) + [0xc3])
    let file = try open()
    #expect(file.lines == ["a"])
    try file.append("b")
    #expect(text() == "a\nb\n")
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return "\(error)"
    }
  }

  @Test func whatIsNoFileOfTextIsRefused() throws {
    directory.write("bytes", [0xff, 0xfe, 0x0a])
    #expect(message { _ = try open("bytes") }.hasSuffix("bytes': expected text in UTF-8, got other bytes"))
    #expect(message { _ = try open("") }.hasSuffix("expected a file, got a directory"))
    let device = Origin(operation: "test", path: "/dev/full")
    #expect(
      message { _ = try LineFile(device) }
        == "test: '/dev/full': expected a regular file to replace, got a device, pipe or socket")
    let zero = Origin(operation: "test", path: "a\0b")
    #expect(
      message { _ = try LineFile(zero) }.hasSuffix("expected a path without zero bytes, got one with a zero byte"))
    let missing = try open("none/file")
    #expect(message { try missing.append("a") }.hasSuffix("cannot create it: No such file or directory"))
  }
}
