import Kernels
import Tensors

extension Differentiable {
  /// Moves elements to other places, some perhaps repeated or left out, by `move`, which depends on nothing but a tensor's shape.
  ///
  /// The backward moves the numbers of the elements the same way and adds each gradient where its element came from.
  ///
  /// - Throws: what `move` throws.
  public static func rearranged(
    _ operation: String, _ x: Tensor, by move: @escaping (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let (result, shape) = (try move(x), x.shape)
    return try Tape.record(operation, result, [x]) { [try collected($0.gradient, in: shape, by: move)] }
  }

  /// Adds the elements of a gradient to zeros of `shape` where `move` took them from.
  private static func collected(
    _ gradient: Tensor, in shape: Extents, by move: @escaping (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let count = shape.product
    let numbers = try count == 0 ? Tensor(.int64, shape) : Tensor.arange(integers: 0, Int64(count - 1)).reshape(shape)
    let origins = try move(numbers)
    let total = try zeros([count], gradient.dtype)
    try total.indexAdd(0, try origins.reshape([origins.count]), try gradient.reshape([gradient.count]))
    return try Tape.record("scatter_add", try total.reshape(shape), [gradient]) {
      [try rearranged("gather", $0.gradient, by: move)]
    }
  }

  /// Reverses dimensions; see `Tensor.flipped`.
  ///
  /// - Throws: as `Tensor.flipped`.
  public static func flipped(_ x: Tensor, _ dimensions: [Int]) throws -> Tensor {
    try Tape.record("flip", try x.flipped(dimensions), [x]) { [try flipped($0.gradient, dimensions)] }
  }

  /// Moves elements on along a dimension; see `Tensor.rolled`.
  ///
  /// - Throws: as `Tensor.rolled`.
  public static func rolled(_ x: Tensor, _ shift: Int, along dimension: Int) throws -> Tensor {
    let back = shift == Int.min ? Int.max : -shift
    return try Tape.record("roll", try x.rolled(shift, along: dimension), [x]) { step in
      let once = try rolled(step.gradient, back, along: dimension)
      return [shift == Int.min ? try rolled(once, 1, along: dimension) : once]
    }
  }

  /// Takes differences of neighbours; see `Tensor.differences`.
  ///
  /// - Throws: as `Tensor.differences`.
  public static func differences(_ x: Tensor, _ times: Int = 1, along dimension: Int) throws -> Tensor {
    let plain = try x.differences(times, along: dimension)
    guard Tape.records([x]), times > 0 else { return times == 0 ? try clone(x) : plain }
    var result = x
    for _ in 0..<Swift.min(times, x.shape[dimension]) {
      let extent = result.shape[dimension]
      let next = try narrow(result, dimension, Swift.min(1, extent), Swift.max(extent - 1, 0))
      result = try apply(.subtract, next, try narrow(result, dimension, 0, Swift.max(extent - 1, 0)))
    }
    return result
  }

  /// Views parts of a dimension of the given sizes; see `Tensor.split`.
  ///
  /// - Throws: as `Tensor.split`.
  public static func split(_ x: Tensor, _ sizes: [Int], along dimension: Int) throws -> [Tensor] {
    try narrowed(x, try x.split(sizes, along: dimension), dimension)
  }

  /// Views parts of one size; see `Tensor.split`.
  ///
  /// - Throws: as `Tensor.split`.
  public static func split(_ x: Tensor, _ size: Int, along dimension: Int) throws -> [Tensor] {
    try narrowed(x, try x.split(size, along: dimension), dimension)
  }

  /// Views at most `parts` parts; see `Tensor.chunked`.
  ///
  /// - Throws: as `Tensor.chunked`.
  public static func chunked(_ x: Tensor, _ parts: Int, along dimension: Int) throws -> [Tensor] {
    try narrowed(x, try x.chunked(parts, along: dimension), dimension)
  }

  private static func narrowed(_ x: Tensor, _ parts: [Tensor], _ dimension: Int) throws -> [Tensor] {
    var start = 0
    return try parts.map { part in
      defer { start += part.shape[dimension] }
      return try narrow(x, dimension, start, part.shape[dimension])
    }
  }

  /// Views the slices of a dimension; see `Tensor.unbound`.
  ///
  /// - Throws: as `Tensor.unbound`.
  public static func unbound(_ x: Tensor, along dimension: Int) throws -> [Tensor] {
    try x.unbound(along: dimension).indices.map { try select(x, dimension, $0) }
  }

  /// Gives several dimensions as one; see `Tensor.flattened`.
  ///
  /// - Throws: as `Tensor.flattened`.
  public static func flattened(_ x: Tensor, from first: Int, to last: Int) throws -> Tensor {
    try reshape(x, try x.flattenedShape(from: first, to: last))
  }

  /// Views one dimension as several; see `Tensor.unflattened`.
  ///
  /// - Throws: as `Tensor.unflattened`.
  public static func unflattened(_ x: Tensor, _ dimension: Int, _ extents: Extents) throws -> Tensor {
    try view("unflatten", x) { try $0.unflattened(dimension, extents) }
  }

  /// Views the tensor with dimensions moved; see `Tensor.movingDimensions`.
  ///
  /// - Throws: as `Tensor.movingDimensions`.
  public static func movingDimensions(_ x: Tensor, _ sources: [Int], to targets: [Int]) throws -> Tensor {
    try view("movedim", x) { try $0.movingDimensions(sources, to: targets) }
  }

  /// Spreads vectors over a grid; see `Tensor.grid`.
  ///
  /// - Throws: as `Tensor.grid`.
  public static func grid(_ vectors: [Tensor], columnsFirst: Bool = false) throws -> [Tensor] {
    let results = try Tensor.grid(vectors, columnsFirst: columnsFirst)
    return try zip(vectors.indices, results).map { place, result in
      let other = columnsFirst && vectors.count > 1 && place < 2 ? 1 - place : place
      let (count, shape, rank) = (vectors[place].count, vectors[place].shape, result.rank)
      return try Tape.record("meshgrid", result, [vectors[place]]) { step in
        let others = (0..<rank).filter { $0 != other }
        let total = others.isEmpty ? step.gradient : try reduced(.sum, step.gradient, along: others)
        return [try reshape(total, shape.count == 0 ? [] : [count])]
      }
    }
  }
}
