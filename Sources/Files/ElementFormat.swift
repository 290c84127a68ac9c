import Kernels
import Tensors

/// How a file stores the numbers of a tensor.
struct ElementFormat: Hashable, Sendable {
  /// The kinds of numbers.
  enum Kind: Sendable {
    /// IEEE 754 floating point of 2, 4 or 8 bytes.
    case float
    /// The upper half of a float32.
    case brainFloat
    /// Two's complement of 1, 2, 4 or 8 bytes.
    case signed
    /// Integers from 0, of 1, 2, 4 or 8 bytes.
    case unsigned
    /// One byte, 0 for false.
    case boolean
  }

  let kind: Kind
  /// The size of one element, in bytes.
  let size: Int
  var isBigEndian = false

  /// What the elements become in a tensor: the smallest float that holds them, int64 of all integers.
  var dtype: DType {
    switch kind {
    case .float: size == 8 ? .float64 : .float32
    case .brainFloat: .float32
    case .signed, .unsigned: .int64
    case .boolean: .bool
    }
  }

  /// Copies all elements in `source` to a contiguous tensor of `dtype`, from its element `first` on.
  ///
  /// The caller has made sure that they fit.
  ///
  /// - Throws: `FileError` for an unsigned integer beyond int64's range; `Interrupted`.
  func decode(_ source: FileBytes, into tensor: Tensor, at first: Int = 0) throws {
    switch (kind, size) {
    case (.float, 2): try copy(source, tensor, first) { (bits: UInt16) in ElementFormat.float(half: bits) }
    case (.brainFloat, _): try copy(source, tensor, first) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
    case (.float, 4): try copy(source, tensor, first) { (bits: UInt32) in Float(bitPattern: bits) }
    case (.float, _): try copy(source, tensor, first) { (bits: UInt64) in Double(bitPattern: bits) }
    case (.signed, 1): try copy(source, tensor, first) { (value: Int8) in Int64(value) }
    case (.signed, 2): try copy(source, tensor, first) { (value: Int16) in Int64(value) }
    case (.signed, 4): try copy(source, tensor, first) { (value: Int32) in Int64(value) }
    case (.signed, _): try copy(source, tensor, first) { (value: Int64) in value }
    case (.unsigned, 1): try copy(source, tensor, first) { (value: UInt8) in Int64(value) }
    case (.unsigned, 2): try copy(source, tensor, first) { (value: UInt16) in Int64(value) }
    case (.unsigned, 4): try copy(source, tensor, first) { (value: UInt32) in Int64(value) }
    case (.unsigned, _): try copyUnsigned(source, tensor, first)
    // Kernels count on masks of 0 and 1.
    case (.boolean, _): try copy(source, tensor, first) { (value: UInt8) in value == 0 ? 0 : 1 as UInt8 }
    }
  }

  @inline(__always)
  private func copy<Stored: FixedWidthInteger & BitwiseCopyable, Element>(
    _ source: FileBytes, _ tensor: Tensor, _ first: Int, _ convert: (Stored) -> Element
  ) throws {
    let target = tensor.pointer(Element.self) + first
    try forEachPart(of: source) { elements in
      for index in elements {
        let stored = source.bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
        target[index] = convert(isBigEndian ? Stored(bigEndian: stored) : Stored(littleEndian: stored))
      }
    }
  }

  private func copyUnsigned(_ source: FileBytes, _ tensor: Tensor, _ first: Int) throws {
    try copy(source, tensor, first) { (value: UInt64) in Int64(truncatingIfNeeded: value) }
    let target = tensor.pointer(Int64.self) + first
    try forEachPart(of: source) { elements in
      for index in elements where target[index] < 0 {
        throw source.failure(
          "unsigned integers that int64 can hold", got: "\(UInt64(bitPattern: target[index]))",
          at: source.start + 8 * index)
      }
    }
  }

  /// Calls `body` with the elements' indices, a part at a time, so that Ctrl-C is answered between two.
  @inline(__always)
  private func forEachPart(of source: FileBytes, _ body: (Range<Int>) throws -> Void) throws {
    let count = source.count / size
    var first = 0
    while first < count {
      try Interrupt.check()
      let end = min(first + Interrupt.pollInterval, count)
      try body(first..<end)
      first = end
    }
  }

  /// Widens a half-precision number, given as its bits; exact, also for subnormal numbers.
  private static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7fff)
    // infinity and NaN keep the bits of their fraction
    if magnitude >= 0x7c00 { return Float(bitPattern: sign | 0x7f80_0000 | (magnitude & 0x3ff) << 13) }
    // the exponent's bias goes from 15 to 127
    return Float(bitPattern: sign | (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern)
  }
}
