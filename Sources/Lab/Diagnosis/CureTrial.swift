import Kernels
import Networks
import RealModule

/// A network's model with other weights, and what theory predicts for it.
struct CureTrial {
  private let model: NetworkModel
  private let input: TheoryInput

  init(_ model: NetworkModel, _ input: TheoryInput) { (self.model, self.input) = (model, input) }

  /// How much a scale may change through the whole net under a cure, as a natural logarithm: a factor of 10.
  private static let limit = 2.302585092994046

  /// The prediction with all weights drawn by another initialiser and biases of 0; nil where theory does not cover the network, and
  /// where activations or gradients don't hold either.
  func drawn(_ weight: (_ inputs: Int, _ outputs: Int) -> WeightLaw) -> Prediction? {
    let changed = model.changingLinears { linear in
      LinearModel(
        inputs: linear.inputs, outputs: linear.outputs, weight: weight(linear.inputs, linear.outputs), biasVariance: 0,
        reason: nil)
    }
    let prediction = Prediction(changed, input)
    return holds(prediction, "activation") && holds(prediction, "gradient") ? prediction : nil
  }

  /// Whether all weights of the network are as an initialiser draws them.
  func isDrawn(by name: String) -> Bool {
    model.rows.flatMap(\.parts).flatMap(\.linears).allSatisfy { $0.weight.reason == nil && $0.weight.text == name }
  }

  /// Whether a quantity's rms stays within the limit between all rows but a head, whose scale is its own.
  private func holds(_ prediction: Prediction, _ quantity: String) -> Bool {
    let sizes = prediction.hiddenRows.map { $0.figures[quantity]?.rms ?? .nan }
    guard let least = sizes.min(), let most = sizes.max(), least > 0 else { return false }
    return sizes.allSatisfy(\.isFinite) && Double.log(most / least) < CureTrial.limit
  }
}

extension Prediction {
  /// The rows that are no affine map alone, which may be a head; all where every row is one.
  var hiddenRows: [PredictedRow] {
    let hidden = rows.filter { $0.kind != "Linear" }
    return hidden.isEmpty ? rows : hidden
  }
}

extension NetworkModel.Part {
  /// The affine maps of a part, those of its branch too.
  fileprivate var linears: [LinearModel] {
    switch self {
    case .linear(let linear): [linear]
    case .residual(let model): model.branch.flatMap(\.linears) + (model.shortcut.map { [$0] } ?? [])
    case .activation, .norm, .unknown: []
    }
  }
}

extension NetworkModel {
  /// The model with every affine map, those of branches too, exchanged for another.
  fileprivate func changingLinears(_ change: (LinearModel) -> LinearModel) -> NetworkModel {
    func changed(_ part: Part) -> Part {
      switch part {
      case .linear(let linear): return .linear(change(linear))
      case .residual(let model):
        return .residual(
          ResidualModel(branch: model.branch.map(changed), scale: model.scale, shortcut: model.shortcut.map(change)))
      case .activation, .norm, .unknown: return part
      }
    }
    var model = self
    model.rows = rows.map { Row(name: $0.name, kind: $0.kind, parts: $0.parts.map(changed)) }
    return model
  }
}
