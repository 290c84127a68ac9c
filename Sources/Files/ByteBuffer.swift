import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes of a file in memory that counts against the memory limit like a tensor's.
///
/// It grows at the end and never moves once whoever fills it has handed it out.
public final class ByteBuffer {
  private var storage: Storage

  /// The number of bytes that have been filled.
  public private(set) var count = 0

  /// Takes memory for `capacity` bytes, none of them filled.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public init(capacity: Int) throws {
    storage = try Storage(.bool, count: capacity, zeroed: false)
  }

  /// Copies bytes from memory.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public convenience init(copying source: UnsafeRawBufferPointer) throws {
    try self.init(capacity: source.count)
    if let base = source.baseAddress { memcpy(storage.base, base, source.count) }
    count = source.count
  }

  /// Gives `body` the filled bytes; the pointer is valid until it returns.
  ///
  /// - Throws: what `body` throws.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(storage) { try body(UnsafeRawBufferPointer(start: storage.base, count: count)) }
  }

  /// Lets `fill` write at most `most` bytes behind the filled ones and say how many it wrote.
  ///
  /// A full buffer doubles first, so it never takes more than twice what it holds (or what it began with).
  ///
  /// - Throws: `TensorError.outOfMemory`, and what `fill` throws.
  func append(atMost most: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Int {
    if count == storage.count { try grow() }
    let room = min(most, storage.count - count)
    let written = try fill(UnsafeMutableRawBufferPointer(start: storage.base + count, count: room))
    count += written
    return written
  }

  private func grow() throws {
    let larger = try Storage(.bool, count: max(storage.count * 2, 4096), zeroed: false)
    memcpy(larger.base, storage.base, count)
    storage = larger
  }
}

extension ByteBuffer {
  /// A block of bytes to work in, which counts against the memory limit too.
  final class Room {
    private let storage: Storage

    /// Takes `size` bytes, whatever is in them.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    init(size: Int) throws { storage = try Storage(.bool, count: size, zeroed: false) }

    /// All of the bytes, valid as long as the room lives.
    var bytes: UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(start: storage.base, count: storage.count)
    }
  }
}
