import Kernels

/// A number as Lua has it: an integer or a float.
public enum Scalar: Hashable, Sendable {
  /// A float.
  case number(Double)
  /// An integer, exact beyond 2^53.
  case integer(Int64)

  /// The value as a double, rounded when an integer has more than 53 bits.
  public var double: Double {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    }
  }

  /// Whether it is an integer, which leaves int64 tensors int64.
  public var isInteger: Bool {
    if case .integer = self { true } else { false }
  }

  /// The value as an integer.
  ///
  /// - Throws: `TensorError` in the name of `operation` when it isn't a whole number that int64 can hold.
  public func integer(for operation: String) throws -> Int64 {
    switch self {
    case .integer(let value): return value
    case .number(let value):
      guard let whole = Int64(exactly: value) else {
        throw TensorError.expected(operation: operation, expected: "a whole number for dtype int64", got: "\(value)")
      }
      return whole
    }
  }
}

extension Scalar: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Makes a float from a literal with a point.
  public init(floatLiteral value: Double) { self = .number(value) }

  /// Makes an integer from a literal without one.
  public init(integerLiteral value: Int64) { self = .integer(value) }

  /// The number in decimal.
  public var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .integer(let value): "\(value)"
    }
  }
}
