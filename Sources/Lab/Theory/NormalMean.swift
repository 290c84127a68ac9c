import RealModule

/// Means of functions of a normal variable, by Gauss and Legendre's rule on panels.
///
/// Panels are at most 3 standard deviations wide, end at the function's kinks, and grow by factors of 2 away from the places
/// where the function changes over a distance of `resolution`, up to 64 of it: beyond, functions here are linear to double's last
/// digit. With 16 points each, what is analytic within a panel comes out to about 14 digits. Beyond 9 standard deviations lies a
/// share of 2e-19, which is left out.
struct NormalMean {
  /// A place where the integrand is taken, with its share of the whole.
  struct Point {
    let x: Double
    let share: Double
  }

  /// The places, in ascending order.
  let points: [Point]

  private static let reach = 9.0
  private static let widest = 3.0
  private static let linearFrom = 64.0

  /// Chooses the places for a normal variable of mean `mean` and standard deviation `std`, which is positive.
  ///
  /// The integrand or its derivative jumps at the kinks, and may change over a distance of `resolution` around them, around 0 where
  /// there are none; it is linear from 64 times `resolution`, or 64, whichever is more.
  init(mean: Double, std: Double, kinks: [Double], resolution: Double) {
    let centers = kinks.isEmpty ? [0] : kinks
    // both sides alike, so that points are symmetric where kinks are
    let right = NormalMean.ends(from: mean, std, centers, resolution)
    let left = NormalMean.ends(from: -mean, std, centers.map { -$0 }, resolution)
    let ends = left.reversed().map { -$0 } + right.dropFirst()
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

  /// The ends of the panels on the right side of a mean, the mean first.
  private static func ends(from mean: Double, _ std: Double, _ centers: [Double], _ resolution: Double) -> [Double] {
    let last = mean + reach * std
    var ends = [mean]
    var x = mean
    while x < last {
      var end = min(last, x + widest * std)
      for center in centers { end = min(end, limit(x, center, resolution)) }
      // rounding never stops it
      x = max(end, x.nextUp)
      ends.append(x)
    }
    return ends
  }

  /// How far a panel that starts at `x` may go for a place where the integrand changes.
  private static func limit(_ x: Double, _ center: Double, _ resolution: Double) -> Double {
    let reach = linearFrom * max(1, resolution)
    if center - reach > x { return center - reach }
    if center > x { return center - x <= resolution ? center : x + max(resolution, (center - x) / 2) }
    return x - center < reach ? x + max(resolution, x - center) : .infinity
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
