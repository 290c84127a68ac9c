import Kernels

/// One side of an operation: a tensor or a number.
public enum Operand {
  /// A tensor, broadcast.
  case tensor(Tensor)
  /// A number, which never changes the dtype of a float tensor.
  case scalar(Scalar)

  var shape: Extents {
    if case .tensor(let tensor) = self { tensor.shape } else { [] }
  }

  /// Finds the dtype in which two operands meet.
  ///
  /// Two floats of different size meet in float64, a float and an integer or mask in the float, integers and masks in int64; a number
  /// adapts to a float tensor, and a fraction takes integers to `defaultFloat`.
  static func common(_ left: Operand, _ right: Operand, defaultFloat: DType) -> DType {
    switch (left, right) {
    case (.tensor(let a), .tensor(let b)):
      if a.dtype.isFloat && b.dtype.isFloat { return a.dtype == b.dtype ? a.dtype : .float64 }
      return a.dtype.isFloat ? a.dtype : b.dtype.isFloat ? b.dtype : .int64
    case (.tensor(let tensor), .scalar(let scalar)), (.scalar(let scalar), .tensor(let tensor)):
      return tensor.dtype.isFloat ? tensor.dtype : scalar.isInteger ? .int64 : defaultFloat
    case (.scalar(let a), .scalar(let b)):
      return a.isInteger && b.isInteger ? .int64 : defaultFloat
    }
  }
}

/// An operand ready for a kernel: converted to the dtype of the operation and broadcast, or one number in scratch memory.
struct Side {
  let address: UnsafeMutableRawPointer
  let strides: Extents
  /// The distance between neighbours where one plane covers all: 1 without gaps, 0 for a number, nil for anything else.
  let step: Int?
  /// The tensor whose memory it is, nil for a number.
  let tensor: Tensor?

  /// Uses a tensor of the dtype and shape of the operation.
  init(_ tensor: Tensor) {
    self.tensor = tensor
    address = tensor.address
    strides = tensor.strides
    step = tensor.isContiguous ? 1 : nil
  }

  /// Converts and broadcasts an operand; a number is written to `scratch`, eight bytes that outlive this.
  init(
    _ operand: Operand, _ dtype: DType, _ shape: Extents, scratch: UnsafeMutableRawPointer, _ operation: String
  ) throws {
    switch operand {
    case .tensor(let tensor):
      self.init(try tensor.to(dtype).expanded(to: shape, operation))
    case .scalar(let scalar):
      try self.init(scalar, dtype, rank: shape.count, scratch: scratch, operation)
    }
  }

  private init(
    _ scalar: Scalar, _ dtype: DType, rank: Int, scratch: UnsafeMutableRawPointer, _ operation: String
  ) throws {
    switch dtype {
    case .float32: scratch.storeBytes(of: Float(scalar.double), as: Float.self)
    case .float64: scratch.storeBytes(of: scalar.double, as: Double.self)
    case .int64: scratch.storeBytes(of: try scalar.integer(for: operation), as: Int64.self)
    case .bool: scratch.storeBytes(of: scalar.double != 0 ? 1 : 0, as: UInt8.self)
    }
    tensor = nil
    address = scratch
    strides = Extents(repeating: 0, count: rank)
    step = 0
  }

  func pointer<Element>(_ type: Element.Type = Element.self) -> UnsafePointer<Element> {
    UnsafePointer(address.assumingMemoryBound(to: Element.self))
  }

  /// Converts and broadcasts two operands and calls `body` with them.
  static func with<Result>(
    _ left: Operand, _ right: Operand, _ dtype: DType, _ shape: Extents, _ operation: String,
    _ body: (Side, Side) throws -> Result
  ) throws -> Result {
    try withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { scratch in
      guard let base = scratch.baseAddress else { preconditionFailure("sixteen bytes have an address") }
      let a = try Side(left, dtype, shape, scratch: base, operation)
      let b = try Side(right, dtype, shape, scratch: base + 8, operation)
      return try withExtendedLifetime((a.tensor, b.tensor)) { try body(a, b) }
    }
  }
}
