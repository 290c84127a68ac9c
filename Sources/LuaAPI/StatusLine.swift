import CLua

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A line on standard error that tells how something gets on, redrawn in place where standard error is a terminal.
final class StatusLine {
  /// Whether it is drawn at all.
  let isDrawn: Bool
  /// When it was begun, by the clock of `now`.
  let start = StatusLine.now()

  /// The line on the screen, empty where there is none.
  private var line = ""
  private var shownAt = 0.0
  private static let interval = 0.1
  /// The most and the fewest signs between the brackets of a bar.
  private static let width = 24
  private static let leastWidth = 6

  init(isShown: Bool) { isDrawn = isShown && isatty(STDERR_FILENO) != 0 }

  /// Draws the line that `text` gives for so many columns, ten times a second at most unless it is the last one.
  func show(isLast: Bool, _ text: (_ room: Int) -> String) {
    let time = StatusLine.now()
    guard isDrawn, time - shownAt >= StatusLine.interval || isLast else { return }
    shownAt = time
    // a longer line would wrap and could not be redrawn
    line = text(StatusLine.columns - 1)
    draw()
  }

  /// Takes the line off the screen while `body` may print, and draws it again.
  func aside<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard !line.isEmpty else { return try body() }
    sonde_complain("\r\u{1B}[K")
    let result = try body()
    // what was printed must stand on the screen before the line does
    sonde_flush()
    draw()
    return result
  }

  /// Takes the line off the screen.
  func erase() {
    guard !line.isEmpty else { return }
    line = ""
    sonde_complain("\r\u{1B}[K")
  }

  private func draw() { sonde_complain("\r\(line)\u{1B}[K") }

  // MARK: Texts

  /// A bar before a text in so many columns; the text alone where no bar has room, cut where it has none itself.
  static func bar(_ done: Int, of all: Int, _ text: String, room: Int) -> String {
    let free = min(width, room - text.count - 3)
    guard free >= leastWidth else { return String(text.prefix(room)) }
    let filled = min(free, Int(Double(done) / Double(max(all, 1)) * Double(free)))
    return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: free - filled) + "] \(text)"
  }

  /// Whether a text leaves room for a bar before it.
  static func hasRoomForBar(_ text: String, room: Int) -> Bool { text.count + leastWidth + 3 <= room }

  /// A time as people read it: `42 s`, `3:07`, `1:02:30`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded())
    let two = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60):\(two(whole % 60))" }
    return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }

  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }

  /// The monotonic clock in seconds.
  static func now() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
