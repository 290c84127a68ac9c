/// How a sweep gets on, on a terminal: a bar, the runs that have ended, the errors, and the time left.
final class SweepProgress {
  private let status: StatusLine
  private let runs: Int
  /// How many had ended before this sweep began, and how many have by now.
  private let before: Int
  private var ended: Int
  private(set) var errors: Int

  init(isShown: Bool, runs: Int, ended: Int, errors: Int) {
    status = StatusLine(isShown: isShown)
    self.runs = runs
    before = ended
    self.ended = ended
    self.errors = errors
  }

  /// Counts a run that has ended.
  func count(isError: Bool) {
    ended += 1
    if isError { errors += 1 }
  }

  /// Redraws the line, ten times a second at most.
  func show(running: Int) {
    status.show(isLast: false) { room in
      var text = "\(ended)/\(runs) runs"
      if errors > 0 { text += ", \(errors) \(errors == 1 ? "error" : "errors")" }
      text += ", \(running) at work"
      if ended > before {
        let pace = (StatusLine.now() - status.start) / Double(ended - before)
        text += ", \(StatusLine.duration(pace * Double(runs - ended))) left"
      }
      return StatusLine.bar(ended, of: runs, text, room: room)
    }
  }

  /// Takes the line off the screen while `body` prints.
  func aside(_ body: () -> Void) { status.aside(body) }

  /// Takes the line off the screen.
  func erase() { status.erase() }
}
