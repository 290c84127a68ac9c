import Kernels

/// Work whose pieces take unequal times.
enum UnequalWork {
  /// Calls `body` once for each piece, on several threads at once.
  ///
  /// A thread that begins at the front and one that begins at the back both find the largest pieces first, so that none is left
  /// with a large one when the others have ended.
  ///
  /// `sizes` tells what each piece takes, in any unit.
  ///
  /// - Throws: what `body` throws.
  static func forEach(sizes: [Int], _ body: (_ piece: Int) throws -> Void) throws {
    let falling = sizes.indices.sorted { sizes[$0] > sizes[$1] }
    var order = falling
    for (rank, piece) in falling.enumerated() {
      order[rank.isMultiple(of: 2) ? rank / 2 : order.count - 1 - rank / 2] = piece
    }
    try WorkerPool.run(chunks: order.count) { try body(order[$0]) }
  }
}
