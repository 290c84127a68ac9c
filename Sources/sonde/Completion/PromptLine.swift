import LuaAPI

/// A line that is no Lua, as far as it is typed: a command of the prompt or a question.
struct PromptLine {
  private enum Part {
    case command
    case argument(of: PromptCommand)
    case topic
    case unknown
  }

  private let line: [UInt8]
  private let part: Part
  /// Where the last part begins.
  private let start: Int

  /// Reads a line up to the cursor; nil where it is Lua.
  init?(_ line: [UInt8]) {
    self.line = line
    let space = UInt8(ascii: " ")
    let text = line.drop { $0 == space }
    if text.first == UInt8(ascii: "?") {
      part = .topic
      start = text.firstIndex { $0 != UInt8(ascii: "?") && $0 != space } ?? line.count
      return
    }
    guard text.first == UInt8(ascii: ":"), text.dropFirst().first != UInt8(ascii: ":") else { return nil }
    let word = text.dropFirst()
    guard let gap = word.firstIndex(of: space) else {
      (part, start) = (.command, word.startIndex)
      return
    }
    let name = String(decoding: word[..<gap], as: UTF8.self)
    part = (try? PromptCommand.find(name).get()).map { .argument(of: $0) } ?? .unknown
    start = line[gap...].firstIndex { $0 != space } ?? line.count
  }

  /// What it may go on with, unmatched; nil where that is not known.
  func completion(_ completer: Completer) -> Completion? {
    switch part {
    case .command: commands(PromptCommand.all)
    case .topic: topics(completer)
    case .argument(let command): argument(of: command, completer)
    case .unknown: nil
    }
  }

  private var rest: [UInt8] { Array(line[start...]) }

  private func commands(_ commands: [PromptCommand]) -> Completion {
    let candidates = commands.sorted { $0.name < $1.name }.map { command in
      // an argument follows
      Candidate(
        command.name, text: Array((command.name + (command.argument == nil ? "" : " ")).utf8),
        summary: command.summary)
    }
    return Completion(start: start, word: String(decoding: rest, as: UTF8.self), candidates: candidates)
  }

  /// The names of pages; where no page is named so, a variable's fields.
  private func topics(_ completer: Completer) -> Completion? {
    let pages = Completion(
      start: start, word: String(decoding: rest, as: UTF8.self), candidates: completer.topics)
    return pages.candidates.contains { $0.name.hasPrefix(pages.word) } ? pages : lua(completer) ?? pages
  }

  private func argument(of command: PromptCommand, _ completer: Completer) -> Completion? {
    guard let argument = command.argument?.lowercased() else { return nil }
    if command.name == PromptCommand.example.name { return topics(completer) }
    if command.name == PromptCommand.experiments.name { return experiments }
    if ["file", "path"].contains(where: argument.contains) { return files(completer) }
    if ["topic", "example", "function"].contains(where: argument.contains) { return topics(completer) }
    return argument.contains("command") ? commands(PromptCommand.all) : lua(completer)
  }

  private var experiments: Completion {
    let candidates = Experiment.all.map { Candidate($0.name, text: Array($0.name.utf8), summary: $0.summary) }
    return Completion(start: start, word: String(decoding: rest, as: UTF8.self), candidates: candidates)
  }

  /// What Lua text may go on with.
  private func lua(_ completer: Completer) -> Completion? {
    guard var completion = completer.lua(rest) else { return nil }
    completion.start += start
    return completion
  }

  /// Paths as they are, without quotes: the argument is the rest of the line.
  private func files(_ completer: Completer) -> Completion? {
    let files = FileNames(rest)
    guard let directory = files.expandedDirectory else { return nil }
    let candidates = files.candidates.map { completer.file($0, directory + $0) }
    return Completion(start: start, word: String(decoding: files.name, as: UTF8.self), candidates: candidates)
  }
}
