import CLua
import Networks

extension ParameterType {
  /// The mode of a batch normalisation.
  static let normalisationMode = ParameterType.choice(NormalisationMode.allCases.map(\.rawValue))
}

extension Parameter {
  static let mode = Parameter(
    "mode", .normalisationMode, default: "\"auto\"",
    "of batch normalisation: 'auto' takes batch statistics in training and running ones in evaluation, 'batch' and "
      + "'running' always the one or the other, 'frozen' is 'running' with gamma and beta as they are")
}

extension FunctionRecord {
  /// The verb that sets modes, on a network or a row.
  static func normalisationMode(_ who: String, _ receiver: ObjectType, example make: String) -> FunctionRecord {
    let subject = receiver == .network ? "net" : "net[1]"
    return FunctionRecord(
      "\(who):batchnorm_mode",
      "Sets which statistics batch normalisation takes, and whether they and gamma and beta change in training.",
      [
        Parameter(
          "mode", .normalisationMode, default: "nil",
          "'auto' follows train() and eval(); 'batch': batch statistics always, the running ones follow in training; "
            + "'running': running statistics always, as constants, gamma and beta train; 'frozen': nor do these; "
            + "nothing asks")
      ],
      returns: "the \(who) itself; asked, the mode, or 'mixed'", errors: "no batch normalisation there",
      example: make + "net:batchnorm(true); assert(\(subject):batchnorm_mode('frozen'):batchnorm_mode() == 'frozen')",
      receiver: receiver
    ) { call in try call.normalisationMode() }
  }
}

extension PropertyRecord {
  /// `norm.mode`.
  static let normalisationMode = PropertyRecord(
    "mode",
    "Which statistics batch normalisation takes: 'auto', 'batch', 'running' or 'frozen'; setting it is surgery.",
    set: { call in try call.setNormalisationMode() },
    get: { call in
      guard let norm = call.object(LayerHandle.self).layer as? Normalisation, norm.type == .batch else {
        return call.pushNil()
      }
      return try call.push(norm.mode.rawValue)
    })
}

extension Call {
  fileprivate func normalisationMode() throws -> Int32 {
    let (network, row) = try patient()
    guard let mode = argument(0).asString.flatMap(NormalisationMode.init(rawValue:)) else {
      return try push(try network.batchnormMode(row: row))
    }
    try network.batchnormMode(mode, row: row)
    return pushSelf()
  }

  /// Sets the mode of a normalisation: by surgery, so that undo finds it, where it is part of a network.
  fileprivate func setNormalisationMode() throws {
    let (layer, value) = (object(LayerHandle.self).layer, argument(1))
    guard let norm = layer as? Normalisation, norm.type == .batch else {
      throw failure("mode is a setting of BatchNorm, got \(layer.kind)")
    }
    guard value.fits(.normalisationMode), let mode = value.asString.flatMap(NormalisationMode.init(rawValue:)) else {
      let type = ParameterType.normalisationMode
      throw failure("mode expected \(type.text), got \(value.text(for: type))")
    }
    try norm.setMode(mode)
  }
}
