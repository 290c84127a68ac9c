import KernelBase

/// Finding percentiles and histograms together; `Distribution.init` of the module `Kernels` is what callers see.
public enum DistributionKernel {
  /// Below this many elements the counters cost more than they save.
  static let leastCount = 512

  /// Finds what was asked for among `moments.count` contiguous elements.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - moments: their moments.
  ///   - request: what to find.
  ///   - scratch: gives memory for so many elements, which is overwritten; the same memory when it is asked again.
  /// - Returns: what was found.
  /// - Throws: `Interrupted` when a stop is requested; what `scratch` throws.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func find<T: FloatElement>(
    of x: UnsafePointer<T>, moments: Moments, _ request: Distribution.Request,
    scratch: (Int) throws -> UnsafeMutablePointer<T>
  ) throws -> Distribution {
    var result = Distribution()
    if request.isEmpty { return result }
    let isPlain = moments.finiteCount == moments.count && moments.subnormals == 0
    if T.self == Float.self, isPlain, request.bins <= 4096, leastCount...Int(Int32.max) ~= moments.count {
      let floats = UnsafeRawPointer(x).assumingMemoryBound(to: Float.self)
      let memory = UnsafeMutableRawPointer(try scratch(moments.count)).assumingMemoryBound(to: UInt32.self)
      var halves = UpperHalves(floats, moments, request)
      result = try halves.distribution(scratch: memory)
    }
    try findRest(of: &result, x, moments, request, scratch)
    return result
  }

  /// Finds, each on its own, what is not there yet.
  private static func findRest<T: FloatElement>(
    of result: inout Distribution, _ x: UnsafePointer<T>, _ moments: Moments, _ request: Distribution.Request,
    _ scratch: (Int) throws -> UnsafeMutablePointer<T>
  ) throws {
    if result.percentiles.count < request.percentiles.count {
      result.percentiles = request.percentiles.map { _ in .nan }
      if moments.count > 0 && moments.nans == 0 {
        result.percentiles = try Selection.percentiles(
          x, count: moments.count, request.percentiles, scratch: try scratch(moments.count))
      }
    }
    if request.countsValues, result.histogram == nil {
      result.histogram = try HistogramKernel.count(x, moments: moments, quantity: .value, bins: request.bins)
    }
    if request.countsMagnitudes, result.logHistogram == nil {
      result.logHistogram = try HistogramKernel.count(x, moments: moments, quantity: .logMagnitude, bins: request.bins)
    }
  }
}
