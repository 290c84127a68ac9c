import Gradients
import Kernels
import Tensors

/// Where a backward pass adds the gradients of parameters: to the parameters' own.
class GradientSink {
  /// The one for all passes, since it keeps nothing.
  nonisolated(unsafe) static let own = GradientSink()

  /// The tensor to add the gradient of `parameter` to, with its layout; nil when none is wanted.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  func gradient(of parameter: Tensor) throws -> Tensor? {
    guard parameter.requiresGradient else { return nil }
    if let held = parameter.gradient {
      if held.strides == parameter.strides && held.dtype == parameter.dtype && held.shape == parameter.shape {
        held.storage.noteChange()
        return held
      }
      // somebody has put a gradient of another layout there
      let own = try Accumulation.zeros(like: parameter)
      try own.copy(from: held)
      parameter.gradient = own
      return own
    }
    let made = try Accumulation.zeros(like: parameter)
    parameter.gradient = made
    return made
  }

  /// The address of that tensor's memory.
  final func address<T: FloatElement>(of parameter: Tensor, _ type: T.Type = T.self) throws -> UnsafeMutablePointer<T>?
  {
    try gradient(of: parameter)?.pointer(T.self)
  }

  /// The tensor that takes the gradient of a Linear's weight, and whether it is added to what is there.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  func gradientOfProduct(_ weight: Tensor) throws -> (target: Tensor, adds: Bool)? {
    try gradient(of: weight).map { ($0, true) }
  }

  /// Adds float64 sums to the gradient of a vector.
  final func add<T: FloatElement>(_ sums: UnsafePointer<Double>, to parameter: Tensor?, _ type: T.Type) throws {
    guard let parameter, let target: UnsafeMutablePointer<T> = try address(of: parameter) else { return }
    AffineKernels.accumulate(sums: sums, into: target, count: parameter.count)
  }
}

/// Keeps the gradients apart from the parameters, for a pass that leaves the network as it was.
final class SeparateSink: GradientSink {
  private var made: [ObjectIdentifier: Tensor] = [:]

  override func gradient(of parameter: Tensor) throws -> Tensor? { try gradient(parameter, zeroed: true).target }

  // the first product writes every number
  override func gradientOfProduct(_ weight: Tensor) throws -> (target: Tensor, adds: Bool)? {
    try gradient(weight, zeroed: false)
  }

  private func gradient(_ parameter: Tensor, zeroed: Bool) throws -> (target: Tensor, adds: Bool) {
    if let held = made[ObjectIdentifier(parameter)] { return (held, true) }
    let gradient = try zeroed ? Accumulation.zeros(like: parameter) : Accumulation.room(like: parameter)
    made[ObjectIdentifier(parameter)] = gradient
    return (gradient, zeroed)
  }
}
