import Kernels
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The system's `read`, under a name that methods don't hide.
private let readBytes: @Sendable (Int32, UnsafeMutableRawPointer?, Int) -> Int = { read($0, $1, $2) }

/// Reads a regular file from its start, piece by piece, for formats whose header tells what follows.
final class FileStream {
  private let origin: Origin
  private let descriptor: Int32
  private var position = 0

  /// The size of the file in bytes; nil for pipes and devices, whose end only reading shows.
  let size: Int?

  /// Opens the file `origin.path`.
  ///
  /// - Throws: `FileError` when the path is missing, a directory or unreadable; `Interrupted`.
  init(_ origin: Origin) throws {
    self.origin = origin
    descriptor = try PlainFile.open(origin)
    do {
      size = try PlainFile.size(of: descriptor, origin)
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Fills the whole of `target` with the bytes that come next.
  ///
  /// - Throws: `FileError` when the file ends before, which it does only when somebody cuts it meanwhile; `Interrupted`.
  func fill(_ target: UnsafeMutableRawBufferPointer) throws {
    var rest = target
    while !rest.isEmpty {
      try Interrupt.check()
      let (file, base, count) = (descriptor, rest.baseAddress, min(rest.count, Pieces.size))
      let got = try SystemCall.retrying { readBytes(file, base, count) }
      guard got >= 0 else { throw SystemCall.failure("read", origin) }
      guard got > 0 else {
        let bytes = FileBytes(bytes: UnsafeRawBufferPointer(start: nil, count: 0), origin: origin, start: position)
        throw bytes.failure("the file's size", got: FileBytes.endOfFile, at: position, cure: FileBytes.fetchAgain)
      }
      position += got
      rest = UnsafeMutableRawBufferPointer(rebasing: rest[got...])
    }
  }
}

extension ByteBuffer {
  /// Fills a buffer of `count` bytes at once.
  ///
  /// - Throws: `TensorError.outOfMemory`, and what `fill` throws.
  convenience init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
    try self.init(capacity: max(count, 1))
    _ = try append(atMost: count) { room in
      try fill(room)
      return room.count
    }
  }

  /// The bytes with `count` more behind them.
  ///
  /// - Throws: `TensorError.outOfMemory`, and what `fill` throws.
  func continued(_ more: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws -> ByteBuffer {
    try ByteBuffer(count: count + more) { room in
      withBytes { UnsafeMutableRawBufferPointer(rebasing: room[..<$0.count]).copyMemory(from: $0) }
      try fill(UnsafeMutableRawBufferPointer(rebasing: room[count...]))
    }
  }
}

extension ElementFormat {
  /// Whether a tensor's memory holds the elements as the file does.
  private var isNative: Bool {
    if isBigEndian || 1.littleEndian != 1 { return false }
    return kind == .float && size >= 4 || kind == .signed && size == 8
  }

  /// Reads the elements of a contiguous tensor of `dtype`, a piece at a time; the first lies at `start`.
  ///
  /// - Throws: `FileError` for an unsigned integer beyond int64's range; `TensorError.outOfMemory`; `Interrupted`;
  ///   what `fill` throws.
  func read(
    into tensor: Tensor, _ origin: Origin, entry: String? = nil, start: Int,
    _ fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws {
    let total = tensor.count * size
    if isNative {
      let memory = UnsafeMutableRawBufferPointer(start: tensor.address, count: total)
      for first in stride(from: 0, to: total, by: Pieces.size) {
        try fill(UnsafeMutableRawBufferPointer(rebasing: memory[first..<min(first + Pieces.size, total)]))
      }
      return
    }
    let room = try ByteBuffer.Room(size: min(total, Pieces.size))
    for first in stride(from: 0, to: total, by: Pieces.size) {
      let part = UnsafeMutableRawBufferPointer(rebasing: room.bytes.prefix(total - first))
      try fill(part)
      let elements = FileBytes(
        bytes: UnsafeRawBufferPointer(part), origin: origin, entry: entry, start: start + first)
      try decode(elements, into: tensor, at: first / size)
    }
  }
}
