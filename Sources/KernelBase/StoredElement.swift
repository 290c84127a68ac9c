/// An element as tensors store it: `Float`, `Double`, `Int64`, and `UInt8` for masks.
public protocol StoredElement: SIMDScalar, Numeric, Comparable, Hashable, Codable, Sendable {
  /// The dtype that is stored so.
  static var storedDType: DType { get }
  /// Whether elements are whole numbers.
  static var isWhole: Bool { get }
  /// The value as a double, rounded when an integer has more than 53 bits.
  var asDouble: Double { get }
  /// The value as an integer, truncated towards 0; the caller has checked that it is within range.
  var asInteger: Int64 { get }
  /// Converts a double, rounded to nearest or truncated towards 0; the caller has checked that it is within range.
  init(fromDouble value: Double)
  /// Converts an integer.
  init(fromInteger value: Int64)
}

extension StoredElement {
  /// Converts between elements as `Tensor.to` does: masks are 1 where the source isn't 0, integers truncate towards 0.
  @inlinable
  @inline(__always)
  public init<Source: StoredElement>(converting source: Source) {
    if Self.self == UInt8.self {
      self = source != 0 ? 1 : 0
    } else if Source.isWhole {
      self.init(fromInteger: source.asInteger)
    } else if Self.isWhole {
      self.init(fromInteger: source.asInteger)
    } else {
      self.init(fromDouble: source.asDouble)
    }
  }
}

extension Float: StoredElement {
  /// float32.
  @inlinable public static var storedDType: DType { .float32 }
  /// Not whole.
  @inlinable public static var isWhole: Bool { false }
  /// The same value.
  @inlinable public var asDouble: Double { Double(self) }
  /// The value truncated towards 0.
  @inlinable public var asInteger: Int64 { Int64(self) }
  /// Rounds to nearest.
  @inlinable public init(fromDouble value: Double) { self.init(value) }
  /// Rounds to nearest.
  @inlinable public init(fromInteger value: Int64) { self.init(value) }
}

extension Double: StoredElement {
  /// float64.
  @inlinable public static var storedDType: DType { .float64 }
  /// Not whole.
  @inlinable public static var isWhole: Bool { false }
  /// The value itself.
  @inlinable public var asDouble: Double { self }
  /// The value truncated towards 0.
  @inlinable public var asInteger: Int64 { Int64(self) }
  /// The value itself.
  @inlinable public init(fromDouble value: Double) { self = value }
  /// Rounds to nearest.
  @inlinable public init(fromInteger value: Int64) { self.init(value) }
}

extension Int64: StoredElement {
  /// int64.
  @inlinable public static var storedDType: DType { .int64 }
  /// Whole.
  @inlinable public static var isWhole: Bool { true }
  /// Rounded to nearest.
  @inlinable public var asDouble: Double { Double(self) }
  /// The value itself.
  @inlinable public var asInteger: Int64 { self }
  /// Truncates towards 0.
  @inlinable public init(fromDouble value: Double) { self.init(value) }
  /// The value itself.
  @inlinable public init(fromInteger value: Int64) { self = value }
}

extension UInt8: StoredElement {
  /// bool.
  @inlinable public static var storedDType: DType { .bool }
  /// Whole.
  @inlinable public static var isWhole: Bool { true }
  /// 0 or 1.
  @inlinable public var asDouble: Double { Double(self) }
  /// 0 or 1.
  @inlinable public var asInteger: Int64 { Int64(self) }
  /// 1 for anything but 0.
  @inlinable public init(fromDouble value: Double) { self = value != 0 ? 1 : 0 }
  /// 1 for anything but 0.
  @inlinable public init(fromInteger value: Int64) { self = value != 0 ? 1 : 0 }
}

extension DType {
  /// The Swift type of stored elements, to open a generic function with.
  public var elementType: any StoredElement.Type {
    switch self {
    case .float32: Float.self
    case .float64: Double.self
    case .int64: Int64.self
    case .bool: UInt8.self
    }
  }
}
