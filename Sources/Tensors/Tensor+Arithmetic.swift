import Kernels

extension Tensor {
  /// Computes an operation on two operands with broadcasting, into a new contiguous tensor.
  ///
  /// Dtypes: floats of different size give float64; a float with an integer or a mask gives that float; integers and masks give int64,
  /// wrapping around, but `defaultFloat` for division and powers; a number never changes a float tensor's dtype, and a
  /// fraction takes integers to `defaultFloat`.
  ///
  /// - Throws: `TensorError` when shapes don't broadcast, or for the division of integers by zero.
  public static func apply(
    _ operation: BinaryOperation, _ left: Operand, _ right: Operand, defaultFloat: DType = .float32
  ) throws -> Tensor {
    if let result = try applyPlainly(operation, left, right) { return result }
    let name = operation.rawValue
    var dtype = Operand.common(left, right, defaultFloat: defaultFloat)
    if operation.alwaysFloat && !dtype.isFloat { dtype = defaultFloat }
    let shape = try Extents.broadcast(left.shape, right.shape, name)
    return try Side.with(left, right, dtype, shape, name) { a, b in
      let result = try Tensor(dtype, shape, zeroed: false)
      try result.compute(operation, a, b, name)
      return result
    }
  }

  /// Computes an operation on two tensors; see `apply(_:_:_:defaultFloat:)` of operands.
  ///
  /// - Throws: `TensorError` when shapes don't broadcast, or for the division of integers by zero.
  public static func apply(
    _ operation: BinaryOperation, _ left: Tensor, _ right: Tensor, defaultFloat: DType = .float32
  ) throws -> Tensor {
    try apply(operation, .tensor(left), .tensor(right), defaultFloat: defaultFloat)
  }

  /// Computes an operation on a tensor and a number; see `apply(_:_:_:defaultFloat:)` of operands.
  ///
  /// - Throws: `TensorError` for the division of integers by zero.
  public static func apply(
    _ operation: BinaryOperation, _ left: Tensor, _ right: Scalar, defaultFloat: DType = .float32
  ) throws -> Tensor {
    try apply(operation, .tensor(left), .scalar(right), defaultFloat: defaultFloat)
  }

  /// Computes an operation on a number and a tensor; see `apply(_:_:_:defaultFloat:)` of operands.
  ///
  /// - Throws: `TensorError` for the division of integers by zero.
  public static func apply(
    _ operation: BinaryOperation, _ left: Scalar, _ right: Tensor, defaultFloat: DType = .float32
  ) throws -> Tensor {
    try apply(operation, .scalar(left), .tensor(right), defaultFloat: defaultFloat)
  }

  /// Computes `self = self op other` in place, `other` broadcast to this shape; returns self.
  ///
  /// The dtype stays: a float tensor takes any operand, rounded to it before; an int64 tensor takes integers and masks. The operand
  /// may be any view of the same memory.
  ///
  /// - Throws: `TensorError` when the other shape doesn't broadcast to this one, for an expanded view, a result that int64 or a mask can't
  ///   hold, or the division of integers by zero.
  @discardableResult
  public func applyInPlace(_ operation: BinaryOperation, _ other: Operand) throws -> Tensor {
    let name = operation.rawValue + "_"
    try requireWritable(name)
    let common = Operand.common(.tensor(self), other, defaultFloat: .float64)
    guard dtype.isFloat || (dtype == .int64 && common == .int64 && !operation.alwaysFloat) else {
      throw TensorError.expected(
        operation: name, expected: "a result that dtype \(dtype) can hold",
        got: "\(operation.alwaysFloat || common.isFloat ? "floats" : "integers"); to(\"float32\") first")
    }
    try Side.with(.tensor(self), other, dtype, shape, name) { a, b in
      let apart = try apart(from: b)
      try withExtendedLifetime(apart.tensor) { try compute(operation, a, apart, name) }
    }
    return self
  }

  /// Copies an operand that overlaps this tensor in another layout.
  private func apart(from side: Side) throws -> Side {
    guard let tensor = side.tensor, overlaps(tensor), !hasLayout(of: tensor) else { return side }
    return Side(try tensor.clone())
  }

  /// Writes `a op b`, both of this shape and dtype, here.
  private func compute(_ operation: BinaryOperation, _ a: Side, _ b: Side, _ name: String) throws {
    if let type = dtype.floatType { return try compute(type, operation, a, b) }
    if operation.dividesWhole { try requireNoZero(b, name) }
    try forEachPlane(a, b) {
      try Elementwise.binary(operation, $0, pointer(Int64.self), a.pointer(), b.pointer())
    }
  }

  private func compute<T: FloatElement>(_ type: T.Type, _ operation: BinaryOperation, _ a: Side, _ b: Side) throws {
    try forEachPlane(a, b) {
      try Elementwise.binary(operation, $0, pointer(T.self), a.pointer(), b.pointer())
    }
  }

  private func requireNoZero(_ divisor: Side, _ name: String) throws {
    var found = false
    try Walk(shape, divisor.strides).forEachPlane { plane in
      if !found { found = try Elementwise.containsZero(plane, divisor.pointer()) }
    }
    if found {
      throw TensorError.expected(operation: name, expected: "an int64 divisor other than 0", got: "0")
    }
  }

  /// Walks this tensor as the result with two operands of its shape, large planes on several threads.
  func forEachPlane(_ a: Side, _ b: Side, _ body: (Plane) throws -> Void) throws {
    if count == 0 { return }
    if isContiguous, let first = a.step, let second = b.step {
      var plane = Plane(contiguous: count)
      plane.columnStrides = SIMD4(1, first, second, 0)
      return try plane.shared(body)
    }
    try Walk(shape, strides, a.strides, b.strides).forEachPlane { try $0.shared(body) }
  }

  /// Walks this tensor as the result with one operand of its shape, large planes on several threads.
  func forEachPlane(_ a: Tensor, _ body: (Plane) throws -> Void) throws {
    if count == 0 { return }
    if isContiguous && a.isContiguous { return try Plane(contiguous: count).shared(body) }
    try Walk(shape, strides, a.strides).forEachPlane { try $0.shared(body) }
  }
}

extension Tensor {
  /// Compares two operands with broadcasting; the result is a mask.
  ///
  /// Integers are compared exactly; an integer and a float as float64; a float tensor and a number in the tensor's dtype. NaN equals nothing.
  ///
  /// - Throws: `TensorError` when shapes don't broadcast.
  public static func compare(_ comparison: Comparison, _ left: Operand, _ right: Operand) throws -> Tensor {
    let name = comparison.rawValue
    let shape = try Extents.broadcast(left.shape, right.shape, name)
    var dtype = Operand.common(left, right, defaultFloat: .float64)
    if case .tensor(let a) = left, case .tensor(let b) = right, a.dtype.isFloat != b.dtype.isFloat { dtype = .float64 }
    return try Side.with(left, right, dtype, shape, name) { a, b in
      let mask = try Tensor(.bool, shape, zeroed: false)
      try mask.compare(dtype.elementType, comparison, a, b)
      return mask
    }
  }

  private func compare<T: StoredElement>(_ type: T.Type, _ comparison: Comparison, _ a: Side, _ b: Side) throws {
    try forEachPlane(a, b) {
      try Elementwise.compare(comparison, $0, pointer(), a.pointer(T.self), b.pointer(T.self))
    }
  }

  /// Takes elements of `a` where the mask is true and of `b` elsewhere, all three broadcast together.
  ///
  /// - Throws: `TensorError` when `mask` is no mask or the shapes don't broadcast.
  public static func choose(
    _ mask: Tensor, _ a: Operand, _ b: Operand, defaultFloat: DType = .float32
  ) throws -> Tensor {
    guard mask.dtype == .bool else {
      throw TensorError.expected(operation: "where", expected: "a mask of dtype bool", got: mask.dtype.name)
    }
    var shape = try Extents.broadcast(a.shape, b.shape, "where")
    shape = try Extents.broadcast(mask.shape, shape, "where")
    var dtype = Operand.common(a, b, defaultFloat: defaultFloat)
    if case .tensor(let x) = a, case .tensor(let y) = b, x.dtype == y.dtype { dtype = x.dtype }
    let chosen = try mask.expanded(to: shape, "where")
    return try Side.with(a, b, dtype, shape, "where") { first, second in
      let result = try Tensor(dtype, shape, zeroed: false)
      try result.choose(dtype.elementType, chosen, first, second)
      return result
    }
  }

  private func choose<T: StoredElement>(_ type: T.Type, _ mask: Tensor, _ a: Side, _ b: Side) throws {
    try Walk(shape, strides, mask.strides, a.strides, b.strides).forEachPlane {
      try $0.shared { try Elementwise.choose($0, pointer(T.self), mask.pointer(), a.pointer(), b.pointer()) }
    }
  }
}
