import Datasets
import Kernels
import Tensors
import Testing

private func matrix(_ rows: [[Double]], _ dtype: DType = .float32) throws -> Tensor {
  let tensor = try Tensor(dtype, [rows.count, rows.first?.count ?? 0])
  for (index, value) in rows.joined().enumerated() { set(tensor, index, value) }
  return tensor
}

private func vector(_ values: [Double], _ dtype: DType = .int64) throws -> Tensor {
  let tensor = try Tensor(dtype, [values.count])
  for (index, value) in values.enumerated() { set(tensor, index, value) }
  return tensor
}

private func set(_ tensor: Tensor, _ index: Int, _ value: Double) {
  switch tensor.dtype {
  case .float32: tensor.pointer(Float.self)[index] = Float(value)
  case .float64: tensor.pointer(Double.self)[index] = value
  case .int64: tensor.pointer(Int64.self)[index] = Int64(value)
  case .bool: tensor.pointer(UInt8.self)[index] = UInt8(value)
  }
}

/// Five samples, sample i being [10 i, 10 i + 1] of class i + 1.
private func five(_ dtype: DType = .float32) throws -> Dataset {
  let rows = (0..<5).map { [Double(10 * $0), Double(10 * $0 + 1)] }
  return try Dataset(name: "five", inputs: matrix(rows, dtype), targets: vector([1, 2, 3, 4, 5]), classes: 5)
}

private func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}

@Suite struct DatasetTests {
  @Test func samplesAreViewsOfTheInputs() throws {
    let dataset = try five()
    let (input, target) = try dataset[3]
    #expect(floats(input) == [30, 31] && target.loadInteger(at: target.offset) == 4)
    #expect(input.storage === dataset.inputs.storage)
    #expect(message { _ = try dataset[5] } == "dataset: expected a sample from 1 to 5, got 6")
    #expect(message { _ = try dataset[-1] } == "dataset: expected a sample from 1 to 5, got 0")
  }

  @Test func targetsOfEveryDtypeBecomeInt64() throws {
    for dtype in [DType.float32, .float64, .int64] {
      let dataset = try Dataset(
        name: "t", inputs: matrix([[1], [2]]), targets: vector([2, 1], dtype), classes: 2)
      #expect(integers(dataset.targets) == [2, 1])
    }
  }

  @Test func stridedTargetsAndInputsAreRead() throws {
    let stored = try matrix([[1, 2, 3], [4, 5, 6]])
    let transposed = Tensor(storage: stored.storage, shape: [3, 2], strides: [1, 3])
    let every = try vector([1, 9, 2, 9, 3])
    let targets = Tensor(storage: every.storage, shape: [3], strides: [2])
    let dataset = try Dataset(name: "t", inputs: transposed, targets: targets, classes: 3)
    #expect(integers(dataset.targets) == [1, 2, 3])
    #expect(floats(try dataset.subset([2, 0]).inputs) == [3, 6, 1, 4])
  }

  @Test func wrongShapesAndDtypesAreTold() throws {
    let good = try vector([1, 2])
    #expect(
      message { _ = try Dataset(name: "t", inputs: vector([1, 2], .float32), targets: good, classes: 2) }
        == "data: expected inputs [samples, features] of float32 or float64 with at least one sample, got float32 [2]")
    #expect(
      message { _ = try Dataset(name: "t", inputs: matrix([[1], [2]], .int64), targets: good, classes: 2) }
        == "data: expected inputs [samples, features] of float32 or float64 with at least one sample, got int64 [2, 1]")
    #expect(
      message { _ = try Dataset(name: "t", inputs: matrix([[1], [2]]), targets: matrix([[1], [2]]), classes: 2) }
        == "data: expected classes [samples], got [2, 1]")
    #expect(
      message { _ = try Dataset(name: "t", inputs: matrix([[1], [2], [3]]), targets: good, classes: 2) }
        == "data: expected one target for each of the 3 inputs, got 2")
  }

  @Test func classesOutOfRangeAreTold() throws {
    let inputs = try matrix([[1], [2]])
    for (value, text) in [(0, "0"), (3, "3"), (1.5, "1.5"), (1e300, "1e+300")] {
      #expect(
        message { _ = try Dataset(name: "t", inputs: inputs, targets: vector([1, value], .float64), classes: 2) }
          == "data: expected whole classes from 1 to 2, got \(text) for sample 2")
    }
  }

  @Test func inputsThatAreNotFiniteAreTold() throws {
    for (value, text) in [(Double.nan, "NaN"), (.infinity, "inf"), (-.infinity, "-inf")] {
      for dtype in [DType.float32, .float64] {
        #expect(
          message {
            _ = try Dataset(
              name: "t", inputs: matrix([[1, 2, 3], [1, 2, value]], dtype), targets: vector([1, 1]), classes: 2)
          } == "data: expected finite inputs, got \(text) in feature 3 of sample 2")
      }
    }
  }

  @Test func aSplitWithoutOrderGivesViews() throws {
    let dataset = try five()
    let (first, second) = try dataset.split(0.6)
    #expect(floats(first.inputs) == [0, 1, 10, 11, 20, 21] && integers(first.targets) == [1, 2, 3])
    #expect(floats(second.inputs) == [30, 31, 40, 41] && integers(second.targets) == [4, 5])
    #expect(second.inputs.storage === dataset.inputs.storage)
    #expect(second.classes == 5)
    #expect(floats(try second.split(0.5).second.inputs) == [40, 41])
  }

  @Test func aSplitFollowsTheOrder() throws {
    let (first, second) = try five().split(0.4, order: [4, 2, 0, 1, 3])
    #expect(integers(first.targets) == [5, 3] && integers(second.targets) == [1, 2, 4])
  }

  @Test func fractionsThatLeaveNothingAreTold() throws {
    let dataset = try five()
    for (fraction, text) in [(0.0, "0.0"), (1.0, "1.0"), (0.05, "0.05"), (-1, "-1.0"), (2, "2.0"), (.nan, "nan")] {
      #expect(
        message { _ = try dataset.split(fraction) }
          == "split: expected fractions that leave each part some of the 5 samples and add up to at most 1, got \(text)"
      )
    }
  }

  @Test func subsetsCopyInOrder() throws {
    for dtype in [DType.float32, .float64] {
      let dataset = try five(dtype)
      let subset = try dataset.subset([4, 0, 4])
      #expect(integers(subset.targets) == [5, 1, 5])
      #expect(subset.inputs.dtype == dtype && subset.inputs.shape == [3, 2])
      let values = (0..<6).map { index in
        dtype == .float32 ? Double(subset.inputs.pointer(Float.self)[index]) : subset.inputs.pointer(Double.self)[index]
      }
      #expect(values == [40, 41, 0, 1, 40, 41])
      set(subset.inputs, 0, -1)
      #expect(try dataset[4].input.storage !== subset.inputs.storage)
    }
    #expect(message { _ = try five().subset([1, 5]) } == "subset: expected a sample from 1 to 5, got 6")
    #expect(throws: SelectionError.empty(operation: "subset")) { try five().subset([]) }
  }

  @Test func batchesCoverEverySampleOnce() throws {
    let dataset = try five()
    #expect(try dataset.batches(size: 2).map(Array.init) == [[0, 1], [2, 3], [4]])
    #expect(try dataset.batches(size: 2).count == 3)
    #expect(try dataset.batches(size: 2, dropLast: true).map(Array.init) == [[0, 1], [2, 3]])
    #expect(try dataset.batches(size: 5).map(Array.init) == [[0, 1, 2, 3, 4]])
    #expect(try dataset.batches(size: 3, order: [4, 3, 2, 1, 0]).map(Array.init) == [[4, 3, 2], [1, 0]])
  }

  @Test func shuffledBatchesHoldEverySampleOnce() throws {
    let dataset = try five()
    let order = Generator(seed: 1).permutation(dataset.count)
    let batches = try dataset.batches(size: 2, order: order).map(Array.init)
    #expect(batches.map(\.count) == [2, 2, 1])
    #expect(batches.joined().sorted() == [0, 1, 2, 3, 4], "seed 1")
    #expect(Array(batches.joined()) == order)
  }

  @Test func batchesRefuseWrongSizesAndOrders() throws {
    let dataset = try five()
    #expect(message { _ = try dataset.batches(size: 0) } == "batches: expected a batch size of 1 or more, got 0")
    for size in [6, Int.max] {
      #expect(
        message { _ = try dataset.batches(size: size) }
          == "batches: expected a batch of at most the 5 samples there are, got \(size)")
    }
    #expect(
      message { _ = try dataset.batches(size: 2, order: [0, 7]) } == "batches: expected a sample from 1 to 5, got 8")
  }

  @Test func aBatchFillsTheFirstRowsOfTheCallersTensors() throws {
    let dataset = try five()
    let (inputs, targets) = (try Tensor(.float32, [3, 2]), try Tensor(.int64, [3]))
    try dataset.copyBatch([3, 1], inputs: inputs, targets: targets)
    #expect(floats(inputs) == [30, 31, 10, 11, 0, 0] && integers(targets) == [4, 2, 0])
    let batch = try dataset.batch([2])
    #expect(floats(batch.inputs) == [20, 21] && integers(batch.targets) == [3])
  }
}
