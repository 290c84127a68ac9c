import TestSupport
import Testing

/// The screen by which tests see what a user sees; expectations are what xterm, and tmux's capture-pane, show.
struct ScreenTests {
  private func screen(_ text: String, rows: Int = 3, columns: Int = 8) -> Screen {
    var screen = Screen(rows: rows, columns: columns)
    screen.show(text.utf8)
    return screen
  }

  @Test(arguments: [
    ("one\r\ntwo", "one\ntwo"), ("one\rO", "One"), ("ab\u{8}c", "ac"), ("a\tb", "a      b"),
    // the ninth character wraps, the eighth alone does not
    ("12345678", "12345678"), ("123456789", "12345678\n9"), ("12345678\r\n9", "12345678\n9"),
    ("12345678\u{8}x", "123456x8"), ("1234567界", "1234567\n界"), ("e\u{301}é", "e\u{301}é"),
    ("a\u{1b}[1;31mb\u{1b}[0m", "ab"), ("\u{1b}]0;title\u{7}a\u{1b}(Bb", "ab"), ("abc\u{1b}[2D\u{1b}[K", "a"),
    ("abc\u{1b}[2D\u{1b}[1K", "  c"), ("abcd\u{1b}[3D\u{1b}[2P", "ad"), ("abcd\u{1b}[3D\u{1b}[1@", "a bcd"),
    ("1\r\n2\r\n3\u{1b}[H\u{1b}[J", ""), ("1\r\n2\r\n3\u{1b}[A\u{1b}[1J", "\n\n3"), ("1\u{1b}[2;3Hx", "1\n  x"),
    ("1\r\n2\r\n3\u{1b}[H\u{1b}[1L", "\n1\n2"), ("1\r\n2\r\n3\u{1b}[H\u{1b}[1M", "2\n3"),
    ("1\u{1b}7\u{1b}[3;1H3\u{1b}8x", "1x\n\n3"), ("aÿb", "aÿb"),
  ])
  func showsWhatTerminalsShow(_ written: String, _ seen: String) {
    var lines = screen(written).lines
    while lines.count > 1, lines.last == "" { lines.removeLast() }
    #expect(lines.joined(separator: "\n") == seen)
  }

  @Test func keepsWhatScrollsAway() {
    let screen = screen("1\r\n2\r\n3\r\n4\r\n")
    #expect(screen.text == "3\n4\n")
    #expect(screen.history == "1\n2\n3\n4\n")
    #expect((screen.row, screen.column) == (2, 0))
  }

  @Test func takesAPartOfACharacterOrSequenceAtATime() {
    var screen = Screen(rows: 1, columns: 8)
    for byte in "é\u{1b}[1mü".utf8 { screen.show([byte]) }
    #expect(screen.text == "éü")
    var broken = Screen(rows: 1, columns: 8)
    broken.show([0x61, 0xff, 0xc3, 0x62])
    #expect(broken.text == "a\u{fffd}b")
  }

  @Test func tellsOfModes() {
    #expect(screen("\u{1b}[?2004h").marksPastes)
    #expect(!screen("\u{1b}[?2004h\u{1b}[?2004l").marksPastes)
    #expect(!screen("\u{1b}[?25l").showsCursor)
  }

  @Test func cutsAndLengthensLinesWhenResized() {
    var screen = screen("12345678\r\n2\r\n3")
    screen.resize(rows: 2, columns: 4)
    #expect(screen.text == "2\n3")
    screen.show("4567".utf8)
    #expect(screen.history == "12345678\n2\n3456\n7")
  }
}
