import KernelBase

/// Order statistics by radix selection on the ordered bits of floating-point numbers, without a full sort.
///
/// A first pass counts the elements by their top eleven bits; a second one gathers the few groups that hold a
/// wanted rank; these are split in place by the next eleven bits, and so on. Few elements are split at one of them.
public enum Selection {
  /// How many elements of an ascending sort come before each wanted one: finds several in one go.
  ///
  /// - Parameters:
  ///   - x: the elements, none of them NaN.
  ///   - count: how many there are.
  ///   - ranks: the wanted positions, ascending, each in `0..<count`.
  ///   - scratch: memory for `count` elements, which is overwritten.
  /// - Returns: the elements at those positions of the sorted data.
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func select<T: FloatElement>(
    _ x: UnsafePointer<T>, count: Int, ranks: [Int], scratch: UnsafeMutablePointer<T>
  ) throws -> [Double] {
    if T.self == Float.self {
      let keys = try RadixSelection<UInt32>.run(x, count, ranks, scratch)
      return keys.map { Double(Float(bitPattern: $0)) }
    }
    let keys = try RadixSelection<UInt64>.run(x, count, ranks, scratch)
    return keys.map { Double(bitPattern: $0) }
  }

  /// The percentiles of `count` elements, linearly interpolated between neighbours as `numpy.percentile` does.
  ///
  /// - Parameters:
  ///   - x: the elements, at least one, none of them NaN.
  ///   - count: how many there are.
  ///   - percentiles: what to find, each in `0...100`, in any order.
  ///   - scratch: memory for `count` elements, which is overwritten.
  /// - Returns: one number a percentile, in the order asked for.
  /// - Throws: `Interrupted` when a stop is requested.
  public static func percentiles<T: FloatElement>(
    _ x: UnsafePointer<T>, count: Int, _ percentiles: [Double], scratch: UnsafeMutablePointer<T>
  ) throws -> [Double] {
    try self.percentiles(count: count, percentiles) { ranks in
      try select(x, count: count, ranks: ranks, scratch: scratch)
    }
  }

  /// The percentiles of `count` elements, at least one, given those at wanted ranks of their sort, ascending.
  static func percentiles(
    count: Int, _ percentiles: [Double], _ select: (_ ranks: [Int]) throws -> [Double]
  ) rethrows -> [Double] {
    if percentiles.isEmpty { return [] }
    let positions = percentiles.map { $0 / 100 * Double(count - 1) }
    let ranks = ascending(positions.flatMap { [Int($0), min(Int($0) + 1, count - 1)] })
    let values = try select(ranks)
    return positions.map { position in
      let below = values[index(of: Int(position), in: ranks)]
      let above = values[index(of: min(Int(position) + 1, count - 1), in: ranks)]
      return interpolate(below, above, position - position.rounded(.down))
    }
  }

  /// Ranks in ascending order, each once.
  static func ascending(_ ranks: [Int]) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(ranks.count)
    for rank in ranks.sorted() where rank != result.last { result.append(rank) }
    return result
  }

  /// Where a rank stands among ascending ones, of which it is one.
  static func index(of rank: Int, in ranks: [Int]) -> Int {
    var (low, high) = (0, ranks.count)
    while low < high {
      let middle = (low + high) / 2
      if ranks[middle] < rank { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Between two neighbours, from the nearer one, so that both ends are met exactly; never -0.
  static func interpolate(_ below: Double, _ above: Double, _ share: Double) -> Double {
    if below == above || share == 0 { return below + 0 }
    let gap = above - below
    guard gap.isFinite else { return below * (1 - share) + above * share }
    return share < 0.5 ? below + gap * share : above - gap * (1 - share)
  }
}

/// Selection among unsigned keys that sort as the floating-point numbers they were made from.
private enum RadixSelection<Key: FixedWidthInteger & UnsignedInteger> {
  private static var digitBits: Int { 11 }
  private static var digits: Int { 1 << digitBits }
  /// Neighbouring elements often share a digit; four counters for each keep their updates apart.
  private static var lanes: Int { 4 }
  /// Up to this many keys an insertion sort is quicker than splitting them.
  private static var smallCount: Int { 48 }
  /// Up to this many keys splitting them at one of them is quicker than clearing the counters.
  private static var middleCount: Int { 1024 }
  private static var topBit: Key { 1 << (Key.bitWidth - 1) }

  /// The memory that counting needs, cleared before each use.
  private struct Counters {
    let lanes: UnsafeMutablePointer<UInt32>
    let totals: UnsafeMutablePointer<Int>
  }

  /// Wanted ranks that share a digit: where the digit's keys begin in the sort, how many there are.
  private struct Group {
    let digit: Int
    let start: Int
    let count: Int
    let ranks: Range<Int>
  }

  @_specialize(where Key == UInt32, T == Float)
  @_specialize(where Key == UInt64, T == Double)
  static func run<T>(
    _ x: UnsafePointer<T>, _ count: Int, _ ranks: [Int], _ scratch: UnsafeMutablePointer<T>
  ) throws -> [Key] {
    let bits = UnsafeRawPointer(x).assumingMemoryBound(to: Key.self)
    let keys = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: Key.self)
    if count <= middleCount {
      for index in 0..<count { keys[index] = ordered(bits[index]) }
      order(keys, 0..<count, ranks[...])
      return ranks.map { value(of: keys[$0]) }
    }
    var results = [Key](repeating: 0, count: ranks.count)
    try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: lanes * digits) { laneMemory in
      try withUnsafeTemporaryAllocation(of: Int.self, capacity: digits) { totalMemory in
        guard let first = laneMemory.baseAddress, let total = totalMemory.baseAddress else { return }
        let counters = Counters(lanes: first, totals: total)
        let kept = try gather(bits, count, ranks, counters, keys)
        try split(kept, ranks, Key.bitWidth - digitBits, counters, keys, &results)
      }
    }
    return results.map { value(of: $0) }
  }

  /// The bits of the number that a key was made from.
  private static func value(of key: Key) -> Key { key & topBit == 0 ? ~key : key ^ topBit }

  /// Copies the keys whose top digit is that of a wanted rank into `keys`.
  @inline(__always)
  private static func gather(
    _ bits: UnsafePointer<Key>, _ count: Int, _ ranks: [Int], _ counters: Counters, _ keys: UnsafeMutablePointer<Key>
  ) throws -> [Group] {
    let shift = Key.bitWidth - digitBits
    try tally(count, counters) { Int(truncatingIfNeeded: ordered(bits[$0]) >> Key(truncatingIfNeeded: shift)) }
    let groups = locate(ranks, 0..<ranks.count, 0, counters)
    // A table of steps makes the copy free of branches: what isn't wanted is overwritten by the next.
    for digit in 0..<digits { counters.totals[digit] = 0 }
    for group in groups { counters.totals[group.digit] = 1 }
    let wanted = groups.reduce(0) { $0 + $1.count }
    var (index, end) = (0, 0)
    while end < wanted {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      let key = ordered(bits[index])
      keys[end] = key
      end += counters.totals[Int(truncatingIfNeeded: key >> Key(truncatingIfNeeded: shift))]
      index += 1
    }
    return groups
  }

  /// Brings each group's keys together, which lie mixed in `keys`, and works through them digit by digit.
  private static func split(
    _ groups: [Group], _ ranks: [Int], _ shift: Int, _ counters: Counters, _ keys: UnsafeMutablePointer<Key>,
    _ results: inout [Key]
  ) throws {
    var rest = keys
    var left = groups.reduce(0) { $0 + $1.count }
    for group in groups {
      if group.count < left { partition(rest, left, shift, group.digit) }
      try refine(rest, group, ranks, shift, counters, &results)
      rest += group.count
      left -= group.count
    }
  }

  /// Finds the group's ranks among its keys, which agree in all bits from `shift` up.
  private static func refine(
    _ keys: UnsafeMutablePointer<Key>, _ group: Group, _ ranks: [Int], _ shift: Int, _ counters: Counters,
    _ results: inout [Key]
  ) throws {
    // Equal keys are common: half of a ReLU's outputs are 0.
    let isSorted = shift == 0 || areEqual(keys, group.count)
    if group.count <= middleCount || isSorted {
      if !isSorted { order(keys, 0..<group.count, ranks[group.ranks], from: group.start) }
      for position in group.ranks { results[position] = keys[ranks[position] - group.start] }
      return
    }
    let lower = max(0, shift - digitBits)
    let mask = Key(truncatingIfNeeded: (1 << (shift - lower)) - 1)
    try tally(group.count, counters) {
      Int(truncatingIfNeeded: (keys[$0] >> Key(truncatingIfNeeded: lower)) & mask)
    }
    let parts = locate(ranks, group.ranks, group.start, counters)
    // Keys of unwanted digits go behind the wanted ones, group by group.
    var (rest, left) = (keys, group.count)
    for part in parts {
      if part.count < left { partition(rest, left, lower, part.digit, mask) }
      rest += part.count
      left -= part.count
    }
    rest = keys
    for part in parts {
      try refine(rest, part, ranks, lower, counters, &results)
      rest += part.count
    }
  }

  /// Counts digits: `totals[d]` is how many of the `count` elements have digit `d`.
  @inline(__always)
  private static func tally(_ count: Int, _ counters: Counters, _ digit: (Int) -> Int) throws {
    let second = counters.lanes + digits
    let third = second + digits
    let fourth = third + digits
    counters.totals.update(repeating: 0, count: digits)
    var first = 0
    while first < count {
      let end = min(count, first + 16 * Interrupt.pollInterval)
      counters.lanes.update(repeating: 0, count: lanes * digits)
      while first < end {
        try Interrupt.check()
        let stop = min(end, first + Interrupt.pollInterval)
        while first + 4 <= stop {
          counters.lanes[digit(first)] &+= 1
          second[digit(first + 1)] &+= 1
          third[digit(first + 2)] &+= 1
          fourth[digit(first + 3)] &+= 1
          first += 4
        }
        while first < stop {
          counters.lanes[digit(first)] &+= 1
          first += 1
        }
      }
      for value in 0..<digits {
        counters.totals[value] +=
          Int(counters.lanes[value]) + Int(second[value]) + Int(third[value]) + Int(fourth[value])
      }
    }
  }

  /// Finds the digits that hold the wanted ranks, the data beginning at rank `start`.
  private static func locate(_ ranks: [Int], _ wanted: Range<Int>, _ start: Int, _ counters: Counters) -> [Group] {
    var groups: [Group] = []
    var (digit, before) = (0, start)
    var position = wanted.lowerBound
    while position < wanted.upperBound {
      while before + counters.totals[digit] <= ranks[position] {
        before += counters.totals[digit]
        digit += 1
      }
      let first = position
      let end = before + counters.totals[digit]
      while position < wanted.upperBound && ranks[position] < end { position += 1 }
      groups.append(Group(digit: digit, start: before, count: end - before, ranks: first..<position))
    }
    return groups
  }

  /// Moves the keys with a digit to the front.
  @inline(__always)
  private static func partition(
    _ keys: UnsafeMutablePointer<Key>, _ count: Int, _ shift: Int, _ digit: Int, _ mask: Key = .max
  ) {
    let wanted = Key(truncatingIfNeeded: digit)
    _ = partition(keys, count) { ($0 >> Key(truncatingIfNeeded: shift)) & mask == wanted }
  }

  /// Moves some keys to the front, without branches on data, and tells how many they are.
  @inline(__always)
  private static func partition(_ keys: UnsafeMutablePointer<Key>, _ count: Int, _ isWanted: (Key) -> Bool) -> Int {
    var end = 0
    for index in 0..<count {
      let key = keys[index]
      keys[index] = keys[end]
      keys[end] = key
      end += isWanted(key) ? 1 : 0
    }
    return end
  }

  private static func areEqual(_ keys: UnsafePointer<Key>, _ count: Int) -> Bool {
    var index = 0
    while index + 8 <= count {
      var difference: Key = 0
      for step in index..<(index + 8) { difference |= keys[step] ^ keys[0] }
      if difference != 0 { return false }
      index += 8
    }
    return (index..<count).allSatisfy { keys[$0] == keys[0] }
  }

  /// Brings the keys of wanted ranks, ascending, to their places by splitting in two at one of them (Hoare 1961).
  private static func order(
    _ keys: UnsafeMutablePointer<Key>, _ places: Range<Int>, _ ranks: ArraySlice<Int>, from start: Int = 0
  ) {
    if ranks.isEmpty { return }
    let first = keys + places.lowerBound
    if places.count <= smallCount { return sort(first, places.count) }
    let pivot = median(first[0], first[places.count / 2], first[places.count - 1])
    var middle = places.lowerBound + partition(first, places.count) { $0 < pivot }
    let below = ranks.prefix { $0 - start < middle }
    order(keys, places.lowerBound..<middle, below, from: start)
    // equal keys are in their places, and there is one at least
    middle += partition(keys + middle, places.upperBound - middle) { $0 == pivot }
    order(keys, middle..<places.upperBound, ranks[below.endIndex...].drop { $0 - start < middle }, from: start)
  }

  private static func median(_ a: Key, _ b: Key, _ c: Key) -> Key { max(min(a, b), min(max(a, b), c)) }

  private static func sort(_ keys: UnsafeMutablePointer<Key>, _ count: Int) {
    for index in 1..<max(count, 1) {
      let key = keys[index]
      var place = index
      while place > 0 && keys[place - 1] > key {
        keys[place] = keys[place - 1]
        place -= 1
      }
      keys[place] = key
    }
  }

  /// The bits of a floating-point number as a key that sorts as the number does: -0 just below +0.
  @inline(__always)
  private static func ordered(_ bits: Key) -> Key {
    let sign = bits >> Key(truncatingIfNeeded: Key.bitWidth - 1)
    return bits ^ ((0 &- sign) | topBit)
  }
}
