import Kernels

// The plain case of operations on every element: floats of one dtype that lie without gaps, all of one shape or against a
// number. It needs no conversion, no broadcasting and no walk, and small tensors spend most of their time in those.

extension Tensor {
  /// Computes `left op right` in the plain case, into the spare tensor if it fits; nil in any other, which is for
  /// `apply(_:_:_:defaultFloat:)`.
  ///
  /// - Throws: `TensorError.outOfMemory`, or `Interrupted`.
  public static func applyPlainly(
    _ operation: BinaryOperation, _ left: Tensor, _ right: Tensor, spare: SpareTensor? = nil
  ) throws -> Tensor? {
    guard left.isPlain, left.isAligned(with: right) else { return nil }
    let result = try spare?.take(like: left) ?? Tensor(asContiguous: left)
    try result.computePlainly(operation, PlainSide(left), PlainSide(right))
    return result
  }

  /// Computes `left op right` with a number in the plain case; nil in any other.
  ///
  /// - Throws: `TensorError.outOfMemory`, or `Interrupted`.
  public static func applyPlainly(
    _ operation: BinaryOperation, _ left: Tensor, _ right: Double, spare: SpareTensor? = nil
  ) throws -> Tensor? {
    guard left.isPlain else { return nil }
    let result = try spare?.take(like: left) ?? Tensor(asContiguous: left)
    try result.computePlainly(operation, PlainSide(left), PlainSide(right))
    return result
  }

  /// Computes `left op right` of a number in the plain case; nil in any other.
  ///
  /// - Throws: `TensorError.outOfMemory`, or `Interrupted`.
  public static func applyPlainly(
    _ operation: BinaryOperation, _ left: Double, _ right: Tensor, spare: SpareTensor? = nil
  ) throws -> Tensor? {
    guard right.isPlain else { return nil }
    let result = try spare?.take(like: right) ?? Tensor(asContiguous: right)
    try result.computePlainly(operation, PlainSide(left), PlainSide(right))
    return result
  }

  static func applyPlainly(_ operation: BinaryOperation, _ left: Operand, _ right: Operand) throws -> Tensor? {
    switch (left, right) {
    case (.tensor(let a), .tensor(let b)): try applyPlainly(operation, a, b)
    case (.tensor(let a), .scalar(let b)): try applyPlainly(operation, a, b.double)
    case (.scalar(let a), .tensor(let b)): try applyPlainly(operation, a.double, b)
    case (.scalar, .scalar): nil
    }
  }

  /// Computes `self = self op other` in the plain case; false in any other, which is for `applyInPlace(_:_:)`.
  ///
  /// - Throws: `Interrupted`.
  public final func applyPlainlyInPlace(_ operation: BinaryOperation, _ other: Tensor) throws -> Bool {
    guard isPlain, count > 0, isAligned(with: other), storage !== other.storage || offset == other.offset else {
      return false
    }
    storage.noteChange()
    try computePlainly(operation, PlainSide(self), PlainSide(other))
    return true
  }

  /// Computes `self = self op other` with a number in the plain case; false in any other.
  ///
  /// - Throws: `Interrupted`.
  public final func applyPlainlyInPlace(_ operation: BinaryOperation, _ other: Double) throws -> Bool {
    guard isPlain, count > 0 else { return false }
    storage.noteChange()
    try computePlainly(operation, PlainSide(self), PlainSide(other))
    return true
  }

  /// Computes a function of every element in the plain case; nil in any other, which is for `applying(_:defaultFloat:)`.
  ///
  /// - Throws: `TensorError.outOfMemory`, or `Interrupted`.
  public final func applyingPlainly(_ operation: UnaryOperation, spare: SpareTensor? = nil) throws -> Tensor? {
    guard isPlain else { return nil }
    let result = try spare?.take(like: self) ?? Tensor(asContiguous: self)
    try result.computePlainly(operation, self)
    return result
  }

  /// Computes a function of every element in place in the plain case; false in any other, which is for `applyInPlace(_:)`.
  ///
  /// - Throws: `Interrupted`.
  public final func applyPlainlyInPlace(_ operation: UnaryOperation) throws -> Bool {
    guard isPlain, count > 0 else { return false }
    storage.noteChange()
    try computePlainly(operation, self)
    return true
  }

  @inline(__always)
  private var isPlain: Bool { storage.dtype.isFloat && isContiguous }

  /// Whether another tensor has this one's dtype and shape and lies without gaps.
  @inline(__always)
  private func isAligned(with other: Tensor) -> Bool {
    storage.dtype == other.storage.dtype && other.isContiguous && layout.hasShape(of: other.layout)
  }

  /// An operand of the plain case: elements one after another, or one number.
  fileprivate struct PlainSide {
    let address: UnsafeMutableRawPointer?
    let number: Double

    @inline(__always)
    init(_ tensor: Tensor) { (address, number) = (tensor.address, 0) }

    @inline(__always)
    init(_ number: Double) { (address, self.number) = (nil, number) }
  }

  @inline(__always)
  private func computePlainly(_ operation: BinaryOperation, _ a: PlainSide, _ b: PlainSide) throws {
    if storage.dtype == .float32 {
      try computePlainly(Float.self, operation, a, b)
    } else {
      try computePlainly(Double.self, operation, a, b)
    }
  }

  @inline(__always)
  private func computePlainly<T: FloatElement>(
    _ type: T.Type, _ operation: BinaryOperation, _ a: PlainSide, _ b: PlainSide
  ) throws {
    if count == 0 { return }
    var (first, second) = (T(a.number), T(b.number))
    try withUnsafePointer(to: &first) { first in
      try withUnsafePointer(to: &second) { second in
        let x = UnsafePointer(a.address?.assumingMemoryBound(to: T.self)) ?? first
        let y = UnsafePointer(b.address?.assumingMemoryBound(to: T.self)) ?? second
        let (xStep, yStep) = (a.address == nil ? 0 : 1, b.address == nil ? 0 : 1)
        if count <= Elementwise.shortCount,
          Elementwise.short(operation, count, pointer(T.self), x, xStep, y, yStep)
        {
          return
        }
        var plane = Plane(contiguous: count)
        plane.columnStrides = SIMD4(1, xStep, yStep, 0)
        try plane.shared { try Elementwise.binary(operation, $0, pointer(T.self), x, y) }
      }
    }
  }

  private func computePlainly(_ operation: UnaryOperation, _ source: Tensor) throws {
    if count == 0 { return }
    let plane = Plane(contiguous: count)
    if storage.dtype == .float32 {
      try plane.shared { try Elementwise.unary(operation, $0, pointer(Float.self), source.pointer()) }
    } else {
      try plane.shared { try Elementwise.unary(operation, $0, pointer(Double.self), source.pointer()) }
    }
  }
}
