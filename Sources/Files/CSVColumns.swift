import Kernels
import Tensors

/// What a table of text is like before its columns are chosen.
public struct CSVLayout: Sendable {
  /// The names in the header, nil without one.
  public let names: [String]?
  /// The number of columns.
  public let columns: Int
  /// The number of rows below the header.
  public let rows: Int
}

/// Some columns of a table of text: those of numbers as a tensor, others as they are written.
public struct CSVColumns {
  /// What the table is like.
  public let layout: CSVLayout
  /// The columns of numbers, `[rows, columns]`, in the order in which they were chosen.
  public let numbers: Tensor
  /// The cells of each other column, in the order in which they were chosen.
  public let texts: [[String]]

  /// A column's cells as float64; nil unless all are numbers.
  public static func numbers(in cells: [String]) -> [Double]? {
    var result: [Double] = []
    result.reserveCapacity(cells.count)
    for var cell in cells {
      guard let value = cell.withUTF8({ CSVNumber(UnsafeRawBufferPointer($0)).double }) else { return nil }
      result.append(value)
    }
    return result
  }
}

extension CSV {
  /// Reads the columns that `choose` picks by their indices from 0, none of them twice; the others may hold anything.
  ///
  /// Cells that are picked must not be empty.
  ///
  /// - Throws: what `choose` throws; `FileError` with line, column and byte when the file can't be read, a row is
  ///   longer or shorter than the first, a picked cell is empty or no number where one is asked for, or quotes don't
  ///   match; `TensorError.outOfMemory`; `Interrupted`.
  public func readColumns(
    _ dtype: DType, _ origin: Origin, choose: (CSVLayout) throws -> (numbers: [Int], texts: [Int])
  ) throws -> CSVColumns {
    try PlainFile.read(origin).withBytes { bytes in
      let source = FileBytes(bytes: bytes, origin: origin)
      let survey = try survey(source)
      let names = survey.header.map { $0.map { text(of: $0, source) } }
      let layout = CSVLayout(names: names, columns: survey.columns, rows: survey.rows)
      let chosen = try choose(layout)
      let numbers = try Tensor(dtype, [survey.rows, chosen.numbers.count], zeroed: false)
      let texts = try fill(numbers, chosen, source, layout)
      return CSVColumns(layout: layout, numbers: numbers, texts: texts)
    }
  }

  /// Reads the picked cells: numbers into the tensor, texts as the result.
  private func fill(
    _ tensor: Tensor, _ chosen: (numbers: [Int], texts: [Int]), _ source: FileBytes, _ layout: CSVLayout
  ) throws -> [[String]] {
    var numberPlaces = [Int?](repeating: nil, count: layout.columns)
    var textPlaces = numberPlaces
    for (place, column) in chosen.numbers.enumerated() { numberPlaces[column] = place }
    for (place, column) in chosen.texts.enumerated() { textPlaces[column] = place }
    var texts = [[String]](repeating: [], count: chosen.texts.count)
    var scanner = CSVScanner(source, delimiter)
    var (isHeader, row) = (layout.names != nil, 0)
    while try scanner.nextRow() {
      while let cell = try scanner.nextCell() {
        if isHeader { continue }
        if let place = numberPlaces[cell.column - 1] {
          try requireContents(cell, source)
          try store(cell, source, tensor, row * chosen.numbers.count + place)
        }
        if let place = textPlaces[cell.column - 1] {
          try requireContents(cell, source)
          texts[place].append(text(of: cell, source))
        }
      }
      if !isHeader { row += 1 }
      isHeader = false
    }
    return texts
  }

  private func requireContents(_ cell: CSVCell, _ source: FileBytes) throws {
    guard cell.range.isEmpty else { return }
    throw source.failure(
      "a value", got: "an empty cell", at: .cell(line: cell.line, column: cell.column, byte: cell.range.lowerBound),
      cure: "leave out samples with missing values")
  }

  /// A cell's text, with invalid UTF-8 repaired.
  private func text(of cell: CSVCell, _ source: FileBytes) -> String {
    let bytes = source[cell.range].bytes
    let quote = UInt8(ascii: "\"")
    guard cell.isQuoted, bytes.contains(quote) else { return String(decoding: bytes, as: UTF8.self) }
    var (kept, isSecond) = ([UInt8](), false)
    for byte in bytes {
      // of two quotes the first is kept
      isSecond = byte == quote && !isSecond
      if byte != quote || isSecond { kept.append(byte) }
    }
    return String(decoding: kept, as: UTF8.self)
  }
}
