extension Examination {
  /// That all weights of layers are 0, and what still gets through them.
  ///
  /// What follows, that samples look the same behind such a layer and that no gradient comes back through it, is told with it alone.
  /// A branch whose weights are 0 and get a gradient leaves its input and learns at once, as zero-initialised residual nets do (De &
  /// Smith 2020): of it nothing is said.
  func zeroWeights() -> Diagnosis? {
    let zero = report.rows.indices.filter { hasZeroWeights(report.rows[$0]) && !learnsAtOnce($0) }
    guard let first = zero.first else { return nil }
    let consequence = consequence(first, them: zero.count > 1)
    let text =
      "all weights of \(zeroed(zero)) are 0: \(consequence). \(Cure.drawing)"
    return Diagnosis(.zeroWeights, layer: first + 1, text, [.init("layers", Double(zero.count))])
  }

  private func hasZeroWeights(_ row: ReportRow) -> Bool {
    row.weight.map { $0.count > 0 && $0.zeros == 1 } ?? false
  }

  /// Whether a row is a branch whose weights of 0 get a gradient.
  private func learnsAtOnce(_ row: Int) -> Bool {
    traits[row].isResidual && report.rows[row].weightGradient.map { $0.zeros < 1 } ?? false
  }

  /// Whether a finding is that weights in a branch get no gradient, for others in it, or its norm's gamma, are 0 and let none through yet.
  func isOfZeroedBranch(_ finding: Finding) -> Bool {
    guard finding.quantity == "weight_gradient", let layer = finding.layer else { return false }
    if traits[layer - 1].isResidual, traits[layer - 1].normModel?.factors?.rms == 0 { return true }
    return report.rows[layer - 1].branch.contains(where: hasZeroWeights)
  }

  /// Which layers, as `layer 3`, `layers 1 to 20`, or `3 layers, the first of them layer 2`.
  private func zeroed(_ rows: [Int]) -> String {
    let (first, last) = (rows[0], rows[rows.count - 1])
    if first == last { return name(row: first) }
    let weighted = report.rows.indices.filter { report.rows[$0].weight != nil }
    guard weighted.filter({ (first...last).contains($0) }) == rows else {
      return "\(rows.count) layers, the first of them \(name(row: first)),"
    }
    return
      "layers \(name(row: first).dropFirst(6)) to \(isHead(last) ? "the head" : String(name(row: last).dropFirst(6)))"
  }

  /// Rows by their names, up to eight of them, as `layers 2, 4 and 6`.
  func names(_ rows: [Int]) -> String {
    guard rows.count > 1 else { return rows.first.map { name(row: $0) } ?? "" }
    if rows.count > 8 { return "\(rows.count) layers, the first of them \(name(row: rows[0]))," }
    let bare = rows.map { String(name(row: $0).trimmingPrefix("layer ")) }
    return "layers " + bare.dropLast().joined(separator: ", ") + " and " + bare[bare.count - 1]
  }

  /// Whether a row is behind the last layer that has a scale of its own.
  func isHead(_ row: Int) -> Bool { layers.last.map { row > $0.rows.upperBound } ?? false }

  /// The row of the head's weights; nil where there is none.
  var weightedHead: Int? { report.rows.indices.last { isHead($0) && report.rows[$0].weight != nil } }

  /// What a layer without weights does to samples and to gradients.
  private func consequence(_ row: Int, them isPlural: Bool) -> String {
    if isHead(row) { return "no gradient gets below it before an update has moved them" }
    let traits = layers.first { $0.rows.contains(row) }?.traits ?? traits[row]
    if traits.isResidual { return "its branch adds the same to every sample, and gets no gradient" }
    let through =
      traits.norm != nil
      ? "nothing but its norm's beta" : traits.biasSize ?? 0 > 0 ? "nothing but its biases" : "nothing"
    return
      "\(through) gets through \(isPlural ? "the first" : "it"), every sample looks the same behind it, and no gradient comes back "
      + "through it"
  }
}
