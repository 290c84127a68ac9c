import Kernels
@testable import Lab
@testable import LuaAPI
import Plots
import Tensors
import Testing

private func statistics(_ values: [Double]) throws -> Statistics {
  let tensor = try Tensor(.float32, [values.count, 1])
  for (index, value) in values.enumerated() { tensor.pointer(Float.self)[index] = Float(value) }
  return try Statistics(of: tensor, bins: 8)
}

private func report(rows count: Int, activation: (Int) -> [Double]) throws -> Report {
  let one = try statistics([0, 1, 1, 2])
  let rows = try (0..<count).map { index in
    ReportRow(
      name: index == count - 1 ? "head" : "\(index)", kind: index == count - 1 ? "Linear" : "Block", shape: [4, 1],
      preactivation: one, activation: try statistics(activation(index)), gradient: one, weight: one, weightGradient: one
    )
  }
  return Report(rows: rows, dtype: .float32, inputShape: [4, 1], input: one, upstream: one, loss: 2.302585)
}

@Suite struct ReportTextTests {
  @Test func aReportIsATableWithItsDiagnosis() throws {
    let report = try report(rows: 2) { $0 == 0 ? [0, 1, 1, 2] : [1e-2, 0, 0, 0] }
    #expect(
      try ReportText(style: .ascii).text(report) == """
        probe: 2 rows, input [4, 1] float32 of std 0.707, upstream gradient of std
          0.707, loss 2.3
        #  layer  log10|h| -3..1              std h  std dL/dh  std dL/dW   zeros
        1  Block                    #+        0.707      0.707      0.707  25.0 %
        2  head         #                   0.00433      0.707      0.707  75.0 %
        nothing to report
        """)
  }

  @Test func histogramsOfLikeSizesAreDrawnInTheirOwnRange() throws {
    // eight bins over 0 to 2, three characters each: a third of the fullest at both ends
    let report = try report(rows: 2) { _ in [0, 1, 1, 1, 2] }
    let lines = try ReportText(style: .ascii).text(report).split(separator: "\n")
    #expect(lines[2].contains("histogram of h"))
    #expect(lines[3].contains("---         ###      ---"))
  }

  @Test(arguments: [(1, 24), (31, 24), (200, 24), (200, 50)])
  func deepNetsFitAScreen(depth: Int, screen: Int) throws {
    let report = try report(rows: depth) { $0 > depth / 2 ? [0, 0, 0, 0] : [0, .nan, .infinity, 1e-40] }
    let text = ReportText(columns: 80, lines: screen)
    let lines = try text.text(report).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= screen)
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.contains("...") == (depth > screen))
    #expect(lines.contains { $0.hasPrefix("1  ") || $0.drop { $0 == " " }.hasPrefix("1  ") })
    #expect(lines.contains { $0.drop { $0 == " " }.hasPrefix("\(depth)  head") })
    let full = try ReportText(isFull: true).text(report).split(separator: "\n")
    #expect(full.filter { $0.contains("Block") || $0.contains("head") }.count == depth)
  }

  @Test(arguments: [40, 60, 80, 120]) func sentencesKeepToTheTerminal(columns: Int) throws {
    let report = try report(rows: 3) { $0 == 0 ? [0, 1, 1, 2] : [.nan, 0, 0, 0] }
    let lines = try ReportText(columns: columns).text(report).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= columns })
  }

  @Test func aNarrowTableLeavesColumnsOutAndSaysWhich() throws {
    let report = try report(rows: 2) { $0 == 0 ? [0, 1, 1, 2] : [1e-2, 0, 0, 0] }
    #expect(
      try ReportText(style: .ascii, columns: 40).text(report) == """
        probe: 2 rows, input [4, 1] float32 of
          std 0.707, upstream gradient of std
          0.707, loss 2.3
        #  log10|h| -3..1    std h  std dL/dh
        1            #+      0.707      0.707
        2     #            0.00433      0.707
        no room for zeros, std dL/dW, layer:
          r:text() has all
        nothing to report
        """)
    // as wide as it is nothing is left out
    #expect(try !ReportText(columns: 76).text(report).contains("no room"))
  }

  @Test func aRowWithoutNumbersHasNoShareOfZeros() throws {
    let lines = try ReportText(style: .ascii).text(report(rows: 2) { $0 == 0 ? [1, 2, 0, 1] : [.nan, .nan] })
      .split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("1 ") && $0.hasSuffix("25.0 %") })
    #expect(lines.contains { $0.hasPrefix("2 ") && $0.hasSuffix(" -") })
  }

  @Test func whatIsNotANumberIsNamed() throws {
    let broken = try report(rows: 1) { _ in [0, .nan, 1, 1] }
    #expect(try ReportText(style: .ascii).text(broken).contains("nan"))
    let infinite = try report(rows: 1) { _ in [0, .infinity, 1, 1] }
    #expect(try ReportText().text(infinite).contains("- infinity first at layer 1 (activations): 25 % of its values"))
  }
}

@Suite struct SparklineTests {
  private let bars = "\u{2581}\u{2582}\u{2583}\u{2584}\u{2585}\u{2586}\u{2587}\u{2588}"

  @Test func histogramsShowEmptyBinsAsSpaces() {
    #expect(Sparkline.histogram([0, 1, 4, 8]) == " \u{2582}\u{2585}\u{2588}")
    #expect(Sparkline.histogram([0, 1, 1000], style: .ascii) == " .#")
    #expect(Sparkline.histogram([0, 0]) == "  ")
    #expect(Sparkline.histogram([]) == "")
  }

  @Test func binsAreMergedByArea() {
    // Three bins in two places: the middle one is halved.
    #expect(Sparkline.histogram([8, 0, 0], width: 2, style: .ascii) == "# ")
    #expect(Sparkline.histogram([0, 8, 0], width: 2, style: .ascii) == "##")
    #expect(Sparkline.histogram([1, 2], width: 4, style: .ascii) == "++##")
    #expect(Sparkline.histogram([1, 2], width: 0) == "")
  }

  @Test func logarithmsShowSparseTails() {
    // log(1 + 9) is half of log(1 + 99).
    #expect(Sparkline.histogram([9, 99], logarithmic: true, style: .ascii) == "+#")
    #expect(Sparkline.histogram([9, 99], style: .ascii) == ".#")
    #expect(Sparkline.values([1, 10, 0, 1e2], logarithmic: true, style: .ascii) == ".+ #")
  }

  @Test func valuesReachFromTheLowestBarToTheHighest() {
    #expect(Sparkline.values([0, 1, 2, 3, 4, 5, 6, 7]) == bars)
    #expect(Sparkline.values([-1, .nan, 1, .infinity], style: .ascii) == ". # ")
    #expect(Sparkline.values([5, 5]) == "\u{2581}\u{2581}")
    let large = Double.greatestFiniteMagnitude
    #expect(Sparkline.values([-large, large], style: .ascii) == ".#")
  }

  @Test func valuesThatDoNotFitAreMeansOfNeighbours() {
    // means 1, 2.5, none and 7, the others left out of them: 0, a quarter and all of the way
    let values = [0, 2, 2, 3, .nan, .infinity, 7, .nan]
    #expect(Sparkline.values(values, width: 4, style: .ascii) == ".- #")
    #expect(Sparkline.values([1, 2], width: 4, style: .ascii) == ".#")
    #expect(Sparkline.values([], width: 4) == "")
  }
}

@Suite struct TableTests {
  private func lines(_ count: Int, atMost limit: Int?) -> String {
    var table = Table([("n", .left)])
    table.add(rows: count, atMost: limit) { ["\($0)"] }
    return table.lines.dropFirst().joined(separator: " ")
  }

  @Test func theMiddleOfManyRowsIsLeftOut() {
    #expect(lines(3, atMost: nil) == "0 1 2" && lines(3, atMost: 3) == "0 1 2")
    #expect(lines(9, atMost: 4) == "0 1 ... 8")
    #expect(lines(9, atMost: 5) == "0 1 ... 7 8")
    // one at either end however little room there is
    #expect(lines(9, atMost: 0) == "0 ... 8")
    #expect(lines(0, atMost: 3) == "")
  }
}
