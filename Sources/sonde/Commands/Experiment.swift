import CLua
import LuaAPI
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A script that ships inside the program.
struct Experiment {
  let name: String
  let text: [UInt8]

  static let all = ScriptText.experiments.map { Experiment(name: $0.name, text: $0.text) }

  /// Shows the names, each with the first line of its script.
  static func list() {
    let width = all.map(\.name.count).max() ?? 0
    print(":experiments NAME runs one, most of them with --short in seconds")
    for experiment in all {
      print(
        "  \(experiment.name)\(String(repeating: " ", count: width - experiment.name.count))  \(experiment.summary)")
    }
  }

  /// The comment on the first line.
  var summary: String {
    String(
      decoding: text.prefix { $0 != UInt8(ascii: "\n") }.drop { $0 == UInt8(ascii: "-") || $0 == 32 }, as: UTF8.self)
  }

  /// How it is run, as the comment at its head says, a line for each way.
  var usage: [String] {
    let head = String(decoding: text, as: UTF8.self).split(separator: "\n").prefix { $0.hasPrefix("--") }
    return head.filter { $0.hasPrefix("--   ") }.map { line in
      "  " + line.dropFirst(5).replacing("sonde scripts/experiments/\(name).lua", with: ":experiments \(name)")
    }
  }

  /// Refuses an option that its usage doesn't name.
  func check(_ arguments: [String]) throws {
    let known = usage.joined(separator: " ").split { $0 == " " }.filter { $0.hasPrefix("--") }.map(String.init)
    guard let wrong = arguments.first(where: { $0.hasPrefix("--") && !known.contains($0) }) else { return }
    let nearest = nearestName(to: wrong, among: known).map { ", did you mean '\($0)'?" } ?? ""
    throw PromptCommand.Mistake(
      text: (["\(name): unknown option '\(wrong.prefix(40))'\(nearest)"] + usage).joined(separator: "\n"))
  }

  /// Finds one by its name or the beginning of it that no other has.
  static func find(_ typed: String) throws -> Experiment {
    let name = typed.hasSuffix(".lua") ? String(typed.dropLast(4)) : typed
    if let exact = all.first(where: { $0.name == name }) { return exact }
    let begun = all.filter { $0.name.hasPrefix(name) }
    if let one = begun.first, begun.count == 1 { return one }
    guard begun.isEmpty else {
      throw PromptCommand.Mistake(text: "'\(name)' can be \(begun.map(\.name).joined(separator: ", "))")
    }
    let nearest = nearestName(to: name, among: all.map(\.name)).map { ", did you mean '\($0)'?" }
    throw PromptCommand.Mistake(
      text: "no experiment '\(name.prefix(40))'" + (nearest ?? "; :experiments alone lists them"))
  }

  /// Runs it in a process of its own that writes where we do; at a terminal Ctrl-C reaches both, and ends only that one.
  func run(_ arguments: [String]) throws {
    // without a name in any directory: nothing is left behind, whatever happens
    guard let file = tmpfile() else { throw failure("can't make a temporary file") }
    defer { fclose(file) }
    guard fwrite(text, 1, text.count, file) == text.count, fflush(file) == 0 else {
      throw failure("can't write a temporary file")
    }
    rewind(file)
    sonde_flush()
    let status = try wait(for: start(arguments, input: fileno(file)))
    if status != 0 { print("\(name): ended with status \(status)") }
  }

  private func failure(_ text: String) -> PromptCommand.Mistake {
    PromptCommand.Mistake(text: "\(name): \(text): \(String(cString: strerror(errno)))")
  }

  private func start(_ arguments: [String], input: Int32) throws -> pid_t {
    #if canImport(Glibc)
      var (actions, attributes) = (posix_spawn_file_actions_t(), posix_spawnattr_t())
    #else
      var (actions, attributes): (posix_spawn_file_actions_t?, posix_spawnattr_t?) = (nil, nil)
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    // whatever we ignore or block, the script does not
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = (["sonde", "-"] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var identifier: pid_t = 0
    let code = posix_spawn(&identifier, Experiment.program, &actions, &attributes, &words, environ)
    guard code == 0 else {
      errno = code
      throw failure("can't be started")
    }
    return identifier
  }

  /// The file of this program.
  private static let program: String = {
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    guard count > 0 else { return CommandLine.arguments.first ?? "sonde" }
    return String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()

  /// The exit status as a shell tells it.
  private func wait(for identifier: pid_t) throws -> Int32 {
    var raw: Int32 = 0
    while waitpid(identifier, &raw, 0) < 0 {
      guard errno == EINTR else { throw failure("can't be waited for") }
    }
    return raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + raw & 0x7F
  }
}
