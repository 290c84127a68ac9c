/// What can be wrong with a request for some of a set's samples, as data; `description` is the one place with the prose.
///
/// `operation` is what the user called; samples are counted from 1 in the text, as users count.
public enum SelectionError: Error, Equatable {
  /// A sample's index, counted from 0, that is none.
  case index(operation: String, index: Int, count: Int)
  /// Fractions that leave a part without samples, add up to more than 1, or are none.
  case fractions(operation: String, fractions: [Double], count: Int)
  /// Shares of classes were asked of a set without classes.
  case stratify(operation: String)
  /// A batch of no samples, or of more than there are.
  case batchSize(operation: String, size: Int, count: Int)
  /// No samples at all.
  case empty(operation: String)
  /// The first samples of a set that has fewer.
  case take(operation: String, count: Int, samples: Int)
  /// A set with functions over batches where stored samples are to be changed.
  case mapped(operation: String)
  /// What a function over batches returned does not make a batch.
  case mapResult(operation: String, expected: String, got: String)
}

extension SelectionError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .index(let operation, let index, let count):
      "\(operation): expected a sample from 1 to \(count), got \(index + 1)"
    case .fractions(let operation, let fractions, let count):
      "\(operation): expected fractions that leave each part some of the \(count) samples and add up to at most 1, got "
        + (fractions.isEmpty ? "none" : fractions.map { $0.isNaN ? "nan" : "\($0)" }.joined(separator: ", "))
    case .stratify(let operation):
      "\(operation): expected classes to stratify by, got a set without; leave stratify out"
    case .batchSize(let operation, let size, _) where size < 1:
      "\(operation): expected a batch size of 1 or more, got \(size)"
    case .batchSize(let operation, let size, let count):
      "\(operation): expected a batch of at most the \(count) samples there are, got \(size)"
    case .empty(let operation): "\(operation): expected at least one sample, got none"
    case .take(let operation, let count, let samples):
      "\(operation): expected 1 to \(samples) samples, got \(count)"
    case .mapResult(let operation, let expected, let got):
      "\(operation): expected \(expected), got \(got)"
    case .mapped(let operation):
      "\(operation): expected stored samples, got a set whose batches go through a function; call map afterwards"
    }
  }
}
