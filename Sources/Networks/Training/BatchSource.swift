import Kernels
import Tensors

/// The samples of one batch.
struct Batch {
  let inputs: Tensor
  let targets: Tensor

  /// The number of samples.
  var rows: Int { inputs.shape[0] }
}

/// What a training or an evaluation goes through, epoch by epoch.
public enum FitData {
  /// Inputs `[samples, features]` and targets, one a sample, cut into batches.
  case tensors(inputs: Tensor, targets: Tensor)
  /// The same, each batch going through a function before it is used.
  case mapped(inputs: Tensor, targets: Tensor, (Tensor, Tensor) throws -> (inputs: Tensor, targets: Tensor))
  /// A function that is called at the beginning of each epoch, and gives one that gives batches until nil.
  case batches(() throws -> () throws -> (inputs: Tensor, targets: Tensor)?)
}

/// Gives the batches of an epoch one by one.
protocol BatchSource: AnyObject {
  /// The batches of an epoch, nil while unknown.
  var batchesPerEpoch: Int? { get }

  /// What two sources must have in common to give the same batches.
  var outline: String { get }

  /// Begins an epoch.
  func begin() throws

  /// The next batch, nil at the end of the epoch.
  func next() throws -> Batch?

  /// Passes over batches of the epoch that has begun.
  func skip(_ count: Int) throws
}

/// Batches cut out of tensors, in an order drawn for each epoch.
final class TensorBatches: BatchSource {
  private let data: TrainingData
  private let generator: Generator?
  private let ranges: [Range<Int>]
  /// Whether a batch's memory serves again once nobody holds it.
  private let reuses: Bool
  private var order: [Int]
  private var position = 0
  private var inputMemory: Storage?
  private var targetMemory: Storage?

  /// Cuts `data`; without a `generator` the order stays.
  init(_ data: TrainingData, ranges: [Range<Int>], generator: Generator?, reuses: Bool) {
    self.data = data
    self.ranges = ranges
    self.generator = generator
    self.reuses = reuses
    order = Array(0..<data.count)
  }

  /// Cuts samples into batches; the last one may be smaller, or left out, or where it is a single sample join its neighbour.
  static func cut(_ count: Int, _ batch: Int, dropLast: Bool, joinsSingle: Bool) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var first = 0
    while first < count {
      let rest = count - first
      let joins = joinsSingle && !dropLast && rest - batch == 1 && batch > 1
      let size = joins ? rest : min(batch, rest)
      if size < batch && dropLast { break }
      ranges.append(first..<(first + size))
      first += size
    }
    return ranges
  }

  var batchesPerEpoch: Int? { ranges.count }

  var outline: String {
    "\(data.count) samples, \(ranges.count) batches of \(ranges.first?.count ?? 0), \(generator == nil ? "in order" : "shuffled")"
  }

  func begin() throws {
    position = 0
    if let generator { order = generator.permutation(data.count) }
  }

  func next() throws -> Batch? {
    guard position < ranges.count else { return nil }
    let indices = order[ranges[position]]
    position += 1
    return Batch(
      inputs: try TensorBatches.gather(data.inputs, indices, &inputMemory, reuses: reuses),
      targets: try TensorBatches.gather(data.targets, indices, &targetMemory, reuses: reuses))
  }

  func skip(_ count: Int) { position = min(position + count, ranges.count) }

  /// Copies the rows at `indices`, into the memory of the batch before where that is to serve again.
  static func gather(
    _ tensor: Tensor, _ indices: ArraySlice<Int>, _ memory: inout Storage?, reuses: Bool
  ) throws -> Tensor {
    var shape = tensor.shape
    shape[0] = indices.count
    let storage = try self.memory(&memory, tensor.dtype, shape.product, reuses)
    let rowBytes = tensor.count / tensor.shape[0] * tensor.dtype.size
    // where it is worth waking a thread one half for each, the rows that it will compute with
    let parts = rowBytes * indices.count < leastShared ? 1 : 2
    try WorkerPool.run(chunks: parts) { part in
      for place in indices.count * part / parts..<indices.count * (part + 1) / parts {
        let row = tensor.address + indices[indices.startIndex + place] * rowBytes
        (storage.base + place * rowBytes).copyMemory(from: row, byteCount: rowBytes)
      }
    }
    return Tensor(storage: storage, shape: shape, strides: shape.contiguousStrides)
  }

  /// The bytes of a batch from which two threads copy it.
  private static let leastShared = 65_536

  /// The memory of the batch before, if it is large enough and no tensor shares it any more.
  private static func memory(
    _ held: inout Storage?, _ dtype: DType, _ count: Int, _ reuses: Bool
  ) throws -> Storage {
    if reuses, isKnownUniquelyReferenced(&held), let free = held, free.count >= count {
      free.noteChange()
      return free
    }
    let made = try Storage(dtype, count: count, zeroed: false)
    held = reuses ? made : nil
    return made
  }
}

/// Batches of another source after a function has changed them, each checked before it is used.
final class MappedBatches: BatchSource {
  private let source: any BatchSource
  private let who: String
  private let part: String
  private let dtype: DType
  private let map: (Tensor, Tensor) throws -> (inputs: Tensor, targets: Tensor)

  init(
    _ source: any BatchSource, _ who: String, _ part: String, dtype: DType,
    _ map: @escaping (Tensor, Tensor) throws -> (inputs: Tensor, targets: Tensor)
  ) {
    self.source = source
    self.who = who
    self.part = part
    self.dtype = dtype
    self.map = map
  }

  var batchesPerEpoch: Int? { source.batchesPerEpoch }

  var outline: String { "\(source.outline), mapped" }

  func begin() throws { try source.begin() }

  func next() throws -> Batch? {
    guard let batch = try source.next() else { return nil }
    let changed = try map(batch.inputs, batch.targets)
    let data = try TrainingData(who, part, inputs: changed.inputs, targets: changed.targets, dtype: dtype)
    try data.requireFinite()
    return Batch(inputs: data.inputs, targets: data.targets)
  }

  func skip(_ count: Int) throws { try source.skip(count) }
}

/// Batches that a function gives, each checked before it is used.
final class FunctionBatches: BatchSource {
  private let who: String
  private let part: String
  private let dtype: DType
  private let begins: () throws -> () throws -> (inputs: Tensor, targets: Tensor)?
  private var gives: (() throws -> (inputs: Tensor, targets: Tensor)?)?
  private var given = 0
  private var epochs = 0

  private(set) var batchesPerEpoch: Int?

  var outline: String { "batches of a function" }

  init(
    _ who: String, _ part: String, dtype: DType,
    _ begins: @escaping () throws -> () throws -> (inputs: Tensor, targets: Tensor)?
  ) {
    self.who = who
    self.part = part
    self.dtype = dtype
    self.begins = begins
  }

  func begin() throws {
    gives = try begins()
    given = 0
    epochs += 1
  }

  func next() throws -> Batch? {
    guard let next = try gives?() else {
      guard given > 0 else {
        throw NetworkError.expected(
          who, "at least one \(part)batch in epoch \(epochs)",
          "none; a function begins again after nil, or returns a new iterator for each epoch")
      }
      batchesPerEpoch = given
      return nil
    }
    given += 1
    let data = try TrainingData(who, part, inputs: next.inputs, targets: next.targets, dtype: dtype)
    try data.requireFinite()
    return Batch(inputs: data.inputs, targets: data.targets)
  }

  func skip(_ count: Int) throws {
    for _ in 0..<count where try next() == nil { return }
  }
}
