import CLua
import CProcess
import CReadline
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
    let heading = ":experiments NAME runs one, most of them with --short in seconds"
    print(NameList(all.map { ($0.name, $0.summary) }, heading: heading).text)
  }

  /// The comment on the first line.
  var summary: String {
    String(
      decoding: text.prefix { $0 != UInt8(ascii: "\n") }.drop { $0 == UInt8(ascii: "-") || $0 == 32 }, as: UTF8.self)
  }

  /// How it is run, as the comment at its head says: each way or option, three blanks or more, and what it does.
  private var usage: [(name: String, meaning: String)] {
    let head = String(decoding: text, as: UTF8.self).split(separator: "\n").prefix { $0.hasPrefix("--") }
    return head.filter { $0.hasPrefix("--   ") }.flatMap { line in
      let parts = line.dropFirst(5).split(separator: "   ").map { String($0).trimmed }.filter { !$0.isEmpty }
      return stride(from: 0, to: parts.count - 1, by: 2).map { place in
        (
          parts[place].replacing("sonde scripts/experiments/\(name).lua", with: ":experiments \(name)"),
          parts[place + 1]
        )
      }
    }
  }

  /// What it is about and how it is run.
  var help: String { NameList(usage, heading: summary).text }

  /// Refuses an option that its usage doesn't name.
  func check(_ arguments: [String]) throws {
    let known = usage.flatMap { $0.name.split(separator: " ") }.filter { $0.hasPrefix("--") }.map(String.init)
    guard let wrong = arguments.first(where: { $0.hasPrefix("--") && !known.contains($0) }) else { return }
    let nearest = nearestName(to: wrong, among: known).map { ", did you mean '\($0)'?" } ?? ""
    throw PromptCommand.Mistake(
      text: "\(name): unknown option '\(wrong.prefix(40))'\(nearest)\n\(NameList(usage).text)")
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

  /// Runs it in a process of its own that writes where we do and ends with us.
  ///
  /// At a terminal Ctrl-C reaches both. It ends the script, not only what the script takes it to end, a training say: a script that is
  /// still there a moment later is ended by a signal.
  func run(_ arguments: [String]) throws {
    guard !sonde_sandbox_is_on() else {
      throw PromptCommand.Mistake(
        text: "\(name): other programs are out of reach under --sandbox; start the session without it")
    }
    let file = text.withUnsafeBytes { sonde_nameless_file($0.baseAddress, $0.count) }
    guard file >= 0 else { throw failure("can't make a file of its script", -file) }
    defer { close(file) }
    sonde_flush()
    // what was typed before is not meant for it
    _ = sonde_prompt_take_interrupt()
    let (status, wasInterrupted) = try wait(for: start(arguments, input: file))
    if status != 0 { print("\(name): ended \(wasInterrupted ? "by Ctrl-C" : "with status \(status)")") }
  }

  private func failure(_ text: String, _ code: Int32) -> PromptCommand.Mistake {
    PromptCommand.Mistake(text: "\(name): \(text): \(String(cString: strerror(code)))")
  }

  private func start(_ arguments: [String], input: Int32) throws -> pid_t {
    let words: [UnsafeMutablePointer<CChar>?] = (["sonde", "-"] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var identifier: pid_t = 0
    let code = Experiment.program.withCString { path in
      words.withUnsafeBufferPointer { words in
        var program = SondeProgram()
        (program.path, program.words, program.files) = (path, words.baseAddress, (input, -1, -1))
        // stopped by Ctrl-Z with us, it does not lead a group
        program.ends_with_parent = true
        return sonde_program_start(&program, &identifier)
      }
    }
    guard code == 0 else { throw failure("can't be started", code) }
    return identifier
  }

  /// The file of this program.
  private static let program: String = {
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    guard count > 0 else { return CommandLine.arguments.first ?? "sonde" }
    return String(decoding: path[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()

  /// How often is looked for its end and Ctrl-C, in microseconds; a signal ends the pause.
  private static let interval: UInt32 = 10_000
  /// After how many looks behind Ctrl-C it is ended by SIGTERM, and by SIGKILL.
  private static let patience = (terminate: 10, kill: 100)

  /// The exit status as a shell tells it, and whether Ctrl-C came before.
  private func wait(for identifier: pid_t) throws -> (status: Int32, wasInterrupted: Bool) {
    var raw: Int32 = 0
    var looks: Int?
    while true {
      let found = waitpid(identifier, &raw, WNOHANG)
      if found == identifier { return (raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + raw & 0x7F, looks != nil) }
      guard found == 0 || errno == EINTR else { throw failure("can't be waited for", errno) }
      if sonde_prompt_take_interrupt(), looks == nil { looks = 0 }
      if let count = looks {
        looks = count + 1
        if count == Experiment.patience.terminate { kill(identifier, SIGTERM) }
        if count == Experiment.patience.kill { kill(identifier, SIGKILL) }
      }
      usleep(Experiment.interval)
    }
  }
}
