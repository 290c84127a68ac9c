/// One way to go on with a word at the prompt.
public struct Candidate: Equatable, Sendable {
  /// What the word is compared with, and what lists show.
  public let name: String
  /// What takes the word's place.
  public let text: [UInt8]
  /// What it is, in a few words; empty where there is nothing to say.
  public let summary: String
  /// Whether the string or bracket it stands in may be closed behind it: a directory's may not.
  public let isWhole: Bool

  /// Makes one whose text, unless told, is its name.
  public init(_ name: String, text: [UInt8]? = nil, summary: String = "", isWhole: Bool = true) {
    self.name = name
    self.text = text ?? Array(name.utf8)
    self.summary = summary
    self.isWhole = isWhole
  }
}
