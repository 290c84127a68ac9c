import Files
import Kernels
import Tensors

extension Dataset {
  /// Reads inputs from an npy file and targets from another, or both from an npz archive.
  ///
  /// Inputs of more than two dimensions become rows, `[n, 28, 28]` becomes `[n, 784]`, and a vector becomes a column;
  /// integers and masks become `dtype`, floats stay as they are. Targets are understood as `kind` says.
  ///
  /// - Parameters:
  ///   - path: a `.npy` file of the inputs, or a `.npz` archive.
  ///   - targetsPath: a `.npy` file of the targets; nil: the archive's, or none.
  ///   - inputsName: the name of the inputs in the archive; nil: `inputs`, else `x`, else `X`.
  ///   - targetsName: the name of the targets in the archive; nil: `targets`, else `y`, else none.
  ///   - kind: how to understand the targets.
  ///   - dtype: what integers become.
  ///   - operation: whom errors name.
  /// - Returns: the set, named as the file without directory and ending.
  /// - Throws: `TableError` for another ending and for names that the archive doesn't hold; `FileError` for damaged
  ///   files; `DatasetError` for arrays that make no data set; `TensorError.outOfMemory`; `Interrupted`.
  public static func npy(
    _ path: String, targets targetsPath: String? = nil, inputsName: String? = nil, targetsName: String? = nil,
    kind: Labels.Kind = .automatic, dtype: DType = .float32, operation: String = "data.npy"
  ) throws -> Dataset {
    let origin = Origin(operation: operation, path: path)
    var (inputs, targets) = try arrays(origin, inputsName, targetsName)
    if let targetsPath { targets = try NPY.read(Origin(operation: operation, path: targetsPath)) }
    return try Dataset(
      name: name(of: path), inputs: try flat(inputs, dtype), targets: try targets.map(columnAsVector), kind: kind,
      operation: operation)
  }

  private static func arrays(
    _ origin: Origin, _ inputsName: String?, _ targetsName: String?
  ) throws -> (inputs: Tensor, targets: Tensor?) {
    switch try? FileFormat(origin) {
    case .npy?: return (try NPY.read(origin), nil)
    case .npz?:
      let arrays = try NPZ.read(origin)
      let inputs = try find(inputsName.map { [$0] } ?? ["inputs", "x", "X"], arrays)
      let targets = try find(targetsName.map { [$0] } ?? ["targets", "y"], arrays)
      guard let inputs else { throw missing(inputsName ?? "inputs", arrays, origin) }
      if let targetsName, targets == nil { throw missing(targetsName, arrays, origin) }
      return (inputs, targets)
    default: throw TableError.arrayFormat(operation: origin.operation, path: origin.path)
    }
  }

  private static func find(_ names: [String], _ arrays: [NamedTensor]) throws -> Tensor? {
    for name in names {
      if let found = arrays.first(where: { $0.name == name }) { return found.tensor }
    }
    return nil
  }

  private static func missing(_ name: String, _ arrays: [NamedTensor], _ origin: Origin) -> TableError {
    .array(operation: origin.operation, path: origin.path, name: name, names: arrays.map(\.name))
  }

  /// A row a sample, of floats.
  private static func flat(_ array: Tensor, _ dtype: DType) throws -> Tensor {
    let floats = array.dtype.isFloat ? array : try array.to(dtype)
    guard array.rank != 2, array.rank > 0, array.shape[0] > 0 else { return floats }
    return try floats.reshape([array.shape[0], array.count / array.shape[0]])
  }

  /// Integers `[n, 1]`, as some store classes, are a vector; floats are values with one output.
  private static func columnAsVector(_ array: Tensor) throws -> Tensor {
    array.rank == 2 && array.shape[1] == 1 && !array.dtype.isFloat ? try array.reshape([array.shape[0]]) : array
  }
}
