import Kernels
import Tensors

/// Inputs and targets of equal length, contiguous, from which batches are cut.
struct TrainingData {
  let inputs: Tensor
  let targets: Tensor
  /// Who speaks in messages, and which data it means: `fit`, and `test ` or nothing.
  private let who: String
  private let part: String

  /// The number of samples.
  var count: Int { inputs.shape[0] }

  /// Checks lengths, and brings the inputs to the network's dtype.
  ///
  /// - Throws: `NetworkError` for data of different lengths or no data.
  init(_ who: String, _ part: String = "", inputs: Tensor, targets: Tensor, dtype: DType) throws {
    guard inputs.rank >= 2, inputs.count > 0 else {
      let cure = inputs.rank >= 2 ? ", which is an empty set" : ""
      throw NetworkError.expected(who, "\(part)inputs [samples, features]", "\(inputs.shape)\(cure)")
    }
    guard targets.count > 0 else {
      throw NetworkError.expected(who, "\(inputs.shape[0]) \(part)targets, one a sample", "none")
    }
    guard targets.rank > 0, targets.shape[0] == inputs.shape[0] else {
      throw NetworkError.expected(who, "\(inputs.shape[0]) \(part)targets, one a sample", "\(targets.shape)")
    }
    self.inputs = try inputs.to(dtype).contiguous()
    self.targets = try targets.contiguous()
    self.who = who
    self.part = part
  }

  /// The samples `first..<first + rows` as views.
  func range(_ first: Int, _ rows: Int) -> (Tensor, Tensor) {
    (view(inputs, first, rows), view(targets, first, rows))
  }

  private func view(_ tensor: Tensor, _ first: Int, _ rows: Int) -> Tensor {
    var shape = tensor.shape
    shape[0] = rows
    return Tensor(
      storage: tensor.storage, shape: shape, strides: tensor.strides, offset: tensor.offset + first * tensor.strides[0])
  }

  /// Cuts samples into batches; a last one of a single sample joins its neighbour, since one sample has no variance.
  static func cut(_ count: Int, _ batch: Int) -> [Range<Int>] {
    TensorBatches.cut(count, batch, dropLast: false, joinsSingle: true)
  }

  /// Copies the rows of a contiguous tensor at `indices` into one of their own.
  static func gather(_ tensor: Tensor, _ indices: ArraySlice<Int>) throws -> Tensor {
    var memory: Storage?
    return try TensorBatches.gather(tensor, indices, &memory, reuses: false)
  }

  // MARK: Checks

  /// Refuses NaN and infinity in inputs and targets, naming the first by row and column from 1.
  ///
  /// - Throws: `NetworkError`.
  func requireFinite() throws {
    try TrainingData.requireFinite(inputs, who, "\(part)inputs")
    try TrainingData.requireFinite(targets, who, "\(part)targets")
  }

  /// Refuses NaN and infinity in a contiguous tensor, naming the first by row and column from 1.
  ///
  /// - Throws: `NetworkError`, or `Interrupted` when a stop is requested.
  static func requireFinite(_ tensor: Tensor, _ who: String, _ what: String = "inputs") throws {
    if let type = tensor.dtype.floatType { try requireFinite(tensor, who, what, type) }
  }

  private static func requireFinite<T: FloatElement>(
    _ tensor: Tensor, _ who: String, _ what: String, _ type: T.Type
  ) throws {
    let numbers = UnsafePointer(tensor.pointer(T.self))
    guard let index = try MatrixKernels.firstNotFinite(numbers, count: tensor.count) else { return }
    let width = tensor.count / max(tensor.shape[0], 1)
    let place = tensor.rank > 1 ? ", column \(index % width + 1)" : ""
    let got = numbers[index].isNaN ? "nan" : "\(numbers[index])"
    throw NetworkError.expected(who, "finite \(what)", "\(got) at row \(index / width + 1)\(place)")
  }

  /// Refuses targets that are no classes of a network with so many outputs, naming the first by its row.
  ///
  /// - Throws: `NetworkError`.
  func requireClasses(outputs: Int) throws {
    for row in 0..<count {
      let value = targets.plainNumber(row)
      if value >= 1, value <= Double(outputs), value == value.rounded() { continue }
      let shown = value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : value.isNaN ? "NaN" : "\(value)"
      throw NetworkError.expected(
        who, "\(part)targets that are classes from 1 to \(outputs), the network's outputs", "\(shown) at row \(row + 1)"
      )
    }
  }
}

extension Tensor {
  /// The element at a place of a contiguous tensor, as float64.
  func plainNumber(_ index: Int) -> Double {
    switch dtype {
    case .float32: Double(pointer(Float.self)[index])
    case .float64: pointer(Double.self)[index]
    case .int64: Double(pointer(Int64.self)[index])
    case .bool: Double(pointer(UInt8.self)[index])
    }
  }

  /// The first number of a tensor.
  var number: Double { plainNumber(0) }
}
