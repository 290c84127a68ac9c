import Kernels
import Networks
import RealModule

extension Prediction {
  /// Predicts every row of a network from its model and what goes in at either end.
  ///
  /// Where a part has no law, its row and those behind it have a reason and no figures; gradients are then told for none.
  public init(_ model: NetworkModel, _ input: TheoryInput) {
    var maker = PredictionMaker(model, input)
    maker.goForward()
    maker.goBack()
    self = maker.prediction
    ends = maker.ends
    (drift, driftSpread) = FiniteWidth.drift(model, covered: maker.steps.count == model.rows.count) ?? (nil, nil)
  }
}

/// A prediction under way.
private struct PredictionMaker {
  private let model: NetworkModel
  private let input: TheoryInput
  private(set) var prediction: Prediction
  /// What each covered row does to the gradient.
  private(set) var steps: [[BackwardStep]] = []
  private var activationLogs: [Double] = []
  private var gradientLogs: [Double] = []

  init(_ model: NetworkModel, _ input: TheoryInput) {
    self.model = model
    self.input = input
    prediction = Prediction(
      rows: model.rows.map { PredictedRow(name: $0.name, kind: $0.kind) }, dtype: model.dtype)
  }

  mutating func goForward() {
    guard input.rms.isFinite else { return refuse(from: 0, "the input is not finite") }
    var walk = SignalWalk(batch: input.batch)
    var signal = input.signal
    for (index, row) in model.rows.enumerated() {
      // whoever asked for the prediction raises the interruption
      if Interrupt.isRequested { return refuse(from: index, "the prediction was interrupted") }
      walk.beginRow()
      do throws(Uncovered) {
        let behind = index + 1 < model.rows.count ? model.rows[index + 1].parts.first : nil
        let result = try walk.pass(signal, row.parts, behind: behind)
        note(index, entering: signal, leaving: result.signal, walk)
        signal = result.signal
        steps.append(result.steps)
      } catch {
        return refuse(from: index, error.reason)
      }
    }
  }

  private mutating func refuse(from first: Int, _ reason: String) {
    for index in first..<max(first, model.rows.count) {
      prediction.rows[index].reason = index == first ? reason : "layer \(first + 1) in front of it is not covered"
    }
    for index in 0..<first {
      prediction.rows[index].notes.append("no dL/dh: it comes back through layer \(first + 1), which is not covered")
    }
  }

  private mutating func note(_ index: Int, entering: Signal, leaving: Signal, _ walk: SignalWalk) {
    var row = prediction.rows[index]
    row.notes = walk.notes
    row.figures["activation"] = leaving.figures
    row.figures["preactivation"] = (walk.preactivation ?? leaving).figures
    if let linear = model.rows[index].parts.firstLinear {
      var weight = PredictedFigures()
      weight.mean = 0
      weight.variance = linear.weight.variance
      weight.std = linear.weight.variance.squareRoot()
      weight.rms = weight.std
      row.figures["weight"] = weight
    }
    if entering.logSquare > -.infinity { row.factor = Double.exp((leaving.logSquare - entering.logSquare) / 2) }
    row.law = RowLaw.text(model.rows[index].parts)
    prediction.rows[index] = row
    activationLogs.append(leaving.logSquare / 2)
  }

  mutating func goBack() {
    guard steps.count == model.rows.count else { return }
    guard input.upstreamRMS.isFinite else {
      return annotate(upTo: model.rows.count, "no dL/dh: the upstream gradient is not finite")
    }
    var walk = GradientWalk(batch: input.batch)
    var gradient = input.gradient
    for index in model.rows.indices.reversed() {
      if input.hasAuxiliaryGradients, let last = model.auxiliaries.last, index == last {
        return annotate(
          upTo: index + 1, "no dL/dh: an auxiliary classifier behind layer \(last + 1) adds a gradient of its own")
      }
      prediction.rows[index].figures["gradient"] = gradient.figures
      gradientLogs.append(gradient.logSquare / 2)
      walk.beginRow()
      guard let next = walk.pass(gradient, steps[index]) else {
        return annotate(
          upTo: index, "no dL/dh: the batch normalisation in layer \(index + 1) \(walk.gap ?? "has no law for it")")
      }
      if !startsApart {
        noteWeightGradient(index, nil)
        return annotate(
          upTo: index,
          "no dL/dh: the gradient of a loss, or ones, depends on the activations it starts from where no small Linear head "
            + "stands between")
      }
      noteWeightGradient(index, walk.logWeightGradient)
      prediction.rows[index].gradientFactor = Double.exp(next.logSquare - gradient.logSquare)
      gradient = next
    }
  }

  /// Whether the gradient that enters the net is as good as independent of what the layers did on the way forward.
  ///
  /// One that is drawn is. That of a loss depends on the output `W h`, and goes back through the same W: on the mean square by a share
  /// of outputs / inputs at most, a quarter here. Ones behind an activation meet the slopes of the very weights they go through.
  private var startsApart: Bool {
    if input.isUpstreamIndependent { return true }
    guard case .linear(let head)? = model.rows.last?.parts.last else { return false }
    return 4 * head.outputs <= head.inputs
  }

  private mutating func noteWeightGradient(_ index: Int, _ logSquare: Double?) {
    guard model.rows[index].parts.firstLinear != nil else { return }
    guard let logSquare else {
      let cause =
        input.batch == nil ? "it grows with the batch, which is not given" : "samples' gradients depend on each other"
      prediction.rows[index].notes.append("no dL/dW: \(cause)")
      return
    }
    // its mean over the entries is near 0, by how much depends on the draw
    var figures = GradientSignal(logSquare: logSquare).figures
    figures.mean = nil
    prediction.rows[index].figures["weight_gradient"] = figures
  }

  private mutating func annotate(upTo end: Int, _ note: String) {
    for index in 0..<end { prediction.rows[index].notes.append(note) }
  }

  var ends: [SignalEnd] {
    SignalEnd.ends(activationLogs, "activation") + SignalEnd.ends(gradientLogs, "gradient")
  }
}

extension [NetworkModel.Part] {
  /// The Linear whose weight a report shows for the row: the first.
  var firstLinear: LinearModel? {
    for part in self {
      switch part {
      case .linear(let model): return model
      case .residual(let model):
        if let found = model.branch.firstLinear { return found }
      default: continue
      }
    }
    return nil
  }
}

/// The law behind a row in words.
///
/// `sigma sqrt(n)`, times the root of `(1 + a^2)/2` behind a nonlinearity that is linear on either side of 0: He et al. 2015, eq. 9 for
/// ReLU, a layer's root of `n var(W) / 2`.
enum RowLaw {
  /// For example `normal(0.01): sigma*sqrt(n/2) = 0.07071 per layer`; nil where there is no short one.
  static func text(_ parts: [NetworkModel.Part]) -> String? {
    guard case .linear(let linear)? = parts.first, linear.biasVariance == 0, linear.reason == nil else { return nil }
    let spread = Double(linear.inputs) * linear.weight.variance
    switch parts.count {
    case 1: return "\(linear.weight.text): sigma*sqrt(n) = \(short(spread.squareRoot()))"
    case 2:
      guard case .activation(let law) = parts[1], let a = law.rectifierSlope else { return nil }
      let form = a == 1 ? "sigma*sqrt(n)" : a == 0 ? "sigma*sqrt(n/2)" : "sigma*sqrt(n*(1 + a^2)/2)"
      return "\(linear.weight.text): \(form) = \(short((spread * (1 + a * a) / 2).squareRoot()))"
    default: return nil
    }
  }
}

/// What a finite width does to the mean-field prediction.
enum FiniteWidth {
  /// The mean and the standard deviation of the logarithm of one sample's mean square, less its prediction, through a net.
  ///
  /// A layer of n units has the mean of n squares for `E phi^2`: with kurtosis `k = E phi^4 / (E phi^2)^2` its logarithm is off by
  /// `-(k - 1)/(2n)` on the mean with a variance of `(k - 1)/n`, and layers add up: `-5L/(2n)` for L layers of ReLU.
  ///
  /// Derived here: the mean of n independent squares, over its expectation, is `1 + e` with `E e^2 = (k - 1)/n`, and `ln(1 + e)` is
  /// `e - e^2/2` to second order. That the sum of reciprocal widths governs the spread is Hanin & Rolnick 2018 (their second failure
  /// mode). It needs functions linear on either side of 0, which don't pull the variance back, independent weights, no biases, no
  /// normalisation and no residual connections; else it is not known.
  static func drift(_ model: NetworkModel, covered: Bool) -> (Double?, Double?)? {
    guard covered else { return nil }
    var variance = 0.0
    var width: Int?
    for part in model.rows.flatMap(\.parts) {
      switch part {
      case .linear(let linear)
      where (linear.weight.family == .normal || linear.weight.family == .uniform) && linear.biasVariance == 0:
        // two Linear in a row: the first is a layer of its own
        if let n = width { variance += 2 / Double(n) }
        width = linear.outputs
      case .activation(let law):
        guard let kurtosis = law.kurtosis, let n = width else { return nil }
        variance += (kurtosis - 1) / Double(n)
        width = nil
      default: return nil
      }
    }
    if let n = width { variance += 2 / Double(n) }
    return (-variance / 2, variance.squareRoot())
  }
}
