import Kernels

extension Tensor {
  /// Computes a function of every element into a new contiguous tensor.
  ///
  /// Floats keep their dtype. Integers and masks give int64 for `neg abs sign floor ceil round square relu`, and `defaultFloat` for the
  /// others.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func applying(_ operation: UnaryOperation, defaultFloat: DType = .float32) throws -> Tensor {
    let target = dtype.isFloat ? dtype : operation.keepsIntegers ? .int64 : defaultFloat
    let source = try to(target)
    let result = try Tensor(target, shape, zeroed: false)
    try result.compute(operation, source)
    return result
  }

  /// Computes a function of every element in place; returns self.
  ///
  /// - Throws: `TensorError` for an expanded view, or when the dtype can't hold the result.
  @discardableResult
  public func applyInPlace(_ operation: UnaryOperation) throws -> Tensor {
    let name = operation.rawValue + "_"
    try requireWritable(name)
    guard dtype.isFloat || (dtype == .int64 && operation.keepsIntegers) else {
      throw TensorError.expected(operation: name, expected: "dtype float32 or float64", got: dtype.name)
    }
    try compute(operation, self)
    return self
  }

  private func compute(_ operation: UnaryOperation, _ source: Tensor) throws {
    if let type = dtype.floatType { return try compute(type, operation, source) }
    try forEachPlane(source) { try Elementwise.unary(operation, $0, pointer(Int64.self), source.pointer()) }
  }

  private func compute<T: FloatElement>(_ type: T.Type, _ operation: UnaryOperation, _ source: Tensor) throws {
    try forEachPlane(source) { try Elementwise.unary(operation, $0, pointer(T.self), source.pointer()) }
  }

  /// Asks a question about every element; the result is a mask.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func testing(_ predicate: Predicate) throws -> Tensor {
    // integers and masks are answered as float64: no integer becomes 0, NaN or infinite by it
    let source = dtype.isFloat ? self : try to(.float64)
    let mask = try Tensor(.bool, shape, zeroed: false)
    if let type = source.dtype.floatType { try mask.test(type, predicate, source) }
    return mask
  }

  private func test<T: FloatElement>(_ type: T.Type, _ predicate: Predicate, _ source: Tensor) throws {
    try forEachPlane(source) { try Elementwise.test(predicate, $0, pointer(), source.pointer(T.self)) }
  }

  /// Limits every element to `low...high` in a new tensor.
  ///
  /// An absent bound doesn't limit. NaN stays NaN. Integers stay int64 when the bounds are integers, else they become `defaultFloat`.
  ///
  /// - Throws: `TensorError` without bounds, for a NaN bound, or when `low` is above `high`.
  public func clamped(low: Scalar? = nil, high: Scalar? = nil, defaultFloat: DType = .float32) throws -> Tensor {
    try Tensor.requireBounds(low, high, "clamp")
    let whole = low?.isInteger ?? true && high?.isInteger ?? true
    let target = dtype.isFloat ? dtype : whole ? .int64 : defaultFloat
    let result = try Tensor(target, shape, zeroed: false)
    try result.clamp(target.elementType, try to(target), low, high)
    return result
  }

  /// Limits every element to `low...high` in place; returns self.
  ///
  /// - Throws: `TensorError` as `clamped`, for expanded views, masks, and fractions as bounds of int64.
  @discardableResult
  public func clampInPlace(low: Scalar? = nil, high: Scalar? = nil) throws -> Tensor {
    try Tensor.requireBounds(low, high, "clamp_")
    try requireWritable("clamp_")
    guard dtype != .bool else {
      throw TensorError.expected(operation: "clamp_", expected: "a dtype of numbers", got: "bool")
    }
    if dtype == .int64 { _ = (try low?.integer(for: "clamp_"), try high?.integer(for: "clamp_")) }
    try clamp(dtype.elementType, self, low, high)
    return self
  }

  private static func requireBounds(_ low: Scalar?, _ high: Scalar?, _ operation: String) throws {
    let (least, most) = (low?.double ?? -.infinity, high?.double ?? .infinity)
    guard low != nil || high != nil, least <= most else {
      let got = low == nil && high == nil ? "none" : "\(low?.description ?? "none") and \(high?.description ?? "none")"
      throw TensorError.expected(operation: operation, expected: "bounds in order", got: got)
    }
  }

  private func clamp<T: StoredElement>(_ type: T.Type, _ source: Tensor, _ low: Scalar?, _ high: Scalar?) throws {
    let least = low.map { Tensor.bound(T.self, $0) } ?? (T.isWhole ? T(fromInteger: .min) : T(fromDouble: -.infinity))
    let most = high.map { Tensor.bound(T.self, $0) } ?? (T.isWhole ? T(fromInteger: .max) : T(fromDouble: .infinity))
    try forEachPlane(source) { try Elementwise.clamp($0, pointer(T.self), source.pointer(), low: least, high: most) }
  }

  private static func bound<T: StoredElement>(_ type: T.Type, _ scalar: Scalar) -> T {
    switch scalar {
    case .integer(let value): T(fromInteger: value)
    case .number(let value): T(fromDouble: value)
    }
  }
}
