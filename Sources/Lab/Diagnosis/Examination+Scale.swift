import Kernels
import RealModule

/// That a scale falls or grows through the layers: a run, and which layers it is.
struct ScaleVerdict {
  /// The run in the series.
  let run: ScaleRun
  let direction: ScaleRun.Direction
  /// The layer that makes the first step.
  let first: ProbedLayer
  /// The rows at either end of the run, in the order the numbers travel; nil where it begins at the input.
  let start: Int?
  let end: Int
  /// The natural logarithm of the scale at the end.
  let endLog: Double
  /// How many units the layers have.
  let widths: [Int]
  /// Whether another diagnosis tells of it.
  var isExplained = false

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
    return [.falling, .growing].compactMap { direction in
      ScaleRun(logs, widths: widths, direction).map { run in
        let places = run.places
        let begin = counts || places.lowerBound == 0 && !run.isJump ? places.lowerBound : places.lowerBound + 1
        let offset = counts ? 1 : 0
        let start = places.lowerBound - offset
        return ScaleVerdict(
          run: run, direction: direction, first: sound[begin],
          start: start < 0 ? nil : sound[start].rows.upperBound,
          end: sound[places.upperBound - offset].rows.upperBound, endLog: logs[places.upperBound],
          widths: Array(widths[places]))
      }
    }
  }

  /// What is wrong with the scale of activations, in words; what follows from it goes with it.
  func diagnosis(_ verdict: ScaleVerdict, _ gradients: [ScaleVerdict], _ signal: SignalLoss?) -> Diagnosis {
    let isFalling = verdict.direction == .falling
    let law = self.law("activation", verdict)
    var text = "std of h \(movement(verdict))" + law.clause
    if let alike = gradients.first(where: verdict.isLike) {
      text +=
        "; dL/dh \(isFalling ? "falls" : "grows") alike on its way back (\(Reading.factor(alike.run.factor)) per layer)"
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
    if verdict.run.isJump { return "\(verb) by \(factor) in layer \(verdict.first.number) alone" }
    return "\(verb) by \(factor) per layer"
  }

  /// Where the dtypes end, as a clause.
  private func ends(_ verdict: ScaleVerdict) -> String {
    if verdict.run.isJump { return "" }
    let verb = verdict.direction == .falling ? "ends" : "overflows"
    if let broken = report.firstEnd(verdict.direction) {
      let what = verdict.direction == .falling ? "h is exactly 0" : "h is infinite"
      return "; \(report.dtype) \(verb): \(what) from layer \(broken + 1) on"
    }
    let single = death(verdict, .float32)
    let double = death(verdict, .float64)
    if report.dtype == .float64 {
      return double < 100_000 ? "; float64 \(verb) near layer \(double)\(countedRows(verdict))" : ""
    }
    if single >= 100_000 { return "" }
    return "; float32 \(verb) near layer \(single), float64 near layer \(double)\(countedRows(verdict))"
  }

  /// What numbers of layers count, where a layer has several rows.
  func countedRows(_ verdict: ScaleVerdict) -> String {
    let count = verdict.first.rows.count
    return count > 1 ? " (counted in rows, \(count) a layer)" : ""
  }

  /// The layer, as a user counts rows, at which a dtype ends if the run goes on.
  private func death(_ verdict: ScaleVerdict, _ dtype: DType) -> Int {
    let rowsPerLayer = verdict.first.rows.count
    return verdict.end + 1 + FloatRange.steps(from: verdict.endLog, factor: verdict.run.factor, dtype) * rowsPerLayer
  }

  private func deathEvidence(_ verdict: ScaleVerdict) -> [Diagnosis.Evidence] {
    if verdict.run.isJump { return [] }
    let measured = report.firstEnd(verdict.direction).map { Double($0 + 1) }
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
  /// Whether the layer's output scales with its input: neither normalised nor bounded.
  var passesScale: Bool {
    guard traits.norm == nil else { return false }
    switch traits.activation {
    case .linear, .relu, .leakyReLU, .prelu, .elu, .selu, .gelu, .silu: return true
    case .tanh, .sigmoid, .softplus, .hardtanh: return false
    case nil: return traits.isAffineAlone
    }
  }
}

extension Report {
  /// The row where activations end: all exactly 0, or infinite; nil where none is.
  fileprivate func firstEnd(_ direction: ScaleRun.Direction) -> Int? {
    rows.firstIndex { direction == .falling ? $0.activation.zeros == 1 : $0.activation.inf > 0 }
  }
}

extension Statistics {
  /// Whether the numbers tell a scale: there are some, all finite, not all 0, and few of them have lost digits.
  var isSound: Bool {
    count > 0 && nan == 0 && inf == 0 && zeros < 1 && rms > 0 && rms.isFinite && std.isFinite
      && Double(underflow) < 0.1 * Double(count)
  }
}
