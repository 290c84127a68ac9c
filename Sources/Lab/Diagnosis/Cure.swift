import Kernels
import RealModule

/// What would help a layer, with what theory expects of it.
struct Cure {
  /// What is wrong.
  enum Illness {
    case tooSmall
    case tooLarge
  }

  private let layer: ProbedLayer
  private let depth: Int

  init(_ layer: ProbedLayer, depth: Int) { (self.layer, self.depth) = (layer, depth) }

  /// The sentence that says what to do.
  func sentence(_ illness: Illness) -> String {
    if layer.traits.norm != nil {
      return illness == .tooSmall
        ? "It is normalised all the same: its gamma is small, or eps (\(layer.traits.eps)) is not small beside the variance."
        : "It is normalised all the same: its gamma is large."
    }
    if layer.traits.isResidual {
      return "Batch norm on the branches would let it grow as sqrt(layer) only, to \(Reading.number(Double(depth + 1).squareRoot())); "
        + "so would branches scaled by 1/sqrt(\(depth)) to \(Reading.number(Double.exp(0.5)))."
    }
    guard let initialiser, let std else { return Cure.normalise }
    if layer.traits.initialiser?.hasPrefix(initialiser.prefix { $0 != "{" }) == true {
      return "\(initialiser) drawn anew would hold it if its weights are no longer those; if they are, \(Cure.normalisation) would."
    }
    return "\(initialiser) (\(Reading.factor(std))) would hold it\(effect)."
  }

  private static let normalisation = "net:batchnorm(\"before\")"
  private static let normalise = "\(normalisation) would hold it at any depth."

  /// The initialiser whose variance map keeps its layer's scale, nil where none does at every depth.
  private var initialiser: String? {
    switch layer.traits.activation {
    case .relu, .leakyReLU, .prelu: "he_normal"
    case .linear: "orthogonal"
    case .selu: "lecun_normal"
    case .elu: "{\"lecun_normal\", gain=\"unit\"}"
    case .tanh, .hardtanh: "xavier_normal"
    case .gelu, .silu, .sigmoid, .softplus: nil
    case nil: layer.traits.isAffineAlone ? "orthogonal" : nil
    }
  }

  /// The standard deviation of that initialiser's weights.
  private var std: Double? {
    guard let fanIn = layer.fanIn, fanIn > 0 else { return nil }
    let inputs = Double(fanIn)
    switch layer.traits.activation {
    case .relu, .leakyReLU, .prelu:
      return (2 / ((1 + layer.traits.slope * layer.traits.slope) * inputs)).squareRoot()
    case .elu: return 1.2452 / inputs.squareRoot()
    case .tanh, .hardtanh: return (2 / (inputs + Double(layer.width))).squareRoot()
    default: return 1 / inputs.squareRoot()
    }
  }

  private var effect: String {
    switch layer.traits.activation {
    case .tanh: " to within 1/sqrt(2 layer), \(Reading.number((1 / (2 * Double(depth))).squareRoot())) at the end"
    default: ""
    }
  }
}

extension Cure {
  /// What helps where biases are all that is left.
  var withoutBiases: String {
    guard let initialiser, let std else { return "Biases of 0 and \(Cure.normalisation) would hold it." }
    return "net:init(\(initialiser.hasPrefix("{") ? initialiser : "\"\(initialiser)\"")), which draws weights of std "
      + "\(Reading.factor(std)) and sets biases to 0, would hold it\(effect)."
  }

  /// What helps where samples collapse although their size holds.
  static let centring =
    "net:batchnorm(\"before\") would hold the cosine at 1/pi for ReLU, residual blocks would keep the input in view."
}

extension Cure {
  /// What brings preactivations back to unit scale.
  static let normalised = "net:batchnorm(\"before\") would bring it to 1, and saturated outputs of tanh to 2.2 %."

  /// What helps against saturation.
  var ofSaturation: String {
    let entering = layer.number == 1 ? "an input of unit variance and " : ""
    switch layer.traits.activation {
    case .tanh: return "With \(entering)xavier_normal it would be at most 1, and 2.2 % saturated; \(Cure.normalisation) holds it there."
    case .hardtanh: return "With \(entering)xavier_normal it would be at most 1, and 33 % saturated."
    default: return "With \(entering)xavier_normal it would be at most 1, and none saturated; \(Cure.normalisation) holds it there."
    }
  }
}
