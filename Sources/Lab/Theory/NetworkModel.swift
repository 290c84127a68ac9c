import Kernels
import Networks

/// What theory has to know of a network, as a value: it stays as it was taken when the network changes.
public struct NetworkModel: Sendable {
  /// A row of the network.
  public struct Row: Sendable {
    /// How the row's parameter names begin.
    public let name: String
    /// The row's kind, for example `Block`.
    public let kind: String
    /// What the row computes, in order.
    public let parts: [Part]

    /// Makes a row of its parts.
    public init(name: String, kind: String, parts: [Part]) { (self.name, self.kind, self.parts) = (name, kind, parts) }
  }

  /// A part of a row.
  public enum Part: Sendable {
    /// An affine map.
    case linear(LinearModel)
    /// A nonlinearity.
    case activation(ActivationLaw)
    /// A normalisation.
    case norm(NormModel)
    /// A branch that is added to what goes around it.
    case residual(ResidualModel)
    /// What has no law, with the reason.
    case unknown(String)
  }

  /// A sum `shortcut(x) + scale f(x)`, what stands behind it being parts of the row.
  public struct ResidualModel: Sendable {
    /// The parts of f.
    public let branch: [Part]
    /// The factor of the branch.
    public let scale: Double
    /// What the input goes through around the branch; nil for the input itself.
    public let shortcut: LinearModel?

    /// Makes a sum of a branch and what goes around it.
    public init(branch: [Part], scale: Double, shortcut: LinearModel?) {
      (self.branch, self.scale, self.shortcut) = (branch, scale, shortcut)
    }
  }

  /// The rows, in order.
  public var rows: [Row]
  /// What the network computes in.
  public var dtype: DType
  /// The rows, from 0, that auxiliary classifiers stand behind, in order.
  public var auxiliaries: [Int]

  /// Makes a model of rows.
  public init(rows: [Row], dtype: DType, auxiliaries: [Int] = []) {
    self.rows = rows
    self.dtype = dtype
    self.auxiliaries = auxiliaries
  }
}

/// An affine map `z = h W^T + b` with how its numbers are distributed.
public struct LinearModel: Sendable {
  /// The features of the input, the fan-in.
  public let inputs: Int
  /// The outputs, the fan-out.
  public let outputs: Int
  /// How the weights are distributed.
  public let weight: WeightLaw
  /// The variance of the biases, whose mean is 0.
  public let biasVariance: Double
  /// Why theory has no law for the map; nil where it has.
  public let reason: String?
  /// The root of the mean square of the biases as they are, nil where nobody looked.
  public var biasSize: Double?
  /// The biases as they are; nil without any, and where nobody looked.
  public var bias: ParameterFigures?
  /// How alike the weights of its units are; nil where they aren't, and where nobody looked.
  public var likeness: RowLikeness?
  /// How many units have no weight but 0; nil where nobody looked.
  public var zeroRows: Int?

  /// Makes an affine map of how its numbers are distributed.
  public init(
    inputs: Int, outputs: Int, weight: WeightLaw, biasVariance: Double, reason: String?, biasSize: Double? = nil
  ) {
    (self.inputs, self.outputs, self.weight) = (inputs, outputs, weight)
    (self.biasVariance, self.reason, self.biasSize) = (biasVariance, reason, biasSize)
  }
}

/// A normalisation at its initialisation.
public struct NormModel: Sendable {
  /// What the statistics are taken over.
  public let kind: NormalisationKind
  /// The number of features.
  public let features: Int
  /// What is added to the variance inside the root.
  public let eps: Double
  /// The factor of all features, also known as gamma.
  public let gamma: Double
  /// Why theory has no law for it; nil where it has.
  public let reason: String?
  /// The smallest of what is added to the features, also known as beta, as it is.
  public var lowestShift = 0.0
  /// The factors of the features, also known as gamma, as they are; nil without any, and where nobody looked.
  public var factors: ParameterFigures?
  /// What is added to the features, also known as beta, as it is; nil without any, and where nobody looked.
  public var shifts: ParameterFigures?
  /// What its running statistics are beside those of the batch; nil where evaluation would take none, and where nobody looked.
  public var running: RunningFigures?

  /// Makes a normalisation of one factor for all features.
  public init(kind: NormalisationKind, features: Int, eps: Double, gamma: Double, reason: String?) {
    (self.kind, self.features, self.eps) = (kind, features, eps)
    (self.gamma, self.reason) = (gamma, reason)
  }
}

/// The numbers of a vector of parameters as they are.
public struct ParameterFigures: Equatable, Sendable {
  /// How many numbers there are.
  public let count: Int
  /// The mean; NaN or infinite where numbers are.
  public let mean: Double
  /// The root of the mean square; NaN or infinite where numbers are.
  public let rms: Double
  /// The smallest finite one.
  public let minimum: Double
  /// The largest finite one.
  public let maximum: Double
  /// How many are NaN.
  public let nan: Int
  /// How many are infinite.
  public let inf: Int
  /// The numbers at equal distances in ascending order, from the smallest to the largest; none where they are all one, where some are not
  /// finite, and where nobody looked.
  public var quantiles: [Double] = []

  /// Into how many parts quantiles divide the numbers: each tells of 5 % of them.
  public static let parts = 20

  /// Makes figures that were measured before.
  public init(count: Int, mean: Double, rms: Double, minimum: Double, maximum: Double, nan: Int, inf: Int) {
    (self.count, self.mean, self.rms) = (count, mean, rms)
    (self.minimum, self.maximum, self.nan, self.inf) = (minimum, maximum, nan, inf)
  }
}
