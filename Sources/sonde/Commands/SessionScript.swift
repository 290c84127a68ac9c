import LuaAPI
import Tensors

/// The script that does what a session did: the same draws from the same streams, the same locals, the same results.
struct SessionScript {
  /// The names of the script's own functions, which no chunk uses.
  struct Names {
    let keep: String
    let show: String
    let attempt: String
  }

  /// So many locals are declared before the rest goes into a function of its own; Lua allows 200 in each.
  private static let mostLocals = 150

  private(set) var text: [UInt8] = []
  /// Why its results may differ from the session's, a sentence each.
  private(set) var warnings: [String] = []
  private let names: Names
  private let compiles: ([UInt8]) -> Bool
  private var locals = 3
  /// The names of the locals declared so far.
  private var known: Set<String> = []
  private var depth = 0

  /// Writes the script of a record; `compiles` tells whether Lua takes a text.
  init(_ record: SessionRecord, compiles: @escaping ([UInt8]) -> Bool) {
    self.compiles = compiles
    let used = record.steps.reduce(into: Set<String>()) { $0.formUnion(SessionScript.names(in: $1)) }
    names = Names(
      keep: SessionScript.free("keep", used), show: SessionScript.free("show", used),
      attempt: SessionScript.free("attempt", used))
    var body = SessionScript(names: names, compiles: compiles)
    for step in record.steps { body.add(step) }
    for _ in 0..<body.depth { body.add("end)(...)") }
    warnings = body.warnings
    add(ScriptStart(record.start).text)
    // without a use of them they would only puzzle the reader
    if body.usesShow { add(ScriptPrelude.show(names)) }
    if body.usesAttempt { add(ScriptPrelude.attempt(names)) }
    text += body.text
    if !compiles(text) { warnings.append("the script does not compile as a whole; see what Lua says when it runs") }
  }

  private init(names: Names, compiles: @escaping ([UInt8]) -> Bool) { (self.names, self.compiles) = (names, compiles) }

  private var usesShow = false
  private var usesAttempt = false

  private static func free(_ name: String, _ used: Set<String>) -> String {
    var name = name
    while used.contains(name) { name += "_" }
    return name
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
    case .evaluated(let chunk): add(SessionScript.silent(chunk, compiles))
    case .repeated(let chunk, let runs):
      let body = SessionScript.statements(chunk, compiles)
      let tail = "\nend for _ = 1, \(runs) do run() end end -- :bench"
      add(SessionScript.inside("do local function run(...) ", body, tail))
    case .undone: add("sonde.undo() -- :undo")
    case .drawn(let state): add("sonde.random_state(\"\(state)\") -- as an example left it")
    case .file(let path, let isWhole): add(file: path, isWhole: isWhole)
    }
  }

  private mutating func add(_ run: SessionStep.Run) {
    if let origin = run.origin { add("-- :load \(SessionScript.oneLine(origin))") }
    let outline = ChunkOutline(run.chunk.bytes)
    switch run.outcome {
    case .completed: addCompleted(run.chunk, outline)
    case .cutShort:
      add("-- Ctrl-C ended something in this early; here it goes on to its end, and what follows may differ")
      warnings.append("Ctrl-C ended a chunk early that runs to its end in the script; results after it may differ")
      addCompleted(run.chunk, outline)
    case .failed: addFailed(run, outline)
    case .interrupted: addInterrupted(run, outline)
    case .refused: break
    }
  }

  /// Puts text with comments or several lines on lines of its own.
  private static func inside(_ head: String, _ body: some Collection<UInt8>, _ tail: String) -> [UInt8] {
    Array(head.utf8) + body + Array(tail.utf8)
  }

  /// What is run for its effects alone.
  private static func silent(_ chunk: Chunk, _ compiles: ([UInt8]) -> Bool) -> [UInt8] {
    inside("do local function run(...) ", statements(chunk, compiles), "\nend run() end")
  }

  /// The chunk as the body of a function: an expression is what it returns.
  private static func statements(_ chunk: Chunk, _ compiles: ([UInt8]) -> Bool) -> [UInt8] {
    compiles(chunk.expression) ? Array("return ".utf8) + chunk.code : chunk.bytes
  }

  static func oneLine(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }

  // MARK: Chunks that ran to their end

  private mutating func addCompleted(_ chunk: Chunk, _ outline: ChunkOutline) {
    if compiles(chunk.expression) { return addExpression(chunk, isSilenced: outline.isSilenced) }
    let declared = outline.kept.map(\.name)
    known.formUnion(declared)
    makeRoom(for: outline.declarations.count)
    let hasClose = outline.declarations.contains { $0.attribute == .close }
    if !outline.returns.isEmpty || hasClose { return addFunction(chunk, outline, declared) }
    let hasLabel = LuaScanner(chunk.bytes).contains { chunk.bytes[$0.range].elementsEqual("::".utf8) }
    if hasLabel && declared.isEmpty { return add(SessionScript.inside("do\n", chunk.bytes, "\nend")) }
    // behind a line that ends in an expression, a bracket would go on with it
    let first = LuaScanner(chunk.bytes).first { $0.kind != .comment }
    let opens = first.map { chunk.bytes[$0.range].elementsEqual("(".utf8) } ?? false
    add(Array((opens ? ";" : "").utf8) + chunk.bytes)
  }

  private mutating func addExpression(_ chunk: Chunk, isSilenced: Bool) {
    usesShow = true
    let code = chunk.code
    var tokens = LuaScanner(code).filter { $0.kind != .comment }
    if isSilenced { tokens.removeLast() }
    guard let first = tokens.first, let last = tokens.last else { return }
    let expression = code[first.range.lowerBound..<last.range.upperBound]
    add(SessionScript.inside("\(isSilenced ? names.keep : names.show)(", expression, ")"))
  }

  /// What returns values, or closes something at its end, is a function of its own that hands its locals out.
  private mutating func addFunction(_ chunk: Chunk, _ outline: ChunkOutline, _ declared: [String]) {
    usesShow = true
    var body: [UInt8] = []
    var start = 0
    for point in outline.returns {
      body += chunk.bytes[start..<point.position] + SessionScript.handing(outline.kept(of: point.declarations))
      start = point.position
    }
    body += chunk.bytes[start...]
    body += [UInt8(ascii: "\n")]
    if outline.returns.last?.isLast != true { body += SessionScript.handing(outline.kept) }
    let call = "\(outline.isSilenced ? names.keep : names.show)((function(...) "
    guard !declared.isEmpty else { return add(SessionScript.inside(call, body, "end)())")) }
    let list = declared.joined(separator: ", ")
    add("local \(list) do local kept")
    add(SessionScript.inside(call, body, "end)())"))
    add("\(list) = \(declared.map { "kept.\($0)" }.joined(separator: ", ")) end")
  }

  private static func handing(_ declarations: [ChunkOutline.Declaration]) -> [UInt8] {
    guard !declarations.isEmpty else { return [] }
    return Array("kept = {\(declarations.map { "\($0.name) = \($0.name)" }.joined(separator: ", "))} ".utf8)
  }

  // MARK: Chunks that did not

  /// What raised an error does so again, for what it had done by then; the locals it had come to are kept.
  private mutating func addFailed(_ run: SessionStep.Run, _ outline: ChunkOutline) {
    usesAttempt = true
    let body = SessionScript.statements(run.chunk, compiles)
    let reached = outline.kept.map(\.name).filter(run.locals.contains)
    makeRoom(for: reached.count)
    add("-- this raised an error")
    let call = SessionScript.inside("\(names.attempt)(function(...) ", body, "\nend)")
    guard !reached.isEmpty else { return add(call) }
    let list = reached.joined(separator: ", ")
    // one of the same name is seen by what did not get to the new one
    add("local \(list)\(reached.contains(where: known.contains) ? " = \(list)" : "") do local kept")
    known.formUnion(reached)
    add(Array("kept = ".utf8) + call)
    add("\(reached.map { "if kept.\($0) ~= nil then \($0) = kept.\($0) end" }.joined(separator: " ")) end")
  }

  /// What Ctrl-C stopped may never end: it is left out.
  private mutating func addInterrupted(_ run: SessionStep.Run, _ outline: ChunkOutline) {
    warnings.append("Ctrl-C stopped a chunk, which is left out of the script; results after it may differ")
    add("-- Ctrl-C stopped this; it is left out, and what follows may differ:")
    for line in run.chunk.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      add(Array("-- ".utf8) + line)
    }
    let reached = outline.kept.map(\.name).filter(run.locals.contains)
    makeRoom(for: reached.count)
    if !reached.isEmpty { add("local \(reached.joined(separator: ", "))") }
    known.formUnion(reached)
  }

  private mutating func add(file path: String, isWhole: Bool) {
    add("-- \(SessionScript.oneLine(path))")
    guard let text = try? ScriptText.read(path, who: ":save") else {
      warnings.append("\(path) can't be read any more; what it did is not in the script")
      return add("-- can't be read any more")
    }
    if !isWhole { usesAttempt = true }
    let head = isWhole ? "do local function run(...) " : "\(names.attempt)(function(...) "
    add(SessionScript.inside(head, ScriptText.withoutHead(text), isWhole ? "\nend run() end" : "\nend)"))
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
