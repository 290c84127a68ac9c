import Tensors

/// The header of an npy file, believed only where the arithmetic on it can't overflow.
struct NPYHeader {
  /// What every npy file begins with.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The most bytes of magic, version and length.
  static let longestPreamble = 12

  /// Only arrays of records need more than version 1.0 can hold.
  private static let longestLiteral = 1 << 16

  let element: ElementFormat
  let shape: Extents
  let isColumnMajor: Bool
  /// The size of the header, in bytes.
  let size: Int

  /// The size of the elements, in bytes.
  var elementsSize: Int { shape.product * element.size }

  /// Reads the header that `source` begins with.
  ///
  /// - Throws: `FileError` with the byte position when the bytes are too few or make no sense.
  init(_ source: FileBytes) throws {
    let literal = try NPYHeader.literal(source)
    guard literal.upperBound <= source.end else {
      throw source.failure(
        "a header of \(Excerpt.bytes(literal.count))", got: "\(source.end - literal.lowerBound)", at: source.end,
        cure: FileBytes.fetchAgain)
    }
    var parser = NPYLiteral(source[literal])
    try parser.parse()
    (element, shape, isColumnMajor) = try parser.result()
    size = literal.upperBound
  }

  /// Where the Python literal lies, told by the bytes before it; it may end behind the file.
  ///
  /// - Throws: `FileError` for another format or version, or an absurd length.
  static func literal(_ source: FileBytes) throws -> Range<Int> {
    let seen = source.bytes.prefix(magic.count)
    guard magic.starts(with: seen), !seen.isEmpty else {
      throw source.failure("an npy file, which begins with '\\x93NUMPY'", got: shown(seen), at: 0)
    }
    guard source.count >= 8 else { throw truncated(source, 8) }
    let (major, minor) = (source[6], source[7])
    guard 1...3 ~= major, minor == 0 else {
      throw source.failure("npy version 1.0, 2.0 or 3.0", got: "\(major).\(minor)", at: 6)
    }
    let start = major == 1 ? 10 : 12
    guard source.count >= start else { throw truncated(source, start) }
    let length = major == 1 ? Int(source.load(UInt16.self, at: 8)) : Int(source.load(UInt32.self, at: 8))
    guard length <= longestLiteral else {
      throw source.failure("a header of at most \(longestLiteral) bytes", got: "\(length)", at: 8)
    }
    return start..<(start + length)
  }

  private static func shown(_ seen: some Collection<UInt8>) -> String {
    seen.isEmpty ? "no bytes" : Excerpt.quoted(seen)
  }

  private static func truncated(_ source: FileBytes, _ expected: Int) -> FileError {
    source.failure(
      "at least \(expected) bytes", got: "\(source.count)", at: source.count, cure: FileBytes.fetchAgain)
  }

  /// Compares the size that the header announces with that of the file or the entry.
  ///
  /// - Throws: `FileError` when they differ.
  func check(contentsSize got: Int, _ source: FileBytes) throws {
    guard got != size + elementsSize else { return }
    let isShort = got < size + elementsSize
    throw source.failure(
      "\(Excerpt.bytes(elementsSize)) of elements for shape \(shape)", got: "\(got - size)",
      at: isShort ? got : size + elementsSize, cure: isShort ? FileBytes.fetchAgain : nil)
  }

  /// A tensor for the elements in the order of the file.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  func emptyTensor() throws -> Tensor {
    try Tensor(element.dtype, isColumnMajor ? Extents(shape.reversed()) : shape, zeroed: false)
  }

  /// The filled tensor of `emptyTensor` in row-major order.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  func inRowMajorOrder(_ tensor: Tensor) throws -> Tensor {
    guard isColumnMajor else { return tensor }
    let strides = Extents(tensor.strides.reversed())
    return try Tensor(storage: tensor.storage, shape: shape, strides: strides).contiguous()
  }
}
