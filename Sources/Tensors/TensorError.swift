import Kernels

/// What can go wrong with tensors, as data; `description` is the one place with the prose.
public enum TensorError: Error, Equatable {
  /// No memory within the limit.
  case outOfMemory(requested: Int, live: Int, limit: Int)
  /// Two shapes that can't be broadcast together.
  case shapesDoNotBroadcast(operation: String, Extents, Extents)
  /// Any other wrong argument: what was expected and what came.
  case expected(operation: String, expected: String, got: String)
}

extension TensorError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .outOfMemory(let requested, let live, let limit):
      let room = limit == Int.max ? "" : " (limit \(TensorError.size(limit)), --memory-limit changes it)"
      let (wanted, held) = (TensorError.size(requested), TensorError.size(live))
      return "not enough memory: a tensor of \(wanted) beside \(held) held\(room)"
    case .shapesDoNotBroadcast(let operation, let left, let right):
      let cure = "extents must be equal or 1, counted from the last"
      return "\(operation): shapes \(left) and \(right) do not broadcast; \(cure)"
    case .expected(let operation, let expected, let got):
      return "\(operation): expected \(expected), got \(got)"
    }
  }

  /// A number of bytes as people read it.
  public static func size(_ bytes: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1024 && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    let tenths = (value * 10).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths)) \(units[unit])" : "\(tenths) \(units[unit])"
  }
}
