import Kernels
import Tensors

/// What a rebuilt network has otherwise than the one it is made after; nil leaves it as it is.
public struct RebuildOptions {
  /// The number of hidden layers.
  public var depth: Int?
  /// The units of every hidden layer.
  public var width: Int?
  /// How the weights of all Linear layers are drawn anew; nil draws only those of new layers, as the old ones were.
  public var initialiser: Initialiser?
  /// The seed of what is drawn: each Linear has a stream of its own of it.
  public var seed: UInt64 = 0

  /// Makes options that leave everything as it is.
  public init() {}
}

extension Network {
  /// Makes a network after this one, which stays as it is: of another depth or width, or with weights drawn anew.
  ///
  /// - Depth: the first hidden layers keep their weights, and so does the head where it fits. Those beyond are made after the
  ///   last one, with its normalisation, activation and initialiser as they are now.
  /// - Width: all hidden layers and the head are made anew; features in and out stay.
  /// - A depth or width that the network has already changes nothing.
  ///
  /// The n-th Linear draws from a stream that depends on the seed and on n alone, the head from one of its own, so that networks of
  /// different depths share the numbers of the layers they share. New normalisations begin with gamma 1 and beta 0. Layers
  /// written in Lua are copied. Auxiliary classifiers stay where their rows do.
  ///
  /// - Throws: `NetworkError` for sizes below 1, a network without hidden layers or that doesn't know its sizes, a width where
  ///   hidden layers differ, have auxiliary classifiers or can't have another one, weights that a function of the user's drew;
  ///   `TensorError.outOfMemory`.
  public func rebuilt(_ options: RebuildOptions) throws -> Network {
    try NetworkError.requireDepth(options.depth ?? 1, atLeast: 1, "rebuild")
    try NetworkError.require(options.width ?? 1, atLeast: 1, "rebuild", "width")
    let copy = try clone()
    try copy.requireSettled("rebuild")
    copy.connectActivations()
    var undrawn: [Linear] = []
    if let width = options.width, width != copy.width { undrawn = try copy.resize(to: width) }
    if let depth = options.depth, depth != copy.depth { undrawn += try copy.deepen(to: depth) }
    try copy.draw(undrawn, options)
    return copy
  }

  /// Makes all hidden layers and the head anew; answers the Linear layers whose weights are to be drawn.
  private func resize(to width: Int) throws -> [Linear] {
    let anatomy = try hiddenAnatomy()
    guard let old = self.width else {
      let widths = anatomy.widths.map { $0.map(String.init) ?? "unknown" }
      throw NetworkError.expected("rebuild", "hidden layers of one width to change", listed(widths))
    }
    guard presentAuxiliaries.isEmpty else {
      throw NetworkError.expected(
        "rebuild", "a network without auxiliary classifiers for another width",
        "\(presentAuxiliaries.count); remove_auxiliary takes them away")
    }
    let inside = Renewal(dtype: dtype, generator: generator, resizing: .init(from: old, to: width))
    let outside = Renewal(dtype: dtype, generator: generator)
    var features = anatomy.inputs ?? width
    var rows = anatomy.stem
    for group in anatomy.hidden {
      let new = try inside.layers(group, features: features)
      rows += new.layers
      features = new.features
    }
    rows += try outside.layers(anatomy.head, features: features).layers
    try take(rows, from: [inside, outside])
    return inside.undrawn + outside.undrawn
  }

  /// Takes hidden layers away at the end, or adds some after the last one's pattern; answers as `resize`.
  private func deepen(to depth: Int) throws -> [Linear] {
    let anatomy = try hiddenAnatomy()
    let renewal = Renewal(dtype: dtype, generator: generator)
    let kept = anatomy.hidden.prefix(depth)
    var rows = anatomy.stem + kept.joined()
    var features = LayerList.outputFeatures(Array(rows), anatomy.inputs) ?? 1
    for _ in kept.count..<max(depth, kept.count) {
      try Interrupt.check()
      let new = try renewal.layers(kept[kept.count - 1], features: features)
      // its name belongs to the layer that is the pattern
      for layer in new.layers { layer.name = nil }
      rows += new.layers
      features = new.features
    }
    let fits = LayerList.inputFeatures(anatomy.head) == features
    rows += fits ? anatomy.head : try renewal.layers(anatomy.head, features: features).layers
    try take(Array(rows), from: [renewal])
    return renewal.undrawn
  }

  private func hiddenAnatomy() throws -> Anatomy {
    let anatomy = Anatomy(rows)
    guard !anatomy.hidden.isEmpty else {
      throw NetworkError.expected(
        "rebuild", "a network with hidden layers: blocks, residual layers, or a Linear with another behind it",
        "\(rows.count) layers without")
    }
    return anatomy
  }

  private func take(_ new: [Layer], from renewals: [Renewal]) throws {
    rows = new
    auxiliaries.removeAll { auxiliary in !rows.contains { $0 === auxiliary.anchor } }
    for layer in rows.flatMap(\.family) { layer.owner = self }
    for source in renewals.flatMap(\.sources) {
      guard let shelf = shelves[ObjectIdentifier(source.old)] else { continue }
      shelves[ObjectIdentifier(source.new)] = try shelf.renewed(features: source.features)
    }
    structureChanged()
    try LayerList.checkNames(Network.named(rows), "rebuild")
    try computing { try settle(features: nil) }
  }

  private func draw(_ undrawn: [Linear], _ options: RebuildOptions) throws {
    connectActivations()
    let head = Anatomy(rows).head.flatMap(\.components)
    let linears = rows.flatMap(\.components).compactMap { $0 as? Linear }
    for (place, linear) in linears.enumerated() {
      let isHead = head.contains { $0 === linear }
      let stream = Generator(seed: options.seed, for: .weights)
      stream.skip(UInt64(isHead ? Network.headStream : place) << Network.streamBits)
      if let initialiser = options.initialiser {
        try linear.draw(initialiser, stream)
      } else if undrawn.contains(where: { $0 === linear }) {
        try linear.redraw(stream)
      }
    }
  }

  /// How far the streams of two layers are apart, as a power of two of blocks.
  private static let streamBits: UInt64 = 40
  /// The place of the head among the streams, beyond any layer's.
  private static let headStream = 1 << 22
}

/// Joins words as a sentence does: `300, 200 and 100`.
private func listed(_ words: [String]) -> String {
  guard words.count > 1, let last = words.last else { return words.first ?? "none" }
  return words.dropLast().joined(separator: ", ") + " and " + last
}
