import Kernels

/// Numbers as a line of bars, one character each.
public enum Sparkline {
  /// What the bars are made of, from the lowest to the highest.
  public enum Style: Sendable {
    /// The eight block elements U+2581 to U+2588.
    case blocks
    /// Plain ASCII, for terminals and files without Unicode.
    case ascii

    var bars: [Character] {
      switch self {
      case .blocks: ["\u{2581}", "\u{2582}", "\u{2583}", "\u{2584}", "\u{2585}", "\u{2586}", "\u{2587}", "\u{2588}"]
      case .ascii: [".", ":", "-", "=", "+", "*", "%", "#"]
      }
    }
  }

  /// Draws the counts of a histogram, the fullest bin at full height; an empty bin is a space, any other at least a low bar.
  ///
  /// With more bins than `width` neighbours are merged, a bin across a border being shared by area; with fewer they repeat.
  ///
  /// - Parameters:
  ///   - counts: the bins, none below 0.
  ///   - width: the number of characters; nil for one a bin.
  ///   - logarithmic: whether heights follow `log(1 + count)`, which shows sparse tails.
  ///   - style: what the bars are made of.
  /// - Returns: the bars.
  public static func histogram(
    _ counts: [Int], width: Int? = nil, logarithmic: Bool = false, style: Style = .blocks
  ) -> String {
    let merged = resample(counts.map(Double.init), to: width ?? counts.count)
    let heights = logarithmic ? merged.map { Double.log(onePlus: $0) } : merged
    let highest = heights.max() ?? 0
    return draw(heights, lowest: 0, highest: highest, style) { $0 > 0 }
  }

  /// Draws values from the smallest at the lowest bar to the largest at the highest; a space where none is finite.
  ///
  /// With more values than `width` each character is the mean of the finite ones among neighbours.
  ///
  /// - Parameters:
  ///   - values: the values, one character each.
  ///   - width: the most characters; nil for one a value.
  ///   - logarithmic: whether heights follow the logarithm; values that are not above 0 are left out then.
  ///   - style: what the bars are made of.
  /// - Returns: the bars.
  public static func values(
    _ values: [Double], width: Int? = nil, logarithmic: Bool = false, style: Style = .blocks
  ) -> String {
    let values = thinned(values, to: width ?? values.count)
    let heights = logarithmic ? values.map { $0 > 0 ? Double.log10($0) : .nan } : values
    let finite = heights.filter(\.isFinite)
    return draw(heights, lowest: finite.min() ?? 0, highest: finite.max() ?? 0, style, isShown: \.isFinite)
  }

  private static func draw(
    _ heights: [Double], lowest: Double, highest: Double, _ style: Style, isShown: (Double) -> Bool
  ) -> String {
    let bars = style.bars
    // Halves keep the span of the largest doubles finite.
    let span = highest / 2 - lowest / 2
    return String(
      heights.map { height in
        guard isShown(height) else { return " " }
        let share = span > 0 ? (height / 2 - lowest / 2) / span : 0
        return bars[min(Int(share * Double(bars.count)), bars.count - 1)]
      })
  }

  private static func thinned(_ values: [Double], to width: Int) -> [Double] {
    guard values.count > width else { return values }
    return (0..<width).map { place in
      let part = values[place * values.count / width..<(place + 1) * values.count / width].filter(\.isFinite)
      return part.isEmpty ? .nan : part.reduce(0) { $0 + $1 / Double(part.count) }
    }
  }

  /// Shares bins out to `width` others of equal length.
  private static func resample(_ counts: [Double], to width: Int) -> [Double] {
    guard !counts.isEmpty, width > 0 else { return [] }
    if counts.count == width { return counts }
    let length = Double(counts.count) / Double(width)
    return (0..<width).map { place in
      let (start, end) = (Double(place) * length, Double(place + 1) * length)
      var sum = 0.0
      for bin in Int(start)..<min(Int(end.rounded(.up)), counts.count) {
        sum += counts[bin] * max(0, min(end, Double(bin + 1)) - max(start, Double(bin)))
      }
      return sum
    }
  }
}
