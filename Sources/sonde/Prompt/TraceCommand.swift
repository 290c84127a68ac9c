import CLua

extension PromptCommand {
  /// `:trace`.
  static let trace = PromptCommand(
    name: "trace", argument: nil, summary: "shows the last error with all the calls that led to it"
  ) { prompt, _ in
    guard let failure = prompt.evaluator.lastFailure else { return print("no error so far") }
    print(failure.message)
    guard !failure.traceback.isEmpty else { return }
    print("stack traceback:")
    for line in failure.traceback { print("\t\(line)") }
  }
}
