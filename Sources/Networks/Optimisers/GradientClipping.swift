import Kernels
import RealModule
import Tensors

/// Limits to gradients, between backward and step.
public enum GradientClipping {
  /// Scales all gradients together so that their norm is at most `limit`; answers the norm before.
  ///
  /// The norm is that of all gradients as one vector: `(sum |g|^p)^(1/p)`, or the greatest `|g|` for an infinite `p`, summed in
  /// double. The factor is `limit / (norm + 1e-6)`, at most 1, as PyTorch's `clip_grad_norm_` has it. As there with
  /// `error_if_nonfinite=False`, an infinite norm makes finite gradients 0 and infinite ones NaN, and a norm of NaN makes all NaN.
  ///
  /// - Throws: `NetworkError` for a limit below 0 or NaN and a `p` not above 0; `TensorError` for gradients that can't be written.
  public static func clipNorm(_ tensors: [Tensor], to limit: Double, power: Double = 2) throws -> Double {
    guard limit >= 0 else { throw NetworkError.expected("nn.clip_grad_norm", "a norm of 0 or more", "\(limit)") }
    guard power > 0 else { throw NetworkError.expected("nn.clip_grad_norm", "norm_type above 0", "\(power)") }
    let gradients = GradientClipping.gradients(of: tensors)
    let norm = try norm(gradients, power)
    // an infinite limit measures only
    let factor = limit.isInfinite ? 1 : limit / (norm + 1e-6)
    if factor >= 1 { return norm }
    for gradient in gradients {
      try change(gradient, "nn.clip_grad_norm") { part in
        if part.dtype == .float32 {
          GradientKernels.scale(part.pointer(Float.self), by: factor, count: part.count)
        } else {
          GradientKernels.scale(part.pointer(Double.self), by: factor, count: part.count)
        }
      }
    }
    return norm
  }

  /// Brings every number of the gradients into `-limit...limit`; NaN stays.
  ///
  /// - Throws: `NetworkError` for a limit below 0 or NaN; `TensorError` for gradients that can't be written.
  public static func clipValue(_ tensors: [Tensor], to limit: Double) throws {
    guard limit >= 0 else { throw NetworkError.expected("nn.clip_grad_value", "a value of 0 or more", "\(limit)") }
    for gradient in gradients(of: tensors) {
      try change(gradient, "nn.clip_grad_value") { part in
        if part.dtype == .float32 {
          GradientKernels.clamp(part.pointer(Float.self), to: limit, count: part.count)
        } else {
          GradientKernels.clamp(part.pointer(Double.self), to: limit, count: part.count)
        }
      }
    }
  }

  /// The gradients that there are, each once.
  private static func gradients(of tensors: [Tensor]) -> [Tensor] {
    var seen: Set<ObjectIdentifier> = []
    return tensors.compactMap { tensor in
      guard let gradient = tensor.gradient, gradient.dtype.isFloat,
        seen.insert(ObjectIdentifier(gradient)).inserted
      else { return nil }
      return gradient
    }
  }

  private static func norm(_ gradients: [Tensor], _ power: Double) throws -> Double {
    var sum = 0.0
    for gradient in gradients {
      let part = try gradient.contiguous()
      if part.dtype == .float32 {
        add(UnsafePointer(part.pointer(Float.self)), part.count, power, &sum)
      } else {
        add(UnsafePointer(part.pointer(Double.self)), part.count, power, &sum)
      }
    }
    if power.isInfinite { return sum }
    return power == 2 ? sum.squareRoot() : power == 1 ? sum : Double.pow(sum, 1 / power)
  }

  private static func add<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int, _ power: Double, _ sum: inout Double) {
    if power.isInfinite {
      sum = GradientKernels.largest(x, atLeast: sum, count: count)
    } else {
      GradientKernels.addPowers(x, power: power, to: &sum, count: count)
    }
  }

  /// Changes a gradient in place, one without a gap directly.
  private static func change(_ gradient: Tensor, _ who: String, _ body: (Tensor) -> Void) throws {
    try gradient.requireWritable(who)
    if gradient.isContiguous { return body(gradient) }
    let part = try gradient.clone()
    body(part)
    try gradient.copy(from: part)
  }
}
