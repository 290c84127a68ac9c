/// The colours of figures.
public enum Palette {
  /// Colours for curves that stand side by side, told apart by colour-blind readers too.
  ///
  /// After Okabe and Ito, "Color Universal Design" (2008), without the yellow that is lost on white and the black of text.
  public static let curves = [0x0072B2, 0xD55E00, 0x009E73, 0xAA4499, 0xE69F00, 0x56B4E9, 0x882255, 0x999933].map(
    Color.init(hex:))
  /// Predictions, under what was measured.
  public static let theory = Color(hex: 0xC9C9D1)

  /// The colour of a layer: from dark blue at the input through teal, green and yellow to red at the output.
  ///
  /// - Parameter share: 0 at the first layer, 1 at the last.
  /// - Returns: the colour; that of the nearer end outside.
  public static func depth(_ share: Double) -> Color { mixed(depthStops, share) }

  /// The colour of a number in a heat map, from dark to bright; its brightness rises evenly.
  ///
  /// The stops are those of viridis, by van der Walt and Smith (2015).
  ///
  /// - Parameter share: 0 at the smallest number, 1 at the largest.
  /// - Returns: the colour; that of the nearer end outside.
  public static func heat(_ share: Double) -> Color { mixed(heatStops, share) }

  private static let depthStops =
    [0x24395E, 0x31587F, 0x3A789E, 0x339A9C, 0x63AD91, 0x9BBA85, 0xE2C677, 0xF2B26C, 0xF19A66, 0xE8735A]
    .map(Color.init(hex:))

  private static let heatStops =
    [0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C, 0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725].map(Color.init(hex:))

  private static func mixed(_ stops: [Color], _ share: Double) -> Color {
    let place = max(0, min(1, share.isNaN ? 0 : share)) * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    return stops[index].mixed(with: stops[index + 1], place - Double(index))
  }
}

extension Color {
  /// A colour as it is written in six hexadecimal digits, red first.
  public init(hex: Int) {
    self.init(red: UInt8(hex >> 16 & 0xFF), green: UInt8(hex >> 8 & 0xFF), blue: UInt8(hex & 0xFF))
  }

  /// The six hexadecimal digits, red first.
  public var hexadecimal: String {
    [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The colour on the way to another, of which it takes `share`.
  public func mixed(with other: Color, _ share: Double) -> Color {
    func part(_ from: UInt8, _ to: UInt8) -> UInt8 {
      UInt8((Double(from) + (Double(to) - Double(from)) * max(0, min(1, share))).rounded())
    }
    return Color(red: part(red, other.red), green: part(green, other.green), blue: part(blue, other.blue))
  }
}

extension Panel {
  /// The colour of each mark: its own, that of an earlier mark of its name, or the palette's next.
  ///
  /// Ridges and heat maps colour themselves and have nil.
  public var colors: [Color?] {
    var named: [String: Color] = [:]
    var used = 0
    return marks.map { mark in
      guard let (name, own) = mark.nameAndColor else { return nil }
      if case .theory = mark { return own ?? Palette.theory }
      let color = own ?? named[name] ?? Palette.curves[used % Palette.curves.count]
      if own == nil && named[name] == nil { used += 1 }
      if !name.isEmpty { named[name] = color }
      return color
    }
  }
}

extension Mark {
  fileprivate var nameAndColor: (name: String, color: Color?)? {
    switch self {
    case .line(let series), .theory(let series), .scatter(let series): (series.name, series.color)
    case .band(let band): (band.name, band.color)
    case .histogram(let bins): (bins.name, bins.color)
    case .ridges, .heatmap: nil
    }
  }
}
