/// The element types of a tensor.
public enum DType: UInt8, CaseIterable, Sendable {
  /// 32-bit IEEE 754 floating point.
  case float32
  /// 64-bit IEEE 754 floating point.
  case float64
  /// 64-bit signed integers: indices, classes, `argmax`, `randint`.
  case int64
  /// Masks: one byte an element, 0 or 1.
  case bool

  /// The size of one element in bytes.
  public var size: Int {
    switch self {
    case .float32: 4
    case .float64, .int64: 8
    case .bool: 1
    }
  }

  /// The name a user types, for example `float32`.
  public var name: String { "\(self)" }

  /// Whether elements are floating-point numbers.
  public var isFloat: Bool { self == .float32 || self == .float64 }

  /// The Swift type of a floating-point dtype, nil for the others.
  ///
  /// Pass it to a generic function to open it: `if let type = dtype.floatType { run(type) }`.
  public var floatType: (any FloatElement.Type)? {
    switch self {
    case .float32: Float.self
    case .float64: Double.self
    case .int64, .bool: nil
    }
  }

  /// Finds a dtype by the name a user types, nil when there is none.
  public init?(name: String) {
    guard let match = DType.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }
}
