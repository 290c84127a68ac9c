/// What is odd about the scales of a network, the faults that are told left out.
struct Symptoms {
  /// Where activations fall or grow.
  let activations: [ScaleVerdict]
  /// Whether and how what tells samples apart is lost.
  let signal: SignalLoss?
  /// Where gradients fall or grow.
  let gradients: [ScaleVerdict]
  /// That gradients ask steps of different sizes of weights, where nothing else is odd.
  let requests: Diagnosis?
  /// The rows, from 0, whose outputs stand at the ends of their activation.
  let saturated: [Int]

  init(_ examination: Examination) {
    let activations = examination.activationVerdicts()
    let signal = examination.signalLoss(beside: activations)
    let gradients = examination.gradientVerdicts(besides: activations, signal)
    (self.activations, self.signal, self.gradients) = (activations, signal, gradients)
    saturated = examination.saturatedRows
    let isQuiet = activations.isEmpty && gradients.isEmpty && signal == nil
    requests = isQuiet ? examination.outlierOfRequests() : nil
  }

  /// How many there are.
  var count: Int {
    activations.count + gradients.count + saturated.count + (signal == nil ? 0 : 1) + (requests == nil ? 0 : 1)
  }

  /// Whether a scale moves over several layers.
  var hasRun: Bool { (activations + gradients).contains { !$0.run.isJump } }
}
