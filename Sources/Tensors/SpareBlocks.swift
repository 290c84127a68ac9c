import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Large blocks of memory that tensors have given up, kept for the next ones of the same size.
///
/// The system finds a fresh block's pages as they are first touched, which takes longer than most operations on them.
/// What is kept is no tensor's: it is not live, does not count against the memory limit, and gives way before that.
enum SpareBlocks {
  /// From which size a block is kept, in bytes: the program has the C library keep smaller ones itself.
  static let least = 32 << 20
  /// The most bytes that are kept.
  static let most = 256 << 20

  private struct Block: @unchecked Sendable {
    let address: UnsafeMutableRawPointer
    let size: Int
  }

  /// In the order in which they came.
  private static let kept = Mutex<[Block]>([])
  private static let keptBytes = Atomic<Int>(0)

  /// How many bytes are kept now.
  static var bytes: Int { keptBytes.load(ordering: .relaxed) }

  /// Takes a block of exactly this size, the one given up last; its bytes are arbitrary.
  static func take(_ size: Int) -> UnsafeMutableRawPointer? {
    guard bytes >= size else { return nil }
    return kept.withLock { blocks in
      guard let place = blocks.lastIndex(where: { $0.size == size }) else { return nil }
      return remove(place, &blocks)
    }
  }

  /// Keeps a block of malloc's of at least `least` bytes, or frees it; those kept longest go where there are too many.
  static func giveUp(_ block: UnsafeMutableRawPointer, _ size: Int) {
    guard size <= most else { return free(block) }
    kept.withLock { blocks in
      blocks.append(Block(address: block, size: size))
      keptBytes.add(size, ordering: .relaxed)
      while bytes > most { free(remove(0, &blocks)) }
    }
  }

  /// Frees all that is kept.
  static func clear() {
    guard bytes > 0 else { return }
    kept.withLock { blocks in while !blocks.isEmpty { free(remove(0, &blocks)) } }
  }

  private static func remove(_ place: Int, _ blocks: inout [Block]) -> UnsafeMutableRawPointer {
    let block = blocks.remove(at: place)
    keptBytes.subtract(block.size, ordering: .relaxed)
    return block.address
  }
}
