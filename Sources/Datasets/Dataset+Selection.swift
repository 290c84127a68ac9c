import Kernels
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Dataset {
  /// The samples at `indices`, in that order, copied; an index may come more than once.
  ///
  /// - Throws: `DatasetError.index` when there is no such sample; `DatasetError.inputs` for no indices at all;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public func subset(_ indices: [Int]) throws -> Dataset {
    guard !indices.isEmpty else {
      throw DatasetError.inputs(operation: "subset", dtype: inputs.dtype.name, shape: [0, features])
    }
    let (chosen, classesOfChosen) = try batch(indices[...])
    return Dataset(unchecked: name, inputs: chosen, targets: classesOfChosen, classes: classes)
  }

  /// Cuts the set in two, the first part holding `fraction` of the samples, rounded to the nearest whole number.
  ///
  /// Without `order` the samples stay as they are and both parts are views of this set. A set that is sorted by
  /// class needs an order, for instance `generator.permutation(count)`.
  ///
  /// - Throws: `DatasetError.fraction` when a part would be empty or `fraction` is not a number;
  ///   `DatasetError.index`; `TensorError.outOfMemory`; `Interrupted`.
  public func split(_ fraction: Double, order: [Int]? = nil) throws -> (first: Dataset, second: Dataset) {
    let total = order?.count ?? count
    guard fraction >= 0, fraction <= 1 else {
      throw DatasetError.fraction(operation: "split", fraction: fraction, count: total)
    }
    let cut = Int((fraction * Double(total)).rounded())
    guard cut > 0, cut < total else {
      throw DatasetError.fraction(operation: "split", fraction: fraction, count: total)
    }
    if let order { return (try subset(Array(order[..<cut])), try subset(Array(order[cut...]))) }
    return (view(0..<cut), view(cut..<total))
  }

  /// Copies the samples at `indices`: `inputs` is `[indices, features]`, `targets` is `[indices]`.
  ///
  /// - Throws: `DatasetError.index` when there is no such sample; `TensorError.outOfMemory`; `Interrupted`.
  public func batch(_ indices: ArraySlice<Int>) throws -> (inputs: Tensor, targets: Tensor) {
    let chosen = try Tensor(inputs.dtype, [indices.count, features], zeroed: false)
    let chosenTargets = try Tensor(.int64, [indices.count], zeroed: false)
    try copyBatch(indices, inputs: chosen, targets: chosenTargets)
    return (chosen, chosenTargets)
  }

  /// Copies the samples at `indices` to the first rows of tensors that the caller keeps from batch to batch.
  ///
  /// `inputs` must be contiguous, of the set's dtype, `[rows, features]` with at least as many rows as there are
  /// indices, and `targets` contiguous int64 `[rows]`; both are the caller's own and checked by a precondition.
  ///
  /// - Throws: `DatasetError.index` when there is no such sample; `Interrupted`.
  public func copyBatch(_ indices: ArraySlice<Int>, inputs target: Tensor, targets targetClasses: Tensor) throws {
    precondition(target.dtype == inputs.dtype && target.isContiguous && targetClasses.isContiguous)
    precondition(target.count >= indices.count * features && targetClasses.count >= indices.count)
    precondition(targetClasses.dtype == .int64)
    for index in indices { try checkIndex(index, "batch") }
    let output = targetClasses.pointer(Int64.self)
    for (row, index) in indices.enumerated() { output[row] = Int64(self.target(index)) }
    if let type = inputs.dtype.floatType { try copyRows(indices, to: target, type) }
  }

  private func copyRows<Element: FloatElement>(
    _ indices: ArraySlice<Int>, to target: Tensor, _ type: Element.Type
  ) throws {
    let (source, output) = (inputs.pointer(Element.self), target.pointer(Element.self))
    let (rowStride, columnStride, width) = (inputs.strides[0], inputs.strides[1], features)
    for (row, index) in indices.enumerated() {
      if row % 64 == 0 { try Interrupt.check() }
      let (from, to) = (source + index * rowStride, output + row * width)
      if columnStride == 1 {
        memcpy(to, from, width * MemoryLayout<Element>.size)
      } else {
        for column in 0..<width { to[column] = from[column * columnStride] }
      }
    }
  }

  private func view(_ rows: Range<Int>) -> Dataset {
    let chosen = Tensor(
      storage: inputs.storage, shape: [rows.count, features], strides: inputs.strides,
      offset: inputs.offset + rows.lowerBound * inputs.strides[0])
    let chosenTargets = Tensor(
      storage: targets.storage, shape: [rows.count], strides: targets.strides,
      offset: targets.offset + rows.lowerBound * targets.strides[0])
    return Dataset(unchecked: name, inputs: chosen, targets: chosenTargets, classes: classes)
  }
}
