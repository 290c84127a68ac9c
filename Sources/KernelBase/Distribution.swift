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
    package var isEmpty: Bool { percentiles.isEmpty && !countsValues && !countsMagnitudes }
  }

  /// The percentiles in the order asked for; NaN where there are no elements, or NaN among them.
  public package(set) var percentiles: [Double] = []
  /// Equal bins from the smallest to the largest finite element, nil where it was not asked for.
  public package(set) var histogram: Histogram?
  /// Equal bins of log10 |x|, nil where it was not asked for.
  public package(set) var logHistogram: Histogram?

  /// What nobody asked anything of.
  package init() {}
}
