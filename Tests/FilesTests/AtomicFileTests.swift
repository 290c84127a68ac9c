import TestSupport
import Testing

@testable import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private struct Stop: Error {}

private func origin(_ path: String) -> Origin { Origin(operation: "sonde.save", path: path) }

private func message(_ path: String) -> String {
  do {
    try AtomicFile.replace(origin(path)) { try $0.write("x") }
    return "no error"
  } catch {
    return "\(error)"
  }
}

private func mode(_ path: String) -> mode_t {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
}

@Suite struct AtomicFileTests {
  @Test func aNewFileHoldsWhatWasWritten() throws {
    let directory = try #require(TemporaryDirectory())
    let bytes = [UInt8](repeating: 7, count: 3_000_000)
    try AtomicFile.replace(origin("\(directory.path)/new")) { file in
      try file.write("head\n")
      try bytes.withUnsafeBytes { try file.write($0) }
    }
    #expect(directory.read("new") == Array("head\n".utf8) + bytes)
    #expect(directory.names() == ["new"])
  }

  @Test func theOldFileStaysUntilTheCommit() throws {
    let directory = try #require(TemporaryDirectory())
    let path = directory.write("a", [1])
    let file = try AtomicFile(origin(path))
    try file.write("new")
    #expect(directory.read("a") == [1])
    try file.commit()
    #expect(directory.read("a") == Array("new".utf8))
    #expect(directory.names() == ["a"])
  }

  @Test func anErrorOnTheWayLeavesTheOldFileAndNothingElse() throws {
    let directory = try #require(TemporaryDirectory())
    let path = directory.write("a", [1])
    #expect(throws: Stop.self) {
      try AtomicFile.replace(origin(path)) { file in
        try file.write("half")
        throw Stop()
      }
    }
    #expect(directory.read("a") == [1])
    #expect(directory.names() == ["a"])
  }

  @Test func permissionsOfTheOldFileStay() throws {
    let directory = try #require(TemporaryDirectory())
    let path = directory.write("a", [1])
    chmod(path, 0o640)
    #expect(message(path) == "no error")
    #expect(mode(path) == 0o640)
  }

  @Test func aSymbolicLinkKeepsPointing() throws {
    let directory = try #require(TemporaryDirectory())
    let path = directory.write("a", [1])
    symlink("a", "\(directory.path)/link")
    #expect(message("\(directory.path)/link") == "no error")
    #expect(directory.read("a") == Array("x".utf8))
    var status = stat()
    #expect(lstat("\(directory.path)/link", &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
    #expect(mode(path) != 0)
  }

  @Test func aLeftoverTemporaryFileIsStillThere() throws {
    let directory = try #require(TemporaryDirectory())
    // The next names a writer of this process would take, as a killed process of the same number leaves them.
    let first = try AtomicFile(origin("\(directory.path)/a"))
    let taken = try #require(directory.names().first)
    let number = try #require(taken.split(separator: "-").last.flatMap { Int($0.dropLast(4)) })
    for next in 1...50 { directory.write(".sonde-\(getpid())-\(number + next).tmp", [UInt8(next)]) }
    #expect(message("\(directory.path)/b") == "no error")
    #expect(directory.read(".sonde-\(getpid())-\(number + 1).tmp") == [1])
    try first.commit()
    #expect(directory.read("b") == Array("x".utf8))
  }

  @Test func placesThatCannotBeWrittenAreTold() throws {
    let directory = try #require(TemporaryDirectory())
    let (path, missing) = (directory.path, "\(directory.path)/no/such")
    #expect(message(path) == "sonde.save: '\(path)': expected a file, got a directory")
    #expect(
      message("/dev/null")
        == "sonde.save: '/dev/null': expected a regular file to replace, got a device, pipe or socket")
    #expect(message(missing) == "sonde.save: '\(missing)': cannot create it: No such file or directory")
    #expect(message("/dev/full/x") == "sonde.save: '/dev/full/x': cannot open it: Not a directory")
  }
}
