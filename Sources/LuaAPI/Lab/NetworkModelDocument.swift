import Files
import Kernels
import Lab
import Networks

/// What a report knows of its network, and of what went in at either end, as a tree of JSON, which `ReportTheory.init` reads.
struct NetworkModelDocument {
  private let theory: ReportTheory

  init(_ theory: ReportTheory) { self.theory = theory }

  var value: JSONValue {
    .members([
      ("input", NetworkModelDocument.input(theory.input)),
      ("auxiliaries", .list(theory.model.auxiliaries.map { .integer($0) })),
      ("rows", .list(theory.model.rows.map(NetworkModelDocument.row))),
    ])
  }

  private static func input(_ input: TheoryInput) -> JSONValue {
    .members([
      ("rms", .any(input.rms)), ("relative_mean", .any(input.relativeMean)),
      ("cosine", input.cosine.map(JSONValue.any)), ("spread", input.spread.map(JSONValue.any)),
      ("is_normal", .boolean(input.isNormal)), ("batch", input.batch.map { .integer($0) }),
      ("upstream_rms", .any(input.upstreamRMS)), ("upstream_mean", .any(input.upstreamMean)),
      ("is_upstream_independent", .boolean(input.isUpstreamIndependent)),
      ("has_auxiliary_gradients", .boolean(input.hasAuxiliaryGradients)),
    ])
  }

  private static func row(_ row: NetworkModel.Row) -> JSONValue {
    .members([("name", .text(row.name)), ("kind", .text(row.kind)), ("parts", .list(row.parts.map(part)))])
  }

  private static func part(_ part: NetworkModel.Part) -> JSONValue {
    switch part {
    case .linear(let model): .members([("part", .text("linear"))] + members(model))
    case .activation(let law):
      .members([("part", .text("activation")), ("function", .text(law.function.name)), ("slope", .any(law.slope))])
    case .norm(let model):
      .members([
        ("part", .text("norm")), ("over", .text(model.kind.rawValue)), ("features", .integer(model.features)),
        ("eps", .any(model.eps)), ("gamma", .any(model.gamma)), ("lowest_shift", .any(model.lowestShift)),
        ("factors", model.factors.map(figures)), ("shifts", model.shifts.map(figures)),
        ("running", model.running.map { .members([("shift", .any($0.shift)), ("ratio", .any($0.ratio))]) }),
        ("reason", model.reason.map { .text($0) }),
      ])
    case .residual(let model):
      .members([
        ("part", .text("residual")), ("scale", .any(model.scale)), ("branch", .list(model.branch.map(self.part))),
        ("shortcut", model.shortcut.map { .members(members($0)) }),
      ])
    case .unknown(let reason): .members([("part", .text("unknown")), ("reason", .text(reason))])
    }
  }

  private static func members(_ model: LinearModel) -> [(String, JSONValue?)] {
    [
      ("inputs", .integer(model.inputs)), ("outputs", .integer(model.outputs)), ("init", .text(model.weight.text)),
      ("family", .text(model.weight.family.rawValue)), ("variance", .any(model.weight.variance)),
      ("weight_reason", model.weight.reason.map { .text($0) }), ("bias_variance", .any(model.biasVariance)),
      ("bias_size", model.biasSize.map(JSONValue.any)), ("bias", model.bias.map(figures)),
      (
        "likeness",
        model.likeness.map {
          .members([
            ("rank", .integer($0.rank)), ("outside", .any($0.outside)), ("differing", .any($0.differing)),
          ])
        }
      ), ("zero_rows", model.zeroRows.map { .integer($0) }), ("reason", model.reason.map { .text($0) }),
    ]
  }

  private static func figures(_ figures: ParameterFigures) -> JSONValue {
    .members([
      ("count", .integer(figures.count)), ("mean", .any(figures.mean)), ("rms", .any(figures.rms)),
      ("min", .any(figures.minimum)), ("max", .any(figures.maximum)), ("nan", .integer(figures.nan)),
      ("inf", .integer(figures.inf)),
      ("quantiles", figures.quantiles.isEmpty ? nil : .list(figures.quantiles.map(JSONValue.any))),
    ])
  }
}

extension ReportTheory {
  /// Reads what `NetworkModelDocument` wrote of the network of a report whose rows are known.
  ///
  /// - Throws: `LuaFailure` with the place for what it would not have written.
  convenience init(_ place: JSONPlace, of report: Report) throws {
    let rows = try place.member("rows")
    let elements = try rows.list()
    guard elements.count == report.rows.count else {
      throw rows.failure("\(report.rows.count) rows, as the report has")
    }
    var model = NetworkModel(rows: try elements.map { try NetworkModel.Row($0) }, dtype: report.dtype)
    model.auxiliaries =
      try place.optional("auxiliaries")?.list().map { place in
        let row = try place.count()
        guard row < elements.count else { throw place.failure("a row from 0 to \(elements.count - 1)") }
        return row
      }.sorted() ?? []
    self.init(model, try TheoryInput(place.member("input")))
  }
}

extension TheoryInput {
  fileprivate init(_ place: JSONPlace) throws {
    self.init()
    rms = try place.member("rms").magnitude()
    relativeMean = try place.member("relative_mean").number()
    cosine = try place.optional("cosine")?.finite()
    spread = try place.optional("spread")?.magnitude()
    isNormal = try place.member("is_normal").flag()
    batch = try place.optional("batch")?.size(from: 1)
    upstreamRMS = try place.member("upstream_rms").magnitude()
    upstreamMean = try place.member("upstream_mean").number()
    isUpstreamIndependent = try place.member("is_upstream_independent").flag()
    hasAuxiliaryGradients = try place.member("has_auxiliary_gradients").flag()
  }
}

extension NetworkModel.Row {
  fileprivate init(_ place: JSONPlace) throws {
    self.init(
      name: try place.member("name").text(), kind: try place.member("kind").text(),
      parts: try place.member("parts").list().map { try NetworkModel.Part($0) })
  }
}

extension NetworkModel.Part {
  private static let names = ["linear", "activation", "norm", "residual", "unknown"]

  /// Reads a part; residual branches lie within each other no deeper than JSON's own limit.
  fileprivate init(_ place: JSONPlace) throws {
    let name = try place.member("part")
    switch try name.name(of: "part", among: NetworkModel.Part.names) {
    case "linear": self = .linear(try LinearModel(place))
    case "activation": self = .activation(try ActivationLaw(place))
    case "norm": self = .norm(try NormModel(place))
    case "residual": self = .residual(try NetworkModel.ResidualModel(place))
    default: self = .unknown(try place.member("reason").text())
    }
  }
}

extension NetworkModel.ResidualModel {
  fileprivate init(_ place: JSONPlace) throws {
    self.init(
      branch: try place.member("branch").list().map { try NetworkModel.Part($0) },
      scale: try place.member("scale").number(), shortcut: try place.optional("shortcut").map { try LinearModel($0) })
  }
}

extension LinearModel {
  fileprivate init(_ place: JSONPlace) throws {
    let families = WeightLaw.Family.allCases.map(\.rawValue)
    let family = try place.member("family").name(of: "family of weights", among: families)
    let weight = WeightLaw(
      WeightLaw.Family(rawValue: family) ?? .unknown, variance: try place.member("variance").magnitude(),
      text: try place.member("init").text(), reason: try place.optional("weight_reason")?.text())
    self.init(
      inputs: try place.member("inputs").size(), outputs: try place.member("outputs").size(), weight: weight,
      biasVariance: try place.member("bias_variance").magnitude(), reason: try place.optional("reason")?.text(),
      biasSize: try place.optional("bias_size")?.magnitude())
    bias = try place.optional("bias").map { try ParameterFigures($0) }
    likeness = try place.optional("likeness").map {
      RowLikeness(
        rank: try $0.optional("rank")?.size(from: 1) ?? 1, outside: try $0.member("outside").magnitude(),
        differing: try $0.member("differing").magnitude())
    }
    zeroRows = try place.optional("zero_rows")?.count()
  }
}

extension ParameterFigures {
  fileprivate init(_ place: JSONPlace) throws {
    self.init(
      count: try place.member("count").count(), mean: try place.member("mean").number(),
      rms: try place.member("rms").number(), minimum: try place.member("min").number(),
      maximum: try place.member("max").number(), nan: try place.member("nan").count(),
      inf: try place.member("inf").count())
    quantiles = try place.optional("quantiles")?.list(atMost: ParameterFigures.parts + 1).map { try $0.finite() } ?? []
  }
}

extension NormModel {
  fileprivate init(_ place: JSONPlace) throws {
    let kind = try place.member("over").name(of: "norm", among: NormalisationKind.allCases.map(\.rawValue))
    self.init(
      kind: NormalisationKind(rawValue: kind) ?? .batch, features: try place.member("features").size(),
      eps: try place.member("eps").magnitude(), gamma: try place.member("gamma").number(),
      reason: try place.optional("reason")?.text())
    lowestShift = try place.optional("lowest_shift")?.number() ?? 0
    factors = try place.optional("factors").map { try ParameterFigures($0) }
    shifts = try place.optional("shifts").map { try ParameterFigures($0) }
    running = try place.optional("running").map {
      RunningFigures(shift: try $0.member("shift").magnitude(), ratio: try $0.member("ratio").magnitude())
    }
  }
}

extension ActivationLaw {
  fileprivate init(_ place: JSONPlace) throws {
    let name = try place.member("function").name(of: "activation", among: ActivationFunction.allCases.map(\.name))
    self.init(ActivationFunction(name: name) ?? .linear, slope: try place.member("slope").number())
  }
}
