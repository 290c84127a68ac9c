import Tensors

/// What can be wrong with a data set or a request to it, as data; `description` is the one place with the prose.
///
/// `operation` is what the user called; samples are counted from 1 in the text, as users count.
public enum DatasetError: Error, Equatable {
  /// Inputs that are not a floating-point matrix with at least one row.
  case inputs(operation: String, dtype: String, shape: Extents)
  /// Classes that are not a vector.
  case targets(operation: String, shape: Extents)
  /// Real-valued targets that are neither a vector nor a matrix.
  case values(operation: String, shape: Extents)
  /// A target that is NaN or infinite; `sample` counts from 0.
  case targetNotFinite(operation: String, value: String, sample: Int)
  /// A number of classes that nobody has.
  case classCount(operation: String, count: Int)
  /// Another number of names than of classes.
  case classNames(operation: String, names: Int, classes: Int)
  /// Images that are not bytes of at least two dimensions.
  case images(operation: String, element: String, shape: Extents)
  /// Labels that are not bytes of one dimension.
  case labels(operation: String, element: String, shape: Extents)
  /// As many targets as inputs were expected.
  case countsDiffer(operation: String, inputs: Int, targets: Int)
  /// A class that is not one of `first...last`; `sample` counts from 0. `isGuess` where nobody said that they are classes.
  case classRange(operation: String, value: String, sample: Int, first: Int, last: Int, isGuess: Bool)
  /// An input that is NaN or infinite; positions count from 0.
  case notFinite(operation: String, value: String, sample: Int, feature: Int)
  /// Parts that were to be one collection have images of different sizes.
  case featuresDiffer(operation: String, train: Int, test: Int)
  /// A directory that lacks one of the collection's files.
  case missing(operation: String, directory: String, name: String)
  /// Means and divisors that don't fit each other or the set.
  case scale(operation: String, expected: String, got: String)
  /// A parameter of a generated set.
  case generated(operation: String, expected: String, got: String)
}

extension DatasetError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .inputs(let operation, let dtype, let shape):
      "\(operation): expected inputs [samples, features] of float32 or float64 with at least one sample, got \(dtype) \(shape)"
    case .targets(let operation, let shape):
      "\(operation): expected classes [samples], got \(shape)"
    case .values(let operation, let shape):
      "\(operation): expected targets [samples] or [samples, outputs], got \(shape)"
    case .targetNotFinite(let operation, let value, let sample):
      "\(operation): expected finite targets, got \(value) for sample \(sample + 1)"
    case .classCount(let operation, let count):
      "\(operation): expected 1 to \(Labels.mostClasses) classes, got \(count)"
    case .classNames(let operation, let names, let classes):
      "\(operation): expected a name for each of the \(classes) classes, got \(names)"
    case .images(let operation, let element, let shape):
      "\(operation): expected images of uint8 with 2 or more dimensions, got \(element) \(shape)"
    case .labels(let operation, let element, let shape):
      "\(operation): expected labels of uint8 with 1 dimension, got \(element) \(shape)"
    case .countsDiffer(let operation, let inputs, let targets):
      "\(operation): expected one target for each of the \(inputs) inputs, got \(targets)"
    case .classRange(let operation, let value, let sample, _, _, isGuess: true):
      "\(operation): expected classes from 1 to \(Labels.mostClasses), got \(value) for sample \(sample + 1); "
        + "{classes=false} takes whole numbers as they are"
    case .classRange(let operation, let value, let sample, let first, let last, isGuess: false):
      "\(operation): expected whole classes from \(first) to \(last), got \(value) for sample \(sample + 1)"
    case .notFinite(let operation, let value, let sample, let feature):
      "\(operation): expected finite inputs, got \(value) in feature \(feature + 1) of sample \(sample + 1)"
    case .featuresDiffer(let operation, let train, let test):
      "\(operation): expected test images of \(train) pixels as those for training, got \(test)"
    case .missing(let operation, let directory, let name):
      "\(operation): '\(directory)': expected a file \(name) or \(name).gz, got neither"
    case .scale(let operation, let expected, let got), .generated(let operation, let expected, let got):
      "\(operation): expected \(expected), got \(got)"
    }
  }
}
