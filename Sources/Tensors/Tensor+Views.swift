import Kernels

// Views share the storage. Dimensions and indices count from 0 here; errors count from 1, as users do.

extension Tensor {
  private func view(_ shape: Extents, _ strides: Extents, from start: Int? = nil) -> Tensor {
    Tensor(storage: storage, shape: shape, strides: strides, offset: start ?? offset)
  }

  /// Views the slice at `index` of a dimension, which goes away.
  ///
  /// - Throws: `TensorError` for a dimension or an index that doesn't exist.
  public func select(_ dimension: Int, _ index: Int) throws -> Tensor {
    try requireDimension(dimension, "select")
    try requireIndex(index, along: dimension, "select")
    var (extents, steps) = (shape, strides)
    extents.remove(at: dimension)
    steps.remove(at: dimension)
    return view(extents, steps, from: offset + index * strides[dimension])
  }

  /// Views `length` slices of a dimension from index `start` on.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, or a range beyond it.
  public func narrow(_ dimension: Int, _ start: Int, _ length: Int) throws -> Tensor {
    try requireDimension(dimension, "narrow")
    let extent = shape[dimension]
    guard start >= 0, length >= 0, start <= extent, length <= extent - start else {
      throw TensorError.expected(
        operation: "narrow", expected: "a range within 1 to \(extent) along dimension \(dimension + 1)",
        got: "\(length) from \(Scalar.shown(start))")
    }
    var extents = shape
    extents[dimension] = length
    return view(extents, strides, from: length == 0 ? offset : offset + start * strides[dimension])
  }

  /// Views the tensor with two dimensions exchanged.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist.
  public func transpose(_ first: Int, _ second: Int) throws -> Tensor {
    try requireDimension(first, "transpose")
    try requireDimension(second, "transpose")
    var (extents, steps) = (shape, strides)
    (extents[first], extents[second]) = (shape[second], shape[first])
    (steps[first], steps[second]) = (strides[second], strides[first])
    return view(extents, steps)
  }

  /// Views the transpose of a matrix; vectors and 0-dim tensors are their own.
  ///
  /// - Throws: `TensorError` for more than two dimensions.
  public func transposed() throws -> Tensor {
    guard rank <= 2 else {
      throw TensorError.expected(
        operation: "t", expected: "at most 2 dimensions", got: "shape \(shape); transpose(d1, d2) exchanges any two")
    }
    return rank < 2 ? self : try transpose(0, 1)
  }

  /// Views the tensor with its dimensions in the order given.
  ///
  /// - Throws: `TensorError` when the order doesn't name every dimension once.
  public func permute(_ order: [Int]) throws -> Tensor {
    var seen = Extents(repeating: 0, count: rank)
    var (extents, steps) = (shape, strides)
    for (place, dimension) in order.enumerated() {
      guard order.count == rank, dimension >= 0, dimension < rank, seen[dimension] == 0 else {
        throw permuteError(order)
      }
      seen[dimension] = 1
      extents[place] = shape[dimension]
      steps[place] = strides[dimension]
    }
    guard order.count == rank else { throw permuteError(order) }
    return view(extents, steps)
  }

  private func permuteError(_ order: [Int]) -> TensorError {
    let got = order.map { Scalar.shown($0).description }.joined(separator: ", ")
    return .expected(operation: "permute", expected: "each dimension from 1 to \(rank) once", got: got)
  }

  /// Views the tensor without dimension `dimension`, whose extent must be 1, or without any of extent 1.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist or has another extent.
  public func squeeze(_ dimension: Int? = nil) throws -> Tensor {
    var (extents, steps) = (Extents(), Extents())
    if let dimension {
      try requireDimension(dimension, "squeeze")
      guard shape[dimension] == 1 else {
        throw TensorError.expected(
          operation: "squeeze", expected: "extent 1 along dimension \(dimension + 1)", got: "shape \(shape)")
      }
    }
    for index in 0..<rank where shape[index] != 1 || (dimension ?? index) != index {
      extents.append(shape[index])
      steps.append(strides[index])
    }
    return view(extents, steps)
  }

  /// Views the tensor with a dimension of extent 1 more, before dimension `dimension`; `rank` puts it last.
  ///
  /// - Throws: `TensorError` for a place that doesn't exist, or a ninth dimension.
  public func unsqueeze(_ dimension: Int) throws -> Tensor {
    guard dimension >= 0, dimension <= rank, rank < Extents.maximumRank else {
      let limit = rank < Extents.maximumRank ? "a dimension from 1 to \(rank + 1)" : "fewer than \(rank) dimensions"
      throw TensorError.expected(
        operation: "unsqueeze", expected: limit,
        got: rank < Extents.maximumRank ? "\(Scalar.shown(dimension))" : "\(shape)")
    }
    var (extents, steps) = (shape, strides)
    let step = dimension < rank ? shape[dimension] &* strides[dimension] : 1
    extents.insert(1, at: dimension)
    steps.insert(step, at: dimension)
    return view(extents, steps)
  }

  /// Views the tensor with extents of 1 repeated, and dimensions added in front, to fill `shape`; nothing is copied.
  ///
  /// - Throws: `TensorError` when the shapes don't broadcast.
  public func broadcast(to shape: Extents) throws -> Tensor {
    try shape.requireNotNegative("expand")
    guard shape.checkedProduct != nil else {
      throw TensorError.expected(operation: "expand", expected: "fewer than 2^63 elements", got: "\(shape)")
    }
    return try expanded(to: shape, "expand")
  }

  /// Views the tensor with other extents, one of which may be -1 for what remains.
  ///
  /// - Throws: `TensorError` when the numbers of elements differ or the strides don't allow a view.
  public func view(_ shape: Extents) throws -> Tensor {
    let extents = try completed(shape, "view")
    guard let steps = viewStrides(extents) else {
      throw TensorError.expected(
        operation: "view", expected: "strides that allow shape \(extents)",
        got: "shape \(self.shape) with strides \(strides); reshape copies where it must")
    }
    return view(extents, steps)
  }

  /// Gives the elements in row-major order other extents, one of which may be -1: a view where the strides allow it, else a copy.
  ///
  /// - Throws: `TensorError` when the numbers of elements differ.
  public func reshape(_ shape: Extents) throws -> Tensor {
    let extents = try completed(shape, "reshape")
    if let steps = viewStrides(extents) { return view(extents, steps) }
    let copy = try clone()
    return copy.view(extents, extents.contiguousStrides)
  }

  /// Puts what remains in the place of -1.
  private func completed(_ wanted: Extents, _ operation: String) throws -> Extents {
    var (extents, known, place) = (wanted, Extents(), -1)
    for index in 0..<wanted.count {
      if wanted[index] == -1 && place < 0 {
        place = index
      } else if wanted[index] < 0 {
        throw mismatch(wanted, operation)
      } else {
        known.append(wanted[index])
      }
    }
    guard let product = known.checkedProduct else { throw mismatch(wanted, operation) }
    if place >= 0 {
      guard product > 0, count % product == 0 else { throw mismatch(wanted, operation) }
      extents[place] = count / product
    } else if product != count {
      throw mismatch(wanted, operation)
    }
    return extents
  }

  private func mismatch(_ wanted: Extents, _ operation: String) -> TensorError {
    .expected(operation: operation, expected: "a shape of \(count) elements", got: "\(wanted)")
  }

  /// Finds strides that view the elements in row-major order with other extents, nil when there are none.
  private func viewStrides(_ extents: Extents) -> Extents? {
    if isContiguous { return extents.contiguousStrides }
    var steps = Extents(repeating: 0, count: extents.count)
    var place = extents.count - 1
    var (oldCount, newCount) = (1, 1)
    var base = strides[rank - 1]
    for dimension in stride(from: rank - 1, through: 0, by: -1) {
      oldCount *= shape[dimension]
      // goes on while the dimension before continues this run of memory
      if dimension > 0 && (shape[dimension - 1] == 1 || strides[dimension - 1] == oldCount * base) { continue }
      while place >= 0 && (newCount < oldCount || extents[place] == 1) {
        steps[place] = newCount * base
        newCount *= extents[place]
        place -= 1
      }
      if newCount != oldCount { return nil }
      if dimension > 0 { (base, oldCount, newCount) = (strides[dimension - 1], 1, 1) }
    }
    return place < 0 ? steps : nil
  }
}
