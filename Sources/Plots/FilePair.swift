#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One end of a pipe or socket, closed at the latest when nobody holds it.
final class FileEnd {
  private(set) var descriptor: Int32

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit { close() }

  func close() {
    if descriptor >= 0 { closeFile(descriptor) }
    descriptor = -1
  }

  /// Sends as much as there is room for; what is left, and nothing when nobody reads any more.
  func send(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = bytes
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { sendBytes(descriptor, $0.baseAddress, $0.count) }
      if sent < 0 && errno == EINTR { continue }
      if sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) { return rest }
      guard sent > 0 else { return [] }
      rest = rest.dropFirst(sent)
    }
    return rest
  }

  /// Reads what there is; closes at the end.
  func receive(into bytes: inout [UInt8]) {
    guard descriptor >= 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = readBytes(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) { return }
      guard count > 0 else { return close() }
      bytes += buffer.prefix(count)
      // so that whoever watches the amount gets a look at it
      if bytes.count > 1 << 26 { return }
    }
  }
}

/// A pipe or socket between us and a child; our end never blocks, and no other child inherits either.
struct FilePair {
  enum Kind {
    /// From the child to us.
    case pipe
    /// From us to the child; a reader that is gone is an error and no signal.
    case socket
  }

  let own: FileEnd
  let child: FileEnd

  init(_ kind: Kind, _ program: String) throws {
    var ends: [Int32] = [-1, -1]
    guard FilePair.open(kind, &ends) == 0 else {
      throw GnuplotError.unstartable(program: program, code: errno)
    }
    // In a process whose standard files are closed, an end would be what the child's own files replace.
    (own, child) = kind == .pipe ? (raised(ends[0]), raised(ends[1])) : (raised(ends[1]), raised(ends[0]))
    guard own.descriptor >= 0, child.descriptor >= 0 else {
      throw GnuplotError.unstartable(program: program, code: errno)
    }
    _ = fcntl(own.descriptor, F_SETFL, fcntl(own.descriptor, F_GETFL) | O_NONBLOCK)
    #if canImport(Darwin)
      var yes: Int32 = 1
      setsockopt(own.descriptor, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
    #endif
  }

  private static func open(_ kind: Kind, _ ends: inout [Int32]) -> Int32 {
    if kind == .pipe { return pipe(&ends) }
    #if canImport(Glibc)
      return socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
    #else
      return socketpair(AF_UNIX, SOCK_STREAM, 0, &ends)
    #endif
  }

}

/// The same file under a number above the standard ones, closed in children; -1 where there is none left.
private func raised(_ descriptor: Int32) -> FileEnd {
  let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
  let code = errno
  closeFile(descriptor)
  errno = code
  return FileEnd(copy)
}

private func sendBytes(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  #if canImport(Glibc)
    send(file, bytes, count, Int32(MSG_NOSIGNAL))
  #else
    send(file, bytes, count, 0)
  #endif
}

/// The system's `read` and `close`, under names that methods don't hide.
private func readBytes(_ file: Int32, _ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int {
  read(file, bytes, count)
}
private func closeFile(_ file: Int32) { _ = close(file) }
