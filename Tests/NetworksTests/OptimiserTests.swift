import Gradients
import Kernels
import Networks
import OrderedCollections
import Tensors
import TestSupport
import Testing

/// A case of `optimisers.py`: a kind and its settings.
struct OptimiserCase: CustomTestStringConvertible, Sendable {
  let name: String
  let type: GroupedOptimiser.Type
  let settings: [String: Double]

  init(_ name: String, _ type: GroupedOptimiser.Type, _ settings: [String: Double] = [:]) {
    self.name = name
    self.type = type
    self.settings = settings
  }

  var testDescription: String { name }

  static let all = [
    OptimiserCase("sgd", SGD.self, ["lr": 0.05]),
    OptimiserCase("sgd.momentum", SGD.self, ["lr": 0.02, "momentum": 0.9, "weight_decay": 0.01]),
    OptimiserCase("sgd.nesterov", SGD.self, ["lr": 0.02, "momentum": 0.9, "nesterov": 1, "weight_decay": 0.1]),
    OptimiserCase("sgd.dampening", SGD.self, ["lr": 0.02, "momentum": 0.8, "dampening": 0.3]),
    OptimiserCase("sgd.maximize", SGD.self, ["lr": 0.001, "momentum": 0.5, "maximize": 1]),
    OptimiserCase("adam", Adam.self),
    OptimiserCase(
      "adam.decay", Adam.self, ["lr": 0.02, "beta1": 0.8, "beta2": 0.99, "eps": 1e-6, "weight_decay": 0.1]),
    OptimiserCase("adam.amsgrad", Adam.self, ["lr": 0.05, "amsgrad": 1]),
    OptimiserCase("adam.lerp", Adam.self, ["lr": 0.01, "beta1": 0.3, "beta2": 0.9]),
    OptimiserCase("adam.maximize", Adam.self, ["lr": 0.01, "maximize": 1]),
    OptimiserCase("adamw", AdamW.self),
    OptimiserCase(
      "adamw.amsgrad", AdamW.self, ["lr": 0.03, "beta1": 0.85, "beta2": 0.95, "weight_decay": 0.2, "amsgrad": 1]),
    OptimiserCase("rmsprop", RMSprop.self),
    OptimiserCase(
      "rmsprop.momentum", RMSprop.self, ["lr": 0.005, "alpha": 0.9, "momentum": 0.9, "weight_decay": 0.03]),
    OptimiserCase("rmsprop.centered", RMSprop.self, ["lr": 0.01, "alpha": 0.95, "eps": 1e-5, "centered": 1]),
    OptimiserCase(
      "rmsprop.all", RMSprop.self,
      ["lr": 0.002, "alpha": 0.8, "eps": 1e-4, "centered": 1, "momentum": 0.7, "weight_decay": 0.01]),
    OptimiserCase("adagrad", Adagrad.self),
    OptimiserCase(
      "adagrad.all", Adagrad.self,
      ["lr": 0.1, "lr_decay": 0.01, "weight_decay": 0.05, "initial_accumulator_value": 0.2, "eps": 1e-8]),
  ]

  static let momenta = all.filter {
    ["sgd.momentum", "adam.amsgrad", "adamw", "rmsprop.all", "adagrad.all"].contains($0.name)
  }

  func make(_ tensors: OrderedDictionary<String, Tensor>) throws -> GroupedOptimiser {
    try type.init(.tensors(tensors), settings: settings)
  }
}

/// The problem of `optimisers.py`: six numbers, and gradients that bend to them and to the step.
struct FormulaProblem {
  static let start = (0..<6).map { (Double($0) - 2.5) / 2 }

  static func parameter(_ dtype: DType) throws -> Tensor {
    let parameter = try tensor(start, [6], dtype)
    parameter.requiresGradient = true
    return parameter
  }

  /// Puts the gradient of a step, from 1, in its place, computed in the parameter's own precision.
  static func setGradient(_ parameter: Tensor, step: Int) throws {
    let p = try numbers(parameter)
    let values = (0..<6).map { i in
      let (a, c, saw) = (Double(1 + i) / 4, Double(i - 1) / 2, Double((step * 7 + i * 5) % 11 - 5) / 8)
      if parameter.dtype == .float64 { return a * (p[i] - c) + saw }
      return Double(Float(a) * (Float(p[i]) - Float(c)) + Float(saw))
    }
    parameter.gradient = try tensor(values, parameter.shape, parameter.dtype)
  }

  static func run(_ optimiser: any Optimiser, _ parameter: Tensor, steps: ClosedRange<Int>) throws {
    for step in steps {
      try setGradient(parameter, step: step)
      try optimiser.step()
    }
  }
}

/// Optimisers step as PyTorch's do: to 1e-12 in float64 and 1e-6 in float32 over a hundred steps.
@Suite struct OptimiserTests {
  /// A large parameter is changed in parts, each by the same loops as a parameter of that size.
  @Test(arguments: OptimiserCase.all)
  func aLargeParameterIsChangedAsItsParts(of kind: OptimiserCase) throws {
    let (length, count) = (32_768, 70_001)
    let start = try randomTensor([count], seed: 5, .float32)
    let whole = try start.clone()
    whole.requiresGradient = true
    let parts = try stride(from: 0, to: count, by: length).map { first in
      let part = try start.narrow(0, first, min(length, count - first)).clone()
      part.requiresGradient = true
      return part
    }
    let optimiser = try kind.make(["p": whole])
    let apart = try kind.make(OrderedDictionary(uniqueKeysWithValues: parts.enumerated().map { ("\($0)", $1) }))
    for seed in 6..<9 {
      let gradient = try randomTensor([count], seed: UInt64(seed), .float32)
      whole.gradient = gradient
      for (index, part) in parts.enumerated() {
        part.gradient = try gradient.narrow(0, index * length, part.count).clone()
      }
      try optimiser.step()
      try apart.step()
    }
    #expect(try numbers(whole) == parts.flatMap { try numbers($0) })
  }

  static let kinds: [(name: String, dtype: DType, relative: Double)] = [
    ("f64", .float64, 1e-12), ("f32", .float32, 1e-6),
  ]

  @Test(arguments: ["f64", "f32"], OptimiserCase.all)
  func hundredStepsAreThoseOfPyTorch(kind: String, which: OptimiserCase) throws {
    let (_, dtype, relative) = try #require(OptimiserTests.kinds.first { $0.name == kind })
    let parameter = try FormulaProblem.parameter(dtype)
    let optimiser = try which.make(["w": parameter])
    var done = 0
    for mark in [1, 2, 10, 100] {
      try FormulaProblem.run(optimiser, parameter, steps: (done + 1)...mark)
      assertNear(
        try numbers(parameter), Goldens.optimisers["\(kind).\(which.name)/\(mark)"], relative: relative,
        "\(kind) \(which.name) after \(mark)")
      done = mark
    }
    #expect(optimiser.steps == 100)
  }

  @Test(arguments: OptimiserCase.momenta, [DType.float32, .float64])
  func aRestoredStateGoesOnBitForBit(which: OptimiserCase, dtype: DType) throws {
    let parameter = try FormulaProblem.parameter(dtype)
    let optimiser = try which.make(["w": parameter])
    optimiser.schedule = try RateSchedule(.exponential(gamma: 0.97))
    try FormulaProblem.run(optimiser, parameter, steps: 1...30)
    let (state, middle) = (try optimiser.state(), try parameter.clone())
    try FormulaProblem.run(optimiser, parameter, steps: 31...60)

    middle.requiresGradient = true
    let other = try which.type.init(.tensors(["w": middle]), settings: ["lr": 7])
    try other.restore(state)
    #expect(other.steps == 30 && other.learningRate == state.rate)
    other.schedule = try RateSchedule(.exponential(gamma: 0.97))
    try FormulaProblem.run(other, middle, steps: 31...60)
    #expect(try numbers(middle) == numbers(parameter))
    #expect(try other.state().values == optimiser.state().values)
  }

  @Test func aStateHoldsCopies() throws {
    let parameter = try FormulaProblem.parameter(.float64)
    let optimiser = try Adam(.tensors(["w": parameter]), settings: [:])
    try FormulaProblem.run(optimiser, parameter, steps: 1...2)
    let state = try optimiser.state()
    #expect(Array(state.tensors.keys) == ["w.exp_avg", "w.exp_avg_sq"])
    let before = try numbers(try #require(state.tensors["w.exp_avg"]))
    try FormulaProblem.run(optimiser, parameter, steps: 3...5)
    #expect(try numbers(try #require(state.tensors["w.exp_avg"])) == before)
    #expect(state.values["w.step"] == .integer(2) && state.values["algorithm"] == .string("Adam"))
  }

  @Test func aStateThatDoesNotFitIsToldAndChangesNothing() throws {
    let parameter = try FormulaProblem.parameter(.float64)
    let optimiser = try Adam(.tensors(["w": parameter]), settings: ["lr": 0.5])
    try FormulaProblem.run(optimiser, parameter, steps: 1...3)
    let good = try optimiser.state()
    func refused(_ change: (inout OptimiserState) throws -> Void) throws -> String {
      var state = good
      try change(&state)
      var message = ""
      do { try optimiser.restore(state) } catch let error as NetworkError { message = error.description }
      #expect(try optimiser.state().values == good.values)
      return message
    }
    let who = "optimizer:load_state"
    #expect(
      try refused { $0.values["algorithm"] = .string("SGD") } == "\(who): expected the state of Adam, got of SGD")
    #expect(try refused { $0.values["steps"] = nil } == "\(who): expected 'steps', got none")
    #expect(
      try refused { $0.values["steps"] = .number(1.5) }
        == "\(who): expected 'steps', a whole number of at least 0, got another value")
    #expect(
      try refused { $0.values["groups.1.lrr"] = .number(1) }
        == "\(who): unknown name 'groups.1.lrr', did you mean 'groups.1.lr'?")
    #expect(try refused { $0.values["groups.1.lr"] = .number(-1) } == "optim.Adam: expected lr of 0 or more, got -1.0")
    #expect(try refused { $0.values["w.group"] = .integer(2) } == "\(who): expected 'w.group' of at most 1, got 2")
    #expect(try refused { $0.tensors["w.exp_avg"] = nil } == "\(who): expected 'w.exp_avg' [6], got none")
    #expect(
      try refused { $0.tensors["w.exp_avg"] = try Tensor(.float64, [5]) }
        == "\(who): expected 'w.exp_avg' [6] of float64, got [5] of float64")
    #expect(try refused { _ in } == "")
  }

  @Test func laidOutOtherwiseParametersStepTheSame() throws {
    let plain = try FormulaProblem.parameter(.float64)
    let reference = try Adam(.tensors(["w": plain]), settings: ["lr": 0.1])
    // a transposed matrix is dense, every second column of one isn't
    let matrix = try tensor(FormulaProblem.start, [2, 3]).transposed().clone().transposed()
    let wide = try Tensor(.float64, [6, 2])
    let gaps = Tensor(storage: wide.storage, shape: [6], strides: [2])
    try gaps.copy(from: plain)
    for parameter in [matrix, gaps] { parameter.requiresGradient = true }
    let optimiser = try Adam(.tensors(["a": matrix, "b": gaps]), settings: ["lr": 0.1])
    for step in 1...20 {
      try FormulaProblem.run(reference, plain, steps: step...step)
      try FormulaProblem.setGradient(gaps, step: step)
      try FormulaProblem.setGradient(matrix, step: step)
      try optimiser.step()
    }
    #expect(try numbers(matrix) == numbers(plain))
    #expect(try numbers(gaps) == numbers(plain))
    #expect((0..<6).allSatisfy { wide.pointer(Double.self)[2 * $0 + 1] == 0 })
    let state = try optimiser.state()
    #expect(try numbers(try #require(state.tensors["a.exp_avg"])) == numbers(try #require(state.tensors["b.exp_avg"])))
  }

  @Test func aSchedulesFailureLeavesEverything() throws {
    let parameter = try FormulaProblem.parameter(.float64)
    let optimiser = try SGD(.tensors(["w": parameter]), settings: ["lr": 0.5, "momentum": 0.9])
    try FormulaProblem.run(optimiser, parameter, steps: 1...3)
    let (state, before) = (try optimiser.state().values, try numbers(parameter))
    struct Broken: Schedule { func rate(step: Int, base: Double) -> Double { .nan } }
    optimiser.schedule = Broken()
    let error = #expect(throws: NetworkError.self) { try optimiser.step() }
    #expect(
      error?.description == "optim.SGD: expected a finite rate of 0 or more from the schedule at step 3, got nan")
    #expect(try optimiser.state().values == state)
    #expect(try numbers(parameter) == before)
  }
}

extension OptimiserState {
  /// The latest rate of the first group.
  fileprivate var rate: Double? {
    if case .number(let rate)? = values["groups.1.rate"] { return rate }
    return nil
  }
}
