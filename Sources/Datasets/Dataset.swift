import Kernels
import Tensors

/// Samples with their classes: `inputs` is `[samples, features]`, `targets` is `[samples]`.
///
/// Indices count from 0 in Swift; classes count from 1 everywhere.
public final class Dataset {
  /// What the set is called, for example `digits`.
  public let name: String
  /// The samples, `[samples, features]`, float32 or float64.
  public let inputs: Tensor
  /// The classes, int64 `[samples]`, from 1 to `classes`.
  public let targets: Tensor
  /// How many classes there are, whether or not each occurs.
  public let classes: Int

  /// The number of samples, at least 1.
  public var count: Int { inputs.shape[0] }

  /// The number of features of a sample.
  public var features: Int { inputs.shape[1] }

  /// Joins inputs and targets, checking both.
  ///
  /// - Parameters:
  ///   - name: what the set is called.
  ///   - inputs: `[samples, features]`, float32 or float64, finite; kept, not copied.
  ///   - targets: `[samples]` of any dtype with whole values from 1 to `classes`; copied as int64.
  ///   - classes: how many classes there are.
  ///   - operation: whom errors name.
  /// - Throws: `DatasetError` when a shape, a dtype, a count, a class or a number is not as said above;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public convenience init(
    name: String, inputs: Tensor, targets: Tensor, classes: Int, operation: String = "data"
  ) throws {
    guard inputs.rank == 2, inputs.dtype.isFloat, inputs.shape[0] > 0 else {
      throw DatasetError.inputs(operation: operation, dtype: inputs.dtype.name, shape: inputs.shape)
    }
    guard targets.rank == 1 else { throw DatasetError.targets(operation: operation, shape: targets.shape) }
    guard inputs.shape[0] == targets.shape[0] else {
      throw DatasetError.countsDiffer(operation: operation, inputs: inputs.shape[0], targets: targets.shape[0])
    }
    try Dataset.checkFinite(inputs, operation)
    let whole = try Dataset.wholeClasses(targets, classes: classes, operation)
    self.init(unchecked: name, inputs: inputs, targets: whole, classes: classes)
  }

  /// Joins parts that are known to fit.
  init(unchecked name: String, inputs: Tensor, targets: Tensor, classes: Int) {
    self.name = name
    self.inputs = inputs
    self.targets = targets
    self.classes = classes
  }

  /// A sample, as a view `[features]` of the inputs, and its class.
  ///
  /// - Throws: `DatasetError.index` when there is no such sample.
  public subscript(index: Int) -> (input: Tensor, target: Int) {
    get throws {
      try checkIndex(index, "dataset")
      let row = Tensor(
        storage: inputs.storage, shape: [features], strides: [inputs.strides[1]],
        offset: inputs.offset + index * inputs.strides[0])
      return (row, target(index))
    }
  }

  /// The class of a sample that exists.
  func target(_ index: Int) -> Int {
    Int(targets.pointer(Int64.self)[index * targets.strides[0]])
  }

  func checkIndex(_ index: Int, _ operation: String) throws {
    guard 0..<count ~= index else { throw DatasetError.index(operation: operation, index: index, count: count) }
  }
}

extension Dataset {
  private static func checkFinite(_ inputs: Tensor, _ operation: String) throws {
    if let type = inputs.dtype.floatType { try checkFinite(inputs, type, operation) }
  }

  private static func checkFinite<Element: FloatElement>(
    _ inputs: Tensor, _ type: Element.Type, _ operation: String
  ) throws {
    let base = inputs.pointer(Element.self)
    let (rowStride, columnStride) = (inputs.strides[0], inputs.strides[1])
    for row in 0..<inputs.shape[0] {
      if row % 64 == 0 { try Interrupt.check() }
      for column in 0..<inputs.shape[1] {
        let value = base[row * rowStride + column * columnStride]
        if value.isFinite { continue }
        let text = value.isNaN ? "NaN" : "\(value)"
        throw DatasetError.notFinite(operation: operation, value: text, sample: row, feature: column)
      }
    }
  }

  /// The targets as int64, each checked to be a whole number from 1 to `classes`.
  private static func wholeClasses(_ targets: Tensor, classes: Int, _ operation: String) throws -> Tensor {
    let result = try Tensor(.int64, targets.shape, zeroed: false)
    let output = result.pointer(Int64.self)
    for sample in 0..<targets.count {
      let value = element(targets, sample)
      guard let number = Int64(exactly: value), number >= 1, number <= classes else {
        throw DatasetError.classRange(
          operation: operation, value: Int64(exactly: value).map(String.init) ?? "\(value)", sample: sample, first: 1,
          last: classes)
      }
      output[sample] = number
    }
    return result
  }

  /// An element of a vector of any dtype; classes are far below 2^53, where a double is exact.
  private static func element(_ vector: Tensor, _ index: Int) -> Double {
    let position = index * vector.strides[0]
    return switch vector.dtype {
    case .float32: Double(vector.pointer(Float.self)[position])
    case .float64: vector.pointer(Double.self)[position]
    case .int64: Double(vector.pointer(Int64.self)[position])
    case .bool: Double(vector.pointer(UInt8.self)[position])
    }
  }
}

extension Dataset: CustomStringConvertible {
  /// The set in a line, for example `digits: 1437 samples of 64 features, 10 classes`.
  public var description: String { "\(name): \(count) samples of \(features) features, \(classes) classes" }
}
