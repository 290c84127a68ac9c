/// Finds the name a user may have meant: the one fewest edits away, within a third of its length; nil when none is near.
///
/// Edits are insertions, deletions, replacements and swaps of neighbours (optimal string alignment distance); capitals
/// count as small letters. Names of more than 64 bytes are no slips of anybody's fingers and have no neighbour.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
  nearestNames(to: name, among: candidates).first
}

/// Finds all the names that are nearest, equally many edits away, in the order given; see `nearestName`.
public func nearestNames(to name: String, among candidates: some Sequence<String>) -> [String] {
  guard name.utf8.count <= 64 else { return [] }
  var (nearest, distance): ([String], Int) = ([], .max)
  for candidate in candidates {
    let edits = editDistance(name.lowercased(), candidate.lowercased())
    if edits < distance { (nearest, distance) = ([], edits) }
    if edits == distance { nearest.append(candidate) }
  }
  return nearest.filter { candidate in
    let longer = max(name.count, candidate.count)
    return distance <= max(1, (longer + 1) / 3) && distance < longer
  }
}

/// The optimal string alignment distance between two strings, in bytes.
func editDistance(_ left: String, _ right: String) -> Int {
  let (a, b) = (Array(left.utf8), Array(right.utf8))
  var beforePrevious = [Int](repeating: 0, count: b.count + 1)
  var previous = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1] + [Int](repeating: 0, count: b.count)
    for j in 0..<b.count {
      let replaced = previous[j] + (a[i] == b[j] ? 0 : 1)
      current[j + 1] = min(replaced, previous[j + 1] + 1, current[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        current[j + 1] = min(current[j + 1], beforePrevious[j - 1] + 1)
      }
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.count]
}
