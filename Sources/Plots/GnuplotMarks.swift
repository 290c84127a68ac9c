import Kernels

/// The marks of a panel as drawings in shares of its width and height.
struct GnuplotMarks {
  /// The least height that is drawn, as a share of the peak's.
  private static let hair = 0.004
  /// The least height in pixels that the outline leaves something of, and that of what stands alone, which noise in a thin tail is not.
  private static let (speck, isle) = (2.0, 6.0)

  /// A bin of a ridge: its limits, its middle and its height.
  private typealias RidgePoint = (left: Double, x: Double, right: Double, y: Double)

  private let scales: PanelScales
  private let width: Double
  private let height: Double
  private let format: GnuplotFormat
  private let thinning: GnuplotThinning
  private(set) var drawings: [GnuplotDrawing] = []

  init(_ panel: Panel, _ scales: PanelScales, _ format: GnuplotFormat, width: Double, height: Double) {
    self.scales = scales
    self.format = format
    (self.width, self.height) = (width, height)
    thinning = GnuplotThinning(width: width, height: height)
    for (mark, color) in zip(panel.marks, panel.colors) { add(mark, (color ?? Palette.theory).hexadecimal) }
    if let ridges = scales.ridges { add(ridges) }
  }

  private mutating func add(_ mark: Mark, _ color: String) {
    switch mark {
    case .line(let series): addLine(series, color)
    case .theory(let series):
      let parts = pieces(series.x, series.y)
      draw(connected(parts), "with lines lw 11 lc rgb '#\(color)'")
      draw(single(parts), "with points \(dots(2.4)) lc rgb '#\(color)'")
    case .scatter(let series):
      let size = series.x.count > 2000 ? 0.3 : series.x.count > 200 ? 0.5 : 0.8
      draw([thinning.dots(pieces(series.x, series.y).flatMap(\.self))], "with points \(dots(size)) lc rgb '#\(color)'")
    case .band(let band): addBand(band, color)
    case .histogram(let bins): addHistogram(bins, color)
    case .heatmap: addHeat()
    // all ridges of a panel share its height
    case .ridges: break
    }
  }

  private mutating func draw(_ pieces: [[(x: Double, y: Double)]], _ style: String) {
    if pieces.contains(where: { !$0.isEmpty }) { drawings.append(GnuplotDrawing(pieces, style)) }
  }

  /// Round points.
  private func dots(_ size: Double) -> String {
    "pt 7 ps \(GnuplotScript.number(format == .svg ? size * GnuplotLook.svgPointScale : size))"
  }

  private mutating func addLine(_ series: Series, _ color: String) {
    let parts = pieces(series.x, series.y)
    draw(connected(parts), "with lines lw 2 lc rgb '#\(color)'")
    // dots that touch are a thicker line
    if series.hasPoints && Double(series.x.count) * 7 < width {
      draw(parts, "with points \(dots(0.75)) lc rgb '#\(color)'")
    } else {
      draw(single(parts), "with points \(dots(0.5)) lc rgb '#\(color)'")
    }
  }

  private mutating func addBand(_ band: Band, _ color: String) {
    let (lower, upper) = (points(band.x, band.lower), points(band.x, band.upper))
    let both = zip(lower, upper).split { $0 == nil || $1 == nil }.map { Array($0) }
    let outlines = both.map { part in
      thinning.line(part.compactMap(\.0)) + thinning.line(part.compactMap(\.1)).reversed()
    }
    draw(outlines.filter { $0.count > 2 }, "with filledcurves closed fs solid noborder fc rgb '#aa\(color)'")
  }

  /// Bars; the outline is that of the background, so that they stand apart, unless they are too thin for it.
  private mutating func addHistogram(_ bins: Bins, _ color: String) {
    let base = 0.0
    let rows = bins.counts.indices.compactMap { index -> [Double]? in
      guard index + 1 < bins.edges.count, bins.counts[index] > 0, let top = scales.y.share(bins.counts[index]),
        let left = scales.x.share(bins.edges[index]), let right = scales.x.share(bins.edges[index + 1]), top > base
      else { return nil }
      return [left / 2 + right / 2, base, left, right, base, top]
    }
    guard !rows.isEmpty else { return }
    let border = Double(bins.counts.count) * 6 < width ? "border lc rgb '#\(GnuplotLook.background)'" : "noborder"
    drawings.append(
      GnuplotDrawing(rows: rows, "using 1:2:3:4:5:6 with boxxyerror fs solid \(border) fc rgb '#33\(color)'"))
  }

  /// Each cell reaches a little under the next, or hairlines of the background would show between them.
  private mutating func addHeat() {
    guard let grid = scales.heat else { return }
    let (right, up) = (0.7 / width, 0.7 / height)
    var rows: [[Double]] = []
    for (row, values) in grid.values.enumerated() {
      for (column, value) in values.enumerated() {
        guard let left = scales.x.share(grid.x[column]), let end = scales.x.share(grid.x[column + 1]),
          let bottom = scales.y.share(grid.y[row]), let top = scales.y.share(grid.y[row + 1])
        else { continue }
        let color = grid.scale.share(value).map(Palette.heat) ?? Color(hex: 0xE3E3E6)
        let code = Double(Int(color.red) << 16 | Int(color.green) << 8 | Int(color.blue))
        rows.append([left / 2 + end / 2, bottom, left, end + right, bottom, top + up, code])
      }
    }
    guard !rows.isEmpty else { return }
    drawings.append(
      GnuplotDrawing(rows: rows, "using 1:2:3:4:5:6:7 with boxxyerror fs solid noborder fc rgb variable"))
  }

  /// Fill and outline of each by turns from the back to the front, so that each stands before the one above it.
  private mutating func add(_ group: PanelScales.Ridges) {
    let last = Double(max(group.ridges.count - 1, 1))
    for (index, ridge) in group.ridges.enumerated() {
      let color = (ridge.bins.color ?? Palette.depth(Double(index) / last)).hexadecimal
      let base = group.base(index)
      let curve = curve(ridge.bins.trimmed, base: base, height: group.height)
      let width = group.ridges.count > 60 ? 0.8 : 1.8
      // Between what is seen, thin tails would be specks, and an outline along them would wipe out the grid and nothing else.
      let shapes = seen(curve, base: base, height: group.height).map { part in
        (part.first.map { [($0.left, base)] } ?? []) + part.map { ($0.x, $0.y) }
          + (part.last.map { [($0.right, base)] } ?? [])
      }
      draw(shapes, "with filledcurves closed fs solid noborder fc rgb '#\(color)'")
      draw(connected(shapes), "with lines lw \(width) lc rgb '#\(GnuplotLook.background)'")
    }
  }

  /// The parts of a ridge that are higher than a hair, `speck` pixels at least, without those that are nowhere as high as `isle` pixels.
  private func seen(_ curve: [RidgePoint], base: Double, height: Double) -> [[RidgePoint]] {
    func share(_ pixels: Double) -> Double { min(pixels / self.height, height / 2) }
    let hair = max(height * GnuplotMarks.hair, share(GnuplotMarks.speck))
    return curve.split { $0.y - base < hair }.map(Array.init)
      .filter { part in part.contains { $0.y - base >= share(GnuplotMarks.isle) } }
  }

  /// The curve over the middles of the bins, with their limits; its peak is as high as every other's.
  private func curve(_ bins: Bins, base: Double, height: Double) -> [RidgePoint] {
    let shares = bins.edges.map { scales.x.share($0) ?? .nan }
    // by length, so that bins of different widths show how dense the numbers lie
    let densities = bins.counts.indices.map { bins.counts[$0] / max(shares[$0 + 1] - shares[$0], 1e-12) }
    guard let peak = densities.filter(\.isFinite).max(), peak > 0,
      // what is lower than a hair at either end is not drawn
      let first = densities.firstIndex(where: { $0 > peak * GnuplotMarks.hair }),
      let last = densities.lastIndex(where: { $0 > peak * GnuplotMarks.hair })
    else { return [] }
    func near(_ share: Double) -> Double { max(-1, min(2, share)) }
    return (first...last).filter { densities[$0].isFinite }.map { index in
      let (left, right) = (near(shares[index]), near(shares[index + 1]))
      return (left, near(shares[index] / 2 + shares[index + 1] / 2), right, base + height * densities[index] / peak)
    }
  }

  private func points(_ x: [Double], _ y: [Double]) -> [(x: Double, y: Double)?] {
    zip(x, y).map { x, y in
      guard let across = scales.x.share(x), let up = scales.y.share(y) else { return nil }
      // gnuplot clips what is outside, but not what is beyond all measure
      return (max(-1e3, min(1e3, across)), max(-1e3, min(1e3, up)))
    }
  }

  /// The points that can be shown, parted where some can't.
  private func pieces(_ x: [Double], _ y: [Double]) -> [[(x: Double, y: Double)]] {
    points(x, y).split { $0 == nil }.map { $0.compactMap(\.self) }
  }

  /// Pieces of more than one point: single ones join nothing.
  private func connected(_ pieces: [[(x: Double, y: Double)]]) -> [[(x: Double, y: Double)]] {
    pieces.filter { $0.count > 1 }.map(thinning.line)
  }

  /// The points that stand alone.
  private func single(_ pieces: [[(x: Double, y: Double)]]) -> [[(x: Double, y: Double)]] {
    [thinning.dots(pieces.filter { $0.count == 1 }.flatMap(\.self))]
  }
}
