import Testing

@testable import sonde

/// What is read from the text of a chunk, and the text in which it sees earlier locals and tells its own.
struct ChunkOutlineTests {
  private func declared(_ text: String) -> [String] { ChunkOutline(Array(text.utf8)).declarations.map(\.name) }

  @Test func findsTheLocalsOfTheTopLevelAlone() {
    #expect(declared("local a, b <const>, c <close> = 1, 2, nil") == ["a", "b", "c"])
    #expect(declared("local function f(x) local y end local z") == ["f", "z"])
    #expect(declared("for i = 1, 2 do local a end while x do local b end repeat local c until c local d") == ["d"])
    #expect(declared("if x then local a elseif y then local b else local c end do local d end local e") == ["e"])
    #expect(declared("f(function() local a end) t = {function() local b end} local c") == ["c"])
    #expect(declared("-- local a\ns = 'local b' --[[ local c ]] local d") == ["d"])
    #expect(declared("local") == [] && declared("local a <") == ["a"] && declared("end end local a") == ["a"])
  }

  @Test func keepsTheLastOfEachNameThatIsNotClosed() {
    let outline = ChunkOutline(Array("local a <const> = 1 local b local a local c <close> = nil".utf8))
    #expect(outline.kept == [.init(name: "b"), .init(name: "a")])
    #expect(outline.kept(of: 1) == [.init(name: "a", attribute: .const)])
  }

  @Test func findsTheReturnsOfTheChunkItself() {
    let text = "local a if a then return a end local b f = function() return 1 end return b"
    let outline = ChunkOutline(Array(text.utf8))
    #expect(
      outline.returns == [
        .init(position: 18, declarations: 1, isLast: false), .init(position: 67, declarations: 2, isLast: true),
      ])
    #expect(outline.hasFunctions && !outline.isSilenced)
  }

  @Test func wrapsWithoutMovingALine() {
    let text = Array("local a = b\nif a then return end\nlocal c = 2 -- two".utf8)
    let wrapped = WrappedChunk(text, ChunkOutline(text), seeing: ["b", "k"]) { $0 == "k" }
    #expect(
      String(decoding: wrapped.text, as: UTF8.self) == """
        local b, k <const>, __keeper return function(...) local a = b
        if a then __keeper = function() return a end return end
        local c = 2 -- two
        __keeper = function() return a, c end end
        """)
    let expression = WrappedChunk(Array("return b -- it".utf8), seeing: ["b"]) { _ in false }
    #expect(String(decoding: expression.text, as: UTF8.self) == "local b return function(...) return b -- it\nend")
    #expect(expression.keeper == nil)
  }

  @Test func returnsTheCallThatEndsStatements() {
    let text = Array("local a = b; -- two\ng(a):h{}".utf8)
    var outline = ChunkOutline(text)
    outline.returnLastCall { _ in true }
    #expect(outline.returns == [.init(position: 20, declarations: 1, isLast: true, isCall: true)])
    #expect(
      String(decoding: WrappedChunk(text, outline, seeing: ["b"]) { _ in false }.text, as: UTF8.self) == """
        local b, __keeper return function(...) local a = b; -- two
        __keeper = function() return a end local __result <close> = nil return g(a):h{}
        end
        """)
    var alone = ChunkOutline(Array("g(a):h{}".utf8))
    alone.returnLastCall { _ in true }
    #expect(alone.returns.isEmpty)
  }

  @Test func theKeeperHasANameOfItsOwn() {
    let text = Array("local a = __keeper".utf8)
    #expect(WrappedChunk(text, ChunkOutline(text), seeing: []) { _ in false }.keeper == "__keeper_")
  }

  @Test(arguments: [
    ("stdin:1: told", "stdin", 1, "told"), ("a b.lua:12: x: y", "a b.lua", 12, "x: y"),
    ("[string \"x = 1: 2\"]:3: told", "[string \"x = 1: 2\"]", 3, "told"), ("C:x.lua:4: told", "C:x.lua", 4, "told"),
    ("error loading module:\n\t./m.lua:5: told", "./m.lua", 5, "told"),
  ])
  func readsThePositionOfAMessage(_ message: String, _ shown: String, _ line: Int, _ text: String) {
    let position = Failure(message: message).position
    #expect(position?.place == Failure.Place(source: nil, shown: shown, line: line))
    #expect(position.map { String($0.text) } == text)
  }

  @Test(arguments: ["", "told", "a: b", "told:", ":: 3", "x:3", "x:3:y"])
  func findsNoPositionWhereThereIsNone(_ message: String) { #expect(Failure(message: message).position == nil) }
}
