import TestSupport
import Testing

/// A field that a module has not is nil, and what fails for it offers the nearest name.
struct MissingFieldTests {
  @Test func thePromptRemarksOnIt() throws {
    try Workplace().expect(
      """
      > nn.mpl
      nil
      nn has no 'mpl', did you mean 'mlp'?
      > optim.schedule.cosin
      nil
      optim.schedule has no 'cosin', did you mean 'cosine'?
      > sonde.linalg.qqxxyyzz
      nil
      sonde.linalg has no 'qqxxyyzz'; ?sonde.linalg lists what it has
      > nn.mpl;
      > x = nn.mpl
      > nn.mpl == nil, nn['mpl']
      true	nil
      > if nn.foo then print(1) else print(2) end
      2
      > t = {}
      > t.mpl
      nil
      > nn.mpl{}
      stdin:1: attempt to call a nil value (field 'mpl'), did you mean 'mlp'?
        1 | nn.mpl{}
          |    ^^^
      """)
  }

  @Test func theInitFileIsToldOfSlipsAsThePromptIs() throws {
    let place = try Workplace()
    place.write(".config/sonde/init.lua", "local w = 5\npritn(w)\n")
    let outcome = try place.run(["-i"], input: "1\n")
    let path = place.directory.path + "/.config/sonde/init.lua"
    #expect(
      outcome.errors == """
        \(path):2: attempt to call a nil value (global 'pritn'), did you mean 'print'?
          2 | pritn(w)
            | ^^^^^
        the prompt goes on without the rest of \(path)

        """)
    #expect(outcome.output.hasSuffix("> 1\n1\n> \n"))
  }

  @Test func aScriptThatEndsWithItIsToldTheNearest() throws {
    let outcome = try Workplace().run(["-e", "nn.mpl{}"])
    #expect(
      outcome.errors.hasSuffix(
        """
        : (command line):1: attempt to call a nil value (field 'mpl'), did you mean 'mlp'?
        stack traceback:
        \t(command line):1: in main chunk
        \t[C]: in ?

        """))
    #expect(outcome.status == 1)
  }
}
