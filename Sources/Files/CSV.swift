import Kernels
import Tensors

/// Numbers as text, a row a line (RFC 4180), as `numpy.genfromtxt` reads them and `numpy.savetxt` writes them.
///
/// Cells may be quoted; lines end in LF, CRLF or CR; blank lines and lines that begin with `#` are passed over, a byte
/// order mark too. An empty cell is NaN. Other than genfromtxt, text where a number is expected is an error, not NaN.
public struct CSV: Sendable {
  /// What stands between two cells; a space stands for any run of spaces and tabs.
  public let delimiter: UInt8
  /// Whether the first row is a header; nil looks whether it has a cell of text and none that is a number.
  public let hasHeader: Bool?

  /// Chooses how tables are written as text.
  ///
  /// - Throws: `TensorError` in the name of `operation` when the delimiter is not one ASCII character, or one that
  ///   numbers, quotes and lines are made of.
  public init(delimiter: String = ",", hasHeader: Bool? = nil, operation: String) throws {
    let bytes = Array(delimiter.utf8)
    guard bytes.count == 1, CSV.isDelimiter(bytes[0]) else {
      throw TensorError.expected(
        operation: operation, expected: "one character such as ',', ';', a tab or a space as the delimiter",
        got: Excerpt.quoted(bytes))
    }
    self.delimiter = bytes[0]
    self.hasHeader = hasHeader
  }

  private static func isDelimiter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x09, 0x20: true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      false
    case _ where "\"#+-.".utf8.contains(byte): false
    default: 0x20..<0x7f ~= byte
    }
  }

  // MARK: Reading

  /// Reads the table in the file `origin.path` as a tensor `[rows, columns]`; without a row it is `[0, columns]`.
  ///
  /// - Throws: `FileError` with line, column and byte when the file can't be read, a row is longer or shorter than
  ///   the first, a cell is no number that the dtype holds, or quotes don't match; `TensorError.outOfMemory`;
  ///   `Interrupted`.
  public func read(_ dtype: DType, _ origin: Origin) throws -> Tensor {
    try PlainFile.read(origin).withBytes { try read(dtype, $0, origin) }
  }

  /// Reads a table that is in memory already.
  ///
  /// - Throws: as for a file.
  public func read(_ dtype: DType, _ bytes: UnsafeRawBufferPointer, _ origin: Origin) throws -> Tensor {
    let source = FileBytes(bytes: bytes, origin: origin)
    let survey = try survey(source)
    let tensor = try Tensor(dtype, [survey.rows, survey.columns], zeroed: false)
    try fill(tensor, source, skipsFirst: survey.hasHeader)
    return tensor
  }

  /// Counts the cells, so that nothing grows when they are read, and looks at the first row.
  func survey(_ source: FileBytes) throws -> CSVSurvey {
    var (rows, columns, first) = (0, 0, FirstRow())
    var scanner = CSVScanner(source, delimiter)
    while try scanner.nextRow() {
      let line = scanner.line
      var count = 0
      while let cell = try scanner.nextCell() {
        count += 1
        if rows == 0 { first.add(cell, source) }
      }
      if rows == 0 { (columns, first.line) = (count, line) }
      guard count == columns else {
        throw source.failure(
          "\(columns) \(columns == 1 ? "cell" : "cells") as in line \(first.line)", got: "\(count)",
          at: .cell(line: line, column: min(count, columns) + 1, byte: scanner.rowStart))
      }
      rows += 1
    }
    let skipsFirst = rows > 0 && (hasHeader ?? first.looksLikeHeader)
    return CSVSurvey(rows: skipsFirst ? rows - 1 : rows, columns: columns, header: skipsFirst ? first.cells : nil)
  }

  private func fill(_ tensor: Tensor, _ source: FileBytes, skipsFirst: Bool) throws {
    var scanner = CSVScanner(source, delimiter)
    var (isHeader, position) = (skipsFirst, 0)
    while try scanner.nextRow() {
      while let cell = try scanner.nextCell() {
        if isHeader { continue }
        try store(cell, source, tensor, position)
        position += 1
      }
      isHeader = false
    }
  }

  func store(_ cell: CSVCell, _ source: FileBytes, _ tensor: Tensor, _ position: Int) throws {
    let number = CSVNumber(source[cell.range].bytes)
    if number.isEmpty, tensor.dtype.isFloat { return tensor.store(.nan, at: position) }
    switch tensor.dtype {
    case .float32:
      if let value = number.single { return tensor.pointer(Float.self)[position] = value }
    case .float64:
      if let value = number.double { return tensor.pointer(Double.self)[position] = value }
    case .int64:
      if let value = number.integer { return tensor.store(value, at: position) }
    case .bool:
      if let value = number.double, !value.isNaN { return tensor.store(value, at: position) }
    }
    let got = number.isEmpty ? "an empty cell" : source.quoted(cell.range)
    throw source.failure(
      number.double == nil ? "a number" : "a number that \(tensor.dtype) can hold", got: got,
      at: .cell(line: cell.line, column: cell.column, byte: cell.range.lowerBound), cure: cure(cell, source))
  }

  /// What to do about a cell of text.
  private func cure(_ cell: CSVCell, _ source: FileBytes) -> String? {
    if source[cell.range].bytes.contains(UInt8(ascii: ";")) { return "{delimiter=';'} reads cells between semicolons" }
    return hasHeader == nil && cell.isInFirstRow ? "{header=true} passes over the first row" : nil
  }
}

/// How large a table is, and the cells of its header where it has one.
struct CSVSurvey {
  /// The number of rows below the header.
  let rows: Int
  let columns: Int
  let header: [CSVCell]?

  var hasHeader: Bool { header != nil }
}

/// What the first row holds, to tell whether it is a header.
private struct FirstRow {
  var line = 1
  private(set) var cells: [CSVCell] = []
  private var hasText = false
  private var hasNumber = false

  var looksLikeHeader: Bool { hasText && !hasNumber }

  mutating func add(_ cell: CSVCell, _ source: FileBytes) {
    cells.append(cell)
    let number = CSVNumber(source[cell.range].bytes)
    if number.isEmpty { return }
    if number.double == nil { hasText = true } else { hasNumber = true }
  }
}

extension FileBytes {
  /// The error of a cell of text.
  func failure(_ expected: String, got: String, at place: FilePlace, cure: String? = nil) -> FileError {
    FileError(origin, .malformed(Malformation(expected: expected, got: got, place: place, cure: cure)))
  }
}
