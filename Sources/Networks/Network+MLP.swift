import Kernels
import Tensors

extension Network {
  /// Makes a multilayer perceptron (`nn.mlp`): `depth` blocks of `width` units, and a Linear head where `outputs` is given.
  ///
  /// Weights come from the options' seed, else from `generator`, in the order of the blocks.
  ///
  /// - Throws: `NetworkError` for sizes below 1 and settings out of range; `TensorError.outOfMemory`.
  public convenience init(mlp options: MLPOptions, generator: Generator) throws {
    try Network.check(options)
    let stream = options.seed.map { Generator(seed: $0) } ?? generator
    let initialiser =
      try options.initialiser
      ?? Initialiser(parsing: options.activation.isReLUFamily ? "he_normal" : "xavier_normal")
    var rows: [Layer] = []
    var features = options.inputs
    for _ in 0..<options.depth {
      rows.append(try Network.block(options, inputs: features, initialiser, stream))
      features = options.width
    }
    if let outputs = options.outputs {
      let head = try Linear(
        inputs: features, outputs: outputs, initialiser: initialiser, dtype: options.dtype, generator: stream)
      rows.append(Block(linear: head, activation: nil))
    }
    self.init(rows: rows, dtype: options.dtype, generator: stream)
  }

  private static func check(_ options: MLPOptions) throws {
    try NetworkError.require(options.inputs ?? 1, atLeast: 1, "nn.mlp", "inputs")
    try NetworkError.require(options.width, atLeast: 1, "nn.mlp", "width")
    try NetworkError.require(options.depth, atLeast: options.outputs == nil ? 1 : 0, "nn.mlp", "depth")
    try NetworkError.require(options.outputs ?? 1, atLeast: 1, "nn.mlp", "outputs")
    try NetworkError.requireFloat(options.dtype, "nn.mlp")
    _ = try Normalisation.checkedEps(options.eps, "nn.mlp")
    _ = try Normalisation.checkedMomentum(options.momentum, "nn.mlp")
    _ = try options.residual.map { try Residual.checkedScale($0.scale, "nn.mlp") }
    guard options.dropout >= 0, options.dropout <= 1 else {
      throw NetworkError.expected("nn.mlp", "a dropout from 0 to 1", "\(options.dropout)")
    }
  }

  private static func block(
    _ options: MLPOptions, inputs: Int?, _ initialiser: Initialiser, _ generator: Generator
  ) throws -> Block {
    let activation = try Activation(options.activation, slope: options.slope, dtype: options.dtype)
    let linear = try Linear(
      outputs: options.width, bias: options.bias, initialiser: initialiser, dtype: options.dtype, generator: generator)
    let dropout = options.dropout > 0 ? try Dropout(options.dropout) : nil
    let block = Block(
      linear: linear, activation: activation, dropout: dropout, normPosition: options.normPosition,
      residual: options.residual)
    if let inputs { try linear.settle(inputFeatures: inputs, label: "nn.mlp") }
    if let type = options.norm {
      block.norm = try block.shelf.take(type, options.normPosition) {
        try Normalisation(
          type, features: options.width, eps: options.eps, momentum: options.momentum, affine: options.affine,
          dtype: options.dtype)
      }
    }
    return block
  }
}
