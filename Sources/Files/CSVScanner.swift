import Kernels

/// A cell of a table of text.
struct CSVCell {
  /// Its contents, without the quotes and the spaces around it.
  let range: Range<Int>
  /// The line in which it begins, from 1.
  let line: Int
  /// Its number in the row, from 1.
  let column: Int
  /// Whether it belongs to the first row.
  let isInFirstRow: Bool
  /// Whether it stood in quotes, where a doubled quote is one.
  let isQuoted: Bool
}

/// Cuts text into rows and cells; it copies nothing.
struct CSVScanner {
  private static let quote = UInt8(ascii: "\"")

  private let source: FileBytes
  private let delimiter: UInt8
  private var position: Int
  private var rows = 0
  private var column = 0
  /// Whether the row has ended.
  private var isAtRowEnd = true

  /// The line of the next byte, from 1.
  private(set) var line = 1
  /// Where the row begins.
  private(set) var rowStart = 0

  /// Begins at the first byte, behind a byte order mark.
  init(_ source: FileBytes, _ delimiter: UInt8) {
    self.source = source
    self.delimiter = delimiter
    position = source.has([0xef, 0xbb, 0xbf], at: 0) ? 3 : 0
  }

  /// Goes to the next row; false at the end.
  ///
  /// The row before must have been read to its end.
  ///
  /// - Throws: `Interrupted`.
  mutating func nextRow() throws -> Bool {
    while true {
      try Interrupt.check()
      let start = position
      skipBlanks()
      if position == source.end { return false }
      if source[position] == UInt8(ascii: "#") {
        while position < source.end, !isLineEnd { position += 1 }
      }
      if position == source.end { return false }
      guard isLineEnd else {
        // Leading blanks belong to the first cell, but for runs of them as delimiter.
        if delimiter != 0x20 { position = start }
        (rowStart, column, isAtRowEnd) = (position, 0, false)
        rows += 1
        return true
      }
      endLine()
    }
  }

  /// Reads the next cell of the row; nil at its end.
  ///
  /// - Throws: `FileError` for quotes that don't match; `Interrupted`.
  mutating func nextCell() throws -> CSVCell? {
    if isAtRowEnd { return nil }
    column += 1
    skipBlanks()
    let first = line
    let range: Range<Int>
    let isQuoted = position < source.end && source[position] == CSVScanner.quote
    if isQuoted {
      range = try quoted()
    } else {
      let start = position
      while position < source.end, !isLineEnd, !isDelimiter { position += 1 }
      range = trimmed(start..<position)
    }
    let cell = CSVCell(range: range, line: first, column: column, isInFirstRow: rows == 1, isQuoted: isQuoted)
    endCell()
    return cell
  }

  private mutating func endCell() {
    if delimiter == 0x20 {
      skipBlanks()
    } else if position < source.end, source[position] == delimiter {
      position += 1
      return
    }
    guard position == source.end || isLineEnd else { return }
    isAtRowEnd = true
    if position < source.end { endLine() }
  }

  /// Reads a cell in quotes, in which a doubled quote stands for one and lines may end.
  private mutating func quoted() throws -> Range<Int> {
    let (start, first) = (position, line)
    position += 1
    while true {
      guard position < source.end else {
        throw source.failure(
          "the closing quote", got: FileBytes.endOfFile, at: .cell(line: first, column: column, byte: start))
      }
      if isLineEnd {
        try Interrupt.check()
        endLine()
        continue
      }
      position += 1
      guard source[position - 1] == CSVScanner.quote else { continue }
      if position == source.end || source[position] != CSVScanner.quote { break }
      position += 1
    }
    let range = trimmed((start + 1)..<(position - 1))
    skipBlanks()
    guard position == source.end || isLineEnd || isDelimiter || source[position - 1].isSpace && delimiter == 0x20 else {
      throw source.failure(
        "a delimiter behind the closing quote", got: source.shown(at: position),
        at: .cell(line: line, column: column, byte: position))
    }
    return range
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (first, end) = (range.lowerBound, range.upperBound)
    while first < end, source[first].isSpace { first += 1 }
    while first < end, source[end - 1].isSpace { end -= 1 }
    return first..<end
  }

  /// Spaces and tabs, unless a tab is the delimiter.
  private mutating func skipBlanks() {
    while position < source.end, source[position] == 0x20 || source[position] == 0x09 && delimiter != 0x09 {
      position += 1
    }
  }

  private var isDelimiter: Bool {
    source[position] == delimiter || source[position] == 0x09 && delimiter == 0x20
  }

  private var isLineEnd: Bool { source[position] == 0x0a || source[position] == 0x0d }

  /// Goes behind LF, CRLF or CR.
  private mutating func endLine() {
    if source[position] == 0x0d, position + 1 < source.end, source[position + 1] == 0x0a { position += 1 }
    position += 1
    line += 1
  }
}
