import CZlib
import Kernels

/// Inflates a gzip stream in memory piece by piece; several members one after another are one stream.
///
/// The bytes it reads must outlive it.
final class Inflater {
  private static let largestPiece = 1 << 20

  /// zlib keeps the address of its stream, so the stream lives on the heap.
  private let stream: UnsafeMutablePointer<z_stream>
  private let source: UnsafeRawBufferPointer
  private let origin: Origin
  private var isFinished = false

  /// Begins to inflate `source`.
  ///
  /// - Throws: `FileError` with `corrupt` when zlib has no memory.
  init(_ source: UnsafeRawBufferPointer, origin: Origin) throws {
    self.source = source
    self.origin = origin
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 is the largest window, 16 asks for gzip's wrapping and no other.
    guard sonde_inflate_init(stream, 15 + 16) == Z_OK else { throw corrupt("no memory for zlib") }
    let bytes = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes)
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// How many bytes of the source have been used.
  private(set) var position = 0

  /// Writes up to 1 MiB of inflated bytes to `target`, at least one unless the stream has ended; 0 is the end.
  ///
  /// - Throws: `FileError` with the byte position when the stream is truncated, corrupt, or followed by anything
  ///   but another member; `Interrupted`.
  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let wanted = min(target.count, Inflater.largestPiece)
    stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = uInt(wanted)
    while stream.pointee.avail_out == uInt(wanted) && !isFinished {
      try Interrupt.check()
      try step()
    }
    return wanted - Int(stream.pointee.avail_out)
  }

  private func step() throws {
    let offered = min(source.count - position, Inflater.largestPiece)
    stream.pointee.avail_in = uInt(offered)
    let status = inflate(stream, Z_NO_FLUSH)
    position += offered - Int(stream.pointee.avail_in)
    switch status {
    case Z_OK: break
    case Z_STREAM_END: try endMember()
    case Z_BUF_ERROR where position == source.count:
      throw FileError(origin, .gzip(.truncated(position: position)))
    default:
      throw corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "zlib's status \(status)")
    }
  }

  /// After a member: the end, or the next member.
  private func endMember() throws {
    let rest = source.count - position
    if rest == 0 {
      isFinished = true
    } else if Gzip.isGzip(UnsafeRawBufferPointer(rebasing: source[position...])) {
      inflateReset(stream)
    } else {
      throw FileError(origin, .gzip(.trailing(count: rest, position: position)))
    }
  }

  private func corrupt(_ reason: String) -> FileError {
    FileError(origin, .gzip(.corrupt(reason: reason, position: position)))
  }
}
