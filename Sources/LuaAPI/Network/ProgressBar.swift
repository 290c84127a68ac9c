import CLua
import Networks

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The line that shows how a training gets on: on standard error, and only where that is a terminal.
final class ProgressBar {
  /// The test accuracy after the last epoch.
  var accuracy: Double?

  private let isShown: Bool
  private let start: Double
  private var shownAt = 0.0
  private static let width = 24
  private static let interval = 0.1

  init(shown: Bool) {
    isShown = shown && isatty(STDERR_FILENO) != 0
    start = ProgressBar.now()
  }

  /// Redraws the line, ten times a second at most.
  func show(_ step: FitStep, batch: Int) {
    guard isShown else { return }
    let time = ProgressBar.now()
    guard time - shownAt >= ProgressBar.interval || step.step == step.steps else { return }
    shownAt = time
    let done = Double(step.step) / Double(max(step.steps, 1))
    let filled = Int(done * Double(ProgressBar.width))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: ProgressBar.width - filled)
    let rate = Double(step.step * batch) / max(time - start, 1e-9)
    let left = (time - start) * (1 - done) / max(done, 1e-9)
    var line = "\r[\(bar)] epoch \(step.epoch) step \(step.step)/\(step.steps) loss \(Decimal.text(step.loss))"
    if let accuracy { line += " accuracy \(Decimal.text(accuracy))" }
    sonde_complain(line + " \(Int(rate)) examples/s \(Int(left.rounded())) s left\u{1B}[K")
  }

  /// Ends the line with what the training has brought.
  func finish(_ history: FitHistory) {
    if isShown { sonde_complain("\r\u{1B}[K") }
    if let warning = history.warning { sonde_complain("\(warning)\n") }
  }

  private static func now() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
