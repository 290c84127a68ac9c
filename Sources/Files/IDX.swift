import Kernels
import Tensors

/// A file in the IDX format of the MNIST collection: a header, then big-endian elements in row-major order.
///
/// The header is two zero bytes, a byte for the element type, a byte for the number of dimensions, and a
/// big-endian 32-bit extent for each. Source: http://yann.lecun.com/exdb/mnist, "the IDX file format".
public struct IDX {
  /// The element types of the format.
  public enum Element: UInt8, CaseIterable, Sendable {
    /// Unsigned bytes: images and labels.
    case uint8 = 0x08
    /// Signed bytes.
    case int8 = 0x09
    /// 16-bit signed integers.
    case int16 = 0x0b
    /// 32-bit signed integers.
    case int32 = 0x0c
    /// 32-bit floating point.
    case float32 = 0x0d
    /// 64-bit floating point.
    case float64 = 0x0e

    /// The size of one element in the file, in bytes.
    public var size: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }

    /// What the elements become in a tensor: integers int64, and floating point as it is.
    public var dtype: DType {
      switch self {
      case .uint8, .int8, .int16, .int32: .int64
      case .float32: .float32
      case .float64: .float64
      }
    }
  }

  /// What the elements are.
  public let element: Element
  /// The extents the header gives.
  public let shape: Extents
  /// The number of elements.
  public let count: Int

  private let buffer: ByteBuffer
  private let headerSize: Int

  /// Reads an IDX file, plain or gzipped (told by its first bytes, not by its name).
  ///
  /// - Throws: `FileError` when the file can't be read, its header makes no sense, or its size is not exactly what
  ///   the header announces; `TensorError.outOfMemory`; `Interrupted`.
  public init(_ origin: Origin) throws {
    try self.init(PlainFile.read(origin), origin)
  }

  /// Reads an IDX file that is in memory already, plain or gzipped; the bytes are copied.
  ///
  /// - Throws: as for a file.
  public init(bytes: UnsafeRawBufferPointer, origin: Origin) throws {
    if Gzip.isGzip(bytes) {
      try self.init(gzipped: bytes, origin)
    } else {
      try self.init(ByteBuffer(copying: bytes), origin)
    }
  }

  private init(_ file: ByteBuffer, _ origin: Origin) throws {
    if file.withBytes(Gzip.isGzip) {
      self = try file.withBytes { try IDX(gzipped: $0, origin) }
    } else {
      let header = try file.withBytes { try IDXHeader($0, origin) }
      try self.init(header, file, origin)
    }
  }

  private init(gzipped bytes: UnsafeRawBufferPointer, _ origin: Origin) throws {
    let start = try Gzip.prefix(bytes, count: IDXHeader.largestSize, origin: origin)
    let header = try start.withBytes { try IDXHeader($0, origin) }
    do {
      try self.init(header, Gzip.inflate(bytes, limit: header.fileSize, origin: origin), origin)
    } catch let error as FileError {
      guard case .gzip(.tooLarge) = error.problem else { throw error }
      throw FileError(origin, .idx(header.trailing(got: nil)))
    }
  }

  private init(_ header: IDXHeader, _ file: ByteBuffer, _ origin: Origin) throws {
    try header.check(fileSize: file.count, origin)
    element = header.element
    shape = header.shape
    count = header.count
    headerSize = header.size
    buffer = file
  }

  /// Gives `body` the elements as they are in the file, big-endian; the pointer is valid until it returns.
  ///
  /// - Throws: what `body` throws.
  public func withElements<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try buffer.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[headerSize...])) }
  }

  /// The elements as a tensor of the file's shape, nothing scaled: int64 for every integer type, float32 and
  /// float64 as they are.
  ///
  /// - Throws: `TensorError.outOfMemory`; `Interrupted`.
  public func tensor() throws -> Tensor {
    let tensor = try Tensor(element.dtype, shape, zeroed: false)
    try withElements { bytes in
      switch element {
      case .uint8: try copy(bytes, to: tensor) { Int64($0 as UInt8) }
      case .int8: try copy(bytes, to: tensor) { Int64($0 as Int8) }
      case .int16: try copy(bytes, to: tensor) { Int64(Int16(bigEndian: $0)) }
      case .int32: try copy(bytes, to: tensor) { Int64(Int32(bigEndian: $0)) }
      case .float32: try copy(bytes, to: tensor) { Float(bitPattern: UInt32(bigEndian: $0)) }
      case .float64: try copy(bytes, to: tensor) { Double(bitPattern: UInt64(bigEndian: $0)) }
      }
    }
    return tensor
  }

  @inline(__always)
  private func copy<Stored: BitwiseCopyable, Element>(
    _ bytes: UnsafeRawBufferPointer, to tensor: Tensor, _ convert: (Stored) -> Element
  ) throws {
    guard let source = bytes.baseAddress else { return }
    let target = tensor.pointer(Element.self)
    var first = 0
    while first < count {
      try Interrupt.check()
      let end = min(first + Interrupt.pollInterval, count)
      for index in first..<end {
        let offset = index * MemoryLayout<Stored>.size
        target[index] = convert(source.loadUnaligned(fromByteOffset: offset, as: Stored.self))
      }
      first = end
    }
  }
}
