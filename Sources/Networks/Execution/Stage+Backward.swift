import Kernels
import Tensors

/// The operands of one stage's backward.
private struct StageBackward<T: FloatElement> {
  let pass: Pass
  let width: Int
  let memory: StepMemory
  let vectors: StageVectors<T>
  let sums: StageSums
  let sink: GradientSink
  /// Where the gradient stands while it goes from the output to the product.
  let target: UnsafeMutablePointer<T>
  let z: UnsafePointer<T>
  let a: UnsafePointer<T>

  var rows: Int { pass.rows }
  var count: Int { pass.rows * width }
}

extension Stage {
  func backward<T: FloatElement>(
    _ pass: Pass, _ ends: BackwardEnds<T>, features: Int, memory: StepMemory, sink: GradientSink
  ) throws {
    guard let z = memory.z?.assumingMemoryBound(to: T.self), let a = memory.a?.assumingMemoryBound(to: T.self) else {
      return
    }
    let width = outputFeatures(features)
    let run = StageBackward(
      pass: pass, width: width, memory: memory, vectors: try StageVectors<T>(memory, width: width),
      sums: try StageSums(memory, width: width), sink: sink,
      target: linear == nil ? ends.result ?? ends.spare : ends.spare, z: z, a: a)
    var gradient = ends.gradient
    if dropsOut(pass) { gradient = try undrop(run, gradient) }
    let (entering, slope) = try throughAfter(run, gradient)
    gradient = try throughActivation(run, entering, slope)
    gradient = try throughBefore(run, gradient)
    if let linear {
      if let result = ends.result, UnsafePointer(result) == gradient {
        // A Linear alone has moved nothing: its gradient still lies where dL/dh goes, and a product can't overwrite what it reads.
        run.target.update(from: gradient, count: run.count)
        gradient = UnsafePointer(run.target)
      }
      try throughLinear(run, linear, gradient, ends, features)
    } else if let result = ends.result, UnsafePointer(result) != gradient {
      result.update(from: gradient, count: run.count)
    }
  }

  private func undrop<T: FloatElement>(
    _ run: StageBackward<T>, _ gradient: UnsafePointer<T>
  ) throws -> UnsafePointer<T> {
    let mask = try run.memory.buffer(.mask, run.count, T.self)
    try AffineKernels.multiply(gradient, mask, factor: keepFactor(T.self), into: run.target, count: run.count)
    return UnsafePointer(run.target)
  }

  /// Adds gamma's and beta's gradients; a batch normalisation is left to the activation's pass, as a slope.
  private func throughAfter<T: FloatElement>(
    _ run: StageBackward<T>, _ gradient: UnsafePointer<T>
  ) throws -> (UnsafePointer<T>, NormalisationSlope<T>?) {
    guard let after else { return (gradient, nil) }
    let (vectors, sums) = (run.vectors, run.sums)
    sums.clearGradients()
    guard after.isBatch else {
      let statistics = try run.memory.buffer(.rows, 4 * run.rows, Double.self)
      try kernel(after, run.width, T.self).backward(
        gradient, run.a, scales: statistics + 2 * run.rows, means: statistics + 3 * run.rows, into: run.target,
        gammaSums: sums.hatSums, betaSums: sums.sums, rows: run.rows)
      try addAffine(run, after)
      return (UnsafePointer(run.target), nil)
    }
    try ColumnNormalisation.gradientSums(
      gradient, run.a, scale: vectors.afterHatScale, shift: vectors.afterHatShift, sums: sums.sums,
      hatSums: sums.hatSums, rows: run.rows, columns: run.width)
    try addAffine(run, after)
    setSlopes(run, after, variance: sums.afterVariance)
    let slope = NormalisationSlope<T>(
      scale: vectors.afterHatScale, shift: vectors.afterHatShift, factor: vectors.factor, hatFactor: vectors.hatFactor,
      constant: vectors.constant)
    return (gradient, slope)
  }

  /// Multiplies by the activation's slope, and sums what the bias or the normalisation before needs.
  private func throughActivation<T: FloatElement>(
    _ run: StageBackward<T>, _ gradient: UnsafePointer<T>, _ after: NormalisationSlope<T>?
  ) throws -> UnsafePointer<T> {
    let (vectors, sums) = (run.vectors, run.sums)
    let normalisesColumns = before?.isBatch == true
    sums.clearGradients()
    if activation == nil && after == nil {
      if normalisesColumns {
        try ColumnNormalisation.gradientSums(
          gradient, run.z, scale: vectors.hatScale, shift: vectors.hatShift, sums: sums.sums, hatSums: sums.hatSums,
          rows: run.rows, columns: run.width)
      } else if linear?.bias != nil && before == nil {
        try AffineKernels.columnSums(gradient, into: sums.sums, rows: run.rows, columns: run.width)
      }
      return gradient
    }
    var operands = ActivationBackward(
      gradient: gradient, z: try entering(run), a: run.a, scale: vectors.scale, shift: vectors.shift,
      result: run.target)
    operands.after = after
    if let weight = activation?.weight { try addSlope(run, operands, weight) }
    if normalisesColumns || (linear?.bias != nil && before == nil) {
      operands.sums = sums.sums
      operands.hatSums = sums.hatSums
      if normalisesColumns {
        (operands.hatScale, operands.hatShift) = (.init(vectors.hatScale), .init(vectors.hatShift))
      }
    }
    try passes(T.self).backward(operands, rows: run.rows, columns: run.width)
    return UnsafePointer(run.target)
  }

  /// What the activation's input is computed from: the product, or a normalisation of rows.
  private func entering<T: FloatElement>(_ run: StageBackward<T>) throws -> UnsafePointer<T> {
    guard let before, !before.isBatch else { return run.z }
    // where the input may be overwritten it has been, and the slope follows from the output
    return overwritesInput(run.pass) ? run.a : UnsafePointer(try run.memory.buffer(.entering, run.count, T.self))
  }

  /// Adds the gradient of a PReLU's weight.
  private func addSlope<T: FloatElement>(
    _ run: StageBackward<T>, _ operands: ActivationBackward<T>, _ weight: Tensor
  ) throws {
    guard let target: UnsafeMutablePointer<T> = try run.sink.address(of: weight) else { return }
    var contributions = operands
    contributions.result = try run.memory.buffer(.contributions, run.count, T.self)
    contributions.sums = run.sums.sums
    contributions.hatSums = run.sums.hatSums
    try passes(T.self).weightBackward(contributions, rows: run.rows, columns: run.width)
    var total = 0.0
    for column in 0..<run.width { total += run.sums.sums[column] }
    target.pointee = T(Double(target.pointee) + total)
    run.sums.clearGradients()
  }

  /// Goes through the normalisation before the activation, and adds the bias' gradient.
  private func throughBefore<T: FloatElement>(
    _ run: StageBackward<T>, _ gradient: UnsafePointer<T>
  ) throws -> UnsafePointer<T> {
    let (vectors, sums) = (run.vectors, run.sums)
    guard let before else {
      try run.sink.add(sums.sums, to: linear?.bias, T.self)
      return gradient
    }
    guard before.isBatch else {
      let statistics = try run.memory.buffer(.rows, 4 * run.rows, Double.self)
      sums.clearGradients()
      try kernel(before, run.width, T.self).backward(
        gradient, run.z, scales: statistics, means: statistics + run.rows, into: run.target, gammaSums: sums.hatSums,
        betaSums: sums.sums, rows: run.rows)
      try addAffine(run, before)
      try addBias(run)
      return UnsafePointer(run.target)
    }
    try addAffine(run, before)
    setSlopes(run, before, variance: sums.variance)
    let slope = NormalisationSlope<T>(
      scale: vectors.hatScale, shift: vectors.hatShift, factor: vectors.factor, hatFactor: vectors.hatFactor,
      constant: vectors.constant)
    try ColumnNormalisation.backward(gradient, run.z, slope, into: run.target, rows: run.rows, columns: run.width)
    try addBias(run)
    return UnsafePointer(run.target)
  }

  /// Adds the column sums of the gradient, as it stands in the stage's memory, to the bias' gradient.
  private func addBias<T: FloatElement>(_ run: StageBackward<T>) throws {
    guard let bias = linear?.bias else { return }
    if let before, before.isBatch, before.usesBatchStatistics(run.pass) {
      // the mean takes the bias out again: its gradient is 0, and is made so that an optimiser finds it
      _ = try run.sink.gradient(of: bias)
      return
    }
    run.sums.clearGradients()
    try AffineKernels.columnSums(run.target, into: run.sums.sums, rows: run.rows, columns: run.width)
    try run.sink.add(run.sums.sums, to: bias, T.self)
  }

  /// Adds `dW = h^T dz` to the sink's, and computes `dh = dz W^T` where it is asked for.
  private func throughLinear<T: FloatElement>(
    _ run: StageBackward<T>, _ linear: Linear, _ dz: UnsafePointer<T>, _ ends: BackwardEnds<T>, _ features: Int
  ) throws {
    guard let weight = linear.weight else { return }
    if let (target, adds) = try run.sink.gradientOfProduct(weight) {
      try Products.multiply(
        rows: features, columns: run.width, inner: run.rows, a: ends.input, leadingA: features, transposeA: true,
        b: dz, leadingB: run.width, beta: adds ? 1 : 0, c: target.pointer(T.self), leadingC: run.width)
    }
    guard let result = ends.result else { return }
    var (weights, leading) = (UnsafePointer(weight.pointer(T.self)), run.width)
    let isPlain = Products.prefersPlain(rows: run.rows, columns: features, inner: run.width)
    if isPlain {
      let transposed = try run.memory.buffer(.transposed, features * run.width, T.self)
      AffineKernels.transpose(weights, into: transposed, rows: features, columns: run.width)
      (weights, leading) = (UnsafePointer(transposed), features)
    }
    try Products.multiply(
      rows: run.rows, columns: features, inner: run.width, a: dz, leadingA: run.width, b: weights, leadingB: leading,
      transposeB: !isPlain, c: result, leadingC: features)
  }

  /// Adds gamma's and beta's gradients, unless the normalisation is frozen by now.
  private func addAffine<T: FloatElement>(_ run: StageBackward<T>, _ norm: Norm) throws {
    guard norm.layer.mode != .frozen else { return }
    try run.sink.add(run.sums.hatSums, to: norm.gamma, T.self)
    try run.sink.add(run.sums.sums, to: norm.beta, T.self)
  }

  private func setSlopes<T: FloatElement>(
    _ run: StageBackward<T>, _ norm: Norm, variance: UnsafeMutablePointer<Double>
  ) {
    let (vectors, sums) = (run.vectors, run.sums)
    // statistics that are constants depend on no sample
    let rows = norm.usesBatchStatistics(run.pass) ? run.rows : 0
    ColumnNormalisation.slopes(
      variance: variance, eps: norm.eps, gamma: norm.gamma.map { UnsafePointer($0.pointer(T.self)) }, sums: sums.sums,
      hatSums: sums.hatSums, rows: rows, factor: vectors.factor, hatFactor: vectors.hatFactor,
      constant: vectors.constant, columns: run.width)
  }
}
