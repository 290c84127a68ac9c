import Synchronization
import Tensors

/// What a surgery can be taken back with: the structure as it was, and the weights where they were drawn anew.
struct Surgery {
  private static let count = Atomic<Int>(0)

  /// What a user would type to do it.
  let text: String
  /// How many surgeries have been done before it and with it, on any network.
  let serial = Surgery.count.wrappingAdd(1, ordering: .relaxed).newValue

  private struct BlockState {
    let block: Block
    let norm: Normalisation?
    let position: NormalisationPosition
    let activation: Activation?
  }

  private struct NormState {
    let norm: Normalisation
    let eps: Double
    let momentum: Double?
    let isAffine: Bool
    let mode: NormalisationMode
  }

  private struct LinearState {
    let linear: Linear
    let activation: Activation?
    let initialiser: Initialiser?
  }

  private struct ResidualState {
    let residual: Residual
    let layers: [Layer]
    let activation: Activation?
    let norm: Normalisation?
  }

  private let rows: [Layer]
  private let auxiliaries: [Auxiliary]
  /// A layer without a name of its own, which gets one in the surgery.
  private let heir: Layer?
  private let residuals: [ResidualState]
  private let shelves: [ObjectIdentifier: NormalisationShelf]
  private let blocks: [BlockState]
  private let norms: [NormState]
  private let linears: [LinearState]
  private let lastPositions: [(shelf: NormalisationShelf, positions: [NormalisationKind: NormalisationPosition])]
  private let weights: [(tensor: Tensor, copy: Tensor)]
  private let flags: [(tensor: Tensor, requiresGradient: Bool)]

  /// Notes the structure of `network` and whether `trained` is trained, and copies `weights`.
  init(
    _ text: String, _ network: Network, copying weights: [Tensor] = [], trained: [Tensor] = [], heir: Layer? = nil
  ) throws {
    self.text = text
    flags = trained.map { ($0, $0.requiresGradient) }
    self.heir = heir
    rows = network.rows
    auxiliaries = network.auxiliaries
    residuals = network.rows.flatMap(\.family).compactMap { $0 as? Residual }.map {
      ResidualState(residual: $0, layers: $0.layers, activation: $0.activation, norm: $0.norm)
    }
    self.shelves = network.shelves
    let shelves = network.rows.compactMap { ($0 as? Block)?.shelf } + network.shelves.values
    blocks = network.rows.compactMap { $0 as? Block }.map {
      BlockState(block: $0, norm: $0.norm, position: $0.normPosition, activation: $0.activation)
    }
    norms = (network.rows.flatMap(\.components).compactMap { $0 as? Normalisation } + shelves.flatMap(\.all)).map {
      NormState(norm: $0, eps: $0.eps, momentum: $0.momentum, isAffine: $0.isAffine, mode: $0.mode)
    }
    linears = network.rows.flatMap(\.components).compactMap { $0 as? Linear }.map {
      LinearState(linear: $0, activation: $0.activationAfter, initialiser: $0.initialiser)
    }
    lastPositions = shelves.map { ($0, $0.lastPosition) }
    self.weights = try weights.map { ($0, try $0.clone()) }
  }

  /// Refuses to bring back a layer whose name another has been given since.
  func checkNames() throws { try LayerList.checkNames(Network.named(rows), "undo") }

  /// Puts everything back.
  func restore(_ network: Network) throws {
    for (tensor, copy) in weights { try tensor.copy(from: copy) }
    for (tensor, flag) in flags where tensor.requiresGradient != flag {
      tensor.requiresGradient = flag
      if !flag { tensor.gradient = nil }
    }
    heir?.name = nil
    network.rows = rows
    network.auxiliaries = auxiliaries
    network.shelves = shelves
    for state in residuals {
      state.residual.layers = state.layers
      state.residual.activation = state.activation
      state.residual.norm = state.norm
    }
    for state in blocks {
      state.block.norm = state.norm
      state.block.normPosition = state.position
      state.block.activation = state.activation
    }
    for state in norms {
      state.norm.eps = state.eps
      state.norm.momentum = state.momentum
      state.norm.isAffine = state.isAffine
      if state.norm.mode != state.mode { state.norm.mode = state.mode }
    }
    for state in linears {
      state.linear.activationAfter = state.activation
      state.linear.initialiser = state.initialiser
    }
    for (shelf, positions) in lastPositions { shelf.lastPosition = positions }
    network.structureChanged()
  }
}
