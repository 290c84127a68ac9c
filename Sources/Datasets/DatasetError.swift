import Tensors

/// What can be wrong with a data set or a request to it, as data; `description` is the one place with the prose.
///
/// `operation` is what the user called; samples are counted from 1 in the text, as users count.
public enum DatasetError: Error, Equatable {
  /// Inputs that are not a floating-point matrix with at least one row.
  case inputs(operation: String, dtype: String, shape: Extents)
  /// Targets that are not a vector.
  case targets(operation: String, shape: Extents)
  /// Images that are not bytes of at least two dimensions.
  case images(operation: String, element: String, shape: Extents)
  /// Labels that are not bytes of one dimension.
  case labels(operation: String, element: String, shape: Extents)
  /// As many targets as inputs were expected.
  case countsDiffer(operation: String, inputs: Int, targets: Int)
  /// A class that is not one of `first...last`; `sample` counts from 0.
  case classRange(operation: String, value: String, sample: Int, first: Int, last: Int)
  /// An input that is NaN or infinite; positions count from 0.
  case notFinite(operation: String, value: String, sample: Int, feature: Int)
  /// Parts that were to be one collection have images of different sizes.
  case featuresDiffer(operation: String, train: Int, test: Int)
  /// A directory that lacks one of the collection's files.
  case missing(operation: String, directory: String, name: String)
  /// A sample's index, counted from 0, that is none.
  case index(operation: String, index: Int, count: Int)
  /// A fraction that leaves one part without samples, or is none.
  case fraction(operation: String, fraction: Double, count: Int)
  /// A batch of no samples.
  case batchSize(operation: String, size: Int)
}

extension DatasetError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .inputs(let operation, let dtype, let shape):
      "\(operation): expected inputs [samples, features] of float32 or float64 with at least one sample, got \(dtype) \(shape)"
    case .targets(let operation, let shape):
      "\(operation): expected targets [samples], got \(shape)"
    case .images(let operation, let element, let shape):
      "\(operation): expected images of uint8 with 2 or more dimensions, got \(element) \(shape)"
    case .labels(let operation, let element, let shape):
      "\(operation): expected labels of uint8 with 1 dimension, got \(element) \(shape)"
    case .countsDiffer(let operation, let inputs, let targets):
      "\(operation): expected one target for each of the \(inputs) inputs, got \(targets)"
    case .classRange(let operation, let value, let sample, let first, let last):
      "\(operation): expected whole classes from \(first) to \(last), got \(value) for sample \(sample + 1)"
    case .notFinite(let operation, let value, let sample, let feature):
      "\(operation): expected finite inputs, got \(value) in feature \(feature + 1) of sample \(sample + 1)"
    case .featuresDiffer(let operation, let train, let test):
      "\(operation): expected test images of \(train) pixels as those for training, got \(test)"
    case .missing(let operation, let directory, let name):
      "\(operation): '\(directory)': expected a file \(name) or \(name).gz, got neither"
    case .index(let operation, let index, let count):
      "\(operation): expected a sample from 1 to \(count), got \(index + 1)"
    case .fraction(let operation, let fraction, let count):
      "\(operation): expected a fraction that leaves both parts some of the \(count) samples, got \(fraction)"
    case .batchSize(let operation, let size):
      "\(operation): expected a batch size of 1 or more, got \(size)"
    }
  }
}
