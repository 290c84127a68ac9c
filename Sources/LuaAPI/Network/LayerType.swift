import CLua
import Kernels
import Networks
import Tensors

extension TypeRecord {
  /// A layer: a component, or a row of a network.
  static let layerType = TypeRecord(
    type: .layer, summary: "A layer, or a row of a network: its parts, parameters and surgery.",
    methods: FunctionRecord.rowMethods + FunctionRecord.layerMethods,
    properties: [
      PropertyRecord("kind", "What it is, for example 'Linear' or 'Block'.") { call in
        try call.push(call.object(LayerHandle.self).layer.kind)
      },
      PropertyRecord(
        "name", "The user's name for the layer, nil without one.",
        set: { call in
          guard let name = call.argument(1).asString else {
            throw call.failure("expected a name, got \(call.argument(1).text)")
          }
          try call.rename(call.object(LayerHandle.self).layer, name)
        },
        get: { call in
          try call.object(LayerHandle.self).layer.name.map { try call.push($0) } ?? call.pushNil()
        }),
      PropertyRecord("frozen", "Whether it has parameters and training changes none of them.") { call in
        call.push(call.object(LayerHandle.self).layer.isFrozen)
      },
      PropertyRecord("layers", "The layers inside, in order.") { call in
        let handle = call.object(LayerHandle.self)
        return try call.push(sequence: handle.layer.inner) { try call.push($0.layer, in: handle.network) }
      },
      PropertyRecord("scale", "The factor of a residual layer's branch.") { call in
        try call.pushSetting { ($0 as? Residual)?.scale ?? ($0 as? Block)?.residual?.scale }
      },
      PropertyRecord("shortcut", "The Linear around a residual layer's branch, nil for the input itself.") { call in
        let handle = call.object(LayerHandle.self)
        guard let linear = (handle.layer as? Residual)?.shortcut else { return call.pushNil() }
        return try call.push(linear, in: handle.network)
      },
      PropertyRecord("linear", "The block's Linear.") { call in try call.pushPart { $0.linear } },
      PropertyRecord("norm", "The block's normalisation, nil while off.") { call in try call.pushPart { $0.norm } },
      .normalisationMode,
      PropertyRecord("num_batches_tracked", "How many batches the running statistics have seen.") { call in
        guard let norm = call.object(LayerHandle.self).layer as? Normalisation, norm.type == .batch else {
          return call.pushNil()
        }
        return call.push(norm.batchesSeen)
      },
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
    element: { call in
      let handle = call.object(LayerHandle.self)
      if let name = call.argument(0).asString {
        let tensors = handle.layer.parameters + handle.layer.buffers
        if let found = tensors.first(where: { $0.name == name }) { return try call.push(found.tensor) }
        let inside = (handle.layer as? Residual)?.layers.first { $0.name == name }
        return try inside.map { try call.push($0, in: handle.network) }
      }
      guard let index = call.argument(0).asInteger, let residual = handle.layer as? Residual else { return nil }
      if index == residual.layers.count + 1 { return call.pushNil() }
      guard let position = Tensor.position(index, extent: residual.layers.count) else {
        throw call.failure("layer \(index) is outside 1 to \(residual.layers.count)")
      }
      return try call.push(residual.layers[position], in: handle.network)
    },
    length: { call in (call.object(LayerHandle.self).layer as? Residual)?.layers.count ?? 0 },
    text: { call in call.object(LayerHandle.self).layer.description })
}

extension Call {
  /// Pushes a part of a block; other layers have none.
  fileprivate func pushPart(_ part: (Block) -> Layer?) throws -> Int32 {
    let handle = object(LayerHandle.self)
    guard let block = handle.layer as? Block else { throw failure("\(handle.layer.kind) is not made of parts") }
    guard let part = part(block) else { return pushNil() }
    return try push(part, in: handle.network)
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
