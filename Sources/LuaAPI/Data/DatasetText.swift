import Datasets
import Kernels
import Tensors

/// What `print` shows of a dataset: never more than a screen.
struct DatasetText {
  private static let width = 80
  /// How many classes are listed.
  private static let mostClasses = 40

  private let dataset: Dataset

  init(_ dataset: Dataset) { self.dataset = dataset }

  /// The name and sizes, then a paragraph each for inputs and targets.
  func lines() throws -> [String] {
    var lines = [dataset.description, "  inputs   " + (try text(of: dataset.inputs))]
    if let names = dataset.featureNames { lines += paragraph("features", listed(names)) }
    switch dataset.labels {
    case .none: break
    case .values: lines.append("  targets  " + (try text(of: dataset.targets)))
    case .classes: lines += paragraph("classes ", listed(classes()))
    }
    if !dataset.maps.isEmpty {
      let functions = dataset.maps.count == 1 ? "a function" : "\(dataset.maps.count) functions"
      lines.append("  map      every batch goes through \(functions)")
    }
    return lines
  }

  /// A tensor's dtype, shape, range, mean and standard deviation.
  private func text(of tensor: Tensor) throws -> String {
    let head = "\(tensor.dtype) \(tensor.shape)"
    guard let type = tensor.dtype.floatType else { return head }
    let moments = try moments(tensor.contiguous(), type)
    let numbers = [moments.minimum, moments.maximum, moments.mean, moments.standardDeviation].map(Decimal.text)
    return "\(head), \(numbers[0]) to \(numbers[1]), mean \(numbers[2]), std \(numbers[3])"
  }

  private func moments<T: FloatElement>(_ tensor: Tensor, _ type: T.Type) throws -> Moments {
    try Moments.scan(UnsafePointer(tensor.pointer(T.self)), count: tensor.count)
  }

  private func classes() -> [String] {
    let counts = dataset.classCounts
    guard let names = dataset.classNames else { return counts.enumerated().map { "\($0 + 1): \($1)" } }
    return counts.enumerated().map { "\($0 + 1) \(shortened(names[$0])): \($1)" }
  }

  /// The first items, and how many there are beside them.
  private func listed(_ items: [String]) -> [String] {
    let most = DatasetText.mostClasses
    guard items.count > most else { return items.map(shortened) }
    return items.prefix(most).map(shortened) + ["and \(items.count - most) more"]
  }

  private func shortened(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count <= 30 ? line : "\(line.prefix(27))..."
  }

  /// Items in lines of at most 80 columns under a title.
  private func paragraph(_ title: String, _ items: [String]) -> [String] {
    var (lines, line) = ([String](), "  \(title)")
    for (place, item) in items.enumerated() {
      let word = " " + item + (place == items.count - 1 ? "" : ",")
      if line.count + word.count > DatasetText.width, place > 0 {
        lines.append(line)
        line = String(repeating: " ", count: 10)
      }
      line += word
    }
    lines.append(line)
    return lines
  }
}
