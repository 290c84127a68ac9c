import Kernels
import Networks

extension NetworkModel {
  /// The model of the multilayer perceptron that `Network(mlp:)` would make of the same options; nothing is drawn.
  ///
  /// `inputs` are the features of the input where the options leave them open.
  public init(mlp options: MLPOptions, inputs: Int) {
    var rows: [Row] = []
    var features = options.inputs ?? inputs
    for index in 0..<options.depth {
      rows.append(Row(name: "\(index)", kind: "Block", parts: NetworkModel.block(options, features)))
      features = options.width
    }
    if let outputs = options.outputs {
      rows.append(
        Row(name: "head", kind: "Linear", parts: [.linear(NetworkModel.linear(options, features, outputs, nil))]))
    }
    self.init(rows: rows, dtype: options.dtype)
  }

  private static func block(_ options: MLPOptions, _ features: Int) -> [Part] {
    let law = ActivationLaw(options.activation, slope: options.slope)
    let linear = Part.linear(NetworkModel.linear(options, features, options.width, law))
    let norm = options.norm.map { kind in
      [
        Part.norm(NormModel(kind: kind, features: options.width, eps: options.eps, gamma: 1, reason: nil))
      ]
    }
    let (before, after) = options.normPosition == .before ? (norm ?? [], []) : ([], norm ?? [])
    guard let residual = options.residual, features == options.width else {
      return [linear] + before + [.activation(law)] + after
    }
    if residual.isActivatedAfter {
      return [
        .residual(ResidualModel(branch: [linear] + before, scale: residual.scale, shortcut: nil)), .activation(law),
      ]
        + after
    }
    let branch = [linear] + before + [.activation(law)] + after
    return [.residual(ResidualModel(branch: branch, scale: residual.scale, shortcut: nil))]
  }

  private static func linear(_ options: MLPOptions, _ inputs: Int, _ outputs: Int, _ law: ActivationLaw?) -> LinearModel
  {
    let initialiser = options.initialiser ?? options.activation.defaultInitialiser
    var weight = WeightLaw(
      initialiser, factor: initialiser.factor(law?.function, slope: law?.slope ?? 0), inputs: inputs, outputs: outputs)
    if initialiser.awaitsData {
      weight.reason = "lsuv scales its weights by data; net:lsuv(x) does that, and net:theory() reads it"
    }
    return LinearModel(inputs: inputs, outputs: outputs, weight: weight, biasVariance: 0, reason: weight.reason)
  }
}
