import Testing

@testable import Plots

@Suite struct GnuplotThinningTests {
  /// A sawtooth of a thousand points to a column of half a pixel, from 0 to 1 and back to 0.5 at its end.
  @Test func ofALineEachColumnKeepsItsFirstLowestHighestAndLast() {
    let thinning = GnuplotThinning(width: 2, height: 100)
    let points = (0..<4000).map { index -> (x: Double, y: Double) in
      let inside = index % 1000
      let y = inside == 300 ? 0 : inside == 700 ? 1 : 0.5
      return ((Double(index / 1000) + 0.5) / 4, y)
    }
    let thin = thinning.line(points)
    #expect(thin.map(\.y) == [[Double]](repeating: [0.5, 0, 1, 0.5], count: 4).flatMap(\.self))
    #expect(thin.map(\.x) == thin.map(\.x).sorted())
    #expect(thinning.line(Array(points.prefix(100))).count == 100, "few points are drawn as they are")
  }

  @Test func ofPointsEachCellKeepsTheFirstAndNoneOutside() {
    let thinning = GnuplotThinning(width: 5, height: 5)
    let points = (0..<10_000).map { index -> (x: Double, y: Double) in
      (Double(index % 100) / 50 - 0.5, Double(index / 100) / 100)
    }
    let thin = thinning.dots(points)
    #expect(thin.count <= 11 * 10 && thin.count >= 100)
    #expect(thin.allSatisfy { (0.0...1.0).contains($0.x) })
    #expect(thin[0] == (0, 0))
  }
}
