import CLua
import Datasets
import Tensors

/// The iterator that `ds:batches` answers: called by `for`, it gives a batch at a time.
final class BatchIterator {
  let dataset: Dataset
  var batches: Batches

  init(_ dataset: Dataset, _ batches: Batches) {
    self.dataset = dataset
    self.batches = batches
  }

  /// The next batch, nil after the last.
  func next() throws -> (inputs: Tensor, targets: Tensor)? {
    guard let indices = batches.next() else { return nil }
    return try dataset.batch(indices)
  }
}

extension TypeRecord {
  /// A dataset.
  static let datasetType = TypeRecord(
    type: .dataset, summary: "Inputs [n, features] and their classes or values; ds[i] is the table {x, y}.",
    methods: FunctionRecord.datasetMethods,
    properties: [
      PropertyRecord("inputs", "The samples, float32 or float64 [n, features].") { call in
        try call.push(call.object(Dataset.self).inputs)
      },
      PropertyRecord(
        "targets", "The classes from 1, int64 [n]; or real values [n] or [n, outputs]; nil where there are none."
      ) { call in
        let dataset = call.object(Dataset.self)
        return dataset.hasTargets ? try call.push(dataset.targets) : call.pushNil()
      },
      PropertyRecord("features", "The number of features of a sample.") { call in
        call.push(call.object(Dataset.self).features)
      },
      PropertyRecord("classes", "The number of classes; nil where targets are none.") { call in
        let classes = call.object(Dataset.self).classes
        return classes > 0 ? call.push(classes) : call.pushNil()
      },
      PropertyRecord("class_names", "What each class is called, nil where unknown.") { call in
        try call.push(names: call.object(Dataset.self).classNames)
      },
      PropertyRecord("class_counts", "How many samples each class has; nil without classes.") { call in
        let dataset = call.object(Dataset.self)
        guard dataset.classes > 0 else { return call.pushNil() }
        return try call.push(sequence: dataset.classCounts) { call.push($0) }
      },
      PropertyRecord("feature_names", "What each feature is called, nil where unknown.") { call in
        try call.push(names: call.object(Dataset.self).featureNames)
      },
      PropertyRecord("name", "What the data is called.") { call in try call.push(call.object(Dataset.self).name) },
    ],
    element: { call in try call.pushSample() },
    length: { call in call.object(Dataset.self).count },
    text: { call in try DatasetText(call.object(Dataset.self)).lines().joined(separator: "\n") })

  /// The iterator over batches.
  static let batchesType = TypeRecord(
    type: .batches, summary: "The iterator that ds:batches(size) answers.",
    text: { call in "batches of \(call.object(BatchIterator.self).dataset.name)" },
    call: { call in
      guard let (inputs, targets) = try call.object(BatchIterator.self).next() else { return call.pushNil() }
      if targets.rank > 1, targets.shape[1] == 0 { return try call.push(inputs) }
      return try call.push(inputs) + call.push(targets)
    })
}

extension Call {
  /// Pushes names, or nil.
  fileprivate func push(names: [String]?) throws -> Int32 {
    guard let names else { return pushNil() }
    return try push(sequence: names) { try push($0) }
  }

  /// Pushes the table {x, y} of the sample that the first argument numbers; nil for other keys than numbers.
  fileprivate func pushSample() throws -> Int32? {
    guard let index = argument(0).asInteger else { return nil }
    let dataset = object(Dataset.self)
    if index == dataset.count + 1 { return pushNil() }
    guard let position = Tensor.position(index, extent: dataset.count) else {
      throw failure("sample \(index) is outside 1 to \(dataset.count)")
    }
    let sample = try dataset[position]
    return try push(sequence: dataset.hasTargets ? [0, 1] : [0]) { place in
      if place == 0 { return try push(sample.input) }
      guard sample.target.rank == 0 else { return try push(sample.target) }
      let value = sample.target.load(at: sample.target.offset)
      return dataset.classes > 0 ? push(Int(value)) : push(value)
    }
  }
}
