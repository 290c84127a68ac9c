#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Numbers as reports and diagnoses show them: three significant digits, which is what a batch can tell.
public enum Reading {
  /// A number, for example `0.0707`, `12.5`, `4.25e-45`, `nan`, `-inf`.
  public static func number(_ value: Double) -> String {
    if value == 0 { return "0" }
    if value.isNaN { return "nan" }
    if value.isInfinite { return value > 0 ? "inf" : "-inf" }
    return format(abs(value) >= 0.001 && abs(value) < 1000 ? "%.3g" : "%.2e", value)
  }

  /// A factor, with four significant digits where it is near 1 and a power of it soon makes a difference.
  public static func factor(_ value: Double) -> String {
    value > 0.9 && value < 10 ? format("%.4g", value) : number(value)
  }

  /// A share of 0 to 1 in percent, for example `49.7 %`; a few must not read as none, nor nearly all as all.
  public static func percent(_ fraction: Double) -> String {
    if fraction.isNaN { return "nan" }
    if fraction > 0 && fraction < 0.001 { return "<0.1 %" }
    if fraction < 1 && fraction > 0.999 { return ">99.9 %" }
    return format("%.1f %%", fraction * 100)
  }

  private static func format(_ format: String, _ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let length = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(Int(max(0, min(length, 63)))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
