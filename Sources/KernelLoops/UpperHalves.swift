import KernelBase
import RealModule

/// Percentiles and histograms of normal floats and zeros, from counts by the upper half of their bits.
///
/// A first pass counts the 65536 upper halves. Where all floats of an upper half lie in one bin, and no wanted rank among them, the
/// count is all that is needed. A second pass gathers the others, a few in a hundred, whose lower halves decide.
struct UpperHalves {
  static let halves = 1 << 16

  private let x: UnsafePointer<Float>
  private let moments: Moments
  private let request: Distribution.Request
  /// The upper halves that elements have and how many have them, in ascending order of the values.
  private var present: [(half: Int, count: Int)] = []
  /// How many elements have each upper half; of those that elements can't have nothing is written or read.
  private var counts: [UInt32]
  /// For each upper half that is gathered the number of its slot plus 1; of those that elements can't have as `counts`.
  private var slotNumbers: [UInt16]
  private var slots: [Slot] = []
  /// How many elements have been chosen for the second pass.
  private var gathered = 0

  /// An upper half whose elements are looked at one by one.
  private struct Slot {
    /// The upper half.
    let half: Int
    /// What turns a lower half into one that ascends with the value.
    let flip: UInt32
    /// The ascending lower half from which on an element is in the next bin.
    var value = UInt32.max
    var valueBin = 0
    /// The same for magnitudes.
    var magnitude = UInt32.max
    var magnitudeBin = 0
    /// 1 where a wanted rank is among the elements.
    var isWanted = 0
    /// How many elements are in the next bins.
    var (valuesAbove, magnitudesAbove) = (0, 0)

    init(_ half: Int) {
      self.half = half
      flip = half >= 0x8000 ? 0xFFFF : 0
    }
  }

  /// A wanted rank: 0, or where it is among the gathered elements that are wanted, in ascending order.
  private enum Place {
    case zero
    case gathered(Int)
  }

  init(_ x: UnsafePointer<Float>, _ moments: Moments, _ request: Distribution.Request) {
    (self.x, self.moments, self.request) = (x, moments, request)
    let possible = UpperHalves.possible(moments)
    counts = [UInt32](unsafeUninitializedCapacity: 2 * UpperHalves.halves) { memory, count in
      if let first = memory.baseAddress { UpperHalves.clear(first, possible) }
      count = 2 * UpperHalves.halves
    }
    slotNumbers = [UInt16](unsafeUninitializedCapacity: UpperHalves.halves) { memory, count in
      for range in possible { memory[range].initialize(repeating: 0) }
      count = UpperHalves.halves
    }
  }

  /// The upper halves that elements can have: of either sign that of 0 and those of the magnitudes.
  ///
  /// They are a few in a hundred of all, and clearing all takes longer than counting a small layer.
  private static func possible(_ moments: Moments) -> [Range<Int>] {
    let magnitudes = magnitudes(moments)
    let negative = (magnitudes.lowerBound + 0x8000)..<(magnitudes.upperBound + 0x8000)
    return [0..<1, magnitudes, 0x8000..<0x8001, negative]
  }

  /// Clears both counters of the upper halves that elements can have.
  private static func clear(_ counters: UnsafeMutablePointer<UInt32>, _ possible: [Range<Int>]) {
    for range in possible {
      (counters + range.lowerBound).initialize(repeating: 0, count: range.count)
      (counters + halves + range.lowerBound).initialize(repeating: 0, count: range.count)
    }
  }

  /// Finds what was asked for, but histograms that would gather too much.
  ///
  /// - Parameter scratch: memory for as many numbers as there are elements.
  /// - Returns: what was found.
  /// - Throws: `Interrupted` when a stop is requested.
  mutating func distribution(scratch: UnsafeMutablePointer<UInt32>) throws -> Distribution {
    try count()
    list()
    let binned = request.countsValues ? countValues() : nil
    let decades = request.countsMagnitudes ? countMagnitudes() : nil
    var result = Distribution()
    result.percentiles = try Selection.percentiles(count: moments.count, request.percentiles) { ranks in
      let places = place(ranks)
      return try values(places, try gather(scratch), scratch)
    }
    if request.percentiles.isEmpty { _ = try gather(scratch) }
    if var counts = binned?.counts, let edges = binned?.edges {
      for slot in slots where slot.value != .max {
        counts[slot.valueBin] -= slot.valuesAbove
        counts[slot.valueBin + 1] += slot.valuesAbove
      }
      result.histogram = Histogram(counts: counts, edges: edges)
    }
    if var counts = decades?.counts, let edges = decades?.edges {
      for slot in slots where slot.magnitude != .max {
        counts[slot.magnitudeBin] -= slot.magnitudesAbove
        counts[slot.magnitudeBin + 1] += slot.magnitudesAbove
      }
      result.logHistogram = Histogram(counts: counts, edges: edges)
    }
    return result
  }

  // MARK: The first pass

  /// How many elements one thread takes at a time at least; the counts of all are added.
  private static let leastShare = 524_288
  /// Into how many parts elements are cut at most: each has counters of its own.
  private static let mostShares = 16

  /// The parts that threads take, the same whatever their number.
  private var shares: Int { min(max(moments.count / UpperHalves.leastShare, 1), UpperHalves.mostShares) }

  private func share(_ index: Int) -> Range<Int> {
    let length = (moments.count + shares - 1) / shares
    return min(index * length, moments.count)..<min((index + 1) * length, moments.count)
  }

  private mutating func count() throws {
    // neighbouring elements often share a half; two counters for each keep their updates apart
    let (size, further) = (2 * UpperHalves.halves, shares - 1)
    let others = UnsafeMutablePointer<UInt32>.allocate(capacity: further * size)
    defer { others.deallocate() }
    let (x, parts, possible) = (x, (0...further).map(share), UpperHalves.possible(moments))
    try counts.withUnsafeMutableBufferPointer { counts in
      guard let first = counts.baseAddress else { return }
      try WorkerPool.run(chunks: parts.count) { index in
        let counters = index == 0 ? first : others + (index - 1) * size
        if index > 0 { UpperHalves.clear(counters, possible) }
        try UpperHalves.count(x, parts[index], counters)
      }
      for index in 0..<further {
        let other = others + index * size
        for range in possible {
          for half in range {
            first[half] &+= other[half]
            first[half + UpperHalves.halves] &+= other[half + UpperHalves.halves]
          }
        }
      }
    }
  }

  private static func count(
    _ x: UnsafePointer<Float>, _ elements: Range<Int>, _ even: UnsafeMutablePointer<UInt32>
  ) throws {
    let upper = UnsafeRawPointer(x).assumingMemoryBound(to: UInt16.self) + 1
    let odd = even + halves
    for first in stride(from: elements.lowerBound, to: elements.upperBound, by: Interrupt.pollInterval) {
      try Interrupt.check()
      let end = min(elements.upperBound, first + Interrupt.pollInterval)
      var index = first
      while index + 4 <= end {
        even[Int(upper[2 * index])] &+= 1
        odd[Int(upper[2 * index + 2])] &+= 1
        even[Int(upper[2 * index + 4])] &+= 1
        odd[Int(upper[2 * index + 6])] &+= 1
        index += 4
      }
      while index < end {
        even[Int(upper[2 * index])] &+= 1
        index += 1
      }
    }
  }

  private func count(_ half: Int) -> Int { Int(counts[half]) + Int(counts[half + UpperHalves.halves]) }

  // MARK: What the counts tell

  /// The upper halves of the smallest and the largest magnitude but 0, an empty range when there is none.
  private static func magnitudes(_ moments: Moments) -> Range<Int> {
    guard moments.smallestMagnitude.isFinite else { return 1..<1 }
    let largest = max(abs(moments.finiteMinimum), abs(moments.finiteMaximum))
    return Int(Float(moments.smallestMagnitude).bitPattern >> 16)..<Int(Float(largest).bitPattern >> 16) + 1
  }

  private mutating func list() {
    let magnitudes = UpperHalves.magnitudes(moments)
    present.reserveCapacity(2 * magnitudes.count + 2)
    for half in magnitudes.reversed() where count(0x8000 + half) > 0 {
      present.append((0x8000 + half, count(0x8000 + half)))
    }
    for half in [0x8000, 0] where count(half) > 0 { present.append((half, count(half))) }
    for half in magnitudes where count(half) > 0 { present.append((half, count(half))) }
  }

  /// The counts in the bins, with those of the slots in the lower of their two; nil where that is of no use.
  private mutating func countValues() -> (counts: [Int], edges: [Double])? {
    let edges = Histogram.edges(request.bins, moments.finiteMinimum, moments.finiteMaximum)
    let limits = edges[1..<request.bins].map(UpperHalves.key(from:))
    var sorting = Sorting(limits: limits, bins: request.bins)
    for (half, count) in present { sorting.take(half, UpperHalves.keys(of: half), count) }
    guard sorting.split <= moments.count / 3, !sorting.isTooFine else { return nil }
    for (half, limit, bin) in sorting.splits {
      let slot = slotNumber(half)
      (slots[slot].value, slots[slot].valueBin) = (limit & 0xFFFF, bin)
    }
    return (sorting.counts, edges)
  }

  /// The same for magnitudes.
  private mutating func countMagnitudes() -> (counts: [Int], edges: [Double])? {
    let (lower, upper) = moments.decades ?? (0, 1)
    let edges = Histogram.edges(request.bins, lower, upper)
    let limits = edges[1..<request.bins].map(UpperHalves.magnitude(from:))
    var sorting = Sorting(limits: limits, bins: request.bins)
    for half in UpperHalves.magnitudes(moments) {
      let bits = UInt32(half) << 16
      let both = count(half) + count(0x8000 + half)
      if both > 0 { sorting.take(half, bits...(bits | 0xFFFF), both) }
    }
    guard sorting.split <= moments.count / 3, !sorting.isTooFine else { return nil }
    for (half, limit, bin) in sorting.splits {
      for half in [half, 0x8000 + half] where count(half) > 0 {
        let slot = slotNumber(half)
        (slots[slot].magnitude, slots[slot].magnitudeBin) = (limit & 0xFFFF, bin)
      }
    }
    return (sorting.counts, edges)
  }

  /// Where the wanted ranks, ascending, are.
  private mutating func place(_ ranks: [Int]) -> [Place] {
    var (next, before, wanted) = (0, 0, 0)
    var places: [Place] = []
    for rank in ranks {
      while before + present[next].count <= rank {
        before += present[next].count
        if slotIsWanted(present[next].half) { wanted += present[next].count }
        next += 1
      }
      let half = present[next].half
      if half & 0x7FFF == 0 {
        places.append(.zero)
      } else {
        slots[slotNumber(half)].isWanted = 1
        places.append(.gathered(wanted + rank - before))
      }
    }
    return places
  }

  private func slotIsWanted(_ half: Int) -> Bool {
    slotNumbers[half] > 0 && slots[Int(slotNumbers[half]) - 1].isWanted == 1
  }

  /// The slot of an upper half, a new one if need be.
  private mutating func slotNumber(_ half: Int) -> Int {
    if slotNumbers[half] == 0 {
      slots.append(Slot(half))
      slotNumbers[half] = UInt16(slots.count)
      gathered += count(half)
    }
    return Int(slotNumbers[half]) - 1
  }

  // MARK: The second pass

  /// Gathers the elements of the slots, counts those in the next bins, and leaves the wanted ones in `scratch`.
  private mutating func gather(_ scratch: UnsafeMutablePointer<UInt32>) throws -> Int {
    if gathered == 0 { return 0 }
    let this = self
    let parts = shares
    var ends = [Int](repeating: 0, count: parts)
    try ends.withUnsafeMutableBufferPointer { ends in
      try WorkerPool.run(chunks: parts) { index in
        let elements = this.share(index)
        ends[index] = try this.gather(elements, scratch + elements.lowerBound)
      }
    }
    // close the gaps between the parts
    var end = ends[0]
    for index in 1..<parts {
      (scratch + end).update(from: scratch + share(index).lowerBound, count: ends[index])
      end += ends[index]
    }
    return lookAtGathered(scratch)
  }

  /// Copies the elements of the slots among some to `target`, which has room for all of them, and tells how many.
  private func gather(_ elements: Range<Int>, _ target: UnsafeMutablePointer<UInt32>) throws -> Int {
    let bits = UnsafeRawPointer(x).assumingMemoryBound(to: UInt32.self)
    return try slotNumbers.withUnsafeBufferPointer { numbers in
      guard let number = numbers.baseAddress else { return 0 }
      var (index, end) = (elements.lowerBound, 0)
      while index < elements.upperBound {
        try Interrupt.check()
        let stop = min(elements.upperBound, index + Interrupt.pollInterval)
        // without branches on data: what isn't wanted is overwritten by the next
        while index < stop {
          let element = bits[index]
          target[end] = element
          end += number[Int(element >> 16)] == 0 ? 0 : 1
          index += 1
        }
      }
      return end
    }
  }

  private mutating func lookAtGathered(_ elements: UnsafeMutablePointer<UInt32>) -> Int {
    var end = 0
    let gathered = gathered
    slots.withUnsafeMutableBufferPointer { slots in
      slotNumbers.withUnsafeBufferPointer { numbers in
        guard let slot = slots.baseAddress, let number = numbers.baseAddress else { return }
        for index in 0..<gathered {
          let element = elements[index]
          let place = slot + (Int(number[Int(element >> 16)]) - 1)
          let lower = element & 0xFFFF
          place.pointee.valuesAbove += lower ^ place.pointee.flip >= place.pointee.value ? 1 : 0
          place.pointee.magnitudesAbove += lower >= place.pointee.magnitude ? 1 : 0
          elements[end] = element
          end += place.pointee.isWanted
        }
      }
    }
    return end
  }

  /// The elements at the places.
  private func values(
    _ places: [Place], _ count: Int, _ elements: UnsafeMutablePointer<UInt32>
  ) throws -> [Double] {
    var ranks: [Int] = []
    for case .gathered(let rank) in places { ranks.append(rank) }
    var found: [Double] = []
    if count > 0 {
      let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
      defer { memory.deallocate() }
      let floats = UnsafeRawPointer(elements).assumingMemoryBound(to: Float.self)
      found = try Selection.select(floats, count: count, ranks: ranks, scratch: memory)
    }
    var next = 0
    return places.map { place in
      guard case .gathered = place else { return 0 }
      next += 1
      return found[next - 1]
    }
  }

  // MARK: Keys

  /// The bits of a float as a key that ascends with the value.
  private static func ordered(_ bits: UInt32) -> UInt32 { bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits }

  /// The keys of an upper half; that of zeros has no other elements.
  private static func keys(of half: Int) -> ClosedRange<UInt32> {
    let bits = UInt32(half) << 16
    if half & 0x7FFF == 0 { return ordered(bits)...ordered(bits) }
    let (one, other) = (ordered(bits), ordered(bits | 0xFFFF))
    return min(one, other)...max(one, other)
  }

  /// The key of the smallest float not below an edge, -0 for 0.
  private static func key(from edge: Double) -> UInt32 {
    var float = Float(edge)
    if Double(float) < edge { float = float.nextUp }
    return ordered(float == 0 ? 0x8000_0000 : float.bitPattern)
  }

  /// The bits of the smallest magnitude whose log10 is not below an edge.
  ///
  /// log10 of neighbouring floats differs by far more than it is wrong by.
  private static func magnitude(from edge: Double) -> UInt32 {
    var float = Float(Double.exp10(edge))
    while Double.log10(Double(float)) < edge { float = float.nextUp }
    while float > 0, Double.log10(Double(float.nextDown)) >= edge { float = float.nextDown }
    return float.bitPattern
  }
}

/// Puts ranges of ascending keys into bins.
private struct Sorting {
  /// The first key of every bin but the first, ascending.
  let limits: [UInt32]
  private(set) var counts: [Int]
  /// The ranges that lie in two bins: where the second begins, and the number of the first.
  private(set) var splits: [(half: Int, limit: UInt32, bin: Int)] = []
  /// How many elements they have.
  private(set) var split = 0
  /// Whether a range lies in more than two bins.
  private(set) var isTooFine = false
  private var bin = 0

  init(limits: [UInt32], bins: Int) {
    self.limits = limits
    counts = [Int](repeating: 0, count: bins)
  }

  /// Takes the next range.
  mutating func take(_ half: Int, _ keys: ClosedRange<UInt32>, _ count: Int) {
    while bin < limits.count, limits[bin] <= keys.lowerBound { bin += 1 }
    counts[bin] += count
    guard bin < limits.count, limits[bin] <= keys.upperBound else { return }
    if bin + 1 < limits.count, limits[bin + 1] <= keys.upperBound { isTooFine = true }
    splits.append((half, limits[bin], bin))
    split += count
  }
}
