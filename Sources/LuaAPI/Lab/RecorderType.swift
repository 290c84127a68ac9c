import CLua
import Lab
import Tensors

extension TypeRecord {
  /// What records a training.
  static let recorderType = TypeRecord(
    type: .recorder,
    summary: "Statistics of layers over a training: rec[i] is a recorded step, rec[\"shift.mean\"] a column.",
    methods: FunctionRecord.recorderMethods,
    properties: [
      PropertyRecord("steps", "The numbers of the recorded steps, from 1.") { call in
        try call.push(sequence: call.object(Recorder.self).steps) { call.push($0) }
      },
      PropertyRecord("columns", "The names of what is recorded.") { call in
        try call.push(sequence: call.object(Recorder.self).columns) { try call.push($0.name) }
      },
      PropertyRecord("histograms", "The names of the histograms that are recorded.") { call in
        try call.push(sequence: call.object(Recorder.self).histograms) { try call.push($0.name) }
      },
      PropertyRecord("memory", "How many bytes the records take.") { call in
        call.push(call.object(Recorder.self).memory)
      },
      PropertyRecord("memory_limit", "How many bytes they take at most: those of capacity records.") { call in
        call.push(call.object(Recorder.self).memoryLimit)
      },
      PropertyRecord(
        "layers", "The recorded layers {position=, name=, kind=} as the recording began; empty before the first step."
      ) { call in
        try call.push(sequence: call.object(Recorder.self).layers) { layer in
          try check(sonde_try_table(call.lua, 0, 3))
          try call.set("position") { call.push(layer.position) }
          try call.set("name") { try call.push(layer.name) }
          try call.set("kind") { try call.push(layer.kind) }
          return 1
        }
      },
      PropertyRecord("every", "The present cadence; it doubles when capacity is exceeded.") { call in
        call.push(call.object(Recorder.self).every)
      },
      PropertyRecord("capacity", "The most steps that are kept.") { call in
        call.push(call.object(Recorder.self).capacity)
      },
      PropertyRecord("seen", "The number of steps taken, recorded or not.") { call in
        call.push(call.object(Recorder.self).stepCount)
      },
      PropertyRecord("due", "Whether the next step will be recorded.") { call in
        call.push(call.object(Recorder.self).isDue)
      },
    ],
    element: { call in
      let recorder = call.object(Recorder.self)
      if let name = call.argument(0).asString {
        if let histogram = recorder.histogram(name) { return try call.push(recorder, histogram: histogram) }
        guard name.contains("."), recorder.place(of: name) == nil else {
          return try recorder.place(of: name).map { try call.push(recorder, column: $0) }
        }
        return try call.push(recorder, column: try recorder.column(name))
      }
      guard let index = call.argument(0).asInteger else { return nil }
      if index == recorder.steps.count + 1 { return call.pushNil() }
      guard let record = Tensor.position(index, extent: recorder.steps.count) else {
        throw call.failure("record \(index) is outside 1 to \(recorder.steps.count)")
      }
      return try call.push(recorder, record: record)
    },
    length: { call in call.object(Recorder.self).steps.count },
    text: { call in RecorderText().text(call.object()) },
    keys: { call in
      let recorder = call.object(Recorder.self)
      return recorder.columns.map(\.name) + recorder.histograms.map(\.name)
    })
}

extension Call {
  /// Pushes a recorded step: its number, and each column as a sequence over the recorded layers.
  fileprivate func push(_ recorder: Recorder, record: Int) throws -> Int32 {
    try check(sonde_try_table(lua, 0, Int32(clamping: recorder.columns.count + 1)))
    try set("step") { push(recorder.steps[record]) }
    for (place, column) in recorder.columns.enumerated() {
      try set(column.name) {
        try push(sequence: recorder.layers.indices) { layer in
          push(recorder.value(record: record, layer: layer, column: place))
        }
      }
    }
    return 1
  }
}
