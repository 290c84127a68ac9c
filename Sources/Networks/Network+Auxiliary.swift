import Gradients
import Kernels
import Tensors

extension Network {
  /// What one auxiliary classifier gave in the last forward in training mode.
  public struct AuxiliaryOutput {
    /// The output, on the tape with the network's.
    public let tensor: Tensor
    /// The factor of its loss.
    public let weight: Double
  }

  /// Adds a classifier on the output of row `index` (from 0), which trains with the network and is out of the way in evaluation.
  ///
  /// - Throws: `NetworkError` for a row that is none or has one already, a weight that is not finite, layers that are part of
  ///   something, and sizes that don't fit; the network is then as it was.
  public func addAuxiliary(after index: Int, _ layers: [Layer], weight: Double = 0.3) throws {
    let who = "add_auxiliary"
    guard rows.indices.contains(index) else {
      throw NetworkError.expected(who, "a layer from 1 to \(rows.count)", "\(index + 1)")
    }
    guard !layers.isEmpty else { throw NetworkError.expected(who, "at least one layer", "none") }
    guard weight.isFinite else { throw NetworkError.expected(who, "a finite weight", "\(weight)") }
    guard !auxiliaries.contains(where: { $0.anchor === rows[index] }) else {
      throw NetworkError.expected(
        who, "a layer without an auxiliary classifier",
        "layer \(index + 1), which has one; remove_auxiliary takes it away")
    }
    let family = layers.flatMap(\.family)
    let present = Set(allLayers.flatMap(\.family).map { ObjectIdentifier($0) })
    guard family.allSatisfy({ !present.contains(ObjectIdentifier($0)) }) else {
      throw NetworkError.expected(who, "layers that are not in the network yet", "one that is")
    }
    try LayerList.admit(family, who, dtype: rows.lazy.compactMap(\.dtype).first, into: self)
    let fresh = Auxiliary(after: rows[index], layers, weight: weight)
    try changeAuxiliaries("add_auxiliary(\(index + 1), \(fresh.description))") { $0.append(fresh) }
  }

  /// Takes the classifier on the output of row `index` (from 0) away, all of them with nil; `undo` brings them back.
  ///
  /// - Throws: `NetworkError` where there is none.
  public func removeAuxiliary(after index: Int? = nil) throws {
    let going = auxiliaries.filter { auxiliary in
      index.map { rows.indices.contains($0) && rows[$0] === auxiliary.anchor } ?? true
    }
    guard !going.isEmpty else {
      let place = index.map { "none after layer \($0 + 1)" } ?? "none"
      throw NetworkError.expected("remove_auxiliary", "an auxiliary classifier", place)
    }
    try changeAuxiliaries("remove_auxiliary(\(index.map { "\($0 + 1)" } ?? ""))") { list in
      list.removeAll { one in going.contains { $0 === one } }
    }
  }

  /// The auxiliary classifiers whose row is in the network, in the order of the rows, with that row from 0.
  public var presentAuxiliaries: [(row: Int, auxiliary: Auxiliary)] {
    auxiliaries.compactMap { auxiliary in
      rows.firstIndex { $0 === auxiliary.anchor }.map { ($0, auxiliary) }
    }.sorted { $0.0 < $1.0 }
  }

  /// The sum over the auxiliary classifiers of weight times `loss` of what they gave in the last forward, on the tape; nil where
  /// there are none, as in evaluation.
  ///
  /// - Throws: what `loss` throws.
  public func auxiliaryLoss(_ loss: (Tensor) throws -> Tensor) throws -> Tensor? {
    var total: Tensor?
    for output in auxiliaryOutputs {
      let part = try Differentiable.apply(.multiply, try loss(output.tensor), output.weight)
      total = try total.map { try Differentiable.apply(.add, $0, part) } ?? part
    }
    return total
  }

  /// The rows and the layers of the auxiliary classifiers.
  var allLayers: [Layer] { rows + presentAuxiliaries.flatMap(\.auxiliary.layers) }

  /// Rows and auxiliary layers with how their parameters' names begin.
  var namedParts: [(name: String, layer: Layer)] {
    rows.indices.map { (prefix($0), rows[$0]) }
      + presentAuxiliaries.enumerated().flatMap { $1.auxiliary.named("auxiliary.\($0)") }
  }

  /// Settles the layers of the auxiliary classifiers for an input of `features`.
  func settleAuxiliaries(features: Int?) throws {
    for (row, auxiliary) in presentAuxiliaries {
      let entering = LayerList.outputFeatures(Array(rows[...row]), features ?? inputFeatures)
      let label = "auxiliary classifier after layer \(row + 1),"
      _ = try LayerList.settle(auxiliary.layers, features: entering) { "\(label) layer \($0 + 1)" }
    }
  }

  private func changeAuxiliaries(_ text: String, _ body: (inout [Auxiliary]) -> Void) throws {
    let held = surgeries
    try note(text)
    body(&auxiliaries)
    let added = auxiliaries.flatMap(\.layers).flatMap(\.family).filter { $0.owner == nil }
    for layer in added { layer.owner = self }
    structureChanged()
    do {
      try computing { try settle(features: nil) }
    } catch {
      try abandon(held)
      for layer in added { layer.owner = nil }
      throw error
    }
  }
}
