import Files
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a setting of a random sweep is drawn from.
enum SweepDistribution {
  case constant(JSONValue)
  case uniform(low: Double, high: Double)
  /// The logarithm is uniform.
  case logUniform(low: Double, high: Double)
  case normal(mean: Double, sd: Double)
  /// Whole numbers, both ends included.
  case integer(low: Int, high: Int)
  /// One of these, all equally likely.
  case choice([JSONValue])

  /// Why a specification is none.
  struct Mistake: Error {
    let expected: String
    let got: String
  }

  private static let kinds = ["uniform", "log_uniform", "normal", "integer", "choice"]

  /// Reads `{"log_uniform", 1e-4, 1}` and its like; a plain value is the same in every draw.
  ///
  /// - Throws: `Mistake`.
  init(_ specification: JSONValue) throws {
    guard case .list(let parts) = specification else {
      if case .object = specification, PlainData.number(specification) == nil {
        throw Mistake(
          expected: "{\"uniform\", low, high} or its like, a function or one value", got: "a table of names")
      }
      self = .constant(specification)
      return
    }
    guard case .text(let kind)? = parts.first, SweepDistribution.kinds.contains(kind) else {
      let names = SweepDistribution.kinds.map { "\"\($0)\"" }
      var got = parts.first.map { "\(PlainData.text($0))" } ?? "an empty table"
      if case .text(let name)? = parts.first {
        got = "'\(name)'" + suggestion(for: name, among: SweepDistribution.kinds)
      }
      throw Mistake(expected: "a list that begins with \(listed(names)), a function or one value", got: got)
    }
    self = try SweepDistribution.read(kind, Array(parts.dropFirst()))
  }

  private static func read(_ kind: String, _ parts: [JSONValue]) throws -> SweepDistribution {
    if kind == "choice" {
      var values = parts
      if parts.count == 1, case .list(let list) = parts[0] { values = list }
      guard !values.isEmpty else { throw Mistake(expected: "values to choose from behind \"choice\"", got: "none") }
      return .choice(values)
    }
    let numbers = parts.compactMap(PlainData.number)
    let names = kind == "normal" ? "mean, sd" : "low, high"
    guard numbers.count == 2, parts.count == 2, numbers.allSatisfy(\.isFinite) else {
      throw Mistake(expected: "{\"\(kind)\", \(names)} with two finite numbers", got: text(kind, parts))
    }
    let (first, second) = (numbers[0], numbers[1])
    let isInOrder = kind == "normal" ? second >= 0 : first <= second && (kind != "log_uniform" || first > 0)
    guard isInOrder else {
      let condition =
        kind == "normal"
        ? "an sd of at least 0"
        : kind == "integer" || kind == "uniform"
          ? "low <= high" : "0 < low <= high"
      throw Mistake(expected: "{\"\(kind)\", \(names)} with \(condition)", got: text(kind, parts))
    }
    switch kind {
    case "uniform": return .uniform(low: first, high: second)
    case "log_uniform": return .logUniform(low: first, high: second)
    case "normal": return .normal(mean: first, sd: second)
    default:
      guard let low = Int(exactly: first), let high = Int(exactly: second) else {
        throw Mistake(expected: "{\"integer\", low, high} with whole numbers", got: text(kind, parts))
      }
      // the numbers there are to draw from must be countable
      let (span, overflows) = high.subtractingReportingOverflow(low)
      guard !overflows, span < Int.max / 2 else {
        throw Mistake(expected: "{\"integer\", low, high} less than 2^62 apart", got: text(kind, parts))
      }
      return .integer(low: low, high: high)
    }
  }

  private static func text(_ kind: String, _ parts: [JSONValue]) -> String {
    PlainData.text(.list([.text(kind)] + parts))
  }

  /// Draws a value.
  func draw(_ generator: Generator) -> JSONValue {
    switch self {
    case .constant(let value): return value
    case .uniform(let low, let high):
      return .number(min(high, low + (high - low) * generator.uniform()))
    case .logUniform(let low, let high):
      let exponent = log(low) + (log(high) - log(low)) * generator.uniform()
      return .number(min(high, max(low, exp(exponent))))
    case .normal(let mean, let sd): return .number(mean + sd * generator.normal())
    case .integer(let low, let high): return .integer(low + generator.next(below: high - low + 1))
    case .choice(let values): return values[generator.next(below: values.count)]
    }
  }
}
