import Kernels
import Tensors

/// Sets each number to 0 with probability `p` in training and divides the others by `1 - p`; the identity in evaluation.
public final class Dropout: Layer {
  /// The probability of a 0, from 0 to 1.
  public let probability: Double

  /// Makes a dropout layer.
  ///
  /// - Throws: `NetworkError` for a probability outside [0, 1].
  public init(_ probability: Double = 0.5) throws {
    guard probability >= 0, probability <= 1 else {
      throw NetworkError.expected("nn.Dropout", "a probability from 0 to 1", "\(probability)")
    }
    self.probability = probability
    super.init()
  }

  /// The kind, `Dropout`.
  public override var kind: String { "Dropout" }

  /// The layer with its probability, for example `Dropout(0.5)`.
  public override var description: String { "Dropout(\(probability))" }

  override func copy(_ copies: Copies) throws -> Layer { try Dropout(probability) }
}
