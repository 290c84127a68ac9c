import Kernels
import Tensors

// A view shares memory with its base. Where the tape has recorded a change in place, of the base or of one of its views,
// every view's history is that of the base as it is now, seen through the view.

/// The way of views through recorded changes in place.
enum Views {
  /// Makes `view` a view of what `tensor` is a view of.
  static func link(_ view: Tensor, to tensor: Tensor) {
    guard view !== tensor else { return }
    follow(tensor)
    let base = tensor.base ?? tensor
    view.base = base
    view.changesRecorded = base.changesRecorded
  }

  /// Brings a view's history up to date with the changes in place that were recorded since it was made.
  static func follow(_ view: Tensor) {
    guard let base = view.base, base.changesRecorded != view.changesRecorded else { return }
    view.changesRecorded = base.changesRecorded
    view.requiresGradient = base.requiresGradient
    view.producer = nil
    guard base.requiresGradient, let region = Region(of: view, in: base) else { return }
    view.producer = FunctionNode("view", view, [base], []) { [try region.embed($0.gradient)] }
  }
}

/// Where the elements of a view lie among those of its base.
struct Region {
  private let baseShape: Extents
  private let baseStrides: Extents
  private let span: Int
  private let shape: Extents
  private let strides: Extents
  private let start: Int

  /// Finds the view's place; nil when the base begins behind it, which no view of ours does.
  init?(of view: Tensor, in base: Tensor) {
    guard view.offset >= base.offset else { return nil }
    baseShape = base.shape
    baseStrides = base.strides
    var last = 0
    for dimension in 0..<base.rank { last += Swift.max(base.shape[dimension] - 1, 0) * base.strides[dimension] }
    span = base.count == 0 ? 0 : last + 1
    shape = view.shape
    strides = view.strides
    start = view.count == 0 ? 0 : view.offset - base.offset
  }

  /// Memory laid out as the base's, all 0.
  private func field(_ dtype: DType) throws -> Tensor {
    Tensor(storage: try Storage(dtype, count: span), shape: baseShape, strides: baseStrides)
  }

  private func part(of field: Tensor) -> Tensor {
    Tensor(storage: field.storage, shape: shape, strides: strides, offset: start)
  }

  /// A gradient of the view's shape as one of the base's, 0 elsewhere; repeated elements add up.
  func embed(_ gradient: Tensor) throws -> Tensor {
    let repeated = shape.indices.filter { strides[$0] == 0 && shape[$0] > 1 }
    let values = repeated.isEmpty ? gradient : try gradient.reduced(.sum, along: repeated, keepDimensions: true)
    let field = try field(gradient.dtype)
    var narrow = part(of: field)
    for dimension in repeated { narrow = try narrow.narrow(dimension, 0, 1) }
    try narrow.copy(from: values)
    return try Tape.record("view", field, [gradient]) { [try extract($0.gradient)] }
  }

  /// The part of a tensor of the base's shape that the view shows.
  func extract(_ tensor: Tensor) throws -> Tensor {
    let field = try field(tensor.dtype)
    try field.copy(from: tensor)
    return try Tape.record("view", try part(of: field).clone(), [tensor]) { [try embed($0.gradient)] }
  }

  /// A tensor of the base's shape with 0 where the view is.
  func cleared(_ tensor: Tensor) throws -> Tensor {
    let field = try field(tensor.dtype)
    try field.copy(from: tensor)
    try part(of: field).fill(Scalar.number(0))
    return try Tape.record("view", field, [tensor]) { [try cleared($0.gradient)] }
  }
}
