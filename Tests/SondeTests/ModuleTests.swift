import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// C modules, as any for `lua` 5.4, find Lua inside the program.
struct ModuleTests {
  /// It calls what the program itself has no use for.
  private static let source = """
    typedef struct lua_State lua_State;
    void *lua_newuserdatauv(lua_State *, unsigned long, int);
    int lua_error(lua_State *);
    void lua_concat(lua_State *, int);
    void lua_arith(lua_State *, int);
    void lua_pushinteger(lua_State *, long long);
    const char *luaL_gsub(lua_State *, const char *, const char *, const char *);
    int luaopen_outsider(lua_State *lua) {
      luaL_gsub(lua, "a-b", "-", "+");
      lua_pushinteger(lua, 20);
      lua_pushinteger(lua, 22);
      lua_arith(lua, 0);
      lua_concat(lua, 2);
      return 1;
    }
    """

  @Test(.enabled(if: access("/usr/bin/cc", X_OK) == 0))
  func loadsAModuleWrittenInC() throws {
    let place = try Workplace()
    place.write("outsider.c", ModuleTests.source)
    let built = try place.run(["-shared", "-fPIC", "-o", "outsider.so", "outsider.c"], program: "/usr/bin/cc")
    try #require(built.status == 0, "\(built.errors)")
    let outcome = try place.run(["-e", "package.cpath = './?.so'; print((require 'outsider'))"])
    #expect(outcome == Child.Outcome(output: "a+b42\n", errors: "", status: 0))
  }

  /// Whether `require` of stock Lua finds a module, at the places that are compiled into it.
  static func isInstalled(_ module: String) -> Bool {
    let script = "os.exit((pcall(require, '\(module)')))"
    return (try? Child.run(Workplace.lua, ["-e", script]))?.status == 0
  }

  /// Runs a script of asserts that ends with `print 'in order'`.
  private func expectInOrder(_ script: String) throws {
    let place = try Workplace()
    place.write("script.lua", script)
    #expect(try place.run(["script.lua"]) == Child.Outcome(output: "in order\n"))
  }

  @Test(.enabled(if: isInstalled("cjson")))
  func cjsonGoesThereAndBack() throws {
    try expectInOrder(
      #"""
      local json = require "cjson"
      local text = [[{"name":"fc1","shape":[64,32],"mean":-0.25,"frozen":true,"note":null,"text":"\u00e4 \"x\"\n"}]]
      local value = json.decode(text)
      assert(value.name == "fc1" and #value.shape == 2 and value.shape[2] == 32 and value.mean == -0.25)
      assert(value.frozen == true and value.note == json.null and value.text == 'ä "x"\n')
      assert(json.encode({1, 2, {}}) == "[1,2,{}]")
      local again = json.decode(json.encode(value))
      for key, entry in pairs(value) do
        assert(key == "shape" and again.shape[1] == 64 or again[key] == entry, key)
      end
      -- errors of C come through as Lua's
      local ok, message = pcall(json.decode, "[1, 2")
      assert(not ok and message == "Expected comma or array end but found T_END at character 6", message)
      ok, message = pcall(json.encode, {print})
      assert(not ok and message == "Cannot serialise function: type not supported", message)
      -- and so does what holds our objects
      ok, message = pcall(json.encode, {sonde.ones(2)})
      assert(not ok and message == "Cannot serialise userdata: type not supported", message)
      assert(json.encode(sonde.tensor{{1, 2}, {3, 4}}:totable()) == "[[1,2],[3,4]]")
      print "in order"
      """#)
  }

  @Test(.enabled(if: isInstalled("lpeg")))
  func lpegRunsAGrammar() throws {
    try expectInOrder(
      #"""
      local lpeg, re = require "lpeg", require "re"
      local space = lpeg.S(" \n\t") ^ 0
      local number = lpeg.C(lpeg.P("-") ^ -1 * lpeg.R("09") ^ 1) / tonumber * space
      local function fold(left, operator, right)
        if operator == "+" then return left + right elseif operator == "-" then return left - right end
        return operator == "*" and left * right or left / right
      end
      local function chain(operand, operators)
        return lpeg.Cf(operand * lpeg.Cg(lpeg.C(lpeg.S(operators)) * space * operand) ^ 0, fold)
      end
      local grammar = lpeg.P{
        "sum",
        sum = chain(lpeg.V "product", "+-"),
        product = chain(lpeg.V "factor", "*/"),
        factor = number + "(" * space * lpeg.V "sum" * ")" * space,
      }
      assert((space * grammar * -1):match(" 2 + 3 * (4 - -1) / 5 ") == 5)
      assert((grammar * -1):match("2 +") == nil)
      assert(re.gsub("w1 and w22", "[a-z] [0-9]+", "<%0>") == "<w1> and <w22>")
      -- an error of C, and one of Lua in a callback of C
      assert(not pcall(lpeg.match, lpeg.P(1), nil))
      local ok, message = pcall(lpeg.match, lpeg.P(1) / function() error("in the capture", 0) end, "x")
      assert(not ok and message == "in the capture")
      ok, message = pcall(lpeg.P, {lpeg.V "missing"})
      assert(not ok and message == "rule 'missing' undefined in given grammar", message)
      print "in order"
      """#)
  }

  @Test(.enabled(if: isInstalled("socket")))
  func socketsEchoOverLoopback() throws {
    try expectInOrder(
      #"""
      local socket = require "socket"
      local server = assert(socket.bind("127.0.0.1", 0))
      server:settimeout(5)
      local _, port = server:getsockname()
      local client = assert(socket.tcp())
      client:settimeout(5)
      assert(client:connect("127.0.0.1", port))
      local served = assert(server:accept())
      served:settimeout(5)
      -- a coroutine answers each line, as a server of many would
      local answer = coroutine.wrap(function()
        while true do
          served:send(assert(served:receive()):upper() .. "\n")
          coroutine.yield()
        end
      end)
      for _, line in ipairs{"first", "sécond", ("x"):rep(10000)} do
        assert(client:send(line .. "\n"))
        answer()
        assert(client:receive() == line:upper())
      end
      served:close()
      local line, problem = client:receive()
      assert(line == nil and problem == "closed", problem)
      server:settimeout(0)
      assert(select(2, server:accept()) == "timeout")
      assert(not pcall(client.receive, client, {}))
      print "in order"
      """#)
  }
}
