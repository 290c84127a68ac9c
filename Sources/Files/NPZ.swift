import Tensors

/// NumPy's archive of named arrays: a zip archive of npy files.
public enum NPZ {
  private static let suffix = ".npy"

  /// Reads the arrays in the archive `origin.path`, in its order, as `NPY` reads each; entries stored or deflated.
  ///
  /// Names are those of the entries without `.npy`. Directories are passed over.
  ///
  /// - Throws: `FileError` with the byte position when the file can't be read, the archive is damaged, encrypted or
  ///   of another method, two entries overlap or bear one name, an entry fails its checksum, or is no npy file;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public static func read(_ origin: Origin) throws -> [NamedTensor] {
    try PlainFile.read(origin).withBytes { try read($0, origin) }
  }

  /// Reads an archive that is in memory already.
  ///
  /// - Throws: as for a file.
  public static func read(_ bytes: UnsafeRawBufferPointer, _ origin: Origin) throws -> [NamedTensor] {
    let source = FileBytes(bytes: bytes, origin: origin)
    let entries = try ZipReader(source).entries().filter { !($0.name.hasSuffix("/") && $0.size == 0) }
    for entry in entries where !entry.name.utf8.reversed().starts(with: suffix.utf8.reversed()) {
      throw source.failure(
        "entries whose names end in .npy", got: Excerpt.quoted(entry.name.utf8), at: entry.extent.lowerBound)
    }
    return try entries.map { entry in
      let tensor = try entry.method == .stored ? readStored(entry, source) : readDeflated(entry, source)
      return NamedTensor(String(decoding: entry.name.utf8.dropLast(suffix.utf8.count), as: UTF8.self), tensor)
    }
  }

  private static func readStored(_ entry: ZipEntry, _ source: FileBytes) throws -> Tensor {
    let contents = source[entry.contents]
    try requireChecksum(try CRC32.update(0, contents.bytes), entry, source)
    return try NPY.read(FileBytes(bytes: contents.bytes, origin: source.origin, entry: entry.name))
  }

  /// Inflates an entry straight into its tensor.
  private static func readDeflated(_ entry: ZipEntry, _ source: FileBytes) throws -> Tensor {
    let inflater = try RawInflater(source[entry.contents])
    var checksum: UInt32 = 0
    let tensor = try NPY.read(size: entry.size, source.origin, entry: entry.name) { target in
      try inflater.fill(target)
      checksum = try CRC32.update(checksum, UnsafeRawBufferPointer(target))
    }
    try inflater.finish()
    try requireChecksum(checksum, entry, source)
    return tensor
  }

  private static func requireChecksum(_ checksum: UInt32, _ entry: ZipEntry, _ source: FileBytes) throws {
    guard checksum != entry.checksum else { return }
    throw source.failure(
      "contents of \(Excerpt.quoted(entry.name.utf8)) with the checksum \(String(entry.checksum, radix: 16))",
      got: String(checksum, radix: 16), at: entry.contents.lowerBound, cure: "it is damaged, fetch it again")
  }

  /// Writes tensors to the archive `origin.path`, sorted by name, stored or deflated.
  ///
  /// A stored archive is what `numpy.savez` makes of arrays in this order, byte for byte. The file is replaced whole
  /// or not at all.
  ///
  /// - Throws: `TensorError` when two tensors bear one name, or a name holds a zero byte or is longer than 65531
  ///   bytes; `FileError`, `TensorError.outOfMemory`, `Interrupted`; the old file is then as it was.
  public static func write(_ tensors: [NamedTensor], _ origin: Origin, isDeflated: Bool = false) throws {
    let sorted = try NamedTensor.sorted(tensors, origin)
    for item in sorted where item.name.utf8.contains(0) || item.name.utf8.count > 0xffff - suffix.utf8.count {
      throw TensorError.expected(
        operation: origin.operation, expected: "names without zero bytes, of at most 65531 bytes",
        got: Excerpt.quoted(item.name.utf8))
    }
    try AtomicFile.replace(origin) { file in
      var zip = ZipWriter(file)
      for item in sorted {
        try item.tensor.withElementBytes { elements in
          try NPY.header(of: item.tensor).withUnsafeBytes { header in
            try zip.add(item.name + suffix, [header, elements], isDeflated: isDeflated)
          }
        }
      }
      try zip.finish()
    }
  }
}
