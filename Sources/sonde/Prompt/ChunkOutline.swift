/// What a chunk's text tells without running it: the locals it declares at top level, the names in it, where it returns.
struct ChunkOutline {
  /// A local declared outside of every block and function.
  struct Declaration: Equatable {
    enum Attribute: Equatable { case none, const, close }

    let name: String
    var attribute = Attribute.none
  }

  /// A `return`: where it stands, in bytes, and how many declarations come before it.
  struct Return: Equatable {
    let position: Int
    let declarations: Int
    /// Whether it is the chunk's last statement and stands in no block.
    let isLast: Bool
    /// Whether it is to be put there, before a call.
    var isCall = false
  }

  /// In the order of the text; a name may come twice.
  private(set) var declarations: [Declaration] = []
  /// Every name in the text, whatever it means there.
  private(set) var names: Set<String> = []
  /// Where the chunk itself returns, outside of functions.
  var returns: [Return] = []
  /// Whether it makes functions, which may outlive it.
  private(set) var hasFunctions = false
  /// Whether its last token is a `;`, which silences results.
  private(set) var isSilenced = false

  let scanner: LuaScanner
  /// Without comments.
  let tokens: [LuaToken]

  init(_ text: [UInt8]) {
    scanner = LuaScanner(text)
    tokens = scanner.filter { $0.kind != .comment }
    isSilenced = tokens.last.map { scanner.text(of: $0) == ";" && $0.kind == .symbol } ?? false
    var blocks: [String] = []
    for (index, token) in tokens.enumerated() {
      switch token.kind {
      case .name: names.insert(scanner.text(of: token))
      case .keyword: read(scanner.text(of: token), at: index, &blocks)
      default: break
      }
    }
  }

  /// Follows the blocks: `for` and `while` open theirs with `do`.
  private mutating func read(_ keyword: String, at index: Int, _ blocks: inout [String]) {
    switch keyword {
    case "function", "do", "if", "repeat":
      if keyword == "function" { hasFunctions = true }
      blocks.append(keyword)
    case "end", "until": _ = blocks.popLast()
    case "local" where blocks.isEmpty: readDeclaration(behind: index)
    case "return" where !blocks.contains("function"):
      let position = tokens[index].range.lowerBound
      returns.append(Return(position: position, declarations: declarations.count, isLast: blocks.isEmpty))
    default: break
    }
  }

  /// Reads `function f` or `a <const>, b` behind a `local`.
  private mutating func readDeclaration(behind index: Int) {
    var index = index + 1
    if word(index) == "function" { index += 1 }
    while index < tokens.count, tokens[index].kind == .name {
      var declaration = Declaration(name: scanner.text(of: tokens[index]))
      index += 1
      if word(index) == "<" {
        declaration.attribute = word(index + 1) == "close" ? .close : .const
        index += 3
      }
      declarations.append(declaration)
      guard word(index) == "," else { return }
      index += 1
    }
  }

  func word(_ index: Int) -> String? { index < tokens.count ? scanner.text(of: tokens[index]) : nil }

  /// The locals that are there when the chunk has ended.
  var kept: [Declaration] { kept(of: declarations.count) }

  /// Those that are there behind the first `count` declarations, the last of each name; what is to be closed is closed then.
  func kept(of count: Int) -> [Declaration] {
    var kept: [Declaration] = []
    for declaration in declarations.prefix(count) {
      kept.removeAll { $0.name == declaration.name }
      kept.append(declaration)
    }
    return kept.filter { $0.attribute != .close }
  }
}
