import Tensors

/// What can be wrong with the choice of columns or arrays of a file, as data; `description` is the one place with the prose.
public enum TableError: Error, Equatable {
  /// A column of a table that is none; `names` are those of the header, empty without one.
  case column(operation: String, path: String, column: String, names: [String], count: Int)
  /// A target column that is an input too, or inputs that leave no column.
  case columns(operation: String, path: String, expected: String, got: String)
  /// An array of an archive that is none.
  case array(operation: String, path: String, name: String, names: [String])
  /// A file of another format than arrays are read from.
  case arrayFormat(operation: String, path: String)
}

extension TableError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .column(let operation, let path, let column, let names, let count):
      "\(operation): '\(path)': " + TableError.unknownColumn(column, names, count)
    case .columns(let operation, let path, let expected, let got):
      "\(operation): '\(path)': expected \(expected), got \(got)"
    case .array(let operation, let path, let name, let names):
      "\(operation): '\(path)': expected an array of the archive, got '\(name)'"
        + (nearestName(to: name, among: names).map { ", did you mean '\($0)'?" }
          ?? "; it holds \(TableError.listed(names))")
    case .arrayFormat(let operation, let path):
      "\(operation): '\(path)': expected a .npy or .npz file"
    }
  }

  private static func unknownColumn(_ column: String, _ names: [String], _ count: Int) -> String {
    guard column.first == "'" else { return "expected a column from 1 to \(count), got \(column)" }
    guard !names.isEmpty else {
      return "expected a column from 1 to \(count), since there is no header, got \(column); "
        + "{header=true} takes the first row as one"
    }
    let name = String(column.dropFirst().dropLast())
    return "expected a column of the header, got \(column)"
      + (nearestName(to: name, among: names).map { ", did you mean '\($0)'?" } ?? "; it has \(listed(names))")
  }

  /// The first names, quoted.
  private static func listed(_ names: [String]) -> String {
    let shown = names.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return names.count > 8 ? "\(shown) and \(names.count - 8) more" : names.isEmpty ? "none" : shown
  }
}
