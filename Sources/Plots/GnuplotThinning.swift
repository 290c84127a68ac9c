/// Points of a panel without those that nobody could tell from others, so that a curve of millions is a picture of its pixels.
struct GnuplotThinning {
  typealias Point = (x: Double, y: Double)

  /// What is drawn within one column or cell of this many to a pixel can't be told apart, pictures being scaled.
  private static let cellsAPixel = 2.0
  /// So many points are drawn as they are.
  private static let fewest = 2000

  private let across: Double
  private let up: Double

  /// Thins for a panel of a size in pixels.
  init(width: Double, height: Double) {
    (across, up) = (width * GnuplotThinning.cellsAPixel, height * GnuplotThinning.cellsAPixel)
  }

  /// Of points in a row that share a column the first, the lowest, the highest and the last, in their order.
  func line(_ points: [Point]) -> [Point] {
    guard points.count > GnuplotThinning.fewest else { return points }
    var (result, start): ([Point], Int) = ([], 0)
    while start < points.count {
      let column = (points[start].x * across).rounded(.down)
      var (end, lowest, highest) = (start + 1, start, start)
      while end < points.count, (points[end].x * across).rounded(.down) == column {
        if points[end].y < points[lowest].y { lowest = end }
        if points[end].y > points[highest].y { highest = end }
        end += 1
      }
      var last = -1
      for index in [start, min(lowest, highest), max(lowest, highest), end - 1] where index > last {
        result.append(points[index])
        last = index
      }
      start = end
    }
    return result
  }

  /// Of points that share a cell the first; those outside the panel are not seen at all.
  func dots(_ points: [Point]) -> [Point] {
    guard points.count > GnuplotThinning.fewest else { return points }
    let seen = 0.0...1.0
    var taken: Set<Int> = []
    return points.filter { point in
      guard seen.contains(point.x), seen.contains(point.y) else { return false }
      return taken.insert(Int(point.y * up) << 32 | Int(point.x * across)).inserted
    }
  }
}
