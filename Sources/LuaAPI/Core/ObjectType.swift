/// The types of objects that Lua sees; the raw values index the runtime's metatables, 0 being known to C.
enum ObjectType: Int32, CaseIterable {
  case tensor = 0
  case generator
  case network
  case layer
  case parameters
  case optimizer
  case dataset
  case batches
  case report
  case reportRow
  case statistics
  case history
  case parameterGroup
  case schedule
  case recorder
  case whatIf
  case variant
  case comparison
  case sweep
  case prediction
  case predictionRow
  case predictedStats

  /// The name with its article.
  var described: String {
    switch self {
    case .parameters, .statistics, .batches, .predictedStats: name
    case .optimizer: "an \(name)"
    default: "a \(name)"
    }
  }

  /// What makes one, where it is not plain from the name.
  var maker: String? {
    switch self {
    case .generator: "sonde.generator(seed)"
    case .network: "nn.mlp{...}"
    case .optimizer: "optim.SGD(net, {lr=0.1})"
    case .dataset: "data.dataset(x, y)"
    case .recorder: "sonde.recorder{...}"
    default: nil
    }
  }

  /// The name in messages and `tostring`.
  var name: String {
    switch self {
    case .tensor: "tensor"
    case .generator: "generator"
    case .network: "network"
    case .layer: "layer"
    case .parameters: "parameters"
    case .optimizer: "optimizer"
    case .dataset: "dataset"
    case .batches: "batches"
    case .report: "report"
    case .reportRow: "report row"
    case .statistics: "stats"
    case .history: "history"
    case .parameterGroup: "parameter group"
    case .schedule: "schedule"
    case .recorder: "recorder"
    case .whatIf: "what-if"
    case .variant: "variant"
    case .comparison: "comparison"
    case .sweep: "sweep"
    case .prediction: "prediction"
    case .predictionRow: "prediction row"
    case .predictedStats: "predicted stats"
    }
  }
}
