import Kernels
import Tensors

extension FunctionRecord {
  /// `sonde.seed`, `sonde.random_state` and `sonde.generator`.
  static let generatorFunctions: [FunctionRecord] = [seed, randomState, generator]

  private static let seed = FunctionRecord(
    "sonde.seed", "Seeds the session's generator; without an argument tells its seed.",
    [Parameter("n", .integer, default: "nil", "the seed, 0 or more")],
    returns: "the seed", errors: "a negative seed",
    example:
      "sonde.seed(7); local a = sonde.rand(3):totable(); sonde.seed(7); assert(sonde.rand(3):totable()[2] == a[2])"
  ) { call in
    if !call.argument(0).isAbsent { call.session.reseed(try call.seed(0)) }
    return call.push(Int(truncatingIfNeeded: call.session.generator.seed))
  }

  private static let randomState = FunctionRecord(
    "sonde.random_state",
    "Tells where the session's generator stands, as a string to store; with such a string goes on from there.",
    [Parameter("state", .string, default: "nil", "a string that random_state or generator:state gave")],
    returns: "the state", errors: "any other string",
    example:
      "local s = sonde.random_state(); local a = sonde.rand(); sonde.random_state(s); assert(sonde.rand():item() == a:item())"
  ) { call in
    let generator = call.session.generator
    if !call.argument(0).isAbsent { generator.state = try call.generatorState(0) }
    return try call.push(generator.state.description)
  }

  private static let generator = FunctionRecord(
    "sonde.generator", "Makes a generator of random numbers of its own, to pass as {generator=g}.",
    [Parameter("n", .integer, default: "from the system's entropy", "the seed, 0 or more")],
    returns: "a generator", errors: "a negative seed",
    example: "local g = sonde.generator(3); local t = sonde.randn(4, {generator=g}); assert(#t == 4 and g.seed == 3)"
  ) { call in
    let seed = call.argument(0).isAbsent ? Generator.entropy() >> 1 : try call.seed(0)
    return try call.push(Generator(seed: seed), .generator)
  }

  /// The methods of generators.
  static let generatorMethods: [FunctionRecord] = [
    FunctionRecord(
      "generator:state", "Tells where the generator stands, as a string to store.", returns: "a string",
      example: "assert(sonde.generator(3):state() == 'philox4x32-10 0000000000000003 0000000000000000')",
      receiver: .generator
    ) { call in try call.push(call.object(Generator.self).state.description) },
    FunctionRecord(
      "generator:set_state", "Goes on from a state that generator:state or sonde.random_state told.",
      [Parameter("state", .string, "the string")], returns: "the generator itself", errors: "any other string",
      example:
        "local g = sonde.generator(3); local s = g:state(); local a = sonde.rand({generator=g}):item(); g:set_state(s); "
        + "assert(sonde.rand({generator=g}):item() == a)",
      receiver: .generator
    ) { call in
      call.object(Generator.self).state = try call.generatorState(0)
      return call.pushSelf()
    },
    FunctionRecord(
      "generator:clone", "Makes a generator that goes on from here on its own.", returns: "a generator",
      example:
        "local g = sonde.generator(3); local h = g:clone(); assert(sonde.rand({generator=g}):item() == sonde.rand({generator=h}):item())",
      receiver: .generator
    ) { call in try call.push(call.object(Generator.self).clone(), .generator) },
  ]
}

extension Call {
  /// The argument at `position` as a seed: a whole number from 0.
  fileprivate func seed(_ position: Int) throws -> UInt64 {
    let value = try integer(position)
    guard value >= 0 else { throw failure("expected a seed of 0 or more, got \(value)") }
    return UInt64(value)
  }

  /// The argument at `position` as a generator's state; its seed is one that Lua can name.
  fileprivate func generatorState(_ position: Int) throws -> Generator.State {
    guard let state = Generator.State(try string(position)), state.key <= Int64.max else {
      throw failure("expected a state that generator:state gave, got \(argument(position).text)")
    }
    return state
  }
}

extension TypeRecord {
  /// A generator of random numbers.
  static let generatorType = TypeRecord(
    type: .generator, summary: "A stream of random numbers: Philox 4x32-10, the same on every machine.",
    methods: FunctionRecord.generatorMethods,
    properties: [
      PropertyRecord("seed", "The seed it was made with.") { call in
        call.push(Int(truncatingIfNeeded: call.object(Generator.self).seed))
      }
    ],
    text: { call in "generator(seed \(call.object(Generator.self).seed))" })
}
