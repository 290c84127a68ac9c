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

  /// The entries of a text or of its end, oldest first; what stands before the first time belongs to none.
  ///
  /// Zeros are left out: readline's lines can't hold them.
  static func entries(_ text: [UInt8]) -> [[UInt8]] {
    var entries: [[UInt8]] = []
    var lines: [ArraySlice<UInt8>]?
    for line in text.split(separator: newline, omittingEmptySubsequences: false) {
      guard isTime(line) else {
        lines?.append(line.first == mark ? line.dropFirst() : line)
        continue
      }
      if let lines { entries.append(joined(lines)) }
      lines = []
    }
    // behind the last newline stands nothing
    if let lines { entries.append(joined(lines.last?.isEmpty == true ? lines.dropLast() : lines)) }
    return entries.filter { !$0.isEmpty }
  }

  /// The newest entries, each once, where it was used last: at most `count`, and about `bytes` in all.
  static func newest(_ entries: [[UInt8]], count: Int, bytes: Int) -> [[UInt8]] {
    var (seen, kept, room) = (Set<[UInt8]>(), [[UInt8]](), bytes)
    for entry in entries.reversed() where kept.count < count && seen.insert(entry).inserted {
      room -= entry.count
      if room < 0 { break }
      kept.append(entry)
    }
    return kept.reversed()
  }

  private static func isTime(_ line: ArraySlice<UInt8>) -> Bool {
    line.count > 1 && line.first == hash && line.dropFirst().allSatisfy { (48...57).contains($0) }
  }

  private static func joined(_ lines: some Sequence<ArraySlice<UInt8>>) -> [UInt8] {
    lines.joined(separator: [newline]).filter { $0 != 0 }
  }
}
