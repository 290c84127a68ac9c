/// One thing that is wrong with a network, in words, with the number, the law behind it and the cure.
///
/// One illness gives one diagnosis: what only follows from it is told with it or not at all.
public struct Diagnosis: Equatable, Sendable {
  /// What can be wrong, the most important first: the order in which diagnoses are listed.
  public enum Kind: String, CaseIterable, Sendable {
    /// There are numbers that are none.
    case nan
    /// There are infinities.
    case inf
    /// Numbers are all exactly 0.
    case zero
    /// All weights of a layer are 0.
    case zeroWeights = "zero_weights"
    /// All units of a layer have the same weights and compute the same.
    case equalUnits = "equal_units"
    /// Activations grow from layer to layer.
    case explodingActivations = "exploding_activations"
    /// Activations fall from layer to layer.
    case vanishingActivations = "vanishing_activations"
    /// The activations' size holds, by biases or by an activation's own mean, while what tells samples apart dies.
    case hiddenSignalDeath = "hidden_signal_death"
    /// All samples end in one direction.
    case collapse
    /// The batch is too small for batch normalisation.
    case smallBatch = "small_batch"
    /// The running statistics of a batch normalisation are not those of what enters it.
    case runningStatistics = "running_statistics"
    /// Gradients grow towards the input.
    case explodingGradients = "exploding_gradients"
    /// Gradients fall towards the input.
    case vanishingGradients = "vanishing_gradients"
    /// Gradients grow towards the input because a normalisation makes them.
    case normGradientGrowth = "norm_gradient_growth"
    /// Units are 0 whatever the sample.
    case deadUnits = "dead_units"
    /// Outputs stand at the ends of a bounded activation, where it has no slope.
    case saturation
    /// Weights, or the steps that gradients ask of them, are of different sizes in different layers.
    case scaleImbalance = "scale_imbalance"
    /// Numbers are so small that they have lost digits.
    case underflow
    /// Every sample of the input is the same.
    case constantInput = "constant_input"
    /// The input's samples have a common part far larger than what differs.
    case inputOffset = "input_offset"
    /// The input's numbers are far from 1.
    case inputScale = "input_scale"
    /// Most features of the input are 0 on every sample.
    case deadInputs = "dead_inputs"
    /// Updates are large beside the weights.
    case updateTooLarge = "update_too_large"
    /// Updates are small beside the weights.
    case updateTooSmall = "update_too_small"
    /// An update moves the inputs of a layer by as much as they vary.
    case inputShift = "input_shift"
  }

  /// A number that a diagnosis rests on.
  public struct Evidence: Equatable, Sendable {
    /// What it is, for example `factor`.
    public let name: String
    /// The number.
    public let value: Double

    init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
  }

  /// What is wrong.
  public let kind: Kind
  /// The layer where it begins, from 1 in the direction the numbers travel; nil for the input, the upstream gradient and the whole.
  public let layer: Int?
  /// The diagnosis in words.
  public let text: String
  /// The numbers it rests on.
  public let evidence: [Evidence]

  init(_ kind: Kind, layer: Int?, _ text: String, _ evidence: [Evidence] = []) {
    (self.kind, self.layer, self.text, self.evidence) = (kind, layer, text, evidence)
  }

  /// The number of a name, nil where the diagnosis does not rest on one.
  public func evidence(_ name: String) -> Double? { evidence.first { $0.name == name }?.value }

  /// What is said of a network without any diagnosis.
  public static let nothing = "nothing to report"
}

extension Report {
  /// What is wrong with the network, the most important first; empty for a healthy one.
  ///
  /// Each rule has its limits named and justified where it stands in `Examination`. Theory gives the laws where it covers the
  /// network's rows; where it doesn't, or is not what was measured, the text says so.
  public func diagnosis() -> [Diagnosis] { Examination(self).diagnoses() }
}
