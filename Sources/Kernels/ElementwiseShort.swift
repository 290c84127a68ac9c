import KernelBase

extension Elementwise {
  /// How many elements `short` is for.
  public static let shortCount = 64

  /// Computes one of the four operations of arithmetic on a few numbers that lie one after another; false for any other operation.
  ///
  /// `aStep` and `bStep` are 1, or 0 for an operand that is one number. Ten elements take less than the call of a kernel for planes.
  @inlinable
  @inline(__always)
  public static func short<T: FloatElement>(
    _ operation: BinaryOperation, _ count: Int, _ out: UnsafeMutablePointer<T>, _ a: UnsafePointer<T>, _ aStep: Int,
    _ b: UnsafePointer<T>, _ bStep: Int
  ) -> Bool {
    switch operation {
    case .add: for index in 0..<count { out[index] = a[index &* aStep] + b[index &* bStep] }
    case .subtract: for index in 0..<count { out[index] = a[index &* aStep] - b[index &* bStep] }
    case .multiply: for index in 0..<count { out[index] = a[index &* aStep] * b[index &* bStep] }
    case .divide: for index in 0..<count { out[index] = a[index &* aStep] / b[index &* bStep] }
    default: return false
    }
    return true
  }
}
