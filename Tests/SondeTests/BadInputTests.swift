import TestSupport
import Testing

/// What nobody would type: the prompt tells what is wrong, if anything, and goes on.
struct BadInputTests {
  /// What is shown for lines piped into the prompt, without the greeting, and what is complained about.
  private func answer(_ input: [UInt8], _ environment: [String: String] = [:]) throws -> Child.Outcome {
    let place = try Workplace()
    place.directory.write("input", input)
    var outcome = try place.run(
      ["-c", "exec \"$0\" -i < input", Workplace.sonde], environment: environment, program: "/bin/sh")
    outcome.output = String(outcome.output.drop { $0 != "\n" }.dropFirst())
    return outcome
  }

  @Test(arguments: [1, UInt64.random(in: 2...999_999)])
  func binaryGarbage(seed: UInt64) throws {
    var chance = Chance(state: seed)
    let garbage = (0..<50_000).map { _ in UInt8.random(in: 0...255, using: &chance) }
    let outcome = try answer(garbage + Array("\n]]\n\n]==]\n'\n\"\nprint('al' .. 'ive')\n".utf8))
    #expect(outcome.output.contains("alive\n"), "seed \(seed)")
    #expect(outcome.status == 0, "seed \(seed)")
    let script = try Workplace().run(["-"], input: String(decoding: garbage, as: UTF8.self))
    #expect(script.status == 1 && script.errors.contains("stdin:1: "), "seed \(seed)")
  }

  @Test func linesOfAMegabyte() throws {
    let megabyte = 1_000_000
    let long = Array(repeating: UInt8(ascii: "a"), count: megabyte)
    let string = try answer(Array("x = '".utf8) + long + Array("'\n#x\n".utf8))
    #expect(string.output.hasSuffix("a'\n> #x\n1000000\n> \n") && string.errors.isEmpty)
    let name = try answer(long + Array("\n2\n".utf8))
    #expect(name.output.hasSuffix("a\nnil\n> 2\n2\n> \n"))
    let open = try answer(Array(repeating: UInt8(ascii: "("), count: megabyte) + Array("\n3\n".utf8))
    #expect(open.output.hasSuffix("\n> 3\n3\n> \n"))
    #expect(open.errors.contains("C stack overflow"))
  }

  @Test func bytesThatAreNoUTF8() throws {
    let outcome = try answer(Array("x = '".utf8) + [0xff, 0xfe] + Array("'\n#x, x:byte(1, 2)\n".utf8) + [0xff, 10])
    #expect(outcome.output.contains("\n2\t255\t254\n"))
    #expect(outcome.errors.contains("unexpected symbol near '<\\255>'"))
    let terminal = try Workplace().prompt()
    terminal.type(Array("x = '".utf8) + [0xff, 0xfe] + Array("'\r".utf8))
    try terminal.expect("\n> ")
    #expect(try terminal.ask("#x, x:byte(1, 2)") == "2\t255\t254")
  }

  @Test func aZeroByteIsAnErrorOfItsLineAlone() throws {
    let outcome = try answer(Array("x = 1 \0 2\n4\n".utf8))
    #expect(outcome.output.hasSuffix("> 4\n4\n> \n"))
  }

  /// Of a file far beyond what a history holds only the end is read: entries over and over, or nothing but a hole before them.
  @Test(arguments: [false, true])
  func aHugeHistory(isHole: Bool) throws {
    let place = try Workplace()
    let path = "\(place.directory.path)/history"
    let repeated = """
      printf '#1700000000\\nx = 1\\n' > \(path)
      for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do cat \(path) \(path) > new; mv new \(path); done
      """
    let fill = isHole ? "truncate -s 100M \(path)" : repeated
    _ = try place.run(
      ["-c", "\(fill)\nprintf '\\n#1700000001\\n40 + 2\\n' >> \(path)"], program: "/bin/sh")
    let start = ContinuousClock.now
    let terminal = try place.prompt(environment: ["SONDE_HISTORY": path])
    #expect(ContinuousClock.now - start < .seconds(10))
    terminal.type("\u{1b}[A\r")
    #expect(try terminal.expect("\n> ").hasSuffix("40 + 2\n42"))
    #expect((place.directory.read("history")?.count ?? 0) <= 8 << 20)
  }

  @Test func nothingInTheEnvironment() throws {
    let outcome = try Child.run(Workplace.sonde, ["-i"], input: "1 + 1\n")
    #expect(outcome.output.hasSuffix("\n> 1 + 1\n2\n> \n"))
    #expect(outcome.errors.isEmpty && outcome.status == 0)
    let terminal = try Terminal(Workplace.sonde)
    try terminal.expect("\n> ")
    #expect(try terminal.ask("1 + 1") == "2")
  }
}
