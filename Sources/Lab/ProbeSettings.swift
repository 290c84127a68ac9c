/// How a probe was made: what it takes to make it again on the same network and batch.
public struct ProbeSettings: Equatable, Sendable {
  /// Where the backward pass began: `normal`, `ones`, `tensor` or `loss`.
  public var upstream = "normal"
  /// The name of the loss, nil where there was none or it has no name.
  public var loss: String?
  /// Which percentiles were found.
  public var percentiles = Statistics.standardPercentiles
  /// The number of bins of every histogram.
  public var bins = Statistics.standardBins
  /// How many upstream gradients were drawn.
  public var repeats = 1
  /// Whether singular values were computed.
  public var spectrum = false
  /// The seed of the generator the upstream gradient was drawn from, nil where none was drawn.
  public var seed: UInt64?
  /// Where that generator stood before it was drawn from, as text that reads back.
  public var generator: String?
  /// The version of the program, nil where nobody told it.
  public var version: String?

  /// The kinds of upstream gradients.
  public static let upstreams = ["normal", "ones", "tensor", "loss"]

  /// Makes the settings of a plain probe.
  public init() {}
}
