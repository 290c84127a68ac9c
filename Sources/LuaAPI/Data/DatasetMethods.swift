import CLua
import Datasets
import Gradients
import Tensors

extension FunctionRecord {
  /// The methods of datasets.
  static let datasetMethods: [FunctionRecord] = [
    split, shuffle, subset, take, batches, map, normalize, denormalize,
  ]

  private static let split = FunctionRecord(
    "dataset:split", "Cuts the dataset in two or more parts; shuffled unless told not to.",
    [
      Parameter(
        "fractions", .oneOf([.number, .table]),
        "the parts' shares, between 0 and 1, one by one or in a table; what is left of 1 is one more part")
    ], variadic: true,
    options: [
      Parameter("shuffle", .boolean, default: "true", "whether the order is drawn first"),
      Parameter("stratify", .boolean, default: "false", "whether each part gets its share of every class"),
      .drawSeed, .generator,
    ],
    returns: "as many datasets as there are parts",
    errors: "fractions outside 0 to 1, that add up to more than 1 or leave a part empty; stratify without classes",
    example: """
      local a, b = data.digits():split(0.8, {seed=1, stratify=true}); assert(#a == 1150 and #b == 287)
      local train, valid, test = data.digits():split(0.6, 0.2, 0.2); assert(#train + #valid + #test == 1437)
      """, receiver: .dataset
  ) { call in
    let dataset = call.object(Dataset.self)
    let fractions = try call.fractions()
    let (generator, shuffles) = (try call.drawing(.draws), call.flag("shuffle", default: true))
    let state = generator.state
    let parts: [Dataset]
    do {
      parts = try dataset.split(
        fractions, order: shuffles ? generator.permutation(dataset.count) : nil,
        isStratified: call.flag("stratify", default: false), operation: call.who)
    } catch {
      // what fails has drawn nothing
      generator.state = state
      throw error
    }
    guard lua_checkstack(call.lua, Int32(clamping: parts.count) + 24) != 0 else {
      throw call.failure("expected fewer parts, got \(parts.count)")
    }
    return try parts.reduce(0) { try $0 + call.push($1, .dataset) }
  }

  private static let shuffle = FunctionRecord(
    "dataset:shuffle", "The samples in a drawn order, as a new dataset.",
    [Parameter("seed", .integer, default: "none: the generator draws", "a seed, for the same order every time")],
    options: [.generator], returns: "a dataset", errors: "a negative seed, both seed and generator",
    example: "local ds = data.moons{samples=8}; assert(ds:shuffle(1).inputs:eq(ds:shuffle(1).inputs):all():item())",
    receiver: .dataset
  ) { call in
    let generator = try call.drawing(.draws, seed: call.argument(0))
    return try call.push(try call.object(Dataset.self).shuffled(by: generator), .dataset)
  }

  private static let indices = ParameterType.oneOf([.table, .tensor])
  private static let subset = FunctionRecord(
    "dataset:subset", "The samples at these indices, in that order, as a new dataset.",
    [
      Parameter(
        "indices", indices,
        "from 1, or from -1 for the last; a table, an integer tensor, or a mask with one flag a sample")
    ],
    returns: "a dataset", errors: "no indices, an index outside the dataset, a mask of another length",
    example: "local ds = data.digits(); local zeros = ds:subset(ds.targets:eq(1)); assert(#zeros == 142)",
    receiver: .dataset
  ) { call in
    try call.push(try call.object(Dataset.self).subset(try call.indices(), operation: call.who), .dataset)
  }

  private static let take = FunctionRecord(
    "dataset:take", "The first samples, or those at some indices, as a new dataset.",
    [Parameter("n", .oneOf([.integer, .table, .tensor]), "how many from the first, which share memory; or indices")],
    returns: "a dataset", errors: "more samples than there are, an index outside the dataset",
    example: "assert(#data.digits():take(100) == 100)", receiver: .dataset
  ) { call in
    let dataset = call.object(Dataset.self)
    if let count = call.argument(0).asInteger {
      return try call.push(try dataset.take(count, operation: call.who), .dataset)
    }
    return try call.push(try dataset.subset(try call.indices(), operation: call.who), .dataset)
  }

  private static let batches = FunctionRecord(
    "dataset:batches", "Walks the dataset in batches: for x, y in ds:batches(60) do ... end.",
    [Parameter("size", .integer, "the samples of a batch, at most all; the last may be smaller")],
    options: [
      Parameter(
        "shuffle", .boolean, default: "true with seed or generator, else false", "whether the order is drawn first"),
      .drawSeed, .generator,
      Parameter("drop_last", .boolean, default: "false", "whether a smaller last batch is left out"),
    ],
    returns: "an iterator of inputs and targets (nil where there are none), new tensors each time",
    errors: "a size below 1 or above the number of samples, both seed and generator",
    example: "local n = 0; for x, y in data.digits():batches(100) do n = n + #x end; assert(n == #data.digits())",
    receiver: .dataset
  ) { call in
    let dataset = call.object(Dataset.self)
    let isDrawn = !call.option("seed").isAbsent || !call.option("generator").isAbsent
    let size = try call.integer(0)
    _ = try dataset.batches(size: size, operation: call.who)
    let order = call.flag("shuffle", default: isDrawn) ? try call.drawing(.draws).permutation(dataset.count) : nil
    let batches = try dataset.batches(
      size: size, order: order, dropLast: call.flag("drop_last", default: false), operation: call.who)
    return try call.push(BatchIterator(dataset, batches), .batches)
  }

  private static let map = FunctionRecord(
    "dataset:map",
    "The same samples, whose batches go through a function each time they are cut; inputs and ds[i] stay as stored.",
    [
      Parameter(
        "f", .function,
        "function(x, y) that returns x2, y2: float inputs [rows, ...] and as many targets; y2 nil keeps y")
    ],
    returns: "a dataset; several maps run in the order in which they were added",
    errors:
      "when a batch is cut: what f raises, results of other kinds or lengths, NaN, infinity, a class out of range",
    example: """
      local noisy = data.digits():map(function(x, y) return x + 0.1 * sonde.randn(#x, 64), y end)
      for x, y in noisy:batches(500) do assert(#x == #y) end
      """, receiver: .dataset
  ) { call in
    guard case .function(let index) = call.argument(0) else { return 0 }
    let dataset = call.object(Dataset.self)
    let function = BatchFunction(try LuaReference(call, at: index), call.who, hasTargets: dataset.hasTargets)
    return try call.push(dataset.mapped(operation: call.who, by: function.apply), .dataset)
  }

  private static let normalize = FunctionRecord(
    "dataset:normalize",
    "Shifts and scales every feature, (x - mean) / std. Without stats they are measured: the mean and the standard "
      + "deviation (divided by n) of each feature, 1 for a constant one. Measure the training part, pass its stats to others.",
    [
      Parameter(
        "stats", .table, default: "measured", "{mean=, std=}, two tensors [features], as normalize returns them")
    ],
    returns: "a dataset, and the stats it was made with",
    errors: "stats of another length, not finite or not above 0; a dataset with map, which has to come afterwards",
    example: """
      local train, test = data.blobs{samples=50, seed=1}:split(0.8, {seed=2})
      local stats; train, stats = train:normalize(); test = test:normalize(stats)
      assert(math.abs(train.inputs:mean():item()) < 1e-6 and #stats.mean == 2)
      """, receiver: .dataset
  ) { call in
    let dataset = call.object(Dataset.self)
    let scale = try call.argument(0).isAbsent ? FeatureScale(fitting: dataset) : call.scale()
    let count = try call.push(try scale.normalised(dataset, operation: call.who), .dataset)
    try check(sonde_try_table(call.lua, 0, 2))
    try call.set("mean") { try call.push(scale.mean) }
    try call.set("std") { try call.push(scale.std) }
    return count + 1
  }

  private static let denormalize = FunctionRecord(
    "dataset:denormalize", "Takes a normalisation back: x * std + mean for every feature.",
    [Parameter("stats", .table, "{mean=, std=}, as normalize returned them")],
    returns: "a dataset", errors: "stats of another length, not finite or not above 0; a dataset with map",
    example: """
      local ds = data.blobs{samples=50, seed=1}; local scaled, stats = ds:normalize()
      assert((scaled:denormalize(stats).inputs - ds.inputs):abs():max():item() < 1e-4)
      """, receiver: .dataset
  ) { call in
    try call.push(try call.scale().restored(call.object(Dataset.self), operation: call.who), .dataset)
  }
}

/// A Lua function over batches.
private final class BatchFunction {
  private let function: LuaReference
  private let who: String
  private let hasTargets: Bool

  init(_ function: LuaReference, _ who: String, hasTargets: Bool) {
    self.function = function
    self.who = who
    self.hasTargets = hasTargets
  }

  /// Calls the function off the tape; targets that it doesn't return stay.
  func apply(_ inputs: Tensor, _ targets: Tensor) throws -> (inputs: Tensor, targets: Tensor) {
    let results = try NoGradient.run {
      try function.call(who: who, results: 2) { call in
        try call.push(inputs) + (hasTargets ? try call.push(targets) : call.pushNil())
      }
    }
    guard let mapped = results[0].asTensor else {
      throw LuaFailure.message("\(who): expected its function to return inputs, a tensor, got \(results[0].text)")
    }
    if results[1].isAbsent {
      // rows without targets are as many as inputs
      return (mapped, hasTargets ? targets : try Tensor(targets.dtype, [mapped.rank > 0 ? mapped.shape[0] : 0, 0]))
    }
    guard let labels = results[1].asTensor else {
      throw LuaFailure.message("\(who): expected its function to return targets, a tensor, got \(results[1].text)")
    }
    return (mapped, labels)
  }
}

extension Call {
  /// The fractions of a split, one by one or in tables.
  fileprivate func fractions() throws -> [Double] {
    try arguments.flatMap { argument in
      if let number = argument.asNumber { return [number] }
      guard case .table(let index) = argument else { return [Double]() }
      return try sequence(at: index) { value in
        guard let number = value.asNumber else { throw failure("expected fractions, got \(value.text)") }
        return number
      }
    }
  }

  /// The first argument as indices from 0.
  fileprivate func indices() throws -> [Int] {
    let count = object(Dataset.self).count
    func position(_ index: Int) throws -> Int {
      guard let position = Tensor.position(index, extent: count) else {
        throw failure("expected samples from 1 to \(count) or -\(count) to -1, got \(index)")
      }
      return position
    }
    if case .table(let index) = argument(0) {
      return try sequence(at: index) { value in
        guard let number = value.asInteger else { throw failure("expected whole indices, got \(value.text)") }
        return try position(number)
      }
    }
    let tensor = try tensor(0)
    guard tensor.rank == 1 else { throw failure("expected a vector of indices, got \(tensor.shape)") }
    let values = try tensor.doubles()
    if tensor.dtype == .bool {
      guard values.count == count else { throw failure("expected a mask of \(count) samples, got \(values.count)") }
      return values.indices.filter { values[$0] != 0 }
    }
    return try values.map { value in
      guard let number = Int(exactly: value) else {
        throw failure("expected whole indices, got \(LuaValue.text(of: value))")
      }
      return try position(number)
    }
  }

  /// The first argument as what features are shifted and divided by.
  fileprivate func scale() throws -> FeatureScale {
    guard case .table(let index) = argument(0) else {
      throw failure("expected stats {mean=, std=}, got \(argument(0).text)")
    }
    let tensors = try ["mean", "std"].map { name in
      try restoring {
        try check(sonde_try_get_field(lua, index, name))
        let value = LuaValue(lua, lua_gettop(lua))
        guard let tensor = value.asTensor else {
          throw failure("expected stats {mean=, std=} as normalize returns them, got \(value.text) as \(name)")
        }
        return tensor
      }
    }
    return try FeatureScale(mean: tensors[0], std: tensors[1], operation: who)
  }
}
