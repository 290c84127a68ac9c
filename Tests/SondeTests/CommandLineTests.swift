import TestSupport
import Testing

/// What the command line has beyond `lua` 5.4, and its mistakes.
struct CommandLineTests {
  private static let usage = """
    usage: sonde [options] [script [args]]
    Available options are:
      -e stat   execute string 'stat'
      -i        enter interactive mode after executing 'script'
      -l mod    require library 'mod' into global 'mod'
      -l g=mod  require library 'mod' into global 'g'
      -v        show version information
      -E        ignore environment variables
      -W        turn warnings on
      --        stop handling options
      -         stop handling options and execute stdin
      --seed n            seed the session's generator
      --dtype name        default dtype: float32 or float64
      --threads n         threads that large computations share; default: the cores
      --memory-limit size most that tensors may hold, e.g. 512M or 4G
      --sandbox           for scripts of unknown origin: no files, programs or
                          environment, at most 1G of memory unless told otherwise
      --help              show this text
      --version           show versions

    """

  @Test(arguments: [
    (["-h"], "unrecognized option '-h'"), (["---"], "unrecognized option '---'"),
    (["-Ex"], "unrecognized option '-Ex'"),
    (["-vv"], "unrecognized option '-vv'"), (["-iv"], "unrecognized option '-iv'"),
    (["--sead", "1"], "unrecognized option '--sead'"), (["--help=1"], "unrecognized option '--help=1'"),
    (["-e"], "'-e' needs argument"), (["-e", "-v"], "'-e' needs argument"), (["-l"], "'-l' needs argument"),
    (["--seed"], "'--seed' needs argument"),
    (["--seed", "x"], "--seed: expected a whole number of 0 or more, got 'x'"),
    (["--seed=-1"], "--seed: expected a whole number of 0 or more, got '-1'"),
    (["--seed=9223372036854775808"], "--seed: expected a whole number of 0 or more, got '9223372036854775808'"),
    (["--dtype", "int64"], "--dtype: expected float32 or float64, got 'int64'"),
    (["--threads", "0"], "--threads: expected a whole number from 1 to 64, got '0'"),
    (["--threads=65"], "--threads: expected a whole number from 1 to 64, got '65'"),
    (["--memory-limit", "5ß"], "--memory-limit: expected a size such as 512M or 4G, got '5ß'"),
    (["--memory-limit=0"], "--memory-limit: expected a size such as 512M or 4G, got '0'"),
    (["--memory-limit=9999999999G"], "--memory-limit: expected a size such as 512M or 4G, got '9999999999G'"),
  ])
  func tellsAMistakeAndTheUsage(_ arguments: [String], _ message: String) throws {
    let errors = "\(Workplace.sonde): \(message)\n\(CommandLineTests.usage)"
    #expect(try Workplace().run(arguments) == Child.Outcome(output: "", errors: errors, status: 1))
  }

  @Test func showsUsageOnRequest() throws {
    let expected = Child.Outcome(output: CommandLineTests.usage, errors: "", status: 0)
    #expect(try Workplace().run(["--help"]) == expected)
  }

  @Test(arguments: ["-v", "--version"])
  func showsItsVersionAndLuas(_ option: String) throws {
    let outcome = try Workplace().run([option, "-e", "print'hello'"])
    #expect(outcome.output.hasPrefix(Workplace.banner))
    #expect(outcome.output.hasSuffix(" Lua.org, PUC-Rio\nhello\n"))
    #expect(outcome.status == 0)
  }

  @Test func setsTheSessionByLongOptions() throws {
    let script = "print(sonde.seed(), sonde.default_dtype(), sonde.threads(), sonde.memory().limit)"
    let options = ["--seed", "7", "--dtype=float64", "--threads=3", "--memory-limit", "3m"]
    let outcome = try Workplace().run(options + ["-e", script])
    #expect(outcome == Child.Outcome(output: "7\tfloat64\t3\t3145728\n", errors: "", status: 0))
  }

  @Test func failsWhereStandardInputFails() throws {
    let errors = "\(Workplace.sonde): stdin:1: unexpected symbol near '='\n"
    #expect(try Workplace().run([], input: "x = = 2") == Child.Outcome(output: "", errors: errors, status: 1))
  }

  @Test func takesArgumentsByteByByte() throws {
    let place = try Workplace()
    let line =
      "'\(Workplace.sonde)' -e \"$(printf 'print(#\"\\377\\376\")')\" && printf 'return \\377' | '\(Workplace.sonde)' -"
    let outcome = try place.run(["-c", line], program: "/bin/sh")
    #expect(outcome.output == "2\n")
    #expect(outcome.errors == "\(Workplace.sonde): stdin:1: unexpected symbol near '<\\255>'\n")
  }

  @Test func loadsModulesWithThePresetsOfTheProgram() throws {
    let outcome = try Workplace().run(["-e", "print(require 'sonde' == sonde, package.loaded.sonde == sonde)"])
    #expect(outcome == Child.Outcome(output: "true\ttrue\n", errors: "", status: 0))
  }
}
