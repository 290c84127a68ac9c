import Kernels
import Tensors

/// The operands of one stage's forward, in the order they come to be.
private struct StageForward<T: FloatElement> {
  let pass: Pass
  let width: Int
  let memory: StepMemory
  let vectors: StageVectors<T>
  let sums: StageSums
  let output: UnsafeMutablePointer<T>

  var rows: Int { pass.rows }
  var count: Int { pass.rows * width }
}

extension Stage {
  func forward<T: FloatElement>(
    _ pass: Pass, input: UnsafePointer<T>, features: Int, output: UnsafeMutablePointer<T>, memory: StepMemory
  ) throws {
    let width = outputFeatures(features)
    let run = StageForward(
      pass: pass, width: width, memory: memory, vectors: try StageVectors<T>(memory, width: width),
      sums: try StageSums(memory, width: width), output: output)
    run.vectors.fillConstants()
    let dropsOut = dropsOut(pass)
    let activated = after != nil || dropsOut ? try memory.buffer(.activated, run.count, T.self) : output
    let normalised = after != nil && dropsOut ? try memory.buffer(.normalised, run.count, T.self) : output
    let z = try product(run, input, features, activated)
    memory.z = UnsafeRawPointer(z)
    memory.width = width
    try activate(run, try normaliseBefore(run, z, activated), into: activated)
    memory.a = UnsafeRawPointer(activated)
    try normaliseAfter(run, activated, into: normalised)
    if dropsOut { try drop(run, after == nil ? activated : normalised) }
  }

  /// Computes the output of the forward again, where `rebuildsOutput` says that it is not kept.
  func rebuildOutput<T: FloatElement>(_ pass: Pass, into output: UnsafeMutablePointer<T>, _ memory: StepMemory) throws {
    guard let z = memory.z?.assumingMemoryBound(to: T.self), let a = memory.a?.assumingMemoryBound(to: T.self) else {
      return
    }
    let vectors = try StageVectors<T>(memory, width: memory.width)
    if after != nil {
      return try AffineKernels.scaleShift(
        a, scale: vectors.afterScale, shift: vectors.afterShift, into: output, rows: pass.rows, columns: memory.width)
    }
    try passes(T.self).forward(
      z, scale: vectors.scale, shift: vectors.shift, into: output, moments: nil, rows: pass.rows,
      columns: memory.width)
    memory.a = UnsafeRawPointer(output)
  }

  /// Computes `z = h W`, into the activation's own memory where that may be overwritten.
  private func product<T: FloatElement>(
    _ run: StageForward<T>, _ input: UnsafePointer<T>, _ features: Int, _ activated: UnsafeMutablePointer<T>
  ) throws -> UnsafePointer<T> {
    guard let linear, let weight = linear.weight else { return input }
    let inPlace = before == nil && overwritesInput(run.pass)
    let target = inPlace ? activated : try run.memory.buffer(.product, run.count, T.self)
    try Products.multiply(
      rows: run.rows, columns: run.width, inner: features, a: input, leadingA: features,
      b: UnsafePointer(weight.pointer(T.self)), leadingB: run.width, c: target, leadingC: run.width)
    try run.pass.products?.take(target, of: linear, rows: run.rows)
    return UnsafePointer(target)
  }

  /// Settles scale and shift of the activation's input: the bias, or a batch normalisation.
  ///
  /// A normalisation of rows is done here.
  private func normaliseBefore<T: FloatElement>(
    _ run: StageForward<T>, _ z: UnsafePointer<T>, _ activated: UnsafeMutablePointer<T>
  ) throws -> UnsafePointer<T> {
    let (vectors, sums) = (run.vectors, run.sums)
    let bias = linear?.bias.map { UnsafePointer($0.pointer(T.self)) }
    vectors.scale.update(from: vectors.ones, count: run.width)
    vectors.shift.update(from: bias ?? UnsafePointer(vectors.zeros), count: run.width)
    guard let before else { return z }
    guard before.isBatch else {
      if bias != nil {
        let sum = UnsafeMutablePointer(mutating: z)
        try AffineKernels.scaleShift(
          z, scale: vectors.scale, shift: vectors.shift, into: sum, rows: run.rows, columns: run.width)
        vectors.shift.update(from: vectors.zeros, count: run.width)
      }
      let inPlace = overwritesInput(run.pass)
      let target = inPlace ? activated : try run.memory.buffer(.entering, run.count, T.self)
      let statistics = try run.memory.buffer(.rows, 4 * run.rows, Double.self)
      try kernel(before, run.width, T.self).forward(
        z, into: target, scales: statistics, means: statistics + run.rows, rows: run.rows)
      return UnsafePointer(target)
    }
    if before.usesBatchStatistics(run.pass) {
      try requireBatch(before, run.rows)
      sums.mean.update(repeating: 0, count: 2 * run.width)
      let moments = ColumnMoments(pivot: vectors.pivot, sum: sums.mean, squares: sums.variance)
      try ColumnNormalisation.moments(z, moments, rows: run.rows, columns: run.width)
      ColumnNormalisation.finish(moments, rows: run.rows, columns: run.width)
    } else {
      running(before, bias, sums.mean, sums.variance, T.self)
    }
    fold(
      before, sums.mean, sums.variance, vectors.scale, vectors.shift, vectors.hatScale, vectors.hatShift)
    updateRunning(run.pass, before, bias, sums.mean, sums.variance, T.self)
    return z
  }

  /// Computes `a = phi(z scale + shift)`, and the column moments a batch normalisation after it needs.
  private func activate<T: FloatElement>(
    _ run: StageForward<T>, _ z: UnsafePointer<T>, into activated: UnsafeMutablePointer<T>
  ) throws {
    let (vectors, sums) = (run.vectors, run.sums)
    var moments: ColumnMoments<T>?
    if let after, after.isBatch, after.usesBatchStatistics(run.pass) {
      try requireBatch(after, run.rows)
      sums.afterMean.update(repeating: 0, count: 2 * run.width)
      moments = ColumnMoments(pivot: vectors.pivot, sum: sums.afterMean, squares: sums.afterVariance)
    }
    let changesNothing = activation == nil && before?.isBatch != true && (before != nil || linear?.bias == nil)
    if changesNothing, moments == nil {
      if z != UnsafePointer(activated) { activated.update(from: z, count: run.count) }
      return
    }
    try passes(T.self).forward(
      z, scale: vectors.scale, shift: vectors.shift, into: activated, moments: moments, rows: run.rows,
      columns: run.width)
    if let moments { ColumnNormalisation.finish(moments, rows: run.rows, columns: run.width) }
  }

  private func normaliseAfter<T: FloatElement>(
    _ run: StageForward<T>, _ activated: UnsafeMutablePointer<T>, into target: UnsafeMutablePointer<T>
  ) throws {
    guard let after else { return }
    let (vectors, sums) = (run.vectors, run.sums)
    guard after.isBatch else {
      let statistics = try run.memory.buffer(.rows, 4 * run.rows, Double.self)
      return try kernel(after, run.width, T.self).forward(
        activated, into: target, scales: statistics + 2 * run.rows, means: statistics + 3 * run.rows, rows: run.rows)
    }
    if !after.usesBatchStatistics(run.pass) { running(after, nil, sums.afterMean, sums.afterVariance, T.self) }
    fold(
      after, sums.afterMean, sums.afterVariance, vectors.afterScale, vectors.afterShift, vectors.afterHatScale,
      vectors.afterHatShift)
    updateRunning(run.pass, after, nil, sums.afterMean, sums.afterVariance, T.self)
    try AffineKernels.scaleShift(
      activated, scale: vectors.afterScale, shift: vectors.afterShift, into: target, rows: run.rows,
      columns: run.width)
  }

  private func drop<T: FloatElement>(_ run: StageForward<T>, _ source: UnsafeMutablePointer<T>) throws {
    let probability = dropout?.probability ?? 0
    let mask = try run.memory.buffer(.mask, run.count, T.self)
    if let vector = run.memory.mask(run.count) {
      try run.pass.generator.fillBernoulli(vector, probability: 1 - probability)
    }
    try AffineKernels.multiply(source, mask, factor: keepFactor(T.self), into: run.output, count: run.count)
  }

  /// What the numbers that dropout keeps are multiplied by: `1/(1 - p)`, and 0 where none is kept.
  func keepFactor<T: FloatElement>(_ type: T.Type) -> T {
    let probability = dropout?.probability ?? 0
    return probability < 1 ? T(1 / (1 - probability)) : 0
  }

  /// The kernel of a normalisation of rows.
  func kernel<T: FloatElement>(_ norm: Norm, _ width: Int, _ type: T.Type) -> RowNormalisation<T> {
    RowNormalisation(
      centres: norm.layer.type == .layer, eps: norm.eps, gamma: norm.gamma.map { UnsafePointer($0.pointer(T.self)) },
      beta: norm.beta.map { UnsafePointer($0.pointer(T.self)) }, columns: width)
  }

  private func requireBatch(_ norm: Norm, _ rows: Int) throws {
    guard rows < 2 else { return }
    throw norm.mode == .batch
      ? NetworkError.batchTooSmallForMode(layer: norm.label) : NetworkError.batchTooSmall(layer: norm.label)
  }

  /// Takes the running statistics as mean (less a bias that `z` lacks) and variance.
  private func running<T: FloatElement>(
    _ norm: Norm, _ bias: UnsafePointer<T>?, _ mean: UnsafeMutablePointer<Double>,
    _ variance: UnsafeMutablePointer<Double>, _ type: T.Type
  ) {
    guard let means = norm.layer.runningMean?.pointer(T.self),
      let variances = norm.layer.runningVariance?.pointer(T.self)
    else { return }
    for column in 0..<norm.layer.features {
      mean[column] = Double(means[column]) - (bias.map { Double($0[column]) } ?? 0)
      variance[column] = Double(variances[column])
    }
  }

  private func fold<T: FloatElement>(
    _ norm: Norm, _ mean: UnsafePointer<Double>, _ variance: UnsafePointer<Double>, _ scale: UnsafeMutablePointer<T>,
    _ shift: UnsafeMutablePointer<T>, _ hatScale: UnsafeMutablePointer<T>, _ hatShift: UnsafeMutablePointer<T>
  ) {
    ColumnNormalisation.fold(
      mean: mean, variance: variance, eps: norm.eps, gamma: norm.gamma.map { UnsafePointer($0.pointer(T.self)) },
      beta: norm.beta.map { UnsafePointer($0.pointer(T.self)) }, scale: scale, shift: shift, hatScale: hatScale,
      hatShift: hatShift, columns: norm.layer.features)
  }

  /// Moves the running statistics towards the batch's, or hands these to a recalibration.
  private func updateRunning<T: FloatElement>(
    _ pass: Pass, _ norm: Norm, _ bias: UnsafePointer<T>?, _ mean: UnsafePointer<Double>,
    _ variance: UnsafePointer<Double>, _ type: T.Type
  ) {
    if let recalibration = pass.recalibration {
      return recalibration.add(norm.layer, mean: mean, variance: variance, summand: bias, rows: pass.rows)
    }
    guard pass.updatesRunning, norm.usesBatchStatistics(pass), let means = norm.layer.runningMean?.pointer(T.self),
      let variances = norm.layer.runningVariance?.pointer(T.self)
    else { return }
    // a file may have brought any count
    norm.layer.batchesSeen = min(max(norm.layer.batchesSeen, 0), Int.max - 1) + 1
    ColumnNormalisation.updateRunning(
      mean: mean, variance: variance, summand: bias, rows: pass.rows,
      weight: norm.layer.momentum ?? 1 / Double(norm.layer.batchesSeen), runningMean: means,
      runningVariance: variances, columns: norm.layer.features)
  }
}
