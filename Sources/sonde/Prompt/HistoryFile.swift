#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where the history of the prompt is kept: `sonde/history` under XDG's state directory.
enum HistoryFile {
  /// The path, its directories made where that is possible; nil without a home.
  ///
  /// The XDG Base Directory Specification has relative paths in `XDG_STATE_HOME` ignored.
  static func path() -> String? {
    guard let state = variable("XDG_STATE_HOME") ?? variable("HOME").map({ $0 + "/.local/state" }) else { return nil }
    var directory = ""
    for part in "\(state)/sonde".split(separator: "/") {
      directory += "/" + part
      mkdir(directory, 0o700)
    }
    return directory + "/history"
  }

  /// An absolute path from the environment.
  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil }
  }
}
