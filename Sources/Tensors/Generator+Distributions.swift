import Kernels

extension Generator {
  /// Fills a float tensor with exponential numbers, `-log(u) / rate` with `u` an odd multiple of 2^-53 in (0, 1): of mean `1 / rate`.
  ///
  /// - Throws: `TensorError` for other dtypes, a rate that is not finite or not above 0, and expanded views.
  public func fillExponential(_ tensor: Tensor, rate: Double = 1, operation: String = "exponential") throws {
    guard rate > 0, rate.isFinite else {
      throw TensorError.expected(operation: operation, expected: "a finite rate above 0", got: Generator.shown(rate))
    }
    try fill(tensor, operation) { try self.exponential($0, $1, rate) }
  }

  private func exponential<T: FloatElement>(_ target: Tensor, _ type: T.Type, _ rate: Double) throws {
    try Philox.fillExponential(
      target.pointer(T.self), count: target.count, key: state.key, counter: state.counter, rate: rate)
  }

  /// Fills a float tensor with normal numbers cut off at two bounds: the inverse distribution function of a number in (0, 1).
  ///
  /// `mean` and `std` are those before the cut. The bounds may be infinite and lie anywhere, in the tails too: numbers keep
  /// their relative precision there. In the tensor's dtype no number lies outside of the bounds, unless none lies between.
  ///
  /// - Throws: `TensorError` for other dtypes, bounds not in order, a `std` that is not finite or not above 0, a `mean` that is not finite,
  ///   bounds that are infinitely many `std` away on one side, and expanded views.
  public func fillTruncatedNormal(
    _ tensor: Tensor, mean: Double = 0, std: Double = 1, low: Double, high: Double,
    operation: String = "truncated_normal"
  ) throws {
    guard mean.isFinite, std.isFinite, std > 0 else {
      throw TensorError.expected(
        operation: operation, expected: "a finite mean and a finite std above 0",
        got: "\(Generator.shown(mean)) and \(Generator.shown(std))")
    }
    guard low < high else {
      throw TensorError.expected(
        operation: operation, expected: "bounds in order", got: "\(Generator.shown(low)) and \(Generator.shown(high))")
    }
    guard (low - mean) / std < .infinity, (high - mean) / std > -.infinity else {
      throw TensorError.expected(
        operation: operation, expected: "bounds within reach of the mean",
        got: "\(low) and \(high) for mean \(mean) and std \(std)")
    }
    let distribution = TruncatedNormal(mean: mean, std: std, lower: low, upper: high)
    try fill(tensor, operation) { try self.truncated($0, $1, distribution, low, high) }
  }

  private func truncated<T: FloatElement>(
    _ target: Tensor, _ type: T.Type, _ distribution: TruncatedNormal, _ low: Double, _ high: Double
  ) throws {
    var (smallest, largest) = (T(low), T(high))
    if Double(smallest) < low { smallest = smallest.nextUp }
    if Double(largest) > high { largest = largest.nextDown }
    if smallest > largest { (smallest, largest) = (T(low), T(low)) }
    try Philox.fillTruncatedNormal(
      target.pointer(T.self), count: target.count, key: state.key, counter: state.counter, distribution,
      smallest: smallest, largest: largest)
  }

  /// Fills a tensor with 1 where a uniform number in [0, 1) is below the probability at its place, else 0.
  ///
  /// `probabilities` are broadcast to the tensor's shape.
  ///
  /// - Throws: `TensorError` for probabilities outside [0, 1], NaN among them, shapes that don't broadcast, and expanded views.
  public func fillBernoulli(_ tensor: Tensor, probabilities: Tensor, operation: String = "bernoulli") throws {
    try tensor.requireWritable(operation)
    let source = try probabilities.to(.float64).expanded(to: tensor.shape, operation).contiguous()
    if let place = try WeightedChoice.firstImprobable(source.pointer(), count: source.count) {
      throw TensorError.expected(
        operation: operation, expected: "probabilities from 0 to 1",
        got: Generator.shown(source.load(at: source.offset + place)))
    }
    try contiguously(tensor, operation) { try self.bernoulli($0, $0.dtype.elementType, source) }
  }

  private func bernoulli<T: StoredElement>(_ target: Tensor, _ type: T.Type, _ probabilities: Tensor) throws {
    try Philox.fillBernoulli(
      target.pointer(T.self), count: target.count, key: state.key, counter: state.counter,
      probabilities: probabilities.pointer())
  }
}
