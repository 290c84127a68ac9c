import Kernels
import RealModule

/// That a scale falls or grows through the layers: a run, and which layers it is.
struct ScaleVerdict {
  /// The run in the series.
  let run: ScaleRun
  let direction: ScaleRun.Direction
  /// The layer that makes the first step, of a gradient the one it has come to when it begins.
  let first: ProbedLayer
  /// The layer where the run ends.
  let last: ProbedLayer
  /// The rows at either end of the run, in the order the numbers travel; nil where it begins at the input.
  let start: Int?
  let end: Int
  /// The natural logarithm of the scale at the end.
  let endLog: Double
  /// How many units the layers have.
  let widths: [Int]
  /// Whether another diagnosis tells of it.
  var isExplained = false
  /// Where on the whole way, not the run's alone, gradients of auxiliary classifiers enter.
  var entries: [ProbedLayer] = []

  /// How far chance and finite width take the factor from that of theory.
  var tolerance: Double { Drift(widths: widths[...]).tolerance(steps: run.steps) }

  /// Whether two scales go the same way by the same factor, as far as the width allows to tell.
  func isLike(_ other: ScaleVerdict) -> Bool {
    guard direction == other.direction, !run.isJump, !other.run.isJump else { return false }
    let (own, its) = (Double.log(run.factor), Double.log(other.run.factor))
    return abs(own - its) <= max(0.15 * abs(own), tolerance + other.tolerance)
  }
}

extension Examination {
  /// Where activations fall or grow.
  func activationVerdicts() -> [ScaleVerdict] {
    let sound = layers.prefix { $0.output.activation.isSound }
    guard let first = sound.first else { return [] }
    let hasSpread = sound.allSatisfy { $0.output.activation.std > 0 }
    var logs = sound.map { Double.log(hasSpread ? $0.output.activation.std : $0.output.activation.rms) }
    var widths = sound.map(\.width)
    // the first layer's own step, on the root mean square, which is what a layer passes on by its law
    let counts = first.passesScale && report.input.isSound && report.input.rms > 0
    if counts {
      logs.insert(logs[0] + Double.log(report.input.rms) - Double.log(first.output.activation.rms), at: 0)
      widths.insert(first.width, at: 0)
    }
    let places = (counts ? [nil] : []) + sound.map { Optional($0.place) }
    let levelled = levelled(logs, places)
    return [.falling, .growing].compactMap { direction in
      ScaleRun(levelled, widths: widths, direction).map { run in
        let places = run.places
        let begin = counts || places.lowerBound == 0 && !run.isJump ? places.lowerBound : places.lowerBound + 1
        let offset = counts ? 1 : 0
        let start = places.lowerBound - offset
        return ScaleVerdict(
          run: run, direction: direction, first: sound[begin], last: sound[places.upperBound - offset],
          start: start < 0 ? nil : sound[start].rows.upperBound,
          end: sound[places.upperBound - offset].rows.upperBound, endLog: logs[places.upperBound],
          widths: Array(widths[places]))
      }
    }.filter { !isUncertain($0) }
  }

  /// Whether a run is of layers that normalise, bound, or add to, numbers in which a fault or the input leaves nothing but what samples share.
  private func isUncertain(_ verdict: ScaleVerdict) -> Bool {
    let depends = verdict.last.traits.norm != nil || verdict.last.traits.isResidual || !verdict.last.passesScale
    return depends && (isMasked || !isInSight(verdict.last))
  }

  /// What is wrong with the scale of activations, in words; what follows from it goes with it.
  func diagnosis(_ verdict: ScaleVerdict, _ gradients: [ScaleVerdict], _ signal: SignalLoss?) -> Diagnosis {
    let isFalling = verdict.direction == .falling
    let law = self.law("activation", verdict)
    var text = "std of h \(movement(verdict))" + partOfNet(verdict) + law.clause
    if let alike = gradients.first(where: verdict.isLike) {
      text +=
        "; dL/dh \(isFalling ? "falls" : "grows") alike on its way back (\(Reading.factor(alike.run.factor)) per layer)"
        + entering(alike)
    }
    text += ends(verdict)
    text += ". " + cure(commonLayer(verdict)).sentence(isFalling ? .tooSmall : .tooLarge)
    var evidence = [Diagnosis.Evidence("factor", verdict.run.factor)]
    evidence += law.factor.map { [.init("predicted", $0)] } ?? []
    evidence += deathEvidence(verdict)
    return Diagnosis(
      isFalling ? .vanishingActivations : .explodingActivations, layer: verdict.first.number, text, evidence)
  }

  /// The first layer of a run that is as wide at both sides as most are: a first layer of other inputs has a scale of its own.
  func commonLayer(_ verdict: ScaleVerdict) -> ProbedLayer {
    let (begin, end) = (verdict.first.rows.lowerBound, verdict.end)
    let run = layers.filter { $0.rows.lowerBound >= begin && $0.rows.upperBound <= end }
    let counts = Dictionary(grouping: run, by: \.fanIn).mapValues(\.count)
    guard !verdict.run.isJump, let own = counts[verdict.first.fanIn], let most = counts.values.max(), most > own else {
      return verdict.first
    }
    return run.first { counts[$0.fanIn] == most } ?? verdict.first
  }

  /// How a scale moves, for example `falls by 0.0707 per layer from layer 1 to 20`.
  func movement(_ verdict: ScaleVerdict) -> String {
    let verb = verdict.direction == .falling ? "falls" : "grows"
    let factor = Reading.factor(verdict.run.factor)
    if verdict.run.isJump { return "\(verb) by \(factor) in \(name(verdict.first)) alone" }
    return "\(verb) by \(factor) per layer"
  }

  /// In which layers a scale moves, as ` from layer 9 to 16, 1/2.56e+10 in all`; empty where it is all of them.
  private func partOfNet(_ verdict: ScaleVerdict) -> String {
    if verdict.run.isJump { return "" }
    if reachesOutput(verdict) { return verdict.first.place <= 2 ? "" : " from \(span(verdict))" }
    let change = Reading.number(Double.exp(abs(verdict.run.change)))
    return " from \(span(verdict)), \(verdict.direction == .falling ? "1/\(change)" : "\(change) times") in all"
  }

  /// Whether activations fall or grow up to the last layer that can be told, so that more layers would go on with it.
  private func reachesOutput(_ verdict: ScaleVerdict) -> Bool {
    let sound = layers.prefix { $0.output.activation.isSound }
    return verdict.last.place + 1 >= sound.count
  }

  /// A layer as people count, with its row in the report where that is another number: `layer 5 (row 9)`.
  func name(_ layer: ProbedLayer) -> String {
    "layer \(layer.place)" + (layer.place == layer.number ? "" : " (row \(layer.number))")
  }

  /// The layer that a row belongs to, from 0, as `name` has it, or the head.
  func name(row: Int) -> String {
    layers.first { $0.rows.contains(row) }.map(name) ?? (isHead(row) ? "the head" : "layer \(row + 1)")
  }

  /// The layers of a run as people count, with their rows where those are other numbers: `layer 60 to 1 (rows 178 to 1)`.
  func span(_ verdict: ScaleVerdict) -> String {
    let (first, last) = (verdict.first, verdict.last)
    let isPlain = first.place == first.number && last.place == last.number
    return "layer \(first.place) to \(last.place)" + (isPlain ? "" : " (rows \(first.number) to \(last.number))")
  }

  /// Where the dtypes end, as a clause.
  private func ends(_ verdict: ScaleVerdict) -> String {
    if verdict.run.isJump { return "" }
    let verb = verdict.direction == .falling ? "ends" : "overflows"
    if let broken = firstEnd(verdict.direction) {
      let what = verdict.direction == .falling ? "h is exactly 0" : "h is infinite"
      return "; \(report.dtype) \(verb): \(what) from \(name(broken)) on"
    }
    if !reachesOutput(verdict) { return "" }
    let single = death(verdict, .float32)
    let double = death(verdict, .float64)
    if report.dtype == .float64 {
      return double < 100_000 ? "; float64 \(verb) near layer \(double)" : ""
    }
    if single >= 100_000 { return "" }
    return "; float32 \(verb) near layer \(single), float64 near layer \(double)"
  }

  /// The layer, as people count, at which a dtype ends if the run goes on.
  private func death(_ verdict: ScaleVerdict, _ dtype: DType) -> Int {
    verdict.last.place + FloatRange.steps(from: verdict.endLog, factor: verdict.run.factor, dtype)
  }

  /// The layer where activations end: all exactly 0, or infinite; nil where none is.
  private func firstEnd(_ direction: ScaleRun.Direction) -> ProbedLayer? {
    layers.first {
      direction == .falling ? $0.output.activation.zeros == 1 : $0.output.activation.inf > 0
    }
  }

  private func deathEvidence(_ verdict: ScaleVerdict) -> [Diagnosis.Evidence] {
    let measured = firstEnd(verdict.direction).map { Double($0.place) }
    if verdict.run.isJump || measured == nil && !reachesOutput(verdict) { return [] }
    let isSingle = report.dtype == .float32
    return [
      .init(
        "float32_layer", isSingle ? measured ?? Double(death(verdict, .float32)) : Double(death(verdict, .float32))),
      .init(
        "float64_layer", isSingle ? Double(death(verdict, .float64)) : measured ?? Double(death(verdict, .float64))),
    ]
  }
}

extension ProbedLayer {
  /// Below which size tanh is its input to a third of a percent.
  private static let linearRange = 0.1

  /// Whether the layer's output scales with its input: neither normalised nor at the bounds of its activation.
  var passesScale: Bool {
    guard traits.norm == nil else { return false }
    let isLinear = first.preactivation.rms < ProbedLayer.linearRange
    switch traits.activation {
    case .linear, .relu, .leakyReLU, .prelu, .elu, .selu, .gelu, .silu: return true
    case .tanh, .hardtanh: return isLinear
    case .sigmoid, .softplus: return false
    case nil: return traits.isAffineAlone
    }
  }
}

extension Statistics {
  /// Whether the numbers tell a scale: there are some, all finite, not all 0, and few of them have lost digits.
  var isSound: Bool {
    count > 0 && nan == 0 && inf == 0 && zeros < 1 && rms > 0 && rms.isFinite && std.isFinite
      && Double(underflow) < 0.1 * Double(count)
  }
}
