import RealModule

/// Means of functions of a normal variable, by Gauss and Legendre's rule on panels.
///
/// Panels are at most 3 standard deviations wide, end at the function's kinks, and grow by factors of 2 away from the places
/// where the function changes over a distance of `resolution`; with 16 points each, what is analytic within a panel comes out to
/// about 14 digits. Beyond 9 standard deviations lies a share of 2e-19, which is left out.
struct NormalMean {
  /// A place where the integrand is taken, with its share of the whole.
  struct Point {
    let x: Double
    let share: Double
  }

  /// The places, in ascending order.
  let points: [Point]

  private static let reach = 9.0
  private static let panelsPerSide = 3

  /// Chooses the places for a normal variable of mean `mean` and standard deviation `std`, which is positive.
  ///
  /// The integrand or its derivative jumps at the kinks, and may change over a distance of `resolution` around them, around 0 where
  /// there are none.
  init(mean: Double, std: Double, kinks: [Double], resolution: Double) {
    let ends = NormalMean.ends(mean, std, kinks, resolution)
    var points: [Point] = []
    points.reserveCapacity(16 * ends.count)
    for (left, right) in zip(ends, ends.dropFirst()) {
      let half = (right - left) / 2
      for (node, weight) in zip(LegendreRule.nodes, LegendreRule.weights) {
        let x = left + half * (1 + node)
        let z = (x - mean) / std
        points.append(Point(x: x, share: weight * (half / std) * 0.3989422804014327 * Double.exp(-z * z / 2)))
      }
    }
    self.points = points
  }

  private static func ends(_ mean: Double, _ std: Double, _ kinks: [Double], _ resolution: Double) -> [Double] {
    let (low, high) = (mean - reach * std, mean + reach * std)
    let step = (high - low) / Double(2 * panelsPerSide)
    var ends = (1..<2 * panelsPerSide).map { low + step * Double($0) } + kinks
    // where the variable goes further than the integrand's own scale, panels that start at that scale
    if resolution < 2 * std {
      for center in kinks.isEmpty ? [0] : kinks {
        ends.append(center)
        var distance = resolution
        while distance < 2 * std + abs(mean - center) {
          ends += [center - distance, center + distance]
          distance *= 2
        }
      }
    }
    ends = [low] + ends.filter { $0 > low && $0 < high }.sorted() + [high]
    return ends.enumerated().filter { $0 == 0 || $1 > ends[$0 - 1] }.map(\.element)
  }

  /// The mean of a function.
  func callAsFunction(_ function: (Double) -> Double) -> Double {
    points.reduce(0) { $0 + $1.share * function($1.x) }
  }
}

/// Gauss and Legendre's rule of 16 points on [-1, 1].
private enum LegendreRule {
  static let nodes = rule.map(\.node)
  static let weights = rule.map(\.weight)

  /// The roots of the polynomial by Newton's iteration, and the weights `2 / ((1 - x^2) P'(x)^2)`.
  private static let rule: [(node: Double, weight: Double)] = (0..<16).map { index in
    var x = -Double.cos(Double.pi * (Double(index) + 0.75) / 16.5)
    for _ in 0..<8 {
      let (value, slope) = polynomial(x)
      x -= value / slope
    }
    let slope = polynomial(x).slope
    return (x, 2 / ((1 - x * x) * slope * slope))
  }

  private static func polynomial(_ x: Double) -> (value: Double, slope: Double) {
    var (before, value) = (1.0, x)
    for degree in 2...16 {
      let n = Double(degree)
      (before, value) = (value, ((2 * n - 1) * x * value - (n - 1) * before) / n)
    }
    return (value, 16 * (x * value - before) / (x * x - 1))
  }
}
