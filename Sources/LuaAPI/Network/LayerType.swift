import CLua
import Kernels
import Networks
import Tensors

extension TypeRecord {
  /// A layer: a component, or a row of a network.
  static let layerType = TypeRecord(
    type: .layer, summary: "A layer, or a row of a network: its parts, parameters and surgery.",
    methods: FunctionRecord.rowMethods,
    properties: [
      PropertyRecord("kind", "What it is, for example 'Linear' or 'Block'.") { call in
        try call.push(call.object(LayerHandle.self).layer.kind)
      },
      PropertyRecord("linear", "The block's Linear.") { call in try call.pushPart { $0.linear } },
      PropertyRecord("norm", "The block's normalisation, nil while off.") { call in try call.pushPart { $0.norm } },
      PropertyRecord("weight", "The weight [out, in], or gamma; nil where there is none.") { call in
        try call.pushTensor("weight")
      },
      PropertyRecord("bias", "The bias [out], or beta; nil where there is none.") { call in try call.pushTensor("bias")
      },
      PropertyRecord("running_mean", "The running mean of batch normalisation.") { call in
        try call.pushTensor("running_mean")
      },
      PropertyRecord("running_var", "The running (unbiased) variance of batch normalisation.") { call in
        try call.pushTensor("running_var")
      },
      PropertyRecord("eps", "What a normalisation adds to the variance.") { call in
        try call.pushSetting { ($0 as? Normalisation)?.eps }
      },
      PropertyRecord("momentum", "The weight of the new batch in running statistics, or 'cumulative'.") { call in
        if let norm = call.object(LayerHandle.self).layer as? Normalisation, norm.momentum == nil {
          return try call.push("cumulative")
        }
        return try call.pushSetting { ($0 as? Normalisation)?.momentum }
      },
      PropertyRecord("p", "The probability of dropout.") { call in
        try call.pushSetting { ($0 as? Dropout)?.probability }
      },
      PropertyRecord("inputs", "The features it takes, nil while unknown.") { call in
        try call.pushSetting { $0.inputFeatures.map { Double($0) } }
      },
      PropertyRecord("outputs", "The features it gives, nil while unknown.") { call in
        let layer = call.object(LayerHandle.self).layer
        return try call.pushSetting { _ in layer.outputFeatures(layer.inputFeatures).map { Double($0) } }
      },
    ],
    text: { call in call.object(LayerHandle.self).layer.description })
}

extension Call {
  /// Pushes a part of a block; other layers have none.
  fileprivate func pushPart(_ part: (Block) -> Layer?) throws -> Int32 {
    let handle = object(LayerHandle.self)
    guard let block = handle.layer as? Block else { throw failure("\(handle.layer.kind) is not made of parts") }
    guard let part = part(block) else { return pushNil() }
    return try push(part)
  }

  /// Pushes a parameter or a running statistic by its own name; nil where the layer has none.
  fileprivate func pushTensor(_ name: String) throws -> Int32 {
    let layer = object(LayerHandle.self).layer
    guard let found = (layer.parameters + layer.buffers).first(where: { $0.name == name }) else { return pushNil() }
    return try push(found.tensor)
  }

  /// Pushes a number, whole where it is whole; nil where the layer has none.
  fileprivate func pushSetting(_ value: (Layer) -> Double?) throws -> Int32 {
    guard let number = value(object(LayerHandle.self).layer) else { return pushNil() }
    return Int(exactly: number).map { push($0) } ?? push(number)
  }
}
