import Testing

@testable import sonde

/// What an unfinished chunk has begun, and what it is said to wait for.
struct OpenConstructsTests {
  private func stack(_ text: String) -> [String] {
    OpenConstructs(Array(text.utf8)).stack.map { "\($0.name) \($0.line)" }
  }

  private func hint(_ text: String, width: Int = 60) -> String { OpenConstructs(Array(text.utf8)).hint(width: width) }

  @Test(arguments: [
    "", "x = 1", "for i = 1, 2 do print(i) end", "while x do end", "repeat local x until x", "do do end end",
    "if a then b() elseif c then d() else e() end", "local f = function(a, b) return {a, [b] = (a)} end",
    "goto a ::a::",
    "-- for (", "s = 'do (' .. [[ { ]] --[[ function ]]",
    "for i = 1, 2 do for k in pairs(t) do end while true do end end",
    "f(function() do end end)",
  ])
  func nothingIsOpenInWholeText(_ text: String) { #expect(stack(text) == []) }

  @Test func namesWhatIsOpenFromTheOutside() {
    #expect(stack("function f()\nfor i = 1, 2 do\nif (") == ["function 1", "for 2", "if 3", "( 3"])
    #expect(stack("while x do do") == ["while 1", "do 1"])
    #expect(stack("for i = f(function() do end end), 3") == ["for 1"])
    #expect(stack("for i = 1, 3 do end do") == ["do 1"])
    #expect(stack("repeat\nx = {\n[") == ["repeat 1", "{ 2", "[ 3"])
    #expect(stack("x = [==[ a ]]\n") == ["[==[ 1"])
    #expect(stack("\n--[[ a") == ["--[[ 2"])
    #expect(stack("x = 'a\\") == ["' 1"])
    #expect(stack("x = \"a\\z  ") == ["\" 1"])
  }

  @Test func whatDoesNotFitEndsNothing() {
    #expect(stack("for i = 1, 2 do }") == ["for 1"])
    #expect(stack("( end") == ["( 1"])
    #expect(stack("end end )") == [])
  }

  @Test func aStringThatEndsWithItsLineIsBroken() {
    func isBroken(_ text: String) -> Bool { OpenConstructs(Array(text.utf8)).isBroken }
    #expect(isBroken("x = 'abc"))
    #expect(isBroken("x = \"abc\\\\"))
    #expect(isBroken("f('abc\n)"))
    #expect(!isBroken("x = 'abc\\"))
    #expect(!isBroken("x = 'abc\\z"))
    #expect(!isBroken("x = [[abc"))
    #expect(!isBroken("-- it's"))
  }

  @Test func theHintHasTheInnermostFirstAndFits() {
    let text = "function f()\nfor i = 1, 2 do\nprint((("
    #expect(hint(text) == "( at line 3, for at line 2, function at line 1")
    #expect(hint(text, width: 30) == "( at line 3, for at line 2")
    #expect(hint(text, width: 11) == "( at line 3")
    #expect(hint(text, width: 10) == "")
    #expect(hint(text, width: -5) == "")
    #expect(hint("x =") == "after =")
    #expect(hint("x = 'a' .. -- more") == "after ..")
    #expect(hint("f 'a'") == "after a string")
    #expect(hint("") == "")
  }
}
