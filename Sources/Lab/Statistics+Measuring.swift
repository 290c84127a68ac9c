import Kernels
import Tensors

extension Statistics {
  /// What costs time of its own and can be left out: its figures stay NaN, its histograms empty.
  public struct Parts: OptionSet, Sendable {
    /// One bit a part.
    public let rawValue: Int

    /// Joins parts by their bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// What needs a batch: `dead`, `batchStandardDeviation` and `cosine`.
    public static let batch = Parts(rawValue: 1)
    /// `histogram`.
    public static let values = Parts(rawValue: 2)
    /// `logHistogram`.
    public static let magnitudes = Parts(rawValue: 4)
    /// `skewness` and `kurtosis`.
    public static let shape = Parts(rawValue: 8)
    /// Everything.
    public static let all: Parts = [.batch, .values, .magnitudes, .shape]
  }

  /// The names of the figures of `Parts.batch`.
  static let batchNames: Set<String> = ["dead", "batch_std", "cosine"]
  /// The names of the figures of `Parts.shape`.
  static let shapeNames: Set<String> = ["skewness", "kurtosis"]

  /// The percentiles that are measured unless others are asked for.
  public static let standardPercentiles = [15.0, 50, 85]
  /// The number of bins unless another is asked for.
  public static let standardBins = 50

  /// Measures a tensor of any dtype and layout; the first dimension is the batch, all others together are the units.
  ///
  /// - Parameters:
  ///   - tensor: the numbers; integers and masks are measured as doubles.
  ///   - percentiles: which percentiles to find, each in `0...100`.
  ///   - bins: the number of equal bins of the histogram, 1 to `Histogram.maximumBins`.
  ///   - activationRange: the limits of a bounded activation, for `saturated`.
  ///   - parts: what to measure beside the first two moments, the extremes, the counts and the percentiles.
  /// - Throws: `LabError` for percentiles or bins out of range; `TensorError.outOfMemory`; `Interrupted`.
  public init(
    of tensor: Tensor, percentiles: [Double] = standardPercentiles, bins: Int = standardBins,
    activationRange: (lower: Double, upper: Double)? = nil, parts: Parts = .all
  ) throws {
    try Statistics.check(percentiles, bins)
    self.init()
    let floats = tensor.dtype.isFloat ? tensor : try tensor.to(.float64)
    let ordered = try floats.inOrderOfMemory
    // what needs a batch alone asks for rows one after another, if not for columns
    let needsRows = parts.contains(.batch) && !floats.isTransposedFew
    let rows = needsRows ? try floats.contiguous() : nil
    let source = try ordered.isContiguous ? ordered : rows ?? ordered.contiguous()
    if let type = source.dtype.floatType {
      try measure(type, source, of: rows ?? floats, percentiles, bins, parts)
      if let activationRange { try measureSaturation(type, source, activationRange) }
    }
  }

  private static func check(_ percentiles: [Double], _ bins: Int) throws {
    for percentile in percentiles where !(0...100).contains(percentile) { throw LabError.percentile(percentile) }
    guard (1...Histogram.maximumBins).contains(bins) else {
      throw LabError.bins(bins, maximum: Histogram.maximumBins)
    }
  }

  private mutating func measure<T: FloatElement>(
    _ type: T.Type, _ source: Tensor, of matrix: Tensor, _ wanted: [Double], _ bins: Int, _ parts: Parts
  ) throws {
    let elements = UnsafePointer(source.pointer(T.self))
    let moments = try Moments.scan(elements, count: source.count, shape: parts.contains(.shape))
    take(moments)
    let request = Distribution.Request(
      percentiles: wanted, bins: bins, countsValues: parts.contains(.values),
      countsMagnitudes: parts.contains(.magnitudes))
    var distribution = Distribution()
    var batch: MomentsOfBatch?
    let hasBatch = parts.contains(.batch) && matrix.rank >= 2 && matrix.count > 0
    let work: (Int) throws -> Void = { part in
      if part == 0 {
        distribution = try Statistics.distribution(elements, moments, request)
      } else if hasBatch {
        batch = try Statistics.batch(matrix, moments, type)
      }
    }
    if Statistics.sharedCounts.contains(source.count) {
      try WorkerPool.run(chunks: 2, work)
    } else {
      try work(0)
      try work(1)
    }
    percentiles = zip(wanted, distribution.percentiles).map { Percentile(percent: $0, value: $1) }
    histogram = distribution.histogram ?? histogram
    logHistogram = distribution.logHistogram ?? logHistogram
    if let batch { take(batch, units: source.count / matrix.shape[0], moments) }
  }

  /// For so many elements the distribution and the batch are two threads' work: fewer are not worth it, and of more each is cut
  /// into pieces itself.
  private static let sharedCounts = 16_384..<mostWhole
  /// From so many elements on what needs a batch is cut into pieces.
  fileprivate static let mostWhole = 262_144

  private static func distribution<T: FloatElement>(
    _ elements: UnsafePointer<T>, _ moments: Moments, _ request: Distribution.Request
  ) throws -> Distribution {
    var scratch: Storage?
    return try Distribution(of: elements, moments: moments, request) { count in
      let memory = try scratch ?? Storage(T.dtype, count: count, zeroed: false)
      scratch = memory
      return memory.base.assumingMemoryBound(to: T.self)
    }
  }

  private mutating func take(_ moments: Moments) {
    count = moments.count
    mean = moments.mean
    variance = moments.variance
    std = moments.standardDeviation
    rms = moments.rms
    norm = moments.norm
    min = moments.minimum
    max = moments.maximum
    skewness = moments.skewness
    kurtosis = moments.kurtosis
    underflow = moments.subnormals
    nan = moments.nans
    inf = moments.infinities
    if count > 0 {
      zeros = Double(moments.zeros) / Double(count)
      saturated = 0
    }
  }

  /// What a matrix shows along its axes: contiguous, or of columns that are.
  private static func batch<T: FloatElement>(
    _ matrix: Tensor, _ moments: Moments, _ type: T.Type
  ) throws -> MomentsOfBatch {
    let samples = matrix.shape[0]
    let units = moments.count / samples
    if matrix.isTransposedFew {
      let scratch = try Storage(.float64, count: samples, zeroed: false)
      return try withExtendedLifetime(scratch) {
        try MomentsOfBatch.scan(
          transposed: UnsafePointer(matrix.pointer(Float.self)), samples: samples, units: units,
          scratch: scratch.base.assumingMemoryBound(to: Double.self))
      }
    }
    let scratch = try Storage(.float64, count: MomentsOfBatch.scratchCount(samples: samples, units: units))
    return try withExtendedLifetime(scratch) {
      try MomentsOfBatch.scan(
        UnsafePointer(matrix.pointer(T.self)), samples: samples, units: units, scale: moments.naturalScale,
        scratch: scratch.base.assumingMemoryBound(to: Double.self))
    }
  }

  private mutating func take(_ batch: MomentsOfBatch, units: Int, _ moments: Moments) {
    dead = Double(batch.deadUnits) / Double(units)
    if moments.finiteCount == moments.count {
      batchStandardDeviation = batch.standardDeviation
      cosine = batch.cosine
    }
  }

  /// Counts what lies within 1 % of the range from its ends, or beyond them.
  private mutating func measureSaturation<T: FloatElement>(
    _ type: T.Type, _ source: Tensor, _ range: (lower: Double, upper: Double)
  ) throws {
    let margin = (range.upper - range.lower) / 100
    try measureBeyond(type, source, below: range.lower + margin, above: range.upper - margin)
  }

  /// Sets `saturated` to the fraction of elements of a float tensor at or outside two limits.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  mutating func measureBeyond<T: FloatElement>(
    _ type: T.Type, _ tensor: Tensor, below lower: Double, above upper: Double
  ) throws {
    let source = try tensor.contiguous()
    let elements = source.pointer(T.self)
    var beyond = 0
    for first in stride(from: 0, to: source.count, by: Interrupt.pollInterval) {
      try Interrupt.check()
      for index in first..<Swift.min(first + Interrupt.pollInterval, source.count) {
        let value = Double(elements[index])
        beyond += value <= lower || value >= upper ? 1 : 0
      }
    }
    if source.count > 0 { saturated = Double(beyond) / Double(source.count) }
  }
}

extension Tensor {
  /// The same elements, those of a transposed matrix in the order they lie in: a copy in its own takes longer than moments.
  var inOrderOfMemory: Tensor { get throws { rank == 2 && !isContiguous ? try transposed() : self } }

  /// Whether it is a transposed matrix of floats, as weights are, that is measured along its columns.
  fileprivate var isTransposedFew: Bool {
    rank == 2 && dtype == .float32 && !isContiguous && strides == [1, shape[0]] && count < Statistics.mostWhole
  }
}
