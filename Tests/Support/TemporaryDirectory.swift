#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A directory of its own for one test, removed with everything in it when the last reference goes.
public final class TemporaryDirectory {
  /// Its path, without a slash at the end.
  public let path: String

  /// Makes an empty directory below `/tmp`, or returns nil where that fails.
  public init?() {
    var template = Array("/tmp/sonde-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else { return nil }
    path = made
  }

  deinit { TemporaryDirectory.remove(path) }

  /// Removes a directory with everything in it, links as links.
  private static func remove(_ path: String) {
    for name in names(in: path) {
      let entry = "\(path)/\(name)"
      if unlink(entry) != 0 { remove(entry) }
    }
    rmdir(path)
  }

  /// Writes a file into the directory, or one below it that is made, and returns its path; a test that reads it back fails
  /// where this does.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = "\(path)/\(name)"
    var directory = path
    for part in name.split(separator: "/").dropLast() {
      directory += "/" + part
      mkdir(directory, 0o700)
    }
    guard let stream = fopen(file, "wb") else { return file }
    fwrite(bytes, 1, bytes.count, stream)
    fclose(stream)
    return file
  }

  /// The bytes of a file in the directory, nil where there is none.
  public func read(_ name: String) -> [UInt8]? {
    guard let stream = fopen("\(path)/\(name)", "rb") else { return nil }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    while case let byte = getc(stream), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    return bytes
  }

  /// The names of the files in the directory, sorted.
  public func names() -> [String] { TemporaryDirectory.names(in: path) }

  private static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
