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
    (try gather(inputs, indices), try gather(targets, indices))
  }

  /// Refuses NaN and infinity in the inputs, naming the first by row and column from 1.
  func requireFinite(_ who: String) throws {
    if let type = inputs.dtype.floatType { try requireFinite(who, type) }
  }

  private func requireFinite<T: FloatElement>(_ who: String, _ type: T.Type) throws {
    let numbers = inputs.pointer(T.self)
    for index in 0..<inputs.count where !numbers[index].isFinite {
      let (row, column) = (index / inputs.shape[1] + 1, index % inputs.shape[1] + 1)
      throw NetworkError.expected(who, "finite inputs", "\(numbers[index]) at row \(row), column \(column)")
    }
  }

  private func view(_ tensor: Tensor, _ first: Int, _ rows: Int) -> Tensor {
    var shape = tensor.shape
    shape[0] = rows
    return Tensor(
      storage: tensor.storage, shape: shape, strides: tensor.strides, offset: tensor.offset + first * tensor.strides[0])
  }

  private func gather(_ tensor: Tensor, _ indices: ArraySlice<Int>) throws -> Tensor {
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
