import CLua
import Networks

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How a training gets on, on standard error: one line that is redrawn on a terminal, else a line an epoch.
final class ProgressBar {
  /// Whether the line is drawn: where standard error is a terminal.
  let isDrawn: Bool

  private let writesEpochs: Bool
  private let epochs: Int?
  private let start = ProgressBar.now()
  private var shownAt = 0.0
  /// The line on the screen, empty where there is none.
  private var line = ""
  private var firstStep: Int?
  private var examples = 0
  private var testAccuracy: Double?
  /// The most and the fewest signs between the brackets of the bar.
  private static let width = 24
  private static let leastWidth = 6
  private static let interval = 0.1

  init(isShown: Bool, epochs: Int?) {
    let isTerminal = isatty(STDERR_FILENO) != 0
    isDrawn = isShown && isTerminal
    writesEpochs = isShown && !isTerminal
    self.epochs = epochs
  }

  /// Redraws the line, ten times a second at most.
  func show(_ step: FitStep) {
    examples = step.samples
    guard isDrawn else { return }
    let first = firstStep ?? step.step
    firstStep = first
    let time = ProgressBar.now()
    guard time - shownAt >= ProgressBar.interval || step.step == step.steps else { return }
    shownAt = time
    let epoch = "epoch \(step.epoch)" + (epochs.map { "/\($0)" } ?? "")
    var details = " loss \(Decimal.text(step.epochLoss))"
    if let accuracy = step.epochAccuracy { details += " accuracy \(ProgressBar.share(accuracy))" }
    if let testAccuracy { details += " test \(ProgressBar.share(testAccuracy))" }
    details += " \(rate(time)) examples/s"
    if let steps = step.steps {
      let pace = (time - start) / Double(step.step - first + 1)
      details += " \(ProgressBar.duration(pace * Double(steps - step.step))) left"
    }
    line = ProgressBar.line(step, epoch: epoch, details: details, room: ProgressBar.columns - 1)
    draw()
  }

  /// Notes an epoch; writes a line of it where there is no terminal.
  func show(_ epoch: FitEpoch) {
    testAccuracy = epoch.testAccuracy
    guard writesEpochs else { return }
    var text =
      "epoch \(epoch.epoch)" + (epochs.map { "/\($0)" } ?? "")
      + ": step \(epoch.step), loss \(Decimal.text(epoch.loss))"
    if let accuracy = epoch.trainAccuracy { text += ", accuracy \(Decimal.text(accuracy))" }
    if let loss = epoch.testLoss { text += ", test loss \(Decimal.text(loss))" }
    if let accuracy = epoch.testAccuracy { text += ", test accuracy \(Decimal.text(accuracy))" }
    sonde_complain("\(text)\n")
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

  /// Ends the line, and tells what went wrong; where nothing is to be shown the history alone tells it.
  func finish(_ history: FitHistory) {
    erase()
    if isDrawn || writesEpochs, let warning = history.warning { sonde_complain("\(warning)\n") }
  }

  private func draw() { sonde_complain("\r\(line)\u{1B}[K") }

  private func rate(_ time: Double) -> Int { Int(Double(examples) / max(time - start, 1e-9)) }

  /// The line in the columns there are: where it is too long the step goes first, then the bar.
  private static func line(_ step: FitStep, epoch: String, details: String, room: Int) -> String {
    let counted = "\(epoch) step \(step.step)" + (step.steps.map { "/\($0)" } ?? "") + details
    guard let steps = step.steps else {
      return String((counted.count <= room ? counted : epoch + details).prefix(room))
    }
    let text = counted.count + leastWidth + 3 <= room ? counted : epoch + details
    let free = min(width, room - text.count - 3)
    return String((free < leastWidth ? text : "\(bar(step.step, of: steps, width: free)) \(text)").prefix(room))
  }

  private static func bar(_ step: Int, of steps: Int, width: Int) -> String {
    let filled = min(width, Int(Double(step) / Double(max(steps, 1)) * Double(width)))
    return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "]"
  }

  /// A fraction with three decimals, always as wide.
  private static func share(_ fraction: Double) -> String {
    guard fraction >= 0, fraction <= 1 else { return Decimal.text(fraction) }
    let thousandths = Int((fraction * 1000).rounded())
    let decimals = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
  }

  /// A time as people read it: `42 s`, `3:07`, `1:02:30`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded())
    let two = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60):\(two(whole % 60))" }
    return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }

  /// The columns of the terminal; a longer line would wrap and could not be redrawn.
  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }

  private static func now() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
