import CLua
import Lab

extension FunctionRecord {
  /// `sonde.compare`.
  static let comparisonFunctions: [FunctionRecord] = [compare]

  private static let compare = FunctionRecord(
    "sonde.compare", "Prints reports side by side, row by row, with factors, and returns the differences.",
    [
      Parameter(
        "reports", .any,
        "two or more reports of net:probe or variants of net:whatif, or one table of them, a list or name -> report")
    ],
    variadic: true,
    options: [
      Parameter(
        "columns", .table, default: "std of h, dL/dh and dL/dW", "the figures compared, for example 'gradient.rms'"),
      Parameter("names", .table, default: "r1, r2, ...", "what a list's reports are called"),
      Parameter(
        "base", .string, default: "the first; of a table name -> report by the alphabet",
        "the name of the report whose multiples factors are; it comes first"),
    ],
    returns:
      "a comparison: #c rows, c[i].kind, c[i].rows, c[i][path][name], c[i].factors[path][name], c:column(path), c:text()",
    errors:
      "fewer than two reports, anything else, an unknown column or base; rows of different nets are aligned by name and kind",
    example: """
      local net, x = nn.mlp{inputs=8, width=8, depth=3}, sonde.randn(20, 8)
      local before = net:probe(x)
      local c = sonde.compare({before=before, after=net:batchnorm('before'):probe(x)}, {base='before'})
      assert(#c == 3 and c.names[1] == 'before' and c[1].factors['activation.std'].after > 0)
      """,
    library: "compare", "compare")

  /// The methods of comparisons.
  static let comparisonMethods: [FunctionRecord] = [
    FunctionRecord(
      "comparison:text", "The table with every row.", returns: "a string",
      example: make + "assert(c:text():find('std h'))",
      receiver: .comparison, library: "compare", "text"),
    FunctionRecord(
      "comparison:column", "One figure of every row.",
      [Parameter("path", .string, "a quantity and a figure, for example 'activation.rms'")],
      returns: "a table: for each report's name a sequence, NaN where it has no such row",
      errors: "an unknown path, which offers the nearest",
      example: make + "assert(c:column('activation.rms').r2[3] > 0)", receiver: .comparison, library: "compare",
      "column"),
  ]

  private static let make = """
    local net, x = nn.mlp{inputs=8, width=8, depth=3}, sonde.randn(20, 8)
    local c = sonde.compare(net:probe(x), net:probe(x))

    """
}

extension TypeRecord {
  /// What sonde.compare answers.
  static let comparisonType = TypeRecord(
    type: .comparison, summary: "Reports side by side: c[i] is a row with its figures in each, and their factors.",
    methods: FunctionRecord.comparisonMethods,
    properties: [PropertyRecord("names", "What the reports are called, in order.", library: "compare", "names")],
    element: { call in try call.libraryElement("compare", "element") },
    length: { call in try call.library("compare", "length") { $0.asInteger ?? 0 } },
    text: { call in try call.library("compare", "description") { $0.asString ?? "" } })
}
