/// Where things of the project lie, wherever it was built.
public enum Project {
  /// The path of a file or directory, given from the project's top folder.
  public static func path(_ name: String, from file: String = #filePath) -> String {
    file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/") + "/" + name
  }
}
