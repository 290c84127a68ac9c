import Gradients
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Schedules give the rates of PyTorch's schedulers, and clipping its gradients.
@Suite struct ScheduleTests {
  private let courses: [(String, RateSchedule.Course)] = [
    ("cosine", .cosine(steps: 59, least: 0.05)), ("step", .step(size: 7, gamma: 0.6)),
    ("multistep", .multistep(milestones: [5, 6, 30], gamma: 0.3)), ("exponential", .exponential(gamma: 0.9)),
    ("linear", .linear(start: 0.25, end: 0.75, steps: 20)), ("linear.default", .linear(start: 1 / 3, end: 1, steps: 5)),
  ]

  private func rates(_ schedule: any Schedule) throws -> [Double] {
    try (0..<60).map { try schedule.rate(step: $0, base: 0.4) }
  }

  @Test func ratesAreThoseOfPyTorch() throws {
    for (name, course) in courses {
      assertNear(
        try rates(try RateSchedule(course)), Goldens.optimisers["schedule/\(name)"], relative: 1e-12, name)
    }
    let after = try RateSchedule(.cosine(steps: 49, least: 0.01))
    assertNear(
      try rates(try RateSchedule(.warmup(start: 0.1, steps: 10, after: after))), Goldens.optimisers["schedule/warmup"],
      relative: 1e-12, "warmup")
  }

  @Test func aRateOfItsOwnComesBeforeTheOptimisers() throws {
    let cosine = try RateSchedule(.cosine(steps: 10, least: 0), base: 2)
    let warm = try RateSchedule(.warmup(start: 0.5, steps: 4, after: cosine))
    #expect(try cosine.rate(step: 0, base: 0.1) == 2 && cosine.rate(step: 1000, base: 0.1) == 0)
    #expect(try warm.rate(step: 0, base: 0.1) == 1 && warm.rate(step: 4, base: 0.1) == 2)
  }

  @Test func eachGroupGoesFromItsOwnRate() throws {
    let (a, b) = (try FormulaProblem.parameter(.float64), try FormulaProblem.parameter(.float64))
    let optimiser = try SGD(
      .tensors(["a": a, "b": b]), settings: ["lr": 0.4], groups: [GroupRequest(.names(["b"]), settings: ["lr": 0.2])])
    optimiser.schedule = try RateSchedule(.step(size: 2, gamma: 0.5))
    for _ in 0..<5 { try optimiser.step() }
    #expect(optimiser.groups.map(\.learningRate) == [0.05, 0.1] && optimiser.learningRate == 0.1)
    // taken away, the schedule leaves the rates where they are
    optimiser.schedule = nil
    try optimiser.step()
    #expect(optimiser.groups.map(\.learningRate) == [0.05, 0.1])
  }

  @Test(arguments: [DType.float32, .float64]) func clippingIsThatOfPyTorch(dtype: DType) throws {
    let kind = dtype == .float64 ? "f64" : "f32"
    let values = [3.0, -4, 0.5, 0, -1.5, 2, 7]
    let cases: [(String, Double, Double, [Double])] = [
      ("1.0", 1.5, 1, values), ("2.0", 1.5, 2, values), ("3.5", 1.5, 3.5, values), ("inf", 1.5, .infinity, values),
      ("loose", 100, 2, values), ("zero", 1, 2, Array(repeating: 0, count: 7)),
      ("infinite", 1, 2, values.dropLast() + [.infinity]), ("nan", 1, 2, values.dropLast() + [.nan]),
      ("nan.largest", 1, .infinity, values.dropLast() + [.nan]),
    ]
    for (name, limit, power, numbers) in cases {
      let tensors = try gradients(numbers, dtype)
      let norm = try GradientClipping.clipNorm(tensors, to: limit, power: power)
      let relative = dtype == .float64 ? 1e-14 : 1e-6
      assertClose([norm], Goldens.optimisers["clip/\(kind).\(name)/norm"], relative: relative, name)
      assertClose(
        try clipped(tensors), Goldens.optimisers["clip/\(kind).\(name)/gradient"], relative: relative, name)
    }
  }

  @Test func valuesAreClippedOneByOne() throws {
    let tensors = try gradients([3, -4, 0.5, 0, -1.5, .nan, -.infinity], .float32)
    try GradientClipping.clipValue(tensors, to: 1)
    assertClose(try clipped(tensors), [1, -1, 0.5, 0, -1, .nan, -1])
  }

  @Test func anInfiniteLimitMeasuresOnly() throws {
    let tensors = try gradients([3, -4, 0, 0, 0, 0, 0], .float32)
    #expect(try GradientClipping.clipNorm(tensors, to: .infinity) == 5)
    #expect(try clipped(tensors) == [3, -4, 0, 0, 0, 0, 0])
    #expect(try GradientClipping.clipNorm([], to: 1) == 0)
  }

  /// Two parameters with these gradients, the first's laid out by columns.
  private func gradients(_ values: [Double], _ dtype: DType) throws -> [Tensor] {
    let (first, second) = (try Tensor(dtype, [2, 2]), try Tensor(dtype, [3]))
    first.gradient = try tensor(Array(values.prefix(4)), [2, 2], dtype).transposed().clone().transposed()
    second.gradient = try tensor(Array(values.dropFirst(4)), [3], dtype)
    return [first, second]
  }

  private func clipped(_ tensors: [Tensor]) throws -> [Double] {
    try tensors.flatMap { try numbers(try #require($0.gradient)) }
  }
}
