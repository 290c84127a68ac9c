import Kernels
import Tensors
import TestSupport
import Testing

@testable import Files

/// Files that are cut, changed or made to deceive.
@Suite struct HostileFileTests {
  private static let names = [
    "f4-32.npy", "version-3.npy", "ours.npz", "ours-deflated.npz", "zip64-deflated.npz", "piped-stored.npz",
    "foreign-deflated.npz", "ours.safetensors", "noted.safetensors", "foreign.safetensors", "words.csv",
  ]

  @Test(arguments: names) func everyTruncationIsTold(name: String) throws {
    let file = try #require(GoldenFile.named(name))
    // A table of text can end anywhere.
    guard file.format != .csv else { return }
    let directory = try #require(TemporaryDirectory())
    for length in 0..<file.bytes.count {
      let bytes = Array(file.bytes[..<length])
      let text = message(bytes, file.format)
      let path = directory.write("a", bytes)
      #expect(messageOfFile(path, file.format) == text.replacing("load: 'a'", with: "load: '\(path)'"))
      #expect(text.hasPrefix("sonde.load: 'a': expected ") && text.contains(" (at byte "), "\(length): \(text)")
    }
  }

  @Test(arguments: names) func everyByteBehindTheEndIsTold(name: String) throws {
    let file = try #require(GoldenFile.named(name))
    guard file.format != .csv else { return }
    for extra in [[0], [0x50, 0x4b], Array(repeating: 32, count: 100)] as [[UInt8]] {
      let text = message(file.bytes + extra, file.format)
      #expect(text.contains(" (at byte "), "\(text)")
    }
  }

  /// Whatever the bytes, the answer is a tensor no larger than the file can prove, or an error that names a place.
  @Test(arguments: names) func changedBytesEndInATensorOrAnError(name: String) throws {
    let file = try #require(GoldenFile.named(name))
    var random = SplitMix(state: 3)
    var refused = 0
    // Every byte in turn set to telling values, then several at once.
    var changed = (0..<file.bytes.count).flatMap { position in
      [0xff, file.bytes[position] ^ 1].map { value in
        var bytes = file.bytes
        bytes[position] = value
        return bytes
      }
    }
    for _ in 0..<1000 {
      var bytes = file.bytes
      for _ in 0...random.next(below: 4) {
        bytes[random.next(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      changed.append(bytes)
    }
    for bytes in changed {
      do {
        let loaded = try load(bytes, file.format)
        // int64 of bytes is 8 times as large; deflate makes at most 1032 bytes of one.
        let held = loaded.reduce(0) { $0 + $1.tensor.count * $1.tensor.dtype.size }
        #expect(held <= bytes.count * 8 * (name.contains("deflated") ? 1032 : 1))
      } catch let error as FileError {
        let text = "\(error)"
        guard text.contains(" (at byte ") || text.contains(" (at line ") else {
          Issue.record("no place in: \(text)")
          continue
        }
        refused += 1
      }
    }
    #expect(refused > changed.count / 8, "\(refused) of \(changed.count)")
  }

  private func npy(_ literal: String, _ data: [UInt8] = []) -> [UInt8] {
    [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(literal.utf8.count & 0xff), UInt8(literal.utf8.count >> 8)]
      + Array(literal.utf8) + data
  }

  private func header(shape: String) -> String { "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }" }

  @Test func absurdNpyHeadersAreTold() {
    let cases = [
      header(shape: "(-1,)"): "extents of at least 0, got a negative one (at byte 61)",
      header(shape: "(99999999999999999999,)"): "extents that can be counted, got a larger one (at byte 61)",
      header(shape: "(4611686018427387904, 4)"):
        "extents whose product can be counted, got [4611686018427387904, 4] (at byte 60)",
      header(shape: "(0, 4611686018427387904)"):
        "extents whose product can be counted, got [0, 4611686018427387904] (at byte 60)",
      header(shape: "(1000000000000,)"):
        "4000000000000 bytes of elements for shape [1000000000000], got 0 (at byte 79); "
        + "the file is incomplete, fetch it again",
      header(shape: "(3)"): "a tuple, which has a comma behind a single extent, got a number (at byte 60)",
      header(shape: "(__import__('os'),)"): "an extent, got '_' (at byte 61)",
      header(shape: "()") + "x": "nothing but spaces behind the header's '}', got 'x' (at byte 65)",
      "{'descr': '<f4', 'descr': '<f4'}":
        "the keys descr, fortran_order and shape, each once, got 'descr' (at byte 27)",
      "{'descr': '<f4'}": "a header with descr, fortran_order and shape, got none of the name 'shape' (at byte 10)",
      "[]": "a header that is a Python dictionary, which begins with '{', got '[' (at byte 10)",
      "{'descr': '\\x3cf4'}": "a name without escapes, got '\\' (at byte 21)",
      "{'descr": "the closing quote, got the end of the header (at byte 17)",
    ]
    for (literal, expected) in cases {
      #expect(message(npy(literal), .npy) == "sonde.load: 'a': expected \(expected)", "\(literal)")
    }
    let long: [UInt8] = [0x93] + Array("NUMPY".utf8) + [2, 0, 0xff, 0xff, 0xff, 0xff]
    #expect(
      message(long, .npy) == "sonde.load: 'a': expected a header of at most 65536 bytes, got 4294967295 (at byte 8)")
    #expect(
      message([], .npy)
        == "sonde.load: 'a': expected an npy file, which begins with '\\x93NUMPY', got no bytes (at byte 0)")
  }

  private func safetensors(_ header: String, _ count: Int = 0) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
      + Array(repeating: 0, count: count)
  }

  private func entry(_ name: String, _ shape: String, _ offsets: String, _ dtype: String = "F32") -> String {
    "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  @Test func absurdSafetensorsHeadersAreTold() {
    let cases: [(String, Int, String)] = [
      (
        "{\(entry("a", "[2]", "[0,8]")),\(entry("b", "[2]", "[4,12]"))}", 12,
        "the offset 8 of 'b', where the tensor before it ends, got 4 (at byte 62)"
      ),
      (
        "{\(entry("a", "[1]", "[0,4]")),\(entry("b", "[1]", "[8,12]"))}", 12,
        "the offset 4 of 'b', where the tensor before it ends, got 8 (at byte 62)"
      ),
      (
        "{\(entry("a", "[1]", "[0,4]"))}", 8,
        "the end of the file behind the last tensor, got 4 bytes more (at byte 66)"
      ),
      (
        "{\(entry("a", "[2]", "[0,8]"))}", 4,
        "two offsets of 'a' within the 4 bytes behind the header, got [0, 8] (at byte 9)"
      ),
      (
        "{\(entry("a", "[2]", "[8,0]"))}", 8,
        "two offsets of 'a' within the 8 bytes behind the header, got [8, 0] (at byte 9)"
      ),
      ("{\(entry("a", "[3]", "[0,8]"))}", 8, "12 bytes for shape [3] of 'a', got 8 (at byte 9)"),
      (
        "{\(entry("a", "[-1]", "[0,8]"))}", 8,
        "an integer of at least 0 in a shape of at most 8 extents, got '-' (at byte 37)"
      ),
      ("{\(entry("a", "[1,1,1,1,1,1,1,1,1]", "[0,4]"))}", 4, "a shape of at most 8 extents, got more (at byte 53)"),
      (
        "{\(entry("a", "[4294967296,4294967296]", "[0,0]"))}", 0,
        "extents whose product can be counted as the shape of 'a', got [4294967296, 4294967296] (at byte 9)"
      ),
      (
        "{\(entry("a", "[1]", "[0,18446744073709551616]"))}", 4,
        "an integer that can be counted, got a larger one (at byte 58)"
      ),
      (
        "{\(entry("a", "[1]", "[0,4]")),\(entry("a", "[1]", "[0,4]"))}", 4,
        "every name once, got 'a' twice (at byte 62)"
      ),
      ("{\"a\":{\"dtype\":\"F32\"}}", 0, "dtype, shape and data_offsets of 'a', got fewer (at byte 9)"),
      ("{\"__metadata__\":{\"a\":1}}", 0, "a string in __metadata__, got '1' (at byte 29)"),
      ("{} x", 0, "nothing but spaces behind the header, got 'x' (at byte 11)"),
      ("{\"\\ud800\":", 0, "a whole pair of surrogates, got '\\ud800' (at byte 10)"),
      ("", 0, "a header in JSON, which begins with '{', got the end of the header (at byte 8)"),
    ]
    for (header, count, expected) in cases {
      #expect(message(safetensors(header, count), .safetensors) == "sonde.load: 'a': expected \(expected)")
    }
    #expect(
      message([0, 0, 0, 0, 0, 0, 0, 0x80], .safetensors)
        == "sonde.load: 'a': expected a header of at most 100000000 bytes, got 9223372036854775808 (at byte 0)")
    #expect(
      message([9, 0, 0, 0, 0, 0, 0, 0, 0x7b], .safetensors)
        == "sonde.load: 'a': expected a header of 9 bytes, got 1 (at byte 9); the file is incomplete, fetch it again")
  }

  /// `ours.npz` with some of its bytes changed: its directory begins where the first PK 1 2 stands.
  private func changedArchive(_ changes: [(at: Int, bytes: [UInt8])], of name: String = "ours.npz") throws -> String {
    let file = try #require(GoldenFile.named(name))
    var bytes = file.bytes
    let directory = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4b, 1, 2]) })
    for change in changes {
      for (offset, byte) in change.bytes.enumerated() { bytes[directory + change.at + offset] = byte }
    }
    return message(bytes, .npz)
  }

  @Test func archivesThatDeceiveAreTold() throws {
    #expect(try changedArchive([(8, [1])]).contains("expected an entry that isn't encrypted, got an encrypted one"))
    #expect(try changedArchive([(24, [0xff, 0xff, 0xff])]).contains("bytes of a stored entry, got 16777215 bytes in"))
    #expect(
      try changedArchive([(24, [0xff, 0xff, 0xff, 0xfe])], of: "ours-deflated.npz").contains(
        "expected a size that deflate can reach, got 4278190079 bytes in"))
    // A size that deflate could reach, but that neither the header nor the stream has.
    let reachable = try changedArchive([(24, [0xff, 0x10])], of: "ours-deflated.npz")
    #expect(reachable.contains("expected the directory's sizes and checksum, got others (at byte 14)"))
    #expect(try changedArchive([(16, [0])]).contains("expected the directory's sizes and checksum"))
    #expect(
      try changedArchive([(46, [0x62])]).contains("expected the directory's name 'b.npy', got 'a.npy' (at byte 30)"))
    // The second entry said to lie where the first does.
    #expect(
      try changedArchive([(51 + 42, [0, 0])]).contains(
        "expected the directory's name 'b/c.npy', got 'a.npy' (at byte 30)"))
    let file = try #require(GoldenFile.named("ours.npz"))
    var bytes = file.bytes
    let data = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x93]) })
    bytes[data + 130] ^= 1
    #expect(message(bytes, .npz).contains("expected contents of 'a.npy' with the checksum "))
    #expect(message([0x50, 0x4b, 5, 6], .npz).contains("expected a zip archive's end record, got the end of the file"))
    #expect(
      message([1, 2], .npz)
        == "sonde.load: 'a': expected a zip archive, which begins with 'PK', got '\\x01\\x02' (at byte 0)")
  }

  @Test func tablesOfTextThatAreNoneAreTold() {
    let cases: [(String, String)] = [
      ("1,2\n3\n", "2 cells as in line 1, got 1 (at line 2, column 2, byte 4)"),
      ("\n1\n3,4\n", "1 cell as in line 2, got 2 (at line 3, column 2, byte 3)"),
      ("1,2\n3,x4\n", "a number, got 'x4' (at line 2, column 2, byte 6)"),
      ("1,x\n", "a number, got 'x' (at line 1, column 2, byte 2); {header=true} passes over the first row"),
      (
        "1;2\n3;4\n",
        "a number, got '3;4' (at line 2, column 1, byte 4); {delimiter=';'} reads cells between semicolons"
      ),
      ("1,0x10\n", "a number, got '0x10' (at line 1, column 2, byte 2); {header=true} passes over the first row"),
      ("1,\"2\n3", "the closing quote, got the end of the file (at line 1, column 2, byte 2)"),
      ("1,\"2\"3", "a delimiter behind the closing quote, got '3' (at line 1, column 2, byte 5)"),
      ("1,\"2\r\n3\"\n4,5,6", "2 cells as in line 1, got 3 (at line 3, column 3, byte 9)"),
    ]
    for (text, expected) in cases {
      #expect(message(Array(text.utf8), .csv) == "sonde.load: 'a': expected \(expected)", "\(text)")
    }
    #expect(
      message(Array("1\n1.5".utf8), .csv, .int64)
        == "sonde.load: 'a': expected a number that int64 can hold, got '1.5' (at line 2, column 1, byte 2)")
    #expect(
      message(Array("1,2\n,9223372036854775808".utf8), .csv, .int64)
        == "sonde.load: 'a': expected a number, got an empty cell (at line 2, column 1, byte 4)")
  }
}
