import LuaAPI
import Tensors

/// The script that does what a session did: the same draws from the same streams, the same locals, the same results.
struct SessionScript {
  /// The names of the script's own functions, which no chunk uses.
  struct Names {
    let keep: String
    let show: String
    let attempt: String
    let share: String
    /// A variable: what tells the locals of a function that has ended.
    let kept: String

    init(apartFrom used: Set<String>) {
      func free(_ name: String) -> String { used.contains(name) ? free(name + "_") : name }
      (keep, show, attempt, share, kept) = (free("keep"), free("show"), free("attempt"), free("share"), free("kept"))
    }
  }

  /// So many locals are declared before the rest goes into a function of its own; Lua allows 200 in each.
  private static let mostLocals = 150
  /// So deep functions stand inside each other for the sake of shared locals; Lua's compiler goes about 60 deep.
  private static let mostDepth = 40

  private(set) var text: [UInt8] = []
  /// Why its results may differ from the session's, a sentence each.
  private(set) var warnings: [String] = []
  private let names: Names
  private let compiles: ([UInt8]) -> Bool
  private var locals = 5
  /// The names of the locals declared so far.
  private var known: Set<String> = []
  private var depth = 0

  /// Writes the script of a record; `compiles` tells whether Lua takes a text.
  init(_ record: SessionRecord, compiles: @escaping ([UInt8]) -> Bool) {
    self.compiles = compiles
    let used = record.steps.reduce(into: Set<String>()) { $0.formUnion(SessionScript.names(in: $1)) }
    names = Names(apartFrom: used)
    var body = SessionScript(names: names, compiles: compiles)
    for step in record.steps { body.add(step) }
    for _ in 0..<body.depth { body.add("end)(...)") }
    if !compiles(body.text) { body.warn("the script does not compile as a whole; see what Lua says when it runs") }
    warnings = body.warnings
    add(ScriptStart(record.start).text)
    for warning in warnings { add("-- Warning: \(warning)") }
    // without a use of them they would only puzzle the reader
    if body.usesShow { add(ScriptPrelude.show(names)) }
    if body.usesAttempt { add(ScriptPrelude.attempt(names)) }
    if body.usesShare { add(ScriptPrelude.share(names)) }
    text += body.text
  }

  private init(names: Names, compiles: @escaping ([UInt8]) -> Bool) { (self.names, self.compiles) = (names, compiles) }

  private var usesShow = false
  private var usesAttempt = false
  private var usesShare = false

  private mutating func warn(_ text: String) {
    if !warnings.contains(text) { warnings.append(text) }
  }

  private static func names(in step: SessionStep) -> Set<String> {
    switch step {
    case .run(let run): ChunkOutline(run.chunk.bytes).names
    case .evaluated(let chunk), .repeated(let chunk, _): ChunkOutline(chunk.bytes).names
    case .undone, .drawn: []
    case .file(let path, _): ChunkOutline((try? ScriptText.read(path, who: ":save")) ?? []).names
    }
  }

  // MARK: Steps

  private mutating func add(_ line: String) { add(Array(line.utf8)) }

  private mutating func add(_ line: [UInt8]) { text += line + [UInt8(ascii: "\n")] }

  private mutating func add(_ step: SessionStep) {
    switch step {
    case .run(let run): add(run)
    case .evaluated(let chunk): add(chunk, head: "do local function run(...) ", tail: "\nend run() end")
    case .repeated(let chunk, let runs):
      let tail = "\nend for _ = 1, \(runs) do run() end end -- :bench"
      add(chunk, head: "do local function run(...) ", tail: tail)
    case .undone: add("sonde.undo() -- :undo")
    case .drawn(let state): add("sonde.random_state(\"\(state)\") -- as an example left it")
    case .file(let path, let isWhole): add(file: path, isWhole: isWhole)
    }
  }

  /// Adds what is run for its effects alone.
  private mutating func add(_ chunk: Chunk, head: String, tail: String) {
    isolate(ChunkOutline(chunk.bytes)) {
      $0.add(SessionScript.inside(head, SessionScript.statements(chunk, $0.compiles), tail))
    }
  }

  private mutating func add(_ run: SessionStep.Run) {
    if let origin = run.origin { add("-- :load \(SessionScript.oneLine(origin))") }
    var outline = ChunkOutline(run.chunk.bytes)
    if run.origin == nil { outline.returnLastCall(compiles: compiles) }
    switch run.outcome {
    case .completed: addCompleted(run, outline)
    case .cutShort:
      add("-- Ctrl-C ended something in this early; here it goes on to its end, and what follows may differ")
      warn("Ctrl-C ended a chunk early that runs to its end in the script; results after it may differ")
      addCompleted(run, outline)
    case .failed: addFailed(run, outline)
    case .interrupted: addInterrupted(run, outline)
    case .refused: break
    }
  }

  /// Puts text with comments or several lines on lines of its own.
  private static func inside(_ head: String, _ body: some Collection<UInt8>, _ tail: String) -> [UInt8] {
    Array(head.utf8) + body + Array(tail.utf8)
  }

  /// The chunk as the body of a function: an expression is what it returns.
  private static func statements(_ chunk: Chunk, _ compiles: ([UInt8]) -> Bool) -> [UInt8] {
    compiles(chunk.expression) ? Array("return ".utf8) + chunk.code : chunk.bytes
  }

  static func oneLine(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

  // MARK: Chunks that ran to their end

  private mutating func addCompleted(_ run: SessionStep.Run, _ outline: ChunkOutline) {
    let chunk = run.chunk
    if compiles(chunk.expression) {
      return isolate(outline) { $0.addExpression(chunk, isSilenced: outline.isSilenced) }
    }
    let declared = outline.kept.map(\.name).filter(run.kept.contains)
    makeRoom(for: outline.declarations.count)
    let stands = declared.count == outline.kept.count && !outline.declarations.contains { $0.attribute == .close }
    let hasLabel = LuaScanner(chunk.bytes).contains { chunk.bytes[$0.range].elementsEqual("::".utf8) }
    if outline.returns.isEmpty, stands, declared.isEmpty {
      isolate(outline) { $0.add(hasLabel ? SessionScript.inside("do\n", chunk.bytes, "\nend") : $0.apart(chunk.bytes)) }
    } else if outline.returns.isEmpty, stands, !changesEnvironment(outline) {
      add(apart(chunk.bytes))
    } else if outline.returns.count == 1, outline.returns[0].isLast, stands, !hasLabel, !changesEnvironment(outline) {
      addReturning(chunk.bytes, outline.returns[0], isSilenced: outline.isSilenced)
    } else {
      addFunction(chunk, outline, declared)
    }
    known.formUnion(declared)
  }

  /// A chunk's text so that it does not go on with the line before it, which may end in an expression, as a bracket would.
  private func apart(_ text: [UInt8]) -> [UInt8] {
    let first = LuaScanner(text).first { $0.kind != .comment }
    return first.map { text[$0.range].elementsEqual("(".utf8) } == true ? [UInt8(ascii: ";")] + text : text
  }

  /// A chunk that ends in a `return` or a call shows what that gives.
  private mutating func addReturning(_ text: [UInt8], _ point: ChunkOutline.Return, isSilenced: Bool) {
    let position = point.position
    let tokens = LuaScanner(text, from: position).filter { $0.kind != .comment }.dropFirst(point.isCall ? 0 : 1)
    let values = isSilenced ? tokens.dropLast() : tokens
    guard let first = values.first, let last = values.last, let end = tokens.last?.range.upperBound else {
      return add(apart(Array(text[..<position])))
    }
    usesShow = true
    let call = SessionScript.inside(
      "\(isSilenced ? names.keep : names.show)(", text[first.range.lowerBound..<last.range.upperBound], ")")
    add(apart(Array(text[..<position])) + call + text[end...])
  }

  // MARK: The environment

  /// Whether a chunk may set its `_ENV`, which at the prompt is a variable of its own, unless it is a local.
  private func changesEnvironment(_ outline: ChunkOutline) -> Bool {
    outline.names.contains("_ENV") && !known.contains("_ENV")
      && !outline.declarations.contains { $0.name == "_ENV" }
  }

  /// Puts what may change the environment where its own is changed.
  private mutating func isolate(_ outline: ChunkOutline, _ body: (inout SessionScript) -> Void) {
    let changes = changesEnvironment(outline)
    if changes { add("do local _ENV = _ENV") }
    body(&self)
    if changes { add("end") }
  }

  // MARK: Results and functions

  private mutating func addExpression(_ chunk: Chunk, isSilenced: Bool) {
    usesShow = true
    let code = chunk.code
    var tokens = LuaScanner(code).filter { $0.kind != .comment }
    if isSilenced { tokens.removeLast() }
    guard let first = tokens.first, let last = tokens.last else { return }
    let expression = code[first.range.lowerBound..<last.range.upperBound]
    add(SessionScript.inside("\(isSilenced ? names.keep : names.show)(", expression, ")"))
  }

  /// What returns early, or closes something at its end, is a function of its own that hands its locals out.
  ///
  /// Where it makes functions, which may have the same variables, what follows is a function too whose variables are made
  /// those.
  private mutating func addFunction(_ chunk: Chunk, _ outline: ChunkOutline, _ declared: [String]) {
    usesShow = true
    let isShared = !declared.isEmpty && outline.hasFunctions && depth < SessionScript.mostDepth
    if !declared.isEmpty, outline.hasFunctions, !isShared {
      warn("so many chunks returned early that the functions of one have copies of its locals; results may differ")
    }
    var body: [UInt8] = []
    var start = 0
    for point in outline.returns {
      body += chunk.bytes[start..<point.position] + handing(outline.kept(of: point.declarations), isShared)
      if point.isCall { body += Array("return ".utf8) }
      start = point.position
    }
    body += chunk.bytes[start...]
    body += [UInt8(ascii: "\n")]
    if outline.returns.last?.isLast != true { body += handing(outline.kept, isShared) }
    let environment = changesEnvironment(outline) ? "local _ENV = _ENV " : ""
    let call = "\(outline.isSilenced ? names.keep : names.show)((function(...) \(environment)"
    guard !declared.isEmpty else { return add(SessionScript.inside(call, body, "end)())")) }
    let (list, kept) = (declared.joined(separator: ", "), names.kept)
    add(isShared ? "local \(kept)" : "local \(list) do local \(kept)")
    add(SessionScript.inside(call, body, "end)())"))
    guard isShared else { return add("\(list) = \(declared.map { "\(kept).\($0)" }.joined(separator: ", ")) end") }
    usesShare = true
    add("local \(list) = \(declared.map { "\(kept)(\"\($0)\")" }.joined(separator: ", "))")
    add("return \(names.share)(\(kept), function(...)")
    locals = 0
    depth += 1
  }

  private func handing(_ declarations: [ChunkOutline.Declaration], _ isShared: Bool) -> [UInt8] {
    guard !declarations.isEmpty else { return [] }
    let table = "{\(declarations.map { "\($0.name) = \($0.name)" }.joined(separator: ", "))}"
    // a name that no chunk uses
    let kept = names.kept
    return Array("\(kept) = \(isShared ? "function(\(kept)) return (\(table))[\(kept)] end" : table) ".utf8)
  }

  // MARK: Chunks that did not

  /// What raised an error does so again, for what it had done by then; the locals it had come to are kept.
  private mutating func addFailed(_ run: SessionStep.Run, _ outline: ChunkOutline) {
    usesAttempt = true
    let body = SessionScript.statements(run.chunk, compiles)
    let reached = outline.kept.map(\.name).filter(run.kept.contains)
    makeRoom(for: reached.count)
    add("-- this raised an error")
    let call = SessionScript.inside("\(names.attempt)(function(...) ", body, "\nend)")
    guard !reached.isEmpty else { return isolate(outline) { $0.add(call) } }
    let (list, kept) = (reached.joined(separator: ", "), names.kept)
    // one of the same name is seen by what did not get to the new one
    add("local \(list)\(reached.contains(where: known.contains) ? " = \(list)" : "") do local \(kept)")
    isolate(outline) { $0.add(Array("\(kept) = ".utf8) + call) }
    add("\(reached.map { "if \(kept).\($0) ~= nil then \($0) = \(kept).\($0) end" }.joined(separator: " ")) end")
    known.formUnion(reached)
  }

  /// What Ctrl-C stopped may never end: it is left out.
  private mutating func addInterrupted(_ run: SessionStep.Run, _ outline: ChunkOutline) {
    warn("Ctrl-C stopped a chunk, which is left out of the script; results after it may differ")
    add("-- Ctrl-C stopped this; it is left out, and what follows may differ:")
    for line in run.chunk.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      add(Array("-- ".utf8) + line)
    }
    let reached = outline.kept.map(\.name).filter(run.kept.contains)
    makeRoom(for: reached.count)
    if !reached.isEmpty { add("local \(reached.joined(separator: ", "))") }
    known.formUnion(reached)
  }

  private mutating func add(file path: String, isWhole: Bool) {
    add("-- \(SessionScript.oneLine(path))")
    guard let text = try? ScriptText.read(path, who: ":save") else {
      warn("\(path) can't be read any more; what it did is not in the script")
      return add("-- can't be read any more")
    }
    if !isWhole { usesAttempt = true }
    let head = isWhole ? "do local function run(...) " : "\(names.attempt)(function(...) "
    isolate(ChunkOutline(text)) {
      $0.add(SessionScript.inside(head, ScriptText.withoutHead(text), isWhole ? "\nend run() end" : "\nend)"))
    }
  }

  // MARK: Room

  /// Puts the rest into a function of its own where a function's locals run out.
  private mutating func makeRoom(for count: Int) {
    if locals + count > SessionScript.mostLocals {
      add("return (function(...) -- Lua has room for 200 locals in a function")
      locals = 0
      depth += 1
    }
    locals += count
  }
}
