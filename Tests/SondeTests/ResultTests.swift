import TestSupport
import Testing

/// What chunks give at the prompt: what is kept of it and how it is shown.
struct ResultTests {
  @Test func theLastThreeAreKept() throws {
    try Workplace().expect(
      """
      > 'first', 'and more'
      first	and more
      > 'second';
      > x = 'no result'
      > 'third'
      third
      > _, _1, _2
      third	second	first
      > _, _1, _2
      third	third	second
      """)
  }

  @Test func aSemicolonThatEndsTheChunkSilences() throws {
    try Workplace().expect(
      """
      > 1; -- silenced
      > 2 -- shown;
      2
      > ';'
      ;
      > 3 --[[ ; ]] ;
      > x = 4;
      > x
      4
      """)
  }

  @Test func functionsAreNamed() throws {
    try Workplace().expect(
      """
      > sonde.time
      function sonde.time: Reads a monotonic clock.
      > {now = sonde.time}
      {now = function sonde.time}
      > function f()
      >> end
      > (sonde.inspect(f):gsub('0x%x+', 'address'))
      function: address (stdin[1]:1)
      """)
  }

  @Test func longTablesStandAligned() throws {
    try Workplace().expect(
      """
      > {name = 'a network', width = 100, layers = {1, 2, 3}, ['a key'] = true, dropout = 0.5}
      {
        ["a key"] = true,
        dropout   = 0.5,
        layers    = {1, 2, 3},
        name      = "a network",
        width     = 100
      }
      """)
  }

  @Test func tablesFitNarrowTerminals() throws {
    let place = try Workplace()
    let outcome = try place.run(
      ["-i"], input: "{1, 2, 3, ('word '):rep(9), 5}\n", environment: ["COLUMNS": "40"])
    let word = "\"word word word word \"... (45 bytes)"
    #expect(outcome.output.hasSuffix("\n{\n  1,\n  2,\n  3,\n  \(word),\n  5\n}\n> \n"), "\(outcome.output)")
  }

  @Test func tablesAreColouredOnATerminal() throws {
    let terminal = try Workplace().prompt()
    terminal.type("{1, x = 'a', n = false}\r")
    try terminal.expect("\n> ")
    let shown = String(decoding: terminal.written, as: UTF8.self)
    #expect(
      shown.contains(
        "{\u{1b}[35m1\u{1b}[0m, \u{1b}[36mn\u{1b}[0m = \u{1b}[33mfalse\u{1b}[0m, "
          + "\u{1b}[36mx\u{1b}[0m = \u{1b}[32m\"a\"\u{1b}[0m}"), "\(shown)")
  }

  @Test(arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
  func tablesAreNotColouredWhereThatIsNotWanted(_ environment: [String: String]) throws {
    let terminal = try Workplace().prompt(environment: environment)
    terminal.type("{1, x = 'a'}\r")
    try terminal.expect("\n> ")
    #expect(String(decoding: terminal.written, as: UTF8.self).contains("{1, x = \"a\"}"))
  }
}
