import Kernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file of lines that only grows: a line is in it whole, or it is not.
///
/// Whoever is killed while it writes leaves at most the beginning of a line at the end; that is passed over, and taken off
/// before the next line. The file is locked against other processes as long as this object lives. A file that is missing
/// is made with the first line, and what is there is not touched before. Lines are not flushed to the disk one by one:
/// they outlive the process, not a loss of power.
public final class LineFile {
  /// The most bytes a file may have: 1 GiB.
  public static let limit = 1 << 30

  /// The whole lines that were there, without their ends.
  public let lines: [String]
  /// What was behind the last end of a line.
  public let rest: String

  private let origin: Origin
  private var descriptor: Int32
  /// How many bytes the whole lines take.
  private var length: Int

  /// Opens, locks and reads the file `origin.path`, where there is one.
  ///
  /// - Throws: `FileError` when the path is a directory, a device or a pipe, can't be read or written, is larger than
  ///   `limit` bytes, or another process has it open as such a file; `Interrupted`.
  public init(_ origin: Origin) throws {
    try SystemCall.checkPath(origin)
    self.origin = origin
    let opened = try LineFile.open(origin, creates: false)
    do {
      let text = try opened < 0 ? "" : LineFile.text(opened, origin)
      let end = text.utf8.lastIndex(of: UInt8(ascii: "\n")).map { text.utf8.index(after: $0) } ?? text.utf8.startIndex
      rest = String(text[end...])
      length = text.utf8.distance(from: text.utf8.startIndex, to: end)
      // by bytes: a character may hold the end of a line and what is around it
      lines = text.utf8[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        .map { String(Substring($0)) }
      descriptor = opened
    } catch {
      close(opened)
      throw error
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The file's number in this process, -1 before it is made: a child that is forked has it open too.
  public var number: Int32 { descriptor }

  /// Writes a line, which holds no end of one, behind the others.
  ///
  /// - Throws: `FileError` when the disk is full or fails; what was written of the line is taken off again.
  public func append(_ line: String) throws {
    if descriptor < 0 { descriptor = try LineFile.open(origin, creates: true) }
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw SystemCall.failure("append to", origin) }
    var bytes = Array((line + "\n").utf8)[...]
    while !bytes.isEmpty {
      let place = off_t(length + line.utf8.count + 1 - bytes.count)
      let written = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, place) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else {
        let failure = SystemCall.failure("append to", origin)
        ftruncate(descriptor, off_t(length))
        throw failure
      }
      bytes = bytes.dropFirst(written)
    }
    length += line.utf8.count + 1
  }

  /// Opens and locks the file; -1 where there is none and none is to be made.
  private static func open(_ origin: Origin, creates: Bool) throws -> Int32 {
    let flags = O_RDWR | O_CLOEXEC | O_NONBLOCK | (creates ? O_CREAT : 0)
    let file = try SystemCall.retrying { openFile(origin.path, flags) }
    if file < 0, errno == ENOENT, !creates { return -1 }
    guard file >= 0 else {
      throw errno == EISDIR ? FileError(origin, .directory) : SystemCall.failure(creates ? "create" : "open", origin)
    }
    do {
      try check(file, isNew: creates, origin)
      return file
    } catch {
      close(file)
      throw error
    }
  }

  private static func check(_ file: Int32, isNew: Bool, _ origin: Origin) throws {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw SystemCall.failure("open", origin) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileError(origin, .notRegular) }
    // a lock of the process, which its children have no part in: it goes with the process, however that ends
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    guard fcntl(file, F_SETLK, &lock) == 0 else {
      throw errno == EAGAIN || errno == EACCES ? FileError(origin, .inUse) : SystemCall.failure("lock", origin)
    }
    // made by another process since it was looked for
    if isNew, status.st_size > 0 { throw FileError(origin, .inUse) }
  }

  private static func text(_ file: Int32, _ origin: Origin) throws -> String {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw SystemCall.failure("read", origin) }
    guard status.st_size <= limit else { throw FileError(origin, .tooLarge(limit: limit)) }
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let got = try SystemCall.retrying { pread(file, &room, room.count, off_t(bytes.count)) }
      guard got >= 0 else { throw SystemCall.failure("read", origin) }
      if got == 0 { return try text(bytes, origin) }
      bytes += room[..<got]
    }
  }

  /// The bytes as text, which must be UTF-8 but for the beginning of a character where writing was cut off.
  private static func text(_ bytes: [UInt8], _ origin: Origin) throws -> String {
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    guard let whole = String(validating: bytes[..<end], as: UTF8.self) else {
      throw FileError(origin, .notText)
    }
    return whole + String(decoding: bytes[end...], as: UTF8.self)
  }
}

/// The system's `open`, under a name that `LineFile.open` doesn't hide.
private let openFile: @Sendable (String, Int32) -> Int32 = { open($0, $1, 0o666) }
