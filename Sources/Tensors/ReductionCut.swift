/// How the walk of a large reduction, with its results as the first operand beside the input, is cut into parts for threads.
struct ReductionCut {
  /// How many elements make a part worth a thread's while.
  private static let share = 65_536
  /// The most parts; those of one result are joined by one thread.
  private static let mostParts = 64
  /// How many parts along a dimension do for every dimension.
  private static let enough = 16
  /// How much of a row without gaps a part has at the least: shorter pieces keep memory waiting.
  private static let leastRow = 1024

  /// The dimension of the walk that is cut.
  let dimension: Int
  /// Whether each part has results of its own; else every part adds to all of them.
  let isOfResults: Bool
  /// The number of parts, at least 2.
  let count: Int
  private let extent: Int
  private let length: Int

  /// Nil for what is small, and for what can't be cut.
  init?(_ walk: Walk, results: Int) {
    let elements = walk.shape.product
    guard elements >= 2 * ReductionCut.share else { return nil }
    let wanted = Swift.min(elements / ReductionCut.share, ReductionCut.mostParts)
    let pieces = (0..<walk.shape.count).map { dimension in
      let isRow = dimension == walk.shape.count - 1
      return Swift.min(wanted, isRow ? walk.shape[dimension] / ReductionCut.leastRow : walk.shape[dimension])
    }
    let kept = pieces.indices.filter { walk.isKept($0) }
    let reduced = pieces.indices.filter { !walk.isKept($0) }
    var best = kept.first { pieces[$0] >= Swift.min(wanted, ReductionCut.enough) }
    // copies of the results cost as much as elements do
    let longest = reduced.max { pieces[$0] < pieces[$1] }
    if best == nil, let longest, pieces[longest] * results * 8 <= elements { best = longest }
    best = best ?? kept.max { pieces[$0] < pieces[$1] }
    guard let best, pieces[best] >= 2 else { return nil }
    (dimension, isOfResults, extent) = (best, walk.isKept(best), walk.shape[best])
    // whole lines of the cache
    let even = (extent + pieces[best] - 1) / pieces[best]
    length = best == walk.shape.count - 1 ? (even + 63) / 64 * 64 : even
    count = (extent + length - 1) / length
  }

  /// The indices that belong to a part.
  func range(_ part: Int) -> Range<Int> { part * length..<Swift.min((part + 1) * length, extent) }
}
