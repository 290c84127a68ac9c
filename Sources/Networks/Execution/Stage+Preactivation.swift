import Kernels
import Tensors

extension Stage {
  func preactivation(_ pass: Pass, dtype: DType, memory: StepMemory) throws -> Tensor? {
    guard activation != nil, let type = dtype.floatType else { return nil }
    return try preactivation(pass, memory, type)
  }

  private func preactivation<T: FloatElement>(_ pass: Pass, _ memory: StepMemory, _ type: T.Type) throws -> Tensor? {
    guard let z = memory.z?.assumingMemoryBound(to: T.self) else { return nil }
    let width = memory.width
    // the product itself, which the pass has kept
    if before == nil, let linear, linear.bias == nil { return memory.matrix(.product, [pass.rows, width]) }
    let vectors = try StageVectors<T>(memory, width: width)
    let isRow = before.map { !$0.isBatch } ?? false
    let source = isRow ? UnsafePointer(try memory.buffer(.entering, pass.rows * width, T.self)) : z
    let tensor = try Tensor(T.dtype, [pass.rows, width], zeroed: false)
    try AffineKernels.scaleShift(
      source, scale: vectors.scale, shift: vectors.shift, into: tensor.pointer(T.self), rows: pass.rows,
      columns: width)
    return tensor
  }
}
