import Kernels

extension Tensor {
  /// Copies the elements of `source`, broadcast to this tensor's shape and converted to its dtype; returns self.
  ///
  /// Floats become integers by truncation towards 0, and masks by being other than 0. Overlapping views of one storage are
  /// copied as if the source had been cloned before.
  ///
  /// - Throws: `TensorError` when the shapes don't broadcast, this tensor is an expanded view, or a number to be made an integer is
  ///   NaN, infinite or beyond int64's range.
  @discardableResult
  public func copy(from source: Tensor) throws -> Tensor {
    try requireWritable("copy_")
    try source.requireIntegers(ifTargetIs: dtype, "copy_")
    let view = try source.expanded(to: shape, "copy_")
    try write(overlaps(view) && !hasLayout(of: view) ? view.clone() : view)
    return self
  }

  /// Makes a contiguous copy with memory of its own.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func clone() throws -> Tensor {
    let copy = try Tensor(dtype, shape, zeroed: false)
    try copy.write(self)
    return copy
  }

  /// Makes the tensor contiguous: itself when it is already, else a copy.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func contiguous() throws -> Tensor {
    isContiguous ? self : try clone()
  }

  /// Converts to another dtype: itself when it has it already, else a contiguous copy.
  ///
  /// - Throws: `TensorError` when a number to be made an integer is NaN, infinite or beyond int64's range.
  public func to(_ dtype: DType) throws -> Tensor {
    if dtype == self.dtype { return self }
    try requireIntegers(ifTargetIs: dtype, "to")
    let copy = try Tensor(dtype, shape, zeroed: false)
    try copy.write(self)
    return copy
  }

  /// Sets every element to `value` and returns self.
  ///
  /// The value is rounded to the dtype; a mask becomes whether it is other than 0.
  ///
  /// - Throws: `TensorError` when this tensor is an expanded view, or is int64 and the value not a whole number it can hold.
  @discardableResult
  public func fill(_ value: Scalar) throws -> Tensor {
    try requireWritable("fill_")
    if dtype == .int64 {
      try fill(with: try value.integer(for: "fill_"))
    } else {
      try fill(dtype.elementType, value.double)
    }
    return self
  }

  /// Sets every element to a float; see `fill(_:)` of a scalar.
  ///
  /// - Throws: `TensorError` as there.
  @discardableResult
  @_disfavoredOverload
  public func fill(_ value: Double) throws -> Tensor {
    try fill(Scalar.number(value))
  }

  private func fill<T: StoredElement>(_ type: T.Type, _ value: Double) throws {
    try fill(with: T(fromDouble: value))
  }

  private func fill<T: StoredElement>(with element: T) throws {
    if count == 0 { return }
    func fill(_ plane: Plane) throws { try plane.shared { try CopyKernel.fill($0, pointer(T.self), element) } }
    if isContiguous { return try fill(Plane(contiguous: count)) }
    try Walk(shape, strides).forEachPlane(fill)
  }

  /// Copies a tensor of this shape that doesn't overlap this one, or overlaps it exactly.
  func write(_ source: Tensor) throws {
    try write(dtype.elementType, source)
  }

  private func write<Target: StoredElement>(_ type: Target.Type, _ source: Tensor) throws {
    try write(type, source.dtype.elementType, source)
  }

  private func write<Target: StoredElement, Source: StoredElement>(
    _ target: Target.Type, _ element: Source.Type, _ source: Tensor
  ) throws {
    func copy(_ plane: Plane) throws {
      try plane.shared { try CopyKernel.copy($0, pointer(target), source.pointer(element)) }
    }
    if count == 0 { return }
    if isContiguous && source.isContiguous { return try copy(Plane(contiguous: count)) }
    try Walk(shape, strides, source.strides).forEachPlane(copy)
  }

  private func requireIntegers(ifTargetIs target: DType, _ operation: String) throws {
    guard target == .int64, let type = dtype.floatType, let value = try beyondInteger(type) else { return }
    throw TensorError.expected(operation: operation, expected: "numbers that int64 can hold", got: "\(value)")
  }

  private func beyondInteger<T: FloatElement>(_ type: T.Type) throws -> Double? {
    var found: Double?
    try Walk(shape, strides).forEachPlane { plane in
      if found == nil { found = try CopyKernel.firstBeyondInteger(plane, pointer(T.self)) }
    }
    return found
  }
}

extension Tensor {
  /// Refuses a view whose elements share memory, as the target of a write, and notes the change in the storage.
  ///
  /// - Throws: `TensorError` in the name of `operation` for an expanded view.
  public func requireWritable(_ operation: String) throws {
    for dimension in 0..<rank where strides[dimension] == 0 && shape[dimension] > 1 && count > 0 {
      throw TensorError.expected(
        operation: operation, expected: "a tensor with an element of its own at every index",
        got: "an expanded view \(shape); clone() it first")
    }
    storage.noteChange()
  }

  /// Whether both tensors have the same memory, shape and strides.
  func hasLayout(of other: Tensor) -> Bool {
    storage === other.storage && offset == other.offset && shape == other.shape && strides == other.strides
  }

  /// Whether the ranges of memory from the first to the last element of both tensors meet.
  func overlaps(_ other: Tensor) -> Bool {
    guard storage === other.storage, count > 0, other.count > 0 else { return false }
    return offset <= other.last && other.offset <= last
  }

  /// The index of the last element in the storage.
  private var last: Int {
    var index = offset
    for dimension in 0..<rank { index += (shape[dimension] - 1) * strides[dimension] }
    return index
  }

  /// Views this tensor with the extents of `target`, strides 0 where an extent of 1 is repeated.
  func expanded(to target: Extents, _ operation: String) throws -> Tensor {
    if shape == target { return self }
    guard target.count >= rank else { throw TensorError.shapesDoNotBroadcast(operation: operation, shape, target) }
    var expandedStrides = Extents(repeating: 0, count: target.count)
    let lead = target.count - rank
    for dimension in 0..<rank {
      if shape[dimension] == target[lead + dimension] {
        expandedStrides[lead + dimension] = strides[dimension]
      } else if shape[dimension] != 1 {
        throw TensorError.shapesDoNotBroadcast(operation: operation, shape, target)
      }
    }
    return Tensor(storage: storage, shape: target, strides: expandedStrides, offset: offset)
  }
}
