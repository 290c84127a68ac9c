import Datasets
import Kernels
import Tensors
import Testing

/// What Python counts in the files of one part.
///
///     b = gzip.open(images).read(); t = np.frombuffer(gzip.open(labels).read()[8:], np.uint8)
///     a = np.frombuffer(b[16:], np.uint8).reshape(len(t), -1).astype(np.int64)
///     len(t), a.sum(), ((a * np.arange(1, a.shape[1] + 1)).sum(1) * (t + 1)).sum(), np.bincount(t), t[:5], t[-3:]
struct Facts: Sendable {
  let count: Int
  let features: Int
  /// The value of a pixel in the file that becomes 1.
  let brightest: Float
  let sum: Int
  /// Each pixel times its place times its class: wrong for any sample, pixel or label out of place.
  let weightedSum: Int
  let histogram: [Int]
  let firstLabels: [Int]
  let lastLabels: [Int]
}

private let digitsTrain = Facts(
  count: 1437, features: 64, brightest: 16, sum: 448_220, weightedSum: 78_839_091,
  histogram: [142, 146, 141, 147, 145, 146, 145, 143, 138, 144], firstLabels: [7, 5, 5, 2, 9], lastLabels: [8, 4, 5])
private let digitsTest = Facts(
  count: 360, features: 64, brightest: 16, sum: 113_498, weightedSum: 20_119_188,
  histogram: Array(repeating: 36, count: 10), firstLabels: [1, 8, 5, 3, 7], lastLabels: [4, 2, 8])
private let mnistTrain = Facts(
  count: 4000, features: 784, brightest: 255, sum: 104_816_604, weightedSum: 231_772_910_703,
  histogram: Array(repeating: 400, count: 10), firstLabels: [4, 3, 9, 9, 0], lastLabels: [1, 9, 1])
private let mnistTest = Facts(
  count: 1000, features: 784, brightest: 255, sum: 26_450_498, weightedSum: 58_556_562_260,
  histogram: Array(repeating: 100, count: 10), firstLabels: [0, 1, 4, 3, 0], lastLabels: [9, 7, 7])

func check(_ dataset: Dataset, _ facts: Facts, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(dataset.inputs.dtype == .float32 && dataset.targets.dtype == .int64, sourceLocation: sourceLocation)
  #expect(dataset.inputs.shape == [facts.count, facts.features], sourceLocation: sourceLocation)
  #expect(dataset.targets.shape == [facts.count], sourceLocation: sourceLocation)
  #expect(dataset.classes == 10 && dataset.count == facts.count, sourceLocation: sourceLocation)
  let pixels = UnsafeBufferPointer(start: dataset.inputs.pointer(Float.self), count: facts.count * facts.features)
  let labels = UnsafeBufferPointer(start: dataset.targets.pointer(Int64.self), count: facts.count).map { Int($0) - 1 }
  var (sum, weightedSum, lowest, highest) = (0, 0, Float.infinity, -Float.infinity)
  for (sample, label) in labels.enumerated() {
    for place in 0..<facts.features {
      let pixel = pixels[sample * facts.features + place]
      (lowest, highest) = (min(lowest, pixel), max(highest, pixel))
      let value = Int((pixel * facts.brightest).rounded())
      sum += value
      weightedSum += value * (place + 1) * (label + 1)
    }
  }
  #expect(sum == facts.sum, sourceLocation: sourceLocation)
  #expect(weightedSum == facts.weightedSum, sourceLocation: sourceLocation)
  #expect(lowest == 0 && highest == 1, sourceLocation: sourceLocation)
  let histogram = (0..<10).map { label in labels.count { $0 == label } }
  #expect(histogram == facts.histogram, sourceLocation: sourceLocation)
  #expect(Array(labels.prefix(5)) == facts.firstLabels, sourceLocation: sourceLocation)
  #expect(Array(labels.suffix(3)) == facts.lastLabels, sourceLocation: sourceLocation)
}

@Suite struct ShippedTests {
  @Test func digitsAreWhatPythonReads() throws {
    let (train, test) = try Dataset.digits()
    check(train, digitsTrain)
    check(test, digitsTest)
    #expect(train.description == "digits: 1437 samples of 64 features, 10 classes")
  }

  @Test func theMnistPartIsWhatPythonReads() throws {
    let (train, test) = try Dataset.mnist()
    check(train, mnistTrain)
    check(test, mnistTest)
  }
}
