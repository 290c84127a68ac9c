import CLua
import Lab
import Plots
import Tensors

/// A prediction as Lua holds it.
final class PredictionHandle {
  let prediction: Prediction

  init(_ prediction: Prediction) { self.prediction = prediction }
}

/// A row of a prediction as Lua holds it.
final class PredictionRowHandle {
  let row: PredictedRow

  init(_ row: PredictedRow) { self.row = row }
}

/// Predicted figures as Lua holds them.
final class PredictedStatsHandle {
  let figures: PredictedFigures

  init(_ figures: PredictedFigures) { self.figures = figures }
}

extension FunctionRecord {
  /// The methods of predictions.
  static let predictionMethods: [FunctionRecord] = [
    FunctionRecord(
      "prediction:column", "One figure of every row.",
      [Parameter("path", .string, "a quantity and a figure, for example 'activation.std'")],
      returns: "a sequence; NaN where theory makes no statement", errors: "an unknown path, which offers the nearest",
      example: "assert(#theory.predict{depth=5}:column('gradient.std') == 5)", receiver: .prediction
    ) { call in
      let column = try call.object(PredictionHandle.self).prediction.column(try call.string(0))
      return try call.push(sequence: column) { call.push($0 ?? .nan) }
    },
    FunctionRecord(
      "prediction:text", "The whole table, with every row, however deep the network.", returns: "a string",
      example: "assert(#theory.predict{depth=50}:text() > 1000)", receiver: .prediction
    ) { call in try call.push(PredictionText(isFull: true).text(call.object(PredictionHandle.self).prediction)) },
  ]
}

extension TypeRecord {
  /// What theory predicts for a network.
  static let predictionType = TypeRecord(
    type: .prediction, summary: "What theory predicts for every row of a network at initialisation.",
    methods: FunctionRecord.predictionMethods,
    properties: [
      PropertyRecord("drift", "By how many nats log q falls behind at finite width, on the mean; nil where not known.")
      {
        call in
        call.object(PredictionHandle.self).prediction.drift.map { call.push($0) } ?? call.pushNil()
      },
      PropertyRecord(
        "drift_spread", "The standard deviation of log q over draws of the weights, in nats; nil where not known."
      ) {
        call in
        call.object(PredictionHandle.self).prediction.driftSpread.map { call.push($0) } ?? call.pushNil()
      },
      PropertyRecord(
        "ends",
        "Where numbers leave a dtype {quantity=, dtype=, kind=, layers=, within=}: activations from the input, gradients from the output."
      ) { call in
        try call.push(sequence: call.object(PredictionHandle.self).prediction.ends) { end in
          try check(sonde_try_table(call.lua, 0, 5))
          try call.set("quantity") { try call.push(end.quantity) }
          try call.set("dtype") { try call.push(end.dtype.name) }
          try call.set("kind") { try call.push(end.kind.rawValue) }
          try call.set("layers") { call.push(end.layers) }
          try call.set("within") { call.push(end.isWithin) }
          return 1
        }
      },
    ],
    element: { call in
      guard let index = call.argument(0).asInteger else { return nil }
      let rows = call.object(PredictionHandle.self).prediction.rows
      if index == rows.count + 1 { return call.pushNil() }
      guard let position = Tensor.position(index, extent: rows.count) else {
        throw call.failure("row \(index) is outside 1 to \(rows.count)")
      }
      return try call.push(PredictionRowHandle(rows[position]), .predictionRow)
    },
    length: { call in call.object(PredictionHandle.self).prediction.rows.count },
    text: { call in
      PredictionText(columns: TerminalAbilities.current.columns).text(call.object(PredictionHandle.self).prediction)
    })

  /// One row of a prediction.
  static let predictionRowType = TypeRecord(
    type: .predictionRow,
    summary: "What theory predicts of one row: quantities as in a report, nil where it says nothing.",
    properties: [
      PropertyRecord("name", "The row's name in parameters.") { call in
        try call.push(call.object(PredictionRowHandle.self).row.name)
      },
      PropertyRecord("kind", "What the row is.") { call in
        try call.push(call.object(PredictionRowHandle.self).row.kind)
      },
      PropertyRecord("reason", "Why theory does not cover the row, nil where it does.") { call in
        try call.object(PredictionRowHandle.self).row.reason.map { try call.push($0) } ?? call.pushNil()
      },
      PropertyRecord("notes", "What limits the statements on a row that is covered.") { call in
        try call.push(sequence: call.object(PredictionRowHandle.self).row.notes) { try call.push($0) }
      },
      PropertyRecord("law", "The law behind the row in words, nil where there is no short one.") { call in
        try call.object(PredictionRowHandle.self).row.law.map { try call.push($0) } ?? call.pushNil()
      },
      PropertyRecord("factor", "By what the row multiplies the rms of what goes through; nil where not known.") {
        call in
        call.object(PredictionRowHandle.self).row.factor.map { call.push($0) } ?? call.pushNil()
      },
      PropertyRecord(
        "gradient_factor", "By what the row multiplies the gradient's mean square on its way back; nil where not known."
      ) { call in
        call.object(PredictionRowHandle.self).row.gradientFactor.map { call.push($0) } ?? call.pushNil()
      },
      predicted("preactivation", "Figures of what enters the nonlinearity."),
      predicted("activation", "Figures of the row's output, after any norm."),
      predicted("gradient", "Figures of dL/d that output."),
      predicted("weight", "Figures of the weight, nil where there is none."),
      predicted("weight_gradient", "Figures of dL/dW, nil where there is no weight or no statement."),
    ],
    text: { call in PredictionText.line(call.object(PredictionRowHandle.self).row) })

  private static func predicted(_ name: String, _ summary: String) -> PropertyRecord {
    PropertyRecord(name, summary) { call in
      guard let figures = call.object(PredictionRowHandle.self).row.figures[name] else { return call.pushNil() }
      return try call.push(PredictedStatsHandle(figures), .predictedStats)
    }
  }

  /// Predicted figures.
  static let predictedStatsType = TypeRecord(
    type: .predictedStats, summary: "Predicted figures, named as in stats; nil where theory makes no statement.",
    properties: [
      figure("mean", "The mean over all entries."),
      figure("variance", "The variance over all entries."),
      figure("std", "Its square root, right at any size."),
      figure("rms", "The root of the mean square."),
      figure("cosine", "The mean cosine between samples."),
      figure("batch_std", "The standard deviation over the batch, averaged over units."),
    ],
    text: { call in
      let figures = call.object(PredictedStatsHandle.self).figures
      let known = PredictedFigures.names.compactMap { name in
        figures.value(named: name).map { "\(name) \(Decimal.text($0))" }
      }
      return known.isEmpty ? "no statement" : known.joined(separator: ", ")
    },
    keys: { call in
      let figures = call.object(PredictedStatsHandle.self).figures
      return PredictedFigures.names.filter { figures.value(named: $0) != nil }
    })

  private static func figure(_ name: String, _ summary: String) -> PropertyRecord {
    PropertyRecord(name, summary) { call in
      call.object(PredictedStatsHandle.self).figures.value(named: name).map { call.push($0) } ?? call.pushNil()
    }
  }
}
