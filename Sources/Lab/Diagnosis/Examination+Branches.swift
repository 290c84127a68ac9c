extension Examination {
  /// The `rms sqrt(n)` of weights below which a branch adds nothing that float32 keeps beside its input, with a norm of the usual eps
  /// too, which makes `1/sqrt(1e-5)`, or 316 times it at most.
  private static let leastBranchScale = 1e-10

  /// That the weights of residual branches are as good as 0, so that the net is what goes around them.
  ///
  /// Weights of exactly 0 are begun with on purpose (De & Smith 2020), and told where they can't learn; nobody draws such small ones on
  /// purpose. What gradients ask beside the size of weights of any layer that small is no measure.
  func branchFault() -> Fault? {
    let small = report.rows.indices.filter { row in
      guard let weight = report.rows[row].weight, let outputs = report.rows[row].shape.last, outputs > 0, weight.rms > 0
      else { return false }
      return weight.rms * (Double(weight.count) / Double(outputs)).squareRoot() < Examination.leastBranchScale
    }
    let hits = layers.filter { $0.traits.isResidual && small.contains($0.rows.lowerBound) }
    guard let first = hits.first, let weight = first.first.weight, let fanIn = first.fanIn else { return nil }
    let scale = weight.rms * Double(fanIn).squareRoot()
    let cure = cure(first).ofWeights(scale) ?? Cure.drawing
    let text =
      "weights of \(names(hits.map(\.rows.lowerBound))) are as good as 0: what \(hits.count > 1 ? "their branches add" : "its branch adds") to "
      + "what goes around is lost beside it, and no step that suits other weights suits \(hits.count > 1 ? "theirs" : "its own"). \(cure)"
    let diagnosis = Diagnosis(
      .scaleImbalance, layer: first.number, text, [.init("scale", scale), .init("layers", Double(hits.count))])
    return Fault(diagnosis: diagnosis, places: Set(hits.map(\.place)), rows: Set(small))
  }
}
