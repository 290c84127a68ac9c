import TestSupport
import Testing

@testable import Plots

private let ascii = TerminalAbilities(isUnicode: false)

private func picture(
  _ panel: Panel, columns: Int, lines: Int, isUnicode: Bool = true, colors: TerminalAbilities.Colors = .none
) throws -> String {
  let abilities = TerminalAbilities(isUnicode: isUnicode, colors: colors, columns: columns)
  return try TerminalFigure(abilities, lines: lines).text(Figure(columns: [Figure.Column([panel])]))
    .joined(separator: "\n")
}

private func unit(_ label: String = "") -> Axis { Axis(label: label, lower: 0, upper: 1) }

/// Every text follows from the data by hand: an area of w by h cells has 2 w by 4 h dots, a share s of an axis of n dots
/// is dot round(s (n - 1)).
@Suite struct TerminalFigureTests {
  @Test func aStraightLineClimbsEvenly() throws {
    // 20 by 16 dots: round(15 x / 19) is below 4 for x to 4, below 8 for x to 9, below 12 for x to 14
    let line = Mark.line(Series(x: [0, 0.5, 1], y: [0, 0.5, 1]))
    let text = try picture(Panel(x: unit(), y: unit(), marks: [line]), columns: 15, lines: 6, isUnicode: false)
    #expect(
      text == """
          1 +       ***
        0.5 +     ***
            |  ***
          0 +***
            ++----+---+
             0   0.5  1
        """)
  }

  @Test func aLineAtTheBottomIsTheLowestDots() throws {
    let flat = Mark.line(Series(x: [0, 0.5, 1], y: [0, 0, 0], hasPoints: false))
    let text = try picture(Panel(x: unit("share"), y: unit("loss"), marks: [flat]), columns: 15, lines: 8)
    #expect(
      text == """
        loss
          1 ┤
        0.5 ┤
            │
          0 ┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀
            └┬────┬───┬
             0   0.5  1
               share
        """)
  }

  @Test func barsAreAsHighAsTheirCounts() throws {
    let bins = Bins(edges: [0, 1, 2, 3], counts: [1, 2, 4])
    let panel = Panel(y: Axis(lower: 0, upper: 4), marks: [.histogram(bins)])
    #expect(
      try picture(panel, columns: 15, lines: 6) == """
        4 ┤        ████
        2 ┤        ████
          │    ████████
        0 ┤████████████
          └┬──────┬────
           0      2
        """)
    // an eighth of a line and less is still seen
    let small = Panel(y: Axis(lower: 0, upper: 4000), marks: [.histogram(Bins(edges: [0, 1, 2], counts: [1, 4000]))])
    #expect(try picture(small, columns: 16, lines: 4).contains("0 ┤▁▁▁▁▁█████"))
  }

  @Test func ridgesStandOnTheirLabels() throws {
    let ridges = [
      Ridge("in", Bins(edges: [0, 1, 2, 3, 4], counts: [0, 4, 8, 0])),
      Ridge("out", Bins(edges: [0, 1, 2, 3, 4], counts: [8, 0, 0, 2]), note: ""),
    ]
    let panel = Panel(x: Axis(lower: 0, upper: 4), marks: [.ridges(ridges)])
    #expect(
      try picture(panel, columns: 17, lines: 6)
        == """
            │      ███
         in ┤   ██████
            │███
        out ┤███      ▄▄▄
            └┬─────┬────┬
             0     2    4
        """)
  }

  @Test func aMatrixIsShadesFromItsFirstRowUp() throws {
    let panel = Panel(marks: [.heatmap(Heatmap([[0, 1], [2, 3]], label: "n"))])
    #expect(
      try picture(panel, columns: 14, lines: 5) == """
        2 ┤▓▓▓▓▓█████
        1 ┤     ░░░░░
          └──┬────┬──
             1    2
        n 0  ░▒▓█ 3
        """)
    let holes = Panel(marks: [.heatmap(Heatmap([[.nan, 1], [2, .infinity]]))])
    let text = try picture(holes, columns: 40, lines: 8, isUnicode: false)
    #expect(text.contains("?") && text.contains("left out: 2 not finite"))
  }

  @Test func twoRowsOfAMatrixShareALineInColours() throws {
    let panel = Panel(marks: [.heatmap(Heatmap([[0], [0], [0], [1]]))])
    let text = try picture(panel, columns: 12, lines: 4, colors: .full)
    // viridis from 440154 to fde725, the upper row in front
    #expect(text.contains("\u{1B}[0;38;2;253;231;37;48;2;68;1;84m▀▀"))
    #expect(!text.contains("\t") && text.hasSuffix("\u{1B}[0m"))
  }

  @Test func namesStandAtTheEndsOfTheirCurves() throws {
    let marks: [Mark] = [
      .theory(Series("law", x: [0, 0.5, 1], y: [1, 1, 1])),
      .line(Series("deep", x: [0, 0.5, 1], y: [0, 0, 0])), .line(Series("wide", x: [0, 0.5, 1], y: [0, 0, 0])),
    ]
    let text = try picture(Panel(x: unit(), y: unit(), marks: marks), columns: 40, lines: 8, isUnicode: false)
    let lines = text.split(separator: "\n")
    #expect(lines[0].hasSuffix(" . law") && lines[0].contains("........"))
    #expect(lines[4...5].contains { $0.hasSuffix("o wide") } && lines[4...5].contains { $0.hasSuffix("* deep") })
    // where it is narrow they stand above
    let narrow = try picture(Panel(x: unit(), y: unit(), marks: marks), columns: 30, lines: 8, isUnicode: false)
    #expect(narrow.hasPrefix(". law  * deep  o wide\n"))
  }

  @Test func whatCanNotBeShownIsToldBelow() throws {
    let series = Series(x: [1, 2, 3, 4, 5], y: [1, 0, -1, .nan, 100])
    let panel = Panel(y: Axis(isLogarithmic: true, lower: 0.1, upper: 10), marks: [.line(series)], note: "of 5")
    let text = try picture(panel, columns: 100, lines: 12)
    #expect(
      text.hasSuffix("left out: 1 not finite, 2 not above 0 on a logarithmic scale, 1 outside the limits\nof 5"))
    let nothing = Panel(title: "empty", marks: [.scatter(Series(x: [.nan], y: [1]))])
    #expect(try picture(nothing, columns: 40, lines: 12) == "empty\nnothing to draw\nleft out: 1 not finite")
  }

  @Test func columnsOfPanelsStandSideBySideWhereThereIsRoom() throws {
    let panels = ["left", "right"].map { Panel(title: $0, marks: [.line(Series(x: [1, 2], y: [1, 2]))]) }
    let figure = Figure(title: "two", columns: panels.map { Figure.Column([$0]) })
    let wide = try TerminalFigure(TerminalAbilities(columns: 80)).text(figure)
    #expect(wide[0] == "two" && wide[1].hasPrefix("left ") && wide[1].hasSuffix(" right"))
    let narrow = try TerminalFigure(TerminalAbilities(columns: 60)).text(figure)
    #expect(narrow[1] == "left" && narrow.contains("right") && narrow.contains(""))
    // 80 columns less the gap of 2 are 39 each
    #expect(wide[1].distance(from: wide[1].startIndex, to: wide[1].firstIndex(of: "r") ?? wide[1].endIndex) == 41)
  }
}

/// Rules that hold for every figure.
@Suite struct TerminalRuleTests {
  private static let wave = (1...50).map { Double($0) }
  private static let figures: [Figure] = [
    Figure(
      title: "日本語 😀 \u{1B}[31m title", subtitle: String(repeating: "long ", count: 60),
      columns: [
        Figure.Column([
          Panel(
            title: "curves", x: Axis(label: "layer"), y: Axis(label: "std", isLogarithmic: true),
            marks: [
              .theory(Series("theory", x: wave, y: wave.map { 1 / $0 })),
              .band(Band("band", x: wave, lower: wave.map { 1 / $0 }, upper: wave.map { 3 / $0 })),
              .line(Series("a curve with a long name 日本", x: wave, y: wave.map { 2 / $0 })),
            ]),
          Panel(marks: [.scatter(Series("a", x: wave, y: wave)), .scatter(Series("b", x: wave, y: wave.reversed()))]),
        ]),
        Figure.Column([
          Panel(marks: [.histogram(Bins(edges: Array(0...50).map(Double.init), counts: wave))]),
          Panel(marks: [.heatmap(Heatmap((1...9).map { row in wave.map { $0 * Double(row) } }, label: "heat"))]),
          Panel(marks: [
            .ridges((1...30).map { Ridge("layer \($0)", Bins(edges: [0, 1, 2], counts: [Double($0), 1])) })
          ]),
        ]),
      ]),
    Figure(columns: [Figure.Column([Panel(marks: [.line(Series(x: [1e300], y: [-1e-300]))])])]),
    Figure(columns: [
      Figure.Column([Panel(marks: [.line(Series(x: [-1e308, 1e308], y: [-1.7e308, 1.7e308]))])])
    ]),
    Figure(columns: [
      Figure.Column([Panel(y: Axis(isLogarithmic: true), marks: [.scatter(Series(x: [1, 2], y: [5e-324, 1e308]))])])
    ]),
    Figure(title: "nothing", columns: []),
    Figure(columns: [Figure.Column([Panel(marks: [])], weight: .nan), Figure.Column([], weight: -1)]),
  ]

  @Test(arguments: [1, 2, 5, 9, 10, 11, 12, 13, 16, 20, 30, 39, 40, 41, 79, 80, 81, 120, 200])
  func noLineIsLongerThanTheTerminalIsWide(columns: Int) throws {
    for figure in TerminalRuleTests.figures {
      for isUnicode in [true, false] {
        for lines in [nil, 1, 30] {
          let abilities = TerminalAbilities(isUnicode: isUnicode, columns: columns)
          let text = try TerminalFigure(abilities, lines: lines).text(figure)
          for line in text {
            #expect(TerminalText.width(line) <= columns, "\(line)")
            #expect(!line.hasSuffix(" "))
            #expect(line.unicodeScalars.allSatisfy { $0.value >= 32 && (isUnicode || $0.isASCII) }, "\(line)")
          }
        }
      }
    }
  }

  @Test(arguments: [TerminalAbilities.Colors.sixteen, .indexed, .full])
  func coloursChangeNothingButColours(colors: TerminalAbilities.Colors) throws {
    let figure = TerminalRuleTests.figures[0]
    let lines = try TerminalFigure(TerminalAbilities(colors: colors)).text(figure)
    for line in lines where line.contains("\u{1B}") {
      // what follows the last code has no colour
      #expect(line.matches(of: /\u{1B}\[[0-9;]*m/).last?.output == "\u{1B}[0m")
      let plain = line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
      #expect(TerminalText.width(plain) <= 80 && !plain.contains("\u{1B}"))
    }
    #expect(lines.contains { $0.contains("\u{1B}[0;") })
  }

  @Test func everyPointInsideTheLimitsIsMarked() throws {
    var state: UInt64 = 42
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) * 0x1p-53
    }
    let points = (0..<300).map { _ in (random(), random()) } + [(0, 0), (1, 1), (0, 1), (1, 0)]
    let panel = Panel(x: unit(), y: unit(), marks: [.line(Series(x: points.map(\.0), y: points.map(\.1)))])
    let scales = PanelScales(panel)
    for lines in [false, true] {
      var area = TerminalArea(columns: 40, lines: 10, TerminalAbilities(), usesSigns: false)
      let series = Series(x: points.map(\.0), y: points.map(\.1), hasPoints: false)
      let pen = TerminalArea.Pen(color: nil, sign: "*")
      if lines {
        try TerminalCurves(scales).line(series, &area, pen)
      } else {
        try TerminalCurves(scales).scatter(series, &area, pen)
      }
      let rows = area.grid().text(.none).map(Array.init)
      for (x, y) in points {
        let dot = (x: Int((x * 79).rounded()), y: Int((y * 39).rounded()))
        let cell = rows[9 - dot.y / 4][dot.x / 2]
        let bit = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]][dot.x % 2][dot.y % 4]
        #expect(Int(cell.unicodeScalars.first?.value ?? 0) & bit != 0, "\(x), \(y)")
      }
    }
  }

  @Test func curvesAreBrokenWhereAPointIsMissing() throws {
    let panel = Panel(
      x: unit(), y: unit(),
      marks: [.line(Series(x: [0, 0.25, 0.5, 0.75, 1], y: [0, 0, .nan, 0, 0], hasPoints: false))])
    let text = try picture(panel, columns: 26, lines: 4)
    let line = text.split(separator: "\n")[1].drop { $0 != "┤" }.dropFirst()
    // 21 cells are 42 dots: 0.25 is dot 10, 0.75 dot 31
    #expect(line == "⣀⣀⣀⣀⣀⡀         ⢀⣀⣀⣀⣀⣀")
  }

  @Test func curvesThatLeaveTheLimitsAreCutAtThem() throws {
    let panel = Panel(x: unit(), y: unit(), marks: [.line(Series(x: [-1e300, 1e300], y: [0.5, 0.5]))])
    let text = try picture(panel, columns: 26, lines: 5, isUnicode: false)
    #expect(text.contains(String(repeating: "*", count: 21)))
  }

  @Test func manyPointsTakeOneColumnEach() throws {
    let count = 100_000
    let series = Series(x: (0..<count).map(Double.init), y: (0..<count).map { Double($0 % 2) }, hasPoints: false)
    let panel = Panel(y: Axis(lower: 0, upper: 1), marks: [.line(series)])
    let text = try picture(panel, columns: 60, lines: 6, isUnicode: false).split(separator: "\n")
    for line in text[0...3] { #expect(line.count { $0 == "*" } >= 50, "\(line)") }
  }
}
