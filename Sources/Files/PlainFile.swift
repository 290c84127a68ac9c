import Kernels
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The system's `read`, under a name that `PlainFile.read` doesn't hide.
private let readBytes: @Sendable (Int32, UnsafeMutableRawPointer?, Int) -> Int = { read($0, $1, $2) }

/// The system's `open`, under a name that `PlainFile.open` doesn't hide.
private let openFile: @Sendable (String, Int32) -> Int32 = { open($0, $1) }

/// Reads whole files, bounded.
public enum PlainFile {
  /// The most bytes a file may have unless the caller says otherwise: 16 GiB.
  ///
  /// It ends the reading of an endless device; the memory limit usually speaks first.
  public static let defaultLimit = 1 << 34

  private static let chunk = 1 << 20

  /// Reads the file `origin.path` to its end.
  ///
  /// A pipe or device is read until it ends or passes `limit`; Ctrl-C is answered between two chunks of 1 MiB.
  ///
  /// - Throws: `FileError` when the path is missing, a directory, unreadable or larger than `limit` bytes;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public static func read(_ origin: Origin, limit: Int = defaultLimit) throws -> ByteBuffer {
    let descriptor = try open(origin)
    defer { close(descriptor) }
    let size = try size(of: descriptor, origin) ?? 0
    guard size <= limit else { throw FileError(origin, .tooLarge(limit: limit)) }
    // One byte more than the file is said to have, so that its end shows without the buffer growing.
    return try read(descriptor, into: ByteBuffer(capacity: size + 1), limit: limit, origin)
  }

  /// Opens a file for reading.
  static func open(_ origin: Origin) throws -> Int32 {
    try SystemCall.checkPath(origin)
    let descriptor = try SystemCall.retrying { openFile(origin.path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw SystemCall.failure("open", origin) }
    return descriptor
  }

  /// The size of a regular file, nil for a pipe or a device.
  static func size(of descriptor: Int32, _ origin: Origin) throws -> Int? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemCall.failure("read", origin) }
    if status.st_mode & S_IFMT == S_IFDIR { throw FileError(origin, .directory) }
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  private static func read(
    _ descriptor: Int32, into buffer: ByteBuffer, limit: Int, _ origin: Origin
  ) throws -> ByteBuffer {
    while true {
      try Interrupt.check()
      let got = try buffer.append(atMost: chunk) { room in
        let got = try SystemCall.retrying { readBytes(descriptor, room.baseAddress, room.count) }
        guard got >= 0 else { throw SystemCall.failure("read", origin) }
        return got
      }
      if got == 0 { return buffer }
      if buffer.count > limit { throw FileError(origin, .tooLarge(limit: limit)) }
    }
  }
}
