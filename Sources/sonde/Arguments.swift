import Kernels

/// The command line, read as `lua` 5.4 reads it, with Sonde's long options beside.
struct Arguments {
  /// What `-e`, `-l` and `-W` ask for, in the order given.
  enum Action: Equatable {
    case execute(String)
    case require(String)
    case warnings
  }

  /// A command line that can't be followed: the option at fault.
  struct Mistake: Error {
    let text: String
  }

  var actions: [Action] = []
  var interactive = false
  var showsVersion = false
  var showsHelp = false
  var ignoresEnvironment = false
  var seed: UInt64?
  var dtype: DType?
  var memoryLimit: Int?
  /// The position of the script in `argv`; nil when there is none. `-` is standard input.
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
      --memory-limit size most that tensors may hold, e.g. 512M or 4G
      --help              show this text
      --version           show versions

    """

  init(_ argv: [String]) throws {
    var index = 1
    while index < argv.count {
      let word = argv[index]
      guard word.first == "-" else { break }
      if word == "-" { break }
      if word == "--" {
        index += 1
        break
      }
      index += word.hasPrefix("--") ? try readLong(argv, index) : try readShort(argv, index)
    }
    if index < argv.count { script = index }
  }

  /// Reads one of lua's options and answers how many words it took.
  private mutating func readShort(_ argv: [String], _ index: Int) throws -> Int {
    let word = argv[index]
    switch word {
    case "-i":
      interactive = true
      showsVersion = true
    case "-v": showsVersion = true
    case "-E": ignoresEnvironment = true
    case "-W": actions.append(.warnings)
    default:
      let letter = word.prefix(2)
      guard letter == "-e" || letter == "-l" else { throw Mistake(text: "unrecognized option '\(word)'") }
      let attached = String(word.dropFirst(2))
      if attached.isEmpty && (index + 1 >= argv.count || argv[index + 1].first == "-") {
        throw Mistake(text: "'\(word)' needs argument")
      }
      let value = attached.isEmpty ? argv[index + 1] : attached
      actions.append(letter == "-e" ? .execute(value) : .require(value))
      return attached.isEmpty ? 2 : 1
    }
    return 1
  }

  /// Reads one of Sonde's own options, `--name value` or `--name=value`.
  private mutating func readLong(_ argv: [String], _ index: Int) throws -> Int {
    let parts = argv[index].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch parts[0] {
    case "--help": showsHelp = true
    case "--version": showsVersion = true
    case "--seed", "--dtype", "--memory-limit":
      let separate = parts.count == 1
      guard !separate || index + 1 < argv.count else { throw Mistake(text: "'\(parts[0])' needs argument") }
      try set(parts[0], separate ? argv[index + 1] : parts[1])
      return separate ? 2 : 1
    default: throw Mistake(text: "unrecognized option '\(argv[index])'")
    }
    return 1
  }

  private mutating func set(_ option: String, _ value: String) throws {
    switch option {
    case "--seed":
      guard let number = UInt64(value) else { throw Mistake(text: "--seed: expected a whole number, got '\(value)'") }
      seed = number
    case "--dtype":
      guard let type = DType(name: value), type.isFloat else {
        throw Mistake(text: "--dtype: expected float32 or float64, got '\(value)'")
      }
      dtype = type
    default:
      guard let bytes = Arguments.bytes(value) else {
        throw Mistake(text: "--memory-limit: expected a size such as 512M or 4G, got '\(value)'")
      }
      memoryLimit = bytes
    }
  }

  /// Reads `1024`, `64K`, `512M`, `4G` or `1T`.
  static func bytes(_ text: String) -> Int? {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
    let unit = text.last.flatMap { units[Character($0.uppercased())] }
    guard let number = Int(unit == nil ? text : String(text.dropLast())), number > 0 else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
    return overflow ? nil : bytes
  }
}
