import Kernels
import Tensors

extension Dataset {
  /// The samples at `indices`, in that order, copied; an index may come more than once.
  ///
  /// - Throws: `SelectionError.index` when there is no such sample; `SelectionError.empty` for no indices at all;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public func subset(_ indices: [Int], operation: String = "subset") throws -> Dataset {
    guard !indices.isEmpty else { throw SelectionError.empty(operation: operation) }
    let chosen = try stored(indices[...], operation)
    return with(inputs: chosen.inputs, targets: chosen.targets)
  }

  /// The first `count` samples, as views.
  ///
  /// - Throws: `SelectionError.take` when there aren't so many, or `count` is below 1.
  public func take(_ count: Int, operation: String = "take") throws -> Dataset {
    guard 1...self.count ~= count else {
      throw SelectionError.take(operation: operation, count: count, samples: self.count)
    }
    return try view(0..<count)
  }

  /// The samples in a drawn order, copied.
  ///
  /// - Throws: `TensorError.outOfMemory`; `Interrupted`.
  public func shuffled(by generator: Generator) throws -> Dataset {
    try subset(generator.permutation(count), operation: "shuffle")
  }

  /// A batch: the samples at `indices`, copied, through the maps.
  ///
  /// Without maps `inputs` is `[indices, features]`, and `targets` has as many rows.
  ///
  /// - Throws: `SelectionError.index` when there is no such sample; what a map throws; `TensorError.outOfMemory`;
  ///   `Interrupted`.
  public func batch(_ indices: ArraySlice<Int>) throws -> (inputs: Tensor, targets: Tensor) {
    var batch = try stored(indices, "batch")
    for map in maps { batch = try map(batch.inputs, batch.targets) }
    return batch
  }

  /// Copies the samples at `indices`, as they are stored, to the first rows of tensors that the caller keeps from batch
  /// to batch.
  ///
  /// Both must be contiguous, of the dtypes of the set's own inputs and targets, and as them but for at least as many
  /// rows as there are indices; they are the caller's own and checked by a precondition.
  ///
  /// - Throws: `SelectionError.index` when there is no such sample; `Interrupted`.
  public func copyBatch(_ indices: ArraySlice<Int>, inputs target: Tensor, targets targetTargets: Tensor) throws {
    precondition(target.dtype == inputs.dtype && target.isContiguous && targetTargets.isContiguous)
    precondition(target.count >= indices.count * features && targetTargets.dtype == targets.dtype)
    precondition(targetTargets.count >= indices.count * (targets.count / count))
    for index in indices { try checkIndex(index, "batch") }
    try Rows(inputs).copy(indices, to: target)
    try Rows(targets).copy(indices, to: targetTargets)
  }

  /// Copies the samples at `indices` as they are stored.
  private func stored(
    _ indices: ArraySlice<Int>, _ operation: String
  ) throws -> (inputs: Tensor, targets: Tensor) {
    for index in indices { try checkIndex(index, operation) }
    return (try Rows(inputs).copied(indices), try Rows(targets).copied(indices))
  }

  /// Consecutive samples as views.
  func view(_ rows: Range<Int>) throws -> Dataset {
    with(
      inputs: try inputs.narrow(0, rows.lowerBound, rows.count),
      targets: try targets.narrow(0, rows.lowerBound, rows.count))
  }
}

/// The rows of a vector or matrix of any dtype, to be copied by index.
private struct Rows {
  private let tensor: Tensor
  private let width: Int

  init(_ tensor: Tensor) {
    self.tensor = tensor
    width = tensor.rank == 1 ? 1 : tensor.shape[1]
  }

  /// The rows at indices that exist, in a tensor of their own.
  func copied(_ indices: ArraySlice<Int>) throws -> Tensor {
    var shape = tensor.shape
    shape[0] = indices.count
    let result = try Tensor(tensor.dtype, shape, zeroed: false)
    try copy(indices, to: result)
    return result
  }

  /// Copies the rows at indices that exist to the first ones of a contiguous tensor of the same dtype.
  func copy(_ indices: ArraySlice<Int>, to target: Tensor) throws {
    let size = tensor.dtype.size
    let rowStride = tensor.strides[0] * size
    let columnStride = tensor.rank == 1 ? 1 : tensor.strides[1]
    var output = target.address
    for (row, index) in indices.enumerated() {
      if row % 64 == 0 { try Interrupt.check() }
      let source = tensor.address + index * rowStride
      if columnStride == 1 {
        output.copyMemory(from: source, byteCount: width * size)
      } else {
        for column in 0..<width {
          (output + column * size).copyMemory(from: source + column * columnStride * size, byteCount: size)
        }
      }
      output += width * size
    }
  }
}
