import Testing

@testable import Tensors

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("ab", "ba", 1), ("activaton", "activation", 1),
    ("ca", "abc", 3),
  ])
  func editDistanceIsThePublishedOne(left: String, right: String, distance: Int) {
    #expect(editDistance(left, right) == distance)
    #expect(editDistance(right, left) == distance)
  }

  @Test func onlyANearNameIsOffered() {
    #expect(nearestName(to: "activaton", among: ["width", "activation", "init"]) == "activation")
    #expect(nearestName(to: "Linaer", among: ["Linear", "ReLU"]) == "Linear")
    #expect(nearestName(to: "zebra", among: ["width", "activation"]) == nil)
    #expect(nearestName(to: "x", among: [String]()) == nil)
  }
}
