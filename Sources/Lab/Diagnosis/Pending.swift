extension Report {
  /// Pending.
  public func prediction() throws -> Prediction? { nil }
}
