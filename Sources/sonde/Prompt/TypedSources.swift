import CProcess

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The text of what was typed and of the files that run, for errors that show the line they come from.
///
/// A chunk that makes functions is called `stdin[n]`, for a function may fail long after; another is `stdin` as in lua.c.
final class TypedSources {
  /// What runs now.
  private(set) var current: [UInt8] = []
  private var numbered: [[UInt8]] = []
  private static let longestFile = 4 << 20

  /// A line, as part of the text it stands in.
  struct Excerpt {
    let text: [UInt8]
    let range: Range<Int>
    let number: Int
    /// Whether it is of the chunk that runs now.
    var isCurrent = false
  }

  /// Takes a new chunk for the current one.
  func begin(_ text: [UInt8]) { current = text }

  /// The name under which the current chunk is compiled.
  func name(hasFunctions: Bool) -> String {
    guard hasFunctions else { return "=stdin" }
    numbered.append(current)
    return "=stdin[\(numbered.count)]"
  }

  /// The text of a chunk by the name under which it was compiled; nil for any other.
  func text(named name: String) -> [UInt8]? {
    guard name.hasPrefix("=stdin["), let number = Int(name.dropFirst(7).dropLast()) else { return nil }
    return numbered.indices.contains(number - 1) ? numbered[number - 1] : nil
  }

  /// The line of a chunk that messages call `shown`; `source` is the name it was loaded with, where that is known.
  func excerpt(shown: String, source: String?, line: Int) -> Excerpt? {
    if shown == "stdin" { return TypedSources.line(line, of: current, isCurrent: true) }
    if shown.hasPrefix("stdin["), let number = Int(shown.dropFirst(6).dropLast()), numbered.indices.contains(number - 1)
    {
      return TypedSources.line(line, of: numbered[number - 1], isCurrent: false)
    }
    guard let source else { return shown.hasPrefix("[") || shown.hasPrefix("...") ? nil : fileLine(line, shown) }
    switch source.utf8.first {
    case UInt8(ascii: "@"): return fileLine(line, String(source.dropFirst()))
    case UInt8(ascii: "="): return nil
    // a string that was loaded is its own name; the end of a long one is not there
    default: return source.utf8.count < 500 ? TypedSources.line(line, of: Array(source.utf8), isCurrent: false) : nil
    }
  }

  private static func line(_ number: Int, of text: [UInt8], isCurrent: Bool) -> Excerpt? {
    var start = 0
    var left = number - 1
    while left > 0 {
      guard let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
      start = end + 1
      left -= 1
    }
    guard number > 0 else { return nil }
    let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
    return Excerpt(text: text, range: start..<end, number: number, isCurrent: isCurrent)
  }

  /// Reads the line of a file as it is now; a file that is no regular one, or huge, is not read, and none in the sandbox, where
  /// a chunk may bear the name of any.
  private func fileLine(_ number: Int, _ path: String) -> Excerpt? {
    var status = stat()
    guard !sonde_sandbox_is_on(), stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= TypedSources.longestFile, let file = fopen(path, "r")
    else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = fread(&bytes, 1, bytes.count, file)
    return TypedSources.line(number, of: Array(bytes[..<count]), isCurrent: false)
  }
}
