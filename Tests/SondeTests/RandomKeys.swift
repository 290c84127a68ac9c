import TestSupport

/// What somebody types who has no plan: keys, control codes, pastes, pieces of real sessions.
struct RandomKeys {
  /// One thing done at the keyboard.
  enum Action {
    case type([UInt8])
    case resize(rows: Int, columns: Int)
    case interrupt
  }

  private var chance: Chance

  init(seed: UInt64) { chance = Chance(state: seed) }

  /// Lines that run; none leaves the program, harms a file or takes the names away that the check afterwards needs.
  private static let lines = [
    "1 + 1", "= 6 * 7", "x = {1, 2, {3, n = 'four'}}", "x", "_", "_1, _2", "local y = 5", "y",
    "for i = 1, 3 do print(i) end",
    "for i = 1, 3 do", "end", "function f(a, b)", "return a", "while true do end", "while true do pcall(error) end",
    "coroutine.wrap(function() while true do end end)()", "repeat until false", "if x then", "else", "[[ long", "]]",
    "error('boom')", "error()", "x.y.z", "nil + 1", "x x", ")", "end end", "'\\q'", "#x;", "?sonde.randn", "? nn.mlp",
    "?",
    "??nn.mlp", "help()", "help('norm')", "?nosuch", "sonde.randn(3, 3)", "t = sonde.randn(300, 300)",
    "t:matmul(t):sum()",
    "t", "sonde.linalg.svd(t)", "while true do t:matmul(t) end", "net = nn.mlp{inputs=4, width=4, depth=3}", "net",
    "net:probe(sonde.randn(8, 4))", "net:batchnorm('before')", "net:undo()", "nn.mlp{imputs=4}", "sonde.rand",
    "plot.lines{{1, 2, 3}}", "plot.histogram(sonde.randn(100))", "data.moons(50)", ":vars", ":time 1 + 1", ":type x",
    ":undo", ":doctor", ":nosuch", ":help", ":trace", ":", "::", "for i = 1, 1e5 do print(i) end", "('x'):rep(5000)",
    "setmetatable({}, {__index = function() error 'no' end})", "collectgarbage()", "io.read()", "print", "sonde", "_G",
    "z = setmetatable({}, {__tostring = function() while true do end end})", "z", "goto nowhere", "-- a comment", "#!x",
  ]

  private static let keys = [
    "\r", "\n", "\t", "\t\t", "\u{1b}[A", "\u{1b}[B", "\u{1b}[C", "\u{1b}[D", "\u{1b}[H", "\u{1b}[F", "\u{1b}[3~",
    "\u{1b}[5~", "\u{1b}[1;5C", "\u{1b}OA", "\u{1b}OP", "\u{7f}", "\u{1b}b", "\u{1b}f", "\u{1b}d", "\u{1b}\u{7f}",
    "\u{1b}.", "\u{1b}?", "\u{1b}*", "\u{1b}<", "\u{1b}>", "\u{1b}5", "\u{1b}-", "\u{1b}\n", "\u{1b}", "\u{1b}[",
    "\u{1b}[M",
    "\u{18}\u{15}", "\u{18}(", "\u{18})", "\u{18}e", "\u{16}\u{7}", "\u{1f}", "\u{1b}[200~", "\u{1b}[201~",
  ]

  private static let characters = [
    "é", "ß", "→", "界", "e\u{301}", "🙂", "\u{200b}", "\u{202e}", "\u{feff}", "\u{a0}", "(", "{", "[[", "'", "\"", ":",
    ".",
    "sonde.", "nn.mlp{", "net:", "x.", "?", "--", "=", ",", " ",
  ]

  /// The next few things.
  mutating func burst() -> [Action] { (0..<Int.random(in: 1...25, using: &chance)).map { _ in action() } }

  private mutating func action() -> Action {
    switch Int.random(in: 0..<100, using: &chance) {
    case ..<30: .type(pick(RandomKeys.lines) + [13])
    case ..<36: .type(pick(RandomKeys.lines))
    case ..<56: .type(pick(RandomKeys.keys))
    case ..<68: .type(pick(RandomKeys.characters))
    case ..<76:
      .type((0..<Int.random(in: 1...12, using: &chance)).map { _ in UInt8.random(in: 32..<127, using: &chance) })
    case ..<84: .type([control()])
    case ..<87:
      .type((0..<Int.random(in: 1...6, using: &chance)).map { _ in UInt8.random(in: 128...255, using: &chance) })
    case ..<92: .type(paste())
    case ..<96: .resize(rows: Int.random(in: 1...60, using: &chance), columns: Int.random(in: 1...200, using: &chance))
    default: .interrupt
    }
  }

  private mutating func pick(_ texts: [String]) -> [UInt8] {
    Array((texts.randomElement(using: &chance) ?? "").utf8)
  }

  /// A control key, but none of those that leave: Ctrl-D, Ctrl-\ and, which stops the output, Ctrl-S.
  private mutating func control() -> UInt8 {
    while true {
      let key = UInt8.random(in: 0..<32, using: &chance)
      if ![0x04, 0x1c, 0x13].contains(key) { return key }
    }
  }

  /// A block that a terminal marks as pasted.
  private mutating func paste() -> [UInt8] {
    let lines = (0..<Int.random(in: 1...5, using: &chance)).map { _ in pick(RandomKeys.lines) }
    return Array("\u{1b}[200~".utf8) + lines.joined(separator: [13]) + Array("\u{1b}[201~".utf8)
  }
}
