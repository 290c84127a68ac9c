import Tensors

/// The end of a message about an unknown name: `, did you mean 'activation'?`, or nothing.
func suggestion(for name: String, among candidates: some Sequence<String>) -> String {
  nearestName(to: name, among: candidates).map { ", did you mean '\($0)'?" } ?? ""
}

/// The same, and where none is near `; there are a, b and c`, or if they are many what tells of them.
func suggestion(for name: String, among candidates: [String], otherwise: String) -> String {
  let nearest = suggestion(for: name, among: candidates)
  guard nearest.isEmpty, let last = candidates.last else { return nearest }
  guard candidates.count > 1 else { return "; there is \(last)" }
  let names = "\(candidates.dropLast().joined(separator: ", ")) and \(last)"
  return names.count <= 100 ? "; there are \(names)" : "; \(otherwise)"
}
