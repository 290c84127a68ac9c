import Kernels
import Tensors

/// A classifier of its own on the output of a row in the middle of a network, there for training alone.
///
/// Its loss, times `weight`, is added to the network's (Szegedy et al. 2015, section 5): early layers get a gradient that has
/// not come through all the layers behind them.
public final class Auxiliary {
  /// The row whose output it reads.
  public let anchor: Layer
  /// The layers of the classifier, in order.
  public let layers: [Layer]
  /// The factor of its loss.
  public let weight: Double

  init(after anchor: Layer, _ layers: [Layer], weight: Double) {
    self.anchor = anchor
    self.layers = layers
    self.weight = weight
  }

  /// The layers, for example `Linear(100 -> 10)`.
  public var description: String { layers.map(\.description).joined(separator: ", ") }

  /// The layers with how their parameters' names begin behind `prefix`: by position from 0 where there are several.
  func named(_ prefix: String) -> [(name: String, layer: Layer)] {
    if layers.count == 1 { return [(prefix, layers[0])] }
    return layers.enumerated().map { ("\(prefix).\($1.name ?? "\($0)")", $1) }
  }

  func copy(_ copies: Copies) throws -> Auxiliary {
    Auxiliary(after: try copies.layer(anchor), try layers.map(copies.layer), weight: weight)
  }
}
