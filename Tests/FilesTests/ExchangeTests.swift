import Kernels
import Tensors
import TestSupport
import Testing

@testable import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Files exchanged with the real numpy and safetensors, where they are installed; see `Fixtures/exchange.py`.
@Suite struct ExchangeTests {
  private static let shapes: [Extents] = [[], [4], [0], [2, 3], [3, 0], [2, 3, 4], [1, 1, 5, 1]]
  private static let dtypes: [(name: String, dtype: DType)] = [
    ("f2", .float32), ("f4", .float32), ("f8", .float64), ("i1", .int64), ("i2", .int64), ("i4", .int64),
    ("i8", .int64), ("u1", .int64), ("u2", .int64), ("u4", .int64), ("u8", .int64), ("b1", .bool),
  ]
  private static let ours = dtypes.filter { ["f4", "f8", "i8", "b1"].contains($0.name) }

  /// Runs Python; nil where there is none.
  private static func python(_ arguments: [String]) -> Child.Outcome? {
    var environment: [String: String] = [:]
    for name in ["PATH", "HOME"] { environment[name] = getenv(name).map { String(cString: $0) } }
    return try? Child.run("/usr/bin/env", ["python3"] + arguments, environment: environment, seconds: 120)
  }

  private static let isPossible = python(["-c", "import numpy, safetensors.numpy"])?.status == 0

  private static func tensor(_ dtype: DType, _ shape: Extents) throws -> Tensor {
    let tensor = try Tensor(dtype, shape)
    for index in 0..<tensor.count {
      switch dtype {
      case .bool: tensor.store(index % 3 == 0 ? 1 : 0 as Int64, at: index)
      case .int64: tensor.store(Int64(7 * index % 11), at: index)
      case .float32, .float64: tensor.store(Double(7 * index % 11 - 5) / 4, at: index)
      }
    }
    return tensor
  }

  /// The same elements in a view whose strides are not those of its shape.
  private static func strided(_ tensor: Tensor) throws -> Tensor {
    guard tensor.rank >= 2 else { return tensor }
    return try tensor.transpose(0, 1).clone().transpose(0, 1)
  }

  private static func name(_ dtype: String, _ shape: Extents) -> String {
    dtype + "-" + shape.map(String.init).joined(separator: "x")
  }

  @Test(.enabled(if: isPossible, "python3 with numpy and safetensors is not installed"))
  func theyReadOursAndWeReadTheirs() throws {
    let directory = try #require(TemporaryDirectory())
    func file(_ name: String) -> Origin { Origin(operation: "test", path: "\(directory.path)/\(name)") }
    var named: [NamedTensor] = []
    for (dtype, type) in ExchangeTests.ours {
      for shape in ExchangeTests.shapes {
        let (name, tensor) = (ExchangeTests.name(dtype, shape), try ExchangeTests.tensor(type, shape))
        named.append(NamedTensor(name, try ExchangeTests.strided(tensor)))
        try NPY.write(ExchangeTests.strided(tensor), file("ours-\(name).npy"))
      }
      let table = try ExchangeTests.strided(ExchangeTests.tensor(type, [6, 2]))
      try CSV(operation: "test").write(table, names: ["a", "b, c"], file("ours-\(dtype).csv"))
    }
    try NPZ.write(named, file("ours.npz"))
    try NPZ.write(named, file("ours-deflated.npz"), isDeflated: true)
    let metadata = ["format": "sonde", "a\"b": "\né"]
    try Safetensors.write(named, metadata: metadata, file("ours.safetensors"))
    let script = Project.path("Tests/FilesTests/Fixtures/exchange.py")
    #expect(ExchangeTests.python([script, directory.path]) == Child.Outcome(output: "exchanged\n"))
    try readTheirs(file)
  }

  private func readTheirs(_ file: (String) -> Origin) throws {
    let safetensors = try Safetensors(file("theirs.safetensors"))
    #expect(safetensors.metadata == ["by": "numpy"])
    let tables = [safetensors.tensors, try NPZ.read(file("theirs.npz")), try NPZ.read(file("theirs-deflated.npz"))]
    for (dtype, type) in ExchangeTests.dtypes {
      for shape in ExchangeTests.shapes {
        let name = ExchangeTests.name(dtype, shape)
        let expected = try ExchangeTests.tensor(type, shape)
        for ending in ["", "-big", "-columns"] {
          #expect(try areSame(NPY.read(file("theirs-\(name)\(ending).npy")), expected), "\(name)\(ending)")
        }
        for table in tables {
          let found = try #require(table.first { $0.name == name }?.tensor)
          #expect(try areSame(found, expected), "\(name)")
        }
      }
    }
    let table = try CSV(operation: "test").read(.float64, file("theirs.csv"))
    #expect(try areSame(table, ExchangeTests.tensor(.float64, [6, 2])))
  }
}
