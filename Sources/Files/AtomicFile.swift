import Kernels
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Replaces a file whole or not at all: writes beside it, then renames.
///
/// The bytes go to a temporary file in the same directory. `commit` flushes it to the disk and renames it, so that
/// whoever opens the path sees the old file or the new one, also after a crash. Without `commit` the temporary
/// file is removed and the old file stays. A file that exists keeps its permissions, and a symbolic link keeps pointing.
public final class AtomicFile {
  private static let serial = Atomic<Int>(0)

  private let origin: Origin
  private let destination: String
  private let temporary: String
  private var descriptor: Int32

  /// Opens the temporary file beside `origin.path`.
  ///
  /// - Throws: `FileError` when the path is a directory, a device or a pipe, or its directory can't be written.
  public init(_ origin: Origin) throws {
    try SystemCall.checkPath(origin)
    let existing = try AtomicFile.status(origin)
    self.origin = origin
    destination = existing == nil ? origin.path : AtomicFile.resolve(origin.path)
    (temporary, descriptor) = try AtomicFile.openTemporary(beside: destination, origin)
    if let existing, fchmod(descriptor, existing.st_mode & 0o7777) != 0 { throw SystemCall.failure("write", origin) }
  }

  deinit { discard() }

  /// Writes bytes at the end of the temporary file.
  ///
  /// - Throws: `FileError` when the disk is full or fails; `Interrupted`.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      try Interrupt.check()
      let (file, base, count) = (descriptor, rest.baseAddress, min(rest.count, 1 << 20))
      let written = try SystemCall.retrying { writeBytes(file, base, count) }
      guard written >= 0 else { throw SystemCall.failure("write", origin) }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
  }

  /// Writes text as UTF-8.
  ///
  /// - Throws: as for bytes.
  public func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  /// Puts the temporary file in the place of the destination; nothing can be written after it.
  ///
  /// - Throws: `FileError` when flushing or renaming fails; the old file is then as it was.
  public func commit() throws {
    let file = descriptor
    guard try SystemCall.retrying({ fsync(file) }) == 0 else { throw SystemCall.failure("write", origin) }
    descriptor = -1
    let closed = close(file)
    guard closed == 0, rename(temporary, destination) == 0 else {
      let failure = SystemCall.failure(closed == 0 ? "replace" : "write", origin)
      unlink(temporary)
      throw failure
    }
    flushDirectory()
  }

  /// Replaces the file `origin.path` by what `body` writes.
  ///
  /// - Throws: `FileError`, `Interrupted`, and what `body` throws; the old file is then as it was.
  public static func replace(_ origin: Origin, _ body: (AtomicFile) throws -> Void) throws {
    let file = try AtomicFile(origin)
    try body(file)
    try file.commit()
  }

  private func discard() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    unlink(temporary)
    descriptor = -1
  }

  /// Makes the new name last; where a directory can't be flushed the file is whole all the same.
  private func flushDirectory() {
    let directory = open(AtomicFile.directory(of: destination), O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  private static func status(_ origin: Origin) throws -> stat? {
    var status = stat()
    guard stat(origin.path, &status) == 0 else {
      if errno == ENOENT { return nil }
      throw SystemCall.failure("open", origin)
    }
    if status.st_mode & S_IFMT == S_IFDIR { throw FileError(origin, .directory) }
    if status.st_mode & S_IFMT != S_IFREG { throw FileError(origin, .notRegular) }
    return status
  }

  /// The path behind symbolic links, so that a link is not replaced by a file.
  private static func resolve(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func openTemporary(beside path: String, _ origin: Origin) throws -> (String, Int32) {
    while true {
      let number = serial.wrappingAdd(1, ordering: .relaxed).newValue
      let name = "\(directory(of: path))/.sonde-\(getpid())-\(number).tmp"
      // Mode 0666 less the user's umask, as any new file.
      let descriptor = try SystemCall.retrying { open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
      if descriptor >= 0 { return (name, descriptor) }
      // A name left over from a killed process: take the next.
      guard errno == EEXIST else { throw SystemCall.failure("create", origin) }
    }
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// The system's `write`, under a name that `AtomicFile.write` doesn't hide.
private let writeBytes: @Sendable (Int32, UnsafeRawPointer?, Int) -> Int = { write($0, $1, $2) }
