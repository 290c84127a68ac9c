import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// States exchanged with the real PyTorch and safetensors, where they are installed; see `Fixtures/torch_states.py`.
@Suite struct SavedStateTests {
  /// Runs Python; nil where there is none.
  private static func python(_ arguments: [String]) -> Child.Outcome? {
    var environment: [String: String] = [:]
    for name in ["PATH", "HOME"] { environment[name] = getenv(name).map { String(cString: $0) } }
    return try? Child.run("/usr/bin/env", ["python3"] + arguments, environment: environment, seconds: 120)
  }

  private static let isPossible = python(["-c", "import torch, safetensors.torch"])?.status == 0

  @Test(.enabled(if: isPossible, "python3 with torch and safetensors is not installed"))
  func pyTorchLoadsWhatWasSaved() throws {
    let directory = try #require(TemporaryDirectory())
    let script = Project.path("Tests/LuaAPITests/Scripts/torch_states.lua")
    let theirs = Project.path("Tests/LuaAPITests/Fixtures/torch/float64.safetensors")
    let saved = try Child.run(Child.built("sonde"), [script, theirs, directory.path], seconds: 60)
    #expect(saved == Child.Outcome(output: "saved\n"))
    let exchange = Project.path("Tests/LuaAPITests/Fixtures/torch_states.py")
    #expect(SavedStateTests.python([exchange, "read", directory.path]) == Child.Outcome(output: "exchanged\n"))
  }
}
