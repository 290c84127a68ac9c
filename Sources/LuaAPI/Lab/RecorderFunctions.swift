import CLua
import Files
import Lab
import Networks
import Tensors

extension FunctionRecord {
  /// `sonde.recorder`.
  static let recorderFunctions: [FunctionRecord] = [make, loadRecorder]

  private static let make = FunctionRecord(
    "sonde.recorder",
    "Makes a recorder: statistics of the layers and what each recorded update moves, over a training. Give it to net:fit{record=rec}, "
      + "or put rec:before(net, x, t) and rec:after() around opt:step(). The first step is recorded, then every 100th. "
      + "shift.mean and shift.std: how far the mean of each unit of a layer's input moved by the update, in its standard deviations "
      + "before, and the log of how its standard deviation changed; root mean square over the units that vary on the batch "
      + "(the drift of Ioffe & Szegedy 2015). "
      + "gradient_shift.cosine, .distance, .relative: the gradient of the layer's weight before, against that after the update of the "
      + "layers below alone (Santurkar et al. 2018, definition 2.1): their cosine, the norm of the difference, and that over the norm "
      + "before; it costs a forward and a backward a layer. update_ratio: the norm of the update over that of the weight. "
      + "Dropout is off while it measures; the net and its optimizer are left as they were.",
    options: [
      Parameter("every", .integer, default: "100", "which steps: the first, and every so many after it"),
      Parameter(
        "layers", .table, default: "all", "positions (negative ones from the end) or names, as in {1, -1, \"fc2\"}"),
      Parameter(
        "stats", .table, default: "{\"preactivation.percentiles\", \"activation.std\", \"update_ratio\", \"shift\"}",
        "any column of a report (\"gradient.rms\", \"weight.norm\"), of one unit (\"preactivation[5].std\"), \"update_ratio\", "
          + "\"shift\", \"gradient_shift\"; \"activation.histogram\" (64 common bins that widen) and \"activation.log_histogram\" "
          + "(two bins a decade from 1e-46 to 1e40) of any quantity"),
      Parameter(
        "units", .table, default: "{}",
        "units of which preactivations, activations and gradients are recorded too, as in {1, 5}: columns \"preactivation[5].std\"; "
          + "NaN in layers of fewer"),
      .percentiles,
      Parameter(
        "capacity", .integer, default: "1000",
        "the most steps to keep, which bounds the memory: beyond it every other one is dropped, and every doubles"),
    ],
    returns: "a recorder",
    errors: "every below 1, capacity below 2, an unknown stat, which offers the nearest",
    example: """
      local net, x = nn.mlp{inputs=8, width=8, depth=3, outputs=2}, sonde.randn(20, 8)
      local rec = sonde.recorder{every=1, stats={'shift', 'update_ratio'}}
      local opt = optim.SGD(net, {lr=0.1})
      for step = 1, 3 do
        net:zero_grad(); nn.mse(net(x), sonde.zeros(20, 2)):backward()
        rec:before(net, x); opt:step(); rec:after()
      end
      assert(#rec:column('shift.mean', 2) == 3 and rec[3]['update_ratio'][1] > 0)
      """
  ) { call in
    var options = Recorder.Options()
    options.every = call.option("every").asInteger ?? options.every
    options.capacity = call.option("capacity").asInteger ?? options.capacity
    options.percentiles = try call.percentiles()
    options.layers = try call.layerChoices()
    options.units = try call.units()
    options.statistics = try call.statisticNames() ?? options.statistics
    return try call.push(try Recorder(options), .recorder)
  }

  /// The methods of recorders.
  static let recorderMethods: [FunctionRecord] = [
    before, after, column, table, wholeText, save, plot, recorderDiagnosis,
  ]

  private static let recording =
    "local net, x = nn.mlp{inputs=4, width=4, depth=2}, sonde.randn(9, 4); "
    + "local rec = sonde.recorder{every=1, stats={'shift', 'activation.std'}}; "
    + "rec:before(net, x); net.parameters['0.linear.bias']:add_(1); rec:after(); "

  private static let before = FunctionRecord(
    "recorder:before",
    "Begins a step of a training loop of your own: call it before opt:step(), the gradients known or not.",
    [
      Parameter("net", .object(.network), "the network, always the same"),
      Parameter("x", .tensor, "the batch of the step [batch, features]"),
      Parameter("t", .any, default: "nil", "its targets; not needed unless a stat is of a gradient"),
    ],
    options: [.loss("the loss of output and t")],
    returns: "the recorder itself",
    errors:
      "another network, layers it doesn't have, no target where a stat is of a gradient, a step that was not ended",
    example: recording + "assert(#rec == 1)", receiver: .recorder
  ) { call in
    guard case .object(let object, .network) = call.argument(0) else { return 0 }
    let recorder = call.object(Recorder.self)
    if recorder.isInStep {
      recorder.forget()
      throw RecorderError.openStep
    }
    try recorder.begin(
      unsafeDowncast(object, to: Network.self), inputs: try call.tensor(1), loss: try call.recordedLoss())
    return call.pushSelf()
  }

  private static let after = FunctionRecord(
    "recorder:after", "Ends the step, after opt:step(): measures what the update did.", returns: "the recorder itself",
    errors: "no step that has begun, layers or parameters exchanged since then",
    example: recording + "assert(rec.steps[1] == 1)", receiver: .recorder
  ) { call in
    try call.object(Recorder.self).end()
    return call.pushSelf()
  }

  private static let column = FunctionRecord(
    "recorder:column", "How a number went over the recorded steps.",
    [
      Parameter(
        "name", .string, "a column, for example 'shift.mean' or 'preactivation.percentiles.50'; rec.columns lists them"),
      Parameter(
        "layer", .oneOf([.integer, .string]), default: "nil",
        "the layer's position when the recording began, or its name"),
    ],
    returns:
      "a sequence, NaN where there was no such number, or of a histogram a table: edges, counts (a sequence a step); without a layer "
      + "a sequence of them, one for each recorded layer",
    errors: "a column or layer that is not recorded",
    example: recording + "assert(rec:column('shift.mean', 2)[1] > 0 and rec:column('shift.mean')[1][1] == 0)",
    receiver: .recorder
  ) { call in
    let recorder = call.object(Recorder.self)
    if let histogram = recorder.histogram(try call.string(0)) {
      guard let choice = call.layerChoice(call.argument(1)) else {
        return try call.push(recorder, histogram: histogram)
      }
      return try call.push(recorder.histograms(layer: try recorder.layer(choice), histogram: histogram))
    }
    let column = try recorder.column(try call.string(0))
    guard let choice = call.layerChoice(call.argument(1)) else { return try call.push(recorder, column: column) }
    if recorder.layers.isEmpty { return try call.push(sequence: [Double]()) { call.push($0) } }
    let layer = try recorder.layer(choice)
    return try call.push(sequence: recorder.series(layer: layer, column: column)) { call.push($0) }
  }

  private static let table = FunctionRecord(
    "recorder:table", "All numbers, a row for each recorded step and layer.",
    returns: "a sequence of tables with step, layer, name and the columns",
    example: recording + "local rows = rec:table(); assert(rows[2].layer == 2 and rows[2]['shift.mean'] > 0)",
    receiver: .recorder
  ) { call in
    let recorder = call.object(Recorder.self)
    let places = recorder.steps.indices.flatMap { record in recorder.layers.indices.map { (record, $0) } }
    return try call.push(sequence: places) { record, layer in
      try check(sonde_try_table(call.lua, 0, Int32(clamping: recorder.columns.count + 3)))
      try call.set("step") { call.push(recorder.steps[record]) }
      try call.set("layer") { call.push(recorder.layers[layer].position) }
      try call.set("name") { try call.push(recorder.layers[layer].name) }
      for (place, column) in recorder.columns.enumerated() {
        try call.set(column.name) { call.push(recorder.value(record: record, layer: layer, column: place)) }
      }
      return 1
    }
  }

  private static let save = FunctionRecord(
    "recorder:save",
    "Writes all numbers to a file: .csv has a line for each recorded step and layer, .json a series for each column and layer.",
    [Parameter("path", .string, "the file; it is replaced whole or not at all")], returns: "the recorder itself",
    errors: "another ending, a path that can't be written",
    example: recording + """
      local path = os.tmpname() .. '.csv'; rec:save(path)
      assert(sonde.load(path).shape[1] == 2); os.remove(path)
      """, receiver: .recorder
  ) { call in
    let file = RecorderFile(call.object())
    let origin = Origin(operation: call.who, path: try call.string(0))
    switch fileEnding(of: origin.path) {
    case "csv": try file.writeCSV(origin)
    case "json": try file.writeJSON(origin)
    default: throw call.wrongEnding(of: origin.path, expected: ".csv or .json")
    }
    return call.pushSelf()
  }

  private static let wholeText = FunctionRecord(
    "recorder:text",
    "How every number went over the recorded steps, in every layer, as sparklines; print shows a part.",
    returns: "a string", example: recording + "assert(#rec:text() >= #tostring(rec))", receiver: .recorder
  ) { call in try call.push(RecorderText(isFull: true).text(call.object())) }

  private static let plot = FunctionRecord(
    "recorder:plot",
    "Draws what was recorded over the steps: a line a layer, percentiles as bands, histograms as images; in the terminal or to a file.",
    [Parameter("path", .string, default: "nil", "a file to write: .svg, .png or .pdf, by gnuplot")],
    options: [
      Parameter(
        "column", .string, default: "all",
        "one stat alone: a column, 'preactivation.percentiles', 'activation.histogram'"),
      Parameter("layer", .oneOf([.integer, .string]), default: "all", "one layer alone, by its position or name"),
    ] + Parameter.figureOptions,
    returns: "nothing, or with text=true the lines as a string",
    errors: "nothing recorded yet, a column or layer that is not recorded, a path that can't be written",
    example: recording + "assert(#rec:plot{column='activation.std', text=true} > 100)", receiver: .recorder
  ) { call in
    let recorder = call.object(Recorder.self)
    guard !recorder.steps.isEmpty else {
      throw call.failure("nothing is recorded yet: net:fit{record=rec}, or rec:before(net, x, t) and rec:after()")
    }
    let layer = try call.layerChoice(call.option("layer")).map(recorder.layer)
    let figure = try RecorderFigure(recorder, layer: layer).figure(of: call.option("column").asString)
    return try call.show(asAskedFor: figure, path: call.argument(0).asString)
  }
}

extension Call {
  /// A layer as an argument names it; nil where it is none.
  fileprivate func layerChoice(_ value: LuaValue) -> Recorder.LayerChoice? {
    value.asInteger.map { .position($0) } ?? value.asString.map { .name($0) }
  }

  fileprivate func layerChoices() throws -> [Recorder.LayerChoice]? {
    guard case .table(let index) = option("layers") else { return nil }
    return try sequence(at: index) { value in
      guard let choice = layerChoice(value) else {
        throw failure("option 'layers' expected positions or names, got \(value.text)")
      }
      return choice
    }
  }

  fileprivate func units() throws -> [Int] {
    guard case .table(let index) = option("units") else { return [] }
    return try sequence(at: index) { value in
      guard let unit = value.asInteger else {
        throw failure("option 'units' expected whole numbers, got \(value.text)")
      }
      return unit
    }
  }

  fileprivate func statisticNames() throws -> [String]? {
    guard case .table(let index) = option("stats") else { return nil }
    return try sequence(at: index) { value in
      guard let name = value.asString else { throw failure("option 'stats' expected names, got \(value.text)") }
      return name
    }
  }

  /// The loss of a step by hand, as a function of the output; nil where there is neither a target nor a function.
  fileprivate func recordedLoss() throws -> ((Tensor) throws -> Tensor)? {
    let (target, who) = (argument(2), who)
    if case .function(let index) = option("loss") {
      let function = try LuaReference(self, at: index)
      // behind the recorder, the network and the batch
      let kept = target.isAbsent ? nil : try LuaReference(self, at: 4)
      return { output in
        let push: (Call) throws -> Int32 = { call in
          _ = try call.push(output)
          kept?.push(call)
          return kept == nil ? 1 : 2
        }
        return try function.call(who: who, push) { result in
          guard let tensor = result.asTensor, tensor.count == 1, tensor.dtype.isFloat else {
            throw LuaFailure.message("\(who): loss function: expected a tensor of one number, got \(result.text)")
          }
          return tensor
        }
      }
    }
    if target.isAbsent { return nil }
    guard let target = target.asTensor else {
      throw failure("argument 3 't' expected a tensor, got \(target.text); another target needs a function as loss")
    }
    let loss = try loss(option("loss"))
    return { try loss($0, target) }
  }

  /// Pushes a column: for each recorded layer its sequence over the recorded steps.
  func push(_ recorder: Recorder, column: Int) throws -> Int32 {
    try push(sequence: recorder.layers.indices) { layer in
      try push(sequence: recorder.series(layer: layer, column: column)) { push($0) }
    }
  }

  /// Pushes a histogram over the steps: for each recorded layer a table.
  func push(_ recorder: Recorder, histogram: Int) throws -> Int32 {
    try push(sequence: recorder.layers.indices) { layer in
      try push(recorder.histograms(layer: layer, histogram: histogram))
    }
  }

  fileprivate func push(_ series: HistogramSeries) throws -> Int32 {
    try check(sonde_try_table(lua, 0, 2))
    try set("edges") { try push(sequence: series.edges) { push($0) } }
    try set("counts") {
      try push(sequence: series.counts) { counts in try push(sequence: counts) { push(Int($0)) } }
    }
    return 1
  }
}
