import CLua
import CReadline

/// What was typed at the prompt, in this session and in earlier ones: each entry once, where it was used last.
final class PromptHistory {
  private let isInReadline: Bool
  private var file: HistoryFile?
  private var hasTold = false

  /// Makes an empty history; `isInReadline` says whether readline brings its entries back.
  init(isInReadline: Bool) { self.isInReadline = isInReadline }

  /// Reads the entries of earlier sessions; what keeps this one's out of the file is told.
  func begin() {
    if isInReadline { sonde_history_begin(Int32(HistoryFile.entryLimit)) }
    do throws(HistoryFile.Failure) {
      guard let chosen = try HistoryFile.chosen() else { return }
      let (entries, failure) = chosen.load()
      if isInReadline {
        for entry in entries { sonde_history_add(PromptHistory.text(entry)) }
      }
      if let failure { throw failure }
      file = chosen
    } catch {
      tell(error)
    }
  }

  /// Adds an entry, here and to the file.
  func add(_ entry: [UInt8]) {
    guard !entry.isEmpty else { return }
    if isInReadline { sonde_history_move(PromptHistory.text(entry)) }
    do throws(HistoryFile.Failure) {
      try file?.append(entry)
    } catch {
      tell(error)
    }
  }

  private static func text(_ entry: [UInt8]) -> [CChar] { entry.map { CChar(bitPattern: $0) } + [0] }

  private func tell(_ failure: HistoryFile.Failure) {
    if !hasTold { sonde_complain("sonde: \(failure.text)\n") }
    hasTold = true
  }
}
