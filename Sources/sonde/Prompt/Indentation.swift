#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The blanks with which a line begins that goes on with others, as far as what is open there tells.
struct Indentation: Equatable {
  /// Before what stands inside the innermost construct; 0 where the line is left alone.
  private(set) var inner = 0
  /// Before the word or bracket that ends it.
  private(set) var outer = 0

  /// Blanks a level: those that `SONDE_INDENT` asks for, 0 for none, or 2; none on a terminal that is hardly one.
  static var wanted: Int {
    if getenv("TERM").map({ String(cString: $0) }) == "dumb" { return 0 }
    guard let width = getenv("SONDE_INDENT").flatMap({ Int(String(cString: $0)) }) else { return 2 }
    return max(0, min(width, 16))
  }

  private static let indented: Set<String> = ["function", "if", "for", "while", "repeat", "do", "(", "{", "["]

  /// One level more than the line has on which the innermost construct begins; none inside a string, a comment, or behind tabs.
  init(of text: [UInt8], width: Int) {
    guard width > 0, let open = OpenConstructs(text).stack.last, Indentation.indented.contains(open.name) else {
      return
    }
    let lines = text.split(separator: UInt8(ascii: "\n"), maxSplits: open.line, omittingEmptySubsequences: false)
    let blanks = lines[open.line - 1].prefix(while: Chunk.isSpace)
    guard blanks.allSatisfy({ $0 == UInt8(ascii: " ") }) else { return }
    (outer, inner) = (blanks.count, blanks.count + width)
  }
}
