import Synchronization

/// Memory for the sums of a kernel's parts, kept from one run to the next.
///
/// One thread at a time has it; whoever comes beside it, or wants more than is worth keeping, gets memory of its own.
public enum Scratch {
  // the sums of a matrix of 1024 columns
  private static let most = 64 * 2 * 1024

  private static let isTaken = Atomic<Bool>(false)
  nonisolated(unsafe) private static var kept: UnsafeMutablePointer<Double>?
  nonisolated(unsafe) private static var capacity = 0

  /// Calls `body` with `count` numbers, all 0.
  ///
  /// - Throws: what `body` throws.
  public static func withZeros<Result>(
    _ count: Int, _ body: (UnsafeMutablePointer<Double>) throws -> Result
  ) rethrows -> Result {
    let (numbers, isKept) = take(count)
    defer { giveBack(numbers, isKept) }
    numbers.update(repeating: 0, count: count)
    return try body(numbers)
  }

  /// Takes memory for `count` numbers, whatever they are, and tells whether it is what is kept.
  private static func take(_ count: Int) -> (numbers: UnsafeMutablePointer<Double>, isKept: Bool) {
    guard count <= most, isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
      return (.allocate(capacity: count), false)
    }
    if let kept, capacity >= count { return (kept, true) }
    kept?.deallocate()
    let numbers = UnsafeMutablePointer<Double>.allocate(capacity: count)
    (kept, capacity) = (numbers, count)
    return (numbers, true)
  }

  private static func giveBack(_ numbers: UnsafeMutablePointer<Double>, _ isKept: Bool) {
    if isKept { isTaken.store(false, ordering: .releasing) } else { numbers.deallocate() }
  }
}
