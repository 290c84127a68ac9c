/// The extents or the strides of a tensor: up to eight integers, stored inline so that a view costs no allocation.
public struct Extents: RandomAccessCollection, MutableCollection, ExpressibleByArrayLiteral, Hashable, Sendable {
  /// The largest number of dimensions a tensor can have.
  public static let maximumRank = 8

  // not SIMD8, whose alignment would make every tensor an over-aligned, slow allocation
  private var values = [8 of Int](repeating: 0)

  /// The number of dimensions.
  public private(set) var count = 0

  /// The first index, 0.
  public var startIndex: Int { 0 }

  /// The index past the last.
  public var endIndex: Int { count }

  /// Makes extents from up to eight integers; more is a mistake of the caller's, which checks ranks first.
  public init(arrayLiteral elements: Int...) {
    self.init(elements)
  }

  /// Makes extents from up to eight integers; more is a mistake of the caller's, which checks ranks first.
  public init(_ elements: some Sequence<Int>) {
    for element in elements { append(element) }
  }

  /// Makes `count` equal extents.
  public init(repeating value: Int, count: Int) {
    for _ in 0..<count { append(value) }
  }

  /// The extent or stride of dimension `index`, counted from 0.
  public subscript(index: Int) -> Int {
    get { values[index] }
    set { values[index] = newValue }
  }

  /// Adds a dimension at the end.
  public mutating func append(_ value: Int) {
    precondition(count < Extents.maximumRank, "ranks are checked before extents are built")
    values[count] = value
    count += 1
  }

  /// Adds a dimension before dimension `index`.
  public mutating func insert(_ value: Int, at index: Int) {
    append(value)
    var position = count - 1
    while position > index {
      values[position] = values[position - 1]
      position -= 1
    }
    values[index] = value
  }

  /// Removes dimension `index`.
  public mutating func remove(at index: Int) {
    for position in index..<(count - 1) { values[position] = values[position + 1] }
    count -= 1
    values[count] = 0
  }

  /// The product of all extents, 1 for none; whoever makes a shape has checked that it doesn't overflow.
  public var product: Int {
    var result = 1
    // wraps around where a later extent of 0 makes the product 0
    for index in 0..<count { result &*= values[index] }
    return result
  }

  /// The strides of a contiguous row-major tensor with these extents.
  public var contiguousStrides: Extents {
    var strides = self
    var step = 1
    for index in stride(from: count - 1, through: 0, by: -1) {
      strides[index] = step
      // An empty tensor's other extents may be huge: their strides mean nothing and may wrap around.
      step &*= Swift.max(values[index], 1)
    }
    return strides
  }
}

extension Extents {
  /// Whether both have the same integers.
  public static func == (left: Extents, right: Extents) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.values[index] != right.values[index] { return false }
    return true
  }

  /// Feeds the integers to a hash.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for index in 0..<count { hasher.combine(values[index]) }
  }
}

extension Extents: CustomStringConvertible {
  /// The extents as a user reads them, for example `[2, 3]`.
  public var description: String {
    "[" + map(String.init).joined(separator: ", ") + "]"
  }
}
