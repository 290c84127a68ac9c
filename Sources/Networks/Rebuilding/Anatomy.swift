/// What is hidden in a network and what is not: rows before the first hidden layer, the hidden layers, and the head.
///
/// A hidden layer is a block of an mlp; elsewhere a Linear or a residual layer with what stands behind it up to the next one.
/// The head is a Linear at the end without an activation, with what stands behind it.
struct Anatomy {
  /// Rows that stand before the first hidden layer, for example `Flatten`.
  let stem: [Layer]
  /// The rows of each hidden layer.
  let hidden: [[Layer]]
  /// The rows of the head, none where the last hidden layer gives the output.
  let head: [Layer]

  init(_ rows: [Layer]) {
    let starts = rows.indices.filter { Anatomy.begins(rows[$0]) }
    let ends = starts.dropFirst() + [rows.count]
    var groups = zip(starts, ends).map { Array(rows[$0..<$1]) }
    stem = Array(rows[..<(starts.first ?? rows.count)])
    head = groups.last.map(Anatomy.isHead) == true ? groups.removeLast() : []
    hidden = groups
  }

  /// The features that the first hidden layer or the head takes, nil where it does not know.
  var inputs: Int? { LayerList.inputFeatures(hidden.first ?? head) }

  /// The features of each hidden layer's output; nil where one does not know.
  var widths: [Int?] { hidden.map { LayerList.outputFeatures($0, LayerList.inputFeatures($0)) } }

  private static func begins(_ row: Layer) -> Bool { row is Linear || row is Residual || row is Block }

  private static func isHead(_ rows: [Layer]) -> Bool {
    if let block = rows.first as? Block { return block.isHead }
    return rows.first is Linear && !rows.contains { $0 is Activation }
  }
}

extension Network {
  /// The number of hidden layers: blocks of an mlp, else Linear or residual layers but for a Linear without activation at the end.
  public var depth: Int { Anatomy(rows).hidden.count }

  /// The units of each hidden layer; nil where they differ, are unknown or there is none.
  public var width: Int? {
    let widths = Set(Anatomy(rows).widths)
    return widths.count == 1 ? widths.first ?? nil : nil
  }
}
