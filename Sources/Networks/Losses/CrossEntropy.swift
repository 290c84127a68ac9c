import Gradients
import Kernels
import Tensors

extension Losses {
  /// The mean over the batch of `log sum_j exp(logits[i, j]) - logits[i, class_i]`, computed safely for large logits.
  ///
  /// `logits` is `[batch, classes]`; `classes` is `[batch]`, of any dtype with whole values, counted from 1.
  ///
  /// - Throws: `NetworkError` for other shapes, an empty batch, and classes that are not whole or out of range, naming the
  ///   first and its row.
  public static func crossEntropy(_ logits: Tensor, _ classes: Tensor) throws -> Tensor {
    guard let type = logits.dtype.floatType else {
      throw NetworkError.expected("cross_entropy", "logits of dtype float32 or float64", logits.dtype.name)
    }
    guard logits.rank == 2, logits.shape[0] > 0, logits.shape[1] > 0 else {
      throw NetworkError.expected("cross_entropy", "logits [batch, classes]", "\(logits.shape)")
    }
    let indices = try classIndices(classes, rows: logits.shape[0], classes: logits.shape[1])
    return try crossEntropy(logits, indices, type)
  }

  private static func crossEntropy<T: FloatElement>(_ logits: Tensor, _ classes: [Int], _ type: T.Type) throws -> Tensor
  {
    let (rows, columns) = (logits.shape[0], logits.shape[1])
    let records = Tape.follows(logits) && !NoGradient.isActive
    let gradient = records ? try Tensor(T.dtype, logits.shape, zeroed: false) : nil
    let input = try logits.contiguous()
    let total = try classes.withUnsafeBufferPointer { list in
      try list.baseAddress.map {
        try SoftmaxCrossEntropy.forward(
          UnsafePointer(input.pointer(T.self)), classes: $0, gradient: gradient?.pointer(T.self),
          factor: 1 / Double(rows), rows: rows, columns: columns)
      } ?? 0
    }
    let loss = try scalar(total / Double(rows), T.self)
    guard let gradient else { return loss }
    return try Tape.record("cross_entropy", loss, [logits], saving: [.data(gradient), .input(0)]) { step in
      [try Losses.gradient(step) { try slope(at: $0, classes, type) }]
    }
  }

  /// `(softmax(logits) - 1 at the class) / rows`, differentiable.
  private static func slope<T: FloatElement>(at logits: Tensor, _ classes: [Int], _ type: T.Type) throws -> Tensor {
    let chosen = try Tensor(T.dtype, logits.shape)
    for (row, index) in classes.enumerated() { chosen.pointer(T.self)[row * logits.shape[1] + index] = 1 }
    let shares = try Differentiable.softmax(logits, along: 1)
    return try Differentiable.apply(
      .divide, try Differentiable.apply(.subtract, shares, chosen), Double(classes.count))
  }

  /// Reads classes from 1 as indices from 0.
  ///
  /// - Throws: `NetworkError` naming the first value that is not a class, and its row from 1.
  static func classIndices(_ tensor: Tensor, rows: Int, classes: Int) throws -> [Int] {
    guard tensor.rank == 1, tensor.shape[0] == rows else {
      throw NetworkError.expected("cross_entropy", "classes [\(rows)], one a row of the logits", "\(tensor.shape)")
    }
    let numbers = try tensor.to(.float64).contiguous()
    return try (0..<rows).map { row in
      let value = numbers.pointer(Double.self)[row]
      guard value >= 1, value <= Double(classes), value == value.rounded() else {
        throw NetworkError.expected(
          "cross_entropy", "classes that are whole numbers from 1 to \(classes)", "\(text(value)) at row \(row + 1)")
      }
      return Int(value) - 1
    }
  }

  /// A number as a user would write it: whole ones without a fraction.
  private static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }
}
