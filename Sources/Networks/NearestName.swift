/// The name among `names` with the fewest edits from `name`, nil when none is near enough to have been meant.
///
/// Edits are insertions, deletions and substitutions (Levenshtein); at most a third of the length, and at least two.
public func nearestName(to name: String, among names: [String]) -> String? {
  let letters = Array(name.prefix(64))
  let limit = max(2, letters.count / 3)
  let ranked = names.map { (name: $0, distance: editDistance(letters, Array($0))) }
  guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= limit else { return nil }
  return best.name
}

private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  var previous = Array(0...right.count)
  for (row, letter) in left.enumerated() {
    var current = [row + 1]
    for (column, other) in right.enumerated() {
      let substituted = previous[column] + (letter == other ? 0 : 1)
      current.append(min(substituted, previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous[right.count]
}
