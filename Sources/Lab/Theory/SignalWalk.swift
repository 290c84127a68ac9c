import Kernels
import Networks
import RealModule

/// What a part of a network does to the gradient on its way back.
enum BackwardStep {
  /// A Linear: the factor of the mean square, and what the mean square of dL/dW is made of.
  case linear(factor: Double, entering: Signal)
  /// An activation: `E phi'^2`, `E phi'`, and how much of the pull of other samples it leaves.
  case activation(square: Double, mean: Double, pull: Double)
  /// Batch normalisation: `gamma^2 E[1 / (v + eps)]`, and what its projections leave, over what the activation behind it does.
  case batchNorm(logFactor: Double, projection: BatchProjection?, alongShare: Double, behind: Double)
  /// Layer and RMS normalisation.
  case rowNorm(logFactor: Double)
  /// A branch with its factor, and what stands beside it.
  case sum(branch: [BackwardStep], scale: Double, shortcut: [BackwardStep])
}

/// Takes a signal forward through parts of a network, noting what each will do to the gradient.
///
/// The laws are those of mean-field theory: wide layers, independent weights (Poole et al. 2016; Schoenholz et al. 2017), gradients
/// independent of the forward pass (Schoenholz et al. 2017, section 4), batches whose pairs of samples are alike.
struct SignalWalk {
  /// The number of samples, nil for infinitely many.
  let batch: Int?
  /// What was noted on the way, for the row under way.
  private(set) var notes: [String] = []
  /// The signal that last entered an activation.
  private(set) var preactivation: Signal?
  private var last: (law: ActivationLaw, std: Double, cosine: Double, moments: PairMoments)?

  init(batch: Int?) { self.batch = batch }

  /// Forgets the row before.
  mutating func beginRow() { (notes, preactivation) = ([], nil) }

  /// The signal behind parts, `behind` being what follows them.
  mutating func pass(
    _ signal: Signal, _ parts: [NetworkModel.Part], behind: NetworkModel.Part? = nil
  ) throws(Uncovered) -> (signal: Signal, steps: [BackwardStep]) {
    var signal = signal
    var steps: [BackwardStep] = []
    for (index, part) in parts.enumerated() {
      let next = index + 1 < parts.count ? parts[index + 1] : behind
      let result = try pass(signal, part, behind: next)
      signal = result.signal
      steps.append(result.step)
    }
    return (signal, steps)
  }

  private mutating func pass(
    _ signal: Signal, _ part: NetworkModel.Part, behind: NetworkModel.Part?
  ) throws(Uncovered) -> (signal: Signal, step: BackwardStep) {
    switch part {
    case .linear(let model): return try pass(signal, model)
    case .activation(let law):
      preactivation = signal
      return try pass(signal, law)
    case .norm(let model) where model.kind == .batch: return try passBatch(signal, model, behind)
    case .norm(let model): return try passRow(signal, model)
    case .residual(let model):
      let branch = try pass(signal, model.branch)
      var around: (signal: Signal, steps: [BackwardStep]) = (signal, [])
      if let shortcut = model.shortcut {
        let result = try pass(signal, shortcut)
        around = (result.signal, [result.step])
      }
      return (
        Signal.sum(around.signal, branch.signal, factor: model.scale),
        .sum(branch: branch.steps, scale: model.scale, shortcut: around.steps)
      )
    case .unknown(let reason): throw Uncovered(reason: reason)
    }
  }

  /// `q' = n var(W) q + var(b)`, and the same of products of samples.
  ///
  /// He et al. 2015, eq. 7, with biases; Poole et al. 2016, eq. 3 and 5, whose means over `phi` are those of what enters here.
  private func pass(_ signal: Signal, _ model: LinearModel) throws(Uncovered) -> (signal: Signal, step: BackwardStep) {
    if let reason = model.reason { throw Uncovered(reason: reason) }
    let logProduct = Double.log(Double(model.inputs) * model.weight.variance) + signal.logSquare
    let logBias = Double.log(model.biasVariance)
    let most = max(logProduct, logBias)
    var result = Signal(logSquare: -.infinity, kind: .normal)
    if most > -.infinity {
      let (product, bias) = (Double.exp(logProduct - most), Double.exp(logBias - most))
      result.logSquare = most + Double.log(product + bias)
      result.cosine = product == 0 ? 1 : signal.cosine.map { (product * $0 + bias) / (product + bias) }
      result.spread = result.cosine.map { max(0, 1 - $0).squareRoot() * meanRootOfBatchVariance }
    }
    return (result, .linear(factor: Double(model.outputs) * model.weight.variance, entering: signal))
  }

  /// `E sqrt(chi2(B - 1) / B)`, by which the standard deviation of B normal samples is smaller than that of all.
  ///
  /// The mean of the chi distribution, `sqrt(2/B) Gamma(B/2) / Gamma((B - 1)/2)`.
  private var meanRootOfBatchVariance: Double {
    guard let batch else { return 1 }
    if batch == 1 { return 0 }
    let m = Double(batch)
    // where the difference of logarithms has no digits left, the first order in 1/m
    if batch > 1000 { return 1 - 0.75 / m }
    return (2 / m).squareRoot() * Double.exp(Double.logGamma(m / 2) - Double.logGamma((m - 1) / 2))
  }

  /// What an activation makes of a normal signal: `E phi^2`, `E phi` and the mean product of two samples.
  ///
  /// Poole et al. 2016, eq. 3 and 5, without the Linear that follows.
  private mutating func pass(_ signal: Signal, _ law: ActivationLaw) throws(Uncovered) -> (
    signal: Signal, step: BackwardStep
  ) {
    if law.rectifierSlope == 1 { return (signal, .activation(square: 1, mean: 1, pull: 1)) }
    guard signal.kind == .normal else {
      throw Uncovered(
        reason: signal.kind == .data
          ? "\(law.function.name) acts on the input, of which theory knows the moments alone"
          : "\(law.function.name) acts on numbers that are not normal; theory covers it behind a Linear")
    }
    if signal.logSquare == -.infinity { return afterZero(law) }
    let std = signal.rms
    let moments = law.moments(std: std)
    var result = signal
    // beyond double's range the function is homogeneous, so that the logarithm of the size goes on
    let logScale = law.logSquareScale(signal.logSquare)
    result.logSquare = logScale + Double.log(moments.square)
    result.mean = moments.mean / moments.square.squareRoot()
    result.kind = .independent
    var pull = 1.0
    if let cosine = signal.cosine {
      let pair = pair(law, std, cosine)
      result.cosine = pair.product / moments.square
      // a batch's own mean takes a share of its variance
      let share = batch.map { (1 - 1 / Double($0)).squareRoot() } ?? 1
      result.spread = pair.spread / moments.square.squareRoot() * share
      pull = moments.slopeSquare > 0 ? pair.slopeProduct / moments.slopeSquare : 0
    } else {
      result.spread = nil
    }
    return (result, .activation(square: moments.slopeSquare, mean: moments.slopeMean, pull: pull))
  }

  /// The moments of a pair, kept for a next layer that meets the same, as with normalisation.
  private mutating func pair(_ law: ActivationLaw, _ std: Double, _ cosine: Double) -> PairMoments {
    if let last, last.law == law, last.std == std, last.cosine == cosine { return last.moments }
    let moments = law.pair(std: std, correlation: cosine)
    last = (law, std, cosine, moments)
    return moments
  }

  /// What an activation makes of zeros: one number.
  private func afterZero(_ law: ActivationLaw) -> (signal: Signal, step: BackwardStep) {
    let (value, slope) = (law.value(0), law.derivative(0))
    let signal = Signal(
      logSquare: Double.log(value * value), mean: value == 0 ? 0 : value > 0 ? 1 : -1, cosine: 1, spread: 0,
      kind: .independent)
    return (signal, .activation(square: slope * slope, mean: slope, pull: 1))
  }
}

extension SignalWalk {
  /// Batch normalisation (Ioffe & Szegedy 2015, algorithm 1): each unit loses its mean over the batch, and has a mean square of
  /// `v / (v + eps)`; products of samples are `-1 / (B - 1)` of it, for where a sum is 0 so is its square.
  private mutating func passBatch(
    _ signal: Signal, _ model: NormModel, _ behind: NetworkModel.Part?
  ) throws(Uncovered) -> (signal: Signal, step: BackwardStep) {
    try check(signal, model)
    if let batch, batch < 2 { throw Uncovered(reason: "batch normalisation needs a batch of at least 2") }
    guard let cosine = signal.cosine else {
      throw Uncovered(reason: "batch normalisation depends on the cosine between samples, which is not known")
    }
    let logVariance = signal.logSquare + Double.log(max(0, 1 - cosine))
    let following: ActivationLaw? = if case .activation(let law) = behind { law } else { nil }
    let projection = batch.flatMap { BatchProjection(following ?? ActivationLaw(.linear), batch: $0) }
    let isExact = signal.kind == .normal && projection != nil
    let factors = batchFactors(
      logVariance, model, isNormal: signal.kind == .normal, batch: isExact ? batch : nil)
    if let batch, factors.logInverse == .infinity {
      let cause =
        batch == 2
        ? "leaves of 2 samples the sign of their difference alone, and nothing of dL/dh but what eps makes"
        : "has no mean of dL/dh in front of it for a batch of \(batch): 1 / variance diverges up to 3 samples"
      notes.append("batch normalisation \(cause); take a batch of 4 or more")
    } else if let batch, !isExact {
      notes.append("gradients by the law of an infinite batch: for \(batch) samples there is no closed form here")
    }
    let logGain = 2 * Double.log(abs(model.gamma))
    let square = (following ?? ActivationLaw(.linear)).moments(std: 1).slopeSquare
    let result = Signal(
      logSquare: logGain + factors.logShare, mean: 0, cosine: batch.map { -1 / Double($0 - 1) } ?? 0, spread: 1,
      kind: signal.kind)
    return (
      result,
      .batchNorm(
        logFactor: logGain + factors.logInverse, projection: isExact ? projection : nil, alongShare: factors.alongShare,
        behind: square)
    )
  }

  /// The logarithms of `E[v / (v + eps)]` and of `E[1 / (v + eps)]`, and what eps leaves of the projection along xhat.
  private func batchFactors(
    _ logVariance: Double, _ model: NormModel, isNormal: Bool, batch exact: Int?
  ) -> (logShare: Double, logInverse: Double, alongShare: Double) {
    let eps = model.eps
    let ownShare = batch.map { Double.log(1 - 1 / Double($0)) } ?? 0
    // far below eps it divides alone, and far from 1 double has no variance
    if eps > 0, logVariance < Double.log(eps) - 40 {
      return (logVariance + ownShare - Double.log(eps), -Double.log(eps), 0)
    }
    if logVariance == -.infinity { return (-.infinity, -.infinity, 1) }
    // where the variance is above eps it is eps alone that holds the mean, which a few units make and no net shows
    let diverges = batch.map { $0 <= 3 } ?? false && logVariance > Double.log(eps)
    if eps == 0 {
      let inverse = diverges ? .infinity : BatchVariance.inverse(1, eps: 0, batch: exact)
      return (0, Double.log(inverse) - logVariance, 1)
    }
    let variance = Double.exp(min(logVariance, 700))
    let share =
      isNormal
      ? BatchVariance.share(variance, eps: eps, batch: batch)
      : variance * Double.exp(ownShare) / (variance * Double.exp(ownShare) + eps)
    if diverges { return (Double.log(share), .infinity, 1) }
    let alongShare = exact.map { BatchVariance.alongShare(variance, eps: eps, batch: $0) } ?? 1
    return (Double.log(share), Double.log(BatchVariance.inverse(variance, eps: eps, batch: exact)), alongShare)
  }

  /// Layer and RMS normalisation: each sample is divided by its own root of `v + eps`, which many units make the same for all.
  ///
  /// Ba et al. 2016, eq. 3; Zhang & Sennrich 2019, eq. 4. That it is the same for all samples is the law of large numbers over units,
  /// derived here: products of two samples lose the square of the mean and are divided by the same `v + eps`.
  private func passRow(
    _ signal: Signal, _ model: NormModel
  ) throws(Uncovered) -> (signal: Signal, step: BackwardStep) {
    try check(signal, model)
    let taken = model.kind == .layer ? signal.mean * signal.mean : 0
    let rest = max(0, 1 - taken)
    let logVariance = signal.logSquare + Double.log(rest)
    var result = signal
    guard logVariance > -.infinity else {
      result.logSquare = -.infinity
      return (result, .rowNorm(logFactor: -.infinity))
    }
    let logEps = Double.log(model.eps)
    let most = max(logVariance, logEps)
    let logSum = most + Double.log(Double.exp(logVariance - most) + Double.exp(logEps - most))
    let logGain = 2 * Double.log(abs(model.gamma))
    result.logSquare = logVariance - logSum + logGain
    result.mean = model.kind == .layer ? 0 : signal.mean * (model.gamma < 0 ? -1 : 1)
    result.cosine = signal.cosine.map { ($0 - taken) / rest }
    result.spread = signal.spread.map { $0 / rest.squareRoot() }
    return (result, .rowNorm(logFactor: logGain - logSum))
  }

  private func check(_ signal: Signal, _ model: NormModel) throws(Uncovered) {
    if let reason = model.reason { throw Uncovered(reason: reason) }
    guard signal.kind != .data else {
      throw Uncovered(
        reason: "\(Normalisation.layerName(model.kind)) acts on the input, of which theory knows the moments alone")
    }
  }
}
