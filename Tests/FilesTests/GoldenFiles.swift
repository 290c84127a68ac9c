import Kernels
import Tensors
import TestSupport

@testable import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that NumPy or safetensors made, and what it holds; see `Fixtures/files.py`.
struct GoldenFile: Sendable {
  /// What is to be done with the file.
  enum Kind: String {
    /// Our writer makes the same bytes.
    case exact
    /// The same with the metadata that the test knows.
    case noted
    case read
    case fails
    /// Too long to list its tensors.
    case large
  }

  /// A tensor and its elements as text.
  struct Expected: Sendable {
    let name: String
    let dtype: DType
    let shape: [Int]
    let values: [String]
  }

  let name: String
  let kind: Kind
  let bytes: [UInt8]
  var tensors: [Expected] = []

  var format: FileFormat { FileFormat(rawValue: String(name.split(separator: ".").last ?? "")) ?? .npy }

  /// The files of `Fixtures/files.txt`; none, which no test passes, when it can't be read.
  static let all: [GoldenFile] = {
    var files: [GoldenFile] = []
    guard let stream = fopen(Project.path("Tests/FilesTests/Fixtures/files.txt"), "r") else { return files }
    defer { fclose(stream) }
    var text: [UInt8] = []
    while case let byte = getc(stream), byte != EOF { text.append(UInt8(truncatingIfNeeded: byte)) }
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n").dropFirst() {
      let words = line.split(separator: " ").map(String.init)
      if words[0] == "file", let kind = Kind(rawValue: words[2]) {
        files.append(GoldenFile(name: words[1], kind: kind, bytes: bytes(words[3])))
      } else if let dtype = DType(name: words[2]) {
        files[files.count - 1].tensors.append(
          Expected(
            name: String(decoding: bytes(words[1]), as: UTF8.self), dtype: dtype,
            shape: list(words[3]).compactMap { Int($0) }, values: list(words[4])))
      }
    }
    return files
  }()

  /// The file of a name.
  static func named(_ name: String) -> GoldenFile? { all.first { $0.name == name } }

  private static func list(_ word: String) -> [String] {
    word == "-" ? [] : word.split(separator: ",").map(String.init)
  }

  private static func bytes(_ word: String) -> [UInt8] {
    let digits = word.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}

extension GoldenFile.Expected {
  /// The tensor itself.
  func tensor() throws -> Tensor {
    if !dtype.isFloat {
      let tensor = try Tensor(dtype, Extents(shape))
      for (index, value) in values.enumerated() { tensor.store(Int64(value) ?? -7, at: index) }
      return tensor
    }
    return try Tensor(values.map { Double($0) ?? -7 }, shape: Extents(shape), dtype)
  }
}

let someFile = Origin(operation: "sonde.load", path: "a")

/// Reads a file's bytes; those of one tensor have the empty name.
func load(_ bytes: [UInt8], _ format: FileFormat, _ dtype: DType = .float64, delimiter: String = ",") throws
  -> [NamedTensor]
{
  try bytes.withUnsafeBytes { bytes in
    switch format {
    case .npy: [NamedTensor("", try NPY.read(bytes, someFile))]
    case .npz: try NPZ.read(bytes, someFile)
    case .safetensors: try Safetensors(bytes, someFile).tensors
    case .csv: [NamedTensor("", try CSV(delimiter: delimiter, operation: "sonde.load").read(dtype, bytes, someFile))]
    }
  }
}

/// Reads a file where it lies.
func load(path: String, _ format: FileFormat) throws -> [NamedTensor] {
  let origin = Origin(operation: "sonde.load", path: path)
  return switch format {
  case .npy: [NamedTensor("", try NPY.read(origin))]
  case .npz: try NPZ.read(origin)
  case .safetensors: try Safetensors(origin).tensors
  case .csv: [NamedTensor("", try CSV(operation: "sonde.load").read(.float64, origin))]
  }
}

/// The text of the error that reading a file where it lies ends in.
func messageOfFile(_ path: String, _ format: FileFormat) -> String {
  do {
    return "no error: \(try load(path: path, format).map(\.tensor.shape))"
  } catch {
    return "\(error)"
  }
}

/// The text of the error that reading ends in.
func message(_ bytes: [UInt8], _ format: FileFormat, _ dtype: DType = .float64, delimiter: String = ",") -> String {
  do {
    return "no error: \(try load(bytes, format, dtype, delimiter: delimiter).map(\.tensor.shape))"
  } catch {
    return "\(error)"
  }
}

/// Whether two tensors have the same dtype, shape and elements, NaN like NaN and the zeros apart.
func areSame(_ left: Tensor, _ right: Tensor) throws -> Bool {
  guard left.dtype == right.dtype, left.shape == right.shape else { return false }
  if !left.dtype.isFloat { return try left.integers() == right.integers() }
  return try zip(left.doubles(), right.doubles()).allSatisfy {
    $0.isNaN ? $1.isNaN : $0.bitPattern == $1.bitPattern
  }
}
