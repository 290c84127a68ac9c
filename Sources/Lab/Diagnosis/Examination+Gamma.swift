import Kernels
import Networks
import RealModule

extension Examination {
  /// How many times larger or smaller than in the other layers a norm's gamma is when it is told: the limit of a `ScaleRun`.
  private static let gammaLimit = Double.exp(ScaleRun.limit)

  /// The layers whose norm's gamma is out of line, or 0.
  ///
  /// A norm behind takes the size away again, so that it is neither the activations nor the weights that are ill. A residual branch whose
  /// gamma is small, or 0 where it learns at once, leaves its input, as nets are begun on purpose (De & Smith 2020).
  func gammaFaults() -> [Fault] {
    let normed = layers.compactMap { layer in layer.traits.normModel?.factors.map { (layer: layer, size: $0.rms) } }
      .filter { $0.size.isFinite }
    let off = normed.filter { $0.size == 0 && stopsSignal($0.layer) }.map(\.layer)
    let sizes = normed.map(\.size).filter { $0 > 0 }.sorted()
    let median = sizes.count >= 3 ? sizes[sizes.count / 2] : 1
    let far = normed.filter { $0.size > 0 && abs(Double.log($0.size / median)) > Double.log(Examination.gammaLimit) }
    // branches are begun small on purpose together
    let small = far.filter { $0.layer.traits.isResidual && $0.size < median }
    let isOnPurpose = Examination.leastUsual * small.count > normed.count
    let outliers = far.filter { layer, size in !(isOnPurpose && layer.traits.isResidual && size < median) }
    var faults: [Fault] = []
    if let first = off.first {
      faults.append(
        Fault(
          diagnosis: gammaOfZero(first, off), places: Set(off.map(\.place)),
          end: isInBranch(first) ? nil : first.place))
    }
    if let first = outliers.first {
      faults.append(
        Fault(
          diagnosis: gamma(first.layer, first.size, median, outliers.map(\.layer)),
          places: Set(outliers.map(\.layer.place)), end: outliers.map(\.layer).first(where: looksAlike)?.place))
    }
    return faults + gammaEffects(beside: Set(outliers.map(\.layer.place)))
  }

  /// Of how many branches one may be small without that being how all of them begin.
  private static let leastUsual = 4

  /// Whether a gamma of 0 lets nothing of a layer through, and in a branch no gradient either.
  private func stopsSignal(_ layer: ProbedLayer) -> Bool {
    guard isInBranch(layer) else { return true }
    let isShiftedOn = layer.traits.normModel?.shifts.map { $0.maximum > 0 } ?? false
    return layer.traits.activation == .relu && layer.traits.normPosition == .before && !isShiftedOn
  }

  /// Whether a residual layer's norm is in its branch, not behind the sum.
  private func isInBranch(_ layer: ProbedLayer) -> Bool {
    isInBranch(layer) { if case .norm = $0 { true } else { false } }
  }

  /// Whether a part of a residual layer is in its branch, not behind the sum, where the model would have it.
  func isInBranch(_ layer: ProbedLayer, _ isPart: (NetworkModel.Part) -> Bool) -> Bool {
    guard layer.traits.isResidual, let parts = parts(of: layer.rows) else { return layer.traits.isResidual }
    return !parts.contains(where: isPart)
  }

  private func gammaOfZero(_ layer: ProbedLayer, _ all: [ProbedLayer]) -> Diagnosis {
    let consequence =
      isInBranch(layer)
      ? "its branch adds nothing, and gets no gradient, for relu has no slope at 0"
      : "nothing but its beta gets through it, every sample looks the same behind it, and no gradient comes back through it"
    let text =
      "gamma of the norm of \(name(layer)) is 0 in all \(layer.width) units: \(consequence)\(andMore(all)). "
      + "A gamma of 1 would bring it back."
    return Diagnosis(.zero, layer: layer.number, text, [.init("gamma", 0), .init("layers", Double(all.count))])
  }

  private func gamma(_ layer: ProbedLayer, _ size: Double, _ median: Double, _ all: [ProbedLayer]) -> Diagnosis {
    let (times, std) = (size / median, layer.output.activation.std)
    let predicted = stdOf(layer, gamma: median, times: times)
    let isLarge = times > 1
    let amount = isLarge ? "\(Reading.number(times)) times" : "1/\(Reading.number(1 / times)) of"
    var text =
      "gamma of the norm of \(name(layer)) is \(Reading.number(size)), \(amount) the others' (median "
      + "\(Reading.number(median))): std of h is \(Reading.number(std)) there"
    if layer.traits.isResidual, !isLarge {
      text += ", and its branch adds next to nothing"
    } else if let gradient = gradientBesideNext(layer), isLarge == (gradient < 1) {
      let factor = gradient < 1 ? "1/\(Reading.number(1 / gradient)) of" : "\(Reading.number(gradient)) times"
      text += ", and dL/dh \(factor) that of the layer behind"
    }
    text += "\(andMore(all)). "
    text +=
      predicted.map { "A gamma of \(Reading.number(median)) would bring std of h to \(Reading.number($0))." }
      ?? "A gamma of \(Reading.number(median)) would make it as the others."
    return Diagnosis(
      .scaleImbalance, layer: layer.number, text,
      [.init("ratio", times), .init("gamma", size), .init("median", median)]
        + (predicted.map { [.init("predicted", $0)] } ?? []))
  }

  /// The std of a layer's output with another gamma; nil where that is not known.
  ///
  /// A layer whose output is a multiple of its gamma has it of what was measured. One that bends what the norm gives has it of the
  /// moments of normal numbers. A sum with what goes around a branch, and what a beta moves, have none.
  private func stdOf(_ layer: ProbedLayer, gamma: Double, times: Double) -> Double? {
    guard !layer.traits.isResidual, let norm = layer.traits.normModel, norm.shifts?.rms ?? 0 == 0,
      let factors = norm.factors
    else { return nil }
    let isUniform = factors.maximum - factors.minimum <= 1e-6 * factors.rms
    let isBefore = layer.traits.normPosition == .before
    switch layer.traits.activation {
    case nil, .linear, .relu, .leakyReLU, .prelu:
      return isUniform && factors.minimum > 0 ? layer.output.activation.std / times : nil
    case let activation?:
      guard isBefore else { return isUniform ? layer.output.activation.std / times : nil }
      return moments(activation, layer, gamma).std
    }
  }

  /// The std and the root mean square that an activation makes of normal numbers of a size.
  func moments(
    _ activation: ActivationFunction, _ layer: ProbedLayer, _ gamma: Double
  ) -> (std: Double, rms: Double) {
    let law = ActivationLaw(activation, slope: layer.traits.slope)
    let moments = law.moments(std: gamma)
    let scale = (law.logSquareScale(2 * Double.log(gamma)) / 2)
    let variance = max(0, moments.square - moments.mean * moments.mean)
    return (Double.exp(scale) * variance.squareRoot(), Double.exp(scale) * moments.square.squareRoot())
  }

  /// The root mean square of a layer's gradient over that of the next.
  private func gradientBesideNext(_ layer: ProbedLayer) -> Double? {
    guard layers.count > layer.place else { return nil }
    let (own, next) = (layer.output.gradient, layers[layer.place].output.gradient)
    return own.isSound && next.isSound ? own.rms / next.rms : nil
  }
}
