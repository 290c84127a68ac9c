import CLua
import Networks

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How a training gets on, on standard error: one line that is redrawn on a terminal, else a line an epoch.
final class ProgressBar {
  private let status: StatusLine
  private let writesEpochs: Bool
  private let epochs: Int?
  private var firstStep: Int?
  private var examples = 0
  private var testAccuracy: Double?

  init(isShown: Bool, epochs: Int?) {
    status = StatusLine(isShown: isShown)
    writesEpochs = isShown && !status.isDrawn
    self.epochs = epochs
  }

  /// Whether the line is drawn: where standard error is a terminal.
  var isDrawn: Bool { status.isDrawn }

  /// Redraws the line, ten times a second at most.
  func show(_ step: FitStep) {
    examples = step.samples
    guard isDrawn else { return }
    let first = firstStep ?? step.step
    firstStep = first
    status.show(isLast: step.step == step.steps) { room in line(step, first: first, room: room) }
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
  func aside<Result>(_ body: () throws -> Result) rethrows -> Result { try status.aside(body) }

  /// Takes the line off the screen.
  func erase() { status.erase() }

  /// Ends the line, and tells what went wrong; where nothing is to be shown the history alone tells it.
  func finish(_ history: FitHistory) {
    erase()
    if isDrawn || writesEpochs, let warning = history.warning { sonde_complain("\(warning)\n") }
  }

  /// The line in the columns there are: where it is too long the step goes first, then the bar.
  private func line(_ step: FitStep, first: Int, room: Int) -> String {
    let time = StatusLine.now() - status.start
    let epoch = "epoch \(step.epoch)" + (epochs.map { "/\($0)" } ?? "")
    var details = " loss \(Decimal.text(step.epochLoss))"
    if let accuracy = step.epochAccuracy { details += " accuracy \(ProgressBar.share(accuracy))" }
    if let testAccuracy { details += " test \(ProgressBar.share(testAccuracy))" }
    details += " \(Int(Double(examples) / max(time, 1e-9))) examples/s"
    let counted = "\(epoch) step \(step.step)" + (step.steps.map { "/\($0)" } ?? "") + details
    guard let steps = step.steps else {
      return String((counted.count <= room ? counted : epoch + details).prefix(room))
    }
    let left = " \(StatusLine.duration(time / Double(step.step - first + 1) * Double(steps - step.step))) left"
    let text = StatusLine.hasRoomForBar(counted + left, room: room) ? counted : epoch + details
    return StatusLine.bar(step.step, of: steps, text + left, room: room)
  }

  /// A fraction with three decimals, always as wide.
  private static func share(_ fraction: Double) -> String {
    guard fraction >= 0, fraction <= 1 else { return Decimal.text(fraction) }
    let thousandths = Int((fraction * 1000).rounded())
    let decimals = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
  }
}
