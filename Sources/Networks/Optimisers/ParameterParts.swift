import Gradients
import Kernels
import Tensors

/// How the numbers of a parameter are cut into parts that the workers share.
enum ParameterParts {
  // enough for a worker to be worth waking
  private static let most = 8192

  /// Calls `body` with each part, on several threads at once: equal parts, so that a thread meets numbers that it had before.
  ///
  /// - Throws: what `body` throws.
  static func forEach(of count: Int, _ body: (_ first: Int, _ count: Int) throws -> Void) throws {
    guard count > most else { return try body(0, count) }
    // as many for one thread of two as for the other
    let parts = (count + 2 * most - 1) / (2 * most) * 2
    try WorkerPool.run(chunks: parts) { part in
      let first = count * part / parts
      try body(first, count * (part + 1) / parts - first)
    }
  }

  /// Sets a gradient to 0, where there is one.
  ///
  /// - Throws: `TensorError` for one that can't be written.
  static func zero(_ gradient: Tensor?) throws {
    guard let gradient else { return }
    guard gradient.count > most, Accumulation.isDense(gradient) else {
      try gradient.fill(0)
      return
    }
    try gradient.requireWritable("zero_grad")
    let bytes = UnsafeMutableRawPointer(gradient.pointer(UInt8.self))
    let size = gradient.dtype.size
    try forEach(of: gradient.count) { first, count in
      (bytes + first * size).initializeMemory(as: UInt8.self, repeating: 0, count: count * size)
    }
  }
}
