// Everything that Lua sees, in one list: dispatch, argument errors, help and the tests of examples walk it.

extension FunctionRecord {
  /// Every function outside objects.
  static let all: [FunctionRecord] =
    [help] + sessionFunctions + creationFunctions + elementwiseFunctions + joiningFunctions + networkFunctions
    + lossFunctions + optimiserFunctions + dataFunctions + likenessFunctions
}

extension TypeRecord {
  /// Every type, in the order of `ObjectType`'s raw values.
  static let all: [TypeRecord] = ObjectType.allCases.map { type in
    described.first { $0.type == type } ?? TypeRecord(type: type, summary: "")
  }

  private static let described: [TypeRecord] = [
    tensorType, generatorType, networkType, layerType, parametersType, optimizerType, datasetType, batchesType,
    historyType,
    reportType, reportRowType, statisticsType,
  ]
}
