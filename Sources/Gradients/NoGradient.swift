import Tensors

/// The scope in which operations leave no trace on the tape.
public enum NoGradient {
  @TaskLocal private static var active = false

  /// Whether the code that asks runs inside such a scope.
  public static var isActive: Bool { active }

  /// Runs `body` without recording; results made in it have no producer and need no gradient.
  ///
  /// - Throws: what `body` throws.
  public static func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $active.withValue(true, operation: body)
  }

  /// Runs `body` with recording, inside a scope without.
  ///
  /// - Throws: what `body` throws.
  public static func suspended<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $active.withValue(false, operation: body)
  }
}
