import CLua
import LuaAPI
import TestSupport
import Testing

@testable import sonde

/// What Tab offers, without a terminal.
struct CompletionTests {
  /// A session in which a chunk has run.
  private final class Prompt {
    let session: Session

    init(_ chunk: String = "") throws {
      session = try Session(try #require(luaL_newstate()), presets: true)
      #expect(sonde_try_load(session.lua, chunk, chunk.utf8.count, "=setup") == LUA_OK)
      #expect(sonde_run(session.lua, session.runtime, 0, 0, false) == LUA_OK)
    }

    deinit { session.close() }

    /// What is offered at the end of a line.
    func completion(_ line: String, rest: String = "", earlier: String = "") -> Completion? {
      Completer { [session] in session }.complete(Array(line.utf8), rest: Array(rest.utf8), earlier: Array(earlier.utf8))
    }

    func offers(_ line: String, earlier: String = "") -> [String] {
      completion(line, earlier: earlier)?.candidates.map(\.name) ?? []
    }

    /// The line as Tab leaves it.
    func tab(_ line: String, rest: String = "", earlier: String = "") -> String {
      guard let completion = completion(line, rest: rest, earlier: earlier), let text = completion.replacement else {
        return line
      }
      return String(decoding: line.utf8.prefix(completion.start), as: UTF8.self) + String(decoding: text, as: UTF8.self)
    }
  }

  @Test func completesGlobalsAndFields() throws {
    let prompt = try Prompt("answer = 42 tree = {left = {leaf = 1}, right = 2, ['not a name'] = 3, ['end'] = 4, 'x'}")
    #expect(prompt.tab("ans") == "answer")
    #expect(prompt.tab("print(answ") == "print(answer")
    #expect(prompt.offers("tree.") == ["left", "right"])
    #expect(prompt.tab("tree.left.l") == "tree.left.leaf")
    #expect(prompt.tab("tree['left'].l") == "tree['left'].leaf")
    #expect(prompt.tab("x = 1 + math.fl") == "x = 1 + math.floor")
    #expect(prompt.tab("nn.Lin") == "nn.Linear")
    #expect(prompt.offers("sonde.linalg.q") == ["qr"])
    #expect(prompt.offers("tree.left.leaf.") == [])
    #expect(prompt.offers("nothing.at.all") == [])
  }
}
