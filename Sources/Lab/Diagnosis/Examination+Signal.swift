import RealModule

/// That what tells samples apart gets lost among what they have in common.
struct SignalLoss {
  /// The layer from which on the samples are as good as the same.
  let layer: ProbedLayer
  /// There, the std over the batch over the root mean square of all entries.
  let share: Double
  /// The std over all entries and over the batch at the last layer.
  let std: Double
  let batchStd: Double
  /// How the std over the batch falls; nil where it falls by no clear factor.
  let verdict: ScaleVerdict?
  /// Whether biases, or the mean of an activation that is not 0 at 0, hold the size up.
  let isHeldUp: Bool

  /// Whether gradients that fall alike tell of it: what multiplies differences on their way up multiplies gradients on their way down.
  func isTold(by gradients: [ScaleVerdict]) -> Bool {
    guard !isHeldUp else { return false }
    // what is lost at once leaves no factor to compare
    guard let verdict else { return share == 0 && gradients.contains { $0.direction == .falling } }
    return gradients.contains { $0.isLike(verdict) }
  }
}

extension Examination {
  /// The share of the batch's own spread in the size of activations below which samples are as good as the same.
  ///
  /// 1 % is a cosine of 0.9999. ReLU layers without biases come near it by the algebraic law `1 - c = 9 pi^2 / (2 l^2)` of their cosine
  /// map only after 660 layers; what gets there sooner falls exponentially, or is very narrow. Derived from that map (Cho & Saul 2009,
  /// section 2): near 1 it takes `e = 1 - c` to `e - (2 sqrt 2 / (3 pi)) e^1.5`, and `e = 9 pi^2 / (2 l^2)` solves `de/dl` of that.
  static let leastShare = 0.01

  /// Whether what tells samples apart is lost, and how.
  func signalLoss(beside activations: [ScaleVerdict]) -> SignalLoss? {
    let sound = layers.prefix { $0.output.activation.isSound && isInSight($0) }
    guard !isMasked, batch > 1, share(report.input) > 2 * Examination.leastShare, let last = sound.last,
      let layer = sound.first(where: isLost)
    else { return nil }
    let verdict = batchVerdict(Array(sound))
    if let verdict, activations.contains(where: { $0.direction == .falling && $0.isLike(verdict) }) { return nil }
    let isHeldUp = sound.contains { $0.traits.biasSize ?? 0 > 0 }
    return SignalLoss(
      layer: layer, share: share(layer.output.activation), std: last.output.activation.std,
      batchStd: last.output.activation.batchStandardDeviation, verdict: verdict, isHeldUp: isHeldUp)
  }

  /// Whether what tells samples apart is lost in a layer, by more than chance does in narrow nets: two standard deviations of the drift
  /// that its width and those before it allow the std over the batch.
  private func isLost(_ layer: ProbedLayer) -> Bool {
    let drift = Drift(widths: layers.prefix(layer.place).map(\.width)[...])
    let limit = max(resolution, Examination.leastShare * Double.exp(-drift.chance * 2 / 3))
    return share(layer.output.activation) < limit
  }

  /// The share of the spread over the batch in the size of all entries.
  func share(_ figures: Statistics) -> Double {
    figures.rms > 0 ? figures.batchStandardDeviation / figures.rms : .nan
  }

  /// The share below which differences, beside what samples have in common, are rounding of the dtype.
  private var resolution: Double { report.dtype == .float32 ? 1e-6 : 1e-14 }

  /// How the std over the batch falls through the layers.
  private func batchVerdict(_ sound: [ProbedLayer]) -> ScaleVerdict? {
    let told = sound.prefix { share($0.output.activation) > resolution }
    let logs = told.map { Double.log($0.output.activation.batchStandardDeviation) }
    let widths = told.map(\.width)
    guard let run = ScaleRun(logs, widths: widths, .falling) else { return nil }
    let (low, high) = (run.places.lowerBound, run.places.upperBound)
    return ScaleVerdict(
      run: run, direction: .falling, first: told[low == 0 && !run.isJump ? 0 : low + 1], last: told[high],
      start: told[low].rows.upperBound,
      end: told[high].rows.upperBound, endLog: logs[high], widths: Array(widths[run.places]))
  }

  /// The loss in words.
  func diagnosis(_ loss: SignalLoss, _ gradients: [ScaleVerdict]) -> Diagnosis {
    let cosine = loss.layer.output.activation.cosine
    var evidence: [Diagnosis.Evidence] = [
      .init("share", loss.share), .init("std", loss.std), .init("batch_std", loss.batchStd), .init("cosine", cosine),
    ]
    if let verdict = loss.verdict { evidence.append(.init("factor", verdict.run.factor)) }
    let kind: Diagnosis.Kind = loss.isHeldUp ? .hiddenSignalDeath : .collapse
    let text = kind == .collapse ? collapse(loss) : hidden(loss, gradients)
    return Diagnosis(kind, layer: (loss.verdict?.first ?? loss.layer).number, text, evidence)
  }

  private func hidden(_ loss: SignalLoss, _ gradients: [ScaleVerdict]) -> String {
    var text = "std of h over all entries is \(Reading.number(loss.std)) at the last layer, but over the batch it "
    let batchStd = Reading.number(loss.batchStd)
    if let verdict = loss.verdict {
      text += "\(movement(verdict)), to \(batchStd)" + self.law("batch_std", verdict).clause
    } else {
      text += "is \(batchStd)"
    }
    text += ": only the biases are left, and every sample looks the same"
    if let verdict = loss.verdict, let alike = gradients.first(where: verdict.isLike) {
      text += "; dL/dh falls alike on its way back (\(Reading.factor(alike.run.factor)) per layer)"
    }
    return text + ". " + cure(loss.layer).withoutBiases
  }

  private func collapse(_ loss: SignalLoss) -> String {
    var text =
      "samples collapse to one direction: from \(name(loss.layer)) on what tells them apart is \(Reading.percent(loss.share)) of h"
      + " (cosine \(cosineText(loss.layer.output.activation.cosine))"
    if let predicted = prediction?.rows[loss.layer.rows.upperBound].figures["activation"]?.cosine {
      text += ", theory for its init says \(cosineText(predicted))"
    }
    return text + "). \(cure(loss.layer).ofCollapse)"
  }

  private func cosineText(_ cosine: Double) -> String {
    cosine > 0.999 ? "1 - \(Reading.number(max(0, 1 - cosine)))" : Reading.number(cosine)
  }
}
