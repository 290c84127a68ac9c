import Kernels
import Tensors

/// Inputs and targets of equal length, contiguous, from which batches are cut.
struct TrainingData {
  let inputs: Tensor
  let targets: Tensor

  /// The number of samples.
  var count: Int { inputs.shape[0] }

  /// Checks lengths, and brings the inputs to the network's dtype.
  ///
  /// - Throws: `NetworkError` for data of different lengths or no data.
  init(_ who: String, inputs: Tensor, targets: Tensor, dtype: DType) throws {
    guard inputs.rank == 2, inputs.count > 0 else {
      throw NetworkError.expected(who, "inputs [samples, features]", "\(inputs.shape)")
    }
    guard targets.rank > 0, targets.shape[0] == inputs.shape[0] else {
      throw NetworkError.expected(who, "\(inputs.shape[0]) targets, one a sample", "\(targets.shape)")
    }
    self.inputs = try inputs.to(dtype).contiguous()
    self.targets = try targets.contiguous()
  }

  /// The samples `first..<first + rows` as views.
  func range(_ first: Int, _ rows: Int) throws -> (Tensor, Tensor) {
    (view(inputs, first, rows), view(targets, first, rows))
  }

  /// Copies the samples at `indices` into tensors of their own.
  func gather(_ indices: ArraySlice<Int>) throws -> (Tensor, Tensor) {
    (try TrainingData.gather(inputs, indices), try TrainingData.gather(targets, indices))
  }

  /// Cuts samples into batches; a last one of a single sample joins its neighbour, since one sample has no variance.
  static func cut(_ count: Int, _ batch: Int) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var first = 0
    while first < count {
      let rest = count - first
      let size = rest > batch && rest - batch == 1 && batch > 1 ? rest : min(batch, rest)
      ranges.append(first..<(first + size))
      first += size
    }
    return ranges
  }

  /// Refuses NaN and infinity in the inputs, naming the first by row and column from 1.
  func requireFinite(_ who: String) throws { try TrainingData.requireFinite(inputs, who) }

  /// Refuses NaN and infinity in a contiguous matrix, naming the first by row and column from 1.
  static func requireFinite(_ inputs: Tensor, _ who: String) throws {
    if let type = inputs.dtype.floatType { try requireFinite(inputs, who, type) }
  }

  private static func requireFinite<T: FloatElement>(_ inputs: Tensor, _ who: String, _ type: T.Type) throws {
    let (numbers, columns) = (inputs.pointer(T.self), Network.features(inputs))
    for index in 0..<inputs.count where !numbers[index].isFinite {
      let (row, column) = (index / columns + 1, index % columns + 1)
      throw NetworkError.expected(
        who, "finite inputs", "\(numbers[index].isNaN ? "nan" : "\(numbers[index])") at row \(row), column \(column)")
    }
  }

  private func view(_ tensor: Tensor, _ first: Int, _ rows: Int) -> Tensor {
    var shape = tensor.shape
    shape[0] = rows
    return Tensor(
      storage: tensor.storage, shape: shape, strides: tensor.strides, offset: tensor.offset + first * tensor.strides[0])
  }

  /// Copies the rows of a contiguous tensor at `indices` into one of their own.
  static func gather(_ tensor: Tensor, _ indices: ArraySlice<Int>) throws -> Tensor {
    var shape = tensor.shape
    shape[0] = indices.count
    let result = try Tensor(tensor.dtype, shape, zeroed: false)
    let rowBytes = tensor.count / tensor.shape[0] * tensor.dtype.size
    for (place, index) in indices.enumerated() {
      (result.address + place * rowBytes).copyMemory(from: tensor.address + index * rowBytes, byteCount: rowBytes)
    }
    return result
  }
}
