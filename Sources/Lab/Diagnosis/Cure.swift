import Kernels
import Networks
import RealModule

/// What would help a layer, with the effect that theory predicts of it.
struct Cure {
  /// What is wrong with a scale.
  enum Illness {
    case tooSmall
    case tooLarge
  }

  private let layer: ProbedLayer
  private let depth: Int
  private let trial: CureTrial?

  /// - Parameters:
  ///   - layer: the layer that is ill first.
  ///   - depth: how many layers there are.
  ///   - trial: what tries cures on the network's model; nil where there is no model.
  init(_ layer: ProbedLayer, depth: Int, trial: CureTrial?) {
    (self.layer, self.depth, self.trial) = (layer, depth, trial)
  }

  /// The sentence that says what to do about a scale.
  func sentence(_ illness: Illness) -> String {
    if layer.traits.isResidual { return layer.traits.norm == nil ? ofResidual : ofNorm(illness) }
    if layer.traits.norm != nil { return ofNorm(illness) }
    return drawn ?? Cure.normalisation(layer.traits.activation)
  }

  /// What helps where biases are all that is left.
  var withoutBiases: String {
    guard let drawn else { return unfixed }
    return drawn.hasPrefix(Cure.noBiases) ? drawn : "With biases of 0, " + drawn
  }

  /// What helps where no initialiser does: batch norm, unless it is there already.
  private var unfixed: String { hasBatchNorm ? Cure.branches : Cure.normalisation(layer.traits.activation) }

  /// Whether batch norm stands in front of the nonlinearity already.
  private var hasBatchNorm: Bool { layer.traits.norm == .batch && layer.traits.normPosition == .before }

  private static let noBiases = "Biases of 0"
  private static let branches = "Residual blocks would keep the input in view."

  // MARK: Initialisers

  /// An initialiser for a layer's activation: its name, and the variance of its weights.
  private struct Candidate {
    let name: String
    let variance: (_ inputs: Double, _ outputs: Double) -> Double
  }

  /// The one that is made for the activation, nil where that is not known.
  private var candidate: Candidate? {
    let slope = layer.traits.slope
    let lecun = Candidate(name: "lecun_normal") { inputs, _ in 1 / inputs }
    switch layer.traits.activation {
    case .relu, .leakyReLU, .prelu:
      return Candidate(name: "he_normal") { inputs, _ in 2 / ((1 + slope * slope) * inputs) }
    case .linear, .selu: return lecun
    case .tanh, .hardtanh: return Candidate(name: "xavier_normal") { inputs, outputs in 2 / (inputs + outputs) }
    case .elu, .gelu, .silu, .sigmoid, .softplus:
      let gain = layer.traits.activation.map { Gains.unit($0, slope: slope) } ?? 1
      return Candidate(name: "{\"lecun_normal\", gain=\"unit\"}") { inputs, _ in gain * gain / inputs }
    case nil: return layer.traits.isAffineAlone ? lecun : nil
    }
  }

  /// Whether the candidate is known to hold a scale at any depth, model or not.
  private var isHeldByLaw: Bool {
    switch layer.traits.activation {
    case .relu, .leakyReLU, .prelu, .linear, .selu, .tanh, .hardtanh: true
    case .elu, .gelu, .silu, .sigmoid, .softplus: false
    case nil: layer.traits.isAffineAlone
    }
  }

  /// What drawing the weights anew would do; nil where theory says that it would not hold the scale.
  private var drawn: String? {
    guard let candidate, let fanIn = layer.fanIn, fanIn > 0 else { return nil }
    let std = candidate.variance(Double(fanIn), Double(layer.width)).squareRoot()
    let name = "\(candidate.name) (\(Reading.factor(std)))"
    guard let trial else { return isHeldByLaw ? "\(name) would hold it." : nil }
    let prediction = trial.drawn { inputs, outputs in
      WeightLaw(.normal, variance: candidate.variance(Double(inputs), Double(outputs)), text: candidate.name)
    }
    guard let prediction else { return nil }
    let last = prediction.hiddenRows.last?.figures["activation"]?.std
    let effect = last.map { ": std \(Reading.number($0)) in the last layer" } ?? ""
    if trial.isDrawn(by: candidate.name) {
      return layer.traits.biasSize ?? 0 > 0 ? "\(Cure.noBiases) would hold it\(effect)." : nil
    }
    if layer.traits.initialiser == candidate.name { return "\(name) drawn anew would hold it\(effect)." }
    return "\(name) would hold it\(effect)."
  }

  // MARK: Normalisation and branches

  /// How far from 1 a gamma is to be blamed for a scale.
  private static let usualGammas = 0.2...5.0

  private func ofNorm(_ illness: Illness) -> String {
    let gamma = abs(layer.traits.normModel?.factors?.rms ?? layer.traits.gamma)
    let isOff = illness == .tooLarge ? gamma > Cure.usualGammas.upperBound : gamma < Cure.usualGammas.lowerBound
    if isOff { return "It is normalised all the same: its gamma is \(Reading.number(gamma)), where 1 would hold it." }
    let eps = "eps (\(layer.traits.eps)) is not small beside the"
    if layer.traits.norm == .batch { return "It is normalised all the same: \(eps) variance." }
    return
      "It is normalised all the same, each sample over its units: a part that all samples share takes up the size, or \(eps) mean "
      + "square."
  }

  private var ofResidual: String {
    "Batch norm on the branches would let it grow as sqrt(layer) only, to \(Reading.number(Double(depth + 1).squareRoot())); "
      + "branches scaled by 1/sqrt(\(depth)), to \(Reading.number(Double.exp(0.5))) times what enters."
  }

  /// Batch norm with what it makes of gradients.
  static func normalisation(_ activation: ActivationFunction?) -> String {
    let growth = activation.flatMap { try? GradientGrowth.factor(ActivationLaw($0)) }
    let effect =
      growth.map { "; dL/dh then grows by \(Reading.factor($0.squareRoot())) per layer towards the input" } ?? ""
    return "net:batchnorm(\"before\") would hold it\(effect)."
  }

  /// What helps where samples collapse although their size holds.
  var ofCollapse: String {
    if hasBatchNorm {
      return layer.traits.isResidual ? "A norm's gamma of 1 and beta of 0 would keep them apart." : Cure.branches
    }
    let centring = "net:batchnorm(\"before\") would keep them apart (for ReLU at a cosine of 1/pi)"
    return layer.traits.isResidual ? centring + "." : centring + ", residual blocks the input in view."
  }

  /// What helps where weights or units are all the same.
  static let drawing = "An initialiser that draws, such as he_normal, tells units apart."

  /// What the weights' `rms sqrt(n)` is beside that of the initialiser for the activation; nil where there is none.
  func ofWeights(_ scale: Double) -> String? {
    guard let candidate, let fanIn = layer.fanIn else { return nil }
    let healthy = (Double(fanIn) * candidate.variance(Double(fanIn), Double(layer.width))).squareRoot()
    return
      "Its weights' rms*sqrt(n) is \(Reading.number(scale)), that of \(candidate.name) is \(Reading.number(healthy))."
  }

  /// How far above 1 the weights' `rms sqrt(n)` may be where they are of unit size.
  static let unitSize = 1.5

  /// What helps against saturation.
  var ofSaturation: String {
    let share =
      switch layer.traits.activation {
      case .hardtanh: "33 %"
      case .tanh: "2.2 %"
      default: "none"
      }
    if hasBatchNorm, let norm = layer.traits.normModel {
      let gamma = norm.factors?.rms ?? abs(norm.gamma)
      return
        "A norm's gamma of 1, instead of \(Reading.number(gamma)), and a beta of 0 would leave \(share) of the outputs there."
    }
    let scale = (layer.first.weight?.rms ?? .nan) * Double(layer.fanIn ?? 0).squareRoot()
    if scale < Cure.unitSize {
      return
        "Its weights are drawn for unit size already, so what enters is large: net:batchnorm(\"before\") would hold it at 1, "
        + "and \(share) of the outputs there."
    }
    let entering = layer.number == 1 ? "With an input of unit variance and xavier_normal" : "With xavier_normal"
    let size = scale.isFinite ? "Its weights' rms*sqrt(n) is \(Reading.number(scale)). " : ""
    return "\(size)\(entering) it would be about 1 at most, and \(share) of the outputs there."
  }
}
