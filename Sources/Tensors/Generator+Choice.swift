import Kernels

extension Generator {
  /// Draws `count` different numbers of `0..<bound`, each order of each subset equally likely: an int64 vector.
  ///
  /// It is the start of a shuffle by Fisher and Yates, and takes `count` blocks. Memory and time grow with `count` alone.
  ///
  /// - Throws: `TensorError` for a negative `count` or one above `bound`, or without memory; `Interrupted`.
  public func sample(_ count: Int, below bound: Int, operation: String = "choice") throws -> Tensor {
    guard count >= 0, count <= bound else {
      throw TensorError.expected(
        operation: operation, expected: "to draw 0 to \(Swift.max(bound, 0)) without replacement", got: "\(count)")
    }
    let result = try Tensor(.int64, [count], zeroed: false)
    var moved = try Displacements(count)
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      let other = index + next(below: bound - index)
      result.store(Int64(moved.exchange(other, for: moved[index])), at: index)
    }
    return result
  }

  /// Draws indices from 0 with weights, for each row of weights `count` of them: int64 `[count]`, or `[rows, count]`.
  ///
  /// `weights` is `[n]` or `[rows, n]` and need not add up to 1. With replacement, number `i` of the result falls into the shares by its uniform
  /// number; without, an index that was drawn is not drawn again, as if the weights of the others were scaled up.
  ///
  /// - Throws: `TensorError` for other shapes, a negative `count`, weights that are negative or not finite, rows of nothing but zeros,
  ///   fewer weights above 0 than are drawn without replacement, or without memory; `Interrupted`.
  public func choices(
    _ count: Int, weights: Tensor, replacing: Bool, operation: String = "choice"
  ) throws -> Tensor {
    guard count >= 0 else {
      throw TensorError.expected(operation: operation, expected: "to draw at least 0", got: "\(count)")
    }
    guard weights.rank == 1 || weights.rank == 2 else {
      throw TensorError.expected(
        operation: operation, expected: "a vector of weights, or a matrix with a row of them for each draw",
        got: "shape \(weights.shape)")
    }
    let converted = try weights.to(.float64)
    let own = converted === weights ? try weights.clone() : converted
    if let place = try WeightedChoice.firstInvalid(own.pointer(), count: own.count) {
      throw TensorError.expected(
        operation: operation, expected: "finite weights of at least 0",
        got: Generator.shown(own.load(at: own.offset + place)))
    }
    let rows = own.rank == 1 ? try own.unsqueeze(0) : own
    let largest = try requirePositive(rows, replacing ? Swift.min(count, 1) : count, operation)
    let drawn = try replacing ? drawing(count, rows, largest) : racing(count, rows, largest)
    return own.rank == 1 ? try drawn.select(0, 0) : drawn
  }

  /// Checks that every row has so many weights above 0; answers the largest weight of each, none where none is needed.
  private func requirePositive(_ rows: Tensor, _ needed: Int, _ operation: String) throws -> [Double] {
    if needed == 0 { return [] }
    let (base, length) = (rows.pointer(Double.self), rows.shape[1])
    return try (0..<rows.shape[0]).map { row in
      let found = try WeightedChoice.measure(base + row * length, count: length)
      guard found.positive >= needed else {
        throw TensorError.expected(
          operation: operation, expected: "at least \(needed) weights above 0 to draw from", got: "\(found.positive)")
      }
      return found.largest
    }
  }

  private func drawing(_ count: Int, _ rows: Tensor, _ largest: [Double]) throws -> Tensor {
    let result = try Tensor(.int64, [rows.shape[0], count], zeroed: false)
    if result.count == 0 { return result }
    let uniforms = try Tensor(.float64, result.shape, zeroed: false)
    try fillUniform(uniforms)
    let (sums, length) = (rows.pointer(Double.self), rows.shape[1])
    for row in 0..<rows.shape[0] {
      try WeightedChoice.accumulate(sums + row * length, count: length, largest: largest[row])
      try WeightedChoice.look(
        up: uniforms.pointer(Double.self) + row * count, result.pointer(Int64.self) + row * count, count: count,
        in: sums + row * length, sumCount: length)
    }
    return result
  }

  private func racing(_ count: Int, _ rows: Tensor, _ largest: [Double]) throws -> Tensor {
    if count == 0 { return try Tensor(.int64, [rows.shape[0], 0]) }
    let times = try Tensor(.float64, rows.shape, zeroed: false)
    try fillExponential(times)
    let length = rows.shape[1]
    for row in 0..<rows.shape[0] {
      try WeightedChoice.race(
        times.pointer(Double.self) + row * length, rows.pointer(Double.self) + row * length, count: length,
        largest: largest[row])
    }
    return try times.sorted(along: 1).indices.narrow(1, 0, count).clone()
  }
}

/// The array `0, 1, 2, ...` of any length, of which only the elements that were moved are kept: a table of open addresses.
private struct Displacements {
  private let storage: Storage
  private let mask: Int

  /// Makes room for `count` moved elements.
  init(_ count: Int) throws {
    var slots = 16
    while slots < 2 * count { slots *= 2 }
    mask = slots - 1
    storage = try Storage(.int64, count: 2 * slots)
  }

  /// The element at an index.
  subscript(index: Int) -> Int {
    let slot = slot(of: index)
    return slot[0] == 0 ? index : slot[1]
  }

  /// Puts an element at an index and answers what was there.
  mutating func exchange(_ index: Int, for element: Int) -> Int {
    let slot = slot(of: index)
    let old = slot[0] == 0 ? index : slot[1]
    (slot[0], slot[1]) = (index + 1, element)
    return old
  }

  /// Where an index stands, or may be put: its number from 1, 0 for none, and the element.
  private func slot(of index: Int) -> UnsafeMutablePointer<Int> {
    let base = storage.base.assumingMemoryBound(to: Int.self)
    // a multiplication by 2^64 over the golden ratio spreads neighbours
    var place = Int(truncatingIfNeeded: (UInt64(index) &* 0x9E37_79B9_7F4A_7C15) >> 20) & mask
    while base[2 * place] != 0 && base[2 * place] != index + 1 { place = (place + 1) & mask }
    return base + 2 * place
  }
}
