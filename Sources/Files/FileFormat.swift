import Tensors

/// The formats that tensors are saved in, told by the end of a file's name.
public enum FileFormat: String, CaseIterable, Sendable {
  /// NumPy's format of one array.
  case npy
  /// NumPy's archive of named arrays.
  case npz
  /// The format of named tensors that Hugging Face's safetensors package defines.
  case safetensors
  /// Numbers as text, a row a line.
  case csv

  /// Finds the format in the name `origin.path`, large and small letters alike.
  ///
  /// - Throws: `FileError` for any other name.
  public init(_ origin: Origin) throws {
    let name =
      origin.path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).last ?? ""[...].utf8
    let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let ending = parts.count > 1 ? parts.last.map { String(decoding: $0, as: UTF8.self).lowercased() } : nil
    guard let format = ending.flatMap(FileFormat.init(rawValue:)) else {
      throw FileError(origin, .format(ending: ending.map { Excerpt.quoted(".\($0)".utf8) }))
    }
    self = format
  }
}

/// A tensor and the name it bears in a file.
public struct NamedTensor {
  /// The name.
  public let name: String
  /// The tensor.
  public let tensor: Tensor

  /// Joins a name and a tensor.
  public init(_ name: String, _ tensor: Tensor) {
    self.name = name
    self.tensor = tensor
  }
}

extension NamedTensor {
  /// The tensors sorted by the bytes of their names, so that a file doesn't depend on the order of a table.
  ///
  /// - Throws: `TensorError` when two bear one name.
  static func sorted(_ tensors: [NamedTensor], _ origin: Origin) throws -> [NamedTensor] {
    let result = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    for (first, second) in zip(result, result.dropFirst()) where first.name.utf8.elementsEqual(second.name.utf8) {
      throw TensorError.expected(
        operation: origin.operation, expected: "a name of its own for every tensor",
        got: "two tensors named \(Excerpt.quoted(first.name.utf8))")
    }
    return result
  }
}

extension Tensor {
  /// Gives `body` the elements in row-major order as one block of bytes, those of a strided view copied together first.
  ///
  /// - Throws: `TensorError.outOfMemory`, and what `body` throws.
  func withElementBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    let tensor = try contiguous()
    return try withExtendedLifetime(tensor) {
      try body(UnsafeRawBufferPointer(start: tensor.address, count: tensor.count * tensor.dtype.size))
    }
  }
}

extension Extents {
  /// Makes extents from a file's, nil when strides and sizes made of them could overflow, also where one of them is 0.
  init?(countable extents: [Int]) {
    var product = 1
    for extent in extents {
      let (next, overflow) = product.multipliedReportingOverflow(by: Swift.max(extent, 1))
      if overflow || extent < 0 || next >= 1 << 56 { return nil }
      product = next
    }
    self.init(extents)
  }
}
