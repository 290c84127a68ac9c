// Everything that Lua sees, in one list: dispatch, argument errors, help and the tests of examples walk it.

extension FunctionRecord {
  /// Every function outside objects.
  static let all: [FunctionRecord] =
    [
      helpFunctions,
      [inspect],
      sessionFunctions,
      creationFunctions,
      likenessFunctions,
      elementwiseFunctions,
      joiningFunctions,
      randomFunctions,
      gradientFunctions,
      linearAlgebraFunctions,
      networkFunctions,
      [undoLast],
      savingFunctions,
      lossFunctions,
      optimiserFunctions,
      scheduleFunctions,
      clippingFunctions,
      dataFunctions,
      fileFunctions,
      recorderFunctions,
      reportFunctions,
      plotFunctions,
      comparisonFunctions,
      sweepFunctions,
      theoryFunctions,
    ].flatMap { $0 }

  /// The functions that others give back.
  static let hidden: [FunctionRecord] =
    [pairsIterator, gradientOfFunction, valueAndGradientOfFunction, customFunction, missingSetting, shown]
    + libraryFunctions + promptFunctions
}

extension TypeRecord {
  /// Every type, in the order of `ObjectType`'s raw values.
  static let all: [TypeRecord] = ObjectType.allCases.map { type in
    described.first { $0.type == type } ?? TypeRecord(type: type, summary: "")
  }

  private static let described: [TypeRecord] = [
    tensorType, generatorType, networkType, layerType, parametersType, optimizerType, datasetType, batchesType,
    historyType, parameterGroupType, scheduleType,
    reportType, reportRowType, statisticsType, recorderType,
    whatIfType, variantType, comparisonType,
    sweepType,
    predictionType, predictionRowType, predictedStatsType,
  ]
}
