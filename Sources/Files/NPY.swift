import Tensors

/// NumPy's format of one array: a header that is a Python literal, then the elements.
///
/// Source: numpy.lib.format, versions 1.0, 2.0 and 3.0. Versions differ in the size and the encoding of the header.
public enum NPY {
  /// Reads the array in the file `origin.path`: float16 and float32 as float32, float64 as it is, all integers as
  /// int64, and masks as bool, in any byte order; an array in column-major order is copied into row-major order.
  ///
  /// - Throws: `FileError` with the byte position when the file can't be read, its header makes no sense, its
  ///   elements are no numbers or beyond int64, or its size is not exactly what the header announces;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public static func read(_ origin: Origin) throws -> Tensor {
    let stream = try FileStream(origin)
    guard let size = stream.size else { return try PlainFile.read(origin).withBytes { try read($0, origin) } }
    return try read(size: size, origin, stream.fill)
  }

  /// Reads an array that is in memory already.
  ///
  /// - Throws: as for a file.
  public static func read(_ bytes: UnsafeRawBufferPointer, _ origin: Origin) throws -> Tensor {
    try read(FileBytes(bytes: bytes, origin: origin))
  }

  static func read(_ source: FileBytes) throws -> Tensor {
    let header = try NPYHeader(source)
    try header.check(contentsSize: source.count, source)
    let tensor = try header.emptyTensor()
    try header.element.decode(source[header.size..<source.end], into: tensor)
    return try header.inRowMajorOrder(tensor)
  }

  /// Reads an array of `size` bytes, header included, piece by piece: nothing is allocated before the header has agreed
  /// with the size.
  static func read(
    size: Int, _ origin: Origin, entry: String? = nil, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Tensor {
    let preamble = try ByteBuffer(count: min(size, NPYHeader.longestPreamble), fill)
    let end = try preamble.withBytes {
      try NPYHeader.literal(FileBytes(bytes: $0, origin: origin, entry: entry)).upperBound
    }
    // A header of less than two bytes ends in the preamble of the longest.
    let head = try preamble.continued(max(min(end, size) - preamble.count, 0), fill)
    let header = try head.withBytes { bytes in
      let source = FileBytes(bytes: bytes, origin: origin, entry: entry)
      let header = try NPYHeader(source)
      try header.check(contentsSize: size, source)
      return header
    }
    let tensor = try header.emptyTensor()
    try header.element.read(into: tensor, origin, entry: entry, start: header.size, fill)
    return try header.inRowMajorOrder(tensor)
  }

  /// Writes a tensor to the file `origin.path`, as `numpy.save` writes a contiguous array of its dtype.
  ///
  /// The file is replaced whole or not at all.
  ///
  /// - Throws: `FileError`, `TensorError.outOfMemory`, `Interrupted`; the old file is then as it was.
  public static func write(_ tensor: Tensor, _ origin: Origin) throws {
    try tensor.withElementBytes { elements in
      try AtomicFile.replace(origin) { file in
        try header(of: tensor).withUnsafeBytes { try file.write($0) }
        try file.write(elements)
      }
    }
  }

  /// The header of a tensor's file, version 1.0, padded as NumPy pads it.
  static func header(of tensor: Tensor) -> [UInt8] {
    let extents = tensor.shape.map(String.init)
    let shape = extents.count == 1 ? "(\(extents[0]),)" : "(\(extents.joined(separator: ", ")))"
    var text = "{'descr': '\(description(of: tensor))', 'fortran_order': False, 'shape': \(shape), }"
    // NumPy leaves room for the first extent to grow to 21 digits, then fills up to a multiple of 64 and a line feed.
    if let first = extents.first { text += String(repeating: " ", count: 21 - first.utf8.count) }
    let length = 10 + text.utf8.count + 1
    text += String(repeating: " ", count: 64 - length % 64) + "\n"
    let size = UInt16(text.utf8.count)
    return NPYHeader.magic + [1, 0, UInt8(size & 0xff), UInt8(size >> 8)] + Array(text.utf8)
  }

  private static func description(of tensor: Tensor) -> String {
    switch tensor.dtype {
    case .float32: "<f4"
    case .float64: "<f8"
    case .int64: "<i8"
    case .bool: "|b1"
    }
  }
}
