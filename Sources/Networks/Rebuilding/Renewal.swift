import Kernels
import Tensors

/// Makes new layers after the pattern of old ones: the same settings, other sizes, weights yet to be drawn.
///
/// A layer written in Lua is copied with its parameters, since nobody knows how to draw them.
final class Renewal {
  /// A width of hidden layers, and what it becomes.
  struct Resizing {
    let from: Int
    let to: Int
  }

  private let dtype: DType
  private let generator: Generator
  private let resizing: Resizing?
  /// The new Linear layers, whose weights are still 0.
  private(set) var undrawn: [Linear] = []
  /// Where in the old network the shelves of the new layers' sites are, by the new layers that they belong to.
  private(set) var sources: [(new: Layer, old: Layer, features: Int)] = []

  init(dtype: DType, generator: Generator, resizing: Resizing? = nil) {
    self.dtype = dtype
    self.generator = generator
    self.resizing = resizing
  }

  /// The layers of a list anew, for an input of `features`, and the features of their output.
  func layers(_ old: [Layer], features: Int) throws -> (layers: [Layer], features: Int) {
    var features = features
    var layers: [Layer] = []
    for layer in old {
      let new = try self.layer(layer, features: features)
      layers.append(new)
      features = new.outputFeatures(features) ?? features
    }
    return (layers, features)
  }

  private func layer(_ old: Layer, features: Int) throws -> Layer {
    let new = try make(old, features: features)
    new.name = old.name
    sources.append((new, old, (new as? Linear)?.outputs ?? features))
    return new
  }

  private func make(_ old: Layer, features: Int) throws -> Layer {
    switch old {
    case let linear as Linear: try self.linear(linear, features: features)
    case let norm as Normalisation: try norm.renewed(features: features)
    case let activation as Activation: try activation.renewed()
    case let block as Block: try self.block(block, features: features)
    case let residual as Residual: try self.residual(residual, features: features)
    case let custom as CustomLayer: try copy(custom)
    default: try Copies().layer(old)
    }
  }

  private func linear(_ old: Linear, features: Int) throws -> Linear {
    let outputs = resizing.map { old.outputs == $0.from ? $0.to : old.outputs } ?? old.outputs
    let new = try Linear(
      unfilled: features, outputs: outputs, bias: old.hasBias, initialiser: old.initialiser, dtype: dtype,
      generator: generator)
    new.activationAfter = old.activationAfter
    if old.isFrozen { new.setFrozen(true) }
    undrawn.append(new)
    return new
  }

  private func block(_ old: Block, features: Int) throws -> Block {
    let linear = try linear(old.linear, features: features)
    if let norm = old.norm { old.shelf.keep(norm, old.normPosition) }
    let shelf = try old.shelf.renewed(features: linear.outputs)
    let block = Block(
      linear: linear, activation: try old.activation?.renewed(), dropout: try old.dropout.map(Copies().layer),
      normPosition: old.normPosition, residual: old.residual, shelf: shelf)
    block.norm = old.norm.flatMap { shelf.find($0.type, old.normPosition) }
    return block
  }

  private func residual(_ old: Residual, features: Int) throws -> Residual {
    let (branch, width) = try layers(old.layers, features: features)
    let shortcut = try old.shortcut.map { try linear($0, features: features) }
    let new = try Residual(branch, scale: old.scale, shortcut: shortcut, activation: try old.activation?.renewed())
    new.norm = try old.norm?.renewed(features: width)
    return new
  }

  private func copy(_ old: CustomLayer) throws -> Layer {
    if resizing != nil, !old.parameters.isEmpty || !old.buffers.isEmpty {
      throw NetworkError.expected(
        "rebuild", "layers that other widths can be made of",
        "\(old.description), written in Lua, with tensors of its own")
    }
    return try Copies().layer(old)
  }
}

extension Normalisation {
  /// A new one of the same settings for that many features, with gamma 1 and beta 0.
  func renewed(features: Int) throws -> Normalisation {
    let new = try Normalisation(type, features: features, dtype: dtype ?? .float32)
    new.takeSettings(of: self)
    if isFrozen { new.setFrozen(true) }
    return new
  }
}

extension NormalisationShelf {
  /// A shelf of new normalisations in the same places, of the same settings.
  func renewed(features: Int) throws -> NormalisationShelf {
    let shelf = NormalisationShelf()
    for type in NormalisationKind.allCases {
      for position in NormalisationPosition.allCases {
        guard let old = find(type, position) else { continue }
        let new = try shelf.take(type, position) { try old.renewed(features: features) }
        new.takeSettings(of: old)
      }
    }
    shelf.lastPosition = lastPosition
    return shelf
  }
}
