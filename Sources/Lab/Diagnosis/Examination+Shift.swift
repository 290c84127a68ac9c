import Kernels
import RealModule

/// What a layer adds to every sample alike: its biases, or the beta of its norm.
struct LayerShift {
  /// What it is called, for example `its biases`.
  let name: String
  /// Its numbers.
  let figures: ParameterFigures
  /// The standard deviation of what it is added to.
  let spread: Double
  /// What that is, for example `a std of 0.36 of what its weights make`.
  let beside: String
  /// What it is where it is healthy, for example `Biases of 0`.
  let cure: String
  /// What is done to the sum; nil where it is the layer's output.
  let law: ActivationLaw?
  /// Whether it is that of a norm.
  let isOfNorm: Bool

  /// How often the standard deviation has to go into it: twice, which 5 % of normal numbers make up for.
  static let least = 2.0

  /// Whether it outdoes what it is added to.
  var isLarge: Bool { figures.rms.isFinite && figures.rms > LayerShift.least * spread }

  /// That it is the cause, as a clause, with the number that matters.
  func clause(_ size: Double, _ word: String) -> String {
    ", for \(name) \(name.hasSuffix("s") ? "are" : "is") \(word)\(Reading.number(size)) beside \(beside)"
  }

  /// The share of normal numbers of the spread that a bounded activation has at its ends without the shift.
  func saturationWithout(_ activation: ActivationFunction) -> Double {
    activation.saturation(std: spread)
  }

  /// The std of the layer's output without the shift, nil where nothing is done to the sum.
  var stdWithout: Double? {
    guard let law, spread > 0 else { return nil }
    let moments = law.moments(std: spread)
    let variance = max(0, moments.square - moments.mean * moments.mean)
    return Double.exp(law.logSquareScale(2 * Double.log(spread)) / 2) * variance.squareRoot()
  }

  /// The root mean square of the layer's output without the shift.
  var sizeWithout: Double {
    guard let law, spread > 0 else { return spread }
    let log = law.logSquareScale(2 * Double.log(spread)) + Double.log(law.moments(std: spread).square)
    return Double.exp(log / 2)
  }
}

extension ActivationFunction {
  /// The share of normal numbers of a size that a bounded activation has at its ends.
  func saturation(std: Double) -> Double {
    guard std > 0, let end = saturationEnd else { return 0 }
    return Double.erfc(end / std / 2.0.squareRoot())
  }

  /// How far from 0 the outputs of a bounded activation come within 1 % of its range from an end; nil for others.
  ///
  /// `artanh(0.98)` and `ln(99)`; hardtanh is its input there.
  fileprivate var saturationEnd: Double? {
    switch self {
    case .tanh: 2.2975599250672945
    case .sigmoid: 4.59511985013459
    case .hardtanh: 0.98
    default: nil
    }
  }
}

extension Examination {
  /// What enters a layer.
  func entering(_ layer: ProbedLayer) -> Statistics {
    layer.rows.lowerBound == 0 ? report.input : report.rows[layer.rows.lowerBound - 1].activation
  }

  /// What a layer adds to every sample alike, nil where it adds nothing that is known or that stays.
  ///
  /// Batch norm takes the biases in front of it away, and layer norm most of them.
  func shift(_ layer: ProbedLayer) -> LayerShift? {
    let law = layer.traits.activation.map { ActivationLaw($0, slope: layer.traits.slope) }
    let isAfter = layer.traits.normPosition == .after
    // in front of the nonlinearity no norm takes biases away
    let biases = layer.traits.normModel == nil || isAfter ? shiftOfBiases(layer, law) : nil
    if let norm = layer.traits.normModel, !(biases?.isLarge ?? false) {
      guard let shifts = norm.shifts else { return nil }
      let gamma = norm.factors?.rms ?? abs(norm.gamma)
      return LayerShift(
        name: "its norm's beta", figures: shifts, spread: gamma, beside: "a gamma of \(Reading.number(gamma))",
        cure: "A norm's beta of 0", law: layer.traits.normPosition == .before ? law : nil, isOfNorm: true)
    }
    return biases
  }

  private func shiftOfBiases(_ layer: ProbedLayer, _ law: ActivationLaw?) -> LayerShift? {
    guard let bias = layer.traits.linear?.bias, let weight = layer.first.weight, let fanIn = layer.fanIn else {
      return nil
    }
    let spread = weight.rms * Double(fanIn).squareRoot() * entering(layer).rms
    guard spread.isFinite else { return nil }
    return LayerShift(
      name: "its biases", figures: bias, spread: spread,
      beside: "a std of \(Reading.number(spread)) of what its weights make of its input", cure: "Biases of 0", law: law,
      isOfNorm: false)
  }

  /// The layers whose biases, or whose norm's beta, are so large that they hide what tells samples apart, or drive it to where the
  /// activation has no slope.
  ///
  /// Biases that were drawn with a variance of their own, as PyTorch's, and those that are small beside what enters are no fault of a
  /// layer: it is the weights then that let the signal die, which is told as such.
  func shiftFaults() -> [Fault] {
    let hits = layers.compactMap { layer in shift(layer).map { (layer: layer, shift: $0) } }
      .filter { isFault($0.shift, $0.layer) }
    let saturated = hits.filter { isSaturated($0.layer.rows.upperBound) && !$0.layer.traits.isResidual }
    let silenced = hits.filter { silences($0.shift, $0.layer) }
    let others = Set((saturated + silenced).map(\.layer.place))
    let hidden = hits.filter { !others.contains($0.layer.place) && hides($0.layer) }
    typealias Statement = (ProbedLayer, LayerShift, [ProbedLayer]) -> Diagnosis
    let kinds: [([(layer: ProbedLayer, shift: LayerShift)], Statement)] = [
      (saturated, saturation), (silenced, silencing), (hidden, hiding),
    ]
    return kinds.compactMap { hits, statement in
      guard let first = hits.first else { return nil }
      let layers = hits.map(\.layer)
      let diagnosis = statement(first.layer, first.shift, layers)
      return Fault(diagnosis: diagnosis, places: Set(layers.map(\.place)), end: first.layer.place)
    }
  }

  private func isFault(_ shift: LayerShift, _ layer: ProbedLayer) -> Bool {
    guard shift.isLarge, entering(layer).rms > 0 else { return false }
    if shift.isOfNorm { return true }
    let declared = layer.traits.linear?.biasVariance ?? 0
    return shift.figures.rms > LayerShift.least * entering(layer).rms
      && shift.figures.rms * shift.figures.rms > 25 * declared
  }

  func isSaturated(_ row: Int) -> Bool {
    report.rows[row].activation.saturated > Examination.saturationLimit(traits[row].activation)
  }

  /// How much less comes through an activation when it is told that a shift lets next to nothing through.
  private static let silence = 5.0

  /// Whether a shift is so far below 0 that an activation with a tail there passes next to nothing.
  private func silences(_ shift: LayerShift, _ layer: ProbedLayer) -> Bool {
    guard [.gelu, .silu, .softplus].contains(layer.traits.activation), !layer.traits.isResidual,
      shift.figures.maximum < 0, layer.output.activation.std.isFinite, let without = shift.stdWithout
    else { return false }
    return layer.output.activation.std * Examination.silence < without
  }

  private func silencing(_ layer: ProbedLayer, _ shift: LayerShift, _ all: [ProbedLayer]) -> Diagnosis {
    let (std, without) = (layer.output.activation.std, shift.stdWithout ?? 0)
    let text =
      "std of h is \(Reading.number(std)) in \(name(layer))\(shift.clause(shift.figures.mean, "")), where "
      + "\(layer.traits.activation?.name ?? "its activation") passes next to nothing on, nor back\(andMore(all)). "
      + "\(shift.cure) would bring std of h to \(Reading.number(without))."
    return Diagnosis(
      .vanishingActivations, layer: layer.number, text,
      [
        .init("std", std), .init("layers", Double(all.count)), .init("shift", shift.figures.mean),
        .init("spread", shift.spread), .init("predicted", without),
      ])
  }

  /// Whether what tells samples apart, there in what enters, is hidden behind a layer; batch norm there would bring it back.
  private func hides(_ layer: ProbedLayer) -> Bool {
    guard batch > 1, share(entering(layer)) > Examination.leastInputShare else { return false }
    if layers.count > layer.place {
      let next = layers[layer.place].traits
      if next.norm == .batch, next.normPosition == .before { return false }
    }
    return share(layer.output.activation) < Examination.leastInputShare
  }

  private func saturation(_ layer: ProbedLayer, _ shift: LayerShift, _ all: [ProbedLayer]) -> Diagnosis {
    let saturated = layer.output.activation.saturated
    let activation = layer.traits.activation ?? .tanh
    let without = shift.saturationWithout(activation)
    let text =
      "\(Reading.percent(saturated)) of the outputs of \(name(layer)) are within 1 % of the ends of \(activation.name), where it has "
      + "no slope\(shift.clause(shift.figures.rms, ""))\(andMore(all)). "
      + "\(shift.cure) would leave \(without > 0 ? Reading.percent(without) : "none") of them there."
    return Diagnosis(
      .saturation, layer: layer.number, text,
      [
        .init("saturated", saturated), .init("preactivation_std", layer.output.preactivation.std),
        .init("layers", Double(all.count)), .init("shift", shift.figures.rms), .init("spread", shift.spread),
        .init("predicted", without),
      ])
  }

  private func hiding(_ layer: ProbedLayer, _ shift: LayerShift, _ all: [ProbedLayer]) -> Diagnosis {
    let activation = layer.output.activation
    let share = share(activation)
    let text =
      "what tells samples apart is \(Reading.percent(share)) of h in \(name(layer))\(shift.clause(shift.figures.rms, ""))"
      + "\(andMore(all)): samples look alike behind it. "
      + "\(shift.cure) would bring the root mean square of h from \(Reading.number(activation.rms)) to "
      + "\(Reading.number(shift.sizeWithout))."
    return Diagnosis(
      .hiddenSignalDeath, layer: layer.number, text,
      [
        .init("share", share), .init("std", activation.std), .init("batch_std", activation.batchStandardDeviation),
        .init("cosine", activation.cosine), .init("shift", shift.figures.rms), .init("spread", shift.spread),
        .init("predicted", shift.sizeWithout),
      ])
  }
}
