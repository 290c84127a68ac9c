import Kernels
import Tensors
import TestSupport
import Testing

@testable import Files

/// Files that NumPy and safetensors made.
@Suite struct GoldenFileTests {
  @Test func thereAreFilesOfEveryKind() {
    #expect(GoldenFile.all.count > 380)
    for format in FileFormat.allCases { #expect(GoldenFile.all.contains { $0.format == format }) }
  }

  @Test func everyFileReadsAsItsMakerSays() throws {
    let directory = try #require(TemporaryDirectory())
    for file in GoldenFile.all where file.kind != .fails && file.kind != .large {
      let delimiters = ["semicolon.csv": ";", "tab.csv": "\t", "space.csv": " ", "space-savetxt.csv": " "]
      let loaded = try load(file.bytes, file.format, delimiter: delimiters[file.name] ?? ",")
      #expect(loaded.count == file.tensors.count, "\(file.name)")
      // The same from the disk, where the elements come in pieces.
      if file.format != .csv {
        let streamed = try load(path: directory.write("a", file.bytes), file.format)
        #expect(try zip(streamed, loaded).allSatisfy { try areSame($0.tensor, $1.tensor) }, "\(file.name)")
        #expect(streamed.map(\.name) == loaded.map(\.name))
      }
      for expected in file.tensors {
        let found = try #require(loaded.first { $0.name == expected.name }?.tensor, "\(file.name): \(expected.name)")
        #expect(try areSame(found, expected.tensor()), "\(file.name): \(expected.name)")
        #expect(found.isContiguous && found.offset == 0, "\(file.name)")
      }
    }
  }

  @Test func ourFilesAreTheirsByteForByte() throws {
    let directory = try #require(TemporaryDirectory())
    for file in GoldenFile.all where file.kind == .exact || file.kind == .noted {
      let target = Origin(operation: "sonde.save", path: "\(directory.path)/\(file.name)")
      let tensors = try file.tensors.map { NamedTensor($0.name, try $0.tensor()) }
      switch file.format {
      case .npy: try NPY.write(tensors[0].tensor, target)
      // In another order than theirs.
      case .npz: try NPZ.write(tensors.reversed(), target)
      case .safetensors:
        let metadata = file.kind == .noted ? ["format": "pt é\t"] : [:]
        try Safetensors.write(tensors.reversed(), metadata: metadata, target)
        #expect(try file.bytes.withUnsafeBytes { try Safetensors($0, someFile).metadata } == metadata)
      case .csv: Issue.record("no csv is exact")
      }
      #expect(directory.read(file.name) == file.bytes, "\(file.name)")
    }
  }

  @Test func largeDeflatedEntriesReadPieceByPiece() throws {
    let file = try #require(GoldenFile.named("large-deflated.npz"))
    let tensors = try load(file.bytes, .npz)
    #expect(tensors.map(\.name) == ["zeros", "u"])
    #expect(tensors[0].tensor.shape == [300, 1000] && tensors[0].tensor.dtype == .float64)
    #expect(try tensors[0].tensor.doubles().allSatisfy { $0 == 0 })
    #expect(try tensors[1].tensor.integers() == (0..<70_000).map { Int64($0 % 65_536) })
  }

  @Test func filesOfWhatIsNoTensorAreRefused() {
    let types = "elements of type f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 or b1"
    let expected = [
      "rank-9.npy": "expected at most 8 dimensions, got more (at byte 60)",
      "beyond.npy": "expected unsigned integers that int64 can hold, got 9223372036854775808 (at byte 136)",
      "complex.npy": "expected \(types), got '<c16' (at byte 20)",
      "text.npy": "expected \(types), got '<U1' (at byte 20)",
      "record.npy": "expected one type of numbers, got an array of records (at byte 20)",
      "date.npy": "expected \(types), got '<M8[D]' (at byte 20)",
      "object.npy": "expected \(types), got '|O' (at byte 20); arrays of Python objects hold code and are never loaded",
      "bzip2.npz": "expected entries stored (0) or deflated (8), got method 12 of 'x.npy' (at byte 184)",
      "other.npz": "expected entries whose names end in .npy, got 'readme.txt' (at byte 187)",
      "overlap.npz": "expected entries that don't overlap, got 'b.npy' inside 'a.npy' (at byte 35)",
      "twice.npz": "expected a name of its own for every entry, got 'x.npy' twice (at byte 452)",
      "complex.safetensors":
        "expected dtype BOOL, U8, I8, U16, I16, U32, I32, U64, I64, F16, BF16, F32 or F64, got 'C64' (at byte 22)",
    ]
    let files = GoldenFile.all.filter { $0.kind == .fails }
    #expect(Set(files.map(\.name)) == Set(expected.keys))
    for file in files {
      #expect(message(file.bytes, file.format) == "sonde.load: 'a': \(expected[file.name] ?? "")")
    }
  }
}

/// What our writers make and our readers read.
@Suite struct RoundTripTests {
  private func tensors() throws -> [Tensor] {
    let matrix = try Tensor([1, -0.0, .nan, .infinity, 0.1, 5e-324], shape: [2, 3], .float64)
    return [
      matrix, try matrix.transpose(0, 1), try matrix.to(.float32), try Tensor.scalar(.number(2.5), .float32),
      try Tensor(integers: [.min, .max, 1 << 53 + 1], shape: [3]), try Tensor.zeros([0, 3], .int64),
      try Tensor.full([2, 2], 1, .bool), try Tensor.zeros([], .bool), try Tensor.zeros([3, 0], .float32),
      Tensor(storage: matrix.storage, shape: [4, 2], strides: [0, 1], offset: 1),
    ]
  }

  @Test(arguments: [false, true]) func archivesGiveBackWhatTheyWereGiven(isDeflated: Bool) throws {
    let directory = try #require(TemporaryDirectory())
    let target = Origin(operation: "sonde.save", path: directory.path + "/a.npz")
    let named = try tensors().enumerated().map { NamedTensor("t\($0)", $1) }
    try NPZ.write(named, target, isDeflated: isDeflated)
    for (left, right) in zip(named, try NPZ.read(target)) {
      #expect(try left.name == right.name && areSame(left.tensor, right.tensor), "\(left.name)")
    }
  }

  @Test func safetensorsGiveBackWhatTheyWereGiven() throws {
    let directory = try #require(TemporaryDirectory())
    let target = Origin(operation: "sonde.save", path: directory.path + "/a.safetensors")
    let named = try tensors().enumerated().map { NamedTensor("t\($0)\u{1f600}\"\\\u{7}", $1) }
    try Safetensors.write(named, metadata: ["a": "b", "c\n": "\u{0}"], target)
    let file = try Safetensors(target)
    #expect(file.metadata == ["a": "b", "c\n": "\u{0}"])
    for item in named {
      let found = try #require(file.tensors.first { $0.name == item.name })
      #expect(try areSame(item.tensor, found.tensor), "\(item.name)")
    }
  }

  @Test func textGivesBackEveryBit() throws {
    let directory = try #require(TemporaryDirectory())
    let target = Origin(operation: "sonde.save", path: directory.path + "/a.csv")
    var random = SplitMix(state: 11)
    let bits = (0..<6000).map { _ in random.next() }
    let doubles = try Tensor(bits.map { Double(bitPattern: $0) }, shape: [1000, 6], .float64)
    let singles = try Tensor(
      bits.map { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0))) }, shape: [3000, 2], .float32)
    let integers = try Tensor(integers: bits.map { Int64(bitPattern: $0) }, shape: [6, 1000])
    for tensor in [doubles, try doubles.transpose(0, 1), singles, integers] {
      let table = try CSV(delimiter: ";", operation: "test")
      try table.write(tensor, target)
      #expect(try areSame(table.read(tensor.dtype, target), tensor))
    }
    try CSV(operation: "test").write(Tensor([1, 0.5], .float32), names: ["a \"b\", c"], target)
    #expect(directory.read("a.csv") == Array("\"a \"\"b\"\", c\"\n1.0\n0.5\n".utf8))
    #expect(try CSV(operation: "test").read(.float32, target).doubles() == [1, 0.5])
  }

  @Test func writersRefuseNamesThatFilesCannotHold() throws {
    let tensor = try Tensor.zeros([1])
    let target = Origin(operation: "sonde.save", path: "/nowhere/a")
    #expect(throws: TensorError.self) { try NPZ.write([.init("a", tensor), .init("a", tensor)], target) }
    #expect(throws: TensorError.self) { try NPZ.write([.init("a\0", tensor)], target) }
    #expect(throws: TensorError.self) { try NPZ.write([.init(String(repeating: "a", count: 65_532), tensor)], target) }
    #expect(throws: TensorError.self) { try Safetensors.write([.init("__metadata__", tensor)], target) }
  }
}

/// Steele, Lea and Flood's generator: the same numbers in every run.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  mutating func next(below limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
