import Kernels
import Tensors

/// What each feature is shifted and divided by: `mean` and `std` are `[features]`.
///
/// `normalised` is `(x - mean) / std`, in double and rounded once. Fitted on the training part alone and applied to
/// every part, it lets nothing of the test data leak into training.
public struct FeatureScale {
  /// The means, float32 or float64.
  public let mean: Tensor
  /// The divisors, finite and above 0.
  public let std: Tensor

  /// Takes means and divisors that somebody has stored.
  ///
  /// - Throws: `DatasetError.scale` unless both are finite float vectors of one length and `std` is above 0.
  public init(mean: Tensor, std: Tensor, operation: String = "normalize") throws {
    for (name, tensor) in [("mean", mean), ("std", std)] {
      guard tensor.rank == 1, tensor.count > 0, tensor.dtype.isFloat else {
        throw DatasetError.scale(
          operation: operation, expected: "a float vector as \(name)", got: "\(tensor.dtype) \(tensor.shape)")
      }
    }
    guard mean.count == std.count else {
      throw DatasetError.scale(
        operation: operation, expected: "as many std as the \(mean.count) means", got: "\(std.count)")
    }
    for (index, value) in try mean.doubles().enumerated() where !value.isFinite {
      throw DatasetError.scale(
        operation: operation, expected: "finite means",
        got: "\(value.isNaN ? "nan" : "\(value)") for feature \(index + 1)")
    }
    for (index, value) in try std.doubles().enumerated() where !(value > 0 && value.isFinite) {
      throw DatasetError.scale(
        operation: operation, expected: "finite std above 0",
        got: "\(value.isNaN ? "nan" : "\(value)") for feature \(index + 1)")
    }
    self.init(uncheckedMean: mean, std: std)
  }

  private init(uncheckedMean mean: Tensor, std: Tensor) {
    self.mean = mean
    self.std = std
  }

  /// Measures a set: the mean of each feature and its population standard deviation (divided by n).
  ///
  /// Sums are taken in double, in two passes, and rounded to the inputs' dtype. The divisor is 1 for a constant
  /// feature, and where the dtype can't tell the standard deviation from 0.
  ///
  /// - Throws: `TensorError.outOfMemory`; `Interrupted`.
  public init(fitting dataset: Dataset) throws {
    let (inputs, features) = (dataset.inputs, dataset.features)
    let dtype = inputs.dtype
    var low = [Double](repeating: .infinity, count: features)
    var high = [Double](repeating: -.infinity, count: features)
    try FeatureScale.walk(inputs) { column, value in
      low[column] = min(low[column], value)
      high[column] = max(high[column], value)
    }
    // Shares of the extent, so that neither sums nor squares overflow or vanish.
    let extent = zip(low, high).map { max($1 / 2 - $0 / 2, .leastNonzeroMagnitude) }
    var sums = [Double](repeating: 0, count: features)
    try FeatureScale.walk(inputs) { sums[$0] += ($1 / 2 - low[$0] / 2) / extent[$0] }
    let means = sums.map { $0 / Double(dataset.count) }
    var squares = [Double](repeating: 0, count: features)
    try FeatureScale.walk(inputs) { column, value in
      let distance = (value / 2 - low[column] / 2) / extent[column] - means[column]
      squares[column] += distance * distance
    }
    mean = try Tensor(dtype, [features], zeroed: false)
    std = try Tensor(dtype, [features], zeroed: false)
    for column in 0..<features {
      let constant = low[column] == high[column]
      mean.store(constant ? low[column] : low[column] + 2 * means[column] * extent[column], at: column)
      std.store(2 * (squares[column] / Double(dataset.count)).squareRoot() * extent[column], at: column)
      let found = std.load(at: column)
      if constant || !(found > 0 && found.isFinite) { std.store(1.0, at: column) }
    }
  }

  /// Calls `body` with the column and the value of each element, row by row.
  private static func walk(_ matrix: Tensor, _ body: (Int, Double) -> Void) throws {
    let (rowStride, columnStride) = (matrix.strides[0], matrix.strides[1])
    for row in 0..<matrix.shape[0] {
      if row % 64 == 0 { try Interrupt.check() }
      var position = matrix.offset + row * rowStride
      for column in 0..<matrix.shape[1] {
        body(column, matrix.load(at: position))
        position += columnStride
      }
    }
  }

  /// Which way to go.
  private enum Direction {
    case apply
    case invert
  }

  /// The set with `(x - mean) / std` for each feature; the targets are shared.
  ///
  /// - Throws: `DatasetError.scale` for another number of features; `SelectionError.mapped` for a set with maps, which
  ///   would see normalised batches; `DatasetError.notFinite` for numbers that overflow; `TensorError.outOfMemory`;
  ///   `Interrupted`.
  public func normalised(_ dataset: Dataset, operation: String = "normalize") throws -> Dataset {
    try moved(dataset, .apply, operation)
  }

  /// The set with `x * std + mean` for each feature: what `normalised` was made of, but for rounding.
  ///
  /// - Throws: as `normalised`.
  public func restored(_ dataset: Dataset, operation: String = "denormalize") throws -> Dataset {
    try moved(dataset, .invert, operation)
  }

  private func moved(_ dataset: Dataset, _ direction: Direction, _ operation: String) throws -> Dataset {
    guard dataset.maps.isEmpty else { throw SelectionError.mapped(operation: operation) }
    guard dataset.features == mean.count else {
      throw DatasetError.scale(
        operation: operation, expected: "a mean and a std for each of the \(dataset.features) features",
        got: "\(mean.count)")
    }
    let (means, stds) = (try mean.doubles(), try std.doubles())
    let result = try Tensor(dataset.inputs.dtype, dataset.inputs.shape, zeroed: false)
    var position = 0
    try FeatureScale.walk(dataset.inputs) { column, value in
      let moved = direction == .apply ? (value - means[column]) / stds[column] : value * stds[column] + means[column]
      result.store(moved, at: position)
      position += 1
    }
    if let place = try NotFinite.first(result) {
      throw DatasetError.notFinite(
        operation: operation, value: place.text, sample: place.row, feature: place.column)
    }
    return dataset.with(inputs: result, targets: dataset.targets)
  }
}
