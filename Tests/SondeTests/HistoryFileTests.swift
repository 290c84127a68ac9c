import TestSupport
import Testing

@testable import sonde

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The file of the history: what is read from any file, and that nothing of another session is lost.
struct HistoryFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try #require(TemporaryDirectory()) }

  private var file: HistoryFile { HistoryFile(path: "\(directory.path)/history") }

  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  private func entries(_ file: HistoryFile) -> [String] {
    file.load().entries.map { String(decoding: $0, as: UTF8.self) }
  }

  private func failure(_ path: String) -> String? { HistoryFile(path: path).load().failure?.text }

  private func size(_ name: String = "history") -> Int { directory.read(name)?.count ?? -1 }

  // MARK: The text

  @Test func entriesComeBackAsTheyWere() {
    let entries = [
      "x = 1", "for i = 1, 2 do\n  print(i)\nend", "#t", "s = [[\n#1700000000\n\\#2\n\\\n]]", "a\n\nb", "\\",
      "ä\u{1}\t",
    ].map(bytes)
    let text = entries.flatMap { HistoryText.encoded($0, time: 1_700_000_000) }
    #expect(HistoryText.entries(text) == entries)
    #expect(HistoryText.encoded(bytes("#t\nx"), time: 5) == bytes("#5\n\\#t\nx\n"))
  }

  @Test func whatIsNoEntryIsLeftOut() {
    #expect(HistoryText.entries(bytes("garbage\n#12\nx\n#13\n#14\n\n#15\ny\u{0}z")) == [bytes("x"), bytes("yz")])
    #expect(HistoryText.entries(bytes("#\n#x\n# 12\n")) == [])
    #expect(HistoryText.entries([255, 0, 10, 35]) == [])
  }

  @Test func eachEntryStandsOnceWhereItWasUsedLast() {
    let text = bytes("#1\na\n#2\nb\n#3\na\n#4\nc\n#5\nb\n")
    func newest(_ text: [UInt8], count: Int, bytes: Int = 99) -> [String] {
      HistoryText.newest(in: text, count: count, bytes: bytes).entries.map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(newest(text, count: 9) == ["a", "c", "b"])
    #expect(newest(text, count: 2) == ["c", "b"])
    #expect(newest(bytes("#1\naaa\n#2\nbb\n#3\nc\n"), count: 9, bytes: 4) == ["bb", "c"])
    #expect(newest([], count: 9) == [])
    // no further than is needed
    #expect(
      HistoryText.newest(in: text, count: 2, bytes: 99)
        == HistoryText.Newest(entries: ["c", "b"].map(bytes), seen: 2, unseen: 15))
  }

  // MARK: The file

  @Test func keepsWhatIsAppended() throws {
    #expect(entries(file) == [])
    try file.append(bytes("1"))
    try file.append(bytes("f(\n)"))
    try file.append(bytes("1"))
    #expect(entries(file) == ["f(\n)", "1"])
    var status = stat()
    #expect(stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test func goesOnAfterALineThatWasCutOff() throws {
    directory.write("history", bytes("#1\nx\n#2\nhalf"))
    try file.append(bytes("y"))
    #expect(entries(file) == ["x", "half", "y"])
  }

  @Test func sessionsThatWriteAtOnceLoseNothing() async throws {
    let file = file
    let wanted = Set((0..<4).flatMap { session in (0..<100).map { "s\(session) = {\n\($0)\n}" } })
    await withTaskGroup(of: Void.self) { group in
      for session in 0..<4 {
        group.addTask {
          for index in 0..<100 {
            try? file.append(Array("s\(session) = {\n\(index)\n}".utf8))
            // a session that begins shortens the file, for others write to it
            if index % 25 == 0 { _ = file.load() }
          }
        }
      }
    }
    #expect(Set(entries(file)) == wanted)
  }

  @Test func repetitionsAreDroppedInTime() throws {
    let text = (0..<3000).flatMap { HistoryText.encoded(bytes("x = \($0 % 3)"), time: $0) }
    directory.write("history", text)
    #expect(entries(file) == ["x = 0", "x = 1", "x = 2"])
    #expect(size() < 100)
    #expect(directory.names() == ["history"])
  }

  @Test func ofAHugeFileOnlyTheEndIsRead() throws {
    try file.append(bytes("old"))
    // a hole of zeros: it takes no room on the disk
    #expect(truncate(file.path, 100 << 20) == 0)
    try file.append(bytes("new"))
    try file.append(bytes("newer"))
    #expect(entries(file) == ["new", "newer"])
    #expect(size() < 100)
  }

  @Test func entriesOfAMegabyteAreKept() throws {
    let long = [UInt8](repeating: 120, count: 1 << 20)
    try file.append(long)
    try file.append(bytes("x"))
    #expect(file.load().entries == [long, bytes("x")])
    // beyond that one entry would drive out all others
    try file.append([UInt8](repeating: 120, count: 3 << 20))
    #expect(file.load().entries == [long, bytes("x")])
  }

  @Test func anotherProgramsFileIsLeftAsItIs() throws {
    for garbage in [bytes("ls -l\ncd\n"), (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }] {
      directory.write("history", garbage)
      #expect(
        failure(file.path)
          == "the history is not kept in \(file.path): it holds no entries of a history, and is left as it is; "
          + "SONDE_HISTORY names another file, or none where it is empty")
      #expect(directory.read("history") == garbage)
    }
  }

  @Test func saysWhyAFileIsOfNoUse() throws {
    #expect(failure(directory.path)?.contains(": Is a directory;") == true)
    #expect(failure("/dev/null")?.contains(": it is no regular file;") == true)
    #expect(failure("\(directory.path)/none/history")?.contains(": No such file or directory;") == true)
    #expect(throws: HistoryFile.Failure.self) { try HistoryFile(path: directory.path).append(bytes("x")) }
  }

  /// Calls a function without the rights of root over files, for the calling thread alone.
  private func asNobody<Result>(_ body: () throws -> Result) throws -> Result {
    guard getuid() == 0 else { return try body() }
    // the C library's own function: its header is in no module
    typealias SetFileUser = @convention(c) (uid_t) -> CInt
    let set = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetFileUser.self)
    _ = set(65534)
    defer { _ = set(0) }
    return try body()
  }

  @Test func whatMayOnlyBeReadIsRead() throws {
    try file.append(bytes("x"))
    #expect(chmod(file.path, 0o444) == 0 && chmod(directory.path, 0o755) == 0)
    let (entries, failure) = try asNobody { file.load() }
    #expect(entries == [bytes("x")])
    #expect(failure?.text.contains(": Permission denied;") == true)
    #expect(throws: HistoryFile.Failure.self) { try asNobody { try file.append(bytes("y")) } }
    #expect(self.entries(file) == ["x"])
  }

  @Test func ofManyEntriesTheNewestStay() throws {
    let lines = (0..<30_000).map { "x = \($0)" }
    directory.write("history", lines.flatMap { HistoryText.encoded(bytes($0), time: 1_700_000_000) })
    #expect(entries(file) == Array(lines.suffix(10_000)))
    #expect(directory.read("history").map(HistoryText.entries)?.count == 10_000)
    #expect(entries(file) == Array(lines.suffix(10_000)))
  }
}
