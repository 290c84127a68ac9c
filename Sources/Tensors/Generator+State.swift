extension Generator {
  /// Makes a generator that continues this one's stream on its own.
  public func clone() -> Generator {
    let copy = Generator(seed: seed)
    copy.state = state
    return copy
  }
}

extension Generator.State: LosslessStringConvertible {
  private static let name = "philox4x32-10"

  /// The state as text that can be stored: the method, then key and counter as 16 hexadecimal digits each.
  public var description: String { "\(Self.name) \(Self.digits(key)) \(Self.digits(counter))" }

  /// Reads a state back from its text; nil for any other text.
  public init?(_ description: String) {
    let words = description.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == Self.name, let key = Self.number(words[1]), let counter = Self.number(words[2])
    else { return nil }
    self.init(key: key, counter: counter)
  }

  private static func digits(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  private static func number(_ text: Substring) -> UInt64? {
    guard text.utf8.count == 16, text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
      return nil
    }
    return UInt64(text, radix: 16)
  }
}
