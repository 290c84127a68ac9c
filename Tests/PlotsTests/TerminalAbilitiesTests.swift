import Testing

@testable import Plots

private func abilities(
  _ environment: [String: String], isTerminal: Bool = true, size: (Int, Int)? = (120, 50)
) -> TerminalAbilities {
  TerminalAbilities(isTerminal: isTerminal, size: size.map { (columns: $0.0, lines: $0.1) }) { environment[$0] }
}

@Suite struct TerminalAbilitiesTests {
  @Test(
    arguments: [
      ([:], true), (["LANG": "C"], false), (["LANG": "en_US.UTF-8"], true), (["LANG": "de_DE.utf8"], true),
      (["LANG": "en_US.UTF-8", "LC_ALL": "C"], false), (["LANG": "C", "LC_CTYPE": "C.UTF-8"], true),
      (["LC_CTYPE": "POSIX", "LC_ALL": "C.UTF-8"], true), (["LANG": "en_US.UTF-8", "LC_ALL": ""], true),
      (["LANG": "ja_JP.eucJP"], false), (["LANG": "C.UTF-8", "TERM": "linux"], false),
    ] as [([String: String], Bool)])
  func theLocaleTellsWhetherThereIsUnicode(environment: [String: String], isUnicode: Bool) {
    #expect(abilities(environment).isUnicode == isUnicode, "\(environment)")
  }

  @Test(
    arguments: [
      (["TERM": "xterm"], .sixteen), (["TERM": "xterm-256color"], .indexed), (["TERM": "xterm-direct"], .full),
      (["TERM": "xterm", "COLORTERM": "truecolor"], .full), (["TERM": "screen", "COLORTERM": "24bit"], .full),
      (["TERM": "xterm-256color", "NO_COLOR": "1"], .none), (["TERM": "xterm-256color", "NO_COLOR": ""], .indexed),
      (["TERM": "dumb", "COLORTERM": "truecolor"], .none), ([:], .none),
    ] as [([String: String], TerminalAbilities.Colors)])
  func theEnvironmentTellsTheColours(environment: [String: String], colors: TerminalAbilities.Colors) {
    #expect(abilities(environment).colors == colors, "\(environment)")
    #expect(abilities(environment, isTerminal: false, size: nil).colors == .none)
  }

  @Test func theSizeIsTheTerminalsElseTheEnvironmentsElse80By24() {
    let environment = ["COLUMNS": "132", "LINES": "43"]
    let of = { (abilities: TerminalAbilities) in [abilities.columns, abilities.lines] }
    #expect(of(abilities(environment)) == [120, 50])
    #expect(of(abilities(environment, size: (0, 0))) == [132, 43])
    #expect(of(abilities(environment, size: nil)) == [132, 43])
    #expect(of(abilities([:], size: nil)) == [80, 24])
    #expect(of(abilities(["COLUMNS": "-5", "LINES": "many"], size: nil)) == [80, 24])
  }

  @Test func coloursBecomeWhatTheTerminalHas() {
    let blue = Color(hex: 0x0072B2)
    #expect(TerminalAbilities.Colors.none.code(blue, blue) == "")
    #expect(TerminalAbilities.Colors.full.code(blue, nil) == "\u{1B}[0;38;2;0;114;178m")
    // xterm's colours 16 + 36 r + 6 g + b over the levels 0, 95, 135, 175, 215, 255; its greys 232 + i are 8 + 10 i
    #expect(TerminalAbilities.Colors.indexed.code(blue, nil) == "\u{1B}[0;38;5;25m")
    #expect(TerminalAbilities.Colors.indexed.code(nil, Color(hex: 0x808080)) == "\u{1B}[0;48;5;244m")
    #expect(TerminalAbilities.Colors.indexed.code(Color(hex: 0xFFFFFF), nil) == "\u{1B}[0;38;5;231m")
    #expect(TerminalAbilities.Colors.sixteen.code(Color(hex: 0x888888), nil) == "\u{1B}[0;90m")
    #expect(TerminalAbilities.Colors.sixteen.code(nil, Color(hex: 0xFF1010)) == "\u{1B}[0;101m")
  }
}

@Suite struct TerminalTextTests {
  @Test func whatCouldMoveTheCursorIsWrittenOut() {
    #expect(TerminalText.visible("a\nb\tc\r") == "a\\nb\\tc\\r")
    #expect(TerminalText.visible("\u{1B}[31m\u{7}\0\u{9B}") == "\\x1b[31m\\x07\\x00\\x9b")
    #expect(TerminalText.visible("a\u{202E}b\u{2028}") == "a\\u{202e}b\\u{2028}")
    #expect(TerminalText.visible("na\u{EF}ve 日本", isUnicode: false) == "na?ve ??")
    #expect(
      TerminalText.visible("1000 × 100 · log₁₀|h|, 2 ± 1 – 3…", isUnicode: false)
        == "1000 x 100 * log10|h|, 2 +- 1 - 3...")
    #expect(TerminalText.visible("日本 😀 é") == "日本 😀 é")
    let marks = TerminalText.visible("e" + String(repeating: "\u{301}", count: 1000))
    #expect(marks.unicodeScalars.count == 16)
  }

  @Test(arguments: [
    ("", 0), ("abc", 3), ("日本", 4), ("한국", 4), ("ｗｉｄｅ", 8), ("é", 1), ("e\u{301}", 1), ("😀", 2), ("👨‍👩‍👧", 2), ("❤️", 2),
    ("🇩🇪", 2), ("σ²", 2), ("→", 1),
  ]) func widthsAreThoseOfTerminals(text: String, width: Int) {
    #expect(TerminalText.width(text) == width, "\(text)")
  }

  @Test func textsAreCutBetweenCharacters() {
    #expect(TerminalText.clipped("layer", to: 5) == "layer")
    #expect(TerminalText.clipped("layers", to: 5) == "laye\u{2026}")
    #expect(TerminalText.clipped("日本語", to: 4) == "日\u{2026}")
    #expect(TerminalText.clipped("activations", to: 8, isUnicode: false) == "activ...")
    #expect(TerminalText.clipped("abc", to: 2, isUnicode: false) == "ab")
    #expect(TerminalText.clipped("abc", to: 0) == "")
    #expect(TerminalText.wrapped("left out: 12 not finite", to: 12) == ["left out: 12", "not finite"])
  }

  @Test func wideCharactersAreReplacedWhole() {
    var grid = TerminalGrid(columns: 6, lines: 1)
    grid.put("日本語", line: 0, column: 0)
    grid.put("x", line: 0, column: 3)
    #expect(grid.text(.none) == ["日 x語"])
    grid.put("本", line: 0, column: 5)
    #expect(grid.text(.none) == ["日 x語"])
    grid.put("too wide", line: 0, column: 2)
    #expect(grid.text(.none) == ["日too"])
  }
}
