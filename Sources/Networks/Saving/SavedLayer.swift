import Kernels
import OrderedCollections
import Tensors

/// A layer as a file describes it, while it is read: every setting is asked for once, by its name.
///
/// Nothing in it is believed: a layer claims its numbers before it takes memory for them.
public final class SavedLayer {
  /// The place in the tree, for messages.
  let path: String
  /// What the whole network is rebuilt with.
  let rebuild: Rebuild

  private let settings: OrderedDictionary<String, Configuration>
  private var asked: Set<String> = []

  init(_ configuration: Configuration, path: String, _ rebuild: Rebuild) throws {
    guard case .object(let settings) = configuration else {
      throw ConfigurationError(
        problem: "expected an object with settings, got \(configuration.shown)", path: path.isEmpty ? nil : path)
    }
    self.settings = settings
    self.path = path
    self.rebuild = rebuild
  }

  /// What the network computes in.
  var dtype: DType { rebuild.dtype }

  /// Everything that is written there, for those who know nothing about it.
  public var configuration: Configuration { .object(settings) }

  // MARK: Settings

  /// The kind of layer.
  func kind() throws -> String { try text("kind") }

  /// An integer of at least `least`.
  func integer(_ name: String, atLeast least: Int = 0) throws -> Int {
    guard case .integer(let value) = try value(name), value >= least else {
      throw unexpected(name, "an integer of at least \(least)")
    }
    return value
  }

  /// A number, whole or not.
  func number(_ name: String) throws -> Double {
    switch try value(name) {
    case .number(let value): return value
    case .integer(let value): return Double(value)
    default: throw unexpected(name, "a number")
    }
  }

  /// A flag.
  func boolean(_ name: String) throws -> Bool {
    guard case .boolean(let value) = try value(name) else { throw unexpected(name, "true or false") }
    return value
  }

  /// A name: no control characters, since it may be printed.
  func text(_ name: String) throws -> String {
    guard case .text(let value) = try value(name), value.isSavableName else {
      throw unexpected(name, "a string of at most 200 printable characters")
    }
    return value
  }

  /// One of the names of an enum.
  func choice<Choice: CaseIterable & RawRepresentable<String>>(_ name: String) throws -> Choice {
    guard let choice = Choice(rawValue: try text(name)) else {
      throw unexpected(name, Choice.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", "))
    }
    return choice
  }

  /// Whether a setting is there at all; those that later versions added may not be.
  func has(_ name: String) -> Bool { settings[name] != nil }

  /// Names in a list.
  func texts(_ name: String) throws -> [String] {
    guard case .list(let list) = try value(name) else { throw unexpected(name, "a list of names") }
    return try list.enumerated().map { index, item in
      guard case .text(let text) = item else { throw unexpected("\(name)[\(index)]", "a name", item.shown) }
      return text
    }
  }

  /// Whether a setting is null.
  func isNull(_ name: String) throws -> Bool { try value(name) == .null }

  /// An object within, nil where null stands.
  func object(_ name: String) throws -> SavedLayer? {
    guard try !isNull(name) else { return nil }
    return try SavedLayer(try value(name), path: "\(path).\(name)", rebuild)
  }

  /// A layer within, nil where null stands.
  func part<Part: Layer>(_ name: String, _ type: Part.Type) throws -> Part? {
    guard let layer = try object(name).map(rebuild.layer) else { return nil }
    guard let part = layer as? Part else { throw unexpected(name, "a layer that can stand there", layer.kind) }
    return part
  }

  /// The objects of a list.
  func objects(_ name: String) throws -> [SavedLayer] {
    guard case .list(let list) = try value(name) else { throw unexpected(name, "a list") }
    let place = path.isEmpty ? name : "\(path).\(name)"
    return try list.enumerated().map { try SavedLayer($1, path: "\(place)[\($0)]", rebuild) }
  }

  /// The layers of a list.
  func layers(_ name: String = "layers") throws -> [Layer] {
    try objects(name).map { saved in
      try Interrupt.check()
      return try rebuild.layer(saved)
    }
  }

  /// Makes sure that nothing was left unread: it would mean something to whoever wrote it.
  func finish() throws {
    if let name = settings.keys.first(where: { !asked.contains($0) }) {
      let nearest = nearestName(to: name, among: asked).map { ", did you mean '\($0)'?" } ?? ""
      throw failure(
        "expected settings that this program knows, got \(excerpt(name))\(nearest); a newer version may have written it"
      )
    }
  }

  /// Takes everything as read: a constructor of the user's has seen it.
  func ignoreRest() { asked.formUnion(settings.keys) }

  // MARK: Memory

  /// Makes sure that the file holds as many numbers before memory is taken for them.
  ///
  /// Numbers that no file holds (gamma and beta of a normalisation without them) come from a small allowance.
  func claim(_ extents: [Int], isSaved: Bool = true) throws {
    try rebuild.claim(extents, isSaved: isSaved, self)
  }

  // MARK: Errors

  /// The error of this place.
  func failure(_ problem: String) -> ConfigurationError {
    ConfigurationError(problem: problem, path: path.isEmpty ? nil : path)
  }

  /// The error of a setting that is something else.
  func unexpected(_ name: String, _ expected: String, _ got: String? = nil) -> ConfigurationError {
    let place = path.isEmpty ? name : "\(path).\(name)"
    return ConfigurationError(
      problem: "expected \(expected), got \(got ?? settings[name]?.shown ?? "nothing")", path: place)
  }

  private func value(_ name: String) throws -> Configuration {
    asked.insert(name)
    guard let value = settings[name] else { throw unexpected(name, "a setting '\(name)'") }
    return value
  }
}

extension String {
  /// Whether it is short and printable, as a name in a file must be.
  var isSavableName: Bool {
    unicodeScalars.count <= 200 && !unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
