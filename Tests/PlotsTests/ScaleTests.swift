import Testing

@testable import Plots

@Suite struct ScaleTests {
  @Test func givenLimitsAreKeptAndOpenOnesLeaveAir() {
    let given = Scale(Axis(lower: 0, upper: 10), showing: [3, 4])
    #expect(given.share(0) == 0 && given.share(10) == 1 && given.share(5) == 0.5)
    let open = Scale(Axis(), showing: [0, 100, .nan, .infinity], air: 0.1)
    #expect(open.lower == -10 && open.upper == 110)
  }

  @Test(
    arguments: [
      [], [0], [1e-30], [-1e308, 1e308], [.leastNonzeroMagnitude], [0, .leastNonzeroMagnitude], [.nan], [.infinity, 1],
      [1, 1 + 1e-15], [-0.0],
    ] as [[Double]]) func limitsNeverCoincideAndSharesAreFinite(values: [Double])
  {
    for isLogarithmic in [false, true] {
      let scale = Scale(Axis(isLogarithmic: isLogarithmic), showing: values)
      #expect(scale.lower < scale.upper && scale.lower.isFinite && scale.upper.isFinite)
      for value in values.compactMap(scale.share) { #expect((0...1).contains(value), "\(values)") }
      for tick in scale.ticks(atMost: 8) { #expect((-1e-9...1 + 1e-9).contains(tick.share), "\(values) \(tick)") }
    }
  }

  @Test func spansThatHaveNoHalfAndNumbersFarOutsideHavePlaces() {
    let tiny = Scale(Axis(lower: 0, upper: .leastNonzeroMagnitude), showing: [])
    #expect(tiny.share(0) == 0 && tiny.share(.leastNonzeroMagnitude) == 1)
    for value in [1, -1e308, 1e308] { #expect(tiny.share(value)?.isFinite == true) }
    let huge = Scale(Axis(lower: -1e308, upper: 1e308), showing: [])
    #expect(huge.share(0) == 0.5)
  }

  /// On a logarithmic axis the limits of cells are geometric means, so that no cell begins at or below 0.
  @Test func cellsOfAHeatMapHaveTheirLimitsBetweenTheirPlaces() {
    let map = Heatmap([[1, 2, 3]], x: [1, 100, 10_000], y: [7])
    #expect(HeatGrid(map, Panel(marks: [])).x == [-48.5, 50.5, 5050, 14_950])
    let grid = HeatGrid(map, Panel(x: Axis(isLogarithmic: true), y: Axis(isLogarithmic: true), marks: []))
    for (limit, expected) in zip(grid.x, [0.1, 10, 1000, 100_000]) { #expect(abs(limit / expected - 1) < 1e-12) }
    #expect(grid.y[0] > 0 && grid.y[0] < 7 && grid.y[1] > 7)
  }

  @Test func curvesThatEndTogetherAreNamedInTheOrderTheyComeIn() {
    let curves = [("low", 0.0), ("high", 1.0), ("middle", 0.5)].map {
      Mark.line(Series($0.0, x: [1, 2, 3], y: [0.5, $0.1, 0.5]))
    }
    let panel = Panel(marks: curves)
    #expect(DirectLabel.all(panel, PanelScales(panel), height: 400).map(\.name) == ["low", "middle", "high"])
  }

  @Test func logarithmicScalesLeaveOutWhatIsNotAboveZero() {
    let scale = Scale(Axis(isLogarithmic: true), showing: [0, -1, 1e-10, 1], air: 0)
    #expect(scale.lower == -10 && scale.upper == 0)
    #expect(scale.share(0) == nil && scale.share(-1) == nil && scale.share(.nan) == nil)
    #expect(scale.share(1e-5) == 0.5)
  }

  @Test func linearTicksAreRoundNumbers() {
    func labels(_ lower: Double, _ upper: Double, _ count: Int = 6, isWhole: Bool = false) -> [String] {
      Scale(Axis(lower: lower, upper: upper), showing: []).ticks(atMost: count, isWhole: isWhole).map(\.text)
    }
    #expect(labels(0, 1) == ["0", "0.2", "0.4", "0.6", "0.8", "1"])
    #expect(labels(-2.5, 2.5) == ["-2", "-1", "0", "1", "2"])
    #expect(labels(0, 0.0005) == ["0", "0.0001", "0.0002", "0.0003", "0.0004", "0.0005"])
    #expect(labels(0, 3e6, 4) == ["0", "1e6", "2e6", "3e6"])
    #expect(labels(0, 3e-9, 4) == ["0", "1e-9", "2e-9", "3e-9"])
    #expect(labels(0, 2500, 3) == ["0", "1000", "2000"])
    #expect(labels(0.5, 20.5, 5, isWhole: true) == ["1", "5", "10", "15", "20"])
    #expect(labels(0.9, 3.1, 10, isWhole: true) == ["1", "2", "3"])
    #expect(labels(12.25, 12.4, 4) == ["12.25", "12.3", "12.35", "12.4"])
  }

  @Test func logarithmicTicksArePowersWhereThereAreSeveral() {
    func ticks(_ lower: Double, _ upper: Double) -> [Tick] {
      Scale(Axis(isLogarithmic: true, lower: lower, upper: upper), showing: []).ticks(atMost: 7)
    }
    #expect(ticks(1e-24, 1).map(\.label) == [-20, -15, -10, -5, 0].map { .power($0) })
    #expect(ticks(0.01, 10).map(\.label) == [-2, -1, 0, 1].map { .power($0) })
    #expect(ticks(0.1, 1).map(\.text) == ["0.1", "0.2", "0.5", "1"])
    #expect(ticks(1.1, 1.45).map(\.text) == ["1.1", "1.15", "1.2", "1.25", "1.3", "1.35", "1.4", "1.45"])
    #expect(ticks(1e-4, 1e4).first?.share == 0 && ticks(1e-4, 1e4).last?.share == 1)
  }
}
