import Kernels
import Tensors

extension Histogram {
  /// Counts a tensor of any dtype and layout into equal bins, as `numpy.histogram` of its elements as doubles.
  ///
  /// Without limits the bins reach from the smallest to the largest finite element (0 to 1 when there is none).
  /// NaN, infinite elements and those outside the limits are in no bin, and for `logMagnitude` zeros neither.
  ///
  /// - Parameters:
  ///   - tensor: the numbers.
  ///   - bins: the number of bins, 1 to `maximumBins`.
  ///   - lower: the lower edge of the first bin; in decades for `logMagnitude`.
  ///   - upper: the upper edge of the last bin.
  ///   - quantity: what is counted: the elements, or log10 of their magnitudes.
  /// - Throws: `LabError` for bins out of range and limits that are not finite or not in order;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public init(
    of tensor: Tensor, bins: Int = Statistics.standardBins, lower: Double? = nil, upper: Double? = nil,
    quantity: Quantity = .value
  ) throws {
    guard (1...Histogram.maximumBins).contains(bins) else {
      throw LabError.bins(bins, maximum: Histogram.maximumBins)
    }
    let source = try (tensor.dtype.isFloat ? tensor : tensor.to(.float64)).contiguous()
    self =
      source.dtype == .float32
      ? try Histogram.count(source, Float.self, bins, lower, upper, quantity)
      : try Histogram.count(source, Double.self, bins, lower, upper, quantity)
  }

  private static func count<T: FloatElement>(
    _ source: Tensor, _ type: T.Type, _ bins: Int, _ lower: Double?, _ upper: Double?, _ quantity: Quantity
  ) throws -> Histogram {
    let elements = UnsafePointer(source.pointer(T.self))
    var limits = (lower ?? 0, upper ?? 1)
    if lower == nil || upper == nil {
      let range = try range(elements, source.count, quantity)
      limits = (lower ?? range.lower, upper ?? range.upper)
    }
    guard limits.0.isFinite, limits.1.isFinite, limits.0 <= limits.1 else {
      throw LabError.limits(limits.0, limits.1)
    }
    return try Histogram(
      elements, count: source.count, quantity: quantity, bins: bins, lower: limits.0, upper: limits.1)
  }

  private static func range<T: FloatElement>(
    _ elements: UnsafePointer<T>, _ count: Int, _ quantity: Quantity
  ) throws -> (lower: Double, upper: Double) {
    let moments = try Moments.scan(elements, count: count)
    if quantity == .logMagnitude { return moments.decades ?? (0, 1) }
    return moments.finiteCount > 0 ? (moments.finiteMinimum, moments.finiteMaximum) : (0, 1)
  }
}
