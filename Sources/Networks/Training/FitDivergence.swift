import Kernels
import Tensors

extension Network {
  /// Finds what was the first to be not finite, where a loss is not.
  ///
  /// The gradients are those of the step before. Where a parameter is not finite, the backward of that step or its update made
  /// it so; else the forward is run once more, row by row, with batch statistics and without dropout.
  func culprit(_ inputs: Tensor) throws -> (cause: FitDivergence.Cause, layer: String?) {
    if let index = rows.indices.last(where: { !rows[$0].parameters.allSatisfy(\.tensor.isFinite) }) {
      if let layer = layerWithBadGradient { return (.gradient, layer) }
      return (.weights, label(index))
    }
    let observed = try observe(inputs) { (try Tensor($0.dtype, $0.shape), nil) }
    for (index, row) in observed.enumerated() where !row.preactivation.isFinite || !row.activation.isFinite {
      return (.output, label(index))
    }
    return (.loss, nil)
  }

  /// The first row, in the order of the backward, whose parameters have a gradient that is not finite.
  var layerWithBadGradient: String? {
    rows.indices.last { index in
      rows[index].parameters.contains { $0.tensor.gradient.map { !$0.isFinite } ?? false }
    }.map(label)
  }

  /// Whether the loss of a batch is finite with the present parameters; changes nothing.
  func hasFiniteLoss(_ batch: Batch, _ objective: FitObjective) throws -> Bool {
    guard let output = try observe(batch.inputs, upstream: { (try Tensor($0.dtype, $0.shape), nil) }).last else {
      return true
    }
    return try objective.value(output.activation, batch.targets).number.isFinite
  }
}
