/// The history's entries as text: a line `#` and the seconds since 1970 before each, as readline and bash write it.
///
/// An entry may have several lines; one that begins with `#` or `\` has a `\` in front, or it could be taken for a time.
enum HistoryText {
  private static let hash = UInt8(ascii: "#")
  private static let mark = UInt8(ascii: "\\")
  private static let newline = UInt8(ascii: "\n")

  static func encoded(_ entry: [UInt8], time: Int) -> [UInt8] {
    var text = Array("#\(time)\n".utf8)
    for line in entry.split(separator: newline, omittingEmptySubsequences: false) {
      if line.first == hash || line.first == mark { text.append(mark) }
      text += line
      text.append(newline)
    }
    return text
  }

  /// The newest entries of a text or of its end, the oldest of them first.
  struct Newest: Equatable {
    var entries: [[UInt8]] = []
    /// How many were looked at: some come several times.
    var seen = 0
    /// How many bytes at the text's start were not.
    var unseen = 0
  }

  /// The newest entries, each once, where it was used last: at most `count`, and about `bytes` in all.
  ///
  /// The text is read from its end, no further than is needed and, where entries come over and over, no more than ten times
  /// `count` of them.
  static func newest(in text: [UInt8], count: Int, bytes: Int) -> Newest {
    var newest = Newest()
    var (known, room) = (Set<[UInt8]>(), bytes)
    newest.unseen = readBackward(text) { entry in
      newest.seen += 1
      if known.insert(entry).inserted {
        room -= entry.count
        if room >= 0 { newest.entries.append(entry) }
      }
      return room >= 0 && newest.entries.count < count && newest.seen < 10 * count
    }
    newest.entries.reverse()
    return newest
  }

  /// All entries of a text, oldest first; what stands before the first time belongs to none.
  static func entries(_ text: [UInt8]) -> [[UInt8]] {
    var entries: [[UInt8]] = []
    _ = readBackward(text) { entry in
      entries.append(entry)
      return true
    }
    return entries.reversed()
  }

  /// Gives the entries, the newest first, until the answer is false; answers how many bytes are left then.
  private static func readBackward(_ text: [UInt8], _ take: ([UInt8]) -> Bool) -> Int {
    text.withUnsafeBufferPointer { bytes in
      // behind the last newline stands nothing
      var entryEnd = bytes.last == newline ? bytes.count - 1 : bytes.count
      var lineEnd = entryEnd
      while lineEnd >= 0 {
        var start = lineEnd
        while start > 0, bytes[start - 1] != newline { start -= 1 }
        if isTime(bytes[start..<lineEnd]) {
          let entry = lineEnd < entryEnd ? decoded(bytes[(lineEnd + 1)..<entryEnd]) : []
          if !entry.isEmpty, !take(entry) { return start }
          entryEnd = start - 1
        }
        lineEnd = start - 1
      }
      return 0
    }
  }

  private static func isTime(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    line.count > 1 && line.first == hash && line.dropFirst().allSatisfy { (48...57).contains($0) }
  }

  /// The lines without the marks in front.
  ///
  /// Zeros are left out: readline's lines can't hold them.
  private static func decoded(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
    var entry: [UInt8] = []
    entry.reserveCapacity(text.count)
    var startsLine = true
    for byte in text {
      if byte != 0, !(startsLine && byte == mark) { entry.append(byte) }
      startsLine = byte == newline
    }
    return entry
  }
}
