import OrderedCollections

/// A tree of settings, as a file holds the structure of a network beside its tensors.
public indirect enum Configuration: Equatable, Sendable {
  /// Nothing, where something could stand.
  case null
  /// A flag.
  case boolean(Bool)
  /// A size or a count.
  case integer(Int)
  /// A number.
  case number(Double)
  /// A name.
  case text(String)
  /// Trees in order.
  case list([Configuration])
  /// Settings by name, in order.
  case object(OrderedDictionary<String, Configuration>)

  /// The settings of a layer, its kind first.
  static func layer(
    _ kind: String, _ settings: KeyValuePairs<String, Configuration> = [:]
  ) -> Configuration {
    var members: OrderedDictionary<String, Configuration> = ["kind": .text(kind)]
    for (name, value) in settings { members[name] = value }
    return .object(members)
  }

  /// How a message names what came.
  var shown: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): excerpt(value)
    case .list: "a list"
    case .object: "an object"
    }
  }
}

/// Text that a stranger wrote as a message may show it: quoted, without control characters, no longer than a name.
func excerpt(_ text: String) -> String {
  let longest = 60
  let shown = text.unicodeScalars.prefix(longest).map { $0.properties.generalCategory == .control ? "?" : "\($0)" }
  return "'\(shown.joined())\(text.unicodeScalars.count > longest ? "..." : "")'"
}

/// A tree of settings that makes no network: what is wrong with it, and where.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// What was expected, what came, the cure.
  public let problem: String
  /// Where in the tree, for example `layers[0].eps`; nil where the whole is at fault.
  public let path: String?

  /// The problem and its place.
  public var description: String { problem + (path.map { " (at \($0))" } ?? "") }
}
