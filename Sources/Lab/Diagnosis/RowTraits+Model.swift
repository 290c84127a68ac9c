import Kernels
import Networks

extension RowTraits {
  /// What a model of the network tells of a row; `kind` is the row's.
  init(_ row: NetworkModel.Row, kind: String) {
    self.init(kind: kind)
    isResidual = row.parts.contains { if case .residual = $0 { true } else { false } }
    for part in row.parts.flatMap(RowTraits.flat) {
      switch part {
      case .linear(let model) where linear == nil: linear = model
      case .activation(let law):
        if norm != nil, activation == nil { normPosition = .before }
        (activation, slope) = (law.function, law.slope)
      case .norm(let model):
        (norm, normModel) = (model.kind, model)
        if activation != nil { normPosition = .after }
      default: break
      }
    }
  }

  /// A part and those of its branch.
  private static func flat(_ part: NetworkModel.Part) -> [NetworkModel.Part] {
    guard case .residual(let model) = part else { return [part] }
    return model.branch.flatMap(flat)
  }
}
