import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The same command line for both programs.
struct CommandCase: CustomTestStringConvertible, Sendable {
  let arguments: [String]
  var input = ""
  var environment: [String: String] = [:]

  init(_ arguments: String..., input: String = "", environment: [String: String] = [:]) {
    self.arguments = arguments
    self.input = input
    self.environment = environment
  }

  var testDescription: String { "\(environment) \(arguments) < \(input.debugDescription)" }
}

/// What `lua` 5.4 does: run side by side where it is installed.
struct ReferenceTests {
  private static let files = [
    "arguments.lua": "print(...) for i = -5, 5 do if arg[i] then print(i, arg[i]) end end",
    "hash.lua": "#!/usr/bin/env lua\nprint(debug.getinfo(1).currentline)\n",
    "comment.lua": "#nothing but this",
    "syntax.lua": "x = = 1\n",
    "error.lua": "local function f() error('boom') end\nf()\n",
    "object.lua": "error(setmetatable({}, {__tostring = function() return 'told by the object' end}))",
    "table.lua": "error{}", "nil.lua": "error(nil)", "number.lua": "error(42)", "plain.lua": "error('plain', 0)",
    "exit.lua": "io.write('no line end') os.exit(3, true)", "false.lua": "os.exit(false)", "true.lua": "os.exit(true)",
    "close.lua": """
    local x <close> = setmetatable({}, {__close = function(_, e) print('closed', e) end})
    setmetatable({}, {__gc = function() print('collected') end})
    os.exit(true, true)
    """,
    "collect.lua": "setmetatable({}, {__gc = function() error('in gc') end})",
    "warn.lua": """
    warn('@nothing') warn('first ', 'pieces ', 'joined') warn('@off') warn('silent') warn('@on', 'is text, and silent')
    warn('@on') warn('@off', ' behind which text stands') warn('', '@off') warn('last')
    """,
    "module.lua": "print('loading', ...) return {size = 7}",
    "broken.lua": "error('in a module')",
    "levels.lua": """
    print(debug.getinfo(2, 'S').what, debug.getinfo(3), pcall(debug.getlocal, 4, 1))
    print(debug.traceback('here'))
    """,
    "coroutines.lua": """
    local function show(...) print(select('#', ...), ...) end
    local co = coroutine.create(function(a) error('again ' .. coroutine.yield(a + 1)) end)
    show(coroutine.resume(co, 1)) show(coroutine.resume(co, 2)) show(coroutine.resume(co)) show(coroutine.close(co))
    show(coroutine.resume(coroutine.create(function(...) return ... end), 1, nil, nil))
    show(pcall(coroutine.resume, 1)) show(pcall(coroutine.wrap, 1)) show(pcall(coroutine.close, 1))
    show(pcall(coroutine.wrap(function() error('in wrap') end)))
    local closing = setmetatable({}, {__close = function() error('closing') end})
    local w = coroutine.wrap(function() local x <close> = closing error('first') end)
    show(pcall(w)) show(pcall(w))
    co = coroutine.create(function() local x <close> = closing coroutine.yield() end) coroutine.resume(co)
    show(coroutine.close(co)) show(coroutine.close(co)) show(coroutine.close(coroutine.create(print)))
    show(pcall(function() coroutine.close(coroutine.running()) end))
    co = coroutine.create(function() coroutine.wrap(function() show(pcall(coroutine.close, co)) end)() end)
    coroutine.resume(co)
    w = coroutine.wrap(function() return pcall(w) end) show(w()) show(pcall(w)) show(pcall(coroutine.yield))
    coroutine.wrap(function() local t = setmetatable({}, {__tostring = function() return 'told' end}) error(t) end)()
    """,
    "init.lua": "print('init', arg[0], arg[1])",
  ]

  private static let cases: [CommandCase] = [
    CommandCase("arguments.lua", "a", "b"), CommandCase("-e", "print(1)", "arguments.lua", "-x"),
    CommandCase("-e  ", "--", "arguments.lua", "q"), CommandCase("-", "a", input: "print(arg[0], ...)"),
    CommandCase("--", "-", input: "print(1)"), CommandCase(input: "print('read')\nprint(...)\n"),
    CommandCase(input: "#!first\nprint(debug.getinfo(1).currentline)"), CommandCase("hash.lua"),
    CommandCase("comment.lua"), CommandCase("-e", "print(#arg, arg[0], arg[-1], arg[2])"),
    CommandCase("-e", "arg[1] = 100", "-", input: "print(...)"), CommandCase("-e", "arg = 1", "-"),
    CommandCase("-e", "arg = nil", "-"), CommandCase("missing.lua"), CommandCase("."), CommandCase("syntax.lua"),
    CommandCase("-", input: "x ="), CommandCase("error.lua"), CommandCase("object.lua"), CommandCase("table.lua"),
    CommandCase("nil.lua"), CommandCase("number.lua"), CommandCase("plain.lua"), CommandCase("exit.lua"),
    CommandCase("false.lua"), CommandCase("true.lua"), CommandCase("close.lua"), CommandCase("collect.lua"),
    CommandCase("-W", "collect.lua"), CommandCase("warn.lua"), CommandCase("-W", "warn.lua"),
    CommandCase("levels.lua"), CommandCase("coroutines.lua"), CommandCase("-e", "error('x')"),
    CommandCase("-e", "x ="), CommandCase("-e", "error()"), CommandCase("-e", "error('')"),
    CommandCase("-e", "error('before\\0after')"), CommandCase("-eprint(1)", "-ea=3", "-e", "print(a)"),
    CommandCase("-l", "module", "-lm=module", "-e", "print(m.size, module == m)"), CommandCase("-l", "broken"),
    CommandCase("-l", "nowhere"), CommandCase("-l=module", "-e", "print(_G[''].size)"),
    CommandCase("-l", "g=string", "-e", "print(g == string)"),
    CommandCase("-E", "-e", "print(package.path, package.cpath)", environment: ["LUA_INIT": "x", "LUA_PATH": "y"]),
    CommandCase(
      "-e", "print(package.path, package.cpath)",
      environment: ["LUA_PATH": "a;;b", "LUA_CPATH_5_4": "c", "LUA_CPATH": "d"]),
    CommandCase("arguments.lua", "1", environment: ["LUA_INIT": "print(arg[1])"]),
    CommandCase("arguments.lua", "1", environment: ["LUA_INIT": "@init.lua"]),
    CommandCase("arguments.lua", environment: ["LUA_INIT": "@missing.lua"]),
    CommandCase("arguments.lua", environment: ["LUA_INIT_5_4": "print(54)", "LUA_INIT": "print(5)"]),
    CommandCase(input: "print(1)", environment: ["LUA_INIT": "error('msg')"]),
    CommandCase("arguments.lua", environment: ["LUA_INIT": ""]),
  ]

  @Test(.enabled(if: access(Workplace.lua, X_OK) == 0), arguments: cases)
  func behavesAsLua(_ command: CommandCase) throws {
    let ours = try outcome(of: Workplace.sonde, command)
    let reference = try outcome(of: Workplace.lua, command)
    #expect(ours == reference)
  }

  /// Both programs under one path, since tracebacks and `arg` name it.
  private func outcome(of program: String, _ command: CommandCase) throws -> Child.Outcome {
    let place = try Workplace()
    for (name, text) in ReferenceTests.files { place.write(name, text) }
    let path = "\(place.directory.path)/program"
    symlink(program, path)
    let environment = ["LUA_PATH": "./?.lua"].merging(command.environment) { $1 }
    var outcome = try place.run(command.arguments, input: command.input, environment: environment, program: path)
    outcome.output.replace(path, with: "PROGRAM")
    outcome.errors.replace(path, with: "PROGRAM")
    return outcome
  }

  /// Needs no `lua` beside it: the fixed texts of the commonest cases.
  @Test func runsAScriptWithItsArguments() throws {
    let place = try Workplace()
    place.write("script.lua", "print(..., arg[0], arg[-1], arg[-2])")
    #expect(
      try place.run(["-E", "script.lua", "a b"])
        == Child.Outcome(output: "a b\tscript.lua\t-E\t\(Workplace.sonde)\n", errors: "", status: 0))
  }

  @Test func tellsAnErrorWithItsTraceback() throws {
    let place = try Workplace()
    place.write("script.lua", "local function f() error('boom') end\nf()\n")
    let traceback = """
      \(Workplace.sonde): script.lua:1: boom
      stack traceback:
      \t[C]: in function 'error'
      \tscript.lua:1: in local 'f'
      \tscript.lua:2: in main chunk
      \t[C]: in ?

      """
    #expect(try place.run(["script.lua"]) == Child.Outcome(output: "", errors: traceback, status: 1))
  }
}
