import Tensors

/// Writes a zip archive as Python's zipfile does for NumPy: zip64 headers, dates of 1 January 1980, mode 0600.
///
/// The same contents make the same bytes.
struct ZipWriter {
  private struct Record {
    let name: [UInt8]
    let flags: UInt16
    let method: ZipEntry.Method
    let checksum: UInt32
    let size: Int
    let packedSize: Int
    let offset: Int
  }

  private static let version: UInt16 = 45
  /// 1 January 1980, midnight.
  private static let date: [UInt8] = [0, 0, 0x21, 0]

  private let file: AtomicFile
  private var position = 0
  private var records: [Record] = []

  /// Begins an archive at the start of `file`.
  init(_ file: AtomicFile) { self.file = file }

  /// Adds an entry whose contents are `parts` one after another; the caller has checked that its name fits 16 bits.
  ///
  /// A deflated entry's sizes stand behind it, since nobody knows them before.
  ///
  /// - Throws: `FileError`, `TensorError.outOfMemory`, `Interrupted`.
  mutating func add(_ name: String, _ parts: [UnsafeRawBufferPointer], isDeflated: Bool) throws {
    let (offset, bytes) = (position, Array(name.utf8))
    let checksum = try parts.reduce(0) { try CRC32.update($0, $1) }
    let size = parts.reduce(0) { $0 + $1.count }
    // Bit 11: the name is UTF-8. Bit 3: sizes follow.
    let flags: UInt16 = (bytes.allSatisfy { $0 < 0x80 } ? 0 : 0x800) | (isDeflated ? 8 : 0)
    let method: ZipEntry.Method = isDeflated ? .deflated : .stored
    var header = LittleEndianBytes([0x50, 0x4b, 3, 4])
    header.add(ZipWriter.version, flags, method.rawValue)
    header.bytes += ZipWriter.date
    header.add(isDeflated ? 0 : checksum, .max, .max)
    header.add(UInt16(bytes.count), 20)
    header.bytes += bytes
    header.add(UInt16(1), 16)
    header.add(UInt64(isDeflated ? 0 : size), UInt64(isDeflated ? 0 : size))
    try write(header)
    let packedSize = isDeflated ? try writeDeflated(parts, checksum, size) : try writeStored(parts)
    records.append(
      Record(
        name: bytes, flags: flags, method: method, checksum: checksum, size: size, packedSize: packedSize,
        offset: offset))
  }

  private mutating func writeStored(_ parts: [UnsafeRawBufferPointer]) throws -> Int {
    let start = position
    for part in parts {
      try file.write(part)
      position += part.count
    }
    return position - start
  }

  private mutating func writeDeflated(
    _ parts: [UnsafeRawBufferPointer], _ checksum: UInt32, _ size: Int
  ) throws -> Int {
    let deflater = try RawDeflater(file)
    for part in parts { try deflater.add(part) }
    try deflater.finish()
    position += deflater.written
    var descriptor = LittleEndianBytes([0x50, 0x4b, 7, 8])
    descriptor.add(checksum)
    descriptor.add(UInt64(deflater.written), UInt64(size))
    try write(descriptor)
    return deflater.written
  }

  /// Writes the directory and the end; nothing can be added after it.
  ///
  /// - Throws: `FileError`, `Interrupted`.
  mutating func finish() throws {
    let start = position
    for record in records { try write(ZipWriter.entry(record)) }
    let (size, count) = (position - start, records.count)
    if count >= 0xffff || start >= 0xffff_ffff || size >= 0xffff_ffff { try writeLargeEnd(start, size, count) }
    var end = LittleEndianBytes([0x50, 0x4b, 5, 6])
    end.add(UInt16(0), 0, UInt16(clamping: count), UInt16(clamping: count))
    end.add(UInt32(clamping: size), UInt32(clamping: start))
    end.add(UInt16(0))
    try write(end)
  }

  private static func entry(_ record: Record) -> LittleEndianBytes {
    let all = 0xffff_ffff
    // Only what doesn't fit 32 bits goes to the zip64 record.
    let isLarge = record.size >= all || record.packedSize >= all
    var large: [UInt64] = isLarge ? [UInt64(record.size), UInt64(record.packedSize)] : []
    if record.offset >= all { large.append(UInt64(record.offset)) }
    var bytes = LittleEndianBytes([0x50, 0x4b, 1, 2])
    // Made on Unix, the 3.
    bytes.add(version | 3 << 8, version, record.flags, record.method.rawValue)
    bytes.bytes += date
    bytes.add(record.checksum, isLarge ? .max : UInt32(record.packedSize), isLarge ? .max : UInt32(record.size))
    bytes.add(UInt16(record.name.count), large.isEmpty ? 0 : UInt16(4 + 8 * large.count), 0, 0, 0)
    bytes.add(UInt32(0o600 << 16), UInt32(clamping: record.offset))
    bytes.bytes += record.name
    if !large.isEmpty {
      bytes.add(UInt16(1), UInt16(8 * large.count))
      for value in large { bytes.add(value) }
    }
    return bytes
  }

  private mutating func writeLargeEnd(_ start: Int, _ size: Int, _ count: Int) throws {
    let end = position
    var bytes = LittleEndianBytes([0x50, 0x4b, 6, 6])
    bytes.add(UInt64(44))
    bytes.add(ZipWriter.version, ZipWriter.version)
    bytes.add(UInt32(0), 0)
    bytes.add(UInt64(count), UInt64(count), UInt64(size), UInt64(start))
    bytes.bytes += [0x50, 0x4b, 6, 7]
    bytes.add(UInt32(0))
    bytes.add(UInt64(end))
    bytes.add(UInt32(1))
    try write(bytes)
  }

  private mutating func write(_ piece: LittleEndianBytes) throws {
    try piece.bytes.withUnsafeBytes { try file.write($0) }
    position += piece.bytes.count
  }
}

/// Bytes made of little-endian integers.
private struct LittleEndianBytes {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func add<Value: FixedWidthInteger>(_ values: Value...) {
    for value in values { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
  }
}
