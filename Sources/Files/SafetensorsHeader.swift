import Kernels
import Tensors

/// The header of a safetensors file, believed only where it agrees with itself and with the file's size.
struct SafetensorsHeader {
  /// One tensor of the header.
  struct Entry {
    let name: String
    let element: ElementFormat
    let shape: Extents
    /// Where the elements lie, counted from the end of the header.
    let offsets: Range<Int>
    /// Where the header says so.
    let position: Int
  }

  /// The key of the strings that a file says of itself.
  static let metadataKey = "__metadata__"
  /// The longest header that the package reads, in bytes.
  static let largestSize = 100_000_000

  private static let elements: [(name: String, element: ElementFormat)] = [
    ("BOOL", ElementFormat(kind: .boolean, size: 1)), ("U8", ElementFormat(kind: .unsigned, size: 1)),
    ("I8", ElementFormat(kind: .signed, size: 1)), ("U16", ElementFormat(kind: .unsigned, size: 2)),
    ("I16", ElementFormat(kind: .signed, size: 2)), ("U32", ElementFormat(kind: .unsigned, size: 4)),
    ("I32", ElementFormat(kind: .signed, size: 4)), ("U64", ElementFormat(kind: .unsigned, size: 8)),
    ("I64", ElementFormat(kind: .signed, size: 8)), ("F16", ElementFormat(kind: .float, size: 2)),
    ("BF16", ElementFormat(kind: .brainFloat, size: 2)), ("F32", ElementFormat(kind: .float, size: 4)),
    ("F64", ElementFormat(kind: .float, size: 8)),
  ]

  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]
  /// The size of the header with the 8 bytes before it.
  let size: Int

  private let source: FileBytes
  /// The size of the elements, in bytes.
  private let elementsSize: Int

  /// Reads the header that `source` is, with the 8 bytes before it, and holds it against the size of the file.
  ///
  /// - Throws: `FileError` with the byte position.
  init(_ source: FileBytes, fileSize: Int) throws {
    self.source = source
    size = source.count
    elementsSize = fileSize - source.count
    try parse()
    try requireWhole()
  }

  /// The length of the header in JSON, which the file begins with.
  ///
  /// - Throws: `FileError` when the file is shorter or the length absurd.
  static func length(_ source: FileBytes, fileSize: Int) throws -> Int {
    guard source.count >= 8 else {
      throw source.failure("the header's size in 8 bytes", got: "\(source.count)", at: source.count)
    }
    let length = source.load(UInt64.self, at: 0)
    guard length <= largestSize else {
      throw source.failure("a header of at most \(largestSize) bytes", got: "\(length)", at: 0)
    }
    guard Int(length) <= fileSize - 8 else {
      throw source.failure(
        "a header of \(Excerpt.bytes(Int(length)))", got: "\(fileSize - 8)", at: fileSize, cure: FileBytes.fetchAgain)
    }
    return Int(length)
  }

  /// The tensors as they lie in the file, with their places in the header.
  var entriesByOffset: [(place: Int, entry: Entry)] {
    entries.enumerated().map { (place: $0, entry: $1) }.sorted {
      ($0.entry.offsets.lowerBound, $0.entry.offsets.upperBound, $0.place)
        < ($1.entry.offsets.lowerBound, $1.entry.offsets.upperBound, $1.place)
    }
  }

  // MARK: Reading

  private mutating func parse() throws {
    var reader = JSONReader(source[8..<size])
    var names: Set<[UInt8]> = []
    var (entries, metadata): ([Entry], [String: String]) = ([], [:])
    try reader.readObject("a header in JSON, which begins with '{'") { reader, name, position in
      try Interrupt.check()
      guard names.insert(Array(name.utf8)).inserted else {
        throw source.failure("every name once", got: "\(Excerpt.quoted(name.utf8)) twice", at: position)
      }
      if name == SafetensorsHeader.metadataKey {
        metadata = try readMetadata(&reader)
      } else {
        entries.append(try readEntry(&reader, name, position))
      }
    }
    try reader.finish()
    (self.entries, self.metadata) = (entries, metadata)
  }

  private func readMetadata(_ reader: inout JSONReader) throws -> [String: String] {
    var metadata: [String: String] = [:]
    try reader.readObject("an object of strings as \(SafetensorsHeader.metadataKey)") { reader, key, position in
      let value = try reader.readString("a string in \(SafetensorsHeader.metadataKey)")
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw source.failure("every name once", got: "\(Excerpt.quoted(key.utf8)) twice", at: position)
      }
    }
    return metadata
  }

  private func readEntry(_ reader: inout JSONReader, _ name: String, _ position: Int) throws -> Entry {
    var (element, shape, offsets): (ElementFormat?, [Int]?, [Int]?)
    try reader.readObject("an object that describes a tensor") { reader, key, position in
      switch key {
      case "dtype" where element == nil: element = try readElement(&reader)
      case "shape" where shape == nil:
        shape = try reader.readIntegers(
          "a shape of at most \(Extents.maximumRank) extents", atMost: Extents.maximumRank)
      case "data_offsets" where offsets == nil:
        offsets = try reader.readIntegers("two offsets", atMost: 2)
      default:
        throw source.failure(
          "the keys dtype, shape and data_offsets, each once", got: Excerpt.quoted(key.utf8), at: position)
      }
    }
    guard let element, let shape, let offsets else {
      throw source.failure(
        "dtype, shape and data_offsets of \(Excerpt.quoted(name.utf8))", got: "fewer", at: position)
    }
    return try entry(name, element, shape, offsets, position)
  }

  private func readElement(_ reader: inout JSONReader) throws -> ElementFormat {
    let start = reader.position
    let name = try reader.readString("a dtype in quotes")
    guard let found = SafetensorsHeader.elements.first(where: { $0.name == name }) else {
      let names = SafetensorsHeader.elements.map(\.name)
      throw source.failure(
        "dtype \(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")", got: Excerpt.quoted(name.utf8),
        at: start)
    }
    return found.element
  }

  /// Holds the shape against the offsets, and the offsets against the file.
  private func entry(
    _ name: String, _ element: ElementFormat, _ extents: [Int], _ offsets: [Int], _ position: Int
  ) throws -> Entry {
    guard let shape = Extents(countable: extents) else {
      throw source.failure(
        "extents whose product can be counted as the shape of \(Excerpt.quoted(name.utf8))", got: "\(extents)",
        at: position)
    }
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= elementsSize else {
      throw source.failure(
        "two offsets of \(Excerpt.quoted(name.utf8)) within the \(Excerpt.bytes(elementsSize)) behind the header",
        got: "\(offsets)", at: position)
    }
    guard offsets[1] - offsets[0] == shape.product * element.size else {
      throw source.failure(
        "\(Excerpt.bytes(shape.product * element.size)) for shape \(shape) of \(Excerpt.quoted(name.utf8))",
        got: "\(offsets[1] - offsets[0])", at: position)
    }
    return Entry(name: name, element: element, shape: shape, offsets: offsets[0]..<offsets[1], position: position)
  }

  /// Refuses overlaps, holes, and bytes that belong to no tensor.
  private func requireWhole() throws {
    var end = 0
    for (_, entry) in entriesByOffset {
      guard entry.offsets.lowerBound == end else {
        throw source.failure(
          "the offset \(end) of \(Excerpt.quoted(entry.name.utf8)), where the tensor before it ends",
          got: "\(entry.offsets.lowerBound)", at: entry.position)
      }
      end = entry.offsets.upperBound
    }
    guard end == elementsSize else {
      throw source.failure(
        "the end of the file behind the last tensor", got: "\(Excerpt.bytes(elementsSize - end)) more",
        at: size + end)
    }
  }

  // MARK: Writing

  /// The header of tensors that lie one after another, filled up with spaces to a multiple of 8 bytes.
  static func text(_ tensors: [NamedTensor], _ metadata: [String: String]) -> String {
    var members: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      let strings = pairs.map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
      members.append("\"\(metadataKey)\":{\(strings.joined(separator: ","))}")
    }
    var offset = 0
    for item in tensors {
      let end = offset + item.tensor.count * item.tensor.dtype.size
      let shape = item.tensor.shape.map(String.init).joined(separator: ",")
      members.append(
        "\(JSONText.quoted(item.name)):{\"dtype\":\"\(name(of: item.tensor.dtype))\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    let text = "{\(members.joined(separator: ","))}"
    return text + String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
  }

  private static func name(of dtype: DType) -> String {
    switch dtype {
    case .float32: "F32"
    case .float64: "F64"
    case .int64: "I64"
    case .bool: "BOOL"
    }
  }
}
