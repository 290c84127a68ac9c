/// Sine and cosine in IEEE operations alone, so that they have the same bits on every machine; a libm's may differ.
enum Turn {
  /// Cosine and sine of so many full turns, to about 1e-16; a turn is 2 pi.
  static func point(_ turns: Double) -> (cosine: Double, sine: Double) {
    let eighths = (turns - turns.rounded(.down)) * 8
    let octant = Int(eighths) & 7
    // the angle to the nearest axis, at most pi / 4
    let rest = octant % 2 == 0 ? eighths - eighths.rounded(.down) : 1 - (eighths - eighths.rounded(.down))
    let angle = rest * (Double.pi / 4)
    let (c, s) = (cosine(angle), sine(angle))
    return switch octant {
    case 0: (c, s)
    case 1: (s, c)
    case 2: (-s, c)
    case 3: (-c, s)
    case 4: (-c, -s)
    case 5: (-s, -c)
    case 6: (s, -c)
    default: (c, -s)
    }
  }

  /// The series of the sine, whose next term is below 1e-18 up to pi / 4.
  private static func sine(_ x: Double) -> Double {
    let square = x * x
    var sum = 0.0
    for n in stride(from: 16.0, through: 2, by: -2) { sum = (1 + sum) * (-square / (n * (n + 1))) }
    return x + x * sum
  }

  /// The series of the cosine, whose next term is below 1e-18 up to pi / 4.
  private static func cosine(_ x: Double) -> Double {
    let square = x * x
    var sum = 0.0
    for n in stride(from: 17.0, through: 1, by: -2) { sum = (1 + sum) * (-square / (n * (n + 1))) }
    return 1 + sum
  }
}
