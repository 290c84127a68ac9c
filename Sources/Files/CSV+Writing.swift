import Kernels
import Tensors

extension CSV {
  private static let pieceSize = 1 << 16

  /// Writes a tensor `[rows, columns]`, or a vector as one column, to the file `origin.path`.
  ///
  /// Numbers are the shortest that read back the same in their dtype; masks are 0 and 1; NaN and infinity are `nan`,
  /// `inf` and `-inf`. With `names` the first row is a header, quoted where it must be. The file is replaced whole or
  /// not at all.
  ///
  /// - Throws: `TensorError` for other than one or two dimensions, or another number of names than columns;
  ///   `FileError`, `Interrupted`; the old file is then as it was.
  public func write(_ tensor: Tensor, names: [String]? = nil, _ origin: Origin) throws {
    guard 1...2 ~= tensor.rank else {
      throw TensorError.expected(
        operation: origin.operation, expected: "a tensor of one or two dimensions for a .csv",
        got: "shape \(tensor.shape)")
    }
    let (rows, columns) = (tensor.shape[0], tensor.rank == 2 ? tensor.shape[1] : 1)
    guard columns > 0 || rows == 0 else {
      throw TensorError.expected(
        operation: origin.operation, expected: "at least one column for the rows of a .csv",
        got: "shape \(tensor.shape)")
    }
    if let names, names.count != columns {
      throw TensorError.expected(
        operation: origin.operation, expected: "a name for each of the \(columns) columns as header",
        got: "\(names.count)")
    }
    try AtomicFile.replace(origin) { file in
      if let names {
        try file.write(names.map(cell).joined(separator: separator) + "\n")
      }
      try write(tensor, rows, columns, file)
    }
  }

  private var separator: String { String(UnicodeScalar(delimiter)) }

  private func write(_ tensor: Tensor, _ rows: Int, _ columns: Int, _ file: AtomicFile) throws {
    let columnStride = tensor.rank == 2 ? tensor.strides[1] : 0
    var text = ""
    for row in 0..<rows {
      let first = tensor.offset + row * tensor.strides[0]
      for column in 0..<columns {
        if column > 0 { text += separator }
        text += CSV.text(tensor, first + column * columnStride)
        if text.utf8.count >= CSV.pieceSize { try flush(&text, file) }
      }
      text += "\n"
      if text.utf8.count >= CSV.pieceSize { try flush(&text, file) }
    }
    try flush(&text, file)
  }

  private func flush(_ text: inout String, _ file: AtomicFile) throws {
    try Interrupt.check()
    try file.write(text)
    text.removeAll(keepingCapacity: true)
  }

  private static func text(_ tensor: Tensor, _ position: Int) -> String {
    if !tensor.dtype.isFloat { return "\(tensor.loadInteger(at: position))" }
    let value = tensor.load(at: position)
    if value.isNaN { return "nan" }
    return tensor.dtype == .float32 ? "\(Float(value))" : "\(value)"
  }

  /// A text as a cell: quoted when it holds what would end it, or would be read as another thing.
  public func cell(_ name: String) -> String {
    let special = name.utf8.contains { $0 == delimiter || $0 == UInt8(ascii: "\"") || $0 == 0x0a || $0 == 0x0d }
    let isPlain = !special && !name.isEmpty && !name.hasPrefix("#") && !name.hasPrefix(" ") && !name.hasSuffix(" ")
    if isPlain { return name }
    return "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
