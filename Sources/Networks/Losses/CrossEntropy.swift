import Gradients
import Kernels
import RealModule
import Tensors

extension Losses {
  /// The mean over the batch of `log sum_j exp(logits[i, j]) - logits[i, class_i]`, computed safely for large logits.
  ///
  /// `logits` is `[batch, classes]`; `target` is `[batch]` classes, of any dtype with whole values, counted from 1, or
  /// `[batch, classes]` probabilities `t`, for which it is `-sum_j t[i, j] log p[i, j]`. As in PyTorch:
  /// - `weight` `[classes]` counts each class; a mean over classes is divided by the sum of the weights that were counted, one
  ///   over probabilities by the batch;
  /// - `labelSmoothing` `e` takes `(1 - e) t + e / classes` for the target;
  /// - rows of the class `ignoreIndex` are left out.
  ///
  /// - Throws: `NetworkError` for other shapes, an empty batch, classes that are not whole or out of range (naming the
  ///   first and its row), probabilities that are not finite, and a mean of rows that are all left out.
  public static func crossEntropy(
    _ logits: Tensor, _ target: Tensor, weight: Tensor? = nil, labelSmoothing: Double = 0, ignoreIndex: Int? = nil,
    reduction: LossReduction = .mean
  ) throws -> Tensor {
    let type = try require("cross_entropy", "logits", logits)
    let targets = try ClassTargets(
      "cross_entropy", target,
      ClassLossOptions(weight: weight, labelSmoothing: labelSmoothing, ignoreIndex: ignoreIndex), logits: logits,
      takesProbabilities: true)
    let loss = ClassLoss(name: "cross_entropy", normalises: true, targets: targets, reduction: reduction)
    if let classes = targets.plainClasses, reduction != .none { return try loss.plain(logits, classes, type) }
    return try loss.loss(logits, target, type)
  }

  /// The mean over the batch of `-logProbabilities[i, class_i]`; `weight`, `ignoreIndex` and classes as for `crossEntropy`.
  ///
  /// - Throws: as `crossEntropy`.
  public static func negativeLogLikelihood(
    _ logProbabilities: Tensor, _ classes: Tensor, weight: Tensor? = nil, ignoreIndex: Int? = nil,
    reduction: LossReduction = .mean
  ) throws -> Tensor {
    let type = try require("nll", "log-probabilities", logProbabilities)
    let targets = try ClassTargets(
      "nll", classes, ClassLossOptions(weight: weight, ignoreIndex: ignoreIndex), logits: logProbabilities,
      takesProbabilities: false)
    return try ClassLoss(name: "nll", normalises: false, targets: targets, reduction: reduction)
      .loss(logProbabilities, classes, type)
  }

  private static func require(_ who: String, _ what: String, _ logits: Tensor) throws -> any FloatElement.Type {
    guard let type = logits.dtype.floatType else {
      throw NetworkError.expected(who, "\(what) of dtype float32 or float64", logits.dtype.name)
    }
    guard logits.rank == 2, logits.shape[0] > 0, logits.shape[1] > 0 else {
      throw NetworkError.expected(who, "\(what) [batch, classes]", "\(logits.shape)")
    }
    return type
  }
}

/// A loss over classes, of logits where it normalises them, else of log-probabilities.
private struct ClassLoss {
  let name: String
  let normalises: Bool
  let targets: ClassTargets
  let reduction: LossReduction

  /// The loss of classes that count alike, by the fast kernel.
  func plain<T: FloatElement>(_ logits: Tensor, _ classes: [Int], _ type: T.Type) throws -> Tensor {
    let factor = reduction == .mean ? 1 / Double(targets.rows) : 1
    let gradient = Tape.records([logits]) ? try Tensor(T.dtype, logits.shape, zeroed: false) : nil
    let input = try logits.contiguous()
    let total = try classes.withUnsafeBufferPointer { list in
      try list.baseAddress.map {
        try SoftmaxCrossEntropy.forward(
          UnsafePointer(input.pointer(T.self)), classes: $0, gradient: gradient?.pointer(T.self), factor: factor,
          rows: targets.rows, columns: targets.count)
      } ?? 0
    }
    return try record(try Losses.scalar(total * factor, type), logits, nil, gradient, factor)
  }

  /// The loss of any targets.
  func loss<T: FloatElement>(_ logits: Tensor, _ target: Tensor, _ type: T.Type) throws -> Tensor {
    let factor = reduction == .mean ? try 1 / targets.divisor() : 1
    let gradient = Tape.records([logits]) ? try Tensor(T.dtype, logits.shape, zeroed: false) : nil
    let values = reduction == .none ? try Tensor(T.dtype, [targets.rows], zeroed: false) : nil
    let input = try logits.contiguous()
    let total = try sum(input, factor, values: values?.pointer(T.self), slopes: gradient?.pointer(T.self), type)
    let result = try values ?? Losses.scalar(total * factor, type)
    return try record(result, logits, targets.areProbabilities ? target : nil, gradient, factor)
  }

  /// Sums the rows' losses, and writes each and its slopes times `factor` where they are wanted.
  private func sum<T: FloatElement>(
    _ input: Tensor, _ factor: Double, values: UnsafeMutablePointer<T>?, slopes: UnsafeMutablePointer<T>?,
    _ type: T.Type
  ) throws -> Double {
    var total = 0.0
    try withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * targets.count) { room in
      guard let shares = room.baseAddress else { return }
      let logarithms = shares + targets.count
      for row in 0..<targets.rows {
        if row & 255 == 0 { try Interrupt.check() }
        let (numbers, place) = (input.pointer(T.self) + row * targets.count, row * targets.count)
        let mass = targets.read(row, into: shares)
        readLogarithms(numbers, into: logarithms)
        var value = 0.0
        // what doesn't count may be infinitely unlikely
        for column in 0..<targets.count where shares[column] != 0 { value -= shares[column] * logarithms[column] }
        total += value
        values?[row] = T(value)
        guard let slopes else { continue }
        for column in 0..<targets.count {
          let pull = normalises && mass != 0 ? mass * Double.exp(logarithms[column]) : 0
          slopes[place + column] = T((pull - shares[column]) * factor)
        }
      }
    }
    return total
  }

  /// Writes a row's log-probabilities, `x - log sum e^x` of logits.
  private func readLogarithms<T: FloatElement>(
    _ row: UnsafeMutablePointer<T>, into logarithms: UnsafeMutablePointer<Double>
  ) {
    var largest = -Double.infinity
    for column in 0..<targets.count {
      logarithms[column] = Double(row[column])
      if !(logarithms[column] <= largest) { largest = logarithms[column] }
    }
    guard normalises else { return }
    var sum = 0.0
    for column in 0..<targets.count { sum += Double.exp(logarithms[column] - largest) }
    let log = Double.log(sum)
    for column in 0..<targets.count { logarithms[column] = (logarithms[column] - largest) - log }
  }

  private func record(
    _ result: Tensor, _ logits: Tensor, _ probabilities: Tensor?, _ gradient: Tensor?, _ factor: Double
  ) throws -> Tensor {
    let (targets, normalises, isSeparate) = (targets, normalises, reduction == .none)
    let (rows, dtype) = (targets.rows, logits.dtype)
    // one gradient a row
    let spread: (Tensor) throws -> Tensor = { isSeparate ? try Differentiable.reshape($0, [rows, 1]) : $0 }
    let inputs = [logits] + (probabilities.map { [$0] } ?? [])
    let given = probabilities?.dtype
    return try Tape.record(
      name, result, inputs,
      saving: [gradient.map(Saving.data) ?? .nothing, .input(0)] + (given == nil ? [] : [.input(1)])
    ) { step in
      let own =
        !step.wants(0)
        ? nil
        : try Losses.gradient(step, spread: spread) { x in
          let shares = try Differentiable.apply(
            .multiply, try targets.shares(dtype, of: given.map { _ in try step.saved(2) }), factor)
          guard normalises else { return try Differentiable.apply(.negative, shares) }
          let mass = try Differentiable.reduced(.sum, shares, along: [1], keepDimensions: true)
          let pull = try Differentiable.apply(.multiply, try Differentiable.softmax(x, along: 1), mass)
          return try Differentiable.apply(.subtract, pull, shares)
        }
      guard let given else { return [own] }
      guard step.wants(1) else { return [own, nil] }
      let x = try step.saved(1)
      let total = try Differentiable.logSumExp(x, along: [1], keepDimensions: true)
      let unlikeliness = try Differentiable.apply(.subtract, total, x)
      let share = try Differentiable.apply(.multiply, try targets.slopeOfShares(dtype), factor)
      let slope = try Differentiable.apply(.multiply, unlikeliness, share)
      return [own, try Differentiable.to(try Differentiable.apply(.multiply, slope, try spread(step.gradient)), given)]
    }
  }
}
