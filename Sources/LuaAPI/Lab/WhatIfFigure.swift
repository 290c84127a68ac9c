import CLua
import Lab
import Plots

extension FunctionRecord {
  /// `w:plot`.
  static let plotWhatIf = FunctionRecord(
    "what-if:plot",
    "Draws the std of h and of dL/dh over the rows, a curve for each variant, behind them what theory predicts in grey.",
    [Parameter("path", .string, default: "nil", "a file to write: .svg, .png or .pdf; else it is printed")],
    options: [
      Parameter(
        "variants", .table, default: "the base and the best by 'gradient.flatness', \(WhatIfFigure.most) at most",
        "the numbers of the variants to draw")
    ] + Parameter.figureOptions,
    returns: "nothing; with text=true the picture as a string",
    errors: "a number that is no variant, a path that can't be written",
    example: whatIfSample + "assert(w:plot{text=true}:find('std of h'))", receiver: .whatIf
  ) { call in
    let all = try call.whatIfVariants()
    let chosen = try call.chosenVariants(all) ?? WhatIfFigure.choose(all, best: try call.flattest())
    let figure = try WhatIfFigure(chosen, of: all.count).figure()
    return try call.show(asAskedFor: figure, path: call.argument(0).asString)
  }
}

extension Call {
  /// The variants that the option names, nil without it.
  fileprivate func chosenVariants(_ all: [WhatIfVariant]) throws -> [WhatIfVariant]? {
    guard case .table(let index) = option("variants") else { return nil }
    let chosen = try sequence(at: index) { value in
      guard let number = value.asInteger, all.indices.contains(number - 1) else {
        throw failure("option 'variants' expected numbers from 1 to \(all.count), got \(value.text)")
      }
      guard all[number - 1].report != nil else { throw failure("variant \(number) failed and has nothing to draw") }
      return all[number - 1]
    }
    guard !chosen.isEmpty else { throw failure("option 'variants' expected at least one number, got an empty table") }
    return chosen
  }

  /// The numbers of the variants, those with the flattest gradients first.
  fileprivate func flattest() throws -> [Int] {
    try library("variants", "flattest") { numbers in
      guard case .table(let index) = numbers else { return [] }
      return try sequence(at: index) { $0.asInteger ?? 1 }
    }
  }
}

/// Variants as a figure: the signal on its way forward in one panel, backward in the other.
private struct WhatIfFigure {
  /// More curves than these nobody can tell apart.
  static let most = 8

  private let variants: [(name: String, report: Report)]
  private let count: Int

  init(_ variants: [WhatIfVariant], of count: Int) {
    self.variants = variants.compactMap { variant in
      // the keys are the same for all
      let name = variant.settings.isEmpty ? variant.name : variant.settings.map(\.value).joined(separator: ", ")
      return variant.report.map { (name, $0) }
    }
    self.count = count
  }

  /// The base and the best others, in their order.
  static func choose(_ all: [WhatIfVariant], best: [Int]) -> [WhatIfVariant] {
    let base = all.first { $0.isBase && $0.report != nil }
    var numbers = base.map { [$0.number] } ?? []
    for number in best where numbers.count < most && !numbers.contains(number) { numbers.append(number) }
    return all.filter { numbers.contains($0.number) }
  }

  /// - Throws: `Interrupted`.
  func figure() throws -> Figure {
    let subtitle = variants.count < count ? "\(variants.count) of \(count) variants" : ""
    return Figure(
      title: "what if", subtitle: subtitle,
      columns: [
        Figure.Column([try panel("std of h", "activation")]), Figure.Column([try panel("std of dL/dh", "gradient")]),
      ])
  }

  private func panel(_ title: String, _ quantity: String) throws -> Panel {
    let curves = variants.map { Series($0.name, x: places($0.report), y: measured($0.report, quantity)) }
    let theories = try variants.enumerated().compactMap { index, variant in
      try predicted(variant.report, quantity).map {
        Series(index == 0 ? "theory" : "", x: places(variant.report), y: $0, hasPoints: false)
      }
    }
    // on a logarithmic axis only what is above 0 is drawn, which dead signals are not
    let isLogarithmic = curves.contains { $0.y.contains { $0 > 0 } }
    return Panel(
      title: title, x: Axis(label: "row"), y: Axis(isLogarithmic: isLogarithmic),
      marks: theories.map { .theory($0) } + curves.map { .line($0) })
  }

  private func places(_ report: Report) -> [Double] { report.rows.indices.map { Double($0 + 1) } }

  private func measured(_ report: Report, _ quantity: String) -> [Double] {
    report.rows.map { $0.quantity(quantity)?.std ?? .nan }
  }

  /// Nil where theory says nothing of any row.
  private func predicted(_ report: Report, _ quantity: String) throws -> [Double]? {
    guard let prediction = try report.prediction() else { return nil }
    let values = prediction.rows.map { $0.figures[quantity]?.std ?? .nan }
    return values.count == report.rows.count && values.contains { $0.isFinite } ? values : nil
  }
}
