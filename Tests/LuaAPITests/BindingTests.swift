import Testing
import TestSupport

/// What Lua and Swift hand each other, in programs of their own, because they count every object of the process.
@Suite struct BindingTests {
  @Test(arguments: [
    "bad_calls.lua",
    "direct.lua",
    "errors.lua",
    "files.lua",
    "gradcheck.lua",
    "gradients.lua",
    "graphs.lua",
    "indexing.lua",
    "linalg.lua",
    "networks.lua",
    "ordering.lua",
    "printing.lua",
    "probe.lua",
    "random.lua",
    "slopes.lua",
    "surface.lua",
    "tape.lua",
    "tensors.lua",
    "training.lua",
  ])
  func scriptRuns(name: String) throws {
    let outcome = try Child.run(Child.built("sonde"), [script(name)], seconds: 300)
    #expect(outcome == Child.Outcome(output: "ok\n"), "\(name)")
  }

  @Test func temporariesDoNotPileUp() throws {
    let outcome = try Child.run(Child.built("sonde"), [script("temporaries.lua"), "100000"], seconds: 300)
    #expect(outcome.errors == "" && outcome.status == 0)
    #expect(outcome.output.hasPrefix("ok\t"))
  }

  @Test func failingAllocatorsEndInAMessageOrSuccess() throws {
    let outcome = try Child.run(
      Child.built("AllocatorStress"), ["1000", script("allocator.lua")], seconds: 600)
    #expect(outcome.errors == "" && outcome.status == 0, "\(outcome.output)")
    // Both outcomes occur: a limit that no run reaches, or that none passes, would test nothing.
    #expect(outcome.output.contains("not enough memory: "))
  }

  private func script(_ name: String) -> String { Project.path("Tests/LuaAPITests/Scripts/\(name)") }
}
