import TestSupport
import Testing

/// Trainings as programs of their own: killed and gone on with, and what they show meanwhile.
@Suite struct TrainingProgramTests {
  /// Trains with a checkpoint after every step, going on where it stands, and prints every bit of the losses.
  private static let training = """
    local net = nn.mlp{inputs = 64, width = 64, depth = 3, outputs = 10, norm = "batch", dropout = 0.1, seed = 1}
    local history = net:fit{
      train = data.digits(), optimizer = optim.Adam(net), steps = 300, progress = false,
      generator = sonde.generator(1), checkpoint = {path = "run.safetensors", every = 1, resume = true}}
    for _, loss in ipairs(history.losses) do print(("%a"):format(loss)) end
    """

  /// Wherever the kills come, in the middle of a write among them, the file is whole and the training ends the same.
  @Test func aKilledTrainingGoesOn() throws {
    let undisturbed = try Workplace().run(["-e", TrainingProgramTests.training])
    #expect(undisturbed.errors == "" && undisturbed.output.split(separator: "\n").count == 300)
    let place = try Workplace()
    for delay in ["0.15", "0.23", "0.31", "0.2", "0.27"] {
      _ = try place.run(
        ["-s", "KILL", delay, Workplace.sonde, "-e", TrainingProgramTests.training], program: "/usr/bin/timeout")
    }
    #expect(try place.run(["-e", TrainingProgramTests.training]) == undisturbed)
  }

  /// A short training, with more options.
  private func script(_ more: String = "") -> String {
    """
    local net = nn.mlp{inputs = 64, width = 8, depth = 1, outputs = 10, seed = 1}
    net:fit{train = data.digits(), optimizer = optim.SGD(net, {lr = 0.1}), epochs = 2, generator = sonde.generator(1)\(more)}
    """
  }

  @Test func withoutATerminalThereIsALineAnEpoch() throws {
    let outcome = try Workplace().run(["-e", script()])
    #expect(outcome.output == "" && outcome.status == 0)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].hasPrefix("epoch 1/2: step 24, loss ") && lines[1].contains(", accuracy 0."))
    #expect(try Workplace().run(["-e", script(", progress = false")]) == Child.Outcome())
  }

  @Test func aTerminalShowsOneLineAndGetsItsPromptBack() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("net = nn.mlp{inputs=64, width=8, depth=1, outputs=10}") == "")
    #expect(try terminal.ask("opt = optim.SGD(net, {lr=0.1})") == "")
    terminal.type("h = net:fit{train=data.digits(), optimizer=opt, epochs=2}\r")
    try terminal.expect("epochs=2}\n")
    // one line, redrawn and at last taken off, where the prompt then stands
    let shown = try terminal.expect(" left> ")
    #expect(shown.contains("epoch 2/2 step 48/48 loss ") && shown.hasSuffix(" examples/s 0 s"))
    #expect(!shown.contains("\n"))
    #expect(try terminal.ask("#h, h.stopped") == "2\tcompleted")
    // what matters is there where the line is short
    _ = try terminal.ask("os.execute('stty cols 72')")
    terminal.type("h = net:fit{train=data.digits(), optimizer=opt, epochs=2}\r")
    try terminal.expect("epochs=2}\n")
    let last = try terminal.expect(" left> ").split(separator: "[").last.map(String.init) ?? ""
    #expect(last.contains("epoch 2/2 loss "), "\(last)")
    #expect(
      last.contains(" accuracy ") && last.contains(" examples/s ") && last.count + "[ left".count <= 71, "\(last)")
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }
}
