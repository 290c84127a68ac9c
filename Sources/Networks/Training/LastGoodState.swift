import Kernels
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Copies of tensors' memory, which can be put back.
struct MemoryCopies {
  private let pairs: [(tensor: Tensor, copy: Storage)]

  /// Makes room for the memory of `tensors`, and copies it.
  init(_ tensors: some Sequence<Tensor>) throws {
    pairs = try tensors.map { ($0, try Storage($0.storage.dtype, count: $0.storage.count, zeroed: false)) }
    save()
  }

  /// Copies what the tensors hold now.
  func save() {
    for (tensor, copy) in pairs { memcpy(copy.base, tensor.storage.base, copy.count * copy.dtype.size) }
  }

  /// Copies what other copies of the same tensors hold.
  func take(_ other: MemoryCopies) {
    for (own, given) in zip(pairs, other.pairs) {
      memcpy(own.copy.base, given.copy.base, own.copy.count * own.copy.dtype.size)
    }
  }

  /// Puts the copies back.
  func restore() {
    for (tensor, copy) in pairs {
      tensor.storage.noteChange()
      memcpy(tensor.storage.base, copy.base, copy.count * copy.dtype.size)
    }
  }
}

/// What a step that fails is taken back to.
///
/// Before each step the running statistics are copied, which the forward changes; the update comes last, so that these and the
/// generator are all that a failed step leaves behind. Every `interval` steps everything is copied, once the loss has turned
/// out finite: where the parameters themselves have gone wrong, they go back to that copy.
final class LastGoodState {
  /// How many steps share the cost of a copy of everything.
  static let interval = 50

  private let network: Network
  private let optimiser: any Optimiser
  /// The structure the copies belong to; a callback may change it.
  private var plan: Plan?
  private var running: RunningCopies
  private var kept: Kept?

  private struct Kept {
    var step: Int
    let parameters: MemoryCopies
    var running: RunningCopies
    var optimiser: OptimiserState
  }

  init(_ network: Network, _ optimiser: any Optimiser) throws {
    self.network = network
    self.optimiser = optimiser
    running = try RunningCopies(network)
    plan = network.plan
  }

  /// Copies what the forward of a step changes.
  func begin() throws {
    if network.plan === plan {
      running.save()
    } else {
      plan = network.plan
      kept = nil
      running = try RunningCopies(network)
    }
  }

  /// Takes a step back whose forward or backward has failed, before its update.
  func takeBack() { running.restore() }

  /// Copies everything where that is due: the loss of `step` is finite and its update is still to come.
  func keep(before step: Int) throws {
    if let kept, step < kept.step + LastGoodState.interval { return }
    let optimiser = try optimiser.state()
    if kept == nil {
      kept = Kept(
        step: step, parameters: try MemoryCopies(network.trainedTensors), running: try RunningCopies(network),
        optimiser: optimiser)
    }
    kept?.step = step
    kept?.optimiser = optimiser
    kept?.parameters.save()
    kept?.running.take(running)
  }

  /// Goes back to the last copy of everything where the parameters are at fault for a loss that is not finite.
  ///
  /// They are where one of them is not finite itself, or where the loss of the same samples is finite with the copy.
  ///
  /// - Returns: the step before which the network was as it is now.
  func recover(_ step: Int, isFinite: () throws -> Bool) throws -> Int {
    guard let kept, kept.step < step else { return step }
    let (parameters, running) = (try MemoryCopies(network.trainedTensors), try RunningCopies(network))
    let areFinite = network.trainedTensors.allSatisfy(\.isFinite)
    kept.parameters.restore()
    kept.running.restore()
    if areFinite, try !isFinite() {
      parameters.restore()
      running.restore()
      return step
    }
    try optimiser.restore(kept.optimiser)
    return kept.step
  }
}

/// The running statistics, and where the generator stands: what a forward in training mode changes.
private struct RunningCopies {
  private let network: Network
  private let memory: MemoryCopies
  private let norms: [Normalisation]
  private var batchesSeen: [Int]
  private var generator: Generator.State

  init(_ network: Network) throws {
    self.network = network
    memory = try MemoryCopies(network.allLayers.flatMap { $0.buffers.map(\.tensor) })
    norms = network.allBatchNormalisations
    batchesSeen = norms.map(\.batchesSeen)
    generator = network.generator.state
  }

  mutating func save() {
    memory.save()
    for place in norms.indices { batchesSeen[place] = norms[place].batchesSeen }
    generator = network.generator.state
  }

  mutating func take(_ other: RunningCopies) {
    memory.take(other.memory)
    batchesSeen = other.batchesSeen
    generator = other.generator
  }

  func restore() {
    memory.restore()
    for (norm, count) in zip(norms, batchesSeen) { norm.batchesSeen = count }
    network.generator.state = generator
  }
}

extension Network {
  /// The batch normalisations of the rows and of auxiliary classifiers.
  var allBatchNormalisations: [Normalisation] { allLayers.flatMap(\.batchNormalisations) }

  /// The position from 0 of the first row that normalises by the statistics of the batch in training.
  var rowWithBatchStatistics: Int? {
    rows.firstIndex { row in row.batchNormalisations.contains { $0.mode == .auto || $0.mode == .batch } }
  }
}

extension Tensor {
  /// Whether no element of a float tensor is NaN or infinite.
  var isFinite: Bool {
    guard let type = dtype.floatType else { return true }
    return allFinite(type)
  }

  private func allFinite<T: FloatElement>(_ type: T.Type) -> Bool {
    // the order of the elements doesn't matter, so the memory is walked as it lies
    guard let numbers = try? contiguous() else { return false }
    return withExtendedLifetime(numbers) {
      let base = numbers.pointer(T.self)
      return (0..<numbers.count).allSatisfy { base[$0].isFinite }
    }
  }
}
