import TestSupport
import Testing

@Suite struct ThreadTests {
  /// Trains on batches large enough for products and passes to be shared, and prints every bit of the losses.
  private static let training = """
    for _, norm in ipairs{"before", "after"} do
      for _, dtype in ipairs{"float32", "float64"} do
        sonde.default_dtype(dtype)
        local net = nn.mlp{inputs = 64, width = 100, depth = 3, outputs = 10, norm = "batch", norm_position = norm, seed = 1}
        local optimizer = optim.SGD(net, {lr = 0.1, momentum = 0.9})
        local history = net:fit{
          train = data.digits(), optimizer = optimizer, epochs = 4, batch = 1437,
          generator = sonde.generator(1), progress = false}
        for _, loss in ipairs(history.losses) do print(("%a"):format(loss)) end
      end
    end
    """

  @Test func aTrainingHasTheSameBitsForAnyNumberOfThreads() throws {
    let place = try Workplace()
    let alone = try place.run(["--threads", "1", "-e", ThreadTests.training])
    #expect(alone.errors == "" && alone.status == 0)
    #expect(alone.output.split(separator: "\n").count == 16)
    for threads in ["2", "3", "8"] {
      #expect(try place.run(["--threads", threads, "-e", ThreadTests.training]) == alone)
    }
  }

  @Test func theScriptSetsTheThreads() throws {
    let script = "print(sonde.threads(3), sonde.threads(), pcall(sonde.threads, 0))"
    let outcome = try Workplace().run(["--threads=2", "-e", script])
    #expect(outcome.output == "3\t3\tfalse\t(command line):1: sonde.threads: expected 1 to 64 threads, got 0\n")
  }
}
