/// How a value is reached from a name or a string: by fields, by elements with constant keys, and by calls.
public struct ValuePath: Equatable, Sendable {
  /// What a path begins with.
  public enum Root: Equatable, Sendable {
    /// A variable.
    case name(String)
    /// Any string.
    case string
  }

  /// A step from a value to another.
  public enum Step: Equatable, Sendable {
    /// `value.name`, `value["name"]` and the `value:name` of a method call.
    case field([UInt8])
    /// `value[number]`.
    case element(Int64)
    /// `value(...)`: never run; what it gives is known of Sonde's own functions.
    case call
  }

  /// What it begins with.
  public let root: Root
  /// The steps, in order.
  public private(set) var steps: [Step] = []

  /// A path without steps.
  public init(_ root: Root) { self.root = root }

  /// The path with a step more.
  public func appending(_ step: Step) -> ValuePath {
    var path = self
    path.steps.append(step)
    return path
  }

  /// How the names in a library of Lua's begin in its manual, `math.` say, where the path is one's.
  var libraryName: String? {
    guard steps.isEmpty else { return nil }
    return if case .name(let name) = root { name + "." } else { "string." }
  }

  /// The path without its last step; nil where it has none.
  public var parent: ValuePath? {
    guard !steps.isEmpty else { return nil }
    var path = self
    path.steps.removeLast()
    return path
  }
}

/// A place among the arguments of a call that is being typed.
public struct ArgumentPlace: Equatable, Sendable {
  /// What is called.
  public let function: ValuePath
  /// Whether it is called with a colon.
  public let isMethod: Bool
  /// Which argument it is, from 0.
  public let position: Int
  /// Where inside a table, the keys of the tables between the argument and the place; nil where in no table.
  public let nesting: [String]?
  /// The key whose value is typed; nil where a key or an element of the table is.
  public let key: String?
  /// The keys that the table has already.
  public let given: Set<String>

  /// Makes a place.
  public init(
    of function: ValuePath, isMethod: Bool, position: Int, nesting: [String]? = nil, key: String? = nil,
    given: Set<String> = []
  ) {
    (self.function, self.isMethod, self.position) = (function, isMethod, position)
    (self.nesting, self.key, self.given) = (nesting, key, given)
  }
}
