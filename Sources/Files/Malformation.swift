/// Where in a file something is wrong.
public enum FilePlace: Hashable, Sendable {
  /// A byte offset into the file, from 0.
  case byte(Int)
  /// A byte offset from 0 into the contents of an archive's entry, as they are when inflated.
  case entry(String, byte: Int)
  /// A line and a column of a table of text, both from 1, and the byte offset from 0 where the cell begins.
  case cell(line: Int, column: Int, byte: Int)
}

extension FilePlace: CustomStringConvertible {
  /// The place as messages name it, for example `byte 8`.
  public var description: String {
    switch self {
    case .byte(let byte): "byte \(byte)"
    case .entry(let name, let byte): "byte \(byte) of the entry '\(name)'"
    case .cell(let line, let column, let byte): "line \(line), column \(column), byte \(byte)"
    }
  }
}

/// Contents of a file that break its format: what was expected, what came, where, and the cure if one is known.
public struct Malformation: Hashable, Sendable {
  /// What the format asks for.
  public let expected: String
  /// What the file holds.
  public let got: String
  /// Where it holds it.
  public let place: FilePlace
  /// What the user can do, nil where nobody knows.
  public let cure: String?
}

extension Malformation: CustomStringConvertible {
  /// What was expected, what came, where, and the cure where one is known.
  public var description: String {
    "expected \(expected), got \(got) (at \(place))" + (cure.map { "; \($0)" } ?? "")
  }
}

/// Bytes of a file or of an archive's entry, with what a message about them needs.
struct FileBytes {
  let bytes: UnsafeRawBufferPointer
  let origin: Origin
  /// The name of the archive's entry; nil for the file itself.
  var entry: String?
  /// The position of the first byte in the file or the entry.
  var start = 0

  /// How a message names an end that came too early.
  static let endOfFile = "the end of the file"
  /// The cure of a truncated file.
  static let fetchAgain = "the file is incomplete, fetch it again"

  /// The number of bytes.
  var count: Int { bytes.count }

  /// The position behind the last byte.
  var end: Int { start + count }

  /// The byte at a position, which the caller has checked.
  subscript(position: Int) -> UInt8 { bytes[position - start] }

  /// The bytes from one position to another, which the caller has checked.
  subscript(range: Range<Int>) -> FileBytes {
    let slice = bytes[(range.lowerBound - start)..<(range.upperBound - start)]
    return FileBytes(
      bytes: UnsafeRawBufferPointer(rebasing: slice), origin: origin, entry: entry, start: range.lowerBound)
  }

  /// The little-endian integer at a position, which the caller has checked.
  func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, at position: Int) -> Value {
    Value(littleEndian: bytes.loadUnaligned(fromByteOffset: position - start, as: type))
  }

  /// Whether the bytes at a position are these; false past the end.
  func has(_ signature: [UInt8], at position: Int) -> Bool {
    guard position >= start, position <= end - signature.count else { return false }
    return bytes[(position - start)...].starts(with: signature)
  }

  /// The error of contents that break the format at a position.
  func failure(_ expected: String, got: String, at position: Int, cure: String? = nil) -> FileError {
    let place: FilePlace = entry.map { .entry($0, byte: position) } ?? .byte(position)
    return FileError(origin, .malformed(Malformation(expected: expected, got: got, place: place, cure: cure)))
  }

  /// How a message shows bytes: quoted, what is no printable ASCII as `\xNN`, and no more than 40 of them.
  func quoted(_ range: Range<Int>) -> String { Excerpt.quoted(self[range].bytes) }

  /// How a message shows the byte at a position, or the end.
  func shown(at position: Int) -> String {
    position < end ? quoted(position..<(position + 1)) : entry == nil ? FileBytes.endOfFile : "the end of the entry"
  }
}

/// Bytes of a file as messages show them.
enum Excerpt {
  private static let longest = 40

  /// Quotes bytes, what is no printable ASCII as `\xNN`, and no more than 40 of them.
  static func quoted(_ bytes: some Collection<UInt8>) -> String {
    let text = bytes.prefix(longest).map { byte in
      0x20..<0x7f ~= byte ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "'" + text.joined() + (bytes.count > longest ? "...'" : "'")
  }

  /// A number of bytes in words.
  static func bytes(_ count: Int) -> String { count == 1 ? "1 byte" : "\(count) bytes" }
}

extension UInt8 {
  /// Whether it is a space, a tab or the end of a line.
  var isSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }
}
