import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What `-i` does with lines from a pipe, as the official tests of Lua ask for it: each line is echoed behind its prompt.
struct PipedPromptTests {
  /// Lines typed, and what stands on standard output below the line that names the program.
  struct Session: CustomTestStringConvertible, Sendable {
    let options: [String]
    let input: String
    let output: String
    var errors = ""

    var testDescription: String { "\(options) < \(input.debugDescription)" }
  }

  private static let silent = ["-e", "_PROMPT, _PROMPT2 = '', ''"]

  private static let sessions = [
    Session(
      options: silent, input: "(6*2-6) -- ===\na =\n10\nprint(a)\na",
      output: "(6*2-6) -- ===\n6\na =\n10\nprint(a)\n10\na\n10\n\n"),
    Session(
      options: silent, input: "a = [[b\nc\nd\ne]]\n=a", output: "a = [[b\nc\nd\ne]]\n=a\nb\nc\nd\ne\n\n"),
    Session(options: silent, input: "return 1, nil, 'x'", output: "return 1, nil, 'x'\n1\tnil\tx\n\n"),
    Session(
      options: silent, input: "\n\nfunction f(x)\n\n  return\n\n  x\nend f(7)\nf(8)",
      output: "\n\nfunction f(x)\n\n  return\n\n  x\nend f(7)\n7\nf(8)\n8\n\n"),
    Session(options: [], input: " --\na = 2\n", output: ">  --\n> a = 2\n> \n"),
    Session(options: ["-e", "_PROMPT = 'ask:'"], input: " --\na = 2\n", output: "ask: --\nask:a = 2\nask:\n"),
    Session(
      options: ["-e", "local n = 0 _PROMPT = setmetatable({}, {__tostring = function() n = n + 1 return n end})"],
      input: " --\na = 2\n", output: "1 --\n2a = 2\n3\n"),
    Session(
      options: ["-e", "_PROMPT2 = '..'"], input: "f(\n", output: "> f(\n..> \n",
      errors: "unexpected symbol near <eof>\n"),
    Session(
      options: ["-e", "print = nil"], input: "10\n", output: "> 10\n> \n",
      errors: "error calling 'print' (attempt to call a nil value)\n"),
    Session(
      options: silent, input: "error('told', 0)\nerror()\n'still here'\n",
      output: "error('told', 0)\nerror()\n'still here'\nstill here\n\n"),
  ]

  @Test(arguments: sessions)
  func echoesItsLines(_ session: Session) throws {
    let outcome = try Workplace().run(session.options + ["-i"], input: session.input)
    let lines = outcome.output.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    #expect(lines.first?.hasPrefix(Workplace.banner) == true)
    #expect(lines.last.map(String.init) == session.output)
    // the prompt shows the line at fault below the message
    if !session.errors.isEmpty { #expect(outcome.errors.contains(session.errors)) }
    #expect(outcome.status == 0)
  }

  @Test func endsWithTheStatusOfOsExit() throws {
    let outcome = try Workplace().run(["-e", "_PROMPT = ''", "-i"], input: "os.exit(3)\nprint('too late')\n")
    #expect(outcome.status == 3 && !outcome.output.contains("late\n"))
  }

  @Test func comesAfterTheScriptAndKnowsItsArguments() throws {
    let place = try Workplace()
    place.write("script.lua", "print('the script', ...) kept = 7")
    let outcome = try place.run(["-i", "-e", "_PROMPT = ''", "script.lua", "a"], input: "kept, arg[1], arg[0]\n")
    #expect(outcome.output.hasSuffix("the script\ta\nkept, arg[1], arg[0]\n7\ta\tscript.lua\n\n"))
    #expect(outcome.status == 0)
  }

  @Test func doesNotOpenAfterAnErrorOfTheScript() throws {
    let outcome = try Workplace().run(["-i", "-e", "error 'first'"], input: "print('never')\n")
    #expect(outcome.status == 1 && !outcome.output.contains("never"))
  }
}
