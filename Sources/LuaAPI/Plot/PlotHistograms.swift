import CLua
import Kernels
import Lab
import Plots
import Tensors

/// Reads histograms, and counts what is not counted yet.
struct PlotHistograms {
  /// A histogram and how much of the data is not in it.
  struct Counted {
    var bins: Bins
    var leftOut = 0
    var reason = ""
  }

  private let call: Call
  /// Whether the rows of a matrix are histograms of their own.
  private let splitsRows: Bool
  private var lua: LuaState { call.lua }

  init(_ call: Call, splitsRows: Bool = false) {
    self.call = call
    self.splitsRows = splitsRows
  }

  /// One histogram or several.
  ///
  /// - Throws: a failure for what can't be counted; `LabError`, `TensorError`, `Interrupted`.
  func read(_ value: LuaValue) throws -> [Counted] {
    if let tensor = value.asTensor, splitsRows, tensor.rank == 2 {
      return try (0..<tensor.shape[0]).map { try count(try tensor.narrow(0, $0, 1)) }
    }
    guard case .table(let index) = value, try !isOne(index) else { return [try one(value, "")] }
    let length = Int(clamping: lua_rawlen(lua, index))
    if length > 0 {
      var place = 0
      return try call.sequence(at: index) { value in
        place += 1
        return try one(value, " as row \(place)")
      }
    }
    return try named(index)
  }

  private func named(_ index: Int32) throws -> [Counted] {
    var names: [String] = []
    try call.forEachPair(in: index) { key, _ in
      guard let name = key.asString else { throw call.failure("expected names as keys, got \(key.text)") }
      names.append(name)
    }
    if names.isEmpty { throw call.failure("nothing to draw: the table is empty") }
    return try names.sorted().map { name in
      try call.restoring {
        try check(sonde_try_get_field(lua, index, name))
        var counted = try one(LuaValue(lua, lua_gettop(lua)), " as \(LuaValue.string(name).text)")
        counted.bins.name = name
        return counted
      }
    }
  }

  /// Whether a table is a sequence of numbers or a histogram.
  private func isOne(_ index: Int32) throws -> Bool {
    if lua_rawlen(lua, index) > 0 {
      lua_rawgeti(lua, index, 1)
      let first = LuaValue(lua, lua_gettop(lua))
      sonde_pop(lua, 1)
      return PlotCurves.number(first) != nil
    }
    return try isHistogram(index)
  }

  private func isHistogram(_ index: Int32) throws -> Bool {
    try ["counts", "edges"].allSatisfy { name in
      try call.restoring {
        try check(sonde_try_get_field(lua, index, name))
        return lua_type(lua, -1) == LUA_TTABLE || LuaValue(lua, lua_gettop(lua)).asTensor != nil
      }
    }
  }

  private func one(_ value: LuaValue, _ place: String) throws -> Counted {
    switch value {
    case .object(let object, .tensor): return try count(unsafeDowncast(object, to: Tensor.self))
    case .object(let object, .statistics):
      try refuseCounting()
      return Counted(bins: Bins(unsafeDowncast(object, to: StatisticsHandle.self).statistics.histogram))
    case .table(let index) where lua_rawlen(lua, index) > 0:
      let values = try PlotCurves(call: call, what: "x").vector(value, "x" + place)
      let tensor = try Tensor(.float64, [values.count])
      for (position, value) in values.enumerated() { tensor.store(value, at: position) }
      return try count(tensor)
    case .table(let index) where try isHistogram(index):
      try refuseCounting()
      return Counted(bins: try histogram(index))
    default:
      throw call.failure("expected a tensor, numbers, stats or {counts=, edges=}\(place), got \(value.text)")
    }
  }

  private func refuseCounting() throws {
    for name in ["bins", "lo", "hi", "log"] where !call.option(name).isAbsent {
      throw call.failure("option '\(name)' is for tensors and numbers; stats and {counts=, edges=} are counted already")
    }
  }

  private func histogram(_ index: Int32) throws -> Bins {
    let reader = PlotCurves(call: call, what: "histogram")
    let parts = try ["counts", "edges"].map { name in
      try call.restoring {
        try check(sonde_try_get_field(lua, index, name))
        return try reader.vector(LuaValue(lua, lua_gettop(lua)), name)
      }
    }
    let (counts, edges) = (parts[0], parts[1])
    guard edges.count == counts.count + 1 else {
      throw call.failure("expected one edge more than counts, got \(edges.count) edges and \(counts.count) counts")
    }
    guard edges.allSatisfy(\.isFinite), zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw call.failure("expected finite edges that rise")
    }
    guard counts.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw call.failure("expected finite counts of at least 0")
    }
    return Bins(edges: edges, counts: counts)
  }

  private func count(_ tensor: Tensor) throws -> Counted {
    guard tensor.count > 0 else {
      throw call.failure("nothing to draw: a tensor of shape \(tensor.shape) has no elements")
    }
    let (lower, upper, isLog) = (
      call.option("lo").asNumber, call.option("hi").asNumber, call.flag("log", default: false)
    )
    let histogram = try Histogram(
      of: tensor, bins: call.option("bins").asInteger ?? Statistics.standardBins, lower: lower, upper: upper,
      quantity: isLog ? .logMagnitude : .value)
    var reasons = isLog ? ["zero", "not finite"] : ["not finite"]
    if lower != nil || upper != nil { reasons.append("outside the limits") }
    return Counted(
      bins: Bins(histogram), leftOut: tensor.count - histogram.counts.reduce(0, +), reason: listed(reasons))
  }
}

extension [PlotHistograms.Counted] {
  /// What is not in any bin, in words; empty where everything is.
  var note: String {
    let count = reduce(0) { $0 + $1.leftOut }
    return count > 0 ? "left out: \(count) \(first { $0.leftOut > 0 }?.reason ?? "")" : ""
  }
}

extension Bins {
  /// The counts and edges of a histogram.
  fileprivate init(_ histogram: Histogram) {
    self.init(edges: histogram.edges, counts: histogram.counts.map(Double.init))
  }
}
