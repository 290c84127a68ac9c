import CLua
import LuaAPI
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The program: a drop-in superset of `lua` 5.4.
@main
enum Program {
  static func main() {
    let argv = CommandLine.arguments
    let program = argv.first ?? "sonde"
    do {
      exit(try run(try Arguments(argv), argv: argv, program: program) ? EXIT_SUCCESS : EXIT_FAILURE)
    } catch let mistake as Arguments.Mistake {
      Interpreter.complain(mistake.text, program: program)
      sonde_complain(Arguments.usage)
    } catch {
      Interpreter.complain("\(error)", program: program)
    }
    exit(EXIT_FAILURE)
  }

  /// Does what the command line asks for; answers whether all of it went well.
  private static func run(_ arguments: Arguments, argv: [String], program: String) throws -> Bool {
    if arguments.showsHelp {
      print(Arguments.usage, terminator: "")
      return true
    }
    if arguments.showsVersion { printVersion() }
    MemoryAccount.limit = arguments.memoryLimit ?? MachineMemory.available ?? Int.max
    guard let lua = luaL_newstate() else {
      Interpreter.complain("cannot create state: not enough memory", program: program)
      return false
    }
    let session = try Session(lua, presets: true, environment: !arguments.ignoresEnvironment)
    defer { session.close() }
    if let seed = arguments.seed { session.generator = Generator(seed: seed) }
    if let dtype = arguments.dtype { session.defaultDType = dtype }
    return perform(arguments, argv, Interpreter(session: session, program: program))
  }

  private static func perform(_ arguments: Arguments, _ argv: [String], _ interpreter: Interpreter) -> Bool {
    guard interpreter.setArguments(argv, script: arguments.script ?? 0) else { return false }
    if !arguments.ignoresEnvironment {
      guard interpreter.runInit() else { return false }
    }
    for action in arguments.actions {
      guard perform(action, interpreter) else { return false }
    }
    if let script = arguments.script {
      let path = argv[script] == "-" && argv[script - 1] != "--" ? nil : argv[script]
      guard interpreter.runFile(path, arguments: Array(argv.dropFirst(script + 1))) else { return false }
    }
    return interact(arguments, interpreter)
  }

  private static func perform(_ action: Arguments.Action, _ interpreter: Interpreter) -> Bool {
    switch action {
    case .execute(let text): interpreter.execute(text, name: "=(command line)")
    case .require(let name): interpreter.require(name)
    case .warnings: interpreter.report(sonde_try_warning(interpreter.lua, "@on"), program: interpreter.program)
    }
  }

  /// The prompt when it is asked for, or when there is nothing else to do.
  private static func interact(_ arguments: Arguments, _ interpreter: Interpreter) -> Bool {
    if arguments.interactive {
      Prompt(interpreter).loop()
      return true
    }
    let idle = arguments.script == nil && !arguments.showsVersion
      && !arguments.actions.contains { if case .execute = $0 { true } else { false } }
    guard idle else { return true }
    guard isatty(STDIN_FILENO) != 0 else { return interpreter.runFile(nil, arguments: []) }
    printVersion()
    Prompt(interpreter).loop()
    return true
  }

  private static func printVersion() {
    print("Sonde \(Session.version), \(String(cString: sonde_lua_release())), float32 and float64 by OpenBLAS")
  }
}
