import Kernels
import Networks
import Tensors

extension NetworkModel {
  /// Takes down what theory has to know of a network; the weights are looked at, to tell trained ones from fresh ones.
  ///
  /// - Throws: `Interrupted`; `TensorError.outOfMemory`.
  public init(_ network: Network) throws { try self.init(network, running: [:]) }

  /// The same with what is known of the running statistics of its normalisations, and of the weights of its Linears as they are.
  init(
    _ network: Network, running: [ObjectIdentifier: RunningFigures], weights: [ObjectIdentifier: Statistics] = [:]
  ) throws {
    let reader = ModelReader(running: running, weights: weights)
    let layers = network.rows
    var parts = [[Part]](repeating: [], count: layers.count)
    try parts.withUnsafeMutableBufferPointer { parts in
      try WorkerPool.run(chunks: parts.count) { parts[$0] = try reader.parts(of: layers[$0]) }
    }
    let rows = layers.indices.map { Row(name: network.prefix($0), kind: layers[$0].kind, parts: parts[$0]) }
    self.init(rows: rows, dtype: network.dtype, auxiliaries: network.presentAuxiliaries.map(\.row))
  }
}

/// Reads layers as parts of a model.
private struct ModelReader {
  let running: [ObjectIdentifier: RunningFigures]
  let weights: [ObjectIdentifier: Statistics]

  func parts(of layer: Layer) throws -> [NetworkModel.Part] {
    switch layer {
    case let block as Block: try parts(of: block)
    case let residual as Residual: try parts(of: residual)
    case let linear as Linear: [.linear(try model(linear))]
    case let activation as Activation: [.activation(ActivationLaw(activation.function, slope: activation.slope))]
    case let norm as Normalisation: [.norm(try model(norm))]
    // a probe passes dropout by
    case is Dropout, is Identity, is Flatten: []
    case is CustomLayer: [.unknown("what a layer written in Lua does to its input has no law here")]
    default: [.unknown("there is no law for \(layer.kind)")]
    }
  }

  private func parts(of block: Block) throws -> [NetworkModel.Part] {
    let linear = NetworkModel.Part.linear(try model(block.linear))
    guard let activation = try block.activation.map(parts(of:)) else { return [linear] }
    let norm = try block.norm.map { try parts(of: $0) } ?? []
    let (before, after) = block.normPosition == .before ? (norm, []) : ([], norm)
    guard block.addsInput, let residual = block.residual else { return [linear] + before + activation + after }
    func sum(_ branch: [NetworkModel.Part]) -> NetworkModel.Part {
      .residual(NetworkModel.ResidualModel(branch: branch, scale: residual.scale, shortcut: nil))
    }
    if residual.isActivatedAfter { return [sum([linear] + before)] + activation + after }
    return [sum([linear] + before + activation + after)]
  }

  private func parts(of residual: Residual) throws -> [NetworkModel.Part] {
    let behind = [residual.activation, residual.norm].compactMap { $0 as Layer? }
    let sum = NetworkModel.ResidualModel(
      branch: try residual.layers.flatMap(parts(of:)), scale: residual.scale,
      shortcut: try residual.shortcut.map(model))
    return [.residual(sum)] + (try behind.flatMap(parts(of:)))
  }

  private func model(_ linear: Linear) throws -> LinearModel {
    guard let weight = linear.weight else {
      return LinearModel(
        inputs: 0, outputs: linear.outputs, weight: WeightLaw(.unknown, variance: .nan, text: ""), biasVariance: 0,
        reason: "it does not know its inputs yet; run a forward first")
    }
    let declared = WeightLaw(
      linear.initialiser, factor: linear.gainFactor, inputs: weight.shape[1], outputs: linear.outputs)
    let known = weights[ObjectIdentifier(linear)].flatMap(WeightFigures.init)
    let law = declared.checked(try known ?? figures(weight))
    let biasVariance = linear.initialiser == nil && linear.hasBias ? 1 / (3 * Double(weight.shape[1])) : 0
    let bias = try linear.bias.map { try vector($0) }
    var model = LinearModel(
      inputs: weight.shape[1], outputs: linear.outputs, weight: law, biasVariance: biasVariance,
      reason: law.reason ?? bias.flatMap { changedBias($0, variance: biasVariance) }, biasSize: bias?.rms ?? 0)
    model.bias = bias?.ofParameter
    model.likeness = try RowLikeness(of: weight)
    model.zeroRows = RowLikeness.zeroRows(of: weight)
    return model
  }

  /// The reason where biases can't be those that were drawn: other than 0, or outside PyTorch's range or off its variance.
  private func changedBias(_ found: WeightFigures, variance: Double) -> String? {
    let bound = (3 * variance).squareRoot() * (1 + 1e-6)
    let mayDiffer = 5 * (0.8 / Double(found.count)).squareRoot() + 1e-5
    let square = found.variance + found.mean * found.mean
    let isOff = variance > 0 && abs(square / variance - 1) > mayDiffer
    return found.magnitude > bound || isOff || !found.magnitude.isFinite
      ? "its biases are no longer those it began with" : nil
  }

  private func model(_ norm: Normalisation) throws -> NormModel {
    var (gamma, reason, lowestShift) = (1.0, String?.none, 0.0)
    let factors = norm.isAffine ? try figures(norm.gamma) : nil
    let shifts = norm.isAffine ? try norm.beta.map { try vector($0) } : nil
    if let factors {
      gamma = factors.mean
      lowestShift = shifts?.minimum ?? 0
      if factors.variance > 1e-12 * gamma * gamma || !gamma.isFinite {
        reason = "its gamma differs from unit to unit, as after training; theory needs one for all"
      } else if let shifts, shifts.magnitude != 0 {
        reason = "its beta is no longer 0, as after training"
      }
    }
    var model = NormModel(kind: norm.type, features: norm.features, eps: norm.eps, gamma: gamma, reason: reason)
    model.lowestShift = lowestShift.isFinite ? lowestShift : 0
    (model.factors, model.shifts) = (factors?.ofParameter, shifts?.ofParameter)
    model.running = running[ObjectIdentifier(norm)]
    return model
  }

  /// The figures of biases or of beta, with quantiles.
  private func vector(_ tensor: Tensor) throws -> WeightFigures {
    var found = try figures(tensor)
    let own = found.ofParameter
    guard own.nan + own.inf == 0, own.minimum < own.maximum else { return found }
    let sorted = try tensor.numbers.sorted()
    found.ofParameter.quantiles = (0...ParameterFigures.parts).map {
      sorted[$0 * (sorted.count - 1) / ParameterFigures.parts]
    }
    return found
  }

  private func figures(_ tensor: Tensor) throws -> WeightFigures {
    // whatever order the elements lie in, their moments are the same
    let source = try tensor.inOrderOfMemory.contiguous()
    let moments =
      source.dtype == .float64
      ? try Moments.scan(UnsafePointer(source.pointer(Double.self)), count: source.count)
      : try Moments.scan(UnsafePointer(source.pointer(Float.self)), count: source.count)
    return WeightFigures(
      count: moments.count, mean: moments.mean, variance: moments.variance,
      minimum: moments.minimum, magnitude: max(abs(moments.minimum), abs(moments.maximum)),
      ofParameter: ParameterFigures(moments))
  }
}

extension WeightFigures {
  /// The figures of a weight that has been measured, nil where some numbers are not finite.
  fileprivate init?(_ statistics: Statistics) {
    guard statistics.count > 0, statistics.nan + statistics.inf == 0 else { return nil }
    let (minimum, maximum) = (statistics.min, statistics.max)
    self.init(
      count: statistics.count, mean: statistics.mean, variance: statistics.variance, minimum: minimum,
      magnitude: max(abs(minimum), abs(maximum)),
      ofParameter: ParameterFigures(
        count: statistics.count, mean: statistics.mean, rms: statistics.rms, minimum: minimum, maximum: maximum, nan: 0,
        inf: 0))
  }
}

extension ParameterFigures {
  fileprivate init(_ moments: Moments) {
    self.init(
      count: moments.count, mean: moments.mean, rms: moments.rms, minimum: moments.finiteMinimum,
      maximum: moments.finiteMaximum, nan: moments.nans, inf: moments.infinities)
  }
}
