import TestSupport
import Testing

@testable import Plots

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Pictures by the real gnuplot.
@Suite struct GnuplotTests {
  @Test func everyKindOfMarkIsDrawn() throws {
    let svg = try picture(Sample.figure)
    for text in ["Every mark", "drawn once", "lines", "measured", "theory", "spread", "bars", "step", "first", "cells"]
    {
      #expect(svg.texts.contains(text), "\(text)")
    }
    // two curves and a band, a histogram of 3 bars, 2 ridges, 4 cells of a heat map
    for color in [Palette.curves[0], Palette.curves[1], Palette.depth(0), Palette.depth(1), Palette.heat(1)] {
      let rgb = "rgb(\(color.red),\(color.green),\(color.blue))"
      #expect(svg.source.replacing(" ", with: "").contains(rgb), "\(color.hexadecimal)")
    }
    #expect(svg.source.contains("font-weight=\"bold\""))
  }

  @Test func labelsAndTicksStandInThePicture() throws {
    let line = Series("std", x: [1, 2, 3], y: [1, 1e-4, 1e-8])
    let figure = Figure(columns: [
      .init([Panel(x: Axis(label: "layer"), y: Axis(isLogarithmic: true), marks: [.line(line)])])
    ])
    let texts = try picture(figure).texts
    for text in ["1", "2", "3", "layer", "std"] {
      #expect(texts.filter { $0 == text }.count == 1, "\(text) in \(texts)")
    }
    #expect(texts.contains { $0.hasPrefix("10") && $0.contains("-8") } && texts.contains { $0.contains("-2") })
  }

  @Test func picturesHaveTheSizeAskedFor() throws {
    let png = try Gnuplot.picture(Sample.figure, .png)
    #expect(png[0..<8] == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    func number(_ at: Int) -> Int { png[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    #expect(number(16) == 1600 && number(20) == 900)
    let small = try Gnuplot.picture(Sample.figure, .png, width: 320, height: 200)
    #expect(small[16..<24] == [0, 0, 1, 64, 0, 0, 0, 200])
    #expect(try picture(Sample.figure).source.contains("viewBox=\"0 0 1600 900\""))
    let pdf = try Gnuplot.picture(Sample.figure, .pdf)
    #expect(String(decoding: pdf, as: UTF8.self).contains("/MediaBox [ 0 0 1200 675 ]"))
  }

  @Test(arguments: [(99, 900), (1600, 10_001), (-1, 0), (Int.max, Int.min)]) func senselessSizesAreRefused(
    width: Int, height: Int
  ) {
    let error = GnuplotError.size(width, height, limits: 100...10_000)
    #expect(throws: error) { try Gnuplot.picture(Sample.figure, .svg, width: width, height: height) }
  }

  @Test func figuresWithoutAnythingToDrawAreDrawn() throws {
    let nothing = Series(x: [.nan, 1], y: [1, .infinity])
    let panels = [
      Panel(marks: []), Panel(marks: [.line(nothing), .theory(nothing), .scatter(nothing)]),
      Panel(y: Axis(isLogarithmic: true), marks: [.line(Series(x: [1], y: [0]))]),
      Panel(marks: [.histogram(Bins(edges: [0, 1], counts: [0]))]), Panel(marks: [.ridges([])]),
      Panel(marks: [.ridges([Ridge("a", Bins(edges: [], counts: []), note: "all NaN")])]),
      Panel(marks: [.heatmap(Heatmap([]))]),
      Panel(marks: [.heatmap(Heatmap([[.nan]]))]), Panel(marks: [.band(Band(x: [], lower: [], upper: []))]),
    ]
    let texts = try picture(Figure(columns: panels.map { .init([$0]) })).texts
    #expect(texts.filter { $0 == "no finite numbers to draw" }.count == 6, "\(texts)")
    #expect(texts.contains("no numbers above 0 to draw") && texts.contains("all NaN"))
    _ = try picture(Figure(columns: []))
    _ = try picture(Figure(columns: [.init([])]))
  }

  @Test func extremeNumbersAreDrawn() throws {
    let limits = [
      -Double.greatestFiniteMagnitude, -1, -Double.leastNonzeroMagnitude, 0, Double.leastNonzeroMagnitude, 1,
      Double.greatestFiniteMagnitude,
    ]
    for isLogarithmic in [false, true] {
      let axis = Axis(isLogarithmic: isLogarithmic)
      let marks: [Mark] = [
        .line(Series(x: limits, y: limits)), .band(Band(x: limits, lower: limits, upper: limits.reversed())),
        .histogram(Bins(edges: limits, counts: [1, 0, 1, 2, 1e300, 1])),
      ]
      _ = try picture(Figure(columns: [.init([Panel(x: axis, y: axis, marks: marks)])]))
    }
  }

  /// Whatever a text holds, it is drawn as it stands, and nothing in it is a command.
  @Test func textsAreInert() throws {
    let trap = "/tmp/sonde-trap-\(getpid())-\(UInt32.random(in: 0...(.max)))"
    let nasty = [
      "a_b^c {x} @y & ~z \\n %d $1", "it's \"quoted\"", "`touch \(trap)`", "'; system('touch \(trap)'); '",
      "\n!touch \(trap)\n", "'\nset output '\(trap)'\nreplot\n'", "EOD\n!touch \(trap)", "# comment \\", "\\", "'",
      "''", "\\'",
      "<script>&amp;</script>", "]]>", "-->", "żółć 数学 Ω log₁₀ 🙂", "font-family=\"DejaVu Sans\"", "@system",
      "$d1 << EOD",
      "\u{1}\u{7}\u{1b}[31m\u{7f}\u{9b}", "\u{202e}drawkcab", "{/:Bold bold} {/=20 big}", "",
    ]
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array("'\"`\\{}_^@&~$%#!;\n\r\t<>|()[]=, aé数🙂\u{0}\u{2028}").map(String.init)
    let random = (0..<40).map { _ in
      (0..<Int.random(in: 1...30, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "" }
        .joined()
    }
    for chunk in stride(from: 0, to: nasty.count + random.count, by: 8) {
      let texts = Array((nasty + random)[chunk..<min(chunk + 8, nasty.count + random.count)])
      let columns = texts.map { text in
        let series = Series(text, x: [1, 2], y: [1, 2])
        return Figure.Column([
          Panel(title: text, x: Axis(label: text), y: Axis(label: text), marks: [.line(series)]),
          Panel(marks: [.ridges([Ridge(text, Bins(edges: [0, 1], counts: [1]), note: text)])]),
        ])
      }
      let figure = Figure(title: texts[0], subtitle: texts[0], columns: columns)
      let drawn = try picture(figure, width: 10_000, height: 2000).texts.map(trimmed)
      for text in texts where !trimmed(GnuplotText.clipped(text, 160)).isEmpty {
        let expected = trimmed(GnuplotText.clipped(text, 28))
        #expect(drawn.contains(expected), "\(text.debugDescription)")
      }
    }
    #expect(access(trap, F_OK) != 0)
  }

  @Test func longTextsAreCut() throws {
    let long = String(repeating: "wide ", count: 100_000)
    let figure = Figure(
      title: long, columns: [.init([Panel(title: long, marks: [.line(Series(long, x: [1], y: [1]))])])])
    let svg = try picture(figure)
    #expect(svg.source.utf8.count < 100_000 && svg.texts.contains { $0.hasSuffix("…") })
    // a single character of any number of scalars
    let tower = "e" + String(repeating: "\u{301}", count: 100_000)
    #expect(try picture(Figure(title: tower, columns: [])).source.utf8.count < 20_000)
  }

  private func trimmed(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private func picture(_ figure: Figure, width: Int = 1600, height: Int = 900) throws -> DrawnSVG {
    DrawnSVG(String(decoding: try Gnuplot.picture(figure, .svg, width: width, height: height), as: UTF8.self))
  }
}

/// An svg and the texts in it, as a viewer shows them.
struct DrawnSVG {
  let source: String
  let texts: [String]

  init(_ source: String) {
    self.source = source
    texts = source.components(between: "<text", and: "</text>").map { element in
      let text = element.drop { $0 != ">" }.dropFirst()
      var plain = ""
      var isTag = false
      for character in text {
        if character == "<" {
          isTag = true
        } else if character == ">" && isTag {
          isTag = false
        } else if !isTag {
          plain.append(character)
        }
      }
      return plain.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
        .replacing("&amp;", with: "&")
    }
  }
}

extension String {
  func components(between start: String, and end: String) -> [String] {
    var found: [String] = []
    var rest = self[...]
    while let opening = rest.firstRange(of: start) {
      rest = rest[opening.upperBound...]
      guard let closing = rest.firstRange(of: end) else { break }
      found.append(String(rest[..<closing.lowerBound]))
      rest = rest[closing.upperBound...]
    }
    return found
  }
}

/// A figure with a mark of every kind.
enum Sample {
  static let figure = Figure(
    title: "Every mark", subtitle: "drawn once",
    columns: [
      .init(
        [
          Panel(
            title: "lines", x: Axis(label: "step"),
            marks: [
              .theory(Series("theory", x: [1, 2, 3], y: [3, 2, 1])),
              .line(Series("measured", x: [1, 2, 3], y: [3, 2.1, 1])),
              .band(Band("spread", x: [1, 2, 3], lower: [2, 1, 0], upper: [4, 3, 2])),
            ]),
          Panel(marks: [.histogram(Bins("bars", edges: [0, 1, 2, 3], counts: [1, 3, 2]))]),
        ], weight: 2),
      .init([
        Panel(
          marks: [
            .ridges([
              Ridge("first", Bins(edges: [0, 1, 2], counts: [1, 2])),
              Ridge("second", Bins(edges: [1, 2, 3], counts: [2, 1])),
            ])
          ]),
        Panel(marks: [.heatmap(Heatmap([[1, 2], [3, 4]], label: "cells"))]),
      ]),
    ])
}
