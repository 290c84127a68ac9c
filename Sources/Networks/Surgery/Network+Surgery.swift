import Kernels
import Tensors

/// What the surgery verbs can be told.
public enum NormalisationPlace: Equatable, Sendable {
  /// Between the Linear and the activation.
  case before
  /// After the activation.
  case after
  /// Nowhere; what was learned is kept.
  case off
  /// Where it last stood, before the activation at first.
  case on
}

/// What a surgery changes of a normalisation; nil leaves a setting as it is, or at its default where it is new.
public struct NormalisationOptions: Sendable {
  /// What is added to the variance inside the root.
  public var eps: Double?
  /// Whether gamma and beta apply.
  public var affine: Bool?
  /// The weight of the new batch in the running statistics.
  public var momentum: Double?

  /// Makes options; nil leaves a setting alone.
  public init(eps: Double? = nil, affine: Bool? = nil, momentum: Double? = nil) {
    self.eps = eps
    self.affine = affine
    self.momentum = momentum
  }
}

struct Surgery {
  let text: String
}

extension Network {
  /// Where batch normalisation stands: `before`, `after`, `off`, or `mixed` where blocks differ.
  ///
  /// `row`, from 0, asks one row alone.
  ///
  /// - Throws: `NetworkError` where there is no place for a normalisation.
  public func batchnorm(row: Int? = nil) throws -> String {
    throw NetworkError.noForward
  }

  /// Sets batch normalisation on, off, or elsewhere, in every place for one or in that of `row` (from 0) alone.
  ///
  /// - Throws: `NetworkError` where there is no place, and for options out of range.
  public func batchnorm(
    _ place: NormalisationPlace, options: NormalisationOptions = NormalisationOptions(), row: Int? = nil
  ) throws {
    throw NetworkError.noForward
  }

  /// Sets normalisation of any kind; nil takes all off.
  ///
  /// - Throws: `NetworkError` where there is no place, and for options out of range.
  public func normalize(
    _ type: NormalisationKind?, place: NormalisationPlace = .on, options: NormalisationOptions = NormalisationOptions(),
    row: Int? = nil
  ) throws {
    throw NetworkError.noForward
  }

  /// Replaces the nonlinearity of every block, or of each activation that follows a Linear.
  ///
  /// - Throws: `NetworkError` where there is none.
  public func activation(_ function: ActivationFunction, slope: Double? = nil, row: Int? = nil) throws {
    throw NetworkError.noForward
  }

  /// The name of the nonlinearity, or `mixed`.
  ///
  /// - Throws: `NetworkError` where there is none.
  public func activation(row: Int? = nil) throws -> String {
    throw NetworkError.noForward
  }

  /// Draws all Linear weights anew and sets their biases to 0; normalisations and their statistics stay.
  ///
  /// - Throws: `NetworkError` where no Linear has its weights yet; what a custom initialiser throws, with the weights as
  ///   they were.
  public func initialise(_ initialiser: Initialiser, generator: Generator? = nil, row: Int? = nil) throws {
    throw NetworkError.noForward
  }

  /// Takes the last surgery back, bit for bit.
  ///
  /// - Throws: `NetworkError.noSurgery` when there is none.
  public func undo() throws {
    throw NetworkError.noSurgery
  }
}
