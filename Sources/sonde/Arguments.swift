import Kernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A word of the command line as C has it: its bytes need not be UTF-8, and Lua gets them as they are.
typealias Word = UnsafePointer<CChar>

/// The command line, read as `lua` 5.4 reads it, with Sonde's long options beside.
struct Arguments {
  /// What `-e`, `-l` and `-W` ask for, in the order given.
  enum Action {
    case execute(Word)
    case require(Word)
    case warnings
  }

  /// A command line that can't be followed: the option at fault.
  struct Mistake: Error {
    let text: String
  }

  let words: [Word]
  var actions: [Action] = []
  var interactive = false
  var showsVersion = false
  /// Whether what slows OpenBLAS is told with the version; `-v` says no more than `lua` does.
  var showsPins = false
  var showsHelp = false
  var ignoresEnvironment = false
  /// Whether scripts are of unknown origin: nothing but memory and the terminal is within their reach.
  var isSandboxed = false
  var seed: UInt64?
  var dtype: DType?
  var threads: Int?
  var memoryLimit: Int?
  /// The position of the script in `words`, where `-` is standard input; nil when there is none.
  var script: Int?

  static let usage = """
    usage: sonde [options] [script [args]]
    Available options are:
      -e stat   execute string 'stat'
      -i        enter interactive mode after executing 'script'
      -l mod    require library 'mod' into global 'mod'
      -l g=mod  require library 'mod' into global 'g'
      -v        show version information
      -E        ignore environment variables
      -W        turn warnings on
      --        stop handling options
      -         stop handling options and execute stdin
      --seed n            seed the session's generator
      --dtype name        default dtype: float32 or float64
      --threads n         threads that large computations share; default: the cores
      --memory-limit size most that tensors may hold, e.g. 512M or 4G
      --sandbox           for scripts of unknown origin: no files, programs or
                          environment, at most 1G of memory unless told otherwise
      --help              show this text
      --version           show versions

    """

  init(_ words: [Word]) throws {
    self.words = words
    var index = 1
    while index < words.count {
      let word = String(cString: words[index])
      guard word.utf8.first == UInt8(ascii: "-"), word != "-" else { break }
      if word == "--" {
        index += 1
        break
      }
      index += try word.utf8.starts(with: "--".utf8) ? readLong(word, index) : readShort(word, index)
    }
    if index < words.count { script = index }
  }

  /// Whether something was to be executed, so that no prompt opens by itself.
  var executes: Bool { actions.contains { if case .execute = $0 { true } else { false } } }

  /// Whether the prompt opens once all is done, on a terminal where nothing asks for it.
  var opensPrompt: Bool { interactive || (script == nil && !showsVersion && !executes) }

  /// The script's path; nil for standard input.
  var scriptPath: Word? {
    guard let script else { return nil }
    let isInput = strcmp(words[script], "-") == 0 && strcmp(words[script - 1], "--") != 0
    return isInput ? nil : words[script]
  }

  /// Reads one of lua's options and answers how many words it took.
  private mutating func readShort(_ word: String, _ index: Int) throws -> Int {
    switch word {
    case "-i":
      interactive = true
      showsVersion = true
    case "-v": showsVersion = true
    case "-E": ignoresEnvironment = true
    case "-W": actions.append(.warnings)
    default:
      let executes = word.utf8.starts(with: "-e".utf8)
      guard executes || word.utf8.starts(with: "-l".utf8) else { throw Mistake.unrecognized(word) }
      let attached = word.utf8.count > 2
      if !attached && (index + 1 >= words.count || words[index + 1].pointee == CChar(UInt8(ascii: "-"))) {
        throw Mistake.incomplete(word)
      }
      let value = attached ? words[index] + 2 : words[index + 1]
      actions.append(executes ? .execute(value) : .require(value))
      return attached ? 1 : 2
    }
    return 1
  }

  /// Reads one of Sonde's own options, `--name value` or `--name=value`, and answers how many words it took.
  private mutating func readLong(_ word: String, _ index: Int) throws -> Int {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch word {
    case "--help":
      showsHelp = true
      return 1
    case "--version":
      showsVersion = true
      showsPins = true
      return 1
    case "--sandbox":
      isSandboxed = true
      ignoresEnvironment = true
      return 1
    default: break
    }
    guard ["--seed", "--dtype", "--threads", "--memory-limit"].contains(parts[0]) else {
      throw Mistake.unrecognized(word)
    }
    if parts.count == 2 {
      try set(parts[0], parts[1])
      return 1
    }
    guard index + 1 < words.count else { throw Mistake.incomplete(word) }
    try set(word, String(cString: words[index + 1]))
    return 2
  }

  private mutating func set(_ option: String, _ value: String) throws {
    switch option {
    case "--seed":
      guard let number = Int(value), number >= 0 else {
        throw Mistake(text: "--seed: expected a whole number of 0 or more, got '\(value)'")
      }
      seed = UInt64(number)
    case "--dtype":
      guard let type = DType(name: value), type.isFloat else {
        throw Mistake(text: "--dtype: expected float32 or float64, got '\(value)'")
      }
      dtype = type
    case "--threads":
      guard let number = Int(value), 1...WorkerPool.maximumThreads ~= number else {
        throw Mistake(
          text: "--threads: expected a whole number from 1 to \(WorkerPool.maximumThreads), got '\(value)'")
      }
      threads = number
    default:
      guard let bytes = Arguments.bytes(value) else {
        throw Mistake(text: "--memory-limit: expected a size such as 512M or 4G, got '\(value)'")
      }
      memoryLimit = bytes
    }
  }

  /// Reads `1024`, `64K`, `512M`, `4G` or `1T`.
  private static func bytes(_ text: String) -> Int? {
    let units: [Character: Int] = [
      "K": 1 << 10, "k": 1 << 10, "M": 1 << 20, "m": 1 << 20, "G": 1 << 30, "g": 1 << 30, "T": 1 << 40, "t": 1 << 40,
    ]
    let unit = text.last.flatMap { units[$0] }
    guard let number = Int(unit == nil ? text : String(text.dropLast())), number > 0 else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
    return overflow ? nil : bytes
  }
}

extension Arguments.Mistake {
  /// An option nobody knows.
  static func unrecognized(_ option: String) -> Self { Self(text: "unrecognized option '\(option)'") }

  /// An option whose value is missing.
  static func incomplete(_ option: String) -> Self { Self(text: "'\(option)' needs argument") }
}
