import RealModule

extension Examination {
  /// The share of a weight's squares outside the direction of one row below which its units are as good as multiples of one number: the
  /// square of the share of `leastShare`.
  private static let leastOutside = leastShare * leastShare

  /// The layers whose weights have rank 1: of a sample they pass on one number, and no layer behind can tell more.
  ///
  /// The rank of a product is no larger than that of a factor. A residual branch of low rank leaves its input beside it.
  func directionFaults() -> [Fault] {
    let hits = layers.filter { layer in
      guard !layer.traits.isResidual, let likeness = layer.traits.linear?.likeness else { return false }
      return likeness.outside <= Examination.leastOutside
    }
    let branches = branchesOfOneDirection().map { [$0] } ?? []
    guard let first = hits.first, let outside = first.traits.linear?.likeness?.outside else { return branches }
    let rest = outside.squareRoot()
    let text =
      "samples collapse to one direction: the weights of \(name(first)) have rank 1 (\(Reading.percent(rest)) of their size lies outside "
      + "one direction), so its \(first.width) units are multiples of one number, which is all that is left of a sample"
      + "\(andMore(hits)). An initialiser that draws, such as he_normal or orthogonal, has full rank."
    let diagnosis = Diagnosis(
      .collapse, layer: first.number, text, [.init("outside", rest), .init("layers", Double(hits.count))])
    return [Fault(diagnosis: diagnosis, places: Set(hits.map(\.place)), end: first.place)] + branches
  }

  /// That residual branches of rank 1 have one number of a sample to add.
  private func branchesOfOneDirection() -> Fault? {
    let hits = layers.filter { layer in
      layer.traits.isResidual && layer.traits.linear?.likeness.map { $0.outside <= Examination.leastOutside } ?? false
    }
    guard let first = hits.first, let outside = first.traits.linear?.likeness?.outside else { return nil }
    let rest = outside.squareRoot()
    let text =
      "the weights in the branch of \(name(first)) have rank 1 (\(Reading.percent(rest)) of their size lies outside one direction), so what "
      + "it adds to a sample depends on one number alone\(andMore(hits)). An initialiser that draws, such as he_normal or orthogonal, "
      + "has full rank."
    let diagnosis = Diagnosis(
      .collapse, layer: first.number, text, [.init("outside", rest), .init("layers", Double(hits.count))])
    return Fault(diagnosis: diagnosis, places: Set(hits.map(\.place)))
  }
}
