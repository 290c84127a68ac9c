import CLua
import LuaAPI
import TestSupport
import Testing

@testable import sonde

/// What Tab offers in strings, in commands, for slips, and where nothing of the user's may run.
struct CompletionPlacesTests {
  // MARK: Files

  @Test func completesFileNamesInStrings() throws {
    let place = try Workplace()
    for name in ["plain.lua", "two words.npy", "quo\"te.csv", ".hidden", "häuser.txt"] { place.write(name, "") }
    let inner = try #require(TemporaryDirectory())
    inner.write("deep.lua", [])
    let prompt = try CompletionPrompt()
    let here = place.directory.path
    #expect(prompt.tab("dofile('\(here)/pl") == "dofile('\(here)/plain.lua'")
    #expect(prompt.tab("dofile \"\(here)/two") == "dofile \"\(here)/two words.npy\"")
    #expect(prompt.tab("sonde.load(\"\(here)/quo") == "sonde.load(\"\(here)/quo\\\"te.csv\"")
    #expect(prompt.tab("sonde.load('\(here)/quo") == "sonde.load('\(here)/quo\"te.csv'")
    #expect(prompt.tab("io.open([[\(here)/h") == "io.open([[\(here)/häuser.txt]]")
    #expect(prompt.offers("dofile('\(here)/") == ["häuser.txt", "plain.lua", "quo\"te.csv", "two words.npy"].sorted())
    #expect(prompt.offers("dofile('\(here)/.h") == [".hidden"])
    #expect(prompt.tab("x = '\(here)/pl", rest: "'") == "x = '\(here)/plain.lua")
    // a directory may go on
    let parent = here.split(separator: "/").dropLast().joined(separator: "/")
    let name = String(here.split(separator: "/").last ?? "")
    #expect(prompt.tab("dofile('/\(parent)/\(name)") == "dofile('/\(parent)/\(name)/")
    #expect(prompt.offers("dofile('/no/such/place/") == [])
    #expect(prompt.offers("dofile('\(here)/plain\\q") == [])
  }

  @Test func completesCommandsAndTopics() throws {
    let prompt = try CompletionPrompt("net = nn.mlp{inputs=2, width=2, depth=1}")
    #expect(prompt.tab(":qu") == ":quit" && prompt.tab("  :qu") == "  :quit" && prompt.tab("  ?nn.ml") == "  ?nn.mlp")
    #expect(prompt.offers(":").contains("quit"))
    #expect(prompt.tab("?nn.ml") == "?nn.mlp")
    #expect(prompt.tab("? network:pro") == "? network:probe")
    #expect(prompt.tab("??optim.Adam") == "??optim.Adam")
    #expect(prompt.tab("?net:batchnorm_") == "?net:batchnorm_mode")
    #expect(prompt.offers(":nosuch x") == [])
    #expect(prompt.tab(":exam") == ":example " && prompt.tab(":example nn.ml") == ":example nn.mlp")
    #expect(prompt.tab(":experiments wha") == ":experiments what-if" && prompt.tab(":expe wid") == ":expe width")
    #expect(prompt.tab("?string.form") == "?string.format")
    // a label is Lua
    #expect(prompt.tab("::top:: pri") == "::top:: print")
  }

  // MARK: Slips

  @Test func takesSlipsForTheNearestName() throws {
    let prompt = try CompletionPrompt("first_one = 1 first_two = 2 net = nn.mlp{inputs=2, width=2, depth=1}")
    #expect(prompt.tab("nn.relu") == "nn.ReLU")
    #expect(prompt.tab("nn.Liner") == "nn.Linear")
    #expect(prompt.tab("nn.mlp{widht") == "nn.mlp{width=")
    #expect(prompt.tab("net:batchnrom") == "net:batchnorm")
    #expect(prompt.tab("net:batchnorm('befoer") == "net:batchnorm('before'")
    #expect(prompt.tab("pritn") == "print")
    // two are as near: the word stays, both are told
    #expect(prompt.tab("first_twe") == "first_two")
    #expect(prompt.tab("first_ono") == "first_one")
    #expect(prompt.tab("first_xxx") == "first_xxx" && prompt.offers("first_xxx") == ["first_one", "first_two"])
    // two letters are no slip
    #expect(prompt.offers("qq") == [] && prompt.offers("zzzzzz") == [])
  }

  // MARK: What must not happen

  @Test func runsNothingOfTheUsers() throws {
    let prompt = try CompletionPrompt(
      """
      local function touch() touched = true return {inner = 1} end
      local events = {}
      for _, name in ipairs{"__index", "__newindex", "__pairs", "__len", "__eq", "__tostring", "__call", "__name",
        "__lt", "__le", "__concat", "__close", "__gc"} do events[name] = touch end
      events.__metatable = "locked"
      proxy = setmetatable({own = setmetatable({leaf = 1}, events)}, events)
      chain = setmetatable({}, {__index = setmetatable({near = 1}, {__index = touch, __metatable = false})})
      setmetatable(_G, {__index = function(_, name) if name ~= "touched" then touch() end end})
      debug.sethook(touch, "crl", 1)
      """)
    #expect(prompt.isSet("touched"))
    prompt.clear("touched")
    #expect(prompt.offers("proxy.") == ["own"] && prompt.offers("proxy.own.") == ["leaf"])
    #expect(prompt.offers("proxy.missing.") == [] && prompt.offers("proxy[") == ["own"])
    #expect(prompt.offers("chain.") == ["near"] && prompt.offers("chain.far.") == [])
    #expect(prompt.offers("undefined.") == [] && prompt.offers("proxy().") == [] && prompt.offers("proxy:") == ["own"])
    #expect(prompt.tab("prox") == "proxy" && prompt.tab("sonde.one") == "sonde.ones")
    #expect(!prompt.isSet("touched"))
  }

  @Test func endsWhereChainsDoNot() throws {
    let prompt = try CompletionPrompt(
      """
      ring = {here = 1} other = {there = 1}
      setmetatable(ring, {__index = other}) setmetatable(other, {__index = ring})
      self_index = setmetatable({own = 1}, {}) getmetatable(self_index).__index = self_index
      long = {} for i = 1, 300 do long = setmetatable({["level" .. i] = i}, {__index = long}) end
      """)
    #expect(prompt.offers("ring.") == ["here", "there"])
    #expect(prompt.offers("ring.absent.") == [])
    #expect(prompt.offers("self_index.") == ["own"])
    #expect(prompt.offers("long.").count == 100)
  }

  @Test func looksAtLargeTablesOnlyInPart() throws {
    let prompt = try CompletionPrompt(
      """
      list = {} for i = 1, 300000 do list[i] = i end list.name = 1
      names = {} for i = 1, 30000 do names["key" .. i] = i end
      """)
    // what stands behind a long sequence is found
    #expect(prompt.offers("list.") == ["name"])
    let clock = ContinuousClock()
    let time = clock.measure { #expect(prompt.offers("names.").count == 5_000) }
    #expect(time < .seconds(2))
  }

  @Test func leavesTheStackAndTheCollectorAsTheyWere() throws {
    let prompt = try CompletionPrompt("net = nn.mlp{inputs=2, width=2, depth=1}")
    lua_pushinteger(prompt.lua, 7)
    for line in ["net.", "net[1].linear.weight.", "net[99].", "nn.mlp{", "net.nothing.", "x.y", "('x'):", "net:f"] {
      _ = prompt.offers(line)
      #expect(lua_gettop(prompt.lua) == 1 && lua_tointegerx(prompt.lua, 1, nil) == 7, "\(line)")
    }
    lua_settop(prompt.lua, 0)
    try prompt.run("collectgarbage('stop')")
    _ = prompt.offers("net.")
    try prompt.run("stopped = not collectgarbage('isrunning') collectgarbage('restart')")
    #expect(prompt.isSet("stopped"))
    _ = prompt.offers("net.")
    try prompt.run("runs = collectgarbage('isrunning')")
    #expect(prompt.isSet("runs"))
  }

  private static let odd = [
    "", " ", ".", ":", "::", "[", "a[", "a[1", "a[[", "a[[x", "a]", ")", "f(", "f((", "{", "{{{{", "'", "\"\\", "'\\x",
    "'\\z",
    "--", "--[[", "--[==[ x", "x --", "1", "1.", "0x", "1..", "a..", "a...", "...", "....", "a.b:", "a.b:c.", "a?.",
    "$", "a$",
    "=", "= ", "?", "??", "? ", ":", ": ", ":quit ", "~", "f'x'.", "f{}.", "({}).", "(function() end)().", "end",
    "end end",
    "a.b.c[d", "until", "local", "local function", "function f(", "function a.b:c(", "for i = 1,", "goto", "::x",
    "\u{0}", "ä",
    "a['\u{e4}", "nn.mlp{[", "nn.mlp{[\"", "nn.mlp{=", "nn.mlp{width==", "nn.mlp{{", "nn.mlp{,,,", "net(", "f(-", "a[-",
    "a[--x", "a[1e300].", "a[0x10].", "a[99999999999999999999].",
  ]

  @Test func anyTextIsTaken() throws {
    let prompt = try CompletionPrompt("a = {b = {c = {}}}")
    for text in CompletionPlacesTests.odd {
      _ = prompt.tab(text)
      _ = prompt.tab(text, earlier: "f(")
      _ = prompt.tab("x", earlier: text)
    }
    let seed = UInt64.random(in: 0...UInt64.max)
    var chance = Chance(state: seed)
    for _ in 0..<300 {
      let text = (0..<Int.random(in: 1...9, using: &chance)).map { _ in
        CompletionPlacesTests.pieces.randomElement(using: &chance) ?? ""
      }.joined()
      _ = prompt.tab(text, rest: ")", earlier: "local a = ")
    }
    #expect(prompt.tab("a.b") == "a.b", "seed \(seed)")
  }

  private static let pieces = [
    "a", ".b", ":c", "[", "]", "(", ")", "{", "}", "'", "\"", "[[", "]]", "local ", "function ", "end ", "for ", " in ",
    "ipairs(", ",", "=", "1", "nn.mlp", "width=", "--", "\n", "if ", " then ", "\\", "..", "::", "<", " do ", "net:",
  ]

  @Test func takesWhatIsDeepAndLong() throws {
    let prompt = try CompletionPrompt()
    for text in ["{a=", "f(", "a[", "a.", "f()", "(", "x:y{", "function() ", "local a = b "] {
      _ = prompt.tab("x", earlier: String(repeating: text, count: 3_000))
      _ = prompt.tab(String(repeating: text, count: 1_000) + "x")
    }
    // what is too long is looked at from a line's start on
    #expect(prompt.tab("pri", earlier: "local private = 1\n" + String(repeating: "x=1\n", count: 9_000)) == "print")
    #expect(prompt.tab("pri", earlier: String(repeating: "f(1)\n", count: 9_000) + "do") == "print")
  }

  @Test func saysNothingInCommentsAndNumbers() throws {
    let prompt = try CompletionPrompt("e5 = 1")
    for line in ["-- pri", "x = 1 -- pri", "--[[ pri", "3", "1e", "0xf", "$"] {
      #expect(prompt.offers(line) == [], "\(line)")
    }
    #expect(prompt.tab("--[[ x ]] pri") == "--[[ x ]] print")
    #expect(prompt.offers("pri", earlier: "x = [[") == [] && prompt.offers("pri", earlier: "--[[") == [])
  }

  @Test func takesBytesThatAreNoText() throws {
    let prompt = try CompletionPrompt()
    let completer = Completer { prompt.session }
    _ = completer.complete([0xff, 0xfe, 0x2e])
    _ = completer.complete(Array("print('".utf8) + [0xff, 0x80])
    #expect(completer.complete(Array("x = '\u{fc}' pri".utf8))?.candidates.map(\.name) == ["print"])
  }
}

/// Completion when Lua's memory runs out at every place in turn.
struct CompletionMemoryTests {
  /// An allocator that fails from a certain request on.
  private struct Budget {
    let allocate: lua_Alloc
    let context: UnsafeMutableRawPointer?
    var left: Int
  }

  @Test func survivesWithoutMemory() throws {
    let prompt = try CompletionPrompt("a = {b = {c = {}}} net = nn.mlp{inputs=2, width=2, depth=1}")
    var context: UnsafeMutableRawPointer?
    let allocate = try #require(lua_getallocf(prompt.lua, &context))
    for line in ["a.b.", "net.parameters[\"0", "nn.mlp{wi", "net:find('", "pri"] {
      for left in 0..<30 {
        var budget = Budget(allocate: allocate, context: context, left: left)
        withUnsafeMutablePointer(to: &budget) { budget in
          lua_setallocf(
            prompt.lua,
            { context, block, old, new in
              guard let budget = context?.assumingMemoryBound(to: Budget.self) else { return nil }
              if new > 0, block == nil || new > old {
                budget.pointee.left -= 1
                if budget.pointee.left < 0 { return nil }
              }
              return budget.pointee.allocate(budget.pointee.context, block, old, new)
            }, budget)
          _ = prompt.offers(line)
          lua_setallocf(prompt.lua, allocate, context)
        }
        #expect(lua_gettop(prompt.lua) == 0)
      }
    }
    #expect(prompt.offers("a.b.") == ["c"] && prompt.tab("net:for") == "net:forward")
  }
}
