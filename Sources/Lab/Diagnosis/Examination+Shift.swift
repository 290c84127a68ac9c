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
  /// The size that a norm over units brings the sum to before the law; nil where none does.
  var normed: Double?

  /// How often the standard deviation has to go into it: twice, which 5 % of normal numbers make up for.
  static let least = 2.0

  /// Whether it outdoes what it is added to.
  var isLarge: Bool { figures.rms.isFinite && figures.rms > LayerShift.least * spread }

  /// The standard deviation of what enters the law without the shift.
  private var inner: Double { normed ?? spread }

  /// That it is the cause, as a clause, with the number that matters.
  func clause(_ size: Double, _ word: String) -> String {
    ", for \(name) \(isPlural ? "are" : "is") \(word)\(Reading.number(size)) beside \(beside)"
  }

  /// Its mean, or its size where units differ by more than they have in common.
  var usual: Double { abs(figures.mean) > figures.rms / 2 ? figures.mean : figures.rms }

  private var isPlural: Bool { name.contains("biases") }

  /// The share of normal numbers of the spread that a bounded activation has at its ends without the shift.
  func saturationWithout(_ activation: ActivationFunction) -> Double {
    activation.saturation(std: inner)
  }

  /// The std of the layer's output without the shift, nil where nothing is done to the sum.
  var stdWithout: Double? {
    guard let law, inner > 0 else { return nil }
    let moments = law.moments(std: inner)
    let variance = max(0, moments.square - moments.mean * moments.mean)
    return Double.exp(law.logSquareScale(2 * Double.log(inner)) / 2) * variance.squareRoot()
  }

  /// The root mean square of the layer's output without the shift.
  var sizeWithout: Double {
    guard let law, inner > 0 else { return inner }
    let log = law.logSquareScale(2 * Double.log(inner)) + Double.log(law.moments(std: inner).square)
    return Double.exp(log / 2)
  }

  // MARK: Unit by unit

  /// What is added to units, one number for each 5 % of them.
  private var ofUnits: [Double] { figures.quantiles.isEmpty ? [figures.mean] : figures.quantiles }

  /// What enters the law of a unit: the mean and the standard deviation over samples.
  private func entering(_ shift: Double) -> (mean: Double, std: Double) {
    guard let normed else { return (shift, spread) }
    let size = (figures.rms * figures.rms + spread * spread).squareRoot()
    return (normed * shift / size, normed * spread / size)
  }

  /// How much less comes through an activation when it is told that a shift lets next to nothing through.
  static let silence = 5.0

  /// The share of the units that pass next to nothing on: the std of what they give is less than a fifth of what it is without a shift.
  var silent: Double {
    guard let law, let without = stdWithout, without > 0 else { return 0 }
    let silent = ofUnits.count { unit in
      let (mean, std) = entering(unit)
      return mean < 0 && law.std(mean: mean, std: std) * LayerShift.silence < without
    }
    if figures.quantiles.isEmpty { return Double(silent) }
    return max(0, Double(silent) - 1) / Double(ParameterFigures.parts)
  }

  /// The root mean square of the slopes that units have beside what they are without a shift.
  var slope: Double {
    guard let law, spread > 0, inner > 0 else { return 1 }
    let without = law.moments(std: inner).slopeSquare
    let units = ofUnits.map { unit in
      let (mean, std) = entering(unit)
      return law.slopeSquare(mean: mean, std: std)
    }
    return without > 0 ? (units.reduce(0, +) / Double(units.count) / without).squareRoot() : 1
  }
}

extension ActivationLaw {
  private func points(mean: Double, std: Double) -> [NormalMean.Point] {
    NormalMean(mean: mean, std: ActivationLaw.clamped(std), kinks: kinks, resolution: 1).points
  }

  /// The standard deviation of what the function makes of a normal variable.
  fileprivate func std(mean: Double, std: Double) -> Double {
    let center = value(mean)
    let (first, second) = points(mean: mean, std: std).reduce((0.0, 0.0)) { sums, point in
      let away = value(point.x) - center
      return (sums.0 + point.share * away, sums.1 + point.share * away * away)
    }
    return max(0, second - first * first).squareRoot()
  }

  /// The mean square of the slopes at a normal variable.
  fileprivate func slopeSquare(mean: Double, std: Double) -> Double {
    points(mean: mean, std: std).reduce(0) { sum, point in
      let slope = derivative(point.x)
      return sum + point.share * slope * slope
    }
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
  /// Batch norm takes the biases in front of it away, layer norm what units have of them in common, RMS norm nothing.
  func shift(_ layer: ProbedLayer) -> LayerShift? {
    let law = layer.traits.activation.map { ActivationLaw($0, slope: layer.traits.slope) }
    let biases = shiftOfBiases(layer, law)
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
    let norm = layer.traits.normPosition == .after ? nil : layer.traits.normModel
    if norm?.kind == .batch { return nil }
    let beside = "a std of \(Reading.number(spread)) of what its weights make of its input"
    var shift = LayerShift(
      name: norm?.kind == .layer ? "its biases less their mean" : "its biases",
      figures: norm?.kind == .layer ? bias.centred : bias, spread: spread, beside: beside, cure: "Biases of 0",
      law: law, isOfNorm: false)
    shift.normed = norm.map { $0.factors?.rms ?? abs($0.gamma) }
    return shift
  }

  /// The layers whose biases, or whose norm's beta, are so large that they hide what tells samples apart, or drive it to where the
  /// activation has no slope.
  ///
  /// Biases that were drawn with a variance of their own, as PyTorch's, and those that are small beside what enters are no fault of a
  /// layer: it is the weights then that let the signal die, which is told as such.
  func shiftFaults() -> [Fault] {
    let known = layers.compactMap { layer in shift(layer).map { (layer: layer, shift: $0) } }
    let hits = known.filter { isFault($0.shift, $0.layer) }
    let saturated = hits.filter { isSaturated($0.layer.rows.upperBound) }
    let silenced = hits.filter { silences($0.shift, $0.layer) }
    var others = Set((saturated + silenced).map(\.layer.place))
    let partly = known.filter { !others.contains($0.layer.place) && silencesUnits($0.shift, $0.layer) }
    others.formUnion(partly.map(\.layer.place))
    let slowed = slowing(known.filter { !others.contains($0.layer.place) })
    others.formUnion(slowed.flatMap(\.places))
    let hidden = hits.filter { !others.contains($0.layer.place) && hides($0.layer) }
    typealias Statement = (ProbedLayer, LayerShift, [ProbedLayer]) -> Diagnosis
    let kinds: [([(layer: ProbedLayer, shift: LayerShift)], Statement)] = [
      (saturated, saturation), (silenced, silencing), (partly, silencingUnits), (hidden, hiding),
    ]
    let faults = kinds.compactMap { hits, statement -> Fault? in
      guard let first = hits.first else { return nil }
      let layers = hits.map(\.layer)
      let diagnosis = statement(first.layer, first.shift, layers)
      // what goes around a branch that gives nothing is in sight behind it
      let end = layers.first { !$0.traits.isResidual || diagnosis.kind == .hiddenSignalDeath }?.place
      let isPartial = diagnosis.kind == .deadUnits && first.shift.silent < Examination.mostDead
      return Fault(diagnosis: diagnosis, places: Set(layers.map(\.place)), end: isPartial ? nil : end)
    }
    return faults + slowed + headShift()
  }

  private func isFault(_ shift: LayerShift, _ layer: ProbedLayer) -> Bool {
    guard shift.isLarge, entering(layer).rms > 0 else { return false }
    return shift.isOfNorm || shift.figures.rms > LayerShift.least * entering(layer).rms && isChanged(shift, layer)
  }

  /// Whether a shift is not what biases begin with.
  func isChanged(_ shift: LayerShift, _ layer: ProbedLayer) -> Bool {
    let declared = layer.traits.linear?.biasVariance ?? 0
    return shift.isOfNorm || shift.figures.rms * shift.figures.rms > 25 * declared
  }

  func isSaturated(_ row: Int) -> Bool {
    report.rows[row].activation.saturated > Examination.saturationLimit(traits[row].activation)
  }

  /// Whether the nonlinearity of a residual layer is in its branch, not behind the sum.
  private func isBranch(_ layer: ProbedLayer) -> Bool {
    isInBranch(layer) { if case .activation = $0 { true } else { false } }
  }

  /// What a layer's nonlinearity gives, of a residual one that in its branch; nil where that is not known.
  private func given(_ layer: ProbedLayer) -> Statistics? {
    if !isBranch(layer) { return layer.output.activation }
    let kind = layer.traits.activation?.layerName
    return layer.rows.lazy.flatMap { report.rows[$0].branch }.last { $0.kind == kind }?.activation
  }

  /// The activations that a shift below 0 can silence; that of ReLU leaves zeros, which are told as dead units.
  private func canBeSilent(_ layer: ProbedLayer) -> Bool {
    switch layer.traits.activation {
    case .gelu, .silu, .softplus, .elu, .selu, .leakyReLU, .prelu: true
    default: false
    }
  }

  /// Whether a shift is so far below 0 that an activation with a tail there passes next to nothing.
  private func silences(_ shift: LayerShift, _ layer: ProbedLayer) -> Bool {
    guard canBeSilent(layer), shift.figures.maximum < 0, let std = given(layer)?.std, std.isFinite,
      let without = shift.stdWithout
    else { return false }
    return std * LayerShift.silence < without
  }

  /// Whether a shift silences a part of the units that would be told of dead ones.
  private func silencesUnits(_ shift: LayerShift, _ layer: ProbedLayer) -> Bool {
    guard canBeSilent(layer), isChanged(shift, layer), shift.figures.minimum < -shift.spread else { return false }
    // where units above 0 are so large that samples look alike, that is told
    if shift.figures.maximum > LayerShift.least * shift.spread, isFault(shift, layer), hides(layer) { return false }
    return shift.silent > Examination.deadMargin
  }

  private func silencingUnits(_ layer: ProbedLayer, _ shift: LayerShift, _ all: [ProbedLayer]) -> Diagnosis {
    let (share, activation) = (shift.silent, layer.traits.activation?.name ?? "its activation")
    let text =
      "about \(Reading.percent(share)) of the units of \(isBranch(layer) ? "the branch of " : "")\(name(layer)) pass next to "
      + "nothing on, nor back\(shift.clause(shift.figures.minimum, "down to ")), where \(activation) is flat\(andMore(all)). "
      + "\(shift.cure) would wake them."
    return Diagnosis(
      .deadUnits, layer: layer.number, text,
      [
        .init("dead", share), .init("layers", Double(all.count)), .init("shift", shift.figures.minimum),
        .init("spread", shift.spread),
      ])
  }

  private func silencing(_ layer: ProbedLayer, _ shift: LayerShift, _ all: [ProbedLayer]) -> Diagnosis {
    let (std, without) = (given(layer)?.std ?? .nan, shift.stdWithout ?? 0)
    let text =
      "std of h is \(Reading.number(std)) in \(isBranch(layer) ? "the branch of " : "")\(name(layer))\(shift.clause(shift.figures.mean, "")), where "
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
    return share(layer.output.activation) < Examination.leastLeft * share(entering(layer))
  }

  /// The part of what tells samples apart that a shift has to leave: of unlike samples a quarter is a cosine of 15/16.
  private static let leastLeft = 0.25

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
