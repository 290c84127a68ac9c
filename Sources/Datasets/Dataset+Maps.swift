import Kernels
import Tensors

extension Dataset {
  /// The same samples, whose batches go through one more function when they are cut.
  ///
  /// `inputs`, `targets` and single samples stay as they are stored. What the function returns is checked each time:
  /// finite float inputs `[rows, ...]` and as many targets; of a set of classes, int64 targets `[rows]` are classes.
  /// Batches throw `SelectionError.mapResult` and `DatasetError` in the name of `operation`, and what `map` throws.
  public func mapped(operation: String = "map", by map: @escaping Map) -> Dataset {
    let classes = classes
    let checked: Map = { inputs, targets in
      let result = try map(inputs, targets)
      try Dataset.check(result.inputs, result.targets, classes: classes, operation)
      return result
    }
    return Dataset(
      unchecked: name, inputs: inputs, targets: targets, labels: labels, featureNames: featureNames,
      maps: maps + [checked])
  }

  private static func check(_ inputs: Tensor, _ targets: Tensor, classes: Int, _ operation: String) throws {
    guard inputs.rank >= 2, inputs.dtype.isFloat, inputs.count > 0 else {
      throw SelectionError.mapResult(
        operation: operation, expected: "its function to return float inputs [rows, ...]",
        got: "\(inputs.dtype) \(inputs.shape)")
    }
    let rows = inputs.shape[0]
    guard targets.rank > 0, targets.shape[0] == rows else {
      throw SelectionError.mapResult(
        operation: operation, expected: "its function to return \(rows) targets for \(rows) inputs",
        got: "\(targets.shape)")
    }
    if let place = try NotFinite.first(try asMatrix(inputs)) {
      throw DatasetError.notFinite(
        operation: operation, value: place.text, sample: place.row, feature: place.column)
    }
    if let place = try NotFinite.first(try asMatrix(targets)) {
      throw DatasetError.targetNotFinite(operation: operation, value: place.text, sample: place.row)
    }
    if classes > 0, targets.rank == 1, targets.dtype == .int64 {
      _ = try TargetCheck(operation, .classes(classes), nil).check(targets, samples: rows, .float32)
    }
  }

  private static func asMatrix(_ tensor: Tensor) throws -> Tensor {
    guard tensor.rank > 2, tensor.count > 0 else { return tensor }
    return try tensor.reshape([tensor.shape[0], tensor.count / tensor.shape[0]])
  }

  /// How many samples each class has, class 1 first; empty for a set without classes.
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: classes)
    if classes > 0 { for index in 0..<count { counts[classOf(index) - 1] += 1 } }
    return counts
  }
}
