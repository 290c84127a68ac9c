import Kernels
import Tensors

/// A change of some elements of a tensor: what is written where.
public struct Placement {
  let operation: String
  /// What is written: a number, or a tensor that broadcasts to what `pick` gives.
  let value: Operand
  /// Whether it is added to what is there.
  let accumulates: Bool
  /// Writes a value into a tensor.
  let place: (Tensor, Operand) throws -> Void
  /// Copies the elements of a tensor that `place` writes.
  let pick: (Tensor) throws -> Tensor

  /// Describes a change; `place` and `pick` depend on nothing but the shape of the tensor they are given.
  public init(
    _ operation: String, _ value: Operand, accumulates: Bool = false,
    place: @escaping (Tensor, Operand) throws -> Void, pick: @escaping (Tensor) throws -> Tensor
  ) {
    self.operation = operation
    self.value = value
    self.accumulates = accumulates
    self.place = place
    self.pick = pick
  }

  fileprivate var tensor: Tensor? {
    if case .tensor(let tensor) = value { tensor } else { nil }
  }

  /// The same places with 0.
  fileprivate var cleared: Placement { Placement(operation, .scalar(0), place: place, pick: pick) }
}

extension Differentiable {
  /// Copies a tensor with a change.
  ///
  /// What is overwritten gets no gradient; the value gets that of its places, also where one overwrites another.
  ///
  /// - Throws: what the placement throws.
  public static func placed(_ x: Tensor, _ placement: Placement) throws -> Tensor {
    let result = try x.clone()
    try placement.place(result, placement.value)
    let value = placement.tensor.map { (shape: $0.shape, dtype: $0.dtype) }
    let (accumulates, cleared, pick) = (placement.accumulates, placement.cleared, placement.pick)
    return try Tape.record(placement.operation, result, [x] + (placement.tensor.map { [$0] } ?? [])) { step in
      let ofX = step.wants(0) ? (accumulates ? step.gradient : try placed(step.gradient, cleared)) : nil
      guard let value, step.wants(1) else { return [ofX, nil] }
      let picked = try rearranged("gather", step.gradient, by: pick)
      return [ofX, try reduce(picked, to: value.shape, value.dtype)]
    }
  }

  /// Changes a tensor in place.
  ///
  /// - Throws: what the placement throws, and `GradientError.leafChange`.
  public static func place(_ placement: Placement, in target: Tensor) throws {
    try InPlace.change(placement.operation, target, with: placement.tensor.map { [$0] } ?? []) {
      try placement.place(target, placement.value)
    } recorded: {
      try placed($0, placement)
    }
  }
}
