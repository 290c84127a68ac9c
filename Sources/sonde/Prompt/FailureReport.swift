import LuaAPI

/// The text of an error at the prompt: what it says, the line of source it comes from, and the calls that led there.
///
///     stdin:1: net:fit: unknown option 'tran', did you mean 'train'?
///       1 | net:fit{tran=data.digits()}
///         |         ^^^^
struct FailureReport {
  let failure: Failure
  let sources: TypedSources
  let screen: Screen
  /// Compiles text and tells whether the message is that of the failure.
  let repeats: (ArraySlice<UInt8>) -> Bool

  /// Lines for standard error.
  var text: String {
    var lines = [screen.paint(headline, .error)] + source
    if !failure.isInterrupt, !failure.calls.isEmpty {
      lines += ["stack traceback:"] + failure.calls.map { "\t\($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The message; that of Ctrl-C tells where it was pressed.
  private var headline: String {
    guard failure.isInterrupt, let place = failure.places.first else { return failure.message }
    return "\(place.shown):\(place.line): interrupted!"
  }

  // MARK: Source

  /// The line in question, and what points to a part of it.
  private var source: [String] {
    let positions = failure.isInterrupt ? [] : failure.positions
    if failure.traceback.isEmpty, failure.message.hasSuffix(" near <eof>"),
      let open = OpenConstructs(sources.current).stack.last,
      let excerpt = sources.excerpt(shown: "stdin", source: nil, line: open.line)
    {
      return lines(excerpt, Caret(excerpt).range(ofOpening: open.name))
    }
    let message = positions.first?.text ?? Substring(failure.message)
    for place in positions.map(\.place) + failure.places.prefix(1) {
      guard let excerpt = sources.excerpt(shown: place.shown, source: place.source, line: place.line) else { continue }
      let caret = failure.isInterrupt ? nil : Caret(excerpt).range(of: message, repeats: repeats)
      return lines(excerpt, caret)
    }
    return []
  }

  private func lines(_ excerpt: TypedSources.Excerpt, _ caret: Range<Int>?) -> [String] {
    let number = "  \(excerpt.number) | "
    let before = shown(excerpt, excerpt.range.lowerBound..<(caret?.lowerBound ?? excerpt.range.lowerBound))
    let marked = caret.map { shown(excerpt, $0) } ?? ""
    let window = Window(
      before: before, marked: marked, behind: shown(excerpt, (caret ?? excerpt.range).rest(excerpt.range, caret)),
      columns: max(16, screen.columns - number.count))
    var lines = [screen.paint(number, .faint) + window.text]
    if caret != nil {
      let margin = String(repeating: " ", count: number.count - 2) + "| "
      let room = String(repeating: " ", count: window.offset)
      lines.append(
        screen.paint(margin, .faint) + room + screen.paint(String(repeating: "^", count: window.width), .caret))
    }
    return lines
  }

  /// A part of the line without what would control a terminal.
  private func shown(_ excerpt: TypedSources.Excerpt, _ range: Range<Int>) -> String {
    let text = String(decoding: excerpt.text[range], as: UTF8.self).filter { $0 != "\r" }
    return text.split(separator: "\t", omittingEmptySubsequences: false).map { Screen.visible(String($0)) }.joined(
      separator: "  ")
  }
}

extension Range<Int> {
  /// What of a line comes behind a part of it; the whole line where there is no part.
  fileprivate func rest(_ line: Range<Int>, _ part: Range<Int>?) -> Range<Int> {
    part == nil ? line : upperBound..<Swift.max(upperBound, line.upperBound)
  }
}

/// As much of a line as fits, around the part that is pointed to.
private struct Window {
  private(set) var text: String
  /// Where the part begins, in cells, and how many it takes.
  private(set) var offset: Int
  private(set) var width: Int

  init(before: String, marked: String, behind: String, columns: Int) {
    offset = Screen.width(before)
    width = Swift.max(1, Swift.min(Screen.width(marked), columns / 2))
    text = before + marked + behind
    // cut on the left so that the part stands in the middle
    if offset + width > columns - 4 {
      let kept = columns / 2 - width / 2 - 3
      let tail = before.suffix(Swift.max(0, kept))
      text = "..." + tail + marked + behind
      offset = 3 + Screen.width(String(tail))
    }
    if Screen.width(text) > columns { text = text.prefix(columns - 3) + "..." }
  }
}
