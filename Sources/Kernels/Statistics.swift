import KernelBase

// What finds the measures that `KernelBase` declares, at the level of instructions that is chosen.

extension Moments {
  /// Takes the moments of `count` contiguous elements; without `shape` skewness and kurtosis are left out, and NaN.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func scan<T: FloatElement>(
    _ x: UnsafePointer<T>, count: Int, shape: Bool = true
  ) throws -> Moments {
    try MomentsKernel.scan(x, count: count, shape: shape)
  }
}

extension MomentsOfBatch {
  /// Measures a contiguous matrix of finite elements, at least one by one; see `MomentsKernel.scanBatch`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func scan<T: FloatElement>(
    _ x: UnsafePointer<T>, samples: Int, units: Int, scale: Double, scratch: UnsafeMutablePointer<Double>
  ) throws -> MomentsOfBatch {
    try MomentsKernel.scanBatch(x, samples: samples, units: units, scale: scale, scratch: scratch)
  }

  /// Measures a matrix of finite floats whose transpose lies in memory; see `MomentsKernel.scanTransposed`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func scan(
    transposed x: UnsafePointer<Float>, samples: Int, units: Int, scratch: UnsafeMutablePointer<Double>
  ) throws -> MomentsOfBatch {
    try MomentsKernel.scanTransposed(x, samples: samples, units: units, scratch: scratch)
  }
}

extension Histogram {
  /// Counts `count` contiguous elements into `bins` equal bins from `lower` to `upper`; see `HistogramKernel.count`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public init<T: FloatElement>(
    _ x: UnsafePointer<T>, count: Int, quantity: Quantity = .value, bins: Int, lower: Double, upper: Double
  ) throws {
    self = try HistogramKernel.count(x, count: count, quantity: quantity, bins: bins, lower: lower, upper: upper)
  }

  /// Counts all finite elements of a buffer whose moments are known; see `HistogramKernel.count`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public init<T: FloatElement>(
    _ x: UnsafePointer<T>, moments: Moments, quantity: Quantity = .value, bins: Int
  ) throws {
    self = try HistogramKernel.count(x, moments: moments, quantity: quantity, bins: bins)
  }
}

extension Distribution {
  /// Finds what was asked for among `moments.count` contiguous elements; see `DistributionKernel.find`.
  ///
  /// - Throws: `Interrupted` when a stop is requested; what `scratch` throws.
  public init<T: FloatElement>(
    of x: UnsafePointer<T>, moments: Moments, _ request: Request, scratch: (Int) throws -> UnsafeMutablePointer<T>
  ) throws {
    self = try DistributionKernel.find(of: x, moments: moments, request, scratch: scratch)
  }
}

extension ActivationFunction {
  /// The function's value at one number, by the C library to its last digits; `slope` is that below 0 of the leaky kinds.
  public func value(_ x: Double, slope: Double) -> Double { ActivationNumbers.value(self, x, slope: slope) }

  /// The function's derivative at one number, as the backward pass takes it; at a kink that of the side below for the ReLU kinds.
  public func derivative(_ x: Double, slope: Double) -> Double { ActivationNumbers.derivative(self, x, slope: slope) }
}
