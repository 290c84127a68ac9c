import Kernels
import Tensors

/// Where in a block a normalisation stands.
public enum NormalisationPosition: String, CaseIterable, Sendable {
  /// Between the Linear and the activation (Ioffe & Szegedy 2015).
  case before
  /// After the activation.
  case after
}

/// What a normalisation takes its statistics over.
public enum NormalisationKind: String, CaseIterable, Sendable {
  /// Each feature over the batch.
  case batch
  /// Each sample over its features.
  case layer
  /// Each sample over its features, without the mean.
  case rms
}

/// Normalises a batch `[batch, features]`: `y = gamma (x - mean) / sqrt(var + eps) + beta`, the variance dividing by n.
///
/// - Batch normalisation takes mean and variance of each feature over the batch in training, and its running statistics
///   in evaluation: `running = (1 - momentum) running + momentum batch`, the running variance taking the unbiased one.
///   Its `mode` says otherwise where it isn't `auto`.
/// - Layer normalisation takes them over the features of each sample, in training and evaluation alike.
/// - RMS normalisation divides by `sqrt(mean(x^2) + eps)` and has no mean and no beta.
///
/// Where the variance and eps are both exactly 0 (a dead unit), the normalised value and the gradient there are 0.
public final class Normalisation: Layer {
  /// Which statistics are taken.
  public let type: NormalisationKind
  /// The number of features.
  public let features: Int
  /// What is added to the variance inside the root; 0 is allowed.
  public internal(set) var eps: Double
  /// The weight of the new batch in the running statistics; nil averages all batches since the start.
  public internal(set) var momentum: Double?
  /// Whether gamma and beta apply.
  public internal(set) var isAffine: Bool
  /// The scale `[features]`, also known as gamma; kept, but without effect, while `isAffine` is false.
  public private(set) var gamma: Tensor
  /// The shift `[features]`, also known as beta; nil for RMS normalisation.
  public private(set) var beta: Tensor?
  /// The running mean `[features]` of batch normalisation, nil for the others.
  public private(set) var runningMean: Tensor?
  /// The running (unbiased) variance `[features]` of batch normalisation, nil for the others.
  public private(set) var runningVariance: Tensor?
  /// How many batches the running statistics have seen, known to PyTorch as `num_batches_tracked`.
  public internal(set) var batchesSeen = 0
  /// Which statistics batch normalisation takes and what training changes; without effect on the others.
  public internal(set) var mode: NormalisationMode {
    // what an optimiser or a script finds there would still move them
    didSet { if mode == .frozen { dropGradients() } }
  }

  private let elementType: DType

  /// Makes a normalisation with gamma 1, beta 0, running mean 0 and running variance 1.
  ///
  /// - Throws: `NetworkError` for sizes below 1, a negative or NaN eps, a momentum outside [0, 1], a mode of anything but
  ///   batch normalisation; `TensorError.outOfMemory`.
  public init(
    _ type: NormalisationKind, features: Int, eps: Double? = nil, momentum: Double? = 0.1, affine: Bool = true,
    mode: NormalisationMode = .auto, dtype: DType = .float32
  ) throws {
    let who = "nn." + Normalisation.layerName(type)
    try NetworkError.require(features, atLeast: 1, who, "features")
    try NetworkError.requireFloat(dtype, who)
    self.type = type
    self.features = features
    self.eps = try Normalisation.checkedEps(eps ?? Normalisation.defaultEps(type, dtype), who)
    self.momentum = try Normalisation.checkedMomentum(momentum, who)
    self.isAffine = affine
    self.mode = try Normalisation.checkedMode(mode, type, who) ?? .auto
    self.elementType = dtype
    gamma = try ParameterLayout.vector(dtype, features, 1)
    beta = type == .rms ? nil : try ParameterLayout.vector(dtype, features, 0)
    runningMean = type == .batch ? try ParameterLayout.vector(dtype, features, 0, trained: false) : nil
    runningVariance = type == .batch ? try ParameterLayout.vector(dtype, features, 1, trained: false) : nil
    super.init()
  }

  /// Makes one for another position: gamma and beta are shared, the running statistics its own.
  convenience init(sharingAffineWith other: Normalisation) throws {
    try self.init(
      other.type, features: other.features, eps: other.eps, momentum: other.momentum, affine: other.isAffine,
      mode: other.mode, dtype: other.elementType)
    gamma = other.gamma
    beta = other.beta
  }

  /// Takes over eps, momentum, mode and whether gamma and beta apply.
  func takeSettings(of other: Normalisation) {
    eps = other.eps
    momentum = other.momentum
    isAffine = other.isAffine
    mode = other.mode
  }

  /// Takes what a surgery was told, already checked; nil leaves a setting alone.
  func take(_ options: NormalisationOptions) {
    if let eps = options.eps { self.eps = eps }
    if let affine = options.affine { isAffine = affine }
    if let mode = options.mode { self.mode = mode }
    switch options.momentum {
    case .weight(let weight): momentum = weight
    case .cumulative: momentum = nil
    case nil: break
    }
  }

  private func dropGradients() {
    gamma.gradient = nil
    beta?.gradient = nil
  }

  private convenience init(copying other: Normalisation, _ copies: Copies) throws {
    try self.init(
      other.type, features: other.features, eps: other.eps, momentum: other.momentum, affine: other.isAffine,
      mode: other.mode, dtype: other.elementType)
    gamma = try copies.tensor(other.gamma)
    beta = try other.beta.map(copies.tensor)
    runningMean = try other.runningMean.map(copies.tensor)
    runningVariance = try other.runningVariance.map(copies.tensor)
    batchesSeen = other.batchesSeen
  }

  /// PyTorch's default: 1e-5, for RMS normalisation the dtype's distance from 1 to the next number.
  public static func defaultEps(_ type: NormalisationKind, _ dtype: DType) -> Double {
    guard type == .rms else { return 1e-5 }
    return dtype == .float64 ? Double.ulpOfOne : Double(Float.ulpOfOne)
  }

  /// The name of a kind of layer, for example `BatchNorm`.
  public static func layerName(_ type: NormalisationKind) -> String {
    switch type {
    case .batch: "BatchNorm"
    case .layer: "LayerNorm"
    case .rms: "RMSNorm"
    }
  }

  static func checkedEps(_ eps: Double, _ who: String) throws -> Double {
    guard eps >= 0, eps.isFinite else { throw NetworkError.expected(who, "eps of 0 or more", "\(eps)") }
    return eps
  }

  static func checkedMomentum(_ momentum: Double?, _ who: String) throws -> Double? {
    guard let momentum else { return nil }
    guard momentum >= 0, momentum <= 1 else {
      throw NetworkError.expected(who, "momentum (the weight of the new batch) from 0 to 1", "\(momentum)")
    }
    return momentum
  }

  static func checkedMode(
    _ mode: NormalisationMode?, _ type: NormalisationKind?, _ who: String
  ) throws -> NormalisationMode? {
    guard let mode, mode != .auto, type != .batch else { return mode }
    let kind = type.map { "\($0) normalisation" } ?? "none"
    throw NetworkError.expected(who, "batch normalisation for the mode \"\(mode)\"", kind)
  }

  /// Whether gamma and beta change in training.
  var trainsAffine: Bool { isAffine && mode != .frozen }

  /// The kind: `BatchNorm`, `LayerNorm` or `RMSNorm`.
  public override var kind: String { Normalisation.layerName(type) }

  /// The number of features.
  public override var inputFeatures: Int? { features }

  /// The dtype of the parameters.
  public override var dtype: DType? { elementType }

  /// Gamma as `weight` and beta as `bias`, where they apply.
  public override var parameters: [(name: String, tensor: Tensor)] {
    guard isAffine else { return [] }
    return [("weight", gamma)] + (beta.map { [("bias", $0)] } ?? [])
  }

  /// The running statistics as `running_mean` and `running_var`.
  public override var buffers: [(name: String, tensor: Tensor)] {
    guard let runningMean, let runningVariance else { return [] }
    return [("running_mean", runningMean), ("running_var", runningVariance)]
  }

  /// The layer with its features, for example `BatchNorm(30)`, or `BatchNorm(30, mode=frozen)` where the mode isn't `auto`.
  public override var description: String { "\(kind)(\(features)\(mode == .auto ? "" : ", mode=\(mode)"))" }

  override func copy(_ copies: Copies) throws -> Layer { try Normalisation(copying: self, copies) }
}
