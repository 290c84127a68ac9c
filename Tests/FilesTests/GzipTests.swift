import Testing

@testable import Files

// python3 -c "import gzip; print(list(gzip.compress(b'hello\n', mtime=0)))"
private let hello: [UInt8] = [
  0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 0x02, 0x00, 0x20,
  0x30, 0x3a, 0x36, 0x06, 0x00, 0x00, 0x00,
]

private let origin = Origin(operation: "data.idx", path: "a.gz")

private func inflate(_ bytes: [UInt8], limit: Int = 1 << 20) throws -> String {
  let buffer = try bytes.withUnsafeBytes { try Gzip.inflate($0, limit: limit, origin: origin) }
  return buffer.withBytes { String(decoding: $0, as: UTF8.self) }
}

private func message(_ bytes: [UInt8], limit: Int = 1 << 20) -> String {
  do {
    return "no error: \(try inflate(bytes, limit: limit))"
  } catch {
    return "\(error)"
  }
}

@Suite struct GzipTests {
  @Test func oneMemberInflates() throws {
    #expect(try inflate(hello) == "hello\n")
  }

  @Test func membersOneAfterAnotherAreJoined() throws {
    #expect(try inflate(hello + hello + hello) == "hello\nhello\nhello\n")
  }

  @Test func contentsLargerThanTheFirstBufferInflateWhole() throws {
    let many = 20_000
    let text = try inflate(Array(repeatElement(hello, count: many).joined()))
    #expect(text == String(repeating: "hello\n", count: many))
  }

  @Test func everyTruncationIsToldWithThePosition() {
    for length in 0..<hello.count {
      #expect(
        message(Array(hello[..<length]))
          == "data.idx: 'a.gz': expected the rest of the gzip stream, got the end of the file (at byte \(length)); "
          + "it is incomplete, fetch it again")
    }
  }

  @Test func aTruncatedSecondMemberIsTold() {
    #expect(
      message(hello + hello[..<20])
        == "data.idx: 'a.gz': expected the rest of the gzip stream, got the end of the file (at byte 46); "
        + "it is incomplete, fetch it again")
  }

  @Test func aWrongChecksumIsTold() {
    var bytes = hello
    bytes[18] ^= 1
    #expect(
      message(bytes)
        == "data.idx: 'a.gz': expected a valid gzip stream, got 'incorrect data check' (at byte 22); "
        + "it is damaged, fetch it again")
  }

  @Test func bytesThatAreNoGzipAreTold() {
    #expect(
      message([0x1f, 0x8b, 0x09, 0, 0, 0, 0, 0, 0, 0])
        == "data.idx: 'a.gz': expected a valid gzip stream, got 'unknown compression method' (at byte 4); "
        + "it is damaged, fetch it again")
  }

  @Test func everySingleFlippedBitOfTheContentsIsAnError() {
    // Nothing checks the header's time, flags and system (bytes 4 to 9) and what fills up the last byte, 17, of the
    // deflated block after its second bit.
    for position in 10..<hello.count {
      for bit in 0..<(position == 17 ? 2 : 8) {
        var bytes = hello
        bytes[position] ^= 1 << bit
        #expect(throws: FileError.self, "byte \(position), bit \(bit)") { try inflate(bytes) }
      }
    }
  }

  @Test func trailingGarbageIsTold() {
    #expect(
      message(hello + [0, 0])
        == "data.idx: 'a.gz': expected the end of the file after the gzip stream, got 2 bytes more (at byte 26)")
    #expect(
      message(hello + [0x1f])
        == "data.idx: 'a.gz': expected the end of the file after the gzip stream, got 1 byte more (at byte 26)")
  }

  @Test func aBombEndsAtTheLimit() throws {
    #expect(try inflate(hello, limit: 6) == "hello\n")
    let expected = "data.idx: 'a.gz': expected a gzip stream of at most 5 bytes when inflated, got more (at byte "
    #expect(message(hello, limit: 5).hasPrefix(expected))
    #expect(throws: FileError.self) {
      try inflate(Array(repeatElement(hello, count: 20_000).joined()), limit: 119_999)
    }
  }

  @Test func aPrefixStopsWhereItHasEnough() throws {
    let damagedLater = hello + hello[..<12]
    let prefix = try damagedLater.withUnsafeBytes { try Gzip.prefix($0, count: 4, origin: origin) }
    #expect(prefix.withBytes { Array($0) } == Array("hell".utf8))
    let short = try hello.withUnsafeBytes { try Gzip.prefix($0, count: 36, origin: origin) }
    #expect(short.count == 6)
  }
}
