import CLua
import Datasets
import Kernels
import Networks
import Tensors

// What a training calls in Lua: callbacks, losses, and functions that give batches.

extension Call {
  // MARK: After steps and epochs

  /// What runs after each step; nil where nothing does, so that the loop stays free of it.
  func stepCallback(_ bar: ProgressBar) -> ((FitStep) throws -> Bool)? {
    guard case .function(let index) = option("on_step") else {
      guard bar.isDrawn else { return nil }
      return { step in
        bar.show(step)
        return true
      }
    }
    return { step in
      bar.show(step)
      return try bar.aside {
        try self.goesOn(function: index) { try self.setFields(of: step) }
      }
    }
  }

  /// What runs after each epoch.
  func epochCallback(_ bar: ProgressBar) -> (FitEpoch) throws -> Bool {
    let function = option("on_epoch")
    return { epoch in
      bar.show(epoch)
      guard case .function(let index) = function else { return true }
      return try bar.aside {
        try self.goesOn(function: index) {
          try self.setFields(of: epoch)
          try self.set("net") { self.pushSelf() }
        }
      }
    }
  }

  private func setFields(of step: FitStep) throws {
    try set("step") { push(step.step) }
    if let steps = step.steps { try set("steps") { push(steps) } }
    try set("epoch") { push(step.epoch) }
    try set("loss") { push(step.loss) }
    if let accuracy = step.accuracy { try set("accuracy") { push(accuracy) } }
    try set("lr") { push(step.learningRate) }
    if let norm = step.gradientNorm { try set("grad_norm") { push(norm) } }
    try set("net") { pushSelf() }
  }

  /// Fills the table on top with what is known of an epoch.
  func setFields(of epoch: FitEpoch) throws {
    try set("epoch") { push(epoch.epoch) }
    try set("step") { push(epoch.step) }
    try set("loss") { push(epoch.loss) }
    let rest = [
      ("accuracy", epoch.accuracy), ("train_accuracy", epoch.trainAccuracy), ("test_loss", epoch.testLoss),
      ("test_accuracy", epoch.testAccuracy), ("lr", epoch.learningRate),
    ]
    for (name, value) in rest { if let value { try set(name) { push(value) } } }
  }

  /// Calls a callback with a table; only an answer of false ends the training.
  private func goesOn(function index: Int32, _ fill: () throws -> Void) throws -> Bool {
    try interruptibly {
      lua_pushvalue(lua, index)
      try check(sonde_try_table(lua, 0, 8))
      try fill()
      try check(sonde_try_call(lua, 1, 1))
      defer { sonde_pop(lua, 1) }
      return lua_type(lua, -1) != LUA_TBOOLEAN || lua_toboolean(lua, -1) != 0
    }
  }

  /// Calls the function below its arguments on the stack; Ctrl-C inside it ends a training as it does between two steps.
  private func callInterruptibly(arguments: Int32, results: Int32) throws {
    try interruptibly { try check(sonde_try_call(lua, arguments, results)) }
  }

  /// Runs what calls Lua, and tells the error that Ctrl-C raises there from a user's own.
  ///
  /// The hook may raise it in any protected call, also where a table is filled.
  private func interruptibly<Result>(_ body: () throws -> Result) throws -> Result {
    let top = lua_gettop(lua)
    do {
      return try body()
    } catch LuaFailure.value where isInterruption {
      lua_settop(lua, top)
      throw Interrupted()
    }
  }

  /// Whether the error value on top is the hook's, which Ctrl-C has set.
  private var isInterruption: Bool {
    LuaValue(lua, lua_gettop(lua)).asString?.hasSuffix(Interrupted().description) ?? false
  }

  // MARK: Losses

  /// The option `loss`: by its name, or a function of Lua's.
  func objective() throws -> FitObjective {
    guard case .function = option("loss") else {
      return try FitObjective(option("loss").asString ?? "cross_entropy", who: who)
    }
    let function = try loss(option("loss"))
    return FitObjective(name: "the function loss") { output, target in
      try interruptibly { try function(output, target) }
    }
  }

  // MARK: Data

  /// What to train or evaluate on; nil where it was not given.
  func samples(_ value: LuaValue, _ what: String) throws -> FitData? {
    switch value {
    case .object(let object, .dataset):
      let dataset = unsafeDowncast(object, to: Dataset.self)
      let maps = dataset.maps
      if maps.isEmpty { return .tensors(inputs: dataset.inputs, targets: dataset.targets) }
      return .mapped(inputs: dataset.inputs, targets: dataset.targets) { inputs, targets in
        try interruptibly { try maps.reduce((inputs, targets)) { try $1($0.0, $0.1) } }
      }
    case .object(let object, .batches):
      let iterator = unsafeDowncast(object, to: BatchIterator.self)
      return .batches { { try iterator.next() } }
    case .table(let index): return try tensors(at: index, what)
    case .function(let index): return .batches { try epoch(of: index, what) }
    default: return nil
    }
  }

  private func tensors(at table: Int32, _ what: String) throws -> FitData {
    let values = try sequence(at: table) { $0 }
    guard values.count == 2, let inputs = values[0].asTensor, let targets = values[1].asTensor else {
      throw failure("\(what) expected tensors {x, y}, got {\(values.map(\.text).joined(separator: ", "))}")
    }
    return .tensors(inputs: inputs, targets: targets)
  }

  /// Calls the function for its first batch of an epoch, or for the iterator that gives the epoch's batches.
  private func epoch(of function: Int32, _ what: String) throws -> () throws -> (inputs: Tensor, targets: Tensor)? {
    lua_pushvalue(lua, function)
    try callInterruptibly(arguments: 0, results: 2)
    let place = lua_gettop(lua) - 1
    defer { sonde_pop(lua, 2) }
    switch LuaValue(lua, place) {
    case .function, .object(_, .batches):
      let iterator = try interruptibly { try LuaReference(self, at: place) }
      return { try next(what) { iterator.push(self) } }
    default:
      var first = try batch(at: place, what)
      var isFirst = true
      return {
        defer { (first, isFirst) = (nil, false) }
        return isFirst ? first : try next(what) { lua_pushvalue(lua, function) }
      }
    }
  }

  private func next(_ what: String, _ pushFunction: () -> Void) throws -> (inputs: Tensor, targets: Tensor)? {
    pushFunction()
    try callInterruptibly(arguments: 0, results: 2)
    defer { sonde_pop(lua, 2) }
    return try batch(at: lua_gettop(lua) - 1, what)
  }

  /// The batch at a stack index and the one above it; nil where nil ends the epoch.
  private func batch(at place: Int32, _ what: String) throws -> (inputs: Tensor, targets: Tensor)? {
    let (inputs, targets) = (LuaValue(lua, place), LuaValue(lua, place + 1))
    if inputs.isAbsent { return nil }
    guard let x = inputs.asTensor, let y = targets.asTensor else {
      throw failure("\(what) expected its function to give tensors x, y or nil, got \(inputs.text), \(targets.text)")
    }
    return (x, y)
  }
}
