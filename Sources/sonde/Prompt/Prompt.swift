import CLua
import CReadline

/// The interactive prompt: expressions print themselves, errors and Ctrl-C keep the session.
final class Prompt {
  let interpreter: Interpreter
  let reader: ChunkReader
  let evaluator: Evaluator
  /// What has run in the session, for `:save`.
  var record: SessionRecord
  /// What the program was started with.
  let arguments: Arguments
  /// Whether the loop goes on: `:quit` ends it.
  var isOpen = true

  init(_ interpreter: Interpreter, _ arguments: Arguments, _ record: SessionRecord) {
    self.interpreter = interpreter
    self.arguments = arguments
    self.record = record
    let compiler = ChunkCompiler(interpreter: interpreter)
    reader = ChunkReader(compiler: compiler)
    evaluator = Evaluator(compiler: compiler)
    let locals = evaluator.locals
    reader.completion = LineCompletion(
      Completer(locals: { locals.names }, pushLocal: { locals.push($0) }) { interpreter.session })
  }

  /// Reads, runs and prints until the input ends.
  func loop() {
    reader.begin()
    runInitFile()
    while isOpen, let chunk = reader.next() {
      run(chunk)
      lua_settop(interpreter.lua, 0)
    }
    lua_settop(interpreter.lua, 0)
    if isOpen { print("") }
    sonde_flush()
    reader.end()
  }

  /// Runs what was read: the inputs of a block one after the other, up to an error, Ctrl-C or `:quit`.
  private func run(_ chunk: Chunk) {
    let inputs = reader.compiler.inputs(of: chunk)
    for input in inputs where isOpen {
      if inputs.count > 1 { _ = reader.compiler.isComplete(input) }
      guard run(input: input) else { return }
    }
  }

  /// Answers whether another input may follow.
  ///
  /// A command that fails lets the rest of its block run. Ctrl-C does not, whether it came while the input ran or while its
  /// results were shown: who presses it once wants the prompt.
  private func run(input: Chunk) -> Bool {
    let interrupts = sonde_interrupt_count()
    var isDone = true
    if let command = input.command {
      PromptCommand.run(command, in: self)
    } else if let topic = input.topic {
      ask(topic)
    } else if !tellHowToLeave(input) {
      isDone = runAndRecord(input) == .completed
    }
    guard sonde_interrupt_count() == interrupts else {
      reader.dropTranscript()
      return false
    }
    return isDone
  }

  /// Compiles and runs Lua as if it were typed.
  @discardableResult
  func evaluate(_ chunk: Chunk) -> ChunkOutcome {
    _ = reader.compiler.isComplete(chunk)
    let inputs = reader.compiler.inputs(of: chunk)
    guard inputs.count > 1, !inputs.contains(where: \.isForPrompt) else { return runAndRecord(inputs.first ?? chunk) }
    var outcome = ChunkOutcome.completed
    for input in inputs where outcome == .completed {
      _ = reader.compiler.isComplete(input)
      outcome = runAndRecord(input)
    }
    return outcome
  }

  /// Runs the text of a file, whose locals stay; it is Lua as a whole, and gives what it returns alone.
  func evaluate(_ chunk: Chunk, origin: String) {
    _ = reader.compiler.isWhole(chunk)
    runAndRecord(chunk, origin: origin)
  }

  /// Runs what the compiler has left on the stack.
  @discardableResult
  func runAndRecord(_ chunk: Chunk, origin: String? = nil) -> ChunkOutcome {
    let outcome = evaluator.run(chunk, origin: origin)
    if outcome != .refused {
      let step = SessionStep.Run(chunk: chunk, outcome: outcome, kept: evaluator.locals.lastKept, origin: origin)
      record.add(.run(step))
    }
    return outcome
  }

  /// Whether Lua takes a text.
  func compiles(_ text: [UInt8]) -> Bool { reader.compiler.compiles(text) }
}
