import Networks

/// What theory can't answer, as data; `description` is the one place with the prose.
public enum TheoryError: Error, Equatable {
  /// A setting out of range: who, its name, what was expected, what came.
  case setting(String, String, expected: String, got: String)
  /// The variance has no fixed point: it grows without bound.
  case noFixedPoint(String, weightVariance: Double, biasVariance: Double, searchedTo: Double)
  /// There is no edge of chaos between these variances.
  case noEdge(String, biasStd: Double, searched: ClosedRange<Double>)
  /// A batch of at most 3, where the mean of 1 / variance does not exist.
  case batchDiverges(Int)
  /// A finite batch without a closed form.
  case batchNotCovered(String, norm: String)
}

extension TheoryError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .setting(let who, let name, let expected, let got): "\(who): option '\(name)' expected \(expected), got \(got)"
    case .noFixedPoint(let function, let weight, let bias, let most):
      "theory.fixed_point: the variance of \(function) grows without bound for sigma_w2=\(short(weight)), "
        + "sigma_b2=\(short(bias)) (searched up to q=\(short(most))); a smaller sigma_w2 has a fixed point"
    case .noEdge(let function, let bias, let searched):
      "theory.edge_of_chaos: \(function) has none for sigma_b=\(short(bias)): chi = 1 and a fixed point of q don't meet for q "
        + "from \(short(searched.lowerBound)) to \(short(searched.upperBound))"
        + (TheoryError.isPoint(function) ? "; it is one point, at sigma_b=0" : "; try another sigma_b")
    case .batchDiverges(let batch):
      "theory.growth: the gradient of batch normalisation has no mean for a batch of \(batch): 1 / variance diverges up to 3 samples; "
        + "take a batch of 4 or more"
    case .batchNotCovered(let function, let norm):
      "theory.growth: a finite batch is covered for relu and linear with batch normalisation before the activation, not for "
        + "\(function) with \(norm); without batch= the answer is that of an infinite batch"
    }
  }

  private static func isPoint(_ function: String) -> Bool {
    ["relu", "linear", "leaky_relu", "prelu"].contains(function)
  }
}
