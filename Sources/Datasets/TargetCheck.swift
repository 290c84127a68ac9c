import Kernels
import Tensors

/// Turns what a user gives as targets into targets, or says what is wrong with it.
struct TargetCheck {
  private let operation: String
  private let kind: Labels.Kind
  private let names: [String]?

  init(_ operation: String, _ kind: Labels.Kind, _ names: [String]?) {
    self.operation = operation
    self.kind = kind
    self.names = names
  }

  /// Checks targets whose first extent, if they have one, is `samples`.
  func check(_ targets: Tensor?, samples: Int, _ dtype: DType) throws -> (targets: Tensor, labels: Labels) {
    guard let targets else { return (try Tensor(dtype, [samples, 0]), .none) }
    switch kind {
    case .values: return try values(targets, dtype)
    case .classes(let count): return try classes(targets, count)
    case .automatic:
      let areClasses = try names != nil || targets.rank == 1 && isWhole(targets)
      return areClasses ? try classes(targets, nil) : try values(targets, dtype)
    }
  }

  private func isWhole(_ targets: Tensor) throws -> Bool {
    guard targets.dtype.isFloat else { return true }
    return try targets.doubles().allSatisfy { $0 == $0.rounded() }
  }

  /// The targets as finite numbers of the dtype.
  private func values(_ targets: Tensor, _ dtype: DType) throws -> (Tensor, Labels) {
    guard targets.rank == 1 || targets.rank == 2 && targets.shape[1] > 0 else {
      throw DatasetError.values(operation: operation, shape: targets.shape)
    }
    let converted = try targets.to(dtype)
    if let place = try NotFinite.first(converted) {
      throw DatasetError.targetNotFinite(operation: operation, value: place.text, sample: place.row)
    }
    return (converted, .values)
  }

  /// The targets as int64, each checked to be a whole number from 1 to the number of classes.
  private func classes(_ targets: Tensor, _ count: Int?) throws -> (Tensor, Labels) {
    guard targets.rank == 1 else { throw DatasetError.targets(operation: operation, shape: targets.shape) }
    let most = names?.count ?? count ?? Labels.mostClasses
    guard 1...Labels.mostClasses ~= most else { throw DatasetError.classCount(operation: operation, count: most) }
    if let count, let names, count != names.count {
      throw DatasetError.classNames(operation: operation, names: names.count, classes: count)
    }
    let result = try Tensor(.int64, targets.shape, zeroed: false)
    let output = result.pointer(Int64.self)
    var largest = 1
    for sample in 0..<targets.count {
      if sample % Interrupt.pollInterval == 0 { try Interrupt.check() }
      let value = targets.load(at: targets.offset + sample * targets.strides[0])
      guard let number = Int64(exactly: value), number >= 1, number <= most else {
        throw refusal(value, sample, last: most)
      }
      output[sample] = number
      largest = max(largest, Int(number))
    }
    return (result, .classes(names?.count ?? count ?? largest, names: names))
  }

  private func refusal(_ value: Double, _ sample: Int, last: Int) -> DatasetError {
    let text = value.isNaN ? "NaN" : Int64(exactly: value).map(String.init) ?? "\(value)"
    if !value.isFinite { return .targetNotFinite(operation: operation, value: text, sample: sample) }
    return .classRange(
      operation: operation, value: text, sample: sample, first: 1, last: last,
      isGuess: kind == .automatic && names == nil)
  }
}

/// The first number of a float vector or matrix that is NaN or infinite.
struct NotFinite {
  let row: Int
  let column: Int
  let text: String

  /// Looks row by row; nil where all are finite.
  static func first(_ tensor: Tensor) throws -> NotFinite? {
    guard let type = tensor.dtype.floatType else { return nil }
    return try first(tensor, type)
  }

  private static func first<Element: FloatElement>(_ tensor: Tensor, _ type: Element.Type) throws -> NotFinite? {
    let base = tensor.pointer(Element.self)
    let (rows, columns) = (tensor.shape[0], tensor.rank == 1 ? 1 : tensor.shape[1])
    let (rowStride, columnStride) = (tensor.strides[0], tensor.rank == 1 ? 0 : tensor.strides[1])
    for row in 0..<rows {
      if row % 64 == 0 { try Interrupt.check() }
      for column in 0..<columns {
        let value = base[row * rowStride + column * columnStride]
        if value.isFinite { continue }
        return NotFinite(row: row, column: column, text: value.isNaN ? "NaN" : "\(value)")
      }
    }
    return nil
  }
}
