import Kernels

extension Tensor {
  /// Makes a tensor of zeros.
  ///
  /// - Throws: `TensorError` for negative extents or without memory.
  public static func zeros(_ shape: Extents, _ dtype: DType = .float32) throws -> Tensor {
    try shape.requireNotNegative("zeros")
    return try Tensor(dtype, shape)
  }

  /// Makes a tensor of ones.
  ///
  /// - Throws: `TensorError` for negative extents or without memory.
  public static func ones(_ shape: Extents, _ dtype: DType = .float32) throws -> Tensor {
    try filled(shape, 1, dtype, "ones")
  }

  /// Makes a tensor of one value everywhere.
  ///
  /// - Throws: `TensorError` for negative extents, without memory, or a value that int64 can't hold.
  public static func full(_ shape: Extents, _ value: Scalar, _ dtype: DType = .float32) throws -> Tensor {
    try filled(shape, value, dtype, "full")
  }

  /// Makes a 0-dim tensor.
  ///
  /// - Throws: `TensorError` without memory, or a value that int64 can't hold.
  public static func scalar(_ value: Scalar, _ dtype: DType = .float32) throws -> Tensor {
    try filled([], value, dtype, "tensor")
  }

  private static func filled(
    _ shape: Extents, _ value: Scalar, _ dtype: DType, _ operation: String
  ) throws -> Tensor {
    try shape.requireNotNegative(operation)
    if dtype == .int64 { _ = try value.integer(for: operation) }
    return try Tensor(dtype, shape, zeroed: false).fill(value)
  }

  /// Makes the identity matrix `[n, n]`.
  ///
  /// - Throws: `TensorError` for a negative extent or without memory.
  public static func eye(_ n: Int, _ dtype: DType = .float32) throws -> Tensor {
    try Extents([n]).requireNotNegative("eye")
    let identity = try Tensor(dtype, [n, n])
    try Tensor(storage: identity.storage, shape: [n], strides: [n + 1]).fill(1)
    return identity
  }

  /// Makes a vector from `first` to `last` in steps of `step`, the last included as in a Lua `for`.
  ///
  /// Element i is `first + i step`. When the steps reach `last` but for rounding, `last` is the last element, exactly. A step that
  /// leads away from `last` makes an empty vector.
  ///
  /// - Throws: `TensorError` for a step of 0, numbers that aren't finite, fractions in int64, a mask, or without memory.
  public static func arange(
    _ first: Double, _ last: Double, step: Double = 1, _ dtype: DType = .float32
  ) throws -> Tensor {
    guard first.isFinite, last.isFinite, step.isFinite, step != 0, dtype != .bool else {
      throw TensorError.expected(
        operation: "arange", expected: "finite bounds, a step other than 0 and a dtype of numbers",
        got: "\(first), \(last), \(step) and \(dtype)")
    }
    if dtype == .int64 {
      _ = (try Scalar.number(first).integer(for: "arange"), try Scalar.number(step).integer(for: "arange"))
      guard abs(first) <= 0x1p53, abs(last) <= 0x1p53, abs(step) <= 0x1p53 else {
        throw TensorError.expected(
          operation: "arange", expected: "bounds and a step within 2^53, which doubles count exactly",
          got: "\(first), \(last), \(step)")
      }
    }
    let steps = (last - first) / step
    let rounding = Swift.min(0x1p-51 * ((abs(first) + abs(last)) / abs(step) + abs(steps)), 0.5)
    let reaches = abs(steps - steps.rounded()) <= rounding
    let whole = reaches ? steps.rounded() : steps.rounded(.down)
    guard whole < 0x1p60 else {
      throw TensorError.outOfMemory(requested: Int.max, live: MemoryAccount.live, limit: MemoryAccount.limit)
    }
    let count = whole < 0 ? 0 : Int(whole) + 1
    return try ramp(count, dtype) { index in
      reaches && index == count - 1 && dtype != .int64 ? last : first + Double(index) * step
    }
  }

  /// Makes an int64 vector from `first` to `last` in steps of `step`, the last included where the steps reach it, exact over all of int64.
  ///
  /// - Throws: `TensorError` for a step of 0, or without memory.
  public static func arange(integers first: Int64, _ last: Int64, step: Int64 = 1) throws -> Tensor {
    guard step != 0 else {
      throw TensorError.expected(operation: "arange", expected: "a step other than 0", got: "0")
    }
    let isEmpty = step > 0 ? last < first : last > first
    // distances may exceed int64's range, never that of UInt64
    let distance = UInt64(bitPattern: step > 0 ? last &- first : first &- last)
    let steps = isEmpty ? 0 : distance / step.magnitude
    guard steps < UInt64(Int.max) else {
      throw TensorError.outOfMemory(requested: Int.max, live: MemoryAccount.live, limit: MemoryAccount.limit)
    }
    let vector = try Tensor(.int64, [isEmpty ? 0 : Int(steps) + 1], zeroed: false)
    let elements: UnsafeMutablePointer<Int64> = vector.pointer()
    for index in 0..<vector.count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      elements[index] = first &+ Int64(index) &* step
    }
    return vector
  }

  /// Makes a vector of `count` numbers from `first` to `last`, both included, evenly spaced; one number is `first`.
  ///
  /// - Throws: `TensorError` for a negative count, a dtype that isn't a float, or without memory.
  public static func linspace(
    _ first: Double, _ last: Double, _ count: Int, _ dtype: DType = .float32
  ) throws -> Tensor {
    guard count >= 0, dtype.isFloat else {
      throw TensorError.expected(
        operation: "linspace", expected: "a count of at least 0 and a float dtype", got: "\(count) and \(dtype)")
    }
    let step = (last - first) / Double(Swift.max(count - 1, 1))
    return try ramp(count, dtype) { index in
      index == count - 1 && count > 1 ? last : first + Double(index) * step
    }
  }

  private static func ramp(_ count: Int, _ dtype: DType, _ value: (Int) -> Double) throws -> Tensor {
    let vector = try Tensor(dtype, [count], zeroed: false)
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      vector.store(value(index), at: index)
    }
    return vector
  }

  /// Makes a tensor from its elements in row-major order, rounded to the dtype; for int64 they must be whole.
  ///
  /// - Throws: `TensorError` when the number of elements is not the product of the extents, for fractions in int64, or without memory.
  public convenience init(_ values: [Double], shape: Extents, _ dtype: DType = .float32) throws {
    try shape.requireNotNegative("tensor")
    try Tensor.requireCount(values.count, shape)
    try self.init(dtype, shape, zeroed: false)
    for (index, value) in values.enumerated() {
      if dtype == .int64 {
        store(try Scalar.number(value).integer(for: "tensor"), at: index)
      } else {
        store(value, at: index)
      }
    }
  }

  /// Makes a vector from its elements.
  ///
  /// - Throws: `TensorError` for fractions in int64, or without memory.
  public convenience init(_ values: [Double], _ dtype: DType = .float32) throws {
    try self.init(values, shape: [values.count], dtype)
  }

  /// Makes an int64 tensor from its elements in row-major order.
  ///
  /// - Throws: `TensorError` when the number of elements is not the product of the extents, or without memory.
  public convenience init(integers values: [Int64], shape: Extents) throws {
    try shape.requireNotNegative("tensor")
    try Tensor.requireCount(values.count, shape)
    try self.init(.int64, shape, zeroed: false)
    for (index, value) in values.enumerated() { store(value, at: index) }
  }

  private static func requireCount(_ count: Int, _ shape: Extents) throws {
    guard shape.checkedProduct == count else {
      throw TensorError.expected(
        operation: "tensor", expected: "as many numbers as shape \(shape) has elements", got: "\(count)")
    }
  }
}
