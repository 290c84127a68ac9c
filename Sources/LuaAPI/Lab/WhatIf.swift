import CLua
import Kernels
import Lab
import Tensors

extension FunctionRecord {
  /// `net:whatif`.
  static let whatIfMethods: [FunctionRecord] = [whatIf]

  private static let whatIf = FunctionRecord(
    "network:whatif",
    "Probes copies of the net with every combination of changes under the same random numbers; the net is left as it was.",
    [Parameter("x", .tensor, "a batch [batch, features]")],
    options: [
      varied("depth", "the number of hidden layers, as net:rebuild makes them"),
      varied("width", "the units of every hidden layer, as net:rebuild makes them"),
      varied("activation", "a nonlinearity's name, or {name, slope=}"),
      varied("batchnorm", "'before', 'after', 'off' or true, or {place, eps=, affine=, ...}"),
      varied("normalize", "'batch', 'layer', 'rms' or 'none', or {kind, position=, eps=, ...}"),
      varied("remove", "a row to take out, by position or name; false takes none"),
      varied("insert", "{place, function that makes a layer}: put in front of a row; false puts none"),
      varied("replace", "{place, function that makes a layer}: put in the place of a row; false replaces none"),
      varied("freeze", "a row, by position or name, as net:freeze takes it: it changes no probe; false freezes none"),
      varied("init", "how all weights are drawn anew: a name, {name, gain=} or a function"),
      varied("lsuv", "true: weights by net:lsuv on x, or {true, tolerance=, iterations=}"),
      varied(
        "apply",
        "any change: function(net) on the copy, after all others; it may return another network; {name=function} names it"
      ),
      varied("upstream", "dL/d output: 'normal', 'ones' or a tensor; one alone holds for the base too"),
      Parameter("target", .tensor, default: "nil", "begins with the gradient of a loss instead"),
      .loss("which loss, with target"),
      .percentiles, .bins,
      Parameter("repeats", .integer, default: "1", "how many upstream gradients to draw, as net:probe does"),
      Parameter("spectrum", .boolean, default: "false", "also the singular values of every weight"), .generator,
      Parameter(
        "seed", .integer, default: "from the generator",
        "the seed of all that is drawn: of upstream gradients unless generator is given, of weights and of what functions "
          + "draw"),
    ],
    returns:
      "a what-if: the net as it is first, unless it is among the combinations; w[i].settings, w[i].report, print(w), w:best(path)",
    errors: "more than 10000 combinations, no variant that could be probed; else what fails is a row with its error",
    example: """
      local net = nn.mlp{inputs=8, width=8, depth=3}
      local w = net:whatif(sonde.randn(20, 8), {batchnorm={"off", "before"}, init={"he_normal", "normal(0.01)"}})
      assert(#w == 5 and w[1].name == "as it is" and w[2].settings.batchnorm == "off" and #w[2].report == 3)
      """,
    receiver: .network, library: "whatif", "whatif")

  private static func varied(_ name: String, _ meaning: String) -> Parameter {
    Parameter(name, .any, default: "as it is", meaning + "; one or a list")
  }

  static let whatIfSample = """
    local net = nn.mlp{inputs=8, width=8, depth=3}
    local w = net:whatif(sonde.randn(20, 8), {batchnorm={"off", "before"}, activation={"relu", "tanh"}})

    """
  private static let path = Parameter(
    "path", .string,
    "'loss', 'gradient.flatness' (range of log10 std over the rows but a head) or its like, or a figure such as 'activation.std[3]', "
      + "of a row; without one, of the last row, of gradients the first")
  private static let columns = Parameter(
    "columns", .table, default: "std and flatness of h and dL/dh, zeros, loss", "the paths of the figures shown")

  /// The methods of what net:whatif answers.
  static let whatIfResultMethods: [FunctionRecord] = [
    plotWhatIf, saveWhatIf,
    FunctionRecord(
      "what-if:best", "Finds the variant with the best figure.",
      [Parameter("path", .string, default: "\"gradient.flatness\"", path.meaning)],
      options: [
        Parameter(
          "goal", .oneOf([.choice(["smallest", "largest"]), .number]), default: "by the figure",
          "'smallest', 'largest', or the number to be near, in factors; of a std it is 1")
      ],
      returns: "a variant; the first of equals",
      errors: "an unknown path, which offers the nearest; no variant with a number; a figure without a goal of its own",
      example: whatIfSample
        + "assert(w:best('gradient.flatness').report and w:best('activation.std', {goal=1}).number <= 4)",
      receiver: .whatIf, library: "variants", "best"),
    FunctionRecord(
      "what-if:column", "One figure of every variant.", [path],
      returns: "a sequence; NaN where a variant failed or has no such row",
      errors: "an unknown path, which offers the nearest",
      example: whatIfSample + "assert(#w:column('gradient.std[1]') == 4)", receiver: .whatIf, library: "variants",
      "column"),
    FunctionRecord(
      "what-if:table", "The variants as plain tables.", options: [columns],
      returns: "a sequence of tables with number, name, settings, error, base, and the figures by their paths",
      errors: "an unknown path",
      example: whatIfSample + "assert(w:table{columns={'activation.std'}}[1]['activation.std'] > 0)",
      receiver: .whatIf, library: "variants", "table"),
    FunctionRecord(
      "what-if:text", "The table that print shows, with every variant.",
      options: [
        columns,
        Parameter("best", .string, default: "\"gradient.flatness\"", "the path whose best is marked"),
        Parameter(
          "goal", .oneOf([.choice(["smallest", "largest"]), .number]), default: "by the figure", "what best means"),
      ],
      returns: "a string", errors: "an unknown path",
      example: whatIfSample + "assert(w:text{columns={'gradient.rms'}, best='activation.std[2]'}:find('tanh'))",
      receiver: .whatIf, library: "variants", "text"),
  ]
}

extension TypeRecord {
  /// What net:whatif answers.
  static let whatIfType = TypeRecord(
    type: .whatIf, summary: "What net:whatif has measured: variants, by position or name; print shows the table.",
    methods: FunctionRecord.whatIfResultMethods,
    properties: [
      PropertyRecord("base", "The variant that is the net as it is.", library: "variants", "base"),
      PropertyRecord("seed", "The seed of what variants drew anew.", library: "variants", "seed"),
    ],
    element: { call in try call.libraryElement("variants", "element") },
    length: { call in try call.library("variants", "length") { $0.asInteger ?? 0 } },
    text: { call in try call.library("variants", "description") { $0.asString ?? "" } },
    keys: { call in
      try call.library("variants", "keys") { names in
        guard case .table(let index) = names else { return [] }
        return try call.sequence(at: index) { $0.asString ?? "" }
      }
    })

  /// One variant.
  static let variantType = TypeRecord(
    type: .variant, summary: "One combination of changes: its settings, and its report or its error.",
    properties: [
      PropertyRecord("name", "The settings in one line.", library: "variants", "variant_name"),
      PropertyRecord("number", "Its position.", library: "variants", "variant_number"),
      PropertyRecord("settings", "What was changed, by option.", library: "variants", "variant_settings"),
      PropertyRecord(
        "report", "The probe's report, nil where the variant failed.", library: "variants", "variant_report"),
      PropertyRecord("error", "Why it failed, nil where it did not.", library: "variants", "variant_error"),
      PropertyRecord("is_base", "Whether it is the net as it is.", library: "variants", "variant_is_base"),
    ],
    text: { call in try call.library("variants", "variant_text") { $0.asString ?? "" } })
}
