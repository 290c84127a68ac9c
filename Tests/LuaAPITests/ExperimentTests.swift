import TestSupport
import Testing

/// The founding experiment agrees with the reference table, and says so when it does not.
@Suite struct ExperimentTests {
  private let script = Project.path("scripts/experiments/founding.lua")

  @Test func theFoundingExperimentAgreesWithItsReference() throws {
    let outcome = try Child.run(Child.built("sonde"), [script, "--seeds", "1", "--no-training"], seconds: 300)
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
    #expect(outcome.output.hasSuffix("All rows agree with the reference.\n"))
  }

  /// Weights a tenth larger move the last layer by more than a decade and a half.
  @Test func anotherNetworkDisagreesAndGivesStatusOne() throws {
    let altered = """
      local text, count = io.open('\(script)'):read('a'):gsub('"normal%(0.01%)"', '"normal(0.011)"')
      assert(count == 1)
      arg = {'--seeds', '1', '--no-training'}
      assert(load(text, '=altered'))()
      """
    let outcome = try Child.run(Child.built("sonde"), ["-e", altered], seconds: 300)
    #expect(outcome.status == 1 && outcome.errors == "", "\(outcome)")
    #expect(outcome.output.hasSuffix("There are rows that DISAGREE with the reference.\n"))
  }

  /// Each holds its own prediction or the paper's claim against what it measures, and ends with status 1 where they differ.
  @Test(arguments: [
    ("residual", "largest difference"), ("santurkar", "effective smoothness"),
    ("ioffe-szegedy", "Mean step of the median"), ("auxiliary", "Accuracy on the test digits"),
    ("depth", "Deepest net that learns"), ("edge-of-chaos", "The edge, chi = 1"),
    ("bn-growth", "pi/(pi - 1) = 1.46694"),
    ("width", "Drift and scatter agree"),
    ("what-if", "Every step does what it claims."), ("init-zoo", "Measurement and prediction agree."),
  ])
  func experimentsAgreeWithWhatTheyTell(_ name: String, _ ending: String) throws {
    let path = Project.path("scripts/experiments/\(name).lua")
    let outcome = try Child.run(Child.built("sonde"), [path, "--short"], seconds: 600)
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
    #expect(outcome.output.contains(ending))
    let wrong = try Child.run(Child.built("sonde"), [path, "--shrot"])
    #expect(wrong.status == 1)
    #expect(wrong.errors.contains("\(name).lua: ") && wrong.errors.contains("--shrot"))
  }

  @Test func wrongOptionsAreTold() throws {
    let outcome = try Child.run(Child.built("sonde"), [script, "--seds"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("unknown option '--seds'; there are --seeds n, --seed n and --no-training"))
  }
}
