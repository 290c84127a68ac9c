import Tensors

/// What a parameter or option accepts.
enum ParameterType: Sendable {
  case any
  case boolean
  case integer
  case number
  case string
  case table
  case function
  case tensor
  /// A tensor, or a table of tensors whose names are the user's: as a required parameter it is never options.
  case tensors
  /// A table of tensors as `tensors`, or the path of a file that holds one.
  case state
  /// Numbers to draw: a tensor, a sequence, or a table of several whose names are the user's.
  case curves
  case object(ObjectType)
  case dtype
  case choice([String])
  case oneOf([ParameterType])

  /// How messages and help name it.
  var text: String {
    switch self {
    case .any: "a value"
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .table: "a table"
    case .function: "a function"
    case .tensor: "a tensor"
    case .tensors: "a tensor or a table of tensors"
    case .state: "a table of tensors or a path"
    case .curves: "a tensor or a table of numbers or curves"
    case .object(let type): type.described
    case .dtype: "\"float32\", \"float64\", \"int64\" or \"bool\""
    case .choice(let names): listed(names.map { "\"\($0)\"" })
    case .oneOf(let types): listed(types.flatMap(\.alternatives))
    }
  }

  /// How a message ends that expected it: where one comes from, or nothing.
  var cure: String {
    if case .object(let type) = self, let maker = type.maker { return "; \(maker) makes one" }
    return ""
  }

  /// The text in its parts, so that a list of types reads as one.
  private var alternatives: [String] {
    if case .tensors = self { return ["a tensor", "a table of tensors"] }
    if case .curves = self { return ["a tensor", "a table of numbers or curves"] }
    return [text]
  }

  /// Whether a table whose names are the user's is such a value.
  var takesNames: Bool {
    switch self {
    case .tensors, .state, .curves: true
    case .oneOf(let types): types.contains(where: \.takesNames)
    default: false
    }
  }
}

/// Joins alternatives as a sentence does: `a, b or c`.
func listed(_ items: [String]) -> String {
  guard items.count > 1, let last = items.last else { return items.first ?? "" }
  return items.dropLast().joined(separator: ", ") + " or " + last
}

/// One parameter or option: the source of argument errors, help and completion.
struct Parameter: Sendable {
  let name: String
  let type: ParameterType
  /// The default as a user would write it; nil when the parameter must be given.
  let defaultText: String?
  let meaning: String

  init(_ name: String, _ type: ParameterType, default defaultText: String? = nil, _ meaning: String) {
    self.name = name
    self.type = type
    self.defaultText = defaultText
    self.meaning = meaning
  }
}

/// One function that Lua sees: dispatch, argument errors, `help()` and the reference come from it.
struct FunctionRecord: Sendable {
  /// The full name: `sonde.zeros`, `nn.mlp`; a method is `tensor:sum`.
  let name: String
  var summary: String
  /// The positional parameters; a method's first argument, the object, is not among them.
  let parameters: [Parameter]
  /// Whether the last parameter may be given any number of times.
  let variadic: Bool
  /// The keys of the trailing options table.
  let options: [Parameter]
  let returns: String
  /// When it raises, beside wrong arguments.
  let errors: String
  /// Lua that runs in a test, with `assert`.
  let example: String
  /// The type whose method it is.
  let receiver: ObjectType?
  /// What C does without `body` where nothing is unusual about the arguments.
  let direct: DirectMethod?
  /// Where it is written: in Swift, or in Lua of the library.
  let source: Source
  let body: @Sendable (inout Call) throws -> Int32

  /// Where a function is written.
  enum Source: Sendable {
    /// A file by its module and name, and the line of the record.
    case swift(file: String, line: Int)
    /// A function of a file of `Library`.
    case library(file: String, function: String)
  }

  init(
    _ name: String, _ summary: String, _ parameters: [Parameter] = [], variadic: Bool = false,
    options: [Parameter] = [], returns: String, errors: String = "", example: String, receiver: ObjectType? = nil,
    direct: DirectMethod? = nil, library: (file: String, function: String)? = nil, file: String = #fileID,
    line: Int = #line, body: @escaping @Sendable (inout Call) throws -> Int32
  ) {
    source = library.map { .library(file: $0.file, function: $0.function) } ?? .swift(file: file, line: line)
    self.name = name
    self.summary = summary
    self.parameters = parameters
    self.variadic = variadic
    self.options = options
    self.returns = returns
    self.errors = errors
    self.example = example
    self.receiver = receiver
    self.direct = direct
    self.body = body
  }

  /// How many positional parameters must be given.
  var requiredCount: Int32 { Int32(parameters.count { $0.defaultText == nil }) }

  /// Whether a table of names at that place is a parameter and no options.
  func takesNames(at position: Int32) -> Bool {
    position < requiredCount && parameters[Int(position)].type.takesNames
  }

  /// The name behind the last dot or colon.
  var shortName: String {
    guard let mark = name.lastIndex(where: { $0 == "." || $0 == ":" }) else { return name }
    return String(name[name.index(after: mark)...])
  }
}

/// One field of an object: read with `object.name`, written where it has a `set`.
struct PropertyRecord: Sendable {
  let name: String
  let summary: String
  let get: @Sendable (inout Call) throws -> Int32
  let set: (@Sendable (inout Call) throws -> Void)?

  init(
    _ name: String, _ summary: String, set: (@Sendable (inout Call) throws -> Void)? = nil,
    get: @escaping @Sendable (inout Call) throws -> Int32
  ) {
    self.name = name
    self.summary = summary
    self.get = get
    self.set = set
  }
}

/// One type of object that Lua sees.
struct TypeRecord: Sendable {
  let type: ObjectType
  let summary: String
  var methods: [FunctionRecord] = []
  var properties: [PropertyRecord] = []
  /// `object[key]` for keys that are no property; nil is answered as 'no such field'.
  var element: (@Sendable (inout Call) throws -> Int32?)?
  /// `object[key] = value`; false is answered as 'no such field'.
  var assign: (@Sendable (inout Call) throws -> Bool)?
  var length: (@Sendable (inout Call) throws -> Int)?
  var text: (@Sendable (inout Call) throws -> String)?
  var call: (@Sendable (inout Call) throws -> Int32)?
  /// Whether `pairs` walks the elements 1 to `length` before the keys.
  var walksElements = false
  /// The keys that `pairs` walks, in order; nil walks nothing.
  var keys: (@Sendable (inout Call) throws -> [String])?
  /// `<` and `<=`; the flag asks for `<=`.
  var order: (@Sendable (inout Call, Bool) throws -> Bool)?
}
