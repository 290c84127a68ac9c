#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How much memory this machine, or the control group the process runs in, has to give.
enum MachineMemory {
  /// The bytes available now; nil where the system does not tell.
  static var available: Int? {
    let machine = field("MemAvailable:", in: text(of: "/proc/meminfo")).map { $0 * 1024 }
    let group =
      Int(text(of: "/sys/fs/cgroup/memory.max").trimmed)
      ?? Int(
        text(of: "/sys/fs/cgroup/memory/memory.limit_in_bytes").trimmed)
    return [machine, group].compactMap { $0 }.min()
  }

  /// The number behind a name at the start of a line.
  private static func field(_ name: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
    return nil
  }

  static func text(of path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}

extension String {
  /// The text without white space at its ends.
  var trimmed: String {
    let start = drop { $0.isWhitespace }
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...end])
  }
}
