import Kernels
import Networks
import OrderedCollections
import Tensors
import TestSupport
import Testing

/// Makes a contiguous tensor from numbers.
func tensor(_ numbers: [Double], _ shape: Extents, _ dtype: DType = .float64) throws -> Tensor {
  let wide = try Tensor(.float64, shape)
  for (index, number) in numbers.enumerated() { wide.pointer(Double.self)[index] = number }
  return try wide.to(dtype)
}

/// The numbers of a tensor in row-major order of its shape.
func numbers(_ tensor: Tensor) throws -> [Double] {
  let wide = try tensor.to(.float64).contiguous()
  return withExtendedLifetime(wide) { (0..<wide.count).map { wide.pointer(Double.self)[$0] } }
}

/// Standard normal numbers of a seed.
func randomTensor(_ shape: Extents, seed: UInt64, _ dtype: DType = .float64) throws -> Tensor {
  let tensor = try Tensor(dtype, shape)
  try Generator(seed: seed).fillNormal(tensor)
  return tensor
}

/// Fails unless two lists agree within `relative` of the largest expected number: what a tensor's rounding errors scale with.
func assertNear(
  _ actual: [Double], _ expected: [Double], relative: Double, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let largest = expected.map(abs).max() ?? 0
  assertClose(
    actual, expected, relative: relative, absolute: relative * largest, what, sourceLocation: sourceLocation)
}

/// The product of row-major `a` `[rows, inner]` and `b` `[inner, columns]`, or `[columns, inner]` where `b` is transposed.
func product(_ a: [Double], _ b: [Double], inner: Int, columns: Int, transposed: Bool) -> [Double] {
  let rows = a.count / inner
  var result = Array(repeating: 0.0, count: rows * columns)
  for row in 0..<rows {
    for column in 0..<columns {
      for k in 0..<inner {
        result[row * columns + column] += a[row * inner + k] * b[transposed ? column * inner + k : k * columns + column]
      }
    }
  }
  return result
}

/// The numbers of a parameter's gradient.
func gradient(_ net: Network, _ name: String) throws -> [Double] {
  let tensor = try #require(net.parameters[name]?.gradient, "\(name)")
  return try numbers(tensor)
}

/// The numbers of a tensor of the state.
func state(_ net: Network, _ name: String) throws -> [Double] {
  let tensor = try #require(net.state[name], "\(name)")
  return try numbers(tensor)
}
