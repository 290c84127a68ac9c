import CLua
import CReadline

/// The interactive prompt: expressions print themselves, errors and Ctrl-C keep the session.
final class Prompt {
  let interpreter: Interpreter
  let reader: ChunkReader
  let evaluator: Evaluator
  /// Whether the loop goes on: `:quit` ends it.
  var isOpen = true

  init(_ interpreter: Interpreter) {
    self.interpreter = interpreter
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
    while isOpen, let chunk = reader.next() {
      run(chunk)
      lua_settop(interpreter.lua, 0)
    }
    lua_settop(interpreter.lua, 0)
    if isOpen { print("") }
    sonde_flush()
    reader.end()
  }

  private func run(_ chunk: Chunk) {
    if let command = chunk.command { return PromptCommand.run(command, in: self) }
    if let topic = chunk.topic { return ask(topic) }
    if evaluator.run(chunk) == .interrupted { reader.dropTranscript() }
  }

  /// Compiles and runs Lua as if it were typed.
  @discardableResult
  func evaluate(_ chunk: Chunk) -> ChunkOutcome {
    _ = reader.compiler.isComplete(chunk)
    return evaluator.run(chunk)
  }
}
