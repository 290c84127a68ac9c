import LuaAPI
import TestSupport
import Testing

@testable import sonde

/// An error at the prompt: its message, the line it comes from with what it speaks of, the calls that are the user's business.
struct PromptErrorTests {
  @Test func pointToTheName() throws {
    try Workplace().expect(
      """
      > print(missing.field)
      stdin:1: attempt to index a nil value (global 'missing')
        1 | print(missing.field)
          |       ^^^^^^^
      > t = {}
      > t.a.b = t
      stdin:1: attempt to index a nil value (field 'a')
        1 | t.a.b = t
          |   ^
      > t:go()
      stdin:1: attempt to call a nil value (method 'go')
        1 | t:go()
          |   ^^
      > ('x'):rep({}), 'rep'
      stdin:1: bad argument #1 to 'rep' (number expected, got table)
        1 | ('x'):rep({}), 'rep'
      > string.rep()
      stdin:1: bad argument #1 to 'rep' (string expected, got no value)
        1 | string.rep()
          |        ^^^
      > {} < 1
      stdin:1: attempt to compare table with number
        1 | {} < 1
      """)
  }

  @Test func pointToTheMistakeInACallOfOurs() throws {
    try Workplace().expect(
      """
      > nn.mlp{inputs=3, width=3, dept=2}
      stdin:1: nn.mlp: unknown option 'dept', did you mean 'depth'?
        1 | nn.mlp{inputs=3, width=3, dept=2}
          |                           ^^^^
      > sonde.zeros('two')
      stdin:1: sonde.zeros: argument 1 'shape' expected an integer or a table, got 'two'
        1 | sonde.zeros('two')
          |       ^^^^^
      > sonde.ones(2).shap
      stdin:1: tensor: no field 'shap', did you mean 'shape'?
        1 | sonde.ones(2).shap
          |               ^^^^
      """)
  }

  @Test func offerTheNameThatWasMeant() throws {
    try Workplace().expect(
      """
      > pritn(1)
      stdin:1: attempt to call a nil value (global 'pritn'), did you mean 'print'?
        1 | pritn(1)
          | ^^^^^
      > nn.Linera(3)
      stdin:1: attempt to call a nil value (field 'Linera'), did you mean 'Linear'?
        1 | nn.Linera(3)
          |    ^^^^^^
      > local width = 5
      > widht + 1
      stdin:1: attempt to perform arithmetic on a nil value (global 'widht'), did you mean 'width'?
        1 | widht + 1
          | ^^^^^
      > ('x'):uper()
      stdin:1: attempt to call a nil value (method 'uper')
        1 | ('x'):uper()
          |       ^^^^
      > s = 'x'
      > s:uper()
      stdin:1: attempt to call a nil value (method 'uper'), did you mean 'upper'?
        1 | s:uper()
          |   ^^^^
      > nothing_like_it.x
      stdin:1: attempt to index a nil value (global 'nothing_like_it')
        1 | nothing_like_it.x
          | ^^^^^^^^^^^^^^^
      """)
  }

  @Test func pointToTheTokenOfASyntaxError() throws {
    try Workplace().expect(
      """
      > x x
      stdin:1: syntax error near 'x'
        1 | x x
          |   ^
      > x = = = 1
      stdin:1: unexpected symbol near '='
        1 | x = = = 1
          |     ^
      > 1 +* 2
      stdin:1: unexpected symbol near '*'
        1 | 1 +* 2
          |    ^
      > f(
      >> 1 2
      stdin:2: ')' expected (to close '(' at line 1) near '2'
        2 | 1 2
          |   ^
      > break
      stdin:1: break outside loop at line 1
        1 | break
      > goto nowhere
      stdin:1: no visible label 'nowhere' for <goto> at line 1
        1 | goto nowhere
          |      ^^^^^^^
      > x = 'open
      stdin:1: unfinished string near <eof>
        1 | x = 'open
          |     ^^^^^
      """)
  }

  @Test func showTheLineOfABlockAndOfAnEarlierOne() throws {
    try Workplace().expect(
      """
      > for i = 1, 3 do
      >>   local y = i
      >>   if i == 2 then
      >>     undefined(i)
      >>   end
      >> end
      stdin:4: attempt to call a nil value (global 'undefined')
        4 |     undefined(i)
          |     ^^^^^^^^^
      > function inner(t)
      >>   return t.x.y
      >> end
      > function outer(t) local r = inner(t) return r end
      > outer({})
      stdin[1]:2: attempt to index a nil value (field 'x')
        2 |   return t.x.y
          |            ^
      stack traceback:
      \tstdin[1]:2: in function 'inner'
      \tstdin[2]:1: in function 'outer'
      \tstdin:1: in main chunk
      > :trace
      stdin[1]:2: attempt to index a nil value (field 'x')
      stack traceback:
      \tstdin[1]:2: in function 'inner'
      \tstdin[2]:1: in function 'outer'
      \tstdin:1: in main chunk
      \t[C]: in ?
      """)
  }

  @Test func showTheLineOfAFileAndOfALoadedString() throws {
    let place = try Workplace()
    place.write("part.lua", "local part = {}\nfunction part.run(x)\n\treturn x.y.z -- \u{e4}\nend\nreturn part\n")
    place.write("broken.lua", "x = 1\ny = = 2\n")
    try place.expect(
      """
      > part = dofile('part.lua')
      > part.run{}
      part.lua:3: attempt to index a nil value (field 'y')
        3 |   return x.y.z -- \u{e4}
          |            ^
      stack traceback:
      \tpart.lua:3: in field 'run'
      \tstdin:1: in main chunk
      > dofile('broken.lua')
      broken.lua:2: unexpected symbol near '='
        2 | y = = 2
          |     ^
      > require 'broken'
      error loading module 'broken' from file './broken.lua':
      \t./broken.lua:2: unexpected symbol near '='
        2 | y = = 2
          |     ^
      > load('local a = {}\\nreturn a.b.c')()
      [string "local a = {}..."]:2: attempt to index a nil value (field 'b')
        2 | return a.b.c
          |          ^
      stack traceback:
      \t[string "local a = {}..."]:2: in main chunk
      \tstdin:1: in main chunk
      """)
  }

  @Test func showTheValuesOfErrorsThatAreNoText() throws {
    try Workplace().expect(
      """
      > error({code = 404, why = {'gone'}})
      error object: {code = 404, why = {"gone"}}
        1 | error({code = 404, why = {'gone'}})
      > error(setmetatable({}, {__tostring = function() return 'told' end}))
      told
        1 | error(setmetatable({}, {__tostring = function() return 'told' end}))
      > error(42)
      42
        1 | error(42)
      > error()
      (error object is a nil value)
        1 | error()
      > error(false)
      error object: false
        1 | error(false)
      > error('plain', 0)
      plain
        1 | error('plain', 0)
      """)
  }

  @Test func leaveOutFramesOfOurOwn() throws {
    try Workplace().expect(
      """
      > :trace
      no error so far
      > sonde.ones(2) + sonde.ones(3)
      stdin:1: add: shapes [2] and [3] do not broadcast; extents must be equal or 1, counted from the last
        1 | sonde.ones(2) + sonde.ones(3)
      > table.sort({2, 1}, function(a, b) return a.x < b end)
      stdin[1]:1: attempt to index a number value (local 'a')
        1 | table.sort({2, 1}, function(a, b) return a.x < b end)
          |                                          ^
      stack traceback:
      \tstdin[1]:1: in function <stdin[1]:1>
      \t[C]: in function 'table.sort'
      \tstdin[1]:1: in main chunk
      """)
  }

  @Test func aStackOverflowStaysShort() throws {
    let place = try Workplace()
    let outcome = try place.run(["-i"], input: "function f() return 1 + f() end\nf()\n1\n")
    let lines = outcome.errors.split(separator: "\n")
    #expect(
      lines.map { $0.hasPrefix("\t...\t(skipping") ? "skipping" : String($0) } == [
        "stdin[1]:1: stack overflow", "  1 | function f() return 1 + f() end", "stack traceback:",
        "\tstdin[1]:1: in function 'f'", "\t...\t(9 more of the same)", "skipping", "\tstdin[1]:1: in function 'f'",
        "\t...\t(8 more of the same)", "\tstdin:1: in main chunk",
      ], "\(outcome.errors)")
    #expect(outcome.output.hasSuffix("> 1\n1\n> \n"))
  }

  @Test func longLinesAreCutAroundTheCaret() throws {
    let filling = String(repeating: "local a = 1 ", count: 20)
    let place = try Workplace()
    let outcome = try place.run(["-i"], input: filling + "missing() " + filling + "\n", environment: ["COLUMNS": "40"])
    #expect(
      outcome.errors == """
        stdin:1: attempt to call a nil value (global 'missing')
          1 | ...ocal a = 1 missing() local a...
            |               ^^^^^^^

        """)
  }

  @Test func areColouredWhereThereAreColours() {
    let sources = TypedSources()
    sources.begin(Array("missing()".utf8))
    let failure = Failure(message: "stdin:1: attempt to call a nil value (global 'missing')")
    let report = FailureReport(failure: failure, sources: sources, screen: LuaAPI.Screen(hasColors: true)) { _ in false
    }
    #expect(
      report.text == """
        \u{1b}[31mstdin:1: attempt to call a nil value (global 'missing')\u{1b}[0m
        \u{1b}[90m  1 | \u{1b}[0mmissing()
        \u{1b}[90m    | \u{1b}[0m\u{1b}[1;31m^^^^^^^\u{1b}[0m

        """)
  }

  @Test func ctrlCTellsTheLineAlone() throws {
    let terminal = try Workplace().prompt()
    terminal.type("function f() io.write('run', 'ning\\n') while true do end end\r")
    try terminal.expect("\n> ")
    terminal.type("f()\r")
    try terminal.expect("\nrunning\n")
    terminal.type("\u{3}")
    let line = "function f() io.write('run', 'ning\\n') while true do end end"
    #expect(try terminal.expect("\n> ").hasSuffix("stdin[1]:1: interrupted!\n  1 | \(line)"))
    #expect(try terminal.ask(":trace").hasSuffix("\tstdin:1: in main chunk\n\t[C]: in ?"))
    terminal.type("local kept = {7} io.write('run', 'ning\\n') while true do end\r")
    try terminal.expect("\nrunning\n")
    terminal.type("\u{3}")
    try terminal.expect("interrupted!")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("kept") == "{7}")
  }
}
