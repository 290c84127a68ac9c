#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where things of the project lie, wherever it was built.
public enum Project {
  /// The path of a file or directory, given from the project's top folder.
  public static func path(_ name: String, from file: String = #filePath) -> String {
    file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/") + "/" + name
  }

  /// The text of a file of the project, nil where there is none.
  public static func text(_ name: String, from file: String = #filePath) -> String? {
    text(at: path(name, from: file))
  }

  /// The text of any file, also of one that does not know its length; nil where there is none.
  public static func text(at path: String) -> String? {
    guard let stream = fopen(path, "rb") else { return nil }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    while case let byte = getc(stream), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
