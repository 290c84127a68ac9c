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

  @Test func aCallThatEndsTheChunkGivesItsValues() throws {
    try Workplace().expect(
      """
      > function g(...) return ... end
      > a = 1; g(4)
      4
      > local q = 3; g(q, a)
      3	1
      > q
      3
      > g(1); g(2)
      2
      > s = 'abc'; s:rep(2):upper()
      ABCABC
      > a = 2 g{5}
      {5}
      > a = 3; g 'a text'
      a text
      > a = 4; g[[long]] -- of it
      long
      > local function h(n) return n end h(6)
      6
      > local k <const> = 7; g(k)
      7
      > ::top:: a = a + 1 if a < 7 then goto top end g(a)
      7
      > for i = 1, 3 do a = i end (g)(a)
      3
      > a = 1; g()
      > a = 1; g(8);
      > _
      8
      > if a then return 9 end g(1)
      9
      > a = 5; print(a)
      5
      > a = 6; pcall(error, 'told')
      false	told
      """)
  }

  @Test func aCallThatDoesNotEndItGivesNothing() throws {
    try Workplace().expect(
      """
      > function g(...) return ... end
      > a = g(1)
      > g(1); a = 2
      > if a then g(1) end
      > for i = 1, 2 do g(i) end
      > repeat a = 3 until g(1)
      > goto on; g(1) ::on::
      > function f() return g(1) end
      > local b = g (8)
      > f = function() g(1) end
      > _
      nil
      """)
  }

  @Test func aBracketGoesOnWithTheCallBeforeIt() throws {
    try Workplace().expect(
      """
      > function g(...) return ... end
      > a = 1 (g)(2)
      2
      > a = 'text' (g)(3)
      3
      > a = {} (g)(4)
      4
      > a = function() end (g)(5)
      5
      > local b (g)(6)
      6
      > a = g (7)
      > a = g 'text' a = g {g} [1] (8)
      > a = 1; g(g) (9)
      9
      """)
  }

  @Test func whatIsToBeClosedIsClosedBehindTheCall() throws {
    try Workplace().expect(
      """
      > function g(x) print('called') return x end
      > local c <close> = setmetatable({}, {__close = function() print('closed') end}) g(1)
      called
      closed
      1
      """)
  }

  @Test func aCallThatEndsTheChunkIsInTracebacks() throws {
    try Workplace().expect(
      """
      > function g(x) return x.y end
      > local a = 5
      > local b = 6; g(nil)
      stdin[1]:1: attempt to index a nil value (local 'x')
        1 | function g(x) return x.y end
          |                      ^
      stack traceback:
      \tstdin[1]:1: in function 'g'
      \tstdin:1: in main chunk
      > a, b
      5	6
      > a = 7; error('for me', 1)
      stdin:1: for me
        1 | a = 7; error('for me', 1)
      """)
  }

  @Test func aChunkWithoutRoomForAResultStillRuns() throws {
    // Lua's 200 locals of a function
    let locals = (1...200).map { "v\($0)" }.joined(separator: ", ")
    try Workplace().expect(
      """
      > local \(locals) = 1, 2; print(v2, v200)
      2	nil
      > v2
      2
      """)
  }

  @Test func aFileGivesNoValues() throws {
    let place = try Workplace()
    place.write("part.lua", "part = 1\nmath.max(2, 3)\n")
    let outcome = try place.run(["-i", "part.lua"], input: ":load part.lua\npart\n_\n")
    #expect(outcome.output.hasSuffix("> :load part.lua\n> part\n1\n> _\n1\n> \n"), "\(outcome.output)")
    #expect(try place.run(["-e", "a = 1; math.max(2, 3)"]).output == "")
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
