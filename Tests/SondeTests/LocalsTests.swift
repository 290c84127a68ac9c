import TestSupport
import Testing

/// A local declared at the prompt is there on later lines, as Lua means it in one text.
struct LocalsTests {
  @Test func areSeenOnLaterLines() throws {
    try Workplace().expect(
      """
      > local x = 1
      > x
      1
      > = x + 1
      2
      > x = x + 5
      > x, _G.x
      6	nil
      > local a, b, c = 1, 2
      > a, b, c
      1	2	nil
      > for i = 1, 2 do local y = i end
      > y
      nil
      > do local z = 1 end
      > z
      nil
      > if x then local w = 1 end return w
      nil
      """)
  }

  @Test func areTheSameVariableInFunctionsTypedBefore() throws {
    try Workplace().expect(
      """
      > local n = 0 function count() n = n + 1 return n end
      > count(), count()
      1	2
      > n
      2
      > n = 10
      > count(), n
      11	11
      > local n = 'new'
      > count(), n
      12	new
      > local function even(k) if k == 0 then return true end return not even(k - 1) end
      > even(10), even(7)
      true	false
      > f = even
      > even = nil
      > pcall(f, 1)
      false	stdin[2]:1: attempt to call a nil value (upvalue 'even')
      """)
  }

  @Test func readTheOldOneWhileTheNewOneIsMade() throws {
    try Workplace().expect(
      """
      > local x = 1
      > function old() return x end
      > local x = x + 1; x = x * 10
      > x, old()
      20	1
      > local x, y = y, x
      > x, y
      nil	20
      """)
  }

  @Test func keepTheirAttributes() throws {
    try Workplace().expect(
      """
      > local k <const> = 5
      > k
      5
      > k = 6
      stdin:1: attempt to assign to const variable 'k'
        1 | k = 6
          | ^
      > local t <const> = {1}
      > t[2] = k
      > t
      {1, 5}
      > t = nil
      stdin:1: attempt to assign to const variable 't'
        1 | t = nil
          | ^
      > function set() k = 1 end
      stdin[1]:1: attempt to assign to const variable 'k'
        1 | function set() k = 1 end
          |                ^
      > local k = 6
      > k = 7
      > k
      7
      > local a <const>, b = 1, 2
      > a, b
      1	2
      > local c <close> = setmetatable({}, {__close = function() print('closed') end}) print('open')
      open
      closed
      > c
      nil
      """)
  }

  @Test func surviveAnError() throws {
    try Workplace().expect(
      """
      > local a, b = 1, {2} local c <const> = 3 do local d = 4 error() end
      (error object is a nil value)
        1 | local a, b = 1, {2} local c <const> = 3 do local d = 4 error() end
      > a, b, d, e
      1	{2}	nil	nil
      > local x = 1 return x.y.z
      stdin:1: attempt to index a number value (local 'x')
        1 | local x = 1 return x.y.z
          |                    ^
      > x
      1
      > x.y.z = 1
      stdin:1: attempt to index a number value (local 'x')
        1 | x.y.z = 1
          | ^
      > local h = 'kept' local i = nothing.field
      stdin:1: attempt to index a nil value (global 'nothing')
        1 | local h = 'kept' local i = nothing.field
          |                            ^^^^^^^
      > h, i
      kept	nil
      """)
  }

  @Test func surviveReturns() throws {
    try Workplace().expect(
      """
      > local a = 1 return a, 2 -- both
      1	2
      > a
      1
      > local b = 2 if b then return b end local c = 3
      2
      > b, c
      2	nil
      > local d = 4; return (function() return d end)();
      > d
      4
      """)
  }

  @Test func canReplaceTheGlobals() throws {
    try Workplace().expect(
      """
      > local print, _ENV = print, {x = 5}
      > x
      5
      > y = 6
      > print(x + y, _ENV.y)
      11	6
      > local z = x
      > z
      5
      """)
  }

  @Test func areAsManyAsOneLikes() throws {
    // more than the 200 that one function of Lua may have
    let lines = (1...230).map { "> local v\($0) = \($0)" }.joined(separator: "\n")
    try Workplace().expect(
      lines + """

        > v1 + v115 + v230
        346
        """)
  }

  @Test func tooManyOfThemAtOnceAreRefused() throws {
    let lines = (1...230).map { "> local v\($0) = \($0)" }.joined(separator: "\n")
    let sum = (1...230).map { "v\($0)" }.joined(separator: "+")
    let place = try Workplace()
    let input = (lines + "\n> \(sum)\n> v7\n").replacing("> ", with: "")
    let outcome = try place.run(["-i"], input: input)
    #expect(
      outcome.errors
        == "this chunk names 230 locals of earlier lines, 190 at most can be; keep them in a table\n")
    #expect(outcome.output.hasSuffix("\n> v7\n7\n> \n"))
  }

  @Test func aLabelBehindThemIsTold() throws {
    try Workplace().expect(
      """
      > goto done; local lost = 1; ::done::
      the locals of this chunk are gone when it has ended: a label stands behind them
      > lost
      nil
      """)
  }

  @Test func areKeptFromChunksOfSeveralLines() throws {
    try Workplace().expect(
      """
      > local function sum(list)
      >>   local s = 0
      >>   for _, v in ipairs(list) do s = s + v end
      >>   return s
      >> end -- sum
      > sum{1, 2, 3}
      6
      > sum(nil)
      attempt to index a nil value
        3 |   for _, v in ipairs(list) do s = s + v end
      stack traceback:
      \tstdin[1]:3: in local 'sum'
      \tstdin:1: in main chunk
      """)
  }
}
