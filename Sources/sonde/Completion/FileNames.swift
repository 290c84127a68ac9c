import CProcess
import LuaAPI

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The files that a path at the cursor may go on with.
struct FileNames {
  /// The path as typed, without escapes.
  let typed: [UInt8]
  /// The most entries of a directory that are looked at.
  private static let most = 20_000

  private static let slash = UInt8(ascii: "/")

  init(_ typed: some Sequence<UInt8>) { self.typed = Array(typed) }

  /// The part of the path up to its last slash, `~` and all; empty for the directory the program is in.
  private var directory: ArraySlice<UInt8> {
    typed.lastIndex(of: FileNames.slash).map { typed[...$0] } ?? []
  }

  /// What the name begins with.
  var name: ArraySlice<UInt8> { typed[directory.endIndex...] }

  /// The directory with the home in the place of `~`, which neither Lua nor the system knows; nil where there is none.
  var expandedDirectory: [UInt8]? {
    guard typed.first == UInt8(ascii: "~") else { return Array(directory) }
    guard typed.count == 1 || typed[1] == FileNames.slash, let home = getenv("HOME") else { return nil }
    return Array(UnsafeRawBufferPointer(start: home, count: strlen(home)))
      + (directory.isEmpty ? [] : directory.dropFirst())
  }

  /// The names in the directory, each with a slash behind it where it is a directory; hidden ones only where a dot is typed,
  /// and none in the sandbox.
  var candidates: [[UInt8]] {
    guard !sonde_sandbox_is_on(), let path = expandedDirectory, !typed.contains(0) else { return [] }
    // `~` alone is the home itself
    guard typed != [UInt8(ascii: "~")] else { return [path] }
    guard let handle = opendir(FileNames.cString(path.isEmpty ? Array(".".utf8) : path)) else { return [] }
    defer { closedir(handle) }
    var found: [[UInt8]] = []
    for _ in 0..<FileNames.most {
      guard let entry = readdir(handle) else { break }
      if let name = FileNames.name(of: entry), isWanted(name) {
        found.append(FileNames.isDirectory(entry, path + name) ? name + [FileNames.slash] : name)
      }
    }
    return found.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private func isWanted(_ candidate: [UInt8]) -> Bool {
    if name.isEmpty { return candidate.first != UInt8(ascii: ".") }
    let isDot = candidate == Array(".".utf8) || candidate == Array("..".utf8)
    return !isDot && candidate.first == name.first || candidate.first != UInt8(ascii: ".") && !isDot
  }

  private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8]? {
    withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
  }

  private static func isDirectory(_ entry: UnsafeMutablePointer<dirent>, _ path: [UInt8]) -> Bool {
    let type = Int32(entry.pointee.d_type)
    guard type == Int32(DT_LNK) || type == Int32(DT_UNKNOWN) else { return type == Int32(DT_DIR) }
    var status = stat()
    return stat(cString(path), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private static func cString(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }
}
