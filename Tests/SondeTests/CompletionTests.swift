import CLua
import LuaAPI
import TestSupport
import Testing

@testable import sonde

/// A session in which a chunk has run, and what Tab offers in it.
final class CompletionPrompt {
  let session: Session
  var lua: LuaState { session.lua }

  init(_ chunk: String = "") throws {
    session = try Session(try #require(luaL_newstate()), presets: true)
    try run(chunk)
  }

  deinit { session.close() }

  func run(_ chunk: String) throws {
    try #require(sonde_try_load(lua, chunk, chunk.utf8.count, "=setup") == LUA_OK)
    try #require(sonde_run(lua, session.runtime, 0, 0, false) == LUA_OK)
  }

  func completion(_ line: String, rest: String = "", earlier: String = "") -> Completion? {
    let completer = Completer { [session] in session }
    return completer.complete(Array(line.utf8), rest: Array(rest.utf8), earlier: Array(earlier.utf8))
  }

  /// What is offered at the end of a line.
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

  /// Whether a global is true, which no hook of the user's sees asked: what a test has their functions set.
  func isSet(_ global: String) -> Bool {
    withoutHooks { sonde_try_global(lua, global) == LUA_OK && lua_toboolean(lua, -1) != 0 }
  }

  /// Makes a global false, unseen too.
  func clear(_ global: String) {
    withoutHooks {
      lua_pushboolean(lua, 0)
      _ = sonde_try_set_global(lua, global)
    }
  }

  private func withoutHooks<Result>(_ body: () -> Result) -> Result {
    let (hook, mask, count) = (lua_gethook(lua), lua_gethookmask(lua), lua_gethookcount(lua))
    lua_sethook(lua, nil, 0, 0)
    defer {
      lua_settop(lua, 0)
      lua_sethook(lua, hook, mask, count)
    }
    return body()
  }
}

/// What Tab offers, without a terminal.
struct CompletionTests {
  // MARK: Names

  @Test func completesGlobalsAndFields() throws {
    let prompt = try CompletionPrompt(
      "answer = 42 tree = {left = {leaf = 1}, right = 2, ['not a name'] = 3, ['end'] = 4, 'x'}")
    #expect(prompt.tab("ans") == "answer")
    #expect(prompt.tab("print(answ") == "print(answer")
    #expect(prompt.offers("tree.") == ["left", "right"])
    #expect(prompt.tab("tree.left.l") == "tree.left.leaf")
    #expect(prompt.tab("tree['left'].l") == "tree['left'].leaf")
    #expect(prompt.tab("(tree.left).l") == "(tree.left).leaf")
    #expect(prompt.tab("x = 1 + math.fl") == "x = 1 + math.floor")
    #expect(prompt.tab("nn.Lin") == "nn.Linear")
    #expect(prompt.tab("= nn.Lin") == "= nn.Linear")
    #expect(prompt.offers("sonde.linalg.q") == ["qr"])
    #expect(prompt.offers("tree.left.leaf.") == [])
    #expect(prompt.offers("nothing.at.all") == [])
    #expect(prompt.offers("tree.left.leaf.l") == [])
  }

  @Test func followsConstantKeysAndStrings() throws {
    let prompt = try CompletionPrompt(
      "list = {{first = 1}, {['a b'] = {inner = 1}}, [-1] = {last = 1}, [2^40] = {far = 1}} key = 2")
    #expect(prompt.tab("list[1].f") == "list[1].first")
    #expect(prompt.tab("list[2]['a b'].i") == "list[2]['a b'].inner")
    #expect(prompt.tab("list[2][\"a\\x20b\"].i") == "list[2][\"a\\x20b\"].inner")
    #expect(prompt.tab("list[2][ [[a b]] ].i") == "list[2][ [[a b]] ].inner")
    #expect(prompt.tab("list[-1].l") == "list[-1].last")
    #expect(prompt.tab("list[1099511627776].f") == "list[1099511627776].far")
    // what is no constant is not computed
    #expect(prompt.offers("list[key].") == [] && prompt.offers("list[1 + 0].") == [])
    #expect(prompt.tab("('x'):up") == "('x'):upper")
    #expect(prompt.offers("'x':up") == [])
    #expect(prompt.offers("('x').rep").isEmpty == false)
  }

  @Test func offersMethodsBehindAColon() throws {
    let prompt = try CompletionPrompt(
      """
      Animal = {speak = function() end, legs = 4}
      Animal.__index = Animal
      dog = setmetatable({name = "Rex", bark = function() end, call = setmetatable({}, {__call = print})}, Animal)
      """)
    #expect(prompt.offers("dog:") == ["bark", "call", "speak"])
    #expect(prompt.offers("dog.") == ["__index", "bark", "call", "legs", "name", "speak"])
    #expect(prompt.tab("io.stdout:fl") == "io.stdout:flush")
    #expect(prompt.tab("coroutine.create(print):s") == "coroutine.create(print):s")
  }

  @Test func offersWordsOfTheLanguageWhereTheyFit() throws {
    let prompt = try CompletionPrompt()
    #expect(prompt.tab("fu") == "function")
    #expect(prompt.tab("local f") == "local function")
    #expect(prompt.tab("local x <c") == "local x <c" && prompt.offers("local x <c") == ["close", "const"])
    #expect(prompt.offers("goto e") == [] && prompt.offers("for i") == [])
    #expect(prompt.offers("x = 1 a") == ["and", "assert"] && prompt.offers("f(x a") == ["and"])
    #expect(prompt.tab("x = fal") == "x = false")
    #expect(prompt.offers("en") == [])
    #expect(prompt.tab("if x th") == "if x then")
    #expect(prompt.tab("if x then y = 1 el") == "if x then y = 1 else")
    #expect(prompt.tab("while x d") == "while x do")
    #expect(prompt.tab("for k, v i") == "for k, v in" && prompt.tab("for k in pairs(t) d") == "for k in pairs(t) do")
    #expect(prompt.tab("repeat x = 1 unt") == "repeat x = 1 until")
    #expect(prompt.tab("f(function() return 1 en") == "f(function() return 1 end")
  }

  @Test func knowsTheLocalsOfAnUnfinishedChunk() throws {
    let prompt = try CompletionPrompt("shadowed = {field = 1}")
    let earlier =
      "local function walk(branch, depth)\nlocal visited <const>, total = {}, 0\nfor _, leaf in pairs(branch) do"
    #expect(prompt.tab("vis", earlier: earlier) == "visited")
    #expect(prompt.tab("print(dep", earlier: earlier) == "print(depth")
    #expect(prompt.tab("lea", earlier: earlier) == "leaf")
    #expect(prompt.tab("wal", earlier: earlier) == "walk")
    // behind its end a block's locals are gone
    #expect(prompt.offers("vis", earlier: earlier + "\nend end") == [])
    #expect(prompt.offers("wal", earlier: earlier + "\nend end") == ["walk"])
    // a local hides the global, and what it will hold is not known
    #expect(prompt.tab("shadowed.f", earlier: "do") == "shadowed.field")
    #expect(prompt.offers("shadowed.f", earlier: "do local shadowed = nil") == [])
    #expect(prompt.offers("sel", earlier: "function Animal:speak()") == ["select", "self"])
  }

  @Test func knowsWhatLocalsWereDeclaredToBe() throws {
    let prompt = try CompletionPrompt("net = nn.mlp{inputs=4, width=4, depth=2} r = net:probe(sonde.randn(5, 4))")
    #expect(
      prompt.tab("local m = nn.mlp{width=3, inputs=2} m:batchn") == "local m = nn.mlp{width=3, inputs=2} m:batchnorm")
    #expect(prompt.tab("do local first <const> = net[1] first.lin") == "do local first <const> = net[1] first.linear")
    #expect(prompt.tab("q:diag", earlier: "do\nlocal p = net\nlocal q, z = p:probe(x), 1") == "q:diagnose")
    #expect(prompt.tab("row.activ", earlier: "for i, row in ipairs(r) do") == "row.activation")
    #expect(prompt.tab("row.activation.sk", earlier: "for _, row in ipairs(net:probe(x)) do") == "row.activation.sk")
    #expect(prompt.tab("local make = nn.mlp; make{wid") == "local make = nn.mlp; make{width=")
    #expect(prompt.tab("local net = net; net:batchn") == "local net = net; net:batchnorm")
    // what is computed is not known
    #expect(prompt.offers("local m = net .. 1; m:") == [] && prompt.offers("local m = x or net m:") == [])
  }

  @Test func indentsABlankLineOfAnUnfinishedChunk() throws {
    let prompt = try CompletionPrompt()
    #expect(prompt.tab("", earlier: "do") == "  " && prompt.tab("  ", earlier: "do") == "    ")
    #expect(prompt.offers("").contains("sonde") && !prompt.offers("").contains("while"))
  }

  @Test func tellsWhatLuasFunctionsDo() throws {
    let prompt = try CompletionPrompt("own = {floor = math.floor}")
    for line in ["math.floor", "string.uppe", "('x'):uppe", "tostrin"] {
      let summary = try #require(prompt.completion(line)?.candidates.first?.summary)
      #expect(summary.count > "function".count, "\(line)")
    }
    #expect(prompt.completion("own.fl")?.candidates.first?.summary == "function")
  }

  @Test func knowsTheLocalsOfThePrompt() throws {
    let prompt = try CompletionPrompt("kept = {outer = 1} value = {inner = 1}")
    let completer = Completer(locals: { ["kept", "other"] }) { name in
      name == "kept" && sonde_try_global(prompt.lua, "value") == LUA_OK
    } session: {
      prompt.session
    }
    func offers(_ line: String) -> [String] { completer.complete(Array(line.utf8))?.candidates.map(\.name) ?? [] }
    #expect(offers("ke") == ["kept"] && offers("oth") == ["other"])
    // a local comes before the global of its name
    #expect(offers("kept.") == ["inner"] && offers("other.") == [])
    #expect(lua_gettop(prompt.lua) == 0)
  }

  @Test func tellsWhatNamesMean() throws {
    let prompt = try CompletionPrompt(
      """
      v = {net = nn.mlp{inputs=2, width=2, depth=1}, zeros = sonde.zeros(2, 3), number = 0.5, text = "abc", flag = true,
        list = {}, add = function(a, b, ...) end, none = load(string.dump(function(a) end, true)), c = print,
        make = sonde.zeros}
      """)
    let summaries = prompt.completion("v.")?.candidates.map { "\($0.name): \($0.summary)" }
    #expect(
      summaries == [
        "add: function(a, b, ...)", "c: function", "flag: true", "list: table",
        "make: Makes a tensor of zeros.", "net: network", "none: function(_)", "number: 0.5", "text: 'abc'",
        "zeros: tensor float32 [2, 3]",
      ])
  }

  // MARK: Sonde's objects

  @Test func offersFieldsAndMethodsOfObjects() throws {
    let prompt = try CompletionPrompt(
      """
      net = nn.mlp{inputs=4, width=4, depth=2, norm="batch"}
      r = net:probe(sonde.randn(5, 4))
      train = data.digits()
      gone = sonde.ones(2) do local t <close> = gone end
      """)
    #expect(prompt.tab("net:bat") == "net:batchnorm")
    #expect(!prompt.offers("net:").contains("parameters") && prompt.offers("net.").contains("parameters"))
    #expect(prompt.tab("net.par") == "net.parameters")
    #expect(prompt.tab("net[1].lin") == "net[1].linear")
    #expect(prompt.tab("net[-1].norm.wei") == "net[-1].norm.weight")
    #expect(prompt.tab("net.parameters['0.linear.weight'].sha") == "net.parameters['0.linear.weight'].shape")
    #expect(prompt.tab("r[1].activation.sk") == "r[1].activation.skewness")
    #expect(prompt.tab("train.inp") == "train.inputs" && prompt.offers("train.inputs:nume") == ["numel"])
    #expect(prompt.offers("net[9].") == [])
    // a closed object has nothing to offer
    #expect(prompt.offers("gone.") == [] && prompt.offers("gone:") == [])
  }

  @Test func offersKeysInBrackets() throws {
    let prompt = try CompletionPrompt(
      """
      net = nn.Sequential{nn.Linear(4, 3, {name="first"}), nn.ReLU(), nn.Linear(3, 2, {name="last"})}
      t = {10, 20, ["a \\"b\\""] = 1, plain = 2}
      """)
    #expect(prompt.offers("net[") == ["first", "last", "1", "2", "3"])
    #expect(prompt.tab("net[\"fi") == "net[\"first\"]")
    #expect(prompt.tab("net['fi", rest: "']") == "net['first")
    #expect(prompt.tab("net.parameters[\"fir") == "net.parameters[\"first.")
    #expect(prompt.offers("net.parameters[\"first.") == ["first.bias", "first.weight"])
    #expect(prompt.offers("net.parameters[") == ["first.bias", "first.weight", "last.bias", "last.weight"])
    #expect(prompt.offers("net.fi") == ["find", "first", "fit"])
    #expect(prompt.offers("t[") == ["a \"b\"", "plain", "1", "2"])
    #expect(prompt.tab("t['a") == "t['a \"b\"']")
    #expect(prompt.tab("t[\"a") == "t[\"a \\\"b\\\"\"]")
  }

  @Test func knowsWhatSondesFunctionsGive() throws {
    let prompt = try CompletionPrompt("net = nn.mlp{inputs=4, width=4, depth=2}")
    #expect(prompt.tab("sonde.randn(3, 4):std") == "sonde.randn(3, 4):std")
    #expect(prompt.tab("sonde.randn(3, 4):cums") == "sonde.randn(3, 4):cumsum")
    #expect(prompt.tab("net:eval():for") == "net:eval():forward")
    #expect(prompt.tab("net:probe(x):diag") == "net:probe(x):diagnose")
    #expect(prompt.tab("net:probe(f(\")\")):diag") == "net:probe(f(\")\")):diagnose")
    #expect(prompt.tab("nn.mlp{width=3}:para") == "nn.mlp{width=3}:para")
    #expect(prompt.tab("nn.mlp{width=3}.para") == "nn.mlp{width=3}.parameters")
    #expect(prompt.tab("net(x):softm") == "net(x):softmax")
    #expect(prompt.offers("unknown(x):") == [] && prompt.offers("pairs{}:") == [])
  }

  // MARK: Arguments

  @Test func offersOptionsInACallsTable() throws {
    let prompt = try CompletionPrompt("net = nn.mlp{inputs=4, width=4, depth=2}")
    #expect(prompt.tab("nn.mlp{wid") == "nn.mlp{width=")
    #expect(prompt.tab("nn.mlp({wid") == "nn.mlp({width=")
    #expect(prompt.tab("nn.mlp { inputs = 4,\n  wid") == "nn.mlp { inputs = 4,\n  width=")
    #expect(prompt.tab("wid", earlier: "local net = nn.mlp{ inputs = 4,") == "width=")
    #expect(prompt.tab("optim.SGD(net, {l") == "optim.SGD(net, {lr=")
    #expect(prompt.tab("net:fit{tr") == "net:fit{train=")
    #expect(prompt.tab("net.fit(net, {tr") == "net.fit(net, {train=")
    #expect(prompt.offers("nn.mlp{width=3, wid") == [])
    #expect(!prompt.offers("nn.mlp{width=3, ").contains("width") && prompt.offers("nn.mlp{").contains("width"))
    #expect(prompt.tab("net:fit{early_stopping={pat") == "net:fit{early_stopping={patience=")
    // values are expressions
    #expect(prompt.tab("nn.mlp{width=mat") == "nn.mlp{width=math")
    #expect(prompt.tab("net:fit{on_step=function(s) pri") == "net:fit{on_step=function(s) print")
    #expect(prompt.tab("sonde.tensor({1, 2}, {dt") == "sonde.tensor({1, 2}, {dtype=")
    #expect(prompt.offers("{wid") == [] && prompt.offers("print{wid") == [])
  }

  @Test func offersTheWordsOfAnArgument() throws {
    let prompt = try CompletionPrompt("net = nn.mlp{inputs=4, width=4, depth=2}")
    #expect(prompt.offers("net:batchnorm(\"") == ["after", "before", "off"])
    #expect(prompt.tab("net:batchnorm('be") == "net:batchnorm('before'")
    #expect(prompt.tab("net:batchnorm 'be") == "net:batchnorm 'before'")
    #expect(prompt.tab("net:normalize(\"la") == "net:normalize(\"layer\"")
    #expect(prompt.tab("nn.mlp{activation=\"sof") == "nn.mlp{activation=\"softplus\"")
    #expect(prompt.tab("nn.mlp{activation=\"sof", rest: "\", depth=3}") == "nn.mlp{activation=\"softplus")
    #expect(prompt.tab("nn.mlp{init='ort") == "nn.mlp{init='orthogonal'")
    #expect(prompt.tab("nn.mlp{init={'ort") == "nn.mlp{init={'orthogonal'")
    #expect(
      prompt.tab("nn.mlp{norm_position=") == "nn.mlp{norm_position=\""
        || prompt.offers("nn.mlp{norm_position=").count == 2)
    #expect(prompt.tab("nn.mlp{norm_position=") == "nn.mlp{norm_position=\"")
    #expect(prompt.tab("net:init(\"xavier_n") == "net:init(\"xavier_normal\"")
    #expect(prompt.tab("net:find('Lin") == "net:find('Linear'")
    #expect(prompt.tab("net:probe(x):column(\"activation.sk") == "net:probe(x):column(\"activation.skewness\"")
    #expect(prompt.tab("sonde.recorder{stats={'shift', 'update") == "sonde.recorder{stats={'shift', 'update_ratio'")
    #expect(prompt.offers("sonde.zeros(2, {dtype=\"f") == ["float32", "float64"])
    #expect(prompt.offers("net:whatif(x, {batchnorm={\"") == ["after", "before", "off"])
    #expect(prompt.offers("nn.mlp{bias=") == ["false", "true"])
    #expect(prompt.offers("net:init('he_normal', {gain=") == ["torch", "unit"])
    #expect(prompt.tab("net:fit{loss='cross") == "net:fit{loss='cross_entropy'")
    // files are for arguments that are files
    #expect(prompt.tab("sonde.load('/et") == "sonde.load('/etc/" && prompt.offers("nn.Linear(2, {name='/et") == [])
    #expect(prompt.tab("require 'son") == "require 'sonde'" && prompt.offers("require(\"cor") == ["coroutine"])
    #expect(prompt.tab("help('nn.ml") == "help('nn.mlp'")
  }
}
