import TestSupport
import Testing

/// Tracebacks: no name of the prompt's own bookkeeping in them, and the calls of coroutines.
struct TracebackTests {
  @Test func noFunctionIsNamedAfterAResult() throws {
    try Workplace().expect(
      """
      > function() error('first') end;
      > function() error('second') end;
      > function g() _1() end
      > _()
      stdin[2]:1: second
        1 | function() error('second') end;
      stack traceback:
      \tstdin[2]:1: in function <stdin[2]:1>
      \tstdin:1: in main chunk
      > g()
      stdin[1]:1: first
        1 | function() error('first') end;
      stack traceback:
      \tstdin[1]:1: in function <stdin[1]:1>
      \tstdin[3]:1: in function 'g'
      \tstdin:1: in main chunk
      > local f = _
      > f()
      stdin[2]:1: second
        1 | function() error('second') end;
      stack traceback:
      \tstdin[2]:1: in local 'f'
      \tstdin:1: in main chunk
      > select(2, xpcall(_, debug.traceback))
      stdin[2]:1: second
      stack traceback:
      \t[C]: in function 'error'
      \tstdin[2]:1: in function <stdin[2]:1>
      \t[C]: in function 'xpcall'
      \tstdin:1: in main chunk
      \t[C]: in ?
      """)
  }

  /// What is in `_` is there again after an error, and a function that the user has put there is named after it.
  @Test func resultsStayWhatTheyAre() throws {
    try Workplace().expect(
      """
      > function() error('x') end;
      > pcall(debug.traceback);
      > type(_1)
      function
      > function _() error('mine') end
      > _()
      stdin[2]:1: mine
        1 | function _() error('mine') end
      stack traceback:
      \tstdin[2]:1: in function '_'
      \tstdin:1: in main chunk
      """)
  }

  @Test func commandsShowWhatWasTypedAndNotWhatTheyPutAroundIt() throws {
    try Workplace().expect(
      """
      > local t = {}
      > :bench error('q')
      stdin:1: q
        1 | error('q')
      :bench: stopped after 0 runs
      > :bench t.a.b = 1
      stdin:1: attempt to index a nil value (field 'a')
        1 | t.a.b = 1
          |   ^
      :bench: stopped after 0 runs
      > :bench nn.mlp{wdith=3}
      stdin:1: nn.mlp: unknown option 'wdith', did you mean 'width'?
        1 | nn.mlp{wdith=3}
          |        ^^^^^
      :bench: stopped after 0 runs
      > :bench t.x()
      stdin:1: attempt to call a nil value (field 'x')
        1 | t.x()
          |   ^
      :bench: stopped after 0 runs
      > :trace
      stdin:1: attempt to call a nil value (field 'x')
      stack traceback:
      \tstdin:1: in main chunk
      \t[C]: in ?
      > :type t + 1
      stdin:1: attempt to perform arithmetic on a table value (local 't')
        1 | t + 1
          | ^
      """)
  }

  @Test func anErrorOutOfACoroutineTellsTheCoroutinesCalls() throws {
    try Workplace().expect(
      """
      > function inner(t) local r = t.x.y return r end
      > function outer() local r = coroutine.wrap(function() local r = inner({}) return r end)() return r end
      > outer()
      stdin[2]:1: stdin[1]:1: attempt to index a nil value (field 'x')
        1 | function inner(t) local r = t.x.y return r end
          |                               ^
      stack traceback:
      \tstdin[1]:1: in function 'inner'
      \tstdin[2]:1: in function <stdin[2]:1>
      \t(...resumed by...)
      \tstdin[2]:1: in function 'outer'
      \tstdin:1: in main chunk
      > ok, text = coroutine.resume(coroutine.create(inner), {})
      > text
      stdin[1]:1: attempt to index a nil value (field 'x')
      > error(text, 0)
      stdin[1]:1: attempt to index a nil value (field 'x')
        1 | function inner(t) local r = t.x.y return r end
          |                               ^
      """)
  }

  /// In a script too; an error that was caught is not one that comes later and says the same.
  @Test func scriptsTellOfCoroutinesAsWell() throws {
    let place = try Workplace()
    place.write(
      "s.lua",
      """
      local function fail() error("it") end
      local inner = coroutine.wrap(function() fail() end)
      local resumed = coroutine.create(function() inner() end)
      local function go() assert(coroutine.resume(resumed)) end
      print(pcall(go))
      fail()
      """)
    let outcome = try place.run(["s.lua"])
    #expect(outcome.output == "false\ts.lua:4: s.lua:3: s.lua:1: it\n")
    #expect(!outcome.errors.contains("resumed"))
    place.write("t.lua", place.read("s.lua").replacing("print(pcall(go))", with: "go()"))
    #expect(
      try place.run(["t.lua"]).errors.split(separator: "\n").dropFirst().joined(separator: "\n") == """
        stack traceback:
        \t[C]: in function 'error'
        \tt.lua:1: in upvalue 'fail'
        \tt.lua:2: in function <t.lua:2>
        \t(...resumed by...)
        \t[C]: in upvalue 'inner'
        \tt.lua:3: in function <t.lua:3>
        \t(...resumed by...)
        \t[C]: in function 'assert'
        \tt.lua:4: in local 'go'
        \tt.lua:5: in main chunk
        \t[C]: in ?
        """)
  }
}
