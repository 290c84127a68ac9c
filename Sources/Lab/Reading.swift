import Tensors

/// Numbers as reports and diagnoses show them: three significant digits, which is what a batch can tell.
public enum Reading {
  /// A number, for example `0.0707`, `12.5`, `4.25e-45`, `nan`, `-inf`.
  public static func number(_ value: Double) -> String {
    let numeral = Numeral(value, single: false)
    // what rounds to four digits has an exponent
    let isPlain = abs(value) >= 0.001 && abs(value) < 999.5
    return isPlain ? numeral.significant(3) : numeral.scientific(places: 2)
  }

  /// A factor a layer, with four significant digits where a power of it soon makes a difference.
  public static func factor(_ value: Double) -> String {
    value >= 0.1 && value < 10 ? Numeral(value, single: false).significant(4) : number(value)
  }

  /// A share of 0 to 1 in percent, for example `49.7 %`; a few must not read as none, nor nearly all as all.
  public static func percent(_ fraction: Double) -> String {
    if fraction.isNaN { return "nan" }
    if fraction > 0 && fraction < 0.001 { return "<0.1 %" }
    if fraction < 1 && fraction > 0.999 { return ">99.9 %" }
    return Numeral(fraction * 100, single: false).fixed(places: 1) + " %"
  }
}
