import Kernels
import RealModule

/// A depth at which the numbers of a network leave what a dtype can hold.
///
/// Derived here: the root mean square is followed to IEEE 754's smallest normal, smallest and largest numbers, `2^-126`, `2^-149` and
/// `2^128` for float32, `2^-1022`, `2^-1074` and `2^1024` for float64; beyond the net's depth by its last half's factor a layer.
public struct SignalEnd: Equatable, Sendable {
  /// How the numbers leave it.
  public enum Kind: String, Sendable {
    /// They become subnormal, and lose digits.
    case subnormal
    /// They are below the smallest number, and become 0.
    case zero
    /// They are beyond the largest number, and become infinite.
    case overflow
  }

  /// What leaves it: `activation` or `gradient`.
  public let quantity: String
  /// What can't hold it.
  public let dtype: DType
  /// How.
  public let kind: Kind
  /// After how many rows: of an activation counted from the input, of a gradient from the output.
  public let layers: Int
  /// Whether the network is that deep; else the rate of its last half is carried on.
  public let isWithin: Bool

  /// The depths for the root mean squares of rows, as logarithms in the direction of travel; those beyond `deepest` are left out.
  static func ends(_ logs: [Double], _ quantity: String, deepest: Int = 10_000) -> [SignalEnd] {
    let rate = rate(logs)
    return [DType.float32, .float64].flatMap { dtype in
      limits(dtype).compactMap { kind, limit in
        let isBeyond: (Double) -> Bool = { kind == .overflow ? $0 > limit : $0 < limit }
        if let row = logs.firstIndex(where: isBeyond) {
          return SignalEnd(quantity: quantity, dtype: dtype, kind: kind, layers: row + 1, isWithin: true)
        }
        guard let last = logs.last, last.isFinite, let rate, (kind == .overflow) == (rate > 0) else { return nil }
        let further = ((limit - last) / rate).rounded(.down) + 1
        let layers = Double(logs.count) + further
        guard layers <= Double(deepest) else { return nil }
        return SignalEnd(quantity: quantity, dtype: dtype, kind: kind, layers: Int(layers), isWithin: false)
      }
    }
  }

  /// The change per row over the second half, nil where the numbers stay as they are.
  private static func rate(_ logs: [Double]) -> Double? {
    guard logs.count >= 2, let last = logs.last else { return nil }
    let start = (logs.count - 1) / 2
    let rate = (last - logs[start]) / Double(logs.count - 1 - start)
    return rate.isFinite && abs(rate) > 0.005 ? rate : nil
  }

  private static func limits(_ dtype: DType) -> [(Kind, Double)] {
    let isDouble = dtype == .float64
    let normal = isDouble ? Double.leastNormalMagnitude : Double(Float.leastNormalMagnitude)
    let smallest = isDouble ? -1074 * Double.log(2) : Double.log(Double(Float.leastNonzeroMagnitude))
    let largest = isDouble ? Double.greatestFiniteMagnitude : Double(Float.greatestFiniteMagnitude)
    return [(.subnormal, Double.log(normal)), (.zero, smallest), (.overflow, Double.log(largest))]
  }
}
