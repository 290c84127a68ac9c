import CLua
import Kernels
import LuaAPI
import Tensors

/// What has happened in a session, from which `:save` makes a script.
struct SessionRecord {
  /// Where the random streams stood, and what the command line did before the first line was typed.
  struct Start {
    let generator: Generator.State
    let dtype: DType
    /// The two numbers that Lua's own generator was seeded with; none where others seed it.
    let seeds: [Int64]
    let arguments: Arguments
    /// Whether `:reset` made the session: -e and the script have not run in it.
    let isFresh: Bool
  }

  let start: Start
  private(set) var steps: [SessionStep] = []

  /// Begins with the session as it is now, and seeds Lua's generator so that the seeds are known.
  init(_ interpreter: Interpreter, _ arguments: Arguments, isFresh: Bool = false) {
    let session = interpreter.session
    start = Start(
      generator: session.generator.state, dtype: session.defaultDType,
      seeds: SessionRecord.seeds(interpreter, arguments), arguments: arguments, isFresh: isFresh)
  }

  /// Adds a step behind the others.
  mutating func add(_ step: SessionStep) { steps.append(step) }

  /// Seeds `math.random` anew and answers the seeds; nothing where a LUA_INIT has had its say, or Lua does not tell them.
  private static func seeds(_ interpreter: Interpreter, _ arguments: Arguments) -> [Int64] {
    guard arguments.opensPrompt, arguments.ignoresEnvironment || !Interpreter.hasInit else { return [] }
    let lua = interpreter.lua
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    let text = "return math.randomseed()"
    guard sonde_try_load(lua, text, text.utf8.count, "=seed") == LUA_OK, sonde_try_call(lua, 0, 2) == LUA_OK,
      lua_isinteger(lua, -1) != 0, lua_isinteger(lua, -2) != 0
    else { return [] }
    return [lua_tointegerx(lua, -2, nil), lua_tointegerx(lua, -1, nil)].map(Int64.init)
  }
}

/// Something that was done at the prompt and has an effect.
enum SessionStep {
  /// A chunk that compiled and ran.
  struct Run {
    let chunk: Chunk
    let outcome: ChunkOutcome
    /// Those of its locals that the prompt has kept; a return or an error may come before some.
    let kept: [String]
    /// The file it comes from; nil for what was typed.
    let origin: String?
  }

  case run(Run)
  /// An expression that was evaluated without being printed or kept.
  case evaluated(Chunk)
  /// A chunk that `:bench` ran so many times.
  case repeated(Chunk, runs: Int)
  /// What `:undo` did.
  case undone
  /// Draws of another command, of an example say: where the session's stream stood behind them.
  case drawn(Generator.State)
  /// init.lua, as it stands in its file; not whole where an error ended it.
  case file(String, isWhole: Bool)
}
