import CLua
import Datasets
import Files
import Kernels
import Tensors

/// The iterator that `ds:batches` answers: called by `for`, it gives a batch at a time.
final class BatchIterator {
  let dataset: Dataset
  var batches: Batches

  init(_ dataset: Dataset, _ batches: Batches) {
    self.dataset = dataset
    self.batches = batches
  }
}

extension FunctionRecord {
  /// What loads data.
  static let dataFunctions: [FunctionRecord] = [digits, mnist, idx, dataset]

  private static let digits = FunctionRecord(
    "data.digits", "The handwritten digits that ship in the program: 8 by 8 pixels, ten classes (UCI, CC BY 4.0).",
    returns: "two datasets: for training and for testing",
    example: "local train, test = data.digits(); assert(train.inputs.shape[2] == 64 and #train > #test)"
  ) { call in
    let (train, test) = try Dataset.digits()
    return try call.push(train, .dataset) + call.push(test, .dataset)
  }

  private static let mnist = FunctionRecord(
    "data.mnist", "MNIST: the part of 5 000 images that ships in the program, or the files in a directory.",
    [
      Parameter("dir", .string, default: "nil", "a directory with train-images-idx3-ubyte and its siblings, .gz or not")
    ],
    returns: "two datasets: for training and for testing", errors: "missing or damaged files",
    example: "local train, test = data.mnist(); assert(train.inputs.shape[2] == 784)"
  ) { call in
    let (train, test) = try Dataset.mnist(directory: call.argument(0).asString)
    return try call.push(train, .dataset) + call.push(test, .dataset)
  }

  private static let idx = FunctionRecord(
    "data.idx", "Reads an IDX file, plain or gzipped.", [Parameter("path", .string, "the file")],
    returns: "a tensor: int64 of integers, float32 or float64 of floats",
    errors: "a missing file; a truncated, oversized or damaged one, with the byte position",
    example: "assert(not pcall(data.idx, 'no such file'))"
  ) { call in try call.push(try IDX(Origin(operation: call.who, path: try call.string(0))).tensor()) }

  private static let dataset = FunctionRecord(
    "data.dataset", "Makes a dataset of your own tensors.",
    [Parameter("inputs", .tensor, "[n, features]"), Parameter("targets", .tensor, "[n], classes from 1")],
    options: [Parameter("classes", .integer, default: "the largest target", "how many classes there are")],
    returns: "a dataset", errors: "different lengths, classes that are no whole numbers from 1",
    example: "local ds = data.dataset(sonde.randn(4, 2), sonde.tensor{1, 2, 1, 2}); assert(#ds == 4)"
  ) { call in
    let targets = try call.tensor(1)
    let classes = try call.option("classes").asInteger ?? (targets.doubles().max().flatMap { Int(exactly: $0) } ?? 1)
    let dataset = try Dataset(
      name: "data", inputs: try call.tensor(0), targets: targets, classes: classes, operation: call.who)
    return try call.push(dataset, .dataset)
  }

  /// The methods of datasets.
  static let datasetMethods: [FunctionRecord] = [split, batches]

  private static let split = FunctionRecord(
    "dataset:split", "Cuts the dataset in two; shuffled unless told not to.",
    [Parameter("fraction", .number, "the part of the first, between 0 and 1")],
    options: [Parameter("shuffle", .boolean, default: "true", "whether the order is drawn first"), .generator],
    returns: "two datasets", errors: "a fraction outside 0 to 1",
    example: "local a, b = data.digits():split(0.8); assert(#a > #b)", receiver: .dataset
  ) { call in
    let dataset = call.object(Dataset.self)
    let order = call.flag("shuffle", default: true) ? call.generator().permutation(dataset.count) : nil
    let (first, second) = try dataset.split(try call.number(0), order: order)
    return try call.push(first, .dataset) + call.push(second, .dataset)
  }

  private static let batches = FunctionRecord(
    "dataset:batches", "Walks the dataset in batches: for x, y in ds:batches(60) do ... end.",
    [Parameter("size", .integer, "the samples of a batch; the last may be smaller")],
    options: [Parameter("shuffle", .boolean, default: "false", "whether the order is drawn first"), .generator],
    returns: "an iterator of inputs and targets", errors: "a size below 1",
    example: "local n = 0; for x, y in data.digits():batches(100) do n = n + #x end; assert(n == #data.digits())",
    receiver: .dataset
  ) { call in
    let dataset = call.object(Dataset.self)
    let order = call.flag("shuffle", default: false) ? call.generator().permutation(dataset.count) : nil
    let batches = try dataset.batches(size: try call.integer(0), order: order)
    return try call.push(BatchIterator(dataset, batches), .batches)
  }
}

extension TypeRecord {
  /// A dataset.
  static let datasetType = TypeRecord(
    type: .dataset, summary: "Inputs [n, features] and their classes; ds[i] is the table {x, y}.",
    methods: FunctionRecord.datasetMethods,
    properties: [
      PropertyRecord("inputs", "The samples, float32 [n, features].") { call in
        try call.push(call.object(Dataset.self).inputs)
      },
      PropertyRecord("targets", "The classes from 1, int64 [n].") { call in
        try call.push(call.object(Dataset.self).targets)
      },
      PropertyRecord("classes", "The number of classes.") { call in call.push(call.object(Dataset.self).classes) },
      PropertyRecord("name", "What the data is called.") { call in try call.push(call.object(Dataset.self).name) },
    ],
    element: { call in
      guard let index = call.argument(0).asInteger else { return nil }
      let dataset = call.object(Dataset.self)
      if index == dataset.count + 1 { return call.pushNil() }
      guard let position = Tensor.position(index, extent: dataset.count) else {
        throw call.failure("sample \(index) is outside 1 to \(dataset.count)")
      }
      let sample = try dataset[position]
      return try call.push(sequence: [0, 1]) { try $0 == 0 ? call.push(sample.input) : call.push(sample.target) }
    },
    length: { call in call.object(Dataset.self).count },
    text: { call in call.object(Dataset.self).description })

  /// The iterator over batches.
  static let batchesType = TypeRecord(
    type: .batches, summary: "The iterator that ds:batches(size) answers.",
    text: { call in "batches of \(call.object(BatchIterator.self).dataset.name)" },
    call: { call in
      let iterator = call.object(BatchIterator.self)
      guard let indices = iterator.batches.next() else { return call.pushNil() }
      let (inputs, targets) = try iterator.dataset.batch(indices)
      return try call.push(inputs) + call.push(targets)
    })
}
