import Kernels
import OrderedCollections
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The tensors of a fixture file: a first line with the command that made it, then `name extents: numbers` a line.
struct Goldens {
  private var tensors: OrderedDictionary<String, (shape: Extents, numbers: [Double])> = [:]

  /// Reads `Fixtures/networks.txt` beside this file.
  static let networks = Goldens(file: "networks.txt")
  /// Reads `Fixtures/optimisers.txt` beside this file.
  static let optimisers = Goldens(file: "optimisers.txt")
  /// Reads `Fixtures/training.txt` beside this file.
  static let training = Goldens(file: "training.txt")

  /// Reads a file of `Fixtures` beside this one.
  init(file: String) {
    let folder = #filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.startIndex)
    guard let stream = fopen("\(folder)/Fixtures/\(file)", "r") else { return }
    defer { fclose(stream) }
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    _ = fgets(&buffer, Int32(buffer.count), stream)
    while fgets(&buffer, Int32(buffer.count), stream) != nil {
      let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let parts = text.split(separator: ":", maxSplits: 1)
      let head = parts[0].split(separator: " ")
      let shape = head.count > 1 ? Extents(head[1].split(separator: ",").compactMap { Int($0) }) : []
      let numbers = parts[1].split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
      tensors[String(head[0])] = (shape, numbers)
    }
  }

  /// The numbers of a name; empty, which no comparison passes, when there is none.
  subscript(name: String) -> [Double] { tensors[name]?.numbers ?? [] }

  /// The tensor of a name.
  func tensor(_ name: String, _ dtype: DType) throws -> Tensor {
    try NetworksTests.tensor(self[name], tensors[name]?.shape ?? [0], dtype)
  }

  /// The tensors whose names begin with `prefix`, without it.
  func tensors(_ prefix: String, _ dtype: DType) throws -> OrderedDictionary<String, Tensor> {
    var result: OrderedDictionary<String, Tensor> = [:]
    for name in tensors.keys where name.hasPrefix(prefix) {
      result[String(name.dropFirst(prefix.count))] = try tensor(name, dtype)
    }
    return result
  }
}
