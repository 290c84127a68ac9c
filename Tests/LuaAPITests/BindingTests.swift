import Testing
import TestSupport

/// What Lua and Swift hand each other, in programs of their own, because they count every object of the process.
@Suite struct BindingTests {
  @Test(arguments: [
    "auxiliary.lua",
    "bad_calls.lua",
    "checkpoints.lua",
    "compare.lua",
    "dataset_errors.lua",
    "datasets.lua",
    "diagnosis.lua",
    "diagnosis_causes.lua",
    "diagnosis_faults.lua",
    "direct.lua",
    "dropped.lua",
    "error_names.lua",
    "errors.lua",
    "files.lua",
    "fit.lua",
    "gradcheck.lua",
    "gradients.lua",
    "graphs.lua",
    "help.lua",
    "indexing.lua",
    "initialisers.lua",
    "library.lua",
    "linalg.lua",
    "losses.lua",
    "modules.lua",
    "networks.lua",
    "normalisation.lua",
    "optimisers.lua",
    "ordering.lua",
    "plots.lua",
    "printing.lua",
    "probe.lua",
    "random.lua",
    "rebuild.lua",
    "recorder.lua",
    "recorder_histograms.lua",
    "report_figures.lua",
    "reports.lua",
    "residuals.lua",
    "robustness.lua",
    "saved_reports.lua",
    "saving.lua",
    "slopes.lua",
    "structure.lua",
    "surface.lua",
    "sweep.lua",
    "sweep_files.lua",
    "tape.lua",
    "tensors.lua",
    "theory.lua",
    "training.lua",
    "undo.lua",
    "whatif.lua",
  ])
  func scriptRuns(name: String) throws {
    let outcome = try Child.run(Child.built("sonde"), [script(name)], seconds: 300)
    #expect(outcome == Child.Outcome(output: "ok\n"), "\(name)")
  }

  /// The same script runs for an hour under the address sanitizer in `scripts/check --long`.
  @Test(arguments: [1, 20, 300]) func randomOperationsKeepTheirPromises(seed: Int) throws {
    let arguments = ["--memory-limit", "1G", script("fuzz.lua"), "4000", "\(seed)"]
    let outcome = try Child.run(Child.built("sonde"), arguments, seconds: 300)
    #expect(outcome == Child.Outcome(output: "seed \(seed): 4000 operations in order\n"))
  }

  @Test func anInputThatChangesWithoutMemoryForACopyIsTold() throws {
    let outcome = try Child.run(Child.built("sonde"), ["--memory-limit", "24M", script("input.lua")], seconds: 60)
    #expect(outcome == Child.Outcome(output: "ok\n"))
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
