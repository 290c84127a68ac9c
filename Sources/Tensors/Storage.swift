import Kernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads a storage's elements later than they were given to it.
public protocol StorageReader: AnyObject {
  /// Copies what it needs of the elements, which are about to change.
  func storageWillChange()
}

/// A block of memory that tensors share: 64-byte aligned, checked against the memory limit.
public final class Storage {
  /// About what the objects around a block take, in bytes; they count against the limit, or tiny tensors would escape it.
  public static let overhead = 256

  /// The cache-line alignment of every block, in bytes.
  public static let alignment = 64

  /// What the elements are.
  public let dtype: DType
  /// The number of elements.
  public let count: Int
  /// The first element.
  public let base: UnsafeMutableRawPointer

  /// The size in bytes, never 0, so that `base` is always a valid address.
  public let bytes: Int

  /// How often the elements were changed in place since the storage was made.
  @exclusivity(unchecked)
  public final private(set) var version = 0

  /// How many pending backward passes have saved a tensor of this storage.
  @exclusivity(unchecked)
  public final var saves = 0

  /// Who will read the elements as they are now, without a copy of its own; it is told before they change.
  ///
  /// Not kept alive, and one alone: it takes itself off, and who comes second copies.
  @exclusivity(unchecked)
  public final unowned(unsafe) var reader: (any StorageReader)?

  /// Where the last change in place came from while a backward pass had saved the elements.
  public final private(set) var changedAt: String?

  /// What malloc's own blocks are aligned to, in bytes.
  private static let blockAlignment = 16

  /// What malloc gave, less than one alignment before `base`.
  private let block: UnsafeMutableRawPointer

  /// Takes memory for `count` elements, all bits 0 unless `zeroed` is false.
  ///
  /// - Throws: `TensorError.outOfMemory` when the size overflows, passes the limit, or the system has no more.
  public init(_ dtype: DType, count: Int, zeroed: Bool = true) throws {
    let (size, overflow) = count.multipliedReportingOverflow(by: dtype.size)
    guard !overflow, count >= 0, size < Int.max - 2 * Storage.alignment else {
      throw TensorError.outOfMemory(requested: Int.max, live: MemoryAccount.live, limit: MemoryAccount.limit)
    }
    let rounded = Swift.max((size + Storage.alignment - 1) & ~(Storage.alignment - 1), Storage.alignment)
    try MemoryAccount.take(rounded + Storage.overhead)
    // posix_memalign of glibc before 2.38 does not reuse what it freed, and a loop over temporaries grows without end.
    let padded = Storage.padded(rounded)
    guard let block = Storage.block(padded, zeroed: zeroed) else {
      MemoryAccount.giveBack(rounded + Storage.overhead)
      throw TensorError.outOfMemory(requested: rounded, live: MemoryAccount.live, limit: MemoryAccount.limit)
    }
    self.block = block
    self.base = block.alignedUp(toMultipleOf: Storage.alignment)
    self.dtype = dtype
    self.count = count
    self.bytes = rounded
  }

  /// The size of what malloc gives for elements of `rounded` bytes.
  private static func padded(_ rounded: Int) -> Int { rounded + alignment - blockAlignment }

  /// Takes a block from those that tensors gave up, or from malloc; nil when the system has no more.
  private static func block(_ size: Int, zeroed: Bool) -> UnsafeMutableRawPointer? {
    if size < hugeBlock { return zeroed ? calloc(1, size) : malloc(size) }
    if size >= SpareBlocks.least, let spare = SpareBlocks.take(size) {
      if zeroed { memset(spare, 0, size) }
      return spare
    }
    if MemoryAccount.live > MemoryAccount.limit - SpareBlocks.bytes { SpareBlocks.clear() }
    var block = zeroed ? calloc(1, size) : malloc(size)
    if block == nil {
      SpareBlocks.clear()
      block = zeroed ? calloc(1, size) : malloc(size)
    }
    if let block { askForHugePages(block, size) }
    return block
  }

  /// From which size a block is worth huge pages, in bytes: a first touch of small ones takes longer than most operations.
  private static let hugeBlock = 4 << 20

  /// Asks the system to back a large block with huge pages, where it has them.
  private static func askForHugePages(_ block: UnsafeMutableRawPointer, _ size: Int) {
    #if canImport(Glibc)
      let pages = block.alignedUp(toMultipleOf: 4096)
      madvise(pages, (size - (pages - block)) & ~4095, MADV_HUGEPAGE)
    #endif
  }

  /// Notes that the elements are about to change in place, and where the program stands when a backward pass needs them.
  public final func noteChange() {
    version &+= 1
    if saves > 0 { changedAt = CallSite.current }
    if let reader {
      self.reader = nil
      reader.storageWillChange()
    }
  }

  deinit {
    let size = Storage.padded(bytes)
    if size < SpareBlocks.least { free(block) } else { SpareBlocks.giveUp(block, size) }
    MemoryAccount.giveBack(bytes + Storage.overhead)
  }
}
