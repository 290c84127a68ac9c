/// Numbers with their units, short.
enum Quantity {
  /// A time: `1.23 ms`.
  static func seconds(_ value: Double) -> String {
    let units = [(1.0, "s"), (1e-3, "ms"), (1e-6, "us")]
    let (size, name) = units.first { abs(value) >= $0.0 } ?? (1e-9, "ns")
    return "\(digits(value / size)) \(name)"
  }

  /// A size: `4.00 MB`, in powers of 1024.
  static func bytes(_ value: Int) -> String {
    let units = [(1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")]
    guard let (size, name) = units.first(where: { value >= $0.0 }) else { return "\(value) B" }
    return "\(digits(Double(value) / Double(size))) \(name)"
  }

  /// Three digits, or all before the point.
  private static func digits(_ value: Double) -> String {
    let places = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 2
    let scale = places == 0 ? 1.0 : places == 1 ? 10 : 100
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let whole = Int((abs(value) * scale).rounded())
    let text = String(whole)
    guard places > 0 else { return (value < 0 ? "-" : "") + text }
    let padded = String(repeating: "0", count: max(0, places + 1 - text.count)) + text
    return (value < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
  }
}
