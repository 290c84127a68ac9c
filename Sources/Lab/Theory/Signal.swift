import RealModule

/// What theory knows of the numbers between two layers: their moments over units and samples, relative to their size.
///
/// Sizes are logarithms, since a deep net leaves the range of double long before its layers end.
struct Signal {
  /// What the numbers are a sample of.
  enum Kind {
    /// Independent over units, normal with mean 0: what leaves a Linear of many inputs.
    case normal
    /// Independent over units, of another distribution: what leaves an activation.
    case independent
    /// Data, of which only the moments are known.
    case data
  }

  /// The logarithm of the mean square `q` over all entries; -infinity where all are 0.
  var logSquare: Double
  /// The mean over the root mean square.
  var mean = 0.0
  /// The mean product of two samples over `q`: their cosine; nil where it is not known, as for one sample.
  var cosine: Double?
  /// The standard deviation over the batch, averaged over units, over the root mean square; nil where it is not known.
  var spread: Double?
  /// What the numbers are a sample of.
  var kind: Kind

  /// The root mean square.
  var rms: Double { Double.exp(logSquare / 2) }

  /// What a table says of the numbers.
  var figures: PredictedFigures {
    var figures = PredictedFigures()
    let share = max(0, 1 - mean * mean).squareRoot()
    figures.rms = rms
    figures.mean = mean * rms
    figures.std = share * rms
    figures.variance = (share * rms) * (share * rms)
    figures.cosine = logSquare == -.infinity ? nil : cosine
    figures.batchStandardDeviation = logSquare == -.infinity ? 0 : spread.map { $0 * rms }
    return figures
  }

  /// The sum of two independent signals, the second times a factor.
  ///
  /// Variances add up (De & Smith 2020, whose count of residual blocks follows from it: a branch as large as its input doubles
  /// the variance a block, `2^l`; a normalised one adds 1, `1 + l`); means, if both have one, multiply too.
  static func sum(_ first: Signal, _ second: Signal, factor: Double) -> Signal {
    let reference = max(first.logSquare, second.logSquare)
    guard reference > -.infinity else { return first }
    let a = Double.exp((first.logSquare - reference) / 2)
    let b = factor * Double.exp((second.logSquare - reference) / 2)
    // units of both are independent, so that only their means have a product
    let common = 2 * a * b * first.mean * second.mean
    let square = a * a + b * b + common
    func mixed(_ one: Double?, _ other: Double?, plus: Double) -> Double? {
      one.flatMap { one in other.map { (a * a * one + b * b * $0 + plus) / square } }
    }
    var sum = first
    sum.logSquare = square > 0 ? reference + Double.log(square) : -.infinity
    sum.mean = square > 0 ? (a * first.mean + b * second.mean) / square.squareRoot() : 0
    sum.cosine = mixed(first.cosine, second.cosine, plus: common)
    sum.spread = mixed(first.spread.map { $0 * $0 }, second.spread.map { $0 * $0 }, plus: 0)?.squareRoot()
    let kinds = [first.kind, second.kind]
    sum.kind = kinds.contains(.data) ? .data : kinds.contains(.independent) ? .independent : .normal
    return sum
  }
}

/// What theory knows of a gradient on its way back.
struct GradientSignal {
  /// The logarithm of the mean square.
  var logSquare: Double
  /// The mean over the root mean square.
  var mean = 0.0
  /// The correlation of a sample's gradient with those of all others, summed: 0 where samples are independent, -1 where their sum
  /// over the batch is 0, as behind batch normalisation; nil where it is not known.
  var pull: Double?

  /// What a table says of the gradient.
  var figures: PredictedFigures {
    var figures = Signal(logSquare: logSquare, mean: mean, kind: .independent).figures
    (figures.cosine, figures.batchStandardDeviation) = (nil, nil)
    return figures
  }
}

/// Why theory stops at a part.
struct Uncovered: Error {
  let reason: String
}
