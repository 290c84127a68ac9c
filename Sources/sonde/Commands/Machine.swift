#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the operating system tells of the machine.
enum Machine {
  /// How many cores this process may use.
  static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  /// The processor's name, with the vector instructions it has.
  static var processor: String {
    let text = MachineMemory.text(of: "/proc/cpuinfo")
    guard let name = field("model name", in: text) else { return "not known" }
    let flags = Set((field("flags", in: text) ?? "").split(separator: " ").map(String.init))
    let known = [("avx2", "AVX2"), ("fma", "FMA"), ("avx512f", "AVX-512")].filter { flags.contains($0.0) }.map(\.1)
    return name + (known.isEmpty ? "" : ", \(known.joined(separator: " "))")
  }

  /// What stands behind the colon of the first line of a name.
  private static func field(_ name: String, in text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      return line.split(separator: ":", maxSplits: 1).dropFirst().first.map { String($0).trimmed }
    }
    return nil
  }

  /// An environment variable's value.
  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Whether a file of that path could be made.
  static func canWriteBeside(_ path: String) -> Bool {
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    return access(directory.isEmpty ? "/" : directory, W_OK) == 0
  }
}
