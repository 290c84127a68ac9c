import Gradients
import Kernels
import Tensors

/// A step whose forward is a function of the user's, on a tape of its own.
final class CustomStep: Step {
  let firstRow: Int

  private let layer: CustomLayer
  private var label: String { "\(firstRow + 1) \(layer.description)" }

  /// One forward: the input as a leaf, and what was made of it.
  private final class Run {
    let input: Tensor
    let output: Tensor

    init(_ input: Tensor, _ output: Tensor) { (self.input, self.output) = (input, output) }
  }

  init(_ layer: CustomLayer, row: Int) {
    self.layer = layer
    firstRow = row
  }

  var weight: Tensor? { nil }

  func outputFeatures(_ features: Int) -> Int { layer.outputFeatures(features) ?? features }

  func readsOutput(_ pass: Pass) -> Bool { false }

  func forward<T: FloatElement>(
    _ pass: Pass, input: UnsafePointer<T>, features: Int, output: UnsafeMutablePointer<T>, memory: StepMemory
  ) throws {
    let x = try Tensor(T.dtype, [pass.rows, features], zeroed: false)
    x.pointer(T.self).update(from: input, count: x.count)
    let width = outputFeatures(features)
    memory.kept = nil
    let y: Tensor
    if pass.isDifferentiated {
      x.requiresGradient = true
      y = try NoGradient.suspended {
        // the function gets a result, not the leaf: the tape follows changes in place of the former alone
        let shown = try Tape.record("layer", x.alias(), [x]) { [$0.gradient] }
        return try layer.run(shown, width: width, isTraining: pass.dropsOut, label: label)
      }
      memory.kept = Run(x, y)
    } else {
      y = try NoGradient.run { try layer.run(x, width: width, isTraining: pass.dropsOut, label: label) }
    }
    output.update(from: try y.contiguous().pointer(T.self), count: pass.rows * width)
  }

  func backward<T: FloatElement>(
    _ pass: Pass, _ ends: BackwardEnds<T>, features: Int, memory: StepMemory, sink: GradientSink
  ) throws {
    guard let run = memory.kept as? Run else { throw GradientError.used }
    if !pass.repeatsBackward { memory.kept = nil }
    let upstream = try Tensor(T.dtype, run.output.shape, zeroed: false)
    upstream.pointer(T.self).update(from: ends.gradient, count: upstream.count)
    let parameters = layer.parameters.map(\.tensor).filter(\.requiresGradient)
    // an optimiser finds a gradient of 0 where nothing depends on the parameter
    for parameter in parameters { _ = try sink.gradient(of: parameter) }
    var entering: Tensor?
    if Tape.follows(run.output) {
      entering =
        try sink is SeparateSink
        ? apart(run, upstream, parameters, sink, keepsTape: pass.repeatsBackward) : together(run, upstream)
    }
    guard let result = ends.result else { return }
    guard let entering = try entering?.contiguous() else {
      return result.update(repeating: 0, count: pass.rows * features)
    }
    result.update(from: entering.pointer(T.self), count: pass.rows * features)
  }

  /// Adds to the gradients of all leaves the function has used, and answers that of the input.
  private func together(_ run: Run, _ upstream: Tensor) throws -> Tensor? {
    try Tape.backward(from: run.output, gradient: upstream)
    return run.input.gradient
  }

  /// Adds the parameters' gradients to `sink` and answers that of the input; other leaves gather nothing.
  private func apart(
    _ run: Run, _ upstream: Tensor, _ parameters: [Tensor], _ sink: GradientSink, keepsTape: Bool
  ) throws -> Tensor? {
    let gradients = try Tape.gradients(
      of: run.output, at: [run.input] + parameters, gradient: upstream, keepsTape: keepsTape)
    for (parameter, gradient) in zip(parameters, gradients.dropFirst()) {
      if let gradient { _ = try sink.gradient(of: parameter)?.applyInPlace(.add, .tensor(gradient)) }
    }
    return gradients[0]
  }

  func preactivation(_ pass: Pass, dtype: DType, memory: StepMemory) throws -> Tensor? { nil }
}
