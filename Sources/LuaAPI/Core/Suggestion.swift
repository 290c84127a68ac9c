import Tensors

/// The end of a message about an unknown name: `, did you mean 'activation'?`, or nothing.
func suggestion(for name: String, among candidates: some Sequence<String>) -> String {
  nearestName(to: name, among: candidates).map { ", did you mean '\($0)'?" } ?? ""
}
