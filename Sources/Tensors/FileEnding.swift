/// The ending of a path's last part in small letters, such as `csv`: what follows its last dot; nil where it has no dot.
///
/// A directory's name has no say, and a file that is called `csv` has no ending.
public func fileEnding(of path: String) -> String? {
  let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
  return name.lastIndex(of: ".").map { name[$0...].dropFirst().lowercased() }
}
