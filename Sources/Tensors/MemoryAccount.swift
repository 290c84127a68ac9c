import Synchronization

/// What tensors hold of the machine's memory, and how much they may.
///
/// Lua's collector does not see tensor memory: the binding reads these counters to tell it.
public enum MemoryAccount {
  // what is live is their difference: one change less for every storage
  private static let freedBytes = Atomic<Int>(0)
  private static let allocatedBytes = Atomic<Int>(0)
  private static let liveStorages = Atomic<Int>(0)
  private static let peakBytes = Atomic<Int>(0)
  private static let otherBytes = Atomic<Int>(0)
  private static let limitBytes = Atomic<Int>(Int.max)

  /// The bytes that storages hold now.
  public static var live: Int { allocatedBytes.load(ordering: .relaxed) &- freedBytes.load(ordering: .relaxed) }

  /// The bytes that storages have taken since the start, given back or not.
  public static var allocated: Int { allocatedBytes.load(ordering: .relaxed) }

  /// The most bytes that storages have held at once since `restartPeak`, or since the start.
  public static var peak: Int { max(peakBytes.load(ordering: .relaxed), live) }

  /// Has `peak` count from now on.
  public static func restartPeak() { peakBytes.store(live, ordering: .relaxed) }

  /// The number of storages that exist now.
  public static var storages: Int { liveStorages.load(ordering: .relaxed) }

  /// The most that storages may hold together, in bytes.
  public static var limit: Int {
    get { limitBytes.load(ordering: .relaxed) }
    set { limitBytes.store(newValue, ordering: .relaxed) }
  }

  /// Has what others hold, Lua in a sandbox, count against the limit too: `bytes` more of it, or less where they are negative.
  ///
  /// Answers false, and counts nothing, where the limit and a reserve beyond it leave no room for more.
  public static func count(others bytes: Int, reserve: Int) -> Bool {
    let others = otherBytes.load(ordering: .relaxed)
    if bytes > 0, bytes &- reserve > limit &- live &- others { return false }
    otherBytes.wrappingAdd(bytes, ordering: .relaxed)
    return true
  }

  static func take(_ bytes: Int) throws {
    let allocated = allocatedBytes.wrappingAdd(bytes, ordering: .relaxed).newValue
    let held = allocated &- freedBytes.load(ordering: .relaxed)
    if held > limit &- otherBytes.load(ordering: .relaxed) {
      allocatedBytes.wrappingSubtract(bytes, ordering: .relaxed)
      throw TensorError.outOfMemory(requested: bytes, live: held - bytes, limit: limit)
    }
    if held > peakBytes.load(ordering: .relaxed) { peakBytes.max(held, ordering: .relaxed) }
    liveStorages.wrappingAdd(1, ordering: .relaxed)
  }

  static func giveBack(_ bytes: Int) {
    freedBytes.wrappingAdd(bytes, ordering: .relaxed)
    liveStorages.wrappingSubtract(1, ordering: .relaxed)
  }
}
