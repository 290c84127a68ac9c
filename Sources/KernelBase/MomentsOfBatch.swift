/// What a matrix `[samples, units]` shows only along its axes: spread over the batch, dead units, sample cosine.
public struct MomentsOfBatch: Sendable {
  /// How many units (columns) are exactly 0 on every sample.
  public package(set) var deadUnits = 0
  /// The mean over units of the standard deviation over samples (divided by n).
  public package(set) var standardDeviation = 0.0
  /// The mean over pairs of distinct nonzero samples of their cosine, NaN with fewer than two such samples.
  public package(set) var cosine = Double.nan

  /// How many doubles of scratch memory `scan` needs.
  public static func scratchCount(samples: Int, units: Int) -> Int {
    4 * units * parts(samples: samples, units: units).count
  }

  /// How many samples are worked through together, strip by strip of columns, while they stay in cache.
  package static let block = 8

  /// How many elements one thread takes at a time, about; the parts are joined in order, whoever took them.
  private static let share = 131_072
  /// Each part has sums of its own for every unit: so many samples make them small beside the data.
  private static let leastSamples = 64
  private static let mostParts = 64

  /// The samples that threads take, the same whatever their number.
  package static func parts(samples: Int, units: Int) -> [Range<Int>] {
    let wanted = max(share / units, leastSamples, samples / mostParts)
    let length = (wanted + block - 1) / block * block
    return stride(from: 0, to: samples, by: length).map { $0..<min($0 + length, samples) }
  }

  /// What of no sample is known.
  package init() {}
}
