import Tensors

extension Initialiser {
  /// The names without arguments, second names last.
  private static var plain: [(name: String, scheme: Scheme)] {
    [
      ("zeros", .constant(0)), ("xavier_normal", .xavierNormal), ("xavier_uniform", .xavierUniform),
      ("he_normal", .heNormal), ("he_uniform", .heUniform), ("lecun_normal", .lecunNormal), ("orthogonal", .orthogonal),
      ("lsuv", .lsuv),
      ("glorot_normal", .xavierNormal), ("glorot_uniform", .xavierUniform), ("kaiming_normal", .heNormal),
      ("kaiming_uniform", .heUniform),
    ]
  }

  private static let withArguments = ["normal", "uniform", "constant"]

  /// Every name that can be parsed; `normal`, `uniform` and `constant` take arguments.
  public static var names: [String] { plain.map(\.name) + withArguments }

  /// Makes an initialiser from its name, for example `he_normal`, `normal(0.01)` or `uniform(-0.05,0.05)`.
  ///
  /// - Throws: `NetworkError` for an unknown name, which offers the nearest, and for wrong arguments or a gain not finite.
  public init(parsing text: String, gain: Gain = .standard, who: String = "init") throws {
    if case .number(let number) = gain, !number.isFinite {
      throw NetworkError.expected(who, "a finite gain", "\(number)")
    }
    let (name, arguments) = try Initialiser.split(text, who)
    self.init(try Initialiser.scheme(name, arguments, text, who), gain: gain, name: text)
  }

  private static func scheme(_ name: String, _ arguments: [Double]?, _ text: String, _ who: String) throws -> Scheme {
    if let match = plain.first(where: { $0.name == name }) {
      guard arguments == nil else { throw NetworkError.expected(who, "\(name) without arguments", text) }
      return match.scheme
    }
    switch (name, arguments ?? [], arguments?.count ?? 0) {
    case ("normal", let list, 1) where list[0] >= 0: return .normal(std: list[0])
    case ("normal", _, _): throw NetworkError.expected(who, "normal(std) with a std of at least 0", text)
    case ("uniform", let list, 2) where list[0] <= list[1]: return .uniform(low: list[0], high: list[1])
    case ("uniform", _, _): throw NetworkError.expected(who, "uniform(low,high) with bounds in order", text)
    case ("constant", let list, 1): return .constant(list[0])
    case ("constant", _, _): throw NetworkError.expected(who, "constant(value)", text)
    default:
      throw NetworkError.unknownName(who, what: "initialiser", name: name, nearest: nearestName(to: name, among: names))
    }
  }

  /// Cuts `name(a,b)` into its name and its finite numbers; no parentheses give no arguments.
  private static func split(_ text: String, _ who: String) throws -> (String, [Double]?) {
    let compact = text.filter { !$0.isWhitespace }
    guard let open = compact.firstIndex(of: "(") else { return (compact, nil) }
    let name = String(compact[..<open])
    let inner = compact[compact.index(after: open)...]
    guard inner.last == ")" else { throw NetworkError.expected(who, "a closing parenthesis", text) }
    let pieces = inner.dropLast().split(separator: ",", omittingEmptySubsequences: false)
    let numbers = pieces.compactMap { Double($0) }.filter(\.isFinite)
    guard numbers.count == pieces.count else {
      throw NetworkError.expected(who, "finite numbers between the parentheses", text)
    }
    return (name, numbers)
  }
}
