import RealModule

extension Examination {
  /// The share of a weight's squares outside the directions of some rows below which its units are as good as combinations of their
  /// numbers: the square of the share of `leastShare`.
  private static let leastOutside = leastShare * leastShare

  /// The layers whose weights are of few directions: of a sample they pass on so many numbers, and no layer behind can tell more.
  ///
  /// The rank of a product is no larger than that of a factor. A residual branch of low rank leaves its input beside it.
  func directionFaults() -> [Fault] {
    let hits = layers.filter(hasFewDirections)
    let chain = hits.filter { !$0.traits.isResidual }
    let branches = hits.filter(\.traits.isResidual)
    return [fault(ofChain: chain), fault(ofBranches: branches), headFault()].compactMap { $0 }
  }

  private func hasFewDirections(_ layer: ProbedLayer) -> Bool {
    layer.traits.linear?.likeness.map { $0.outside <= Examination.leastOutside } ?? false
  }

  private func fault(ofChain hits: [ProbedLayer]) -> Fault? {
    guard let first = hits.first, let likeness = first.traits.linear?.likeness else { return nil }
    let isOne = likeness.rank == 1
    let text =
      "samples collapse to \(directions(likeness)): the weights of \(name(first)) have \(rankText(likeness)), so its \(first.width) units "
      + (isOne
        ? "are multiples of one number, which is all that is left of a sample"
        : "are combinations of \(likeness.rank) numbers, which are all that is left of a sample")
      + "\(andMore(hits)). \(Examination.fullRank)"
    // of several directions samples can still be told apart
    return Fault(
      diagnosis: collapse(first.number, likeness, hits.count, text), places: Set(hits.map(\.place)),
      end: isOne ? first.place : nil, rows: Set(hits.map(\.rows.lowerBound)))
  }

  /// That residual branches have few numbers of a sample to add.
  private func fault(ofBranches hits: [ProbedLayer]) -> Fault? {
    guard let first = hits.first, let likeness = first.traits.linear?.likeness else { return nil }
    let text =
      "the weights in the branch of \(name(first)) have \(rankText(likeness)), so what it adds to a sample depends on "
      + "\(likeness.rank == 1 ? "one number" : "\(likeness.rank) numbers") alone\(andMore(hits)). \(Examination.fullRank)"
    return Fault(
      diagnosis: collapse(first.number, likeness, hits.count, text), places: Set(hits.map(\.place)),
      rows: Set(hits.map(\.rows.lowerBound)))
  }

  /// That the scores of a head are combinations of fewer numbers than they could be.
  private func headFault() -> Fault? {
    guard let head = weightedHead,
      let likeness = traits[head].linear?.likeness, likeness.outside <= Examination.leastOutside,
      let width = report.rows[head].shape.last
    else { return nil }
    let numbers = likeness.rank == 1 ? "multiples of one number" : "combinations of \(likeness.rank) numbers"
    let text =
      "the weights of \(name(row: head)) have \(rankText(likeness)), so its \(width) scores are \(numbers), and as many directions of a "
      + "gradient are all that comes back through it. \(Examination.fullRank)"
    return Fault(diagnosis: collapse(head + 1, likeness, 1, text), places: [], rows: [head])
  }

  private func collapse(_ layer: Int, _ likeness: RowLikeness, _ count: Int, _ text: String) -> Diagnosis {
    Diagnosis(
      .collapse, layer: layer, text,
      [
        .init("outside", likeness.outside.squareRoot()), .init("rank", Double(likeness.rank)),
        .init("layers", Double(count)),
      ])
  }

  private func directions(_ likeness: RowLikeness) -> String {
    likeness.rank == 1 ? "one direction" : "\(likeness.rank) directions"
  }

  private func rankText(_ likeness: RowLikeness) -> String {
    "rank \(likeness.rank) (\(Reading.percent(likeness.outside.squareRoot())) of their size lies outside \(directions(likeness)))"
  }

  private static let fullRank = "An initialiser that draws, such as he_normal or orthogonal, has full rank."
}
