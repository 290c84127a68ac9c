import Kernels
import Tensors

/// A fused step: Linear, normalisation, activation, normalisation, dropout, each of them optional.
///
/// `z = h W` is one product; `a = phi(z scale + shift)` is one pass that covers the bias, or a batch normalisation folded
/// to a scale and a shift; the statistics of a normalisation after the activation are summed in that same pass.
final class Stage: Step {
  /// A normalisation with its settings as they were when the plan was made.
  struct Norm {
    let layer: Normalisation
    let label: String
    let eps: Double
    let mode: NormalisationMode
    let gamma: Tensor?
    let beta: Tensor?

    init(_ layer: Normalisation, row: Int) {
      self.layer = layer
      label = "\(row + 1) \(layer.description)"
      eps = layer.eps
      mode = layer.mode
      gamma = layer.isAffine ? layer.gamma : nil
      beta = layer.isAffine ? layer.beta : nil
    }

    var isBatch: Bool { layer.type == .batch }

    /// Whether a batch normalisation takes the batch's statistics in a pass; otherwise the running ones, as constants.
    func usesBatchStatistics(_ pass: Pass) -> Bool {
      guard !pass.overridesModes else { return pass.usesBatchStatistics }
      return switch mode {
      case .auto: pass.usesBatchStatistics
      case .batch: true
      case .running, .frozen: false
      }
    }
  }

  private(set) var linear: Linear?
  private(set) var before: Norm?
  private(set) var activation: Activation?
  private(set) var after: Norm?
  private(set) var dropout: Dropout?

  let firstRow: Int

  init(firstRow: Int) {
    self.firstRow = firstRow
  }

  /// Makes a stage of a Linear alone.
  init(_ linear: Linear, row: Int) {
    firstRow = row
    self.linear = linear
  }

  /// Makes a stage of components that the grammar allows one after another.
  init(_ components: [Layer], row: Int) {
    firstRow = row
    for component in components { _ = accept(component, row: row) }
  }

  /// Takes the component in where the grammar allows it; false when it has to start another stage.
  func accept(_ component: Layer, row: Int) -> Bool {
    switch component {
    case let layer as Linear where isEmpty: linear = layer
    case let norm as Normalisation where before == nil && activation == nil && after == nil && dropout == nil:
      before = Norm(norm, row: row)
    case let norm as Normalisation where (before != nil || activation != nil) && after == nil && dropout == nil:
      after = Norm(norm, row: row)
    case let function as Activation where activation == nil && after == nil && dropout == nil: activation = function
    case let layer as Dropout where dropout == nil: dropout = layer
    case is Identity, is Flatten: break
    default: return false
    }
    return true
  }

  private var isEmpty: Bool {
    linear == nil && before == nil && activation == nil && after == nil && dropout == nil
  }

  func outputFeatures(_ features: Int) -> Int { linear?.outputs ?? features }

  var weight: Tensor? { linear?.weight }

  /// Whether dropout changes anything in this pass.
  func dropsOut(_ pass: Pass) -> Bool { pass.dropsOut && (dropout?.probability ?? 0) > 0 }

  func readsOutput(_ pass: Pass) -> Bool { activation != nil && after == nil && !dropsOut(pass) }

  /// Whether there is nothing between the Linear and the dropout but perhaps a bias.
  var isPlain: Bool { before == nil && activation == nil && after == nil }

  /// The passes of the activation, the identity without one.
  func passes<T: FloatElement>(_ type: T.Type) -> ActivationPasses<T> {
    ActivationPasses(activation?.function ?? .linear, slope: activation?.slope ?? 0)
  }

  /// From so many inputs on an output is computed again: the time of three products grows with them, that of one more pass doesn't.
  private static let leastInputs = 96
  /// From so many numbers on: fewer stay in a cache, and cost nothing there.
  private static let leastCount = 65_536

  /// Whether the output is not worth its memory: to compute it again takes no longer than to write it away and to read it back.
  ///
  /// Such are a normalisation after the activation, and a normalisation with an activation that takes a few instructions.
  func rebuildsOutput(_ pass: Pass, features: Int) -> Bool {
    guard let linear, !dropsOut(pass), !pass.keepsPreactivations, features >= Stage.leastInputs,
      pass.rows * linear.outputs >= Stage.leastCount
    else { return false }
    if let after { return after.isBatch }
    let isCheap = activation.map { [.linear, .relu, .leakyReLU, .hardtanh].contains($0.function) } ?? true
    return before?.isBatch == true && isCheap
  }

  /// Whether the activation's slope follows from its output, so that its input may be overwritten.
  func overwritesInput(_ pass: Pass) -> Bool {
    guard !pass.keepsPreactivations else { return false }
    return activation.map { $0.function.derivesFromOutput(slope: $0.slope) } ?? true
  }
}

/// The arrays of one number a column that a stage keeps, one after another in a buffer of the network's dtype.
struct StageVectors<T: FloatElement> {
  let base: UnsafeMutablePointer<T>
  let width: Int

  static var count: Int { 14 }

  init(_ memory: StepMemory, width: Int) throws {
    base = try memory.buffer(.vectors, StageVectors.count * width, T.self)
    self.width = width
  }

  // what the activation's input is scaled and shifted by
  var scale: UnsafeMutablePointer<T> { base }
  var shift: UnsafeMutablePointer<T> { base + width }
  // the normalisation before, without gamma and beta
  var hatScale: UnsafeMutablePointer<T> { base + 2 * width }
  var hatShift: UnsafeMutablePointer<T> { base + 3 * width }
  // the normalisation after, with and without gamma and beta
  var afterScale: UnsafeMutablePointer<T> { base + 4 * width }
  var afterShift: UnsafeMutablePointer<T> { base + 5 * width }
  var afterHatScale: UnsafeMutablePointer<T> { base + 6 * width }
  var afterHatShift: UnsafeMutablePointer<T> { base + 7 * width }
  // the backward's numbers
  var factor: UnsafeMutablePointer<T> { base + 8 * width }
  var hatFactor: UnsafeMutablePointer<T> { base + 9 * width }
  var constant: UnsafeMutablePointer<T> { base + 10 * width }
  // the first number of each column
  var pivot: UnsafeMutablePointer<T> { base + 11 * width }
  var ones: UnsafeMutablePointer<T> { base + 12 * width }
  var zeros: UnsafeMutablePointer<T> { base + 13 * width }

  /// Sets the constant arrays.
  // specialised: the generic fill asks the type how to copy each number
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  func fillConstants() {
    ones.update(repeating: 1, count: width)
    zeros.update(repeating: 0, count: width)
  }
}

/// The float64 arrays of one number a column that a stage keeps.
struct StageSums {
  let base: UnsafeMutablePointer<Double>
  let width: Int

  init(_ memory: StepMemory, width: Int) throws {
    base = try memory.buffer(.sums, 6 * width, Double.self)
    self.width = width
  }

  var mean: UnsafeMutablePointer<Double> { base }
  var variance: UnsafeMutablePointer<Double> { base + width }
  var afterMean: UnsafeMutablePointer<Double> { base + 2 * width }
  var afterVariance: UnsafeMutablePointer<Double> { base + 3 * width }
  var sums: UnsafeMutablePointer<Double> { base + 4 * width }
  var hatSums: UnsafeMutablePointer<Double> { base + 5 * width }

  /// Sets the backward's sums to 0.
  func clearGradients() { sums.update(repeating: 0, count: 2 * width) }
}
