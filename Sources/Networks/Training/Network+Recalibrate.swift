import Kernels
import Tensors

extension Network {
  /// Computes the running statistics of every batch normalisation that stands in the network anew, from samples.
  ///
  /// Each batch goes forward with batch statistics, whatever the modes, and without dropout. The running mean becomes the
  /// mean of the batch means, the running variance that of the unbiased batch variances, every batch weighing the same
  /// (Ioffe & Szegedy 2015, algorithm 2; PyTorch's `update_bn`, which leaves dropout on). Weights, modes and momentum stay;
  /// `batchesSeen` becomes the number of batches. Where anything throws, the old statistics stand.
  ///
  /// - Parameters:
  ///   - inputs: `[samples, features]`, of more dimensions before a Flatten; float32 or float64, finite.
  ///   - batch: the samples of a batch, at least 2; a last batch of a single sample joins the one before it.
  ///   - passes: how often to go through the samples.
  ///   - generator: draws an order for each pass; nil takes the samples as they lie.
  /// - Throws: `NetworkError` for a network without batch normalisation, for inputs that don't fit, for NaN or infinity
  ///   among them or in what would become statistics; `Interrupted` when a stop is requested; `TensorError.outOfMemory`.
  public func recalibrate(
    inputs: Tensor, batch: Int = 60, passes: Int = 1, generator: Generator? = nil
  ) throws {
    try NetworkError.require(batch, atLeast: 2, "recalibrate", "batch")
    guard inputs.rank > 1, inputs.dtype.isFloat, inputs.shape[0] > 1 else {
      throw NetworkError.expected(
        "recalibrate", "inputs [samples, features] of at least 2 samples", "\(inputs.dtype) \(inputs.shape)")
    }
    let data = try inputs.to(dtype).contiguous()
    try TrainingData.requireFinite(data, "recalibrate")
    let (count, ranges) = (data.shape[0], TrainingData.cut(data.shape[0], batch))
    var (order, next) = (Array(0..<count), ranges.endIndex)
    try recalibrate(passes: passes) {
      guard next < ranges.endIndex else { return nil }
      defer { next += 1 }
      return try TrainingData.gather(data, order[ranges[next]])
    } begin: {
      next = ranges.startIndex
      if let generator { order = generator.permutation(count) }
    }
  }

  /// Computes the running statistics of every batch normalisation anew, from batches `[batch, features]` as they come.
  ///
  /// `next` gives a batch of at least 2 samples at a time, and nil at the end of each pass; see `recalibrate(inputs:)`.
  ///
  /// - Throws: as `recalibrate(inputs:)`, what `next` throws, and `NetworkError` for a pass without a batch, or where `next`
  ///   changes the network's structure.
  public func recalibrate(passes: Int = 1, next: () throws -> Tensor?) throws {
    try recalibrate(passes: passes, next: next, begin: {})
  }

  private func recalibrate(passes: Int, next: () throws -> Tensor?, begin: () throws -> Void) throws {
    try NetworkError.require(passes, atLeast: 1, "recalibrate", "passes")
    let norms = batchNormalisations
    guard !norms.isEmpty else {
      throw NetworkError.expected(
        "recalibrate", "a network with batch normalisation",
        "none in \(rows.count) layers; batchnorm(\"before\") puts it in")
    }
    let recalibration = Recalibration(norms)
    var (batch, ranOn): (Int, Plan?) = (0, nil)
    for pass in 1...passes {
      try begin()
      let first = batch
      while let x = try next() {
        batch += 1
        try Interrupt.check()
        try requireSame(ranOn)
        try take(x, batch, recalibration)
        ranOn = plan
      }
      guard batch > first else {
        throw NetworkError.expected("recalibrate", "at least one batch", "none in pass \(pass) of \(passes)")
      }
    }
    try requireSame(ranOn)
    try recalibration.commit(to: self)
  }

  /// Runs a batch whose statistics go to `recalibration`.
  private func take(_ x: Tensor, _ batch: Int, _ recalibration: Recalibration) throws {
    let who = "recalibrate"
    guard x.rank > 1, x.dtype.isFloat else {
      throw NetworkError.expected(who, "batches [batch, features] of floats", "\(x.dtype) \(x.shape) as batch \(batch)")
    }
    guard x.shape[0] > 1 else {
      throw NetworkError.expected(who, "batches of more than 1 sample", "\(x.shape[0]) in batch \(batch)")
    }
    let input = try x.to(dtype).contiguous()
    try TrainingData.requireFinite(input, "recalibrate: batch \(batch)")
    try admit(input)
    let pass = Pass(
      rows: input.shape[0], usesBatchStatistics: true, overridesModes: true, recalibration: recalibration,
      isDifferentiated: false, generator: generator)
    _ = try compute(input, pass)
  }

  /// Refuses to mix statistics of different structures: what gives the batches may be a user's function.
  private func requireSame(_ ranOn: Plan?) throws {
    guard let ranOn, ranOn !== plan else { return }
    throw NetworkError.expected("recalibrate", "a network that stays as it is", "surgery between two batches")
  }
}
