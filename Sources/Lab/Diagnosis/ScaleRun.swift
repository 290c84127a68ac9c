import RealModule

/// A run of layers over which a scale, such as the std of activations, falls or grows.
///
/// Scales are taken as natural logarithms in the order the numbers travel; a step is the difference of two neighbours.
struct ScaleRun: Equatable {
  /// Which way the scale goes.
  enum Direction {
    case falling
    case growing

    fileprivate var sign: Double { self == .falling ? -1 : 1 }
  }

  /// The least change over a run that is told, as a natural logarithm: a factor of `10^1.5`, or 32.
  ///
  /// Over it, one learning rate no longer suits the first and the last layer; a shallow net of any usual init stays below it,
  /// as do the algebraic laws of tanh on the edge of chaos and of normalised residual nets at any depth.
  static let limit = 1.5 * 2.302585092994046
  /// The least slope a layer, as a logarithm: what is slower takes more than 150 layers to reach the limit, or is algebraic.
  static let leastSlope = 0.02

  /// The places of the run in the series: the scale changes from each to the next.
  let places: ClosedRange<Int>
  /// The factor a step, fitted by least squares to the logarithms.
  let factor: Double
  /// The whole change, as a natural logarithm.
  let change: Double
  /// Whether one step among others makes most of the change; `places` are then just around it.
  let isJump: Bool

  /// The number of steps.
  var steps: Int { places.upperBound - places.lowerBound }

  /// The run of a series over which it changes most in a direction, nil where that is no more than the limit, or than chance.
  ///
  /// It is the stretch with the largest sum of steps, each counted less `leastSlope`, without the places at its ends where the scale
  /// as good as stands still. What chance explains is told by `Drift`.
  ///
  /// - Parameters:
  ///   - series: natural logarithms of the scale.
  ///   - widths: how many units each place has.
  ///   - direction: which way it is to change.
  ///   - limit: the least change that is told.
  init?(_ series: [Double], widths: [Int], _ direction: Direction, limit: Double = ScaleRun.limit) {
    let steps = zip(series.dropFirst(), series).map { direction.sign * ($0 - $1) }
    guard let stretch = ScaleRun.largest(steps.map { $0 - ScaleRun.leastSlope }) else { return nil }
    let total = steps[stretch].reduce(0, +)
    let drift = Drift(widths: widths[stretch.lowerBound...stretch.upperBound + 1])
    let allowed = direction == .falling ? drift.mean + drift.chance : drift.chance
    guard total > max(limit, allowed) else { return nil }
    if let jump = ScaleRun.jump(steps[stretch], of: total, drift) {
      places = jump...jump + 1
      change = direction.sign * steps[jump]
      factor = Double.exp(change)
      isJump = steps.count > 1
    } else {
      let core = ScaleRun.core(steps, stretch, drift)
      places = core.lowerBound...core.upperBound + 1
      change = direction.sign * steps[core].reduce(0, +)
      factor = Double.exp(ScaleRun.slope(series[places]))
      isJump = core.count == 1 && steps.count > 1
    }
  }

  /// The stretch of steps with the largest sum (Kadane's way), nil where no sum is above 0.
  private static func largest(_ steps: [Double]) -> ClosedRange<Int>? {
    var (best, found) = (0.0, ClosedRange<Int>?.none)
    var (sum, start) = (0.0, 0)
    for (place, step) in steps.enumerated() {
      if sum <= 0 { (sum, start) = (0, place) }
      sum += step
      if sum > best { (best, found) = (sum, start...place) }
    }
    return found
  }

  /// The one step that makes most of a change, where it is also far from the others; the only step of a run is one.
  private static func jump(_ steps: ArraySlice<Double>, of total: Double, _ drift: Drift) -> Int? {
    guard let largest = steps.indices.max(by: { steps[$0] < steps[$1] }) else { return nil }
    if steps.count == 1 { return largest }
    let others = (steps[..<largest] + steps[(largest + 1)...]).sorted()
    let isFar = steps[largest] - others[others.count / 2] > Double.log(5) + drift.chanceOfStep
    return isFar && steps[largest] > total / 2 ? largest : nil
  }

  /// A stretch without the steps at its ends that belong to a standstill: together they are less than half of as many usual ones, by
  /// more than chance explains.
  private static func core(_ steps: [Double], _ stretch: ClosedRange<Int>, _ drift: Drift) -> ClosedRange<Int> {
    let usual = usual(steps[stretch])
    guard let inner = largest(steps[stretch].map { $0 - usual / 2 }) else { return stretch }
    let (low, high) = (stretch.lowerBound + inner.lowerBound, stretch.lowerBound + inner.upperBound)
    func isStandstill(_ end: ArraySlice<Double>) -> Bool {
      let missing = usual * Double(end.count) - end.reduce(0, +)
      return missing > drift.chanceOfStep * Double(end.count).squareRoot()
    }
    let start = isStandstill(steps[stretch.lowerBound..<low]) ? low : stretch.lowerBound
    return start...(isStandstill(steps[(high + 1)..<(stretch.upperBound + 1)]) ? high : stretch.upperBound)
  }

  /// The usual size of the steps that make a change: the size below which lies half of it, step by step.
  private static func usual(_ steps: ArraySlice<Double>) -> Double {
    let sorted = steps.filter { $0 > 0 }.sorted()
    let half = sorted.reduce(0, +) / 2
    var sum = 0.0
    return sorted.first { step in
      sum += step
      return sum >= half
    } ?? 0
  }

  /// The slope of the line through the points by least squares.
  private static func slope(_ values: ArraySlice<Double>) -> Double {
    let middle = Double(values.count - 1) / 2
    let mean = values.reduce(0, +) / Double(values.count)
    var (product, square) = (0.0, 0.0)
    for (place, value) in values.enumerated() {
      product += (Double(place) - middle) * (value - mean)
      square += (Double(place) - middle) * (Double(place) - middle)
    }
    return product / square
  }
}

/// How far a scale drifts by the finite width of layers alone, as natural logarithms of the std over a run.
///
/// For ReLU the mean of `log q` falls by `5/(2n)` a layer of width n (q being the mean square) and its variance grows by about
/// `5/n`, as `FiniteWidth` derives; other activations drift less. The sum of reciprocal widths governs it (Hanin & Rolnick 2018).
struct Drift {
  /// By how much the mean of the logarithm falls.
  let mean: Double
  /// Three standard deviations.
  let chance: Double
  /// Three standard deviations of one step.
  let chanceOfStep: Double

  init(widths: ArraySlice<Int>) {
    let reciprocals = widths.dropFirst().map { 1 / Double(max($0, 1)) }
    let sum = reciprocals.reduce(0, +)
    mean = 1.25 * sum
    chance = 1.5 * (5 * sum).squareRoot()
    chanceOfStep = 1.5 * (5 * (reciprocals.max() ?? 1)).squareRoot()
  }

  /// How far the logarithm of a factor a step, fitted over a run of so many steps, may be from that of an infinite width.
  ///
  /// A fit through a random walk varies by `sqrt(1.2/steps)` of a step's standard deviation. Never below 4 %, the tolerance for
  /// one layer of width 100.
  func tolerance(steps: Int) -> Double {
    let count = Double(max(steps, 1))
    return max(0.04, (mean + 1.1 * chance) / count)
  }
}
