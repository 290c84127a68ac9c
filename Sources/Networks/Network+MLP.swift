import Kernels
import Tensors

extension Network {
  /// Makes a multilayer perceptron (`nn.mlp`): `depth` blocks of `width` units, and a Linear head where `outputs` is given.
  ///
  /// Weights come from the options' seed, else from `generator`, in the order of the blocks.
  ///
  /// - Throws: `NetworkError` for sizes below 1 and settings out of range; `TensorError.outOfMemory`.
  public convenience init(mlp options: MLPOptions, generator: Generator) throws {
    try options.check("nn.mlp")
    let stream = options.seed.map { Generator(seed: $0, for: .weights) } ?? generator
    let initialiser = options.initialiser ?? options.activation.defaultInitialiser
    var rows: [Layer] = []
    var features = options.inputs
    for _ in 0..<options.depth {
      try Interrupt.check()
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

extension MLPOptions {
  /// Refuses sizes below 1 and settings out of range; `who` speaks.
  ///
  /// - Throws: `NetworkError`.
  public func check(_ who: String) throws {
    try NetworkError.require(inputs ?? 1, atLeast: 1, who, "inputs")
    try NetworkError.require(width, atLeast: 1, who, "width")
    try NetworkError.requireDepth(depth, atLeast: outputs == nil ? 1 : 0, who)
    try NetworkError.require(outputs ?? 1, atLeast: 1, who, "outputs")
    try NetworkError.requireFloat(dtype, who)
    _ = try Normalisation.checkedEps(eps, who)
    _ = try Normalisation.checkedMomentum(momentum, who)
    _ = try residual.map { try Residual.checkedScale($0.scale, who) }
    guard dropout >= 0, dropout <= 1 else {
      throw NetworkError.expected(who, "a dropout from 0 to 1", "\(dropout)")
    }
  }
}
