import Kernels

// Dimensions count from 0. Parts and merged or split dimensions are views; what turns or repeats elements copies them.

extension Tensor {
  /// Refuses dimensions that don't exist or come twice.
  private func requireDimensions(_ dimensions: [Int], _ operation: String) throws {
    for (place, dimension) in dimensions.enumerated() {
      try requireDimension(dimension, operation)
      guard !dimensions[..<place].contains(dimension) else {
        throw TensorError.expected(
          operation: operation, expected: "each dimension once", got: "\(dimension + 1) twice")
      }
    }
  }

  /// Copies the tensor with the order of elements reversed along dimensions.
  ///
  /// - Throws: `TensorError` for dimensions that don't exist or come twice.
  public func flipped(_ dimensions: [Int]) throws -> Tensor {
    try requireDimensions(dimensions, "flip")
    if count == 0 { return try clone() }
    var (steps, start) = (strides, offset)
    for dimension in dimensions {
      start += (shape[dimension] - 1) * strides[dimension]
      steps[dimension] = -strides[dimension]
    }
    return try Tensor(storage: storage, shape: shape, strides: steps, offset: start).clone()
  }

  /// Copies the tensor with elements moved on by `shift` along a dimension; those that leave at the end come back at the start.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist.
  public func rolled(_ shift: Int, along dimension: Int) throws -> Tensor {
    try requireDimension(dimension, "roll")
    let extent = shape[dimension]
    if count == 0 { return try clone() }
    let start = (shift % extent + extent) % extent
    let result = try Tensor(dtype, shape, zeroed: false)
    try result.narrow(dimension, start, extent - start).write(try narrow(dimension, 0, extent - start))
    try result.narrow(dimension, 0, start).write(try narrow(dimension, extent - start, start))
    return result
  }

  /// Copies the differences of neighbours along a dimension, `x[i + 1] - x[i]`, taken `times` times over; masks give whether they differ.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, or a negative number of times.
  public func differences(_ times: Int = 1, along dimension: Int) throws -> Tensor {
    try requireDimension(dimension, "diff")
    guard times >= 0 else {
      throw TensorError.expected(operation: "diff", expected: "n of at least 0", got: "\(times)")
    }
    var result = times == 0 ? try clone() : self
    for _ in 0..<Swift.min(times, shape[dimension]) {
      let length = Swift.max(result.shape[dimension] - 1, 0)
      let next = try result.narrow(dimension, Swift.min(1, result.shape[dimension]), length)
      let previous = try result.narrow(dimension, 0, length)
      result =
        try dtype == .bool
        ? Tensor.compare(.notEqual, .tensor(next), .tensor(previous)) : Tensor.apply(.subtract, next, previous)
    }
    return result === self ? try clone() : result
  }

  // MARK: Parts

  /// Refuses more views than memory may hold, as expanded dimensions can have.
  private func requireParts(_ parts: Int) throws {
    guard parts <= MemoryAccount.limit / (4 * Storage.overhead) else {
      throw TensorError.outOfMemory(requested: Int.max, live: MemoryAccount.live, limit: MemoryAccount.limit)
    }
  }

  /// Views parts of `size` slices each along a dimension, the last with what remains; one empty part of an empty dimension.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, or a size below 1.
  public func split(_ size: Int, along dimension: Int) throws -> [Tensor] {
    try requireDimension(dimension, "split")
    guard size >= 1 else {
      throw TensorError.expected(operation: "split", expected: "a size of at least 1", got: "\(size)")
    }
    let extent = shape[dimension]
    let parts = Swift.max(extent / size + (extent % size > 0 ? 1 : 0), 1)
    try requireParts(parts)
    return try (0..<parts).map {
      try Interrupt.check()
      return try narrow(dimension, $0 * size, Swift.min(size, extent - $0 * size))
    }
  }

  /// Views parts of given sizes along a dimension.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, or sizes that don't add up to its extent.
  public func split(_ sizes: [Int], along dimension: Int) throws -> [Tensor] {
    try requireDimension(dimension, "split")
    var (rest, isValid) = (shape[dimension], true)
    for size in sizes where isValid {
      isValid = size >= 0 && size <= rest
      if isValid { rest -= size }
    }
    guard isValid, rest == 0 else {
      throw TensorError.expected(
        operation: "split",
        expected: "sizes that add up to \(shape[dimension]), the extent of dimension \(dimension + 1)",
        got: sizes.map(String.init).joined(separator: ", "))
    }
    var start = 0
    return try sizes.map { size in
      defer { start += size }
      return try narrow(dimension, start, size)
    }
  }

  /// Views at most `parts` parts of equal size along a dimension, the last perhaps smaller, as PyTorch does.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, or fewer than one part.
  public func chunked(_ parts: Int, along dimension: Int) throws -> [Tensor] {
    try requireDimension(dimension, "chunk")
    guard parts >= 1 else {
      throw TensorError.expected(operation: "chunk", expected: "at least 1 part", got: "\(parts)")
    }
    let extent = shape[dimension]
    if extent == 0 {
      try requireParts(parts)
      return try (0..<parts).map { _ in try narrow(dimension, 0, 0) }
    }
    return try split(extent / parts + (extent % parts > 0 ? 1 : 0), along: dimension)
  }

  /// Views the slices of a dimension, which goes away.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist.
  public func unbound(along dimension: Int) throws -> [Tensor] {
    try requireDimension(dimension, "unbind")
    try requireParts(shape[dimension])
    return try (0..<shape[dimension]).map {
      try Interrupt.check()
      return try select(dimension, $0)
    }
  }

  // MARK: Repetition

  /// Copies the tensor side by side, `repetitions[i]` times along dimension i; both are aligned at the last dimension.
  ///
  /// - Throws: `TensorError` for a negative number of times, more than eight dimensions, or without memory.
  public func tiled(_ repetitions: Extents) throws -> Tensor {
    try repetitions.requireNotNegative("tile")
    var extents = shape
    while extents.count < repetitions.count { extents.insert(1, at: 0) }
    let lead = extents.count - repetitions.count
    if repetitions.contains(0) || count == 0 {
      for (place, times) in repetitions.enumerated() {
        let (extent, overflow) = extents[lead + place].multipliedReportingOverflow(by: times)
        extents[lead + place] = overflow ? Int.max : extent
      }
      return try Tensor.zeros(extents, dtype)
    }
    var result = try reshape(extents)
    for dimension in 0..<repetitions.count {
      result = try result.repeated(repetitions[dimension], lead + dimension, whole: true, "tile")
    }
    return try result.storage === storage ? result.clone() : result
  }

  /// Copies every slice of a dimension `times` times in a row.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, a negative number of times, or without memory.
  public func interleaved(_ times: Int, along dimension: Int) throws -> Tensor {
    try requireDimension(dimension, "repeat_interleave")
    try Extents([times]).requireNotNegative("repeat_interleave")
    let result = try repeated(times, dimension, whole: false, "repeat_interleave")
    return try result.storage === storage ? result.clone() : result
  }

  /// Copies slice i of a dimension `times[i]` times in a row; `times` is an int64 vector of the dimension's extent, or of one element.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, other or negative times, or without memory.
  public func interleaved(_ times: Tensor, along dimension: Int) throws -> Tensor {
    try requireDimension(dimension, "repeat_interleave")
    guard times.dtype == .int64, times.rank <= 1, times.count == 1 || times.count == shape[dimension] else {
      throw TensorError.expected(
        operation: "repeat_interleave", expected: "\(shape[dimension]) whole numbers",
        got: "\(times.dtype) \(times.shape)")
    }
    if times.count == 1 { return try interleaved(Int(times.loadInteger(at: times.offset)), along: dimension) }
    let numbers = try times.integers()
    var total = 0
    for number in numbers {
      let (sum, overflow) = total.addingReportingOverflow(Int(number))
      guard number >= 0, !overflow, sum <= MemoryAccount.limit / 8 else {
        throw TensorError.expected(
          operation: "repeat_interleave", expected: "numbers of at least 0 whose result fits in memory",
          got: "\(number)")
      }
      total = sum
    }
    let indices = try Tensor(.int64, [total], zeroed: false)
    var start = 0
    for (place, number) in numbers.enumerated() {
      try indices.narrow(0, start, Int(number)).fill(.integer(Int64(place)))
      start += Int(number)
    }
    return try indexSelect(dimension, indices)
  }

  /// Repeats a dimension as a whole, or each of its slices.
  private func repeated(_ times: Int, _ dimension: Int, whole: Bool, _ operation: String) throws -> Tensor {
    if times == 1 { return self }
    var extents = shape
    let (extent, overflow) = shape[dimension].multipliedReportingOverflow(by: times)
    extents[dimension] = overflow ? Int.max : extent
    guard !overflow, extents.checkedProduct != nil else {
      throw TensorError.outOfMemory(requested: Int.max, live: MemoryAccount.live, limit: MemoryAccount.limit)
    }
    let result = try Tensor(dtype, extents, zeroed: false)
    if result.count == 0 { return result }
    // three dimensions are enough: what lies outside, the slices, what lies inside
    let outer = Extents(shape.prefix(dimension)).product
    let inner = Extents(shape.suffix(rank - dimension - 1)).product
    let (slices, length) = whole ? (1, shape[dimension] * inner) : (shape[dimension], inner)
    let source = try reshape([outer * slices, 1, length]).expanded(to: [outer * slices, times, length], operation)
    try Tensor(
      storage: result.storage, shape: source.shape, strides: source.shape.contiguousStrides
    ).write(source)
    return result
  }

  // MARK: Dimensions

  /// Views the tensor with one dimension moved to another place, the others in their order.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist.
  public func movingDimensions(_ sources: [Int], to targets: [Int]) throws -> Tensor {
    try permute(try order(moving: sources, to: targets))
  }

  /// The order for `permute` that moves dimensions to other places, the others staying in their order.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist or comes twice.
  public func order(moving sources: [Int], to targets: [Int]) throws -> [Int] {
    try requireDimensions(sources, "movedim")
    try requireDimensions(targets, "movedim")
    guard sources.count == targets.count else {
      throw TensorError.expected(
        operation: "movedim", expected: "as many places as dimensions, \(sources.count)", got: "\(targets.count)")
    }
    var order = [Int](repeating: -1, count: rank)
    for (source, target) in zip(sources, targets) { order[target] = source }
    var rest = (0..<rank).filter { !sources.contains($0) }.makeIterator()
    for place in 0..<rank where order[place] < 0 { order[place] = rest.next() ?? 0 }
    return order
  }

  /// Gives the dimensions from `first` to `last` as one: a view where the strides allow it, else a copy.
  ///
  /// - Throws: `TensorError` for dimensions that don't exist or aren't in order.
  public func flattened(from first: Int, to last: Int) throws -> Tensor {
    try reshape(try flattenedShape(from: first, to: last))
  }

  /// The shape with the dimensions from `first` to `last` as one; of a 0-dim tensor that of a vector.
  ///
  /// - Throws: `TensorError` for dimensions that don't exist or aren't in order.
  public func flattenedShape(from first: Int, to last: Int) throws -> Extents {
    if rank == 0 && first == 0 && last <= 0 { return [1] }
    try requireDimension(first, "flatten")
    try requireDimension(last, "flatten")
    guard first <= last else {
      throw TensorError.expected(
        operation: "flatten", expected: "dimensions in order", got: "\(first + 1) and \(last + 1)")
    }
    var extents = Extents(shape.prefix(first))
    extents.append(Extents(shape[first...last]).product)
    for extent in shape.dropFirst(last + 1) { extents.append(extent) }
    return extents
  }

  /// Views one dimension as several, whose extents may have one -1 for what remains.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, extents that don't multiply to its own, or more than eight dimensions.
  public func unflattened(_ dimension: Int, _ extents: Extents) throws -> Tensor {
    try requireDimension(dimension, "unflatten")
    guard rank - 1 + extents.count <= Extents.maximumRank else {
      throw TensorError.expected(
        operation: "unflatten", expected: "at most \(Extents.maximumRank) dimensions",
        got: "\(rank - 1 + extents.count)")
    }
    let known = Extents(extents.filter { $0 >= 0 })
    var (wanted, own) = (extents, shape[dimension])
    if let place = extents.firstIndex(of: -1), let product = known.checkedProduct, product > 0 {
      wanted[place] = own / product
    }
    guard wanted.allSatisfy({ $0 >= 0 }), wanted.checkedProduct == own else {
      throw TensorError.expected(
        operation: "unflatten", expected: "extents that multiply to \(own)", got: "\(extents)")
    }
    var (shape, strides) = (self.shape, self.strides)
    own = strides[dimension]
    shape.remove(at: dimension)
    strides.remove(at: dimension)
    for (extent, step) in zip(wanted, wanted.contiguousStrides).reversed() {
      shape.insert(extent, at: dimension)
      strides.insert(step &* own, at: dimension)
    }
    return Tensor(storage: storage, shape: shape, strides: strides, offset: offset)
  }

  /// Spreads vectors over a grid: result i is vector i along dimension i, copied over all the others.
  ///
  /// With `columnsFirst`, NumPy's "xy", the first two dimensions are exchanged.
  ///
  /// - Throws: `TensorError` for more than eight, tensors of more than one dimension, or without memory.
  public static func grid(_ vectors: [Tensor], columnsFirst: Bool = false) throws -> [Tensor] {
    guard vectors.count <= Extents.maximumRank, vectors.allSatisfy({ $0.rank <= 1 }) else {
      throw TensorError.expected(
        operation: "meshgrid", expected: "at most \(Extents.maximumRank) vectors",
        got: vectors.first { $0.rank > 1 }.map { "shape \($0.shape)" } ?? "\(vectors.count)")
    }
    let swaps = columnsFirst && vectors.count > 1
    func place(_ index: Int) -> Int { swaps && index < 2 ? 1 - index : index }
    var extents = Extents(repeating: 1, count: vectors.count)
    for (index, vector) in vectors.enumerated() { extents[place(index)] = vector.count }
    return try vectors.enumerated().map { index, vector in
      var own = Extents(repeating: 1, count: vectors.count)
      own[place(index)] = vector.count
      return try vector.reshape(own).broadcast(to: extents).clone()
    }
  }
}
