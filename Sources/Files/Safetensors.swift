import Kernels
import Tensors

/// Named tensors in the format of the safetensors package: the size of a header in 8 bytes, a header in JSON, then the
/// elements, row-major and little-endian, without a hole.
///
/// Source: https://huggingface.co/docs/safetensors, "Format".
public struct Safetensors {
  /// The tensors in the order of the header.
  public let tensors: [NamedTensor]
  /// The strings that the file says of itself, `__metadata__`; empty where it says nothing.
  public let metadata: [String: String]

  /// Reads the file `origin.path`: F16, BF16 and F32 as float32, F64 as it is, all integers as int64, BOOL as bool.
  ///
  /// - Throws: `FileError` with the byte position when the file can't be read; its header is longer than 100 MB or
  ///   the file, or breaks its format; tensors lie outside the file, overlap, leave a hole, have another size than
  ///   their shape or another dtype, or hold integers beyond int64; `TensorError.outOfMemory`; `Interrupted`.
  public init(_ origin: Origin) throws {
    let stream = try FileStream(origin)
    if let size = stream.size {
      try self.init(size: size, origin, stream.fill)
    } else {
      self = try PlainFile.read(origin).withBytes { try Safetensors($0, origin) }
    }
  }

  /// Reads a file that is in memory already.
  ///
  /// - Throws: as for a file.
  public init(_ bytes: UnsafeRawBufferPointer, _ origin: Origin) throws {
    var rest = bytes
    try self.init(size: bytes.count, origin) { target in
      target.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest.prefix(target.count)))
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(target.count))
    }
  }

  /// Reads a file of `size` bytes piece by piece: no tensor is allocated before the header has agreed with the size.
  private init(size: Int, _ origin: Origin, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
    let start = try ByteBuffer(count: min(size, 8), fill)
    let length = try start.withBytes {
      try SafetensorsHeader.length(FileBytes(bytes: $0, origin: origin), fileSize: size)
    }
    let header = try start.continued(length, fill).withBytes {
      try SafetensorsHeader(FileBytes(bytes: $0, origin: origin), fileSize: size)
    }
    metadata = header.metadata
    // In the order of the file, without a hole; then in that of the header.
    var tensors: [(place: Int, NamedTensor)] = []
    for (place, entry) in header.entriesByOffset {
      try Interrupt.check()
      let tensor = try Tensor(entry.element.dtype, entry.shape, zeroed: false)
      try entry.element.read(into: tensor, origin, start: header.size + entry.offsets.lowerBound, fill)
      tensors.append((place, NamedTensor(entry.name, tensor)))
    }
    self.tensors = tensors.sorted { $0.place < $1.place }.map(\.1)
  }

  /// Writes tensors to the file `origin.path` as the safetensors package does: int64 first, then float64, float32 and
  /// bool, by name among equals.
  ///
  /// The file is replaced whole or not at all.
  ///
  /// - Throws: `TensorError` when two tensors bear one name, or one bears `__metadata__`, or the header is longer than
  ///   100 MB; `FileError`, `TensorError.outOfMemory`, `Interrupted`; the old file is then as it was.
  public static func write(
    _ tensors: [NamedTensor], metadata: [String: String] = [:], _ origin: Origin
  ) throws {
    let named = try NamedTensor.sorted(tensors, origin)
    if named.contains(where: { $0.name == SafetensorsHeader.metadataKey }) {
      throw TensorError.expected(
        operation: origin.operation, expected: "names of tensors", got: "'\(SafetensorsHeader.metadataKey)'")
    }
    // The sorting within a dtype stays.
    let ordered = order.flatMap { dtype in named.filter { $0.tensor.dtype == dtype } }
    let header = SafetensorsHeader.text(ordered, metadata)
    guard header.utf8.count <= SafetensorsHeader.largestSize else {
      throw TensorError.expected(
        operation: origin.operation, expected: "a header of at most \(SafetensorsHeader.largestSize) bytes",
        got: "\(header.utf8.count)")
    }
    try AtomicFile.replace(origin) { file in
      try withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { try file.write($0) }
      try file.write(header)
      for item in ordered { try item.tensor.withElementBytes { try file.write($0) } }
    }
  }

  /// The dtypes as the package orders them: larger elements first, so that each is aligned.
  private static let order: [DType] = [.int64, .float64, .float32, .bool]
}
