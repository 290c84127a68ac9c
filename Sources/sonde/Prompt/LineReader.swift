import CLua
import CReadline
import Plots

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads the prompt's lines from where they come from.
struct LineReader {
  /// Where lines come from.
  enum Source {
    /// A terminal, by readline.
    case readline
    /// A terminal, with the little editing that it does by itself.
    case terminal
    /// A file or a pipe, whose lines are shown as they would stand on a terminal.
    case pipe
  }

  /// What came of asking for a line.
  enum Input {
    case line([UInt8])
    /// The whole chunk: the lines read before were edited with this one.
    case chunk([UInt8])
    /// Ctrl-C, and what was on the line or, if `isWhole`, in the chunk.
    case cleared([UInt8], isWhole: Bool)
    /// A line that the terminal has cut, which is dropped.
    case cut
    case end
  }

  let source: Source

  init() {
    if isatty(STDIN_FILENO) == 0 {
      source = .pipe
    } else {
      let isUnwanted = getenv("SONDE_READLINE").map { String(cString: $0) == "0" } ?? false
      source = isUnwanted || sonde_readline_version() == nil ? .terminal : .readline
    }
  }

  /// Takes over the terminal.
  func begin() {
    guard source != .pipe else { return }
    sonde_prompt_begin(source == .readline)
    sonde_interrupt_hear(sonde_prompt_take_interrupt)
  }

  /// Gives the terminal back.
  func end() {
    guard source != .pipe else { return }
    sonde_interrupt_hear(nil)
    sonde_prompt_end()
  }

  /// Reads a line; `pending` are the lines before it of the chunk, whose first had the prompt `firstPrompt`.
  func read(prompt: [CChar], pending: [UInt8], firstPrompt: [CChar]) -> Input {
    if source == .readline { return readEdited(prompt, pending, firstPrompt) }
    sonde_write(prompt, strlen(prompt))
    sonde_flush()
    let input = LineReader.input(sonde_read_plain_line())
    if source == .pipe, case .line(let line) = input { show(line) }
    return input
  }

  /// Shows a line that nobody types behind its prompt.
  func echo(prompt: [CChar], _ line: [UInt8]) {
    sonde_write(prompt, strlen(prompt))
    show(line)
  }

  private func show(_ line: [UInt8]) {
    let shown = (line + [UInt8(ascii: "\n")]).map { CChar(bitPattern: $0) }
    sonde_write(shown, shown.count)
    sonde_flush()
  }

  private func readEdited(_ prompt: [CChar], _ pending: [UInt8], _ firstPrompt: [CChar]) -> Input {
    guard !pending.isEmpty else { return LineReader.input(sonde_read_line(prompt, nil)) }
    let decorated = prompt.dropLast() + LineReader.decoration(for: pending, promptLength: strlen(prompt)) + [0]
    let indentation = Indentation(of: pending, width: Indentation.wanted)
    return (pending.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { text in
      firstPrompt.withUnsafeBufferPointer { prompt in
        var lines = SondePending(
          text: text.baseAddress, prompt: prompt.baseAddress, inner: Int32(indentation.inner),
          outer: Int32(indentation.outer))
        return LineReader.input(sonde_read_line(Array(decorated), &lines))
      }
    }
  }

  private static func input(_ input: SondeInput) -> Input {
    defer { free(input.text) }
    let text = Array(UnsafeRawBufferPointer(start: input.text, count: input.length))
    switch Int(input.status) {
    case SONDE_LINE: return input.is_whole ? .chunk(text) : .line(text)
    case SONDE_CUT: return .cut
    case SONDE_CLEARED: return .cleared(text, isWhole: input.is_whole)
    default: return .end
    }
  }

  /// What is open, faint at the right margin, where the terminal takes control codes.
  ///
  /// Readline counts what stands between the codes 1 and 2 as nothing; what is typed may run over the hint.
  private static func decoration(for pending: [UInt8], promptLength: Int) -> [CChar] {
    let abilities = TerminalAbilities.current
    guard abilities.colors != .none else { return [] }
    let hint = OpenConstructs(pending).hint(width: abilities.columns / 2 - promptLength)
    guard !hint.isEmpty else { return [] }
    // save the place, go to the column, faint, write, plain again, and back
    let codes = "\u{1}\u{1b}7\u{1b}[\(abilities.columns - hint.count)G\u{1b}[2m\(hint)\u{1b}[0m\u{1b}8\u{2}"
    return Array(codes.utf8CString.dropLast())
  }
}
