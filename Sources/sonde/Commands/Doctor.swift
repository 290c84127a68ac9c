import CLua
import CProcess
import CReadline
import Kernels
import LuaAPI
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension PromptCommand {
  static let doctor = PromptCommand(
    name: "doctor", argument: nil, summary: "tells versions, machine, memory, terminal and files, and what is wrong"
  ) { prompt, _ in Doctor(prompt).findings.forEach { print($0) } }
}

/// Looks over all that the session stands on; problems are marked with `!` and counted at the end.
struct Doctor {
  /// One line: its name, what was found, and whether something should be done about it.
  struct Finding {
    let name: String
    let text: String
    var isProblem = false
  }

  private let prompt: Prompt

  init(_ prompt: Prompt) { self.prompt = prompt }

  /// The lines to show.
  var findings: [String] {
    let all = sandbox + versions + speed + session + memory + terminal + files
    let lines = all.map { finding in
      let name = finding.name + String(repeating: " ", count: max(0, 12 - finding.name.count))
      return "\(finding.isProblem ? "!" : " ") \(name)\(finding.text)"
    }
    let problems = all.filter(\.isProblem).count
    return lines + [problems == 0 ? "no problems" : "\(problems) problem\(problems == 1 ? "" : "s"), marked with !"]
  }

  private var sandbox: [Finding] {
    guard sonde_sandbox_is_on() else { return [] }
    return [
      Finding(
        name: "sandbox", text: "on: no files, other programs or environment; Lua and tensors share the limit of memory")
    ]
  }

  // MARK: Versions

  private var versions: [Finding] {
    let readline = sonde_readline_version().map { String(cString: $0) }
    return [
      Finding(
        name: "Sonde", text: "\(Session.version), compiled by Swift \(Doctor.compiler) for \(Doctor.architecture)"),
      Finding(name: "Lua", text: Doctor.luaVersion),
      Finding(name: "OpenBLAS", text: "\(BLASLibrary.configuration), \(Doctor.core)"),
      readline.map { Finding(name: "readline", text: $0) }
        ?? Finding(name: "readline", text: "none in this build: lines come without editing and Tab", isProblem: true),
      Finding(name: "zlib", text: Surroundings.zlib), plotter,
    ]
  }

  /// Which kernels OpenBLAS uses, and whose choice that is.
  private static var core: String {
    let replaced = BLASLibrary.replacedCore.map { ", in place of \($0), which it took this processor for" }
    return "core \(BLASLibrary.core)\(replaced ?? "")"
  }

  private var plotter: Finding {
    if sonde_sandbox_is_on() { return Finding(name: "gnuplot", text: "out of reach under --sandbox") }
    return switch Surroundings.plotter() {
    case .version(let version): Finding(name: "gnuplot", text: version)
    case .failure(let text): Finding(name: "gnuplot", text: text, isProblem: true)
    }
  }

  /// The `5.4.4` of "Lua 5.4.4  Copyright (C) ...".
  private static var luaVersion: String {
    String(cString: sonde_lua_copyright()).split(separator: " ").dropFirst().first.map(String.init) ?? ""
  }

  private static var compiler: String {
    #if compiler(>=6.5)
      "6.5 or newer"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2 or older"
    #endif
  }

  private static var architecture: String {
    #if arch(x86_64)
      "x86-64"
    #elseif arch(arm64)
      "arm64"
    #else
      "another processor"
    #endif
  }

  // MARK: Machine

  private var speed: [Finding] {
    let pins = BLASLibrary.pins
    return [
      pins.isEmpty
        ? Finding(name: "BLAS pins", text: "none")
        : Finding(
          name: "BLAS pins",
          text: "\(pins.joined(separator: " ")) in the environment keep OpenBLAS from choosing for this processor, "
            + "and may halve its speed; unset them before the start", isProblem: true),
      Finding(name: "processor", text: Machine.processor), Finding(name: "kernels", text: Doctor.kernels),
      Finding(name: "threads", text: "\(WorkerPool.threads) of \(Machine.cores) cores; sonde.threads(n) sets them"),
    ]
  }

  /// The level of instructions that kernels use.
  private static var kernels: String {
    let (current, highest) = (InstructionSet.current, InstructionSet.highest)
    let levels = InstructionSet.supported.map(\.name).joined(separator: ", ")
    return current == highest
      ? "instructions of level \(current.name), of \(levels); \(InstructionSet.variable) chooses another"
      : "instructions of level \(current.name), as \(InstructionSet.variable) says, of \(levels)"
  }

  private var session: [Finding] {
    let session = prompt.interpreter.session
    let state = session.generator.state
    return [
      Finding(name: "dtype", text: session.defaultDType.name),
      Finding(name: "seed", text: "\(state.key), \(state.counter) blocks drawn"),
    ]
  }

  private var memory: [Finding] {
    let limit = MemoryAccount.limit
    let limitText = limit == Int.max ? "no limit" : "limit \(Quantity.bytes(limit))"
    let live = MemoryAccount.live
    let available = MachineMemory.available
    return [
      Finding(
        name: "tensors", text: "\(Quantity.bytes(live)) in \(MemoryAccount.storages) storages, \(limitText)",
        isProblem: limit < Int.max && live > limit / 10 * 9),
      Finding(name: "Lua memory", text: Quantity.bytes(sonde_lua_bytes(prompt.interpreter.lua))),
      Finding(
        name: "machine", text: available.map { "\(Quantity.bytes($0)) of memory available" } ?? "memory not known",
        isProblem: available.map { $0 < 256 << 20 } ?? false),
    ]
  }

  // MARK: Terminal and files

  private var terminal: [Finding] {
    let name = Machine.variable("TERM") ?? ""
    let typed = prompt.reader.isTerminal
    let pastes = typed && !["", "dumb"].contains(name) && sonde_readline_version() != nil
    return [
      Finding(
        name: "terminal",
        text: "\(name.isEmpty ? "TERM is not set" : name), \(Surroundings.screen.words), "
          + (typed ? "bracketed paste \(pastes ? "on" : "off")" : "lines are not typed but piped in"),
        isProblem: typed && name.isEmpty)
    ]
  }

  private var files: [Finding] {
    [history, initFile]
  }

  private var history: Finding {
    do {
      guard let file = try HistoryFile.chosen() else { return Finding(name: "history", text: "not kept in a file") }
      let isWritable = access(file.path, W_OK) == 0 || (errno == ENOENT && Machine.canWriteBeside(file.path))
      return Finding(
        name: "history", text: file.path + (isWritable ? "" : ": \(String(cString: strerror(errno)))"),
        isProblem: !isWritable)
    } catch {
      return Finding(name: "history", text: error.text, isProblem: true)
    }
  }

  private var initFile: Finding {
    guard let path = UserFiles.initFile else { return Finding(name: "init.lua", text: "none: HOME is not set") }
    guard !prompt.arguments.ignoresEnvironment else {
      return Finding(name: "init.lua", text: "left out by \(prompt.arguments.isSandboxed ? "--sandbox" : "-E")")
    }
    if access(path, F_OK) != 0 { return Finding(name: "init.lua", text: "\(path), which does not exist") }
    let lua = prompt.interpreter.lua
    defer { lua_settop(lua, 0) }
    let compiles = sonde_try_load_file(lua, path) == LUA_OK
    let problem = compiles ? "" : ": \(prompt.interpreter.session.text(at: lua_gettop(lua)))"
    return Finding(name: "init.lua", text: path + problem, isProblem: !compiles)
  }
}
