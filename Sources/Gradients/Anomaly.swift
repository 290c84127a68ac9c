import Kernels
import Tensors

/// The scope in which every operation is checked: the first that makes a NaN or an infinity of finite numbers is told.
public enum Anomaly {
  @TaskLocal private static var watched = false

  /// Whether the code that asks runs inside such a scope.
  public static var isWatched: Bool { watched }

  /// Runs `body` with every operation checked.
  ///
  /// - Throws: `GradientError.anomaly` from the operation, and what `body` throws.
  public static func watch<Result>(_ body: () throws -> Result) rethrows -> Result {
    try $watched.withValue(true, operation: body)
  }

  /// Runs a backward rule, whose own operations are not the user's and stay unchecked.
  static func unwatched<Result>(_ body: () throws -> Result) rethrows -> Result {
    watched ? try $watched.withValue(false, operation: body) : try body()
  }

  /// Checks the results of an operation's forward against its inputs, inside the scope alone.
  ///
  /// - Throws: `GradientError.anomaly`.
  public static func check(_ operation: String, _ results: [Tensor], from inputs: [Tensor]) throws {
    guard isWatched else { return }
    try check(operation, "forward", CallSite.current, results, inputs)
  }

  /// Checks the gradients that a node's backward made.
  static func check(_ node: Node, _ gradients: [Tensor?], from gradient: Tensor) throws {
    guard isWatched else { return }
    try check(node.operation, "backward", node.site ?? CallSite.current, gradients.compactMap { $0 }, [gradient])
  }

  private static func check(
    _ operation: String, _ pass: String, _ site: String?, _ results: [Tensor], _ inputs: [Tensor]
  ) throws {
    guard let made = try results.lazy.compactMap(defect).first else { return }
    guard try inputs.allSatisfy({ try defect($0) == nil }) else { return }
    throw GradientError.anomaly(operation: operation, pass: pass, made: made, site: site)
  }

  /// What is wrong with a tensor, as a sentence names it; nil when all its numbers are finite.
  private static func defect(_ tensor: Tensor) throws -> String? {
    guard tensor.dtype.isFloat else { return nil }
    if try !holds(.any, try tensor.testing(.isFinite).testing(.isZero)) { return nil }
    return try holds(.any, try tensor.testing(.isNaN)) ? "NaN" : "an infinity"
  }

  private static func holds(_ reduction: Reduction, _ mask: Tensor) throws -> Bool {
    try mask.reduced(reduction).item().double != 0
  }
}
