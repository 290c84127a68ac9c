import Tensors
import Testing

@Suite struct FileEndingTests {
  @Test(
    arguments: [
      ("a.csv", "csv"), ("A.CSV", "csv"), ("a.tar.json", "json"), ("dir.csv/x.json", "json"), (".csv", "csv"),
      ("a.", ""),
      ("json", nil), ("dir.csv/x", nil), ("dir.csv/", nil), ("", nil),
    ] as [(String, String?)]) func anEndingIsWhatFollowsTheLastDotOfTheLastPart(path: String, ending: String?)
  {
    #expect(fileEnding(of: path) == ending)
  }
}
