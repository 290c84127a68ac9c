import Networks

/// A layer as Lua holds it: a component, or a row of a network, which surgery on that row needs.
final class LayerHandle {
  let layer: Layer
  let network: Network?

  init(_ layer: Layer, in network: Network? = nil) {
    self.layer = layer
    self.network = network
  }

  /// The network and the row, from 0, that this layer is; nil for components and for what surgery took out.
  var row: (network: Network, index: Int)? {
    guard let network, let index = network.rows.firstIndex(where: { $0 === layer }) else { return nil }
    return (network, index)
  }
}
