import Kernels
import OrderedCollections
import Tensors

/// What rebuilding one network has at hand: what the file can prove, and what the caller knows to make.
final class Rebuild {
  /// Makes a layer of a kind that is not ours; it gets what the file says of the layer.
  typealias Constructor = (Configuration) throws -> Layer

  /// What numbers that no file holds may take at most, beyond as many as the file holds.
  static let allowance = 1 << 23

  /// What the network computes in.
  let dtype: DType
  /// The generator that the network goes on with; making layers draws nothing from it.
  let generator: Generator

  private let constructors: [String: Constructor]
  private let held: Int
  private var unclaimed: Int
  private var unclaimedAllowance: Int
  private var made: Set<ObjectIdentifier> = []
  private var kept: [Layer] = []

  init(
    dtype: DType, tensors: OrderedDictionary<String, Tensor>, generator: Generator, constructors: [String: Constructor]
  ) {
    self.dtype = dtype
    self.generator = generator
    self.constructors = constructors
    held = tensors.values.reduce(0) { $1.dtype.isFloat ? $0 + $1.count : $0 }
    unclaimed = held
    unclaimedAllowance = held + Rebuild.allowance
  }

  /// Makes the layer that a file describes.
  func layer(_ saved: SavedLayer) throws -> Layer {
    let layer: Layer
    do {
      layer = try make(saved)
      if saved.has("name") { try layer.rename(try saved.text("name")) }
      try saved.finish()
    } catch let error as NetworkError {
      // a setting out of a layer's range
      throw saved.failure("\(error)")
    }
    guard made.insert(ObjectIdentifier(layer)).inserted else {
      throw saved.failure("expected each layer once, got one layer twice")
    }
    // an identity is that of a living object only
    kept.append(layer)
    return layer
  }

  private func make(_ saved: SavedLayer) throws -> Layer {
    let kind = try saved.kind()
    if let type = SavedKinds.all.first(where: { $0.savedKinds.contains(kind) }) { return try type.rebuild(saved) }
    let name = kind == SavedKinds.custom ? try saved.text("type") : kind
    guard let constructor = constructors[name] else { throw unknown(name, kind, saved) }
    let layer = try constructor(saved.configuration)
    saved.ignoreRest()
    if layer.owner != nil { throw saved.failure("expected a new layer of '\(name)', got one of another network") }
    if let other = layer.dtype, other != dtype {
      throw saved.failure("expected a layer of \(dtype) of '\(name)', got one of \(other)")
    }
    return layer
  }

  private func unknown(_ name: String, _ kind: String, _ saved: SavedLayer) -> ConfigurationError {
    let cure = "nn.load(path, {layers={\(name.isPlainName ? name : "[name]")=constructor}}) makes it"
    guard kind != SavedKinds.custom else {
      return saved.failure("expected a constructor of the custom layer '\(name)', got none; \(cure)")
    }
    let names = SavedKinds.all.flatMap { $0.savedKinds } + constructors.keys.sorted()
    let nearest = nearestName(to: name, among: names).map { ", did you mean '\($0)'?" } ?? ""
    return saved.failure(
      "unknown kind of layer \(excerpt(name))\(nearest); a newer version wrote the file, or \(cure)")
  }

  func claim(_ extents: [Int], isSaved: Bool, _ saved: SavedLayer) throws {
    var count = 1
    for extent in extents {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      count = overflows ? Int.max : product
    }
    guard count <= (isSaved ? unclaimed : unclaimedAllowance) else {
      throw saved.failure(
        "expected sizes that the file's \(held) numbers can fill, got \(extents.map(String.init).joined(separator: " x "))"
      )
    }
    if isSaved { unclaimed -= count } else { unclaimedAllowance -= count }
  }
}

extension String {
  /// Whether Lua takes it as a name in a table.
  fileprivate var isPlainName: Bool {
    !isEmpty && utf8.allSatisfy { 0x30..<0x3a ~= $0 || 0x41..<0x5b ~= $0 || 0x61..<0x7b ~= $0 || $0 == 0x5f }
      && !(0x30..<0x3a ~= (utf8.first ?? 0x30))
  }
}
