import Kernels
import Tensors

/// Orthogonal matrices, uniformly distributed: the Q of a normal matrix, with the signs of R's diagonal (Mezzadri 2007).
enum Orthogonal {
  /// Fills a weight `[out, in]` so that its rows, or its columns where there are more rows, are orthonormal, times `gain`.
  ///
  /// - Throws: `Interrupted` when a stop is requested; `TensorError.outOfMemory`.
  static func fill(_ weight: Tensor, gain: Double, generator: Generator) throws {
    let (rows, columns) = (weight.shape[0], weight.shape[1])
    let (tall, narrow) = (max(rows, columns), min(rows, columns))
    let normal = try Tensor(.float64, [tall, narrow], zeroed: false)
    try generator.fillNormal(normal)
    // columns one after another: the factorisation works on columns
    let work = try Tensor(.float64, [narrow, tall], zeroed: false)
    AffineKernels.transpose(normal.pointer(Double.self), into: work.pointer(Double.self), rows: tall, columns: narrow)
    try orthonormalise(work.pointer(Double.self), tall, narrow)
    let numbers = work.pointer(Double.self)
    for index in 0..<work.count { numbers[index] *= gain }
    // `work` is Q^T [narrow, tall]
    let shown = rows <= columns ? work : Tensor(storage: work.storage, shape: [rows, columns], strides: [1, rows])
    try weight.copy(from: shown)
  }

  /// Replaces the `count` columns of `length` numbers by orthonormal ones of the same spans: Gram and Schmidt's process,
  /// each column twice ("twice is enough"), which keeps R's diagonal positive.
  private static func orthonormalise(_ columns: UnsafeMutablePointer<Double>, _ length: Int, _ count: Int) throws {
    for index in 0..<count {
      try Interrupt.check()
      let column = columns + index * length
      for _ in 0..<2 {
        for other in 0..<index {
          let basis = columns + other * length
          let share = dot(basis, column, length)
          for place in 0..<length { column[place] -= share * basis[place] }
        }
      }
      let norm = dot(column, column, length).squareRoot()
      for place in 0..<length { column[place] /= norm }
    }
  }

  private static func dot(_ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ count: Int) -> Double {
    var sums = SIMD8<Double>()
    var place = 0
    while place + 8 <= count {
      let (a, b) = (UnsafeRawPointer(left + place), UnsafeRawPointer(right + place))
      sums += a.loadUnaligned(as: SIMD8<Double>.self) * b.loadUnaligned(as: SIMD8<Double>.self)
      place += 8
    }
    var total = sums.sum()
    while place < count {
      total += left[place] * right[place]
      place += 1
    }
    return total
  }
}
