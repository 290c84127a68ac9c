/// What a matrix `[samples, units]` shows only along its axes: spread over the batch, dead units, sample cosine.
public struct MomentsOfBatch: Sendable {
  /// How many units (columns) are exactly 0 on every sample.
  public package(set) var deadUnits = 0
  /// The mean over units of the standard deviation over samples (divided by n).
  public package(set) var standardDeviation = 0.0
  /// The mean over pairs of distinct nonzero samples of their cosine, NaN with fewer than two such samples.
  public package(set) var cosine = Double.nan

  /// How many doubles of scratch memory `scan` needs.
  public static func scratchCount(units: Int) -> Int { 4 * units }

  /// What of no sample is known.
  package init() {}
}
