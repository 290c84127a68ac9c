import Gradients
import Kernels
import Tensors

/// What the targets of a loss over classes say: how much each class of each row counts.
///
/// The loss of row i is `sum_j q[i, j] (-log p[i, j])`. For a class `y` it is `q[i, j] = w_j ((1 - e) [j = y] + e / C)`, `w`
/// being the classes' weights and `e` the smoothing; for probabilities `t` it is `q[i, j] = w_j ((1 - e) t[i, j] + e / C)`.
struct ClassTargets {
  private enum Content {
    /// Classes from 0; nil where a row is left out.
    case classes([Int?])
    /// Float64, contiguous, `[rows, classes]`.
    case probabilities(Tensor)
  }

  let rows: Int
  let count: Int
  private let who: String
  private let content: Content
  private let weights: [Double]?
  private let smoothing: Double

  /// Reads targets: classes `[rows]` from 1, or probabilities `[rows, classes]`.
  ///
  /// - Throws: `NetworkError` for targets and weights that do not fit.
  init(_ who: String, _ target: Tensor, _ options: ClassLossOptions, logits: Tensor, takesProbabilities: Bool) throws {
    self.who = who
    (rows, count) = (logits.shape[0], logits.shape[1])
    weights = try ClassTargets.weights(who, options.weight, count)
    smoothing = options.labelSmoothing
    guard smoothing >= 0, smoothing <= 1 else {
      throw NetworkError.expected(who, "a label_smoothing from 0 to 1", Losses.text(smoothing))
    }
    if takesProbabilities, target.rank == 2 {
      guard options.ignoreIndex == nil else {
        throw NetworkError.expected(who, "classes as targets, for ignore_index", "probabilities \(target.shape)")
      }
      content = .probabilities(try ClassTargets.probabilities(who, target, logits.shape))
    } else {
      content = .classes(
        try Losses.classIndices(
          target, rows: rows, classes: count, ignoring: options.ignoreIndex, who: who,
          alternative: takesProbabilities ? ", or probabilities \(logits.shape)" : ""))
    }
  }

  private static func weights(_ who: String, _ tensor: Tensor?, _ count: Int) throws -> [Double]? {
    guard let tensor else { return nil }
    guard tensor.shape == [count] else {
      throw NetworkError.expected(who, "weights [\(count)], one a class", "\(tensor.shape)")
    }
    guard let numbers = try Losses.weights(who, "weights", tensor, [count]) else { return nil }
    return (0..<count).map { numbers.pointer(Double.self)[$0] }
  }

  private static func probabilities(_ who: String, _ target: Tensor, _ shape: Extents) throws -> Tensor {
    guard target.shape == shape else {
      throw NetworkError.expected(who, "classes [\(shape[0])] or probabilities \(shape)", "\(target.shape)")
    }
    let numbers = try target.to(.float64).contiguous()
    for index in 0..<numbers.count where !numbers.pointer(Double.self)[index].isFinite {
      let value = numbers.pointer(Double.self)[index]
      throw NetworkError.expected(who, "finite probabilities", "\(Losses.text(value)) at \(Losses.place(index, shape))")
    }
    return numbers
  }

  /// Classes that count alike, all of them, without weights: what the fast kernel is for.
  var plainClasses: [Int]? {
    guard case .classes(let list) = content, weights == nil, smoothing == 0 else { return nil }
    var present: [Int] = []
    present.reserveCapacity(list.count)
    for index in list {
      guard let index else { return nil }
      present.append(index)
    }
    return present
  }

  /// Whether the targets are probabilities, which may want a gradient.
  var areProbabilities: Bool { if case .probabilities = content { true } else { false } }

  /// Writes what each class of a row counts, and answers the sum.
  func read(_ row: Int, into shares: UnsafeMutablePointer<Double>) -> Double {
    var hot: Int?
    switch content {
    case .classes(let list):
      hot = list[row]
      shares.update(repeating: hot == nil ? 0 : smoothing / Double(count), count: count)
      if let hot { shares[hot] += 1 - smoothing }
    case .probabilities(let tensor):
      let given = tensor.pointer(Double.self) + row * count
      for column in 0..<count { shares[column] = (1 - smoothing) * given[column] + smoothing / Double(count) }
    }
    var total = 0.0
    for column in 0..<count {
      if let weights { shares[column] *= weights[column] }
      total += shares[column]
    }
    return total
  }

  /// What a mean divides by: the sum of the classes' weights over the rows that count, or the rows of probabilities.
  ///
  /// - Throws: `NetworkError` where that is 0.
  func divisor() throws -> Double {
    guard case .classes(let list) = content else { return Double(rows) }
    let total = list.reduce(0.0) { sum, index in sum + (index.map { weights?[$0] ?? 1 } ?? 0) }
    guard total != 0 else {
      let isIgnored = list.allSatisfy { $0 == nil }
      throw NetworkError.expected(
        who, isIgnored ? "a class that is not ignore_index" : "weights of the classes at hand whose sum is not 0",
        isIgnored ? "\(rows) rows without one" : "a sum of 0")
    }
    return total
  }

  /// The shares `[rows, classes]` as a tensor, in differentiable operations of probabilities.
  func shares(_ dtype: DType, of probabilities: Tensor?) throws -> Tensor {
    if let probabilities {
      let given = try Differentiable.apply(
        .multiply, try Differentiable.to(probabilities, dtype), try slopeOfShares(dtype))
      return try Differentiable.apply(.add, given, try evenShares(dtype))
    }
    let result = try Tensor(.float64, [rows, count], zeroed: false)
    for row in 0..<rows { _ = read(row, into: result.pointer(Double.self) + row * count) }
    return try result.to(dtype)
  }

  /// What every class counts whatever the target: `w_j e / C`.
  private func evenShares(_ dtype: DType) throws -> Tensor {
    try perClass(smoothing / Double(count), dtype)
  }

  /// How `q` follows the probabilities: `w_j (1 - e)`, `[classes]` or one number.
  func slopeOfShares(_ dtype: DType) throws -> Tensor {
    try perClass(1 - smoothing, dtype)
  }

  /// The weights times a factor, `[classes]`, or one number without weights.
  private func perClass(_ factor: Double, _ dtype: DType) throws -> Tensor {
    let list = weights ?? [1]
    let result = try Tensor(.float64, [list.count], zeroed: false)
    for (index, weight) in list.enumerated() { result.pointer(Double.self)[index] = weight * factor }
    return try result.to(dtype)
  }
}

/// The options of a loss over classes.
struct ClassLossOptions {
  var weight: Tensor?
  var labelSmoothing = 0.0
  var ignoreIndex: Int?
}

extension Losses {
  /// Reads classes from 1 as indices from 0.
  ///
  /// - Throws: `NetworkError` naming the first value that is not a class, and its row from 1.
  static func classIndices(_ tensor: Tensor, rows: Int, classes: Int) throws -> [Int] {
    try classIndices(tensor, rows: rows, classes: classes, ignoring: nil, who: "cross_entropy").compactMap { $0 }
  }

  /// Reads classes from 1 as indices from 0, nil for those to ignore.
  ///
  /// - Throws: `NetworkError` naming the first value that is not a class, and its row from 1.
  static func classIndices(
    _ tensor: Tensor, rows: Int, classes: Int, ignoring ignored: Int?, who: String,
    alternative: @autoclosure () -> String = ""
  ) throws -> [Int?] {
    guard tensor.rank == 1, tensor.shape[0] == rows else {
      throw NetworkError.expected(who, "classes [\(rows)], one a row of the logits\(alternative())", "\(tensor.shape)")
    }
    // int64, which classes nearly always are, is read where it is
    let isPlain = tensor.dtype == .int64 && tensor.isContiguous
    let numbers = isPlain ? tensor : try tensor.to(.float64).contiguous()
    return try (0..<rows).map { row in
      let value = isPlain ? Double(numbers.pointer(Int64.self)[row]) : numbers.pointer(Double.self)[row]
      if let ignored, value == Double(ignored) { return nil }
      guard value >= 1, value <= Double(classes), value == value.rounded() else {
        throw NetworkError.expected(
          who, "classes that are whole numbers from 1 to \(classes)",
          "\(text(value)) at row \(row + 1)" + (value == 0 ? "; classes count from 1, as indices do" : ""))
      }
      return Int(value) - 1
    }
  }
}
