import Files
import Kernels
import Tensors

/// A column of a table as users name it.
public enum Column: Hashable, Sendable {
  /// Its name in the header.
  case name(String)
  /// Its number from 1, or from -1 for the last.
  case number(Int)
}

extension Dataset {
  /// Reads a table of text: a column of targets or several or none, all other columns or the chosen ones as inputs.
  ///
  /// One target column of text becomes classes, numbered from 1 in the alphabetical (byte) order of the texts; one of
  /// whole numbers becomes classes in the order of the numbers, as long as they are at most 100 different ones.
  /// Both have their texts as class names. Other numbers, and several columns, are values. `kind` decides otherwise:
  /// classes of whatever is written there, or values.
  ///
  /// - Parameters:
  ///   - path: the file, whose name without directory and ending is the set's.
  ///   - target: the columns of the targets.
  ///   - columns: the columns of the inputs, in this order; nil: all but the targets.
  ///   - kind: whether the targets are classes; a number of classes there must be as many as there are.
  ///   - format: delimiter and header.
  ///   - dtype: the inputs' dtype.
  ///   - operation: whom errors name.
  /// - Returns: the set.
  /// - Throws: `TableError` for columns that aren't there or are both input and target; `FileError` with line and column
  ///   for a damaged file; `DatasetError` for no rows, NaN and infinity, and more than a million classes;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public static func csv(
    _ path: String, target: [Column] = [], columns: [Column]? = nil, kind: Labels.Kind = .automatic, format: CSV,
    dtype: DType = .float32, operation: String = "data.csv"
  ) throws -> Dataset {
    let origin = Origin(operation: operation, path: path)
    var choice = (numbers: [Int](), texts: [Int]())
    let table = try format.readColumns(dtype, origin) { layout in
      choice = try choose(target, columns, layout, origin)
      return choice
    }
    let targets = try TextTargets(table.texts, origin).targets(kind, dtype)
    return try Dataset(
      name: name(of: path), inputs: table.numbers, targets: targets.targets, kind: targets.kind,
      classNames: targets.names, featureNames: table.layout.names.map { names in choice.numbers.map { names[$0] } },
      operation: operation)
  }

  private static func choose(
    _ target: [Column], _ columns: [Column]?, _ layout: CSVLayout, _ origin: Origin
  ) throws -> (numbers: [Int], texts: [Int]) {
    let texts = try target.map { try index(of: $0, layout, origin) }
    let numbers =
      try columns?.map { try index(of: $0, layout, origin) } ?? (0..<layout.columns).filter { !texts.contains($0) }
    let all = texts + numbers
    if let twice = all.indices.first(where: { all[..<$0].contains(all[$0]) }) {
      let name = layout.names.map { "'\($0[all[twice]])'" } ?? "\(all[twice] + 1)"
      throw TableError.columns(
        operation: origin.operation, path: origin.path, expected: "each column once, as an input or a target",
        got: "column \(name) twice")
    }
    guard !numbers.isEmpty else {
      throw TableError.columns(
        operation: origin.operation, path: origin.path, expected: "at least one column of inputs", got: "none")
    }
    return (numbers, texts)
  }

  private static func index(of column: Column, _ layout: CSVLayout, _ origin: Origin) throws -> Int {
    switch column {
    case .number(let number):
      if 1...max(layout.columns, 1) ~= number { return number - 1 }
      if number < 0, number >= -layout.columns { return layout.columns + number }
      throw unknown("\(number)", layout, origin)
    case .name(let name):
      guard let index = layout.names?.firstIndex(of: name) else { throw unknown("'\(name)'", layout, origin) }
      return index
    }
  }

  private static func unknown(_ column: String, _ layout: CSVLayout, _ origin: Origin) -> TableError {
    .column(
      operation: origin.operation, path: origin.path, column: column, names: layout.names ?? [], count: layout.columns)
  }

  /// A file's name without directory and ending.
  static func name(of path: String) -> String {
    let file = path.split(separator: "/").last ?? ""
    guard let dot = file.lastIndex(of: "."), dot > file.startIndex else { return String(file) }
    return String(file[..<dot])
  }
}

/// The target columns of a table, as they are written.
private struct TextTargets {
  /// How many different whole numbers are taken for classes where nobody says what they are.
  private static let mostNumbers = 100

  private let columns: [[String]]
  private let origin: Origin

  init(_ columns: [[String]], _ origin: Origin) {
    self.columns = columns
    self.origin = origin
  }

  /// The targets as a tensor, how to take them, and the names of classes.
  func targets(
    _ kind: Labels.Kind, _ dtype: DType
  ) throws -> (targets: Tensor?, kind: Labels.Kind, names: [String]?) {
    guard let first = columns.first else { return (nil, .automatic, nil) }
    let numbers = columns.map { CSVColumns.numbers(in: $0) }
    if columns.count == 1, isClasses(kind, numbers[0]) { return try classes(first, numbers[0], kind) }
    guard kind == .values || kind == .automatic else {
      throw failure("one column of classes", "\(columns.count) target columns")
    }
    let rows = try numbers.enumerated().map { place, values in
      guard let values else { throw failure("numbers as targets", text(in: columns[place])) }
      return values
    }
    if rows.count == 1 { return (try Tensor(rows[0], dtype), .values, nil) }
    let matrix = try Tensor(dtype, [first.count, rows.count], zeroed: false)
    for (column, values) in rows.enumerated() {
      for (row, value) in values.enumerated() { matrix.store(value, at: row * rows.count + column) }
    }
    return (matrix, .values, nil)
  }

  private func isClasses(_ kind: Labels.Kind, _ numbers: [Double]?) -> Bool {
    switch kind {
    case .classes: return true
    case .values: return false
    case .automatic:
      guard let numbers else { return true }
      return numbers.allSatisfy { $0 == $0.rounded() && $0.isFinite } && Set(numbers).count <= TextTargets.mostNumbers
    }
  }

  /// Numbers what is written, in the order of the numbers or else of the bytes.
  private func classes(
    _ cells: [String], _ numbers: [Double]?, _ kind: Labels.Kind
  ) throws -> (targets: Tensor?, kind: Labels.Kind, names: [String]?) {
    // 1 and 1.0 are one class, named as it is written first
    var names: [String] = []
    let indices: [Int]
    if let numbers, numbers.allSatisfy(\.isFinite) {
      let order = Dictionary(zip(numbers, cells)) { first, _ in first }.sorted { $0.key < $1.key }
      names = order.map(\.value)
      let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1.key, $0 + 1) })
      indices = numbers.map { places[$0] ?? 0 }
    } else {
      names = Set(cells).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0 + 1) })
      indices = cells.map { places[$0] ?? 0 }
    }
    if case .classes(let count?) = kind, count != names.count { throw failure("\(count) classes", "\(names.count)") }
    let targets = try Tensor(integers: indices.map { Int64($0) }, shape: [indices.count])
    return (targets, .classes(names.isEmpty ? nil : names.count), names.isEmpty ? nil : names)
  }

  /// The first text of a column that is no number.
  private func text(in cells: [String]) -> String {
    cells.first { CSVColumns.numbers(in: [$0]) == nil }.map { "'\($0.count <= 40 ? $0 : $0.prefix(37) + "...")'" }
      ?? "text"
  }

  private func failure(_ expected: String, _ got: String) -> TableError {
    .columns(operation: origin.operation, path: origin.path, expected: expected, got: got)
  }
}
