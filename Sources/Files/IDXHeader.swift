import Tensors

/// The header of an IDX file, believed only where the arithmetic on it can't overflow.
struct IDXHeader {
  /// The size of a header of eight dimensions, in bytes.
  static let largestSize = 4 + 4 * Extents.maximumRank

  let element: IDX.Element
  let shape: Extents
  let count: Int

  /// The size of the header, in bytes.
  var size: Int { 4 + 4 * shape.count }

  /// The size of the elements, in bytes.
  var elementsSize: Int { count * element.size }

  /// The size of the whole file (inflated), in bytes.
  var fileSize: Int { size + elementsSize }

  /// Reads a header from the first bytes of a file.
  ///
  /// - Throws: `FileError` when the bytes are too few or make no sense.
  init(_ bytes: UnsafeRawBufferPointer, _ origin: Origin) throws {
    guard bytes.count >= 4 else { throw FileError(origin, .idx(.headerTruncated(expected: 4, got: bytes.count))) }
    guard bytes[0] == 0, bytes[1] == 0 else { throw FileError(origin, .idx(.magic(bytes[0], bytes[1]))) }
    guard let element = IDX.Element(rawValue: bytes[2]) else { throw FileError(origin, .idx(.element(bytes[2]))) }
    let rank = Int(bytes[3])
    guard 1...Extents.maximumRank ~= rank else { throw FileError(origin, .idx(.rank(bytes[3]))) }
    guard bytes.count >= 4 + 4 * rank else {
      throw FileError(origin, .idx(.headerTruncated(expected: 4 + 4 * rank, got: bytes.count)))
    }
    let extents = (0..<rank).map {
      Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4 + 4 * $0, as: UInt32.self)))
    }
    guard let shape = Extents(countable: extents) else { throw FileError(origin, .idx(.extents(extents))) }
    self.element = element
    self.shape = shape
    count = shape.product
  }

  /// Compares the size the header announces with the file's.
  ///
  /// - Throws: `FileError` when they differ.
  func check(fileSize got: Int, _ origin: Origin) throws {
    if got < fileSize {
      let problem = IDXProblem.truncated(
        extents: Array(shape), expected: elementsSize, got: got - size, position: got)
      throw FileError(origin, .idx(problem))
    }
    if got > fileSize { throw FileError(origin, .idx(trailing(got: got - size))) }
  }

  /// The problem of a file that goes on after its elements.
  func trailing(got: Int?) -> IDXProblem {
    .trailing(extents: Array(shape), expected: elementsSize, got: got, position: fileSize)
  }
}
