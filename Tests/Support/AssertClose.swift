import Testing

/// Fails unless `actual` is within `relative` of `expected`, or within `absolute` for expectations near 0.
public func assertClose(
  _ actual: Double, _ expected: Double, relative: Double = 1e-12, absolute: Double = 0, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  if actual.isNaN && expected.isNaN { return }
  let allowed = max(absolute, relative * abs(expected))
  #expect(
    actual == expected || abs(actual - expected) <= allowed,
    "\(what): \(actual) is not within \(allowed) of \(expected)", sourceLocation: sourceLocation)
}

/// Fails unless two lists have one length and close elements; the message names the first index that differs.
public func assertClose(
  _ actual: [Double], _ expected: [Double], relative: Double = 1e-12, absolute: Double = 0, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    actual.count == expected.count, "\(what): \(actual.count) numbers, expected \(expected.count)",
    sourceLocation: sourceLocation)
  for (index, pair) in zip(actual, expected).enumerated() {
    assertClose(
      pair.0, pair.1, relative: relative, absolute: absolute, "\(what)[\(index)]", sourceLocation: sourceLocation)
  }
}
