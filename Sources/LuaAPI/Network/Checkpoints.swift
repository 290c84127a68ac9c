import CLua
import Files
import Networks
import OrderedCollections

extension Parameter {
  /// The fields of the option `checkpoint`.
  static let checkpointFields = [
    Parameter("path", .string, "the file"),
    Parameter("every", .integer, default: "1000", "after how many steps it is written"),
    Parameter("resume", .boolean, default: "false", "whether to go on from it where it exists"),
  ]
}

extension Call {
  /// Reads the options `checkpoint` and `resume`; a path that can't be written is told before the first step.
  func readCheckpoint(_ options: inout FitOptions) throws {
    let fields = try fields(of: "checkpoint", Parameter.checkpointFields)
    if let resume = option("resume").asString {
      options.resume = try FitCheckpoint(Origin(operation: who, path: resume))
    }
    guard let fields else { return }
    guard let path = fields["path"]?.asString else { throw failure("option 'checkpoint.path' is missing: the file") }
    options.checkpointEvery = fields["every"]?.asInteger ?? 1000
    guard options.checkpointEvery >= 1 else {
      throw failure("option 'checkpoint.every' expected at least 1 step, got \(options.checkpointEvery)")
    }
    let origin = Origin(operation: who, path: path)
    // the temporary file beside it goes with the object
    _ = try AtomicFile(origin)
    let network = object(Network.self)
    options.keep = { try $0.write(network, origin) }
    if case .boolean(true)? = fields["resume"], options.resume == nil {
      do {
        options.resume = try FitCheckpoint(origin)
      } catch let error as FileError where error.isMissing {}
    }
  }
}

extension FitCheckpoint {
  /// Reads a checkpoint from a file.
  ///
  /// - Throws: `FileError`, with the byte position where the file is cut short or damaged; `TensorError.outOfMemory`.
  init(_ origin: Origin) throws {
    let file = try NetworkFile(origin)
    let facts = OrderedDictionary(
      uniqueKeysWithValues: file.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    self.init(state: file.state, tensors: file.beside, facts: facts, source: origin.path)
  }

  /// Replaces a file whole or not at all; `nn.load` makes its network.
  ///
  /// - Throws: `FileError`; the file before is then as it was. `NetworkError` for a network that no file can describe.
  func write(_ network: Network, _ origin: Origin) throws {
    let beside = tensors.map { NamedTensor($0.key, $0.value) }
    let metadata = Dictionary(uniqueKeysWithValues: facts.map { ($0.key, $0.value) })
    try NetworkFile.write(network, beside: beside, metadata: metadata, origin)
  }
}
