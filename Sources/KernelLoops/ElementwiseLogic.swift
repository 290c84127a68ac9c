import KernelBase

extension Elementwise {
  /// Combines two masks of ones and zeros.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func combine(
    _ operation: LogicalOperation, _ plane: Plane, _ out: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<UInt8>,
    _ b: UnsafePointer<UInt8>
  ) throws {
    switch operation {
    case .and: try map(plane, out, a, b) { $0 & $1 }
    case .or: try map(plane, out, a, b) { $0 | $1 }
    case .exclusiveOr: try map(plane, out, a, b) { $0 ^ $1 }
    }
  }

  /// Asks whether `|a - b| <= absolute + relative |b|`, in double; equal infinities are close, NaN to NaN alone where `equalNaN` says so.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func close<T: FloatElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<T>, _ b: UnsafePointer<T>, relative: Double,
    absolute: Double, equalNaN: Bool
  ) throws {
    try map(plane, out, a, b) { x, y in
      let (left, right) = (Double(x), Double(y))
      let near = (left - right).magnitude <= absolute + relative * right.magnitude
      let finite = left.magnitude < .infinity && right.magnitude < .infinity
      return left == right || (near && finite) || (equalNaN && x != x && y != y) ? 1 : 0
    }
  }
}
