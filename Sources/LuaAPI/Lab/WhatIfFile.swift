import CLua
import Files
import Kernels
import Lab
import Tensors

extension FunctionRecord {
  /// `w:save`.
  static let saveWhatIf = FunctionRecord(
    "what-if:save",
    "Writes the variants to a file: .json with their reports whole, which sonde.load_report(path, {variant=}) reads back; .csv, for other programs and data.csv(path, {header=true, columns={'layer', 'std'}, target='variant'}), with a line of numbers for each variant, row and quantity.",
    [Parameter("path", .string, "the file; it is replaced whole or not at all")], returns: "the what-if itself",
    errors: "another ending, a path that can't be written, more reports than a .json holds",
    example: whatIfSample + """
      local path = os.tmpname() .. '.csv'
      w:save(path); assert(io.open(path):read():find('^number,variant,activation,batchnorm,error,layer,')); os.remove(path)
      """, receiver: .whatIf
  ) { call in
    let origin = Origin(operation: call.who, path: try call.string(0))
    switch fileEnding(of: origin.path) {
    case "csv": try WhatIfFile(try call.whatIfVariants()).writeCSV(origin)
    case "json":
      let seed = try call.library("variants", "seed") { $0.asInteger ?? 0 }
      try WhatIfFile(try call.whatIfVariants()).writeJSON(origin, seed: seed)
    default: throw call.wrongEnding(of: origin.path, expected: ".csv or .json")
    }
    return call.pushSelf()
  }
}

/// The variants of a what-if as a file.
private struct WhatIfFile {
  private let variants: [WhatIfVariant]
  /// What was varied; the base lacks it where it is no combination.
  private let keys: [String]

  init(_ variants: [WhatIfVariant]) {
    self.variants = variants
    keys = variants.map { $0.settings.map(\.key) }.max { $0.count < $1.count } ?? []
  }

  /// Writes an object: the seed, what was varied, and for each variant its settings, its error or its report as in report:save.
  ///
  /// A line a variant, made one by one: all of them are more than a tree of values may hold.
  func writeJSON(_ origin: Origin, seed: Int) throws {
    let names = try JSONValue.list(keys.map { .text($0) }).text(origin)
    try AtomicFile.replace(origin) { file in
      try file.write("{\"sonde_whatif\":1,\"seed\":\(seed),\"keys\":\(names),\"variants\":[\n")
      for (place, variant) in variants.enumerated() {
        try file.write((place > 0 ? ",\n" : "") + value(variant).text(origin))
      }
      try file.write("\n]}\n")
    }
  }

  private func value(_ variant: WhatIfVariant) -> JSONValue {
    .members([
      ("number", .integer(variant.number)), ("name", .text(variant.name)), ("is_base", .boolean(variant.isBase)),
      ("settings", .members(variant.settings.map { ($0.key, .text($0.value)) })),
      ("error", variant.error.map { .text($0) }), ("report", variant.report.map { ReportDocument($0).value }),
    ])
  }

  /// Writes what report:save writes of each report, with the variant before each line; a variant that failed has one line.
  ///
  /// The net as it is has its name in place of settings that it lacks.
  func writeCSV(_ origin: Origin) throws {
    let csv = try CSV(operation: origin.operation)
    guard let first = variants.compactMap(\.report).first else { return }
    let names = ["number", "variant"] + keys + ["error", ReportTable(first, csv).header]
    try AtomicFile.replace(origin) { file in
      try file.write(names.joined(separator: ",") + "\n")
      let blank = ReportTable(first, csv).header.map { $0 == "," ? "," : "" }.joined()
      for variant in variants {
        let settings = keys.map { key in variant.settings.first { $0.key == key }?.value ?? variant.name }
        let texts = ([variant.name] + settings + [variant.error ?? ""]).map { $0.isEmpty ? "" : csv.cell($0) }
        let start = "\(variant.number)," + texts.joined(separator: ",") + ","
        let lines = variant.report.map { ReportTable($0, csv).lines } ?? [blank]
        for line in lines { try file.write(start + line + "\n") }
      }
    }
  }
}
