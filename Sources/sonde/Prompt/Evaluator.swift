import CLua
import LuaAPI

/// How a chunk ended.
enum ChunkOutcome {
  /// To its end, or to its `return`.
  case completed
  /// It does not compile: nothing ran.
  case refused
  case failed
  /// By Ctrl-C, which was its error.
  case interrupted
  /// To its end, but Ctrl-C came meanwhile: a training gives what it has then.
  case cutShort
}

extension ChunkOutcome {
  /// Whether it came to its end and gives values.
  var isEnd: Bool { self == .completed || self == .cutShort }
}

/// Runs chunks at the prompt, keeps their locals and results, prints what they give and tells their errors.
final class Evaluator {
  private let compiler: ChunkCompiler
  /// The locals declared at the prompt so far.
  let locals: KeptLocals
  /// The last error told.
  private(set) var lastFailure: Failure?
  private let sources = TypedSources()

  init(compiler: ChunkCompiler) {
    self.compiler = compiler
    locals = KeptLocals(compiler.interpreter)
  }

  var interpreter: Interpreter { compiler.interpreter }
  var lua: LuaState { interpreter.lua }

  /// Runs the chunk whose function, or the message of whose error, the compiler has left on the stack; its lines are those of
  /// the file `origin`, if that is given.
  @discardableResult
  func run(_ chunk: Chunk, origin: String? = nil) -> ChunkOutcome {
    let outline = ChunkOutline(chunk.bytes)
    let outcome = execute(chunk, outline, origin)
    guard outcome.isEnd else { return outcome }
    let isNil = lua_gettop(lua) == 1 && lua_type(lua, 1) == LUA_TNIL
    showResults(isSilenced: outline.isSilenced)
    if isNil, !outline.isSilenced { remarkOnMissingField(chunk) }
    return outcome
  }

  /// Compiles and runs a chunk and leaves its values on the stack, from 1 on, neither printed nor kept; nil, and its error told,
  /// when it fails.
  ///
  /// Where the chunk is a typed one inside a function, `typed` is that: what errors show.
  func values(of chunk: Chunk, typed: Chunk? = nil) -> Int32? {
    _ = compiler.isComplete(chunk)
    return execute(chunk, ChunkOutline(chunk.bytes), nil, typed: typed).isEnd ? lua_gettop(lua) : nil
  }

  /// Runs what the compiler has left on the stack, and leaves its values there; an error is told.
  private func execute(_ chunk: Chunk, _ outline: ChunkOutline, _ origin: String?, typed: Chunk? = nil) -> ChunkOutcome
  {
    locals.beginChunk()
    sources.begin(typed?.source ?? chunk.source)
    let hasFunctions = typed.map { ChunkOutline($0.bytes).hasFunctions } ?? outline.hasFunctions
    let name = origin.map { "@\($0)" } ?? sources.name(hasFunctions: hasFunctions)
    guard lua_type(lua, -1) == LUA_TFUNCTION else {
      if origin != nil { _ = compiler.load(chunk.bytes, name: name) }
      return refuse()
    }
    var outline = outline
    // a file keeps Lua's meaning
    if origin == nil { outline.returnLastCall(compiles: compiler.compiles) }
    guard let prepared = compiler.prepare(chunk, outline, name: name, locals) else { return refuse() }
    if prepared.losesLocals {
      sonde_complain("the locals of this chunk are gone when it has ended: a label stands behind them\n")
    }
    let interrupts = sonde_interrupt_count()
    lua_pushvalue(lua, 1)
    let status = sonde_run_typed(lua, interpreter.session.runtime, 0, LUA_MULTRET)
    let wasInterrupted = sonde_interrupt_count() != interrupts
    keepLocals(of: outline, prepared, status)
    // the function goes, the results or the error stay
    lua_rotate(lua, 1, -1)
    sonde_pop(lua, 1)
    if status != LUA_OK {
      let isWrapped = !prepared.seen.isEmpty || prepared.keeper != nil
      fail(takeFailure(status, isWrapped: isWrapped), seeing: prepared.seen)
    }
    return status == LUA_OK ? wasInterrupted ? .cutShort : .completed : wasInterrupted ? .interrupted : .failed
  }

  /// Calls the function below its arguments on the stack and tells its error as one of the prompt's, with the line of the chunk
  /// that was typed, if that is given, or of a file.
  ///
  /// What it gives is left on the stack, `results` values; answers whether there was no error.
  func call(arguments: Int32, results: Int32 = 0, of typed: Chunk? = nil) -> Bool {
    sources.begin(typed?.bytes ?? [])
    let status = sonde_run_typed(lua, interpreter.session.runtime, arguments, results)
    if status != LUA_OK {
      fail(takeFailure(status, isWrapped: false), seeing: typed == nil ? [] : locals.names)
    }
    return status == LUA_OK
  }

  /// Says what a module has that is near the field which it has not and for which an expression gave nil.
  private func remarkOnMissingField(_ chunk: Chunk) {
    let scanner = LuaScanner(chunk.code)
    let tokens = scanner.filter { $0.kind != .comment }
    guard tokens.count >= 3, let last = tokens.last, last.kind == .name,
      scanner.text(of: tokens[tokens.count - 2]) == ".",
      let remark = interpreter.session.remarkOnMissingField(named: scanner.text(of: last))
    else { return }
    write(remark + "\n")
  }

  /// The text of a typed chunk by the name under which it was compiled; nil for any other.
  func text(ofChunk name: String) -> [UInt8]? { sources.text(named: name) }

  // MARK: Locals

  /// Keeps the locals of the chunk whose function is at the bottom of the stack, from the function in its keeper or, if an
  /// error came before that, as it left them.
  private func keepLocals(of outline: ChunkOutline, _ prepared: ChunkCompiler.Prepared, _ status: Int32) {
    guard let keeper = prepared.keeper, lua_checkstack(lua, LUA_MINSTACK) != 0 else { return }
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    let number = sonde_upvalue_number(lua, 1, keeper)
    guard number > 0, lua_getupvalue(lua, 1, number) != nil else { return }
    if lua_type(lua, -1) == LUA_TFUNCTION { return locals.keep(outline) }
    guard status == LUA_ERRRUN else { return }
    lua_rawgeti(lua, top, 3)
    if lua_type(lua, -1) == LUA_TTABLE { locals.keepValues(outline) }
  }

  // MARK: Errors

  /// Tells the message of the compiler.
  private func refuse() -> ChunkOutcome {
    tell(Failure(message: string(at: lua_gettop(lua)) ?? "not enough memory"))
    return .refused
  }

  /// Tells what a chunk has failed with that saw the locals of those names.
  private func fail(_ failure: Failure, seeing seen: [String]) {
    var failure = failure
    // to Lua the locals of earlier chunks are those of a function around this one
    if failure.traceback.first.map({ $0.hasSuffix(": in main chunk") }) == true {
      for name in seen {
        guard let range = failure.message.firstRange(of: "(upvalue '\(name)')") else { continue }
        failure.message.replaceSubrange(range, with: "(local '\(name)')")
      }
    }
    failure.message += suggestion(for: failure)
    tell(failure)
  }

  /// The name that was meant, where the message is of one that has no value.
  private func suggestion(for failure: Failure) -> String {
    guard failure.message.hasSuffix("')"), let place = failure.positions.first?.place,
      let excerpt = sources.excerpt(shown: place.shown, source: place.source, line: place.line)
    else { return "" }
    let inspector = ValueInspector(interpreter.session) { [locals] in locals.push($0) }
    return Misspelling(failure: failure, excerpt: excerpt, inspector: inspector, locals: locals.names).suggestion
  }

  private func tell(_ failure: Failure) {
    lastFailure = failure
    let report = FailureReport(failure: failure, sources: sources, screen: .errors) { [self] text in
      let top = lua_gettop(lua)
      defer { lua_settop(lua, top) }
      guard lua_checkstack(lua, LUA_MINSTACK) != 0 else { return false }
      return [Array(text), Chunk(Array(text)).expression].contains { text in
        guard compiler.load(text) != LUA_OK, let message = string(at: lua_gettop(lua)) else { return false }
        return Failure(message: message).saysTheSame(as: failure)
      }
    }
    write(report.text)
  }

  /// Tells an error of another call by its message alone, without the program's name.
  func report(_ status: Int32) -> Bool {
    if status == LUA_OK { return true }
    var failure = takeFailure(status, isWrapped: false)
    if let range = failure.message.firstRange(of: "\nstack traceback:\n") {
      failure.traceback = Failure.lines(String(failure.message[range.lowerBound...].dropFirst()), isWrapped: false)
      failure.message = String(failure.message[..<range.lowerBound])
    }
    sources.begin([])
    tell(failure)
    return false
  }

  private func write(_ text: String) {
    var text = text
    text.withUTF8 { $0.withMemoryRebound(to: CChar.self) { sonde_write_to(true, $0.baseAddress, $0.count) } }
  }
}
