import Kernels
import Tensors

extension Differentiable {
  /// Views part of a tensor, or all of it in another arrangement, by `look`, which depends on nothing but a tensor's shape.
  ///
  /// - Throws: what `look` throws.
  public static func view(
    _ operation: String, _ x: Tensor, by look: @escaping (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let shape = x.shape
    return try view(operation, x, try look(x)) { [try embed($0.gradient, in: shape, by: look)] }
  }

  /// Puts a gradient where `look` sees it in zeros of `shape`.
  private static func embed(
    _ gradient: Tensor, in shape: Extents, by look: @escaping (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let whole = try zeros(shape, gradient.dtype)
    try look(whole).copy(from: gradient)
    return try Tape.record("view", whole, [gradient]) { [try view("view", $0.gradient, by: look)] }
  }

  /// Links a view to its base and records it, with a rule of its own.
  private static func view(
    _ operation: String, _ x: Tensor, _ result: Tensor, _ rule: @escaping BackwardRule
  ) throws -> Tensor {
    guard result !== x else { return x }
    if result.storage === x.storage { Views.link(result, to: x) }
    return try Tape.record(operation, result, [x], rule)
  }

  /// Views the slice at `index` of a dimension; see `Tensor.select`.
  ///
  /// - Throws: as `Tensor.select`.
  public static func select(_ x: Tensor, _ dimension: Int, _ index: Int) throws -> Tensor {
    try view("select", x) { try $0.select(dimension, index) }
  }

  /// Views a range of a dimension; see `Tensor.narrow`.
  ///
  /// - Throws: as `Tensor.narrow`.
  public static func narrow(_ x: Tensor, _ dimension: Int, _ start: Int, _ length: Int) throws -> Tensor {
    try view("narrow", x) { try $0.narrow(dimension, start, length) }
  }

  /// Exchanges two dimensions; see `Tensor.transpose`.
  ///
  /// - Throws: as `Tensor.transpose`.
  public static func transpose(_ x: Tensor, _ first: Int, _ second: Int) throws -> Tensor {
    try view("transpose", x, try x.transpose(first, second)) { [try transpose($0.gradient, first, second)] }
  }

  /// Transposes a matrix; see `Tensor.transposed`.
  ///
  /// - Throws: as `Tensor.transposed`.
  public static func transposed(_ x: Tensor) throws -> Tensor {
    x.rank == 2 ? try transpose(x, 0, 1) : try x.transposed()
  }

  /// Reorders the dimensions; see `Tensor.permute`.
  ///
  /// - Throws: as `Tensor.permute`.
  public static func permute(_ x: Tensor, _ order: [Int]) throws -> Tensor {
    let result = try x.permute(order)
    var back = order
    for (place, dimension) in order.enumerated() { back[dimension] = place }
    return try view("permute", x, result) { [back] in [try permute($0.gradient, back)] }
  }

  /// Drops dimensions of extent 1; see `Tensor.squeeze`.
  ///
  /// - Throws: as `Tensor.squeeze`.
  public static func squeeze(_ x: Tensor, _ dimension: Int? = nil) throws -> Tensor {
    let shape = x.shape
    return try view("squeeze", x, try x.squeeze(dimension)) { [try reshape($0.gradient, shape)] }
  }

  /// Adds a dimension of extent 1; see `Tensor.unsqueeze`.
  ///
  /// - Throws: as `Tensor.unsqueeze`.
  public static func unsqueeze(_ x: Tensor, _ dimension: Int) throws -> Tensor {
    let shape = x.shape
    return try view("unsqueeze", x, try x.unsqueeze(dimension)) { [try reshape($0.gradient, shape)] }
  }

  /// Repeats extents of 1; see `Tensor.broadcast`.
  ///
  /// - Throws: as `Tensor.broadcast`.
  public static func expand(_ x: Tensor, to shape: Extents) throws -> Tensor {
    let origin = x.shape
    return try view("expand", x, try x.broadcast(to: shape)) { [try sum($0.gradient, to: origin)] }
  }

  /// Gives the elements other extents without copying; see `Tensor.view`.
  ///
  /// - Throws: as `Tensor.view`.
  public static func view(_ x: Tensor, _ shape: Extents) throws -> Tensor {
    let origin = x.shape
    return try view("view", x, try x.view(shape)) { [try reshape($0.gradient, origin)] }
  }

  /// Gives the elements other extents; see `Tensor.reshape`.
  ///
  /// - Throws: as `Tensor.reshape`.
  public static func reshape(_ x: Tensor, _ shape: Extents) throws -> Tensor {
    let origin = x.shape
    return try view("reshape", x, try x.reshape(shape)) { [try reshape($0.gradient, origin)] }
  }
}
