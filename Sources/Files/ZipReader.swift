import Tensors

// The zip format: entries, each with a header of its own, then a central directory that lists them, then the end
// record. Source: PKWARE's APPNOTE 6.3.10, sections 4.3 to 4.5. The directory is what counts; headers must agree.

/// One entry of a zip archive.
struct ZipEntry {
  /// The methods we read.
  enum Method: UInt16 {
    case stored = 0
    case deflated = 8
  }

  let name: String
  let method: Method
  let checksum: UInt32
  /// The size of the contents when inflated, in bytes.
  let size: Int
  /// Where the entry lies in the file, its header included.
  let extent: Range<Int>
  /// Where its contents lie in the file.
  let contents: Range<Int>
}

/// Reads the directory of a zip archive that is in memory.
struct ZipReader {
  /// Deflate can't make more of a byte than this.
  private static let largestRatio = 1032
  private static let endRecordSize = 22
  private static let entryRecordSize = 46
  private static let headerSize = 30

  private let source: FileBytes
  /// Where the central directory lies.
  private var directory = 0..<0
  private var entryCount = 0

  /// Finds the central directory.
  ///
  /// - Throws: `FileError` with the byte position when there is none or it doesn't lie in the file.
  init(_ source: FileBytes) throws {
    self.source = source
    guard source.has([0x50, 0x4b], at: 0) else {
      let got = source.count == 0 ? "no bytes" : source.quoted(0..<min(2, source.count))
      throw source.failure("a zip archive, which begins with 'PK'", got: got, at: 0)
    }
    let record = try endRecord()
    try readEndRecord(at: record)
  }

  // MARK: The end

  /// The position of the end record, which a comment may follow.
  private func endRecord() throws -> Int {
    let last = source.end - ZipReader.endRecordSize
    var position = last
    while position >= max(0, last - 0xffff) {
      if source.has([0x50, 0x4b, 5, 6], at: position), position + Int(short(position + 20)) == last { return position }
      position -= 1
    }
    throw source.failure(
      "a zip archive's end record", got: FileBytes.endOfFile, at: source.end, cure: FileBytes.fetchAgain)
  }

  private mutating func readEndRecord(at record: Int) throws {
    var (disk, count, size, offset) = (
      max(short(record + 4), short(record + 6)), Int(short(record + 10)), Int(long(record + 12)), Int(long(record + 16))
    )
    var end = record
    if let large = try largeEndRecord(before: record) {
      disk = long(large + 16) == 0 && long(large + 20) == 0 ? 0 : 1
      (count, size, offset) = (try quad(large + 32), try quad(large + 40), try quad(large + 48))
      end = large
    }
    guard disk == 0 else { throw source.failure("an archive in one file", got: "a part of several", at: record + 4) }
    guard size <= end, offset == end - size else {
      throw source.failure(
        "a central directory that ends at byte \(end)", got: "\(size) bytes from byte \(offset) on", at: record + 12)
    }
    guard count <= size / ZipReader.entryRecordSize else {
      throw source.failure(
        "a central directory with room for its entries", got: "\(count) entries in \(size) bytes", at: record + 8)
    }
    directory = offset..<end
    entryCount = count
  }

  /// The position of the zip64 end record, nil where there is none.
  private func largeEndRecord(before record: Int) throws -> Int? {
    let locator = record - 20
    guard source.has([0x50, 0x4b, 6, 7], at: locator) else { return nil }
    let position = try quad(locator + 8)
    guard position <= locator - 56, source.has([0x50, 0x4b, 6, 6], at: position) else {
      throw source.failure("a zip64 end record", got: "none at byte \(position)", at: locator + 8)
    }
    return position
  }

  // MARK: The directory

  /// The entries in the order of the directory; no two overlap or bear one name.
  ///
  /// - Throws: `FileError` with the byte position for whatever is damaged, encrypted, or of another method.
  func entries() throws -> [ZipEntry] {
    var (entries, names): ([ZipEntry], Set<[UInt8]>) = ([], [])
    var position = directory.lowerBound
    for _ in 0..<entryCount {
      let start = position
      let entry = try readEntry(&position)
      guard names.insert(Array(entry.name.utf8)).inserted else {
        throw source.failure(
          "a name of its own for every entry", got: "\(Excerpt.quoted(entry.name.utf8)) twice", at: start + 46)
      }
      entries.append(entry)
    }
    guard position == directory.upperBound else {
      throw source.failure(
        "the end of the directory behind \(entryCount) entries",
        got: "\(Excerpt.bytes(directory.upperBound - position)) more", at: position)
    }
    try requireApart(entries)
    return entries
  }

  /// Refuses entries that share bytes, the trick of bombs that inflate one block many times.
  private func requireApart(_ entries: [ZipEntry]) throws {
    let sorted = entries.sorted { $0.extent.lowerBound < $1.extent.lowerBound }
    for (first, second) in zip(sorted, sorted.dropFirst()) where second.extent.lowerBound < first.extent.upperBound {
      throw source.failure(
        "entries that don't overlap",
        got: "\(Excerpt.quoted(second.name.utf8)) inside \(Excerpt.quoted(first.name.utf8))",
        at: second.extent.lowerBound)
    }
  }

  private func readEntry(_ position: inout Int) throws -> ZipEntry {
    let start = position
    guard start + ZipReader.entryRecordSize <= directory.upperBound, source.has([0x50, 0x4b, 1, 2], at: start) else {
      throw source.failure("an entry of the central directory", got: source.shown(at: start), at: start)
    }
    let nameEnd = start + ZipReader.entryRecordSize + Int(short(start + 28))
    let extraEnd = nameEnd + Int(short(start + 30))
    position = extraEnd + Int(short(start + 32))
    guard position <= directory.upperBound else {
      throw source.failure("a directory entry that ends in the directory", got: "a longer one", at: start + 28)
    }
    try requirePlain(flags: short(start + 8), at: start + 8)
    let name = try name((start + ZipReader.entryRecordSize)..<nameEnd)
    guard let method = ZipEntry.Method(rawValue: short(start + 10)) else {
      throw source.failure(
        "entries stored (0) or deflated (8)", got: "method \(short(start + 10)) of \(Excerpt.quoted(name.utf8))",
        at: start + 10)
    }
    var sizes = ZipSizes(size: Int(long(start + 24)), packedSize: Int(long(start + 20)), offset: Int(long(start + 42)))
    try sizes.widen(source, extra: nameEnd..<extraEnd)
    return try entry(name, method, sizes, start)
  }

  /// Joins what the directory says of an entry with what its own header says.
  private func entry(_ name: String, _ method: ZipEntry.Method, _ sizes: ZipSizes, _ start: Int) throws -> ZipEntry {
    let largest = sizes.packedSize.multipliedReportingOverflow(by: ZipReader.largestRatio)
    guard method == .stored ? sizes.size == sizes.packedSize : largest.overflow || sizes.size <= largest.partialValue
    else {
      throw source.failure(
        method == .stored ? "\(sizes.packedSize) bytes of a stored entry" : "a size that deflate can reach",
        got: "\(sizes.size) bytes in \(sizes.packedSize)", at: start + 24)
    }
    let header = sizes.offset
    guard header <= directory.lowerBound - ZipReader.headerSize, source.has([0x50, 0x4b, 3, 4], at: header) else {
      throw source.failure("the header of \(Excerpt.quoted(name.utf8))", got: "none at byte \(header)", at: start + 42)
    }
    let nameEnd = header + ZipReader.headerSize + Int(short(header + 26))
    let first = nameEnd + Int(short(header + 28))
    guard first <= directory.lowerBound, sizes.packedSize <= directory.lowerBound - first else {
      throw source.failure(
        "an entry that ends before byte \(directory.lowerBound)",
        got: "\(sizes.packedSize) bytes from byte \(first) on",
        at: start + 20)
    }
    try requireAgreement(header, nameEnd..<first, name, sizes, start)
    let end = first + sizes.packedSize
    return ZipEntry(
      name: name, method: method, checksum: long(start + 16), size: sizes.size, extent: header..<end,
      contents: first..<end)
  }

  /// Refuses a header that says something else than the directory.
  private func requireAgreement(
    _ header: Int, _ extra: Range<Int>, _ name: String, _ sizes: ZipSizes, _ start: Int
  ) throws {
    try requirePlain(flags: short(header + 6), at: header + 6)
    let bytes = source[(header + ZipReader.headerSize)..<extra.lowerBound].bytes
    guard bytes.elementsEqual(name.utf8) else {
      throw source.failure(
        "the directory's name \(Excerpt.quoted(name.utf8))", got: Excerpt.quoted(bytes), at: header + 30)
    }
    guard short(header + 8) == short(start + 10) else {
      throw source.failure("the directory's method \(short(start + 10))", got: "\(short(header + 8))", at: header + 8)
    }
    // Bit 3: checksum and sizes stand behind the contents, where nobody needs them.
    if short(header + 6) & 8 != 0 { return }
    var own = ZipSizes(size: Int(long(header + 22)), packedSize: Int(long(header + 18)), offset: sizes.offset)
    try own.widen(source, extra: extra)
    guard own.size == sizes.size, own.packedSize == sizes.packedSize, long(header + 14) == long(start + 16) else {
      throw source.failure("the directory's sizes and checksum", got: "others", at: header + 14)
    }
  }

  private func requirePlain(flags: UInt16, at position: Int) throws {
    // Bits 0, 6 and 13: encryption of the contents, strong, and of the directory.
    if flags & 0x2041 != 0 {
      throw source.failure("an entry that isn't encrypted", got: "an encrypted one", at: position)
    }
  }

  private func name(_ range: Range<Int>) throws -> String {
    guard let name = String(validating: source[range].bytes, as: UTF8.self), !name.utf8.contains(0) else {
      throw source.failure("a name in UTF-8 without zero bytes", got: source.quoted(range), at: range.lowerBound)
    }
    return name
  }

  // MARK: Numbers

  private func short(_ position: Int) -> UInt16 { source.load(UInt16.self, at: position) }

  private func long(_ position: Int) -> UInt32 { source.load(UInt32.self, at: position) }

  private func quad(_ position: Int) throws -> Int { try source.size(at: position) }
}

extension FileBytes {
  /// The 64-bit size or offset at a position, which the caller has checked.
  ///
  /// - Throws: `FileError` when it is beyond what any file holds.
  func size(at position: Int) throws -> Int {
    let value = load(UInt64.self, at: position)
    guard value < 1 << 62 else { throw failure("a size or offset within the file", got: "\(value)", at: position) }
    return Int(value)
  }
}

/// The sizes and the offset of an entry, which a zip64 record replaces where they don't fit 32 bits.
private struct ZipSizes {
  var size: Int
  var packedSize: Int
  var offset: Int

  /// Takes 64-bit values from the extra field for those that are all ones.
  mutating func widen(_ source: FileBytes, extra: Range<Int>) throws {
    let all = 0xffff_ffff
    guard size == all || packedSize == all || offset == all else { return }
    var position = extra.lowerBound
    while position + 4 <= extra.upperBound {
      let end = position + 4 + Int(source.load(UInt16.self, at: position + 2))
      guard end <= extra.upperBound else { break }
      if source.load(UInt16.self, at: position) == 1 {
        var next = position + 4
        for field in [\ZipSizes.size, \.packedSize, \.offset] where self[keyPath: field] == all && next + 8 <= end {
          self[keyPath: field] = try source.size(at: next)
          next += 8
        }
        return
      }
      position = end
    }
  }
}
