import KernelBase
import RealModule

/// Percentiles and histograms of normal floats and zeros, from counts by the upper half of their bits.
///
/// A first pass counts the 65536 upper halves. Where all floats of an upper half lie in one bin, and no wanted rank among them, the
/// count is all that is needed. A second pass gathers the others, a few in a hundred, whose lower halves decide.
struct UpperHalves {
  static let halves = 1 << 16
  /// The upper half of -0, which those of negative numbers begin with.
  private static let sign = 0x8000
  private static let negativeZero: UInt32 = 0x8000_0000
  /// For how many bins there is room for slots from the beginning.
  private static let usualBins = 64

  private let x: UnsafePointer<Float>
  private let moments: Moments
  private let request: Distribution.Request
  /// The upper halves from that of the smallest magnitude but 0 to that of the largest.
  private let magnitudes: Range<Int>
  /// How many elements have each upper half; `halves` further how many of its sign have a smaller one but 0's.
  ///
  /// Of those that elements can't have nothing is written or read.
  private var counts: [UInt32]
  /// How many elements are below 0, how many are 0, and how many are above.
  private var (negatives, zeros, positives) = (0, 0, 0)
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
      flip = half >= UpperHalves.sign ? 0xFFFF : 0
    }
  }

  /// A wanted rank: 0, or where it is among the gathered elements that are wanted, in ascending order.
  private enum Place {
    case zero
    case gathered(Int)
  }

  init(_ x: UnsafePointer<Float>, _ moments: Moments, _ request: Distribution.Request) {
    (self.x, self.moments, self.request) = (x, moments, request)
    magnitudes = UpperHalves.magnitudes(moments)
    let possible = UpperHalves.possible(magnitudes)
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
  private static func possible(_ magnitudes: Range<Int>) -> [Range<Int>] {
    let negative = (magnitudes.lowerBound + sign)..<(magnitudes.upperBound + sign)
    return [0..<1, magnitudes, sign..<sign + 1, negative]
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
    addUp()
    slots.reserveCapacity(3 * min(request.bins, UpperHalves.usualBins) + 2 * request.percentiles.count)
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
    let (x, parts, possible) = (x, (0...further).map(share), UpperHalves.possible(magnitudes))
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

  // MARK: What the counts tell

  /// The upper halves of the smallest and the largest magnitude but 0, an empty range when there is none.
  private static func magnitudes(_ moments: Moments) -> Range<Int> {
    guard moments.smallestMagnitude.isFinite else { return 1..<1 }
    let largest = max(abs(moments.finiteMinimum), abs(moments.finiteMaximum))
    return Int(Float(moments.smallestMagnitude).bitPattern >> 16)..<Int(Float(largest).bitPattern >> 16) + 1
  }

  /// Joins both counters of every upper half in the first, and leaves in the second the sum of those below.
  ///
  /// The sums place an edge or a rank without a look at the halves on the way, which can be as many as the elements.
  private mutating func addUp() {
    let magnitudes = magnitudes
    counts.withUnsafeMutableBufferPointer { counts in
      guard let first = counts.baseAddress else { return }
      func total(_ range: Range<Int>) -> Int {
        var sum: UInt32 = 0
        for half in range {
          let count = first[half] &+ first[half + UpperHalves.halves]
          first[half] = count
          first[half + UpperHalves.halves] = sum
          sum &+= count
        }
        return Int(sum)
      }
      positives = total(magnitudes)
      negatives = total(magnitudes.lowerBound + UpperHalves.sign..<magnitudes.upperBound + UpperHalves.sign)
      zeros = total(0..<1) + total(UpperHalves.sign..<UpperHalves.sign + 1)
    }
  }

  private func count(_ half: Int) -> Int { Int(counts[half]) }

  /// How many elements of an upper half's sign have a smaller magnitude that is not 0.
  private func smaller(_ half: Int) -> Int { Int(counts[half + UpperHalves.halves]) }

  /// How many elements are below those of an upper half of `magnitudes`.
  private func below(_ half: Int) -> Int {
    half < UpperHalves.sign ? negatives + zeros + smaller(half) : negatives - smaller(half) - count(half)
  }

  /// How many elements are below a key, and how many more in an upper half that has some on either side of it.
  private func split(at key: UInt32) -> (below: Int, more: Int) {
    let half = Int(UpperHalves.bits(key) >> 16)
    let magnitude = half & ~UpperHalves.sign
    if magnitude < magnitudes.lowerBound {
      // no elements but the zeros are so near to 0
      return (key > UpperHalves.ordered(UpperHalves.negativeZero) ? negatives + zeros : negatives, 0)
    }
    if magnitude >= magnitudes.upperBound { return (half < UpperHalves.sign ? moments.count : 0, 0) }
    return (below(half), key & 0xFFFF == 0 ? 0 : count(half))
  }

  /// The same for the bits of a magnitude among those of all elements but zeros.
  private func split(atMagnitude bits: UInt32) -> (below: Int, more: Int) {
    let half = Int(bits >> 16)
    if half < magnitudes.lowerBound { return (0, 0) }
    if half >= magnitudes.upperBound { return (negatives + positives, 0) }
    let negative = half + UpperHalves.sign
    return (smaller(half) + smaller(negative), bits & 0xFFFF == 0 ? 0 : count(half) + count(negative))
  }

  /// The counts in the bins, with those of the slots in the lower of their two; nil where that is of no use.
  private mutating func countValues() -> (counts: [Int], edges: [Double])? {
    let edges = Histogram.edges(request.bins, moments.finiteMinimum, moments.finiteMaximum)
    var sorting = Sorting(bins: request.bins)
    for bin in 1..<request.bins {
      let key = UpperHalves.key(from: edges[bin])
      sorting.take(Int(UpperHalves.bits(key) >> 16), key, split(at: key))
    }
    sorting.finish(moments.count)
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
    var sorting = Sorting(bins: request.bins)
    for bin in 1..<request.bins {
      let bits = UpperHalves.magnitude(from: edges[bin])
      sorting.take(Int(bits >> 16), bits, split(atMagnitude: bits))
    }
    sorting.finish(negatives + positives)
    guard sorting.split <= moments.count / 3, !sorting.isTooFine else { return nil }
    for (half, limit, bin) in sorting.splits {
      for half in [half, UpperHalves.sign + half] where count(half) > 0 {
        let slot = slotNumber(half)
        (slots[slot].magnitude, slots[slot].magnitudeBin) = (limit & 0xFFFF, bin)
      }
    }
    return (sorting.counts, edges)
  }

  /// Where the wanted ranks, ascending, are.
  private mutating func place(_ ranks: [Int]) -> [Place] {
    // the upper half of the last rank, and how many elements those before it have that are wanted
    var (last, wanted) = (-1, 0)
    return ranks.map { rank in
      guard let half = half(of: rank) else { return .zero }
      if half != last {
        if last >= 0 { wanted += count(last) }
        last = half
        slots[slotNumber(half)].isWanted = 1
      }
      return .gathered(wanted + rank - below(half))
    }
  }

  /// The upper half of the element at a rank, nil for a zero.
  private func half(of rank: Int) -> Int? {
    if rank < negatives { return half(ofMagnitude: negatives - 1 - rank, UpperHalves.sign) }
    return rank < negatives + zeros ? nil : half(ofMagnitude: rank - negatives - zeros, 0)
  }

  /// The upper half at a rank among the magnitudes of a sign: the last with no more below it.
  private func half(ofMagnitude rank: Int, _ sign: Int) -> Int {
    var (low, high) = (magnitudes.lowerBound, magnitudes.upperBound)
    while high - low > 1 {
      let middle = (low + high) / 2
      if smaller(middle + sign) <= rank { low = middle } else { high = middle }
    }
    return low + sign
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
        @inline(__always) func take(_ element: UInt32) {
          target[end] = element
          end += number[Int(element >> 16)] == 0 ? 0 : 1
        }
        while index + 4 <= stop {
          take(bits[index])
          take(bits[index + 1])
          take(bits[index + 2])
          take(bits[index + 3])
          index += 4
        }
        while index < stop {
          take(bits[index])
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

  /// The bits of the float that has a key.
  private static func bits(_ key: UInt32) -> UInt32 { key >> 31 == 0 ? ~key : key & 0x7FFF_FFFF }

  /// The key of the smallest float not below an edge, -0 for 0.
  private static func key(from edge: Double) -> UInt32 {
    var float = Float(edge)
    if Double(float) < edge { float = float.nextUp }
    return ordered(float == 0 ? negativeZero : float.bitPattern)
  }

  /// The bits of the smallest magnitude whose log10 is not below an edge.
  ///
  /// log10 of neighbouring floats differs by far more than it is wrong by. So does the power of 10, which alone tells unless it is
  /// a float but for rounding.
  private static func magnitude(from edge: Double) -> UInt32 {
    let power = Double.exp10(edge)
    var float = Float(power)
    let distance = Double(float) - power
    if abs(distance) > 1e-12 * power, float.isNormal {
      return (distance > 0 ? float : float.nextUp).bitPattern
    }
    while Double.log10(Double(float)) < edge { float = float.nextUp }
    while float > 0, Double.log10(Double(float.nextDown)) >= edge { float = float.nextDown }
    return float.bitPattern
  }
}

/// Counts elements in bins from how many are below each limit.
private struct Sorting {
  private(set) var counts: [Int]
  /// The upper halves with elements in two bins: where the second begins, and the number of the first.
  private(set) var splits: [(half: Int, limit: UInt32, bin: Int)] = []
  /// How many elements they have.
  private(set) var split = 0
  /// Whether one has elements in more than two bins.
  private(set) var isTooFine = false
  private var bin = 0
  /// How many elements are counted.
  private var counted = 0

  init(bins: Int) {
    counts = [Int](repeating: 0, count: bins)
    splits.reserveCapacity(min(bins, 64))
  }

  /// Takes the next limit, ascending: how many elements are below its upper half, and how many in it if it parts them.
  mutating func take(_ half: Int, _ limit: UInt32, _ elements: (below: Int, more: Int)) {
    fill(elements.below + elements.more)
    guard elements.more > 0 else { return }
    if splits.last?.half == half {
      isTooFine = true
    } else {
      splits.append((half, limit, bin - 1))
      split += elements.more
    }
  }

  /// Counts the last bin, of all elements.
  mutating func finish(_ count: Int) { fill(count) }

  private mutating func fill(_ below: Int) {
    counts[bin] = below - counted
    counted = below
    bin += 1
  }
}
