import CProcess

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The file that keeps the history of the prompt across sessions, several of which may have it open.
///
/// Each entry is appended whole and at once, under a lock: no session's end, whatever ends it, loses any.
struct HistoryFile {
  /// Why the history is not kept in a file.
  struct Failure: Error {
    /// One line without its end: what, why and the cure.
    let text: String

    init(_ path: String, _ reason: String) {
      text =
        "the history is not kept in \(path): \(reason); SONDE_HISTORY names another file, or none where it is empty"
    }
  }

  static let entryLimit = 10_000
  /// Of a file only this many bytes are read, and more are dropped in time.
  static let byteLimit = 4 << 20

  let path: String

  // MARK: Where it is

  /// The file that `SONDE_HISTORY` names, else `sonde/history` under XDG's state directory; nil where none is wanted, and in the
  /// sandbox.
  ///
  /// The XDG Base Directory Specification has relative paths in `XDG_STATE_HOME` ignored.
  static func chosen() throws(Failure) -> HistoryFile? {
    if sonde_sandbox_is_on() { return nil }
    if let named = getenv("SONDE_HISTORY").map({ String(cString: $0) }) {
      return named.isEmpty ? nil : HistoryFile(path: resolved(named))
    }
    guard let state = directory("XDG_STATE_HOME") ?? directory("HOME").map({ $0 + "/.local/state" }) else {
      throw Failure("a file", "neither XDG_STATE_HOME nor HOME is the path of a directory")
    }
    var directory = ""
    for part in "\(state)/sonde".split(separator: "/") {
      directory += "/" + part
      mkdir(directory, 0o700)
    }
    return HistoryFile(path: resolved(directory + "/history"))
  }

  /// An absolute path from the environment.
  private static func directory(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil }
  }

  /// The path of what a link leads to, so that a new file takes its place and not the link's; as it is where there is none.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  // MARK: Entries

  /// The newest entries, each once and the oldest first, and why new ones can't be kept here.
  func load() -> (entries: [[UInt8]], failure: Failure?) {
    do throws(Failure) {
      return (try readAndShorten(), nil)
    } catch {
      // what may be read but not written is of use still
      let newest = try? withFile(O_RDONLY) { file, size throws(Failure) in read(file, size: size) }
      return (newest?.entries ?? [], error)
    }
  }

  private func readAndShorten() throws(Failure) -> [[UInt8]] {
    try withFile(O_RDWR | O_CREAT) { file, size throws(Failure) in
      let newest = read(file, size: size)
      let entries = newest.entries
      // Another program's file, or what a crash has made of ours, is no place to write into.
      if entries.isEmpty && size > 0 { throw Failure(path, "it holds no entries of a history, and is left as it is") }
      let isLong = size > 2 * HistoryFile.byteLimit || newest.unseen > size / 2
      if isLong || newest.seen > 2 * entries.count + 1000 { replace(with: entries) }
      return entries
    }
  }

  /// Appends an entry; one that would fill the file by itself is left out.
  func append(_ entry: [UInt8]) throws(Failure) {
    guard entry.count <= HistoryFile.byteLimit / 2 else { return }
    try withFile(O_RDWR | O_CREAT | O_APPEND) { file, size throws(Failure) in
      var last = UInt8(ascii: "\n")
      if size > 0 { pread(file, &last, 1, off_t(size - 1)) }
      // what a full disk has cut off goes on no line of ours
      let start: [UInt8] = last == UInt8(ascii: "\n") ? [] : [UInt8(ascii: "\n")]
      guard store(start + HistoryText.encoded(entry, time: time(nil)), to: file) else {
        let reason = String(cString: strerror(errno))
        ftruncate(file, off_t(size))
        throw Failure(path, reason)
      }
    }
  }

  /// The newest entries of the file's end.
  private func read(_ file: Int32, size: Int) -> HistoryText.Newest {
    var bytes = [UInt8](repeating: 0, count: min(size, 2 * HistoryFile.byteLimit))
    var count = 0
    while count < bytes.count {
      let start = off_t(size - bytes.count + count)
      let part = bytes.withUnsafeMutableBytes {
        pread(file, $0.baseAddress.map { $0 + count }, $0.count - count, start)
      }
      guard part > 0 else { break }
      count += part
    }
    bytes.removeSubrange(count...)
    return HistoryText.newest(in: bytes, count: HistoryFile.entryLimit, bytes: HistoryFile.byteLimit)
  }

  /// Puts a shorter file in the place of this one, whose lock is held; where that fails the long one stays.
  private func replace(with entries: [[UInt8]]) {
    let new = "\(path).\(getpid())"
    let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    let now = time(nil)
    let isWhole = store(entries.flatMap { HistoryText.encoded($0, time: now) }, to: file) && fsync(file) == 0
    close(file)
    if !isWhole || rename(new, path) != 0 { unlink(new) }
  }

  // MARK: The file itself

  /// Opens the file, locks it and lends it with its size.
  private func withFile<Result>(
    _ flags: Int32, _ body: (_ file: Int32, _ size: Int) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (file, size) = try opened(flags)
    defer { close(file) }
    return try body(file, size)
  }

  private func opened(_ flags: Int32) throws(Failure) -> (file: Int32, size: Int) {
    while true {
      let file = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
      guard file >= 0 else { throw Failure(path, String(cString: strerror(errno))) }
      lock(file)
      var (held, named) = (stat(), stat())
      guard fstat(file, &held) == 0, held.st_mode & S_IFMT == S_IFREG else {
        close(file)
        throw Failure(path, "it is no regular file")
      }
      // Another session may have put a shorter one in its place before the lock was ours.
      if stat(path, &named) != 0 || (named.st_ino, named.st_dev) == (held.st_ino, held.st_dev) {
        return (file, Int(held.st_size))
      }
      close(file)
    }
  }

  /// Waits for the lock, but not for a session that was stopped while it held it.
  private func lock(_ file: Int32) {
    for _ in 0..<50 {
      if flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { return }
      usleep(10_000)
    }
  }

  private func store(_ bytes: [UInt8], to file: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else { return false }
      rest = rest.dropFirst(max(count, 0))
    }
    return true
  }
}
