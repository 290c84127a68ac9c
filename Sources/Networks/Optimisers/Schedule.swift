import RealModule

/// What gives the rate of each step.
public protocol Schedule {
  /// The rate when `step` steps have been taken, 0 before the first; `base` is the rate that was set by hand.
  ///
  /// - Throws: what a user's function throws.
  func rate(step: Int, base: Double) throws -> Double
}

/// The schedules that are known by name; their numbers are those of PyTorch's schedulers after `step` calls of `step()`.
public struct RateSchedule: Schedule {
  /// How the rate goes on from its base.
  public enum Course {
    /// Down half a cosine from the base to `least` in `steps`, and constant from there on.
    ///
    /// It is `least + (base - least) (1 + cos(pi step / steps)) / 2`, `CosineAnnealingLR`, which would rise again after `steps`.
    case cosine(steps: Int, least: Double)
    /// `base gamma^floor(step / size)`: `StepLR`.
    case step(size: Int, gamma: Double)
    /// `base gamma^n` where `n` of the milestones are at or before the step: `MultiStepLR`.
    case multistep(milestones: [Int], gamma: Double)
    /// `base gamma^step`: `ExponentialLR`.
    case exponential(gamma: Double)
    /// `base` times a factor that goes evenly from `start` to `end` in `steps`, and stays: `LinearLR`.
    case linear(start: Double, end: Double, steps: Int)
    /// Evenly from `start` times the first rate of `after` to all of it in `steps`, then `after`, which counts from there: `LinearLR`
    /// and another in `SequentialLR`; nil stays at the base.
    case warmup(start: Double, steps: Int, after: (any Schedule)?)
  }

  /// How the rate goes on.
  public let course: Course
  /// The rate to go from; nil takes the one set by hand, of each group its own.
  public let base: Double?

  /// Makes a schedule.
  ///
  /// - Throws: `NetworkError` for steps below 1, factors below 0, milestones that don't rise, and numbers that aren't finite.
  public init(_ course: Course, base: Double? = nil) throws {
    self.course = course
    self.base = base
    if let base { try check(base, "lr") }
    switch course {
    case .cosine(let steps, let least):
      try NetworkError.require(steps, atLeast: 1, who, "steps")
      try check(least, "min")
    case .step(let size, let gamma):
      try NetworkError.require(size, atLeast: 1, who, "step_size")
      try check(gamma, "gamma")
    case .multistep(let milestones, let gamma):
      try check(gamma, "gamma")
      for (earlier, later) in zip([0] + milestones, milestones) where later <= earlier {
        throw NetworkError.expected(who, "milestones that rise from 1 or more", "\(later) behind \(earlier)")
      }
    case .exponential(let gamma): try check(gamma, "gamma")
    case .linear(let start, let end, let steps):
      try NetworkError.require(steps, atLeast: 1, who, "steps")
      try check(start, "start_factor")
      try check(end, "end_factor")
    case .warmup(let start, let steps, _):
      try NetworkError.require(steps, atLeast: 1, who, "steps")
      try check(start, "start_factor")
    }
  }

  /// The function that makes it: who speaks in messages.
  private var who: String { "optim.schedule.\(name)" }

  /// The name of the course.
  public var name: String {
    switch course {
    case .cosine: "cosine"
    case .step: "step"
    case .multistep: "multistep"
    case .exponential: "exponential"
    case .linear: "linear"
    case .warmup: "warmup"
    }
  }

  private func check(_ value: Double, _ name: String) throws {
    guard value >= 0, value.isFinite else {
      throw NetworkError.expected(who, "a finite \(name) of 0 or more", "\(value)")
    }
  }

  /// The rate when `step` steps have been taken.
  ///
  /// - Throws: what the function after a warm-up throws.
  public func rate(step: Int, base given: Double) throws -> Double {
    let base = base ?? given
    switch course {
    case .cosine(let steps, let least):
      if step >= steps { return least }
      return least + (base - least) * (1 + Double.cos(.pi * Double(step) / Double(steps))) / 2
    case .step(let size, let gamma): return base * Double.pow(gamma, step / size)
    case .multistep(let milestones, let gamma): return base * Double.pow(gamma, milestones.count { $0 <= step })
    case .exponential(let gamma): return base * Double.pow(gamma, step)
    case .linear(let start, let end, let steps): return base * RateSchedule.between(start, end, step, steps)
    case .warmup(let start, let steps, let after):
      if step >= steps { return try after?.rate(step: step - steps, base: base) ?? base }
      return try (after?.rate(step: 0, base: base) ?? base) * RateSchedule.between(start, 1, step, steps)
    }
  }

  private static func between(_ start: Double, _ end: Double, _ step: Int, _ steps: Int) -> Double {
    step >= steps ? end : start + (end - start) * Double(step) / Double(steps)
  }
}

extension RateSchedule: CustomStringConvertible {
  /// A number, whole ones without a point.
  private func plain(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }

  /// The schedule as a user would write it.
  public var description: String {
    let lr = base.map { ", lr=\(plain($0))" } ?? ""
    let text =
      switch course {
      case .cosine(let steps, let least): "steps=\(steps), min=\(plain(least))"
      case .step(let size, let gamma): "step_size=\(size), gamma=\(plain(gamma))"
      case .multistep(let milestones, let gamma):
        "milestones={\(milestones.map(String.init).joined(separator: ", "))}, gamma=\(plain(gamma))"
      case .exponential(let gamma): "gamma=\(plain(gamma))"
      case .linear(let start, let end, let steps):
        "start_factor=\(plain(start)), end_factor=\(plain(end)), steps=\(steps)"
      case .warmup(let start, let steps, let after):
        "steps=\(steps), start_factor=\(plain(start))"
          + (after.map { ", after=\(($0 as? RateSchedule)?.description ?? "function")" } ?? "")
      }
    return "\(name){\(text)\(lr)}"
  }
}
