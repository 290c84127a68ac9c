import Testing
import TestSupport

/// The tours of the README are what the program prints, but for digits, which differ between machines.
@Suite struct ReadmeTests {
  @Test(arguments: [
    "> net = nn.mlp", "> deep = nn.mlp", "> x = sonde.tensor", "> train, test = data.digits",
    "> train, test = data.blobs",
  ])
  func theTourIsReal(beginning: String) throws {
    let readme = try #require(Project.text("README.md"))
    let start = try #require(readme.range(of: beginning))
    let tour = readme[start.lowerBound...].components(until: "```")
    var input = ""
    var expected = ""
    for line in tour.split(separator: "\n") {
      if line.hasPrefix("> ") {
        input += line.dropFirst(2) + "\n"
      }
      expected += line + "\n"
    }
    let outcome = try Child.run(Child.built("sonde"), ["--seed", "1", "-i"], input: input, seconds: 120)
    #expect(outcome.errors == "" && outcome.status == 0)
    let printed = outcome.output.split(separator: "\n", maxSplits: 1).dropFirst().joined()
    #expect(ReadmeTests.shape(printed) == ReadmeTests.shape(expected + "> "))
  }

  @Test func theSessionWithAMistakeIsReal() throws {
    let readme = try #require(Project.text("README.md"))
    let start = try #require(readme.range(of: "> local net"))
    let session = readme[start.lowerBound...].components(until: "```")
    try Workplace().expect(String(session.dropLast()))
  }

  /// The words of a text, numbers as #, with the punctuation of a sentence or not, and bars as one bar.
  private static func shape(_ text: String) -> [String] {
    text.split { $0 == " " || $0 == "\n" || $0 == "\t" }.map { word in
      let bare = word.drop { $0 == "(" }.reversed().drop { ".,;:)".contains($0) }.reversed()
      if Double(String(bare)) != nil { return "#" }
      // a factor
      if bare.first == "x", Double(String(bare.dropFirst())) != nil { return "x#" }
      return word.unicodeScalars.allSatisfy { (0x2581...0x2588).contains($0.value) } ? "bars" : String(word)
    }
  }
}

extension StringProtocol {
  /// What stands before a mark.
  fileprivate func components(until mark: String) -> String {
    var end = startIndex
    while end < endIndex, !self[end...].hasPrefix(mark) { end = index(after: end) }
    return String(self[startIndex..<end])
  }

  /// Where a text first stands.
  fileprivate func range(of text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}
