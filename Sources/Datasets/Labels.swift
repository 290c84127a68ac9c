/// What the targets of a data set are.
public enum Labels: Hashable, Sendable {
  /// There are none: the targets are `[samples, 0]`.
  case none
  /// Real numbers to approximate, `[samples]` or `[samples, outputs]`.
  case values
  /// Classes from 1, int64 `[samples]`: how many, and what each is called where that is known.
  case classes(Int, names: [String]?)
}

extension Labels {
  /// The largest number of classes a data set may have; whole numbers beyond it are no classes.
  public static let mostClasses = 1_000_000

  /// How the targets of a data set that is being made are to be understood.
  public enum Kind: Hashable, Sendable {
    /// Whole numbers in a vector are classes, everything else values.
    case automatic
    /// Classes from 1 to this number; nil: to the largest that occurs.
    case classes(Int?)
    /// Real numbers.
    case values
  }
}
