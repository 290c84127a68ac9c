import Tensors

extension String {
  /// The text up to its last character that does not satisfy `isTrimmed`.
  fileprivate func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> String {
    String(self[..<(lastIndex { !isTrimmed($0) }.map(index(after:)) ?? startIndex)])
  }
}

/// Numbers in few characters.
enum TerminalNumber {
  /// Small powers of ten are written in full where all of an axis are small.
  private static let plainPowers = -3...4

  /// The labels of the ticks that are on the axis, and their places.
  static func ticks(_ ticks: [Tick]) -> [(label: String, share: Double)] {
    let shown = ticks.filter { 0...1 ~= $0.share }
    let powers = shown.compactMap { if case .power(let exponent) = $0.label { exponent } else { nil } }
    let isPlain = powers.allSatisfy(plainPowers.contains)
    return shown.map { tick in
      guard isPlain, case .power(let exponent) = tick.label else { return (tick.text, tick.share) }
      let zeros = String(repeating: "0", count: abs(exponent))
      // 0.001 has two zeros behind the point
      return (exponent >= 0 ? "1" + zeros : "0." + zeros.dropLast() + "1", tick.share)
    }
  }

  /// Three significant digits, with an exponent outside 0.001 to 9999.
  static func text(_ value: Double) -> String {
    let numeral = Numeral(value, single: false)
    guard value != 0, value.isFinite else { return numeral.fixed(places: 0) }
    let magnitude = abs(value)
    guard (0.001..<9999.5).contains(magnitude) else { return numeral.scientific(places: 2) }
    let places = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : magnitude >= 0.9995 ? 2 : 3
    let text = numeral.fixed(places: places)
    return places == 0 ? text : text.trimmingSuffix { $0 == "0" }.trimmingSuffix { $0 == "." }
  }
}
