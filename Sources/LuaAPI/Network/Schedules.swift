import CLua
import Networks

/// A schedule as Lua holds it.
final class ScheduleHandle {
  let schedule: RateSchedule

  init(_ schedule: RateSchedule) { self.schedule = schedule }
}

/// A Lua function as a schedule: called with the steps taken and the rate set by hand.
struct LuaSchedule: Schedule {
  let function: LuaReference

  func rate(step: Int, base: Double) throws -> Double {
    try function.call(who: "schedule", { $0.push(step) + $0.push(base) }) { value in
      guard let rate = value.asNumber else {
        throw LuaFailure.message("schedule: expected a number from the function at step \(step), got \(value.text)")
      }
      return rate
    }
  }
}

extension ParameterType {
  /// What gives the rate of each step.
  static let schedule = ParameterType.oneOf([.object(.schedule), .function])
}

extension FunctionRecord {
  /// What makes schedules.
  static let scheduleFunctions: [FunctionRecord] = [cosine, step, multistep, exponential, linear, warmup]

  private static let lr = Parameter(
    "lr", .number, default: "nil", "the rate to go from; without, the optimizer's, of each group its own")
  private static let gamma = Parameter("gamma", .number, default: "0.1", "the factor of each fall")
  private static let result = "a schedule: s(steps taken from 0 [, lr]) -> rate, for opt.schedule"
  private static let errors = "steps below 1, negative or not finite numbers"

  private static let cosine = maker(
    "cosine", "Falls from lr to min along half a cosine in so many steps, and stays; PyTorch's CosineAnnealingLR.",
    [
      Parameter("steps", .integer, "how many steps the fall takes"),
      Parameter("min", .number, default: "0", "the rate at its end"),
    ],
    "local s = optim.schedule.cosine{steps=10, lr=0.1}; assert(s(0) == 0.1 and math.abs(s(5) - 0.05) < 1e-12 and s(10) == 0)"
  ) { call in .cosine(steps: call.option("steps").asInteger ?? 1, least: call.option("min").asNumber ?? 0) }

  private static let step = maker(
    "step", "Multiplies the rate by gamma every step_size steps; PyTorch's StepLR.",
    [Parameter("step_size", .integer, "the steps between two falls"), gamma],
    "local s = optim.schedule.step{step_size=10, gamma=0.5, lr=1}; assert(s(9) == 1 and s(10) == 0.5 and s(20) == 0.25)"
  ) { call in .step(size: call.option("step_size").asInteger ?? 1, gamma: call.option("gamma").asNumber ?? 0.1) }

  private static let multistep = maker(
    "multistep", "Multiplies the rate by gamma at each milestone; PyTorch's MultiStepLR.",
    [Parameter("milestones", .table, "a rising sequence of steps"), gamma],
    "local s = optim.schedule.multistep{milestones={3, 5}, gamma=0.5, lr=1}; assert(s(2) == 1 and s(3) == 0.5 and s(5) == 0.25)"
  ) { call in
    guard case .table(let index) = call.option("milestones") else { return .exponential(gamma: 1) }
    let milestones = try call.sequence(at: index) { value in
      guard let step = value.asInteger else { throw call.failure("milestones expected integers, got \(value.text)") }
      return step
    }
    return .multistep(milestones: milestones, gamma: call.option("gamma").asNumber ?? 0.1)
  }

  private static let exponential = maker(
    "exponential", "Multiplies the rate by gamma at each step; PyTorch's ExponentialLR.",
    [Parameter("gamma", .number, "the factor of each step")],
    "assert(optim.schedule.exponential{gamma=0.5, lr=1}(3) == 0.125)"
  ) { call in .exponential(gamma: call.option("gamma").asNumber ?? 1) }

  private static let linear = maker(
    "linear", "Takes the rate evenly from start_factor to end_factor of it, and stays; PyTorch's LinearLR.",
    [
      Parameter("steps", .integer, "how many steps the way takes"),
      Parameter("start_factor", .number, default: "1/3", "the factor at first"),
      Parameter("end_factor", .number, default: "1", "the factor at the end"),
    ],
    "local s = optim.schedule.linear{steps=10, start_factor=1, end_factor=0, lr=1}; assert(s(5) == 0.5 and s(20) == 0)"
  ) { call in
    .linear(
      start: call.option("start_factor").asNumber ?? 1 / 3, end: call.option("end_factor").asNumber ?? 1,
      steps: call.option("steps").asInteger ?? 1)
  }

  private static let warmup = maker(
    "warmup",
    "Rises evenly from start_factor to the whole of the rate with which another schedule begins, which follows.",
    [
      Parameter("steps", .integer, "how many steps the rise takes"),
      Parameter("start_factor", .number, default: "0.01", "the factor at first"),
      Parameter("after", .schedule, default: "nil", "what follows, counting from there; nil stays"),
    ],
    "local s = optim.schedule.warmup{steps=4, start_factor=0, after=optim.schedule.cosine{steps=10, lr=1}}; assert(s(0) == 0 and s(2) == 0.5 and s(4) == 1 and s(14) == 0)"
  ) { call in
    .warmup(
      start: call.option("start_factor").asNumber ?? 0.01, steps: call.option("steps").asInteger ?? 1,
      after: try call.schedule(call.option("after"), "after"))
  }

  private static func maker(
    _ name: String, _ summary: String, _ options: [Parameter], _ example: String,
    _ course: @escaping @Sendable (Call) throws -> RateSchedule.Course
  ) -> FunctionRecord {
    FunctionRecord(
      "optim.schedule.\(name)", summary, options: options + [lr], returns: result, errors: errors, example: example
    ) { call in
      let schedule = try RateSchedule(try course(call), base: call.option("lr").asNumber)
      return try call.push(ScheduleHandle(schedule), .schedule)
    }
  }
}

extension TypeRecord {
  /// A schedule.
  static let scheduleType = TypeRecord(
    type: .schedule,
    summary:
      "The rate of each step: s(steps) is the rate after so many steps, s(steps, lr) goes from a rate not told before.",
    text: { call in call.object(ScheduleHandle.self).schedule.description },
    call: { call in
      guard let step = call.argument(0).asInteger, step >= 0, call.arguments.count <= 2 else {
        throw call.failure("expected the number of steps taken, 0 or more, got \(call.argument(0).text)")
      }
      let base = call.argument(1)
      guard base.isAbsent || base.asNumber != nil else {
        throw call.failure("expected a number as the rate to go from, got \(base.text)")
      }
      return call.push(try call.object(ScheduleHandle.self).schedule.rate(step: step, base: base.asNumber ?? 1))
    })
}

extension Call {
  /// A schedule of a value: one of ours, or a Lua function; nil for nil.
  func schedule(_ value: LuaValue, _ name: String) throws -> (any Schedule)? {
    switch value {
    case .absent: return nil
    case .object(let object, .schedule): return unsafeDowncast(object, to: ScheduleHandle.self).schedule
    case .function(let index): return LuaSchedule(function: try LuaReference(self, at: index))
    default: throw failure("\(name) expected a schedule, a function or nil, got \(value.text)")
    }
  }

  /// Pushes what was set as a schedule.
  func push(_ schedule: (any Schedule)?) throws -> Int32 {
    switch schedule {
    case let own as RateSchedule: return try push(ScheduleHandle(own), .schedule)
    case let own as LuaSchedule:
      own.function.push(self)
      return 1
    default: return pushNil()
    }
  }
}
