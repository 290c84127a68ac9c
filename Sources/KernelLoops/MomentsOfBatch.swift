import KernelBase

extension MomentsKernel {
  /// Measures a contiguous matrix of finite elements, at least one by one.
  ///
  /// The cosine costs one pass: with unit samples `u`, the sum over pairs is `(|sum u|^2 - n) / (n (n-1))`.
  /// Each sample is scaled by a power of two before its norm is taken, so neither 1e-200 nor 1e+200 is lost.
  ///
  /// - Parameters:
  ///   - x: the elements, row-major.
  ///   - samples: the number of rows.
  ///   - units: the number of columns.
  ///   - scale: the power of two of `Moments.naturalScale`.
  ///   - scratch: memory for `scratchCount(samples:units:)` doubles, all 0.
  /// - Returns: the measures.
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func scanBatch<T: FloatElement>(
    _ x: UnsafePointer<T>, samples: Int, units: Int, scale: Double, scratch: UnsafeMutablePointer<Double>
  ) throws -> MomentsOfBatch {
    let parts = MomentsOfBatch.parts(samples: samples, units: units)
    var nonzero = [Int](repeating: 0, count: parts.count)
    try nonzero.withUnsafeMutableBufferPointer { nonzero in
      try WorkerPool.run(chunks: parts.count) { part in
        nonzero[part] = try scan(x, parts[part], units, scale, Columns(scratch + 4 * units * part, units))
      }
    }
    let columns = Columns(scratch, units)
    for part in parts.indices.dropFirst() {
      columns.join(Columns(scratch + 4 * units * part, units), units, before: parts[part].lowerBound, parts[part].count)
    }
    return summary(columns, samples: samples, units: units, nonzeroSamples: nonzero.reduce(0, +), scale: scale)
  }

  /// Adds some samples to columns of zeros, and tells how many of them are not all 0.
  @inline(__always)
  private static func scan<T: FloatElement>(
    _ x: UnsafePointer<T>, _ samples: Range<Int>, _ units: Int, _ scale: Double, _ columns: Columns
  ) throws -> Int {
    let pollBlocks = max(1, Interrupt.pollInterval / (MomentsOfBatch.block * units))
    var nonzeroSamples = 0
    var (first, blocks) = (samples.lowerBound, 0)
    while first < samples.upperBound {
      if blocks % pollBlocks == 0 { try Interrupt.check() }
      var part = Block(
        rows: min(MomentsOfBatch.block, samples.upperBound - first), before: Double(first - samples.lowerBound),
        scale: scale)
      nonzeroSamples += measureRows(x + first * units, units, &part)
      addColumns(x + first * units, x, units, part, columns)
      first += part.rows
      blocks += 1
    }
    return nonzeroSamples
  }

  private static func summary(
    _ columns: Columns, samples: Int, units: Int, nonzeroSamples: Int, scale: Double
  ) -> MomentsOfBatch {
    var result = MomentsOfBatch()
    var squares = 0.0
    for unit in 0..<units {
      if columns.live[unit] == 0 { result.deadUnits += 1 }
      result.standardDeviation += (columns.second[unit] / Double(samples)).squareRoot()
      squares += columns.unitSum[unit] * columns.unitSum[unit]
    }
    result.standardDeviation = result.standardDeviation / Double(units) / scale
    result.takeCosine(squares, nonzeroSamples: nonzeroSamples)
    return result
  }
}

extension MomentsOfBatch {
  /// Sets the cosine from the square of the sum of all samples scaled to unit length.
  mutating func takeCosine(_ squares: Double, nonzeroSamples: Int) {
    guard nonzeroSamples > 1 else { return }
    let n = Double(nonzeroSamples)
    cosine = min(max((squares - n) / (n * (n - 1)), -1), 1)
  }
}

/// What is carried for each column: `units` numbers each.
private struct Columns {
  /// The mean's distance from the column's first element, so that a column that never varies has a spread of exactly 0.
  let mean: UnsafeMutablePointer<Double>
  let second: UnsafeMutablePointer<Double>
  /// The sum of the samples scaled to unit length.
  let unitSum: UnsafeMutablePointer<Double>
  /// How many elements of the column are not 0.
  let live: UnsafeMutablePointer<Double>

  init(_ memory: UnsafeMutablePointer<Double>, _ units: Int) {
    (mean, second, unitSum, live) = (memory, memory + units, memory + 2 * units, memory + 3 * units)
  }

  /// Joins the columns of `samples` rows that follow `before` rows (Chan 1979).
  func join(_ other: Columns, _ units: Int, before: Int, _ samples: Int) {
    let share = Double(samples) / Double(before + samples)
    for unit in 0..<units {
      let delta = other.mean[unit] - mean[unit]
      mean[unit] += delta * share
      second[unit] += other.second[unit] + delta * delta * (Double(before) * share)
      unitSum[unit] += other.unitSum[unit]
      live[unit] += other.live[unit]
    }
  }
}

/// A few neighbouring rows: each row's scale and, after scaling, one over its length (0 for a row of zeros).
private struct Block {
  let rows: Int
  let before: Double
  let scale: Double
  var rowScale = SIMD8<Double>(repeating: 1)
  var inverse = SIMD8<Double>.zero

  init(rows: Int, before: Double, scale: Double) {
    self.rows = rows
    self.before = before
    self.scale = scale
  }
}

/// Takes the lengths of the block's rows and tells how many rows are not all 0.
@inline(__always)
private func measureRows<T: FloatElement>(_ x: UnsafePointer<T>, _ units: Int, _ part: inout Block) -> Int {
  var nonzero = 0
  for row in 0..<part.rows {
    let start = x + row * units
    if T.self == Double.self { part.rowScale[row] = Moments.naturalScale(largestMagnitude(start, units)) }
    let square = sumOfSquares(start, units, part.rowScale[row])
    if square > 0 {
      part.inverse[row] = 1 / square.squareRoot()
      nonzero += 1
    }
  }
  return nonzero
}

@inline(__always)
private func largestMagnitude<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int) -> Double {
  var high = SIMD8<T>.zero
  var index = 0
  while index + 8 <= count {
    let value = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self)
    high = greater(greater(value, -value), high)
    index += 8
  }
  var greatest = highest(high)
  while index < count {
    greatest = max(greatest, abs(x[index]))
    index += 1
  }
  return Double(greatest)
}

@inline(__always)
private func sumOfSquares<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int, _ scale: Double) -> Double {
  var sum = SIMD8<Double>.zero
  var index = 0
  while index + 8 <= count {
    let value = Moments.widen(UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self), scale)
    sum += value * value
    index += 8
  }
  var total = sum.sum()
  while index < count {
    let value = Double(x[index]) * scale
    total += value * value
    index += 1
  }
  return total
}

/// Joins the block to every column's moments and sums, eight columns at a time.
@inline(__always)
private func addColumns<T: FloatElement>(
  _ x: UnsafePointer<T>, _ origin: UnsafePointer<T>, _ units: Int, _ part: Block, _ columns: Columns
) {
  let rest = units % 8
  if units < 8 {
    for unit in 0..<units { addColumn(x + unit, origin + unit, units, part, columns, unit) }
    return
  }
  // the last eight, of which those before the rest are left to their own strip
  if rest > 0 {
    let unit = units - 8
    addStrip(x + unit, origin + unit, units, part, columns, unit) { value, address in
      for lane in 8 - rest..<8 { address[lane] = value[lane] }
    }
  }
  for unit in stride(from: 0, to: units - rest, by: 8) {
    addStrip(x + unit, origin + unit, units, part, columns, unit) { store($0, $1) }
  }
}

/// Joins eight columns in one pass, about the means of the rows before.
@inline(__always)
private func addStrip<T: FloatElement>(
  _ x: UnsafePointer<T>, _ origin: UnsafePointer<T>, _ units: Int, _ part: Block, _ columns: Columns, _ unit: Int,
  _ store: (SIMD8<Double>, UnsafeMutablePointer<Double>) -> Void
) {
  let start = Moments.widen(UnsafeRawPointer(origin).loadUnaligned(as: SIMD8<T>.self), part.scale)
  let before = load(columns.mean + unit)
  let pivot = start + before
  var (sum, squares) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
  var unitSum = load(columns.unitSum + unit)
  var zeros = SIMD8<T>.zero
  for row in 0..<part.rows {
    let value = UnsafeRawPointer(x + row * units).loadUnaligned(as: SIMD8<T>.self)
    zeros += onesWhereZero(value)
    let distance = Moments.widen(value, part.scale) - pivot
    sum += distance
    squares += distance * distance
    unitSum += Moments.widen(value, part.rowScale[row]) * part.inverse[row]
  }
  let n = Double(part.rows)
  let shift = sum * (1 / n)
  // a column that never varies has no squares, and rounding leaves none below 0
  let second = greater(squares - shift * sum, SIMD8<Double>.zero)
  // Join with the rows before (Chan 1979).
  let delta = (pivot - start) + shift - before
  let share = n / (part.before + n)
  store(before + delta * share, columns.mean + unit)
  store(load(columns.second + unit) + second + delta * delta * (part.before * share), columns.second + unit)
  store(unitSum, columns.unitSum + unit)
  store(load(columns.live + unit) + (n - widened(zeros)), columns.live + unit)
}

@inline(__always)
private func addColumn<T: FloatElement>(
  _ x: UnsafePointer<T>, _ origin: UnsafePointer<T>, _ units: Int, _ part: Block, _ columns: Columns, _ unit: Int
) {
  let start = Double(origin.pointee) * part.scale
  var (sum, second) = (0.0, 0.0)
  for row in 0..<part.rows {
    let value = x[row * units]
    if value != 0 { columns.live[unit] += 1 }
    sum += Double(value) * part.scale - start
    columns.unitSum[unit] += Double(value) * part.rowScale[row] * part.inverse[row]
  }
  let n = Double(part.rows)
  let mean = sum / n
  for row in 0..<part.rows {
    let distance = (Double(x[row * units]) * part.scale - start) - mean
    second += distance * distance
  }
  let delta = mean - columns.mean[unit]
  let share = n / (part.before + n)
  columns.mean[unit] += delta * share
  columns.second[unit] += second + delta * delta * (part.before * share)
}

@inline(__always)
private func load(_ address: UnsafePointer<Double>) -> SIMD8<Double> {
  UnsafeRawPointer(address).loadUnaligned(as: SIMD8<Double>.self)
}

@inline(__always)
private func store(_ value: SIMD8<Double>, _ address: UnsafeMutablePointer<Double>) {
  UnsafeMutableRawPointer(address).storeBytes(of: value, as: SIMD8<Double>.self)
}
