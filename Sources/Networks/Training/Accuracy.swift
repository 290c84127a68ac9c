import Kernels
import Tensors

/// Counts how many samples are classified right: the class of a sample is the largest of its outputs, the first of equals.
struct Accuracy {
  /// The samples seen, and those of them classified right; both 0 where targets are no classes.
  private(set) var samples = 0
  private(set) var right = 0
  /// How often class `row` was taken for class `column`, `[classes, classes]` row by row; empty unless asked for.
  private(set) var confusion: [Int] = []

  private let takesClasses: Bool?
  private let keepsConfusion: Bool
  private var found: [Int] = []

  init(_ objective: FitObjective, keepsConfusion: Bool = false) {
    takesClasses = objective.takesClasses
    self.keepsConfusion = keepsConfusion
  }

  /// The fraction classified right, nil where targets are no classes.
  var fraction: Double? { samples > 0 ? Double(right) / Double(samples) : nil }

  /// The fraction of each class's samples classified right, NaN for a class without samples.
  var perClass: [Double] {
    let classes = Int(Double(confusion.count).squareRoot())
    return (0..<classes).map { row in
      let total = confusion[row * classes..<(row + 1) * classes].reduce(0, +)
      return total > 0 ? Double(confusion[row * classes + row]) / Double(total) : .nan
    }
  }

  /// Starts again, with counts of an earlier run.
  mutating func reset(samples: Int = 0, right: Int = 0) {
    (self.samples, self.right) = (samples, right)
  }

  /// Counts a batch in; answers how many of it are right, nil where the targets are no classes.
  @discardableResult
  mutating func add(_ output: Tensor, _ targets: Tensor) throws -> Int? {
    guard applies(output, targets), let type = output.dtype.floatType else { return nil }
    let outputs = try output.contiguous()
    let classes = try targets.contiguous()
    let count = try add(outputs, classes, type)
    samples += output.shape[0]
    right += count
    return count
  }

  private func applies(_ output: Tensor, _ targets: Tensor) -> Bool {
    guard output.rank == 2, targets.rank == 1, targets.shape[0] == output.shape[0] else { return false }
    return takesClasses ?? (targets.dtype == .int64 && output.shape[1] > 1)
  }

  private mutating func add<T: FloatElement>(_ output: Tensor, _ targets: Tensor, _ type: T.Type) throws -> Int {
    let (rows, columns) = (output.shape[0], output.shape[1])
    if found.count < rows { found = Array(repeating: 0, count: rows) }
    if keepsConfusion, confusion.isEmpty { confusion = Array(repeating: 0, count: columns * columns) }
    found.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      SoftmaxCrossEntropy.largest(UnsafePointer(output.pointer(T.self)), into: base, rows: rows, columns: columns)
    }
    var count = 0
    for row in 0..<rows {
      let wanted = Int(targets.plainNumber(row)) - 1
      if found[row] == wanted { count += 1 }
      if keepsConfusion, 0..<columns ~= wanted { confusion[wanted * columns + found[row]] += 1 }
    }
    return count
  }
}
