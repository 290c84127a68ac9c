/// Logic on two masks; the raw value is the name users type.
public enum LogicalOperation: String, CaseIterable, Sendable {
  /// Both are true.
  case and = "logical_and"
  /// At least one is true.
  case or = "logical_or"
  /// Exactly one is true.
  case exclusiveOr = "logical_xor"
}
