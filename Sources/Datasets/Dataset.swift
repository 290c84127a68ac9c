import Kernels
import Tensors

/// Samples with their targets: `inputs` is `[samples, features]`; `targets` are classes `[samples]`, or real numbers
/// `[samples]` or `[samples, outputs]`, or missing.
///
/// Indices count from 0 in Swift; classes count from 1 everywhere. A data set never changes.
public final class Dataset {
  /// A function over batches: inputs `[rows, ...]` and targets `[rows, ...]` to others, of equally many rows.
  public typealias Map = (_ inputs: Tensor, _ targets: Tensor) throws -> (inputs: Tensor, targets: Tensor)

  /// What the set is called, for example `digits`.
  public let name: String
  /// The samples, `[samples, features]`, float32 or float64.
  public let inputs: Tensor
  /// The targets: int64 `[samples]`, from 1 to `classes`; or `[samples]` or `[samples, outputs]` of the inputs' dtype;
  /// or `[samples, 0]` where there are none.
  public let targets: Tensor
  /// What the targets are.
  public let labels: Labels
  /// What each feature is called, where that is known.
  public let featureNames: [String]?
  /// The functions that every batch goes through, the first one first.
  public let maps: [Map]

  /// The number of samples, at least 1.
  public var count: Int { inputs.shape[0] }

  /// The number of features of a sample.
  public var features: Int { inputs.shape[1] }

  /// How many classes there are, whether or not each occurs; 0 where targets are no classes.
  public var classes: Int { if case .classes(let count, _) = labels { count } else { 0 } }

  /// What each class is called, where that is known.
  public var classNames: [String]? { if case .classes(_, let names) = labels { names } else { nil } }

  /// Whether there are targets.
  public var hasTargets: Bool { labels != .none }

  /// Joins inputs and classes, checking both.
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
    try self.init(name: name, inputs: inputs, targets: targets, kind: .classes(classes), operation: operation)
  }

  /// Joins inputs and targets of any kind, checking both.
  ///
  /// - Parameters:
  ///   - name: what the set is called.
  ///   - inputs: `[samples, features]`, float32 or float64, finite; kept, not copied.
  ///   - targets: classes `[samples]` of any dtype, copied as int64; or finite numbers `[samples]` or
  ///     `[samples, outputs]`, copied unless they are of the inputs' dtype; nil: none.
  ///   - kind: how to understand the targets.
  ///   - classNames: what each class is called; their number is that of the classes.
  ///   - featureNames: what each feature is called.
  ///   - operation: whom errors name.
  /// - Throws: `DatasetError` when a shape, a dtype, a count, a class or a number is not as said above;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public convenience init(
    name: String, inputs: Tensor, targets: Tensor?, kind: Labels.Kind = .automatic, classNames: [String]? = nil,
    featureNames: [String]? = nil, operation: String = "data"
  ) throws {
    guard inputs.rank == 2, inputs.dtype.isFloat, inputs.shape[0] > 0, inputs.shape[1] > 0 else {
      throw DatasetError.inputs(operation: operation, dtype: inputs.dtype.name, shape: inputs.shape)
    }
    let samples = inputs.shape[0]
    if let targets, targets.rank > 0, targets.shape[0] != samples {
      throw DatasetError.countsDiffer(operation: operation, inputs: samples, targets: targets.shape[0])
    }
    if let place = try NotFinite.first(inputs) {
      throw DatasetError.notFinite(
        operation: operation, value: place.text, sample: place.row, feature: place.column)
    }
    let checked = try TargetCheck(operation, kind, classNames).check(targets, samples: samples, inputs.dtype)
    self.init(
      unchecked: name, inputs: inputs, targets: checked.targets, labels: checked.labels, featureNames: featureNames)
  }

  /// Joins parts that are known to fit.
  init(
    unchecked name: String, inputs: Tensor, targets: Tensor, labels: Labels, featureNames: [String]? = nil,
    maps: [Map] = []
  ) {
    self.name = name
    self.inputs = inputs
    self.targets = targets
    self.labels = labels
    self.featureNames = featureNames
    self.maps = maps
  }

  /// A set of other samples that is like this one in everything else.
  func with(inputs: Tensor, targets: Tensor) -> Dataset {
    Dataset(
      unchecked: name, inputs: inputs, targets: targets, labels: labels, featureNames: featureNames, maps: maps)
  }

  /// A sample as stored, as a view `[features]` of the inputs, and its target: a view of a row of `targets`, 0-dim for
  /// a vector.
  ///
  /// - Throws: `SelectionError.index` when there is no such sample.
  public subscript(index: Int) -> (input: Tensor, target: Tensor) {
    get throws {
      try checkIndex(index, "dataset")
      return (try inputs.select(0, index), try targets.select(0, index))
    }
  }

  /// The class of a sample that exists, in a set of classes.
  func classOf(_ index: Int) -> Int {
    Int(targets.pointer(Int64.self)[index * targets.strides[0]])
  }

  func checkIndex(_ index: Int, _ operation: String) throws {
    guard 0..<count ~= index else { throw SelectionError.index(operation: operation, index: index, count: count) }
  }
}

extension Dataset: CustomStringConvertible {
  /// The set in a line, for example `digits: 1437 samples of 64 features, 10 classes`.
  public var description: String {
    let head = "\(name): \(counted(count, "sample")) of \(counted(features, "feature"))"
    return switch labels {
    case .none: "\(head), no targets"
    case .values: "\(head), \(targets.rank == 1 ? "a target" : counted(targets.shape[1], "target")) each"
    case .classes(let count, _): "\(head), \(count == 1 ? "1 class" : "\(count) classes")"
    }
  }

  private func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }
}
