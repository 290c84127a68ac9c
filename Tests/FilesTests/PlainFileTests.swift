import TestSupport
import Testing

@testable import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private func message(_ path: String, limit: Int = PlainFile.defaultLimit) -> String {
  do {
    return "no error: \(try PlainFile.read(Origin(operation: "data.idx", path: path), limit: limit).count) bytes"
  } catch {
    return "\(error)"
  }
}

@Suite struct PlainFileTests {
  @Test func filesReadWhole() throws {
    let directory = try #require(TemporaryDirectory())
    // Longer than a chunk of 1 MiB, and no power of two.
    let bytes = (0..<1_500_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    let path = directory.write("long", bytes)
    let buffer = try PlainFile.read(Origin(operation: "t", path: path))
    #expect(buffer.withBytes { Array($0) } == bytes)
  }

  @Test func emptyFilesRead() throws {
    let directory = try #require(TemporaryDirectory())
    #expect(message(directory.write("empty", [])) == "no error: 0 bytes")
  }

  @Test func filesWithoutASizeRead() throws {
    #expect(try PlainFile.read(Origin(operation: "t", path: "/proc/self/status")).count > 100)
    #expect(message("/dev/null") == "no error: 0 bytes")
  }

  @Test func endlessDevicesEndAtTheLimit() {
    #expect(message("/dev/zero", limit: 10_000) == "data.idx: '/dev/zero': expected at most 10000 bytes, got more")
  }

  @Test func largeFilesAreRefused() throws {
    let directory = try #require(TemporaryDirectory())
    let path = directory.write("five", [1, 2, 3, 4, 5])
    #expect(message(path, limit: 5) == "no error: 5 bytes")
    #expect(message(path, limit: 4) == "data.idx: '\(path)': expected at most 4 bytes, got more")
  }

  @Test func missingFilesAreTold() {
    #expect(message("/no/such") == "data.idx: '/no/such': cannot open it: No such file or directory")
    #expect(message("") == "data.idx: '': cannot open it: No such file or directory")
  }

  @Test func directoriesAreTold() {
    #expect(message("/tmp") == "data.idx: '/tmp': expected a file, got a directory")
  }

  @Test func aFileInTheWayIsTold() {
    #expect(message("/dev/null/x") == "data.idx: '/dev/null/x': cannot open it: Not a directory")
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func unreadableFilesAreTold() throws {
    let directory = try #require(TemporaryDirectory())
    let path = directory.write("secret", [1])
    chmod(path, 0)
    #expect(message(path) == "data.idx: '\(path)': cannot open it: Permission denied")
  }

  @Test func zeroBytesInPathsAreTold() {
    #expect(message("a\0b") == "data.idx: 'a\0b': expected a path without zero bytes, got one with a zero byte")
  }
}
