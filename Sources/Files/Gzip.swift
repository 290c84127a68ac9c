import Tensors

/// Reads gzip streams through zlib: bounded, and with every byte accounted for.
public enum Gzip {
  private static let firstCapacity = 1 << 16

  /// Whether bytes begin as a gzip stream does, with 1f 8b.
  public static func isGzip(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
  }

  /// Inflates a whole gzip stream; several members one after another give their contents joined.
  ///
  /// Memory grows with what has really been inflated, never with what a header claims, and `limit` ends a bomb.
  ///
  /// - Throws: `FileError` with the byte position when the stream is truncated, fails its checksum, is followed by
  ///   anything but another member, or inflates to more than `limit` bytes; `TensorError.outOfMemory`; `Interrupted`.
  public static func inflate(_ bytes: UnsafeRawBufferPointer, limit: Int, origin: Origin) throws -> ByteBuffer {
    let inflater = try Inflater(bytes, origin: origin)
    // A byte more than the limit is enough to see that there are more.
    let most = limit == Int.max ? limit : limit + 1
    let result = try ByteBuffer(capacity: min(most, firstCapacity))
    while try result.append(atMost: most - result.count, inflater.read) > 0 {
      if result.count > limit {
        throw FileError(origin, .gzip(.tooLarge(limit: limit, position: inflater.position)))
      }
    }
    return result
  }

  /// Inflates the first `count` bytes of a gzip stream, fewer where it has fewer.
  ///
  /// - Throws: as `inflate`, for as much of the stream as was needed.
  static func prefix(_ bytes: UnsafeRawBufferPointer, count: Int, origin: Origin) throws -> ByteBuffer {
    let inflater = try Inflater(bytes, origin: origin)
    let result = try ByteBuffer(capacity: count)
    while result.count < count {
      if try result.append(atMost: count - result.count, inflater.read) == 0 { break }
    }
    return result
  }
}
