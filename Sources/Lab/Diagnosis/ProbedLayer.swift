import Kernels
import Networks

/// What is known of a row of a report beside its numbers.
struct RowTraits {
  /// The nonlinearity, nil for none and where it is not known.
  var activation: ActivationFunction?
  /// Its slope below 0.
  var slope = 0.0
  /// The kind of normalisation, nil for none and where it is not known.
  var norm: NormalisationKind?
  /// Where it stands.
  var normPosition: NormalisationPosition?
  /// What is known of the normalisation's numbers, nil where nothing is.
  var normModel: NormModel?
  /// What is known of the affine map's numbers, nil where nothing is.
  var linear: LinearModel?
  /// Whether its input is added to its output.
  var isResidual = false
  /// Whether the row is an affine map alone.
  var isAffineAlone = false

  /// Whether what a layer does to numbers is the same at every size of them: linear on either side of 0, and no norm.
  var isHomogeneous: Bool {
    guard norm == nil else { return false }
    switch activation {
    case .linear, .relu, .leakyReLU, .prelu: return true
    case nil: return isAffineAlone
    default: return false
    }
  }

  /// What the normalisation adds to the variance.
  var eps: Double { normModel?.eps ?? 0 }
  /// What it multiplies by on the mean over units, also known as gamma.
  var gamma: Double { normModel?.gamma ?? 1 }
  /// The least it adds to a unit, also known as beta.
  var lowestShift: Double { normModel?.lowestShift ?? 0 }
  /// How the weight was drawn, as a user types it.
  var initialiser: String? { linear?.weight.text }
  /// The root of the mean square of the biases, nil where it is not known.
  var biasSize: Double? { linear.map { $0.biasSize ?? $0.biasVariance.squareRoot() } }
}

/// A layer as people count: a row with weights and the rows behind it up to the next, so that a block of an mlp and the
/// Linear, BatchNorm and ReLU of a Sequential are one each.
struct ProbedLayer {
  /// Its place among the layers, from 1, as people count.
  let place: Int
  /// Its rows in the report, from 0.
  let rows: ClosedRange<Int>
  /// Its output: the last row.
  let output: ReportRow
  /// The row with the weight; the first one where none has any.
  let first: ReportRow
  /// What is known of it, its rows taken together.
  let traits: RowTraits

  /// How a user counts the first row, from 1.
  var number: Int { rows.lowerBound + 1 }
  /// The number of units.
  var width: Int { output.shape.dropFirst().reduce(1, *) }
  /// The number of inputs of each unit, nil without a weight.
  var fanIn: Int? {
    guard let weight = first.weight, let outputs = first.shape.last, outputs > 0 else { return nil }
    return weight.count / outputs
  }

  /// Divides a report's rows into layers; rows before the first with weights belong to none.
  ///
  /// Where no row has weights each is a layer of its own. A last layer without a nonlinearity, which other layers have, is a
  /// head: its scale is that of scores, not of a signal on its way, and it is left out.
  static func layers(of report: Report, _ traits: [RowTraits]) -> [ProbedLayer] {
    let starts = report.rows.indices.filter { report.rows[$0].weight != nil || report.rows[$0].kind == "Residual" }
    let begins = starts.isEmpty ? Array(report.rows.indices) : starts
    var layers = begins.enumerated().map { place, first in
      let last = (place + 1 < begins.count ? begins[place + 1] : report.rows.count) - 1
      return ProbedLayer(
        place: place + 1, rows: first...last, output: report.rows[last], first: report.rows[first],
        traits: RowTraits(joining: traits[first...last]))
    }
    if layers.count > 1, layers[layers.count - 1].traits.isAffineAlone,
      layers.contains(where: { !$0.traits.isAffineAlone })
    {
      layers.removeLast()
    }
    return layers
  }
}

extension RowTraits {
  /// What the kind of a row tells where nothing else is known.
  init(kind: String) {
    activation = ActivationFunction.allCases.first { $0.layerName == kind }
    norm = NormalisationKind.allCases.first { Normalisation.layerName($0) == kind }
    isAffineAlone = kind == "Linear"
    isResidual = kind == "Residual"
  }

  /// What is known of rows taken together, the first that knows having the say.
  init(joining rows: ArraySlice<RowTraits>) {
    let activationAt = rows.firstIndex { $0.activation != nil }
    let normAt = rows.firstIndex { $0.norm != nil }
    activation = activationAt.flatMap { rows[$0].activation }
    slope = activationAt.map { rows[$0].slope } ?? 0
    norm = normAt.flatMap { rows[$0].norm }
    normModel = normAt.flatMap { rows[$0].normModel }
    normPosition = normAt.flatMap { at in
      rows[at].normPosition ?? (at < activationAt ?? rows.endIndex ? .before : .after)
    }
    linear = rows.lazy.compactMap(\.linear).first
    isResidual = rows.contains(where: \.isResidual)
    isAffineAlone = rows.allSatisfy(\.isAffineAlone)
  }
}
