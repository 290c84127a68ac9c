import Kernels
import Tensors

/// How one forward runs, and later its backward.
struct Pass {
  /// The number of samples.
  let rows: Int
  /// Whether batch normalisation takes the batch's statistics, where its mode doesn't decide.
  var usesBatchStatistics = false
  /// Whether that holds for every normalisation, whatever its mode.
  var overridesModes = false
  /// Whether running statistics follow the batch statistics that are taken.
  var updatesRunning = false
  /// Takes the batch statistics in place of the running ones; nil but in a recalibration.
  var recalibration: Recalibration?
  /// Whether dropout applies.
  var dropsOut = false
  /// Whether a backward may follow.
  var isDifferentiated = true
  /// Whether what enters each nonlinearity must survive the forward.
  var keepsPreactivations = false
  /// Where dropout masks come from.
  let generator: Generator
  /// Who looks at each Linear's product on the way; nil for nobody.
  var products: (any ProductObserver)?
  /// Who looks at the gradients on their way back; nil for nobody.
  var gradients: (any GradientObserver)?
  /// Whether several backwards may follow.
  var repeatsBackward = false
}

/// Looks at what each Linear computes in a forward.
protocol ProductObserver: AnyObject {
  /// Takes the product `h W^T` `[rows, outputs]`, still without the bias; it may be changed in place.
  func take<T: FloatElement>(_ product: UnsafeMutablePointer<T>, of linear: Linear, rows: Int) throws
}

/// Looks at the gradient of each step's output in a backward, those of steps inside others too.
protocol GradientObserver: AnyObject {
  /// The memory that takes the gradient `[rows, width]` of the output of `step`; it is not changed after that.
  func room<T: FloatElement>(
    for step: any Step, rows: Int, width: Int, _ type: T.Type
  ) throws -> UnsafeMutablePointer<T>
}

/// The steps inside a step, for an observer; their last output lies in the step's buffer `.branch`.
struct InnerPlan {
  let plan: Plan
  /// The layers that the steps are, where each layer is a step of its own.
  let layers: [Layer]
}

/// The matrices at the two ends of a step in a backward pass.
struct BackwardEnds<T: FloatElement> {
  /// The step's input, as in the forward.
  let input: UnsafePointer<T>
  /// The gradient of the step's output.
  let gradient: UnsafePointer<T>
  /// Memory as large as the step's widest matrix, for the step to use.
  let spare: UnsafeMutablePointer<T>
  /// Takes the gradient of the input, perhaps in the memory of `gradient`; nil when nobody asks.
  let result: UnsafeMutablePointer<T>?
}

/// One step of a plan; layers that are more than a stage (a residual branch, a layer written in Lua) are other steps.
protocol Step: AnyObject {
  /// The row of the network where the step begins, from 0.
  var firstRow: Int { get }

  /// The weight whose gradient an observer wants.
  var weight: Tensor? { get }

  /// The steps inside, nil for a step of one piece.
  var inner: InnerPlan? { get }

  /// The features of the output for an input of `features`.
  func outputFeatures(_ features: Int) -> Int

  /// Whether the backward reads the step's output.
  func readsOutput(_ pass: Pass) -> Bool

  /// Computes `output` from `input`, and keeps in `memory` what the backward needs.
  func forward<T: FloatElement>(
    _ pass: Pass, input: UnsafePointer<T>, features: Int, output: UnsafeMutablePointer<T>, memory: StepMemory
  ) throws

  /// Computes the input's gradient, and adds the parameters' to `sink`.
  func backward<T: FloatElement>(
    _ pass: Pass, _ ends: BackwardEnds<T>, features: Int, memory: StepMemory, sink: GradientSink
  ) throws

  /// What entered the nonlinearity of the last forward, nil for a step without one.
  func preactivation(_ pass: Pass, dtype: DType, memory: StepMemory) throws -> Tensor?
}

extension Step {
  var inner: InnerPlan? { nil }
}
