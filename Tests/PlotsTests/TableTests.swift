import Testing

@testable import Plots

@Suite struct TableTests {
  private var table: Table {
    var table = Table([("#", .right), ("setting", .left), ("std h", .right), ("", .left), ("zeros", .right)])
    table.add(["1", "kaiming_normal", "0.25", "x2", "50.0 %"])
    table.add(["12", "relu", "1.5", "", "0.0 %"])
    return table
  }

  @Test func aTableThatFitsStaysAsItIs() {
    let natural = table.lines
    #expect(natural[1] == " 1  kaiming_normal   0.25  x2  50.0 %")
    #expect(table.fitted(to: 37, [.drop([4])]) == (natural, []))
  }

  @Test func columnsGiveWayInTurn() {
    let steps: [Table.Step] = [.drop([4]), .shorten([1], least: 8), .drop([2, 3])]
    #expect(table.fitted(to: 36, steps).dropped == ["zeros"])
    #expect(table.fitted(to: 36, steps).lines[1] == " 1  kaiming_normal   0.25  x2")
    #expect(
      table.fitted(to: 25, steps).lines
        == [" #  setting     std h", " 1  kaiming_..   0.25  x2", "12  relu          1.5"])
    #expect(table.fitted(to: 15, steps) == ([" #  setting", " 1  kaimin..", "12  relu"], ["zeros", "std h"]))
  }

  @Test func aColumnTakesItsShorterNameWhereItMust() {
    var table = Table([("parameters", .left), ("b", .left)])
    table.add(["1", "x"])
    #expect(table.fitted(to: 13, [.rename(0, "params")]).lines == ["parameters  b", "1           x"])
    #expect(table.fitted(to: 12, [.rename(0, "params")]).lines == ["params  b", "1       x"])
  }

  @Test func cellsBreakBehindCommas() {
    var table = Table([("#", .right), ("layer", .left), ("n", .right)])
    table.add(["1", "f(a -> b, c), gg", "10"])
    table.addEllipsis()
    table.add(["2", "none", "7"])
    let steps: [Table.Step] = [.wrap(1, least: 10)]
    #expect(table.fitted(to: 23, steps).lines == table.lines)
    #expect(
      table.fitted(to: 22, steps).lines
        == ["#  layer           n", "1  f(a -> b, c),  10", "     gg", "...", "2  none            7"])
    #expect(
      table.fitted(to: 18, steps).lines
        == ["#  layer       n", "1  f(a -> b,  10", "     c), gg", "...", "2  none        7"])
    // no narrower than told: lines are cut
    #expect(
      table.fitted(to: 12, steps).lines
        == ["#  layer ...", "1  f(a ->...", "     c), gg", "...", "2  none  ..."])
  }

  @Test func whatNothingMakesNarrowIsCut() {
    #expect(table.fitted(to: 12, []).lines.allSatisfy { $0.count <= 12 })
  }

  @Test func namesAloneAreCutToTheirCells() {
    var table = Table([("a very long name", .right), ("b", .left)])
    table.add(["0.12345", "x"])
    #expect(table.fitted(to: 10, [.shortenNames([0])]).lines == ["a ver..  b", "0.12345  x"])
  }

  @Test func sentencesBreakBetweenWords() {
    #expect(TerminalText.paragraph("a sentence of words", to: 12) == ["a sentence", "  of words"])
    #expect(TerminalText.paragraph("short", to: 12) == ["short"])
    let pieces = ["mean 0.25", "std 1", "count 4096 of 8192", "min -1"]
    #expect(
      TerminalText.paragraph(of: pieces, separator: "  ", to: 16)
        == ["mean 0.25  std 1", "  count 4096 of 8192", "  min -1"])
    #expect(TerminalText.paragraph(of: [], separator: "  ", to: 16).isEmpty)
    #expect(TerminalText.paragraph("a/path/that/is/too/long for it", to: 8) == ["a/path/that/is/too/long", "  for it"])
  }
}
