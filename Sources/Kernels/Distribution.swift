/// The percentiles and the histograms of a buffer whose moments are known.
///
/// The same numbers as from `Selection.percentiles` and `Histogram` one after the other; of many floats, all from two passes.
public struct Distribution: Sendable {
  /// What to find.
  public struct Request: Sendable {
    /// The percentiles, each in `0...100`.
    public var percentiles: [Double]
    /// The number of bins of the histograms, at least 1.
    public var bins: Int
    /// Whether the elements are counted.
    public var countsValues: Bool
    /// Whether the decades of their magnitudes are counted.
    public var countsMagnitudes: Bool

    /// Joins the wishes.
    public init(percentiles: [Double], bins: Int, countsValues: Bool, countsMagnitudes: Bool) {
      (self.percentiles, self.bins) = (percentiles, bins)
      (self.countsValues, self.countsMagnitudes) = (countsValues, countsMagnitudes)
    }

    /// Whether nothing is asked for, as where moments are all that is wanted.
    var isEmpty: Bool { percentiles.isEmpty && !countsValues && !countsMagnitudes }
  }

  /// The percentiles in the order asked for; NaN where there are no elements, or NaN among them.
  public internal(set) var percentiles: [Double] = []
  /// Equal bins from the smallest to the largest finite element, nil where it was not asked for.
  public internal(set) var histogram: Histogram?
  /// Equal bins of log10 |x|, nil where it was not asked for.
  public internal(set) var logHistogram: Histogram?

  /// What nobody asked anything of.
  init() {}

  /// Below this many elements the counters cost more than they save.
  static let leastCount = 2_048

  /// Finds what was asked for among `moments.count` contiguous elements.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - moments: their moments.
  ///   - request: what to find.
  ///   - scratch: gives memory for so many elements, which is overwritten; the same memory when it is asked again.
  /// - Throws: `Interrupted` when a stop is requested; what `scratch` throws.
  public init<T: FloatElement>(
    of x: UnsafePointer<T>, moments: Moments, _ request: Request, scratch: (Int) throws -> UnsafeMutablePointer<T>
  ) throws {
    if request.isEmpty { return }
    let isPlain = moments.finiteCount == moments.count && moments.subnormals == 0
    if T.self == Float.self, isPlain, request.bins <= 4096, Distribution.leastCount...Int(Int32.max) ~= moments.count {
      let floats = UnsafeRawPointer(x).assumingMemoryBound(to: Float.self)
      let memory = UnsafeMutableRawPointer(try scratch(moments.count)).assumingMemoryBound(to: UInt32.self)
      var halves = UpperHalves(floats, moments, request)
      self = try halves.distribution(scratch: memory)
    }
    try findRest(x, moments, request, scratch)
  }

  /// Finds, each on its own, what is not there yet.
  private mutating func findRest<T: FloatElement>(
    _ x: UnsafePointer<T>, _ moments: Moments, _ request: Request, _ scratch: (Int) throws -> UnsafeMutablePointer<T>
  ) throws {
    if percentiles.count < request.percentiles.count {
      percentiles = request.percentiles.map { _ in .nan }
      if moments.count > 0 && moments.nans == 0 {
        percentiles = try Selection.percentiles(
          x, count: moments.count, request.percentiles, scratch: try scratch(moments.count))
      }
    }
    if request.countsValues, histogram == nil {
      histogram = try Histogram(x, moments: moments, bins: request.bins)
    }
    if request.countsMagnitudes, logHistogram == nil {
      logHistogram = try Histogram(x, moments: moments, quantity: .logMagnitude, bins: request.bins)
    }
  }
}
