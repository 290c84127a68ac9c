import TestSupport
import Testing

/// Help at the prompt: ?, ?? and :example.
struct HelpTests {
  /// What each line of a session without a terminal shows.
  private func answers(_ lines: [String], script: String = "") throws -> [String] {
    let place = try Workplace()
    place.write("script.lua", script)
    let outcome = try place.run(["-i", "script.lua"], input: lines.joined(separator: "\n") + "\n")
    #expect(outcome.status == 0 && outcome.errors == "")
    var rest = outcome.output[...]
    return lines.enumerated().map { index, line in
      guard let start = rest.firstRange(of: "> \(line)\n") else { return "no '\(line)' in \(rest)" }
      rest = rest[start.upperBound...]
      let next = index + 1 < lines.count ? "> \(lines[index + 1])\n" : "> \n"
      let end = rest.firstRange(of: next)?.lowerBound ?? rest.endIndex
      defer { rest = rest[end...] }
      return String(rest[..<end])
    }
  }

  @Test func aQuestionMarkIsTheTour() throws {
    let shown = try answers(["?", "? ", "help()"])
    #expect(shown[0].hasPrefix("Sonde looks inside deep neural networks.\n"))
    #expect(shown[1] == shown[0] && shown[2] == shown[0])
  }

  @Test func questionsFollowVariables() throws {
    let shown = try answers([
      "net = nn.mlp{inputs=3, width=3, depth=2}", "?net", "?net.probe", "? network:probe", "?net[1].linear",
      "n = {5, s = sonde.ones(2)}", "?n", "?n.s", "?string.format", "?net.probe(x)",
    ])
    #expect(shown[1].hasPrefix("network\n  net is a network.\n"))
    #expect(shown[2].hasPrefix("network:probe(x, {") && shown[3] == shown[2] && shown[9] == shown[2])
    #expect(shown[4].contains("net[1].linear is a layer: Linear(3 -> 3), as ?nn.Linear tells.\n"))
    #expect(shown[6] == "n\na table\n  {5, s = tensor float32 [2] (1, 1)}\n")
    #expect(shown[7].hasPrefix("tensor\n  n.s is a tensor: float32 [2] (1, 1).\n"))
    #expect(shown[8].hasPrefix("string.format(formatstring, ...)\n"))
  }

  @Test func questionsRunNoCodeOfTheUsers() throws {
    let shown = try answers([
      "t = setmetatable({}, {__index = function() os.exit(9) end, __tostring = function() os.exit(9) end})",
      "?t.nowhere",
      "??t.nowhere",
    ])
    #expect(shown[1].hasPrefix("Nothing is ") && shown[2].hasPrefix("Nothing is "))
  }

  @Test func unknownNamesOfferTheNearest() throws {
    let shown = try answers(["?zeross", "??zeross", ":example zeross", "?qqxxyyzz", "??", "??qqxxyyzz"])
    #expect(shown[0].hasPrefix("Nothing is named 'zeross'.\nDid you mean\n  zeros"))
    #expect(shown[1] == "Nothing is named 'zeross', did you mean 'zeros'?\n")
    #expect(shown[2] == "No example of 'zeross', did you mean 'zeros'?\n")
    #expect(shown[3] == "Nothing is known about 'qqxxyyzz'; ? alone shows what there is.\n")
    #expect(shown[4] == "?? shows the source of a name: ??nn.mlp, ??sonde.compare.\n")
    #expect(shown[5] == "Nothing is named 'qqxxyyzz'.\n")
  }

  @Test func twoQuestionMarksShowTheSource() throws {
    let script = "-- Doubles.\nfunction twice(x)\n  return 2 * x\nend\ns = load('return 7')\n"
    let shown = try answers(
      ["??twice", "??s", "??nn.mlp", "??sonde.compare", "??string.rep", "??print", "?twice"], script: script)
    #expect(shown[0] == "script.lua:2-4\nfunction twice(x)\n  return 2 * x\nend\n")
    #expect(shown[1] == "a string of Lua\nreturn 7\n")
    #expect(shown[2].contains("\nWritten in Swift\n  NetworkFunctions.swift:"))
    #expect(shown[2].hasSuffix("dropout.\n"))
    #expect(shown[3].hasPrefix("sonde:compare.lua:") && shown[3].contains("\nfunction compare.compare(...)\n"))
    #expect(shown[4].contains("\nWritten in C\n  part of Lua 5.4, section 6.4 of its manual\n"))
    #expect(shown[5].hasPrefix("print(...)\nWritten in C\n"))
    #expect(shown[6] == "twice(x)\n  Doubles.\n\nDefined in\n  script.lua:2-4\n")
  }

  @Test func examplesRunAndLeaveVariablesAlone() throws {
    let shown = try answers([
      "t, net = 'mine', 1", ":example sonde.arange", "t, net", ":example nn.mlp", "t, net", ":example diagnosis",
      "x, sick",
      ":example",
    ])
    #expect(
      shown[1] == """
        sonde.arange, as its page shows it; its variables stay its own
          local t = sonde.arange(1, 5, 2)
          assert(#t == 3 and t[3] == 5 and #sonde.arange(4) == 4)
        t = tensor float32 [3] (1, 3, 5)

        """)
    #expect(shown[2] == "mine\t1\n" && shown[4] == "mine\t1\n")
    #expect(shown[3].contains("\nnet =\n") && shown[3].hasSuffix("722 parameters, float32, training mode\n"))
    #expect(shown[5].contains("vanishing_activations") && shown[6] == "nil\tnil\n")
    #expect(shown[7].contains("\n  start, prompt, tensors,"))
  }

  @Test func errorsOfExamplesAreToldAsAny() throws {
    let outcome = try Workplace().run(["-i"], input: "nn = nil\n:example nn.mlp\n1 + 1\n")
    #expect(outcome.errors.contains("example:1: attempt to index a nil value (global 'nn')"))
    #expect(outcome.output.hasSuffix("> 1 + 1\n2\n> \n"))
  }

  @Test func whatWasTypedHasASource() throws {
    let shown = try answers([
      "local secret = 5", "function f(a, b) return a + secret end", "?f", "??f", "?secret", "local g = f", "?g",
    ])
    #expect(shown[2].hasPrefix("f(a, b)\nDefined in\n  stdin"))
    #expect(shown[3].hasPrefix("stdin") && shown[3].hasSuffix("\nfunction f(a, b) return a + secret end\n"))
    #expect(shown[4] == "secret\nan integer\n  5\n")
    #expect(shown[6].hasPrefix("g(a, b)\n"))
  }

  @Test func questionsKnowCommands() throws {
    let shown = try answers([
      "?:quit", "? :example", "?:nosuch", "help(':save')", "help':time'", "?save", "?vars", "help('doctor')", "?:qui",
      "?:tiem",
      ":help", "?:",
    ])
    #expect(shown[0] == ":quit\n  leaves, as Ctrl-D does; also :exit\nSee also\n  :help, prompt\n")
    #expect(shown[1].hasPrefix(":example [name]\n  shows the example"))
    #expect(shown[2].hasPrefix("There is no command ':nosuch'; there are\n  :help, "))
    #expect(shown[3].hasPrefix(":save file.lua\n  writes the session") && shown[4].hasPrefix(":time code\n  runs Lua"))
    #expect(
      shown[5].hasPrefix("sonde.save(path") && shown[5].contains("A command of the prompt\n  :save file.lua  writes"))
    #expect(shown[6].hasPrefix(":vars [pattern]\n") && shown[7].hasPrefix(":doctor\n") && shown[8] == shown[0])
    #expect(shown[9] == "There is no command ':tiem', did you mean ':time'?\n")
    #expect(
      shown[10].hasPrefix("Commands\n  The beginning of a name will do: :exp is :experiments.\n  :help ")
        && shown[11] == shown[10])
  }

  @Test(arguments: [30, 40, 57, 80, 200]) func theListOfCommandsIsWrappedBetweenWords(columns: Int) throws {
    let wide = try Workplace().run(["-i"], input: ":help\n", environment: ["COLUMNS": "100"]).output
    let shown = try Workplace().run(["-i"], input: ":help\n", environment: ["COLUMNS": "\(columns)"]).output
    for line in shown.split(separator: "\n").dropFirst(2) { #expect(line.count <= columns, "\(line)") }
    #expect(shown.split { $0.isWhitespace } == wide.split { $0.isWhitespace })
  }

  @Test func theReferenceIsWrittenFromTheSameRecords() throws {
    let place = try Workplace()
    let outcome = try place.run([Project.path("scripts/reference.lua"), place.directory.path])
    #expect(outcome.errors == "" && outcome.output.hasSuffix(" files in \(place.directory.path)\n"))
    let check = """
      local text = assert(io.open("sonde.gen.lua")):read("a")
      assert(text:find("---@class sonde.nn_mlp_options\\n---@field inputs? integer the features of the input\\n", 1, true))
      assert(text:find("\\n---@return sonde.network # a network\\nfunction nn.mlp(options) end\\n", 1, true))
      assert(loadfile("sonde.gen.lua"))
      print(assert(io.open("network-object.md")):read(), assert(io.open("nn.md")):read())
      """
    place.write("check.lua", check)
    #expect(try place.run(["check.lua"]) == Child.Outcome(output: "# network\t# nn\n"))
  }

  @Test func pagesFitTheTerminal() throws {
    let terminal = try Workplace().prompt(environment: ["NO_COLOR": "1"])
    let page = try terminal.ask("?sonde.time")
    #expect(page.hasPrefix("sonde.time()\n  Reads a monotonic clock.\n\nReturns\n"))
  }
}
