import RealModule

/// A floating-point element of a tensor: `Float` (float32) or `Double` (float64).
///
/// Kernels are generic over it and specialised for both with `@_specialize`, so that a caller in another
/// module reaches the specialised loop with one comparison of metadata.
public protocol FloatElement: Real, BinaryFloatingPoint, SIMDScalar, Codable, Sendable {
  /// The element type's name in the dtype enumeration.
  static var dtype: DType { get }
}

extension Float: FloatElement {
  /// float32.
  @inlinable public static var dtype: DType { .float32 }
}

extension Double: FloatElement {
  /// float64.
  @inlinable public static var dtype: DType { .float64 }
}
