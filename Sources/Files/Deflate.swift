import CZlib
import Kernels
import Tensors

/// Checksums of zip archives.
enum CRC32 {
  /// Continues a checksum over more bytes; the first begins with 0.
  ///
  /// - Throws: `Interrupted`.
  static func update(_ checksum: UInt32, _ bytes: UnsafeRawBufferPointer) throws -> UInt32 {
    var result = uLong(checksum)
    for piece in Pieces(bytes) {
      try Interrupt.check()
      result = crc32(result, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), uInt(piece.count))
    }
    return UInt32(truncatingIfNeeded: result)
  }
}

/// Bytes in pieces of 1 MiB, which zlib can count and between which Ctrl-C is answered.
struct Pieces: Sequence, IteratorProtocol {
  /// The size of every piece but the last, in bytes; a multiple of any element's size.
  static let size = 1 << 20

  private var rest: UnsafeRawBufferPointer

  /// Cuts bytes that outlive the pieces.
  init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

  /// The next piece, nil when nothing is left.
  mutating func next() -> UnsafeRawBufferPointer? {
    guard !rest.isEmpty else { return nil }
    let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Pieces.size))
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Pieces.size))
    return piece
  }
}

/// Inflates one raw deflated stream (RFC 1951) of known size; a wrong size is an error.
final class RawInflater {
  /// zlib keeps the address of its stream, so the stream lives on the heap.
  private let stream: UnsafeMutablePointer<z_stream>
  private let source: FileBytes
  private var position: Int

  /// Begins to inflate `source`, which must outlive it.
  ///
  /// - Throws: `FileError` when zlib has no memory.
  init(_ source: FileBytes) throws {
    self.source = source
    position = source.start
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // Negative: no wrapping.
    guard sonde_inflate_init(stream, -15) == Z_OK else { throw failure("memory for zlib", got: "none") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Fills the whole of `target`, at most 1 MiB, with the bytes that come next.
  ///
  /// - Throws: `FileError` with the byte position in the file when the stream is corrupt or ends before; `Interrupted`.
  func fill(_ target: UnsafeMutableRawBufferPointer) throws {
    try Interrupt.check()
    offer(target)
    while stream.pointee.avail_out > 0 {
      if try step(), stream.pointee.avail_out > 0 {
        throw failure("a deflated stream of the size in the directory", got: "its early end")
      }
    }
  }

  /// Makes sure that the stream ends here and now.
  ///
  /// - Throws: `FileError` when it goes on, or something follows it.
  func finish() throws {
    var byte: UInt8 = 0
    try withUnsafeMutableBytes(of: &byte) { room in
      offer(room)
      while true {
        let ended = try step()
        guard stream.pointee.avail_out == 1 else {
          throw failure("a deflated stream of the size in the directory", got: "more")
        }
        if ended { break }
      }
    }
    guard position == source.end else {
      throw failure("the end of the deflated stream", got: "\(Excerpt.bytes(source.end - position)) more")
    }
  }

  private func offer(_ target: UnsafeMutableRawBufferPointer) {
    stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = uInt(target.count)
  }

  /// Calls zlib once; answers whether the stream has ended.
  private func step() throws -> Bool {
    let rest = source[position..<min(position + Pieces.size, source.end)].bytes
    stream.pointee.next_in = UnsafeMutablePointer(mutating: rest.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = uInt(rest.count)
    let status = inflate(stream, Z_NO_FLUSH)
    position += rest.count - Int(stream.pointee.avail_in)
    switch status {
    case Z_OK: return false
    case Z_STREAM_END: return true
    case Z_BUF_ERROR where position == source.end:
      throw failure("the rest of the deflated stream", got: "its end")
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "zlib's status \(status)"
      throw failure("a valid deflated stream", got: "'\(reason)'")
    }
  }

  private func failure(_ expected: String, got: String) -> FileError {
    source.failure(expected, got: got, at: position, cure: "it is damaged, fetch it again")
  }
}

/// Deflates bytes (RFC 1951, no wrapping) piece by piece into a file.
final class RawDeflater {
  private let stream: UnsafeMutablePointer<z_stream>
  private let room: ByteBuffer.Room
  private let file: AtomicFile

  /// How many bytes have been written to the file.
  private(set) var written = 0

  /// Begins a stream at the end of `file`.
  ///
  /// - Throws: `TensorError.outOfMemory`, also when zlib has no memory.
  init(_ file: AtomicFile) throws {
    self.file = file
    room = try ByteBuffer.Room(size: 1 << 16)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard sonde_deflate_init(stream, -15) == Z_OK else {
      // About what zlib takes.
      throw TensorError.outOfMemory(requested: 1 << 18, live: MemoryAccount.live, limit: MemoryAccount.limit)
    }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Deflates more bytes.
  ///
  /// - Throws: `FileError`, `Interrupted`.
  func add(_ bytes: UnsafeRawBufferPointer) throws {
    for piece in Pieces(bytes) {
      try Interrupt.check()
      stream.pointee.next_in = UnsafeMutablePointer(mutating: piece.baseAddress?.assumingMemoryBound(to: UInt8.self))
      stream.pointee.avail_in = uInt(piece.count)
      try run(Z_NO_FLUSH)
    }
  }

  /// Ends the stream; nothing can be added after it.
  ///
  /// - Throws: `FileError`, `Interrupted`.
  func finish() throws {
    stream.pointee.avail_in = 0
    try run(Z_FINISH)
  }

  private func run(_ flush: Int32) throws {
    let target = room.bytes
    repeat {
      stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = uInt(target.count)
      deflate(stream, flush)
      let count = target.count - Int(stream.pointee.avail_out)
      try file.write(UnsafeRawBufferPointer(rebasing: target[..<count]))
      written += count
      // A full room may have left something behind.
    } while stream.pointee.avail_out == 0
  }
}
