import Kernels

// What stands in brackets beside numbers and ranges: tensors of indices.

/// Indices for one dimension of a tensor: int64, counted from 0.
public struct DimensionIndices {
  /// The dimension, counted from 0.
  public let dimension: Int
  /// The indices, of any shape.
  public let indices: Tensor

  /// Pairs a dimension with its indices.
  public init(_ dimension: Int, _ indices: Tensor) {
    self.dimension = dimension
    self.indices = indices
  }
}

extension Tensor {
  /// Copies the elements or slices at indices for some of the dimensions, broadcast together, as NumPy does.
  ///
  /// The dimensions of the broadcast indices stand where the indexed dimensions stood when those are neighbours, else first; the other
  /// dimensions follow whole.
  ///
  /// - Throws: `TensorError` for indices that don't broadcast or lie outside, and results of more than eight dimensions.
  public func picked(at indices: [DimensionIndices]) throws -> Tensor {
    try picked(try reach(indices))
  }

  /// Writes a number, or a tensor broadcast to the shape `picked(at:)` gives, at indices; returns self.
  ///
  /// Of equal places the last stays.
  ///
  /// - Throws: `TensorError` as `picked(at:)`, for values that don't broadcast or fit the dtype, and expanded views.
  @discardableResult
  public func assign(_ value: Operand, at indices: [DimensionIndices]) throws -> Tensor {
    try requireWritable("index")
    let reach = try reach(indices)
    switch value {
    case .scalar(let scalar): try place(try spread(scalar, to: reach.shape, "index"), reach)
    case .tensor(let tensor): try place(try tensor.to(dtype).expanded(to: reach.shape, "index"), reach)
    }
    return self
  }

  private func reach(_ indices: [DimensionIndices]) throws -> Reach {
    var common = Extents()
    for item in indices { common = try Extents.broadcast(common, item.indices.shape, "index") }
    let offsets = try Tensor(.int64, common)
    for item in indices {
      try requireDimension(item.dimension, "index")
      try requireIndices(item.indices, along: item.dimension, "index")
      let places = try item.indices.expanded(to: common, "index")
      try Walk(common, offsets.strides, places.strides).forEachPlane {
        try Gather.addOffsets($0, offsets.pointer(), places.pointer(), stride: strides[item.dimension])
      }
    }
    return try reach(offsets, indices.map(\.dimension))
  }

  /// Puts the dimensions of the offsets among those that stay whole.
  private func reach(_ offsets: Tensor, _ dimensions: [Int]) throws -> Reach {
    guard offsets.rank + rank - dimensions.count <= Extents.maximumRank else {
      throw TensorError.expected(
        operation: "index", expected: "a result of at most \(Extents.maximumRank) dimensions",
        got: "\(offsets.rank + rank - dimensions.count)")
    }
    let first = dimensions.min() ?? 0
    let areNeighbours = (dimensions.max() ?? 0) - first + 1 == dimensions.count
    let place = areNeighbours ? first : 0
    var (extents, steps, offsetSteps) = (Extents(), Extents(), Extents())
    func addOffsets() {
      for (extent, step) in zip(offsets.shape, offsets.strides) {
        extents.append(extent)
        steps.append(0)
        offsetSteps.append(step)
      }
    }
    for dimension in 0...rank {
      if dimension == place { addOffsets() }
      if dimension == rank || dimensions.contains(dimension) { continue }
      extents.append(shape[dimension])
      steps.append(strides[dimension])
      offsetSteps.append(0)
    }
    return Reach(shape: extents, strides: steps, offsets: offsets, offsetStrides: offsetSteps, step: 1)
  }

  /// Turns indices as users count them, whole numbers from 1 or from the end when negative, into int64 from 0.
  ///
  /// - Throws: what `outside` makes of an index that is no whole number or outside the extent; `TensorError` for a mask.
  public func countedFromZero(
    extent: Int, _ operation: String, outside: (Scalar) -> any Error
  ) throws -> Tensor {
    let wrong: Scalar?
    let positions = try Tensor(.int64, shape, zeroed: false)
    switch dtype {
    case .float32: wrong = try positions.countFromZero(Float.self, self, extent).map { .number(Double($0)) }
    case .float64: wrong = try positions.countFromZero(Double.self, self, extent).map { .number($0) }
    case .int64: wrong = try positions.countFromZero(Int64.self, self, extent).map { .integer($0) }
    case .bool:
      throw TensorError.expected(operation: operation, expected: "whole numbers as indices", got: "a mask")
    }
    if let wrong { throw outside(wrong) }
    return positions
  }

  private func countFromZero<T: StoredElement>(_ type: T.Type, _ indices: Tensor, _ extent: Int) throws -> T? {
    var wrong: T?
    try forEachPlane(indices) { plane in
      if wrong == nil {
        wrong = try Gather.countFromZero(plane, pointer(), indices.pointer(T.self), extent: extent)
      }
    }
    return wrong
  }
}
