import Kernels

extension Examination {
  /// The findings of a report traced to their roots: what only follows from another, or from a verdict on scales, is left out.
  ///
  /// Numbers travel from the input and the weights through the activations, back from the upstream gradient through dL/dh, and meet
  /// in dL/dW: a finding is a root where nothing before it on that way has been found.
  func brokenNumbers(explainedBy verdicts: [ScaleVerdict]) -> [Diagnosis] {
    // weights of 0 have a rule of their own
    let findings = report.findings.filter {
      !($0.kind == .zero && ($0.quantity == "weight" || isOfZeroedBranch($0)) || isTold($0))
    }
    let special = findings.filter { ($0.kind == .nan || $0.kind == .inf) && !followsFromEnd($0) }
    if !special.isEmpty {
      if verdicts.contains(where: { $0.direction == .growing && !$0.run.isJump }) { return [] }
      return Examination.roots(special).map { diagnosis($0, beside: special) }
    }
    let isFalling = verdicts.contains { $0.direction == .falling && !$0.run.isJump }
    let zeros = Examination.roots(findings.filter { $0.kind == .zero }).filter { !(isFalling && isEndOfRange($0)) }
    // what is all 0 has passed through what has lost digits
    let lost = zeros.isEmpty && !isFalling ? firstLost(findings) : []
    return zeros.map { diagnosis($0, beside: []) } + lost.map { diagnosis($0, beside: []) }
  }

  /// Whether a finding of zeros or of lost digits follows from a fault that is told: nothing of samples gets through it, nor of gradients.
  private func isTold(_ finding: Finding) -> Bool {
    guard finding.kind == .zero || finding.kind == .underflow else { return false }
    if isMasked, finding.kind == .underflow { return true }
    guard let layer = finding.layer else { return false }
    let place = layers.first { $0.rows.contains(layer - 1) }?.place ?? layers.count
    if finding.quantity == "activation" { return end.map { place >= $0 } ?? false }
    return end != nil || finding.quantity == "weight_gradient" && cuts.contains(place)
  }

  /// Whether numbers of gradients that are none come from norms of samples that a fault has made the same: they divide by eps alone.
  private func followsFromEnd(_ finding: Finding) -> Bool {
    end != nil && ["gradient", "weight_gradient"].contains(finding.quantity)
      && layers.contains { $0.traits.norm != nil }
  }

  /// Whether a finding is of the upstream gradient, or of the same numbers as the gradient of the last row.
  private func isOfUpstream(_ finding: Finding) -> Bool {
    if finding.quantity == "upstream" { return true }
    return finding.quantity == "gradient" && finding.layer == report.rows.count && report.upstream.underflow > 0
  }

  // MARK: Data

  /// Whether a report shows NaN or infinities.
  var hasBrokenNumbers: Bool { report.findings.contains { $0.kind == .nan || $0.kind == .inf } }

  /// NaN and infinity in what the user gives: the input and the parameters, of which all others follow.
  func brokenData() -> [Diagnosis] {
    let special = report.findings.filter { $0.kind == .nan || $0.kind == .inf }
    let given = special.filter { ["input", "weight"].contains($0.quantity) }
    if !given.isEmpty { return Examination.roots(given).map { diagnosis($0, beside: special) } }
    return brokenParameter(special) ?? brokenAuxiliary(special) ?? []
  }

  private func brokenParameter(_ special: [Finding]) -> [Diagnosis]? {
    for row in report.rows.indices {
      let traits = traits[row]
      let parameters = [
        ("biases", traits.linear?.bias), ("its norm's gamma", traits.normModel?.factors),
        ("its norm's beta", traits.normModel?.shifts),
      ]
      for case (let what, let figures?) in parameters {
        if let told = broken(row + 1, name(row: row), what, figures.nan, figures.inf, figures.count, special) {
          return [told]
        }
      }
    }
    return nil
  }

  private func brokenAuxiliary(_ special: [Finding]) -> [Diagnosis]? {
    for auxiliary in auxiliaryLayers {
      guard let weight = auxiliary.row.weight else { continue }
      let (layer, what) = (auxiliary.anchor + 1, name(auxiliary))
      if let told = broken(layer, what, "weights", weight.nan, weight.inf, weight.count, special) { return [told] }
    }
    return nil
  }

  private func broken(
    _ layer: Int, _ place: String, _ what: String, _ nan: Int, _ inf: Int, _ count: Int, _ special: [Finding]
  ) -> Diagnosis? {
    guard nan + inf > 0 else { return nil }
    let follows = special.isEmpty ? "" : "; what else is NaN or infinite follows from it"
    let text =
      "\(nan > 0 ? "NaN" : "infinity") first at \(place) (\(what)): \(nan > 0 ? nan : inf) of its \(count) values\(follows). "
      + Examination.backToBefore
    let share = Double(nan > 0 ? nan : inf) / Double(count)
    return Diagnosis(nan > 0 ? .nan : .inf, layer: layer, text, [.init("share", share)])
  }

  private static let backToBefore =
    "Go back to weights from before, and train with a smaller learning rate or nn.clip_grad_norm."

  /// What stands before each quantity on its way.
  private static let way = ["input", "weight", "activation", "upstream", "gradient", "weight_gradient"]

  /// The findings of the earliest quantity that has any; of NaN and infinity in the same layer's activations, the infinity.
  private static func roots(_ findings: [Finding]) -> [Finding] {
    guard let place = way.first(where: { quantity in findings.contains { $0.quantity == quantity } }) else { return [] }
    let first = findings.filter { $0.quantity == place }
    if place == "weight" || place == "input" { return first }
    // gradients travel down: the highest layer is the first
    let isBackward = place == "gradient"
    let sorted = first.sorted { left, right in
      let (a, b) = (left.layer ?? 0, right.layer ?? 0)
      if a == b { return left.kind == .inf }
      return isBackward ? a > b : a < b
    }
    return Array(sorted.prefix(1))
  }

  /// The share of subnormal numbers from which on they are told: in the tails of gelu, silu and softmax are some in good health.
  private static let leastLost = 0.05

  /// Underflow is told once, of the first quantity that has much of it, weights apart: what decays to 0 passes there.
  private func firstLost(_ findings: [Finding]) -> [Finding] {
    let much = findings.filter { finding in
      guard finding.kind == .underflow, finding.quantity != "weight", let figures = figures(finding) else {
        return false
      }
      // of a loss it is what is missing from scores that are certain
      if report.loss != nil, isOfUpstream(finding) { return false }
      return finding.share(of: figures) >= Examination.leastLost
    }
    return Array(Examination.roots(much).prefix(1))
  }

  /// The numbers that a finding is about.
  private func figures(_ finding: Finding) -> Statistics? {
    guard let layer = finding.layer else { return finding.quantity == "input" ? report.input : report.upstream }
    return report.rows[layer - 1].quantity(finding.quantity)
  }

  /// Whether zeros are numbers that fell below the dtype's range.
  private func isEndOfRange(_ finding: Finding) -> Bool {
    if finding.quantity == "input" || finding.quantity == "weight" || finding.quantity == "upstream" { return false }
    guard finding.quantity == "activation", let row = finding.layer.map({ $0 - 1 }) else { return true }
    let before = row > 0 ? report.rows[row - 1].activation : report.input
    let weights = report.rows[row].weight.map { $0.rms * ($0.count > 0 ? Double($0.count).squareRoot() : 0) } ?? 1
    return before.rms * min(1, weights) < 1e-30
  }

  private func diagnosis(_ finding: Finding, beside others: [Finding]) -> Diagnosis {
    var text = finding.text
    if finding.kind == .zero, finding.quantity == "activation" { text += layer(finding).map(shiftClause) ?? "" }
    let followers = others.filter { $0 != finding }.count
    if followers > 0 { text += "; what else is NaN or infinite follows from it" }
    text += (cureOfShift(finding) ?? cure(finding)).map { ". \($0)" } ?? ""
    var evidence: [Diagnosis.Evidence] = []
    if let figures = figures(finding), figures.count > 0 {
      evidence.append(.init("share", finding.share(of: figures)))
      if finding.kind == .zero, finding.quantity == "activation" { evidence.append(.init("dead", 1)) }
    }
    let kind = Diagnosis.Kind(rawValue: finding.kind.rawValue) ?? .zero
    return Diagnosis(kind, layer: finding.layer, text, evidence)
  }

  private func cure(_ finding: Finding) -> String? {
    switch (finding.kind, finding.quantity) {
    case (.nan, "input"), (.inf, "input"): "Clean the data: x:isfinite() finds them."
    case (.zero, "activation") where finding.text.contains("has ended"):
      cureOfEnd(finding)
    case (.zero, "activation") where !finding.text.contains("weights are") && !finding.text.contains("input is"):
      "Everything before it gets no gradient: draw the weights anew with biases of 0, or net:activation(\"leaky_relu\")."
    case (.nan, "weight"), (.inf, "weight"): Examination.backToBefore
    default: nil
    }
  }
}

extension Examination {
  private func layer(_ finding: Finding) -> ProbedLayer? {
    finding.layer.flatMap { row in layers.first { $0.rows.contains(row - 1) } }
  }

  /// What helps where biases drive all units of a layer below 0, nil where they don't.
  private func cureOfShift(_ finding: Finding) -> String? {
    guard finding.kind == .zero, finding.quantity == "activation", let layer = layer(finding) else { return nil }
    if shiftClause(layer).isEmpty { return nil }
    return "Everything before it gets no gradient. "
      + deadCure(layer, leaving: Reading.percent(expectedDead(entering: layer)))
  }

  /// What helps where numbers are below a dtype's range: weights of a usual size.
  private func cureOfEnd(_ finding: Finding) -> String? {
    guard let layer = layer(finding), let weight = layer.first.weight, let fanIn = layer.fanIn else { return nil }
    let scale = weight.rms * Double(fanIn).squareRoot()
    return cure(layer).ofWeights(scale)
  }
}

extension Finding {
  /// The share of numbers that the finding is about.
  fileprivate func share(of figures: Statistics) -> Double {
    switch kind {
    case .nan: Double(figures.nan) / Double(figures.count)
    case .inf: Double(figures.inf) / Double(figures.count)
    case .zero: figures.zeros
    case .underflow: Double(figures.underflow) / Double(figures.count)
    }
  }
}
