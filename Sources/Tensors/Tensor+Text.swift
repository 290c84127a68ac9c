import Kernels

extension Tensor {
  /// The tensor as people read it: dtype and shape, then its elements, or the first and last of them, in columns.
  ///
  /// It never has more than `rows + 3` lines (rows at least 12) of `columns` characters, and takes no longer for a large tensor. A power of ten
  /// common to all is written once, beside the shape; numbers of very different size are written with an exponent each.
  ///
  /// - Parameters:
  ///   - columns: The width of the screen.
  ///   - rows: The most lines of elements.
  /// - Returns: The lines, without a newline at the end.
  public func text(columns: Int = 80, rows: Int = 20) -> String {
    TensorText(self, columns: Swift.max(columns, 24), rows: Swift.max(rows, 12)).text
  }

  /// The tensor in one line: dtype, shape and its first elements, for example `float32 [2, 3] (1, 2, 3, 4, ...)`.
  ///
  /// It takes no longer for a large tensor.
  ///
  /// - Parameter items: The most elements that are shown.
  /// - Returns: The line, without a newline.
  public func summary(items: Int = 4) -> String {
    TensorText(first: Swift.min(count, Swift.max(items, 0)), of: self).summary
  }
}

/// The layout of one printed tensor.
private struct TensorText {
  private let tensor: Tensor
  private let columns: Int
  private let rows: Int
  private var style = NumberStyle.words
  private var width = 0
  private var lines: [String] = []

  /// What follows the shape.
  private var note: String { style.note + (tensor.requiresGradient ? ", requires_grad" : "") }

  var text: String {
    let note = note
    var header = "\(tensor.dtype) \(tensor.shape)\(note)"
    if header.count > columns { header = "\(header.prefix(columns - 3 - note.count))...\(note)" }
    return ([header] + lines).joined(separator: "\n")
  }

  init(_ tensor: Tensor, columns: Int, rows: Int) {
    self.tensor = tensor
    self.columns = columns
    self.rows = rows
    if tensor.count == 0 {
      lines = ["  (no elements)"]
    } else if tensor.rank < 2 {
      layOutVector()
    } else {
      layOutMatrices()
    }
  }

  // MARK: One line

  init(first count: Int, of tensor: Tensor) {
    (self.tensor, columns, rows) = (tensor, 0, 0)
    let shown = (0..<count).map { place in
      var (rest, position) = (place, tensor.offset)
      for dimension in stride(from: tensor.rank - 1, through: 0, by: -1) {
        position += rest % tensor.shape[dimension] * tensor.strides[dimension]
        rest /= tensor.shape[dimension]
      }
      return position
    }
    choose(shown)
    lines = shown.map { written($0) }
    if count < tensor.count { lines.append("...") }
  }

  var summary: String {
    "\(tensor.dtype) \(tensor.shape)\(note)" + (lines.isEmpty ? "" : " (\(lines.joined(separator: ", ")))")
  }

  // MARK: Vectors

  private mutating func layOutVector() {
    let count = tensor.count
    let step = tensor.rank == 0 ? 0 : tensor.strides[0]
    let most = columns / 3 * rows / 2
    let sample = ends(count, head: most, tail: most)
    choose(sample.map { tensor.offset + $0 * step })
    let perLine = Swift.max(columns / (width + 2), 1)
    let shown =
      count <= perLine * rows / 2
      ? ends(count, head: count, tail: 0) : ends(count, head: 3 * perLine, tail: 3 * perLine)
    var line = ""
    for (place, index) in shown.enumerated() {
      if place > 0 && place % perLine == 0 { endLine(&line) }
      if place > 0 && index != shown[place - 1] + 1 {
        endLine(&line)
        lines.append("  ...")
      }
      line += cell(tensor.offset + index * step)
    }
    endLine(&line)
  }

  private mutating func endLine(_ line: inout String) {
    if !line.isEmpty { lines.append(line) }
    line = ""
  }

  // MARK: Matrices

  private mutating func layOutMatrices() {
    let rank = tensor.rank
    let (height, length) = (tensor.shape[rank - 2], tensor.shape[rank - 1])
    let slices = tensor.count / (height * length)
    let labels = slices > 1 ? 1 : 0
    let fits = slices <= rows && slices * (Swift.min(height, rows) + labels) <= rows
    let shownSlices = fits ? Array(0..<slices) : ends(slices, head: 2, tail: 1)
    let dots = shownSlices.count < slices ? 1 : 0
    let perSlice = Swift.max((rows - dots) / shownSlices.count - labels, 3)
    let shownRows =
      height <= perSlice ? Array(0..<height) : ends(height, head: perSlice / 2, tail: perSlice - 1 - perSlice / 2)
    let sample = ends(length, head: columns / 6, tail: columns / 6)
    choose(shownSlices.flatMap { slice in shownRows.flatMap { row in sample.map { position(slice, row, $0) } } })
    // the dots take the place of a number, and of a little more where numbers are short
    let fit = Swift.max((columns - Swift.max(3 - width, 0)) / (width + 2), 3)
    let isWhole = length <= columns / (width + 2)
    let shownColumns = isWhole ? Array(0..<length) : ends(length, head: fit / 2, tail: fit - 1 - fit / 2)
    for (place, slice) in shownSlices.enumerated() {
      if place > 0 && slice != shownSlices[place - 1] + 1 { lines.append("...") }
      if labels == 1 { lines.append(label(slice)) }
      addRows(slice, shownRows, shownColumns)
    }
  }

  private mutating func addRows(_ slice: Int, _ shownRows: [Int], _ shownColumns: [Int]) {
    for (place, row) in shownRows.enumerated() {
      if place > 0 && row != shownRows[place - 1] + 1 { lines.append("  ...") }
      var line = ""
      for (place, column) in shownColumns.enumerated() {
        if place > 0 && column != shownColumns[place - 1] + 1 {
          line += String(repeating: " ", count: Swift.max(width - 1, 2)) + "..."
        }
        line += cell(position(slice, row, column))
      }
      lines.append(line)
    }
  }

  /// The index that selects a slice, as users write it.
  private func label(_ slice: Int) -> String {
    let text = "[" + leadingIndices(slice).map { "\($0 + 1)" }.joined(separator: ", ") + "]"
    return text.count <= columns ? text : text.prefix(columns - 3) + "..."
  }

  private func leadingIndices(_ slice: Int) -> [Int] {
    var rest = slice
    var indices = [Int]()
    for dimension in stride(from: tensor.rank - 3, through: 0, by: -1) {
      indices.insert(rest % tensor.shape[dimension], at: 0)
      rest /= tensor.shape[dimension]
    }
    return indices
  }

  private func position(_ slice: Int, _ row: Int, _ column: Int) -> Int {
    var position = tensor.offset + row * tensor.strides[tensor.rank - 2] + column * tensor.strides[tensor.rank - 1]
    for (dimension, index) in leadingIndices(slice).enumerated() { position += index * tensor.strides[dimension] }
    return position
  }

  // MARK: Elements

  /// The first and last indices of a range, all of it when it is no longer than both with one between.
  private func ends(_ count: Int, head: Int, tail: Int) -> [Int] {
    count <= head + tail ? Array(0..<count) : Array(0..<head) + Array((count - tail)..<count)
  }

  /// Chooses one style and width for the elements at these places.
  private mutating func choose(_ positions: [Int]) {
    if tensor.dtype.isFloat { style = NumberStyle(positions.map { numeral($0) }) }
    for position in positions { width = Swift.max(width, written(position).utf8.count) }
  }

  private func numeral(_ position: Int) -> Numeral {
    Numeral(tensor.load(at: position), single: tensor.dtype == .float32)
  }

  private func written(_ position: Int) -> String {
    switch tensor.dtype {
    case .bool: tensor.loadInteger(at: position) != 0 ? "true" : "false"
    case .int64: "\(tensor.loadInteger(at: position))"
    case .float32, .float64: style.write(numeral(position))
    }
  }

  private func cell(_ position: Int) -> String {
    let text = written(position)
    return String(repeating: " ", count: Swift.max(width + 2 - text.utf8.count, 1)) + text
  }
}

/// How the floats of one printed tensor are written.
private enum NumberStyle {
  /// As they are: integers and masks.
  case words
  /// Whole numbers, without a point.
  case whole
  /// Four digits after the point, after division by a power of ten.
  case fixed(scale: Int)
  /// Four digits after the point and an exponent each.
  case scientific

  private static let places = 4

  /// Chooses what shows all numbers but zeros as other than zero, in few characters.
  init(_ numerals: [Numeral]) {
    var (largest, smallest) = (Int.min, Int.max)
    var allWhole = true
    for numeral in numerals where numeral.isFinite && !numeral.isZero {
      largest = Swift.max(largest, numeral.exponent)
      smallest = Swift.min(smallest, numeral.exponent)
      allWhole = allWhole && numeral.isWhole
    }
    if largest == .min || (allWhole && largest < 7) {
      self = .whole
      return
    }
    let scale = largest < -1 || largest > 4 ? largest : 0
    self = smallest < scale - NumberStyle.places ? .scientific : .fixed(scale: scale)
  }

  /// What the header says about the numbers.
  var note: String {
    if case .fixed(let scale) = self, scale != 0 { return ", times 1e\(scale)" }
    return ""
  }

  func write(_ numeral: Numeral) -> String {
    switch self {
    case .words, .whole: numeral.fixed(places: 0)
    case .fixed(let scale): numeral.fixed(places: NumberStyle.places, scale: scale)
    case .scientific: numeral.scientific(places: NumberStyle.places)
    }
  }
}
