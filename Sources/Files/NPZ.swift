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

  /// Inflates an entry straight into its tensor: nothing of its size is allocated before its header has agreed with it.
  private static func readDeflated(_ entry: ZipEntry, _ source: FileBytes) throws -> Tensor {
    let inflater = try RawInflater(source[entry.contents])
    let head = try NPZ.head(of: entry, inflater, source)
    return try head.withBytes { bytes in
      let npy = FileBytes(bytes: bytes, origin: source.origin, entry: entry.name)
      let header = try NPYHeader(npy)
      try header.check(contentsSize: entry.size, npy)
      let tensor = try header.emptyTensor()
      let room = try ByteBuffer.Room(size: min(header.elementsSize, Pieces.size))
      var (checksum, done) = (try CRC32.update(0, bytes), 0)
      while done < header.elementsSize {
        let part = UnsafeMutableRawBufferPointer(rebasing: room.bytes.prefix(header.elementsSize - done))
        try inflater.fill(part)
        checksum = try CRC32.update(checksum, UnsafeRawBufferPointer(part))
        let elements = FileBytes(
          bytes: UnsafeRawBufferPointer(part), origin: source.origin, entry: entry.name, start: header.size + done)
        try header.element.decode(elements, into: tensor, at: done / header.element.size)
        done += part.count
      }
      try inflater.finish()
      try requireChecksum(checksum, entry, source)
      return try header.inRowMajorOrder(tensor)
    }
  }

  /// The header of a deflated npy file.
  private static func head(of entry: ZipEntry, _ inflater: RawInflater, _ source: FileBytes) throws -> ByteBuffer {
    let preamble = try ByteBuffer(capacity: NPYHeader.longestPreamble)
    _ = try preamble.append(atMost: min(entry.size, NPYHeader.longestPreamble), inflater.fill)
    let size = try preamble.withBytes { bytes in
      let literal = try NPYHeader.literal(FileBytes(bytes: bytes, origin: source.origin, entry: entry.name))
      return min(literal.upperBound, entry.size)
    }
    // Version 1.0 has a shorter preamble, but never a header of less than two bytes.
    guard size > preamble.count else { return preamble }
    let head = try ByteBuffer(capacity: size)
    try preamble.withBytes { bytes in
      _ = try head.append(atMost: bytes.count) { room in
        room.copyMemory(from: bytes)
        return bytes.count
      }
    }
    _ = try head.append(atMost: size - preamble.count, inflater.fill)
    return head
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
