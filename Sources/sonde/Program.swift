import CLua
import CProcess
import Kernels
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
    sonde_keep_freed_memory()
    let words = UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
      .compactMap { $0.map { Word($0) } }
    let program = words.first.map { String(cString: $0) } ?? ""
    do {
      exit(try run(try Arguments(words)) ? EXIT_SUCCESS : EXIT_FAILURE)
    } catch let mistake as Arguments.Mistake {
      sonde_complain("\(program): \(mistake.text)\n\(Arguments.usage)")
    } catch {
      sonde_complain("\(program): \(error)\n")
    }
    exit(EXIT_FAILURE)
  }

  /// Does what the command line asks for; answers whether all of it went well.
  private static func run(_ arguments: Arguments) throws -> Bool {
    if arguments.showsHelp {
      print(Arguments.usage, terminator: "")
      return true
    }
    _ = try InstructionSet.requested()
    if arguments.showsVersion { printVersion() }
    if arguments.showsPins { printPins() }
    Products.prepare()
    if let threads = arguments.threads { WorkerPool.threads = threads }
    MemoryAccount.limit = arguments.memoryLimit ?? defaultMemoryLimit(arguments)
    if arguments.isSandboxed { sonde_sandbox_enter(MemoryAccount.limit) }
    guard let program = arguments.words.first, let lua = sonde_new_state() else {
      sonde_complain("sonde: cannot create state: not enough memory\n")
      return false
    }
    let session = try arguments.session(in: lua)
    let interpreter = Interpreter(session: session, program: program)
    defer { interpreter.session.close() }
    return perform(arguments, interpreter)
  }

  /// What the machine has to give, and in the sandbox no more than the help says.
  private static func defaultMemoryLimit(_ arguments: Arguments) -> Int {
    let available = MachineMemory.available ?? Int.max
    return arguments.isSandboxed ? min(available, 1 << 30) : available
  }

  private static func perform(_ arguments: Arguments, _ interpreter: Interpreter) -> Bool {
    guard interpreter.setArguments(arguments.words, script: arguments.script ?? 0) else { return false }
    if !arguments.ignoresEnvironment {
      guard interpreter.runInit() else { return false }
    }
    let record = SessionRecord(interpreter, arguments)
    for action in arguments.actions {
      guard perform(action, interpreter) else { return false }
    }
    if arguments.script != nil {
      guard interpreter.runScript(arguments.scriptPath) else { return false }
    }
    return interact(arguments, interpreter, record)
  }

  static func perform(_ action: Arguments.Action, _ interpreter: Interpreter) -> Bool {
    switch action {
    case .execute(let text): interpreter.execute(text, name: "=(command line)")
    case .require(let name): interpreter.require(name)
    case .warnings: interpreter.report(sonde_try_warning(interpreter.lua, "@on"))
    }
  }

  /// The prompt when it is asked for, or when there is nothing else to do.
  private static func interact(
    _ arguments: Arguments, _ interpreter: Interpreter, _ record: SessionRecord
  ) -> Bool {
    let idle = arguments.script == nil && !arguments.showsVersion && !arguments.executes
    if idle {
      // lua.c answers success here even after an error; a pipe that fails silently helps nobody.
      guard isatty(STDIN_FILENO) != 0 else { return interpreter.runFile(nil) }
      printVersion()
    }
    if idle || arguments.interactive { Prompt(interpreter, arguments, record).loop() }
    return true
  }

  /// Tells of settings that make products of matrices slow; not on a prompt's first line, which is Lua's.
  private static func printPins() {
    let pins = BLASLibrary.pins
    if !pins.isEmpty {
      print("\(pins.joined(separator: " ")) in the environment may halve the speed of OpenBLAS; unset them")
    }
  }

  private static func printVersion() {
    print("Sonde \(Session.version), \(String(cString: sonde_lua_copyright()))")
  }
}

extension Arguments {
  /// Makes Sonde's session in a fresh Lua state, with the seed and the dtype that were asked for.
  func session(in lua: LuaState) throws -> Session {
    let session = try Session(lua, presets: true, environment: !ignoresEnvironment)
    if let seed { session.reseed(seed) }
    if let dtype { session.defaultDType = dtype }
    session.commands = PromptCommand.all.map(\.help)
    return session
  }
}
