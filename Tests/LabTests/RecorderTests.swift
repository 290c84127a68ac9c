import Gradients
import Kernels
import Lab
import Networks
import OrderedCollections
import Tensors
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private func tensor(_ numbers: [Double], _ shape: Extents) throws -> Tensor {
  let result = try Tensor(.float64, shape)
  for (index, number) in numbers.enumerated() { result.pointer(Double.self)[index] = number }
  return result
}

private func normal(_ shape: Extents, seed: UInt64) throws -> Tensor {
  let tensor = try Tensor(.float64, shape)
  try Generator(seed: seed).fillNormal(tensor)
  return tensor
}

private func values(_ tensor: Tensor) throws -> [Double] {
  let source = try tensor.to(.float64).contiguous()
  return withExtendedLifetime(source) { (0..<source.count).map { source.pointer(Double.self)[$0] } }
}

/// Changes every element of a parameter in place, as an optimiser does.
private func change(_ parameter: Tensor, _ body: (Double, Int) -> Double) throws {
  let source = try values(parameter)
  try parameter.copy(from: try tensor(source.enumerated().map { body($1, $0) }, parameter.shape))
}

private func recorder(
  _ statistics: [String], every: Int = 1, layers: [Recorder.LayerChoice]? = nil, capacity: Int = 1000
) throws -> Recorder {
  var options = Recorder.Options()
  (options.statistics, options.every, options.layers, options.capacity) = (statistics, every, layers, capacity)
  return try Recorder(options)
}

private func linearNetwork(_ widths: [Int]) throws -> Network {
  let generator = Generator(seed: 4)
  let layers = try zip(widths, widths.dropFirst()).map {
    try Linear(inputs: $0, outputs: $1, dtype: .float64, generator: generator)
  }
  return try Network(sequential: layers, dtype: .float64, generator: generator)
}

/// The column of the first record, layer by layer.
private func first(_ recorder: Recorder, _ column: String) throws -> [Double] {
  let place = try recorder.column(column)
  return recorder.layers.indices.map { recorder.value(record: 0, layer: $0, column: place) }
}

@Suite struct RecorderTests {
  // MARK: Shift

  @Test func aBiasThatMovesShiftsTheMeanByAsMuch() throws {
    let net = try linearNetwork([3, 2, 2])
    let x = try normal([40, 3], seed: 1)
    let rec = try recorder(["shift"])
    // the reference: the standard deviation of each unit of the second layer's input, two passes over the output's columns
    let entering = try values(try net.rowOutputs(x)[0])
    let deviations = (0..<2).map { unit in
      let column = (0..<40).map { entering[$0 * 2 + unit] }
      let mean = column.reduce(0, +) / 40
      return (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40).squareRoot()
    }
    try rec.begin(net, inputs: x, loss: nil)
    let steps = [0.25, -1.5]
    try change(try #require(net.parameters["0.bias"])) { $0 + steps[$1] }
    try rec.end(net)
    let expected = ((0.25 / deviations[0]) * (0.25 / deviations[0]) + (1.5 / deviations[1]) * (1.5 / deviations[1])) / 2
    assertClose(try first(rec, "shift.mean"), [0, expected.squareRoot()], relative: 1e-12, absolute: 0, "shift.mean")
    // a sum with the bias rounds each sample by itself
    assertClose(try first(rec, "shift.std"), [0, 0], relative: 0, absolute: 1e-14, "shift.std")
  }

  @Test func aWeightThatDoublesStretchesTheSpread() throws {
    let net = try linearNetwork([3, 2, 2])
    let rec = try recorder(["shift"])
    try change(try #require(net.parameters["0.bias"])) { _, _ in 0 }
    try rec.begin(net, inputs: try normal([40, 3], seed: 1), loss: nil)
    try change(try #require(net.parameters["0.weight"])) { value, _ in 2 * value }
    try rec.end()
    let expected = 0.6931471805599453
    assertClose(try first(rec, "shift.std"), [0, expected], relative: 1e-14, absolute: 0, "shift.std")
  }

  /// What is recorded of a step is the weight as it was before the update.
  @Test func theHistogramOfAWeightIsThatOfBeforeTheUpdate() throws {
    let net = try linearNetwork([3, 4])
    let rec = try recorder(["weight.mean", "weight.histogram"])
    let weight = try #require(net.parameters["0.weight"])
    try change(weight) { _, index in Double(index) }
    try rec.begin(net, inputs: try normal([8, 3], seed: 1), loss: nil)
    try change(weight) { _, _ in 1000 }
    try rec.end(net)
    #expect(try first(rec, "weight.mean") == [5.5])
    let series = rec.histograms(layer: 0, histogram: try #require(rec.histogram("weight.histogram")))
    // bins of half a unit from -16 to 16: 0 to 11 stand in every second one from the middle on
    #expect(series.reach == 16)
    let expected = (0..<64).map { bin in bin >= 32 && bin < 56 && bin.isMultiple(of: 2) ? UInt32(1) : 0 }
    #expect(series.counts == [expected])
  }

  /// The moments of the numbers 0 to n - 1: skewness 0, excess kurtosis -6/5 (n^2 + 1)/(n^2 - 1).
  @Test(arguments: [["weight.std"], ["weight.std", "weight.kurtosis"], ["weight.kurtosis", "weight.skewness"]])
  func theShapeIsMeasuredWhereItIsAskedFor(statistics: [String]) throws {
    let expected = ["weight.std": (143.0 / 12).squareRoot(), "weight.skewness": 0, "weight.kurtosis": -1.2 * 145 / 143]
    let net = try linearNetwork([3, 4])
    try change(try #require(net.parameters["0.weight"])) { _, index in Double(index) }
    let rec = try recorder(statistics)
    try rec.begin(net, inputs: try normal([8, 3], seed: 1), loss: nil)
    try rec.end(net)
    for name in statistics {
      assertClose(try first(rec, name), [try #require(expected[name])], relative: 1e-14, absolute: 1e-15, name)
    }
  }

  @Test func noUpdateMovesNothing() throws {
    let net = try batchNetwork()
    let rec = try recorder(["shift", "gradient_shift", "update_ratio"])
    try rec.begin(net, inputs: try normal([12, 6], seed: 2)) { try Losses.squaredError($0, Tensor(.float64, $0.shape)) }
    try rec.end()
    for column in ["shift.mean", "shift.std"] { #expect(try first(rec, column).allSatisfy { $0 == 0 }, "\(column)") }
    let isLinear = net.rows.map { $0 is Linear }
    for (column, still) in [("gradient_shift.distance", 0.0), ("gradient_shift.cosine", 1)] {
      let numbers = try first(rec, column)
      for (row, number) in numbers.enumerated() { #expect(isLinear[row] ? number == still : number.isNaN, "\(column)") }
    }
  }

  @Test func unitsThatDoNotVaryAreLeftOut() throws {
    let net = try linearNetwork([2, 2, 1])
    try change(try #require(net.parameters["0.weight"])) { _, place in [1, 0, 0, 0][place] }
    let rec = try recorder(["shift"])
    try rec.begin(net, inputs: try tensor([1, 5, -1, 5, 1, 5, -1, 5], [4, 2]), loss: nil)
    try change(try #require(net.parameters["0.bias"])) { $0 + [0.5, 7][$1] }
    try rec.end()
    // the second column of the input never varies, nor the second unit
    assertClose(try first(rec, "shift.mean"), [0, 0.5], relative: 1e-14, absolute: 0, "shift.mean")
  }

  // MARK: Against PyTorch

  private func batchNetwork(norm: Bool = true) throws -> Network {
    let generator = Generator(seed: 3)
    let layers = try [6, 8, 7, 5].indices.dropLast().flatMap { place -> [Layer] in
      let (inputs, outputs) = ([6, 8, 7, 5][place], [6, 8, 7, 5][place + 1])
      return [try Linear(inputs: inputs, outputs: outputs, dtype: .float64, generator: generator)]
        + (norm ? [try Normalisation(.batch, features: outputs, dtype: .float64)] : [])
        + [try Activation(.tanh)]
    }
    let head = try Linear(inputs: 5, outputs: 4, dtype: .float64, generator: generator)
    return try Network(sequential: layers + [head], dtype: .float64, generator: generator)
  }

  @Test(arguments: ["plain", "batchnorm"]) func oneStepMovesWhatItMovesInPyTorch(name: String) throws {
    let goldens = RecorderGoldens()
    let net = try batchNetwork(norm: name == "batchnorm")
    try net.loadState(try goldens.tensors("\(name)/state/"))
    let (x, t) = (try goldens.tensor("\(name)/x"), try goldens.tensor("\(name)/t"))
    let linears = net.rows.indices.filter { net.rows[$0] is Linear }
    let columns = [
      "shift.mean", "shift.std", "gradient_shift.cosine", "gradient_shift.distance", "gradient_shift.relative",
      "update_ratio", "weight_gradient.norm",
    ]
    // the order in which layers are asked for makes no difference
    let rec = try recorder(columns, layers: linears.reversed().map { .position($0 + 1) })
    try Tape.backward(from: try Losses.crossEntropy(try net.forward(x), t))
    try rec.begin(net, inputs: x) { try Losses.crossEntropy($0, t) }
    for parameter in net.trainedTensors {
      let gradient = try values(try #require(parameter.gradient))
      try change(parameter) { $0 - 0.3 * gradient[$1] }
    }
    try rec.end(net)
    for column in columns {
      // float64 rounding of the gradients themselves, of which the smaller differences are taken
      assertClose(
        try first(rec, column).reversed(), goldens["\(name)/\(column)"], relative: 1e-11, absolute: 1e-15,
        "\(name) \(column)")
    }
    #expect(try first(rec, "gradient_shift.cosine")[3] == 1 && first(rec, "gradient_shift.distance")[3] == 0)
  }

  @Test func layersAboveFrozenOnesKeepTheirGradients() throws {
    let net = try batchNetwork()
    let rec = try recorder(["gradient_shift", "update_ratio"], layers: [.position(4), .position(7), .position(-1)])
    try rec.begin(net, inputs: try normal([12, 6], seed: 2)) { try Losses.squaredError($0, Tensor(.float64, $0.shape)) }
    // rows 1 to 6 stay as they are, the seventh and what is behind it move
    for row in net.rows.dropFirst(6) {
      for parameter in row.parameters { try change(parameter.tensor) { value, _ in value + 0.05 } }
    }
    try rec.end(net)
    let (cosines, distances) = (try first(rec, "gradient_shift.cosine"), try first(rec, "gradient_shift.distance"))
    #expect(cosines[0] == 1 && cosines[1] == 1 && distances[0] == 0 && distances[1] == 0)
    #expect(cosines[2] < 1 && distances[2] > 0)
    #expect(try first(rec, "update_ratio")[0] == 0 && first(rec, "update_ratio")[1] > 0)
  }

  // MARK: The network

  @Test func theNetworkIsLeftBitForBit() throws {
    let (net, twin) = (try dropping(), try dropping())
    let x = try normal([12, 6], seed: 2)
    let all = ReportRow.quantities.map { "\($0).std" } + ["shift", "gradient_shift", "update_ratio"]
    let rec = try recorder(all)
    let losses = try [net, twin].map { try Losses.squaredError(try $0.forward(x), Tensor(.float64, [12, 4])) }
    try rec.begin(net, inputs: x) { try Losses.squaredError($0, Tensor(.float64, $0.shape)) }
    // what the last forward keeps for its backward is still there
    for loss in losses { try Tape.backward(from: loss) }
    try rec.end(net)
    #expect(net.isTraining && net.generator.state == twin.generator.state)
    for (name, state) in net.state { #expect(try values(state) == values(try #require(twin.state[name])), "\(name)") }
    for (name, parameter) in net.parameters {
      let other = try #require(twin.parameters[name])
      #expect(
        try values(try #require(parameter.gradient)) == values(try #require(other.gradient)), "gradient of \(name)")
    }
  }

  private func dropping() throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs, options.norm) = (6, 8, 3, 4, .batch)
    (options.dropout, options.dtype, options.seed) = (0.5, .float64, 5)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  // MARK: Records

  @Test func recordsNeedLayers() throws {
    let saved = RecordedData(
      columns: ["weight.mean"], histograms: [], capacity: 4, every: 1, requestedEvery: 1, steps: [1], stepCount: 1,
      layers: [], rowCount: 0, records: [[]], series: [])
    #expect(throws: RecorderError.unfit("layers of the 1 recorded steps", got: "none")) { try Recorder(saved) }
  }

  @Test func memoryIsBoundedByADoubledCadence() throws {
    let net = try linearNetwork([3, 2])
    let rec = try recorder(["weight.mean"], every: 3, capacity: 4)
    let x = try normal([4, 3], seed: 1)
    for step in 1...40 {
      try change(try #require(net.parameters["0.weight"])) { _, _ in Double(step) }
      try rec.begin(net, inputs: x, loss: nil)
      try rec.end()
    }
    #expect(rec.steps == [1, 13, 25, 37] && rec.every == 12 && rec.stepCount == 40)
    assertClose(rec.series(layer: 0, column: 0), [1, 13, 25, 37], relative: 1e-15, absolute: 0, "thinned")
  }

  @Test func layersAreFollowedThroughSurgery() throws {
    let net = try linearNetwork([3, 3, 2])
    let rec = try recorder(["weight.mean", "shift.mean"])
    let x = try normal([4, 3], seed: 1)
    func step() throws {
      try rec.begin(net, inputs: x, loss: nil)
      try rec.end()
    }
    try step()
    try net.insert(try Activation(.tanh), at: 1)
    try step()
    try net.remove(at: 0)
    try step()
    let series = rec.layers.indices.map { rec.series(layer: $0, column: 0) }
    #expect(series[0][0] == series[0][1] && series[0][2].isNaN)
    #expect(series[1][0] == series[1][1] && series[1][1] == series[1][2])
    #expect(rec.layers.map(\.position) == [1, 2])
  }

  @Test func surgeryInsideAStepIsRefused() throws {
    let net = try linearNetwork([3, 3, 2])
    let rec = try recorder(["update_ratio"])
    try rec.begin(net, inputs: try normal([4, 3], seed: 1), loss: nil)
    try net.insert(try Activation(.tanh), at: 1)
    #expect(throws: RecorderError.changedNetwork) { try rec.end() }
    #expect(rec.steps.isEmpty && !rec.isInStep)
  }
}

/// The lists of `Fixtures/recorder.txt`, made by PyTorch.
private struct RecorderGoldens {
  private var lines: OrderedDictionary<String, (shape: Extents, numbers: [Double])> = [:]

  init() {
    guard let stream = fopen(Project.path("Tests/LabTests/Fixtures/recorder.txt"), "r") else { return }
    defer { fclose(stream) }
    var buffer = [CChar](repeating: 0, count: 1 << 16)
    while fgets(&buffer, Int32(buffer.count), stream) != nil {
      let line = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      if line.hasPrefix("#") { continue }
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let head = parts[0].split(separator: " ")
      let shape = head.count > 1 ? Extents(head[1].split(separator: ",").compactMap { Int($0) }) : []
      lines[String(head[0])] = (shape, parts[1].split(whereSeparator: \.isWhitespace).compactMap { Double($0) })
    }
  }

  subscript(name: String) -> [Double] { lines[name]?.numbers ?? [] }

  func tensor(_ name: String) throws -> Tensor { try LabTests.tensor(self[name], lines[name]?.shape ?? [0]) }

  func tensors(_ prefix: String) throws -> OrderedDictionary<String, Tensor> {
    var result: OrderedDictionary<String, Tensor> = [:]
    for name in lines.keys where name.hasPrefix(prefix) {
      result[String(name.dropFirst(prefix.count))] = try tensor(name)
    }
    return result
  }
}
