import RealModule

/// A fault that the parameters of a layer, or of some layers alike, show by themselves.
///
/// It is the root of whatever is odd around it: a scale that jumps there and back, samples that look the same behind it, gradients that
/// stop in front of it. Those steps are taken out of the series in which trends are looked for, and what needs samples that can be
/// told apart is asked of the layers before it alone.
struct Fault {
  /// What is told of it.
  let diagnosis: Diagnosis
  /// The places of its layers, from 1.
  let places: Set<Int>
  /// The place from which on samples can't be told apart by it, nil where they still can.
  var end: Int?
  /// The rows, from 0, of whose weights it explains what gradients ask.
  var rows: Set<Int> = []
}

extension Examination {
  /// The faults that parameters show, the weights' scale last, for it is one only where nothing else explains what is odd.
  mutating func takeFaults() -> [Fault] {
    var faults = shiftFaults() + gammaFaults() + directionFaults() + auxiliaryFaults()
    if let fault = branchFault() { faults.append(fault) }
    take(faults)
    let dead = isMasked ? [] : deadUnits()
    take(dead)
    faults += dead
    if let fault = weightFault() {
      take([fault])
      faults.append(fault)
    }
    return faults
  }

  private mutating func take(_ faults: [Fault]) {
    cuts.formUnion(faults.flatMap(\.places))
    toldRows.formUnion(faults.flatMap(\.rows))
    end = ([end] + faults.map(\.end)).compactMap { $0 }.min()
  }

  /// Whether a layer is none that samples can't be told apart in by a fault.
  func isInSight(_ layer: ProbedLayer) -> Bool { end.map { layer.place < $0 } ?? true }

  /// A series of logarithms without the steps to and from the layers whose faults are told: they take the median of the others.
  func levelled(_ logs: [Double], _ places: [Int?]) -> [Double] {
    guard let first = logs.first, !cuts.isEmpty else { return logs }
    let isCut = places.map { $0.map(cuts.contains) ?? false }
    let steps = zip(logs.dropFirst(), logs).map { $0 - $1 }
    let others = steps.indices.filter { !isCut[$0] && !isCut[$0 + 1] }.map { steps[$0] }.sorted()
    let usual = others.isEmpty ? 0 : others[others.count / 2]
    var result = [first]
    for (index, step) in steps.enumerated() {
      result.append(result[index] + (isCut[index] || isCut[index + 1] ? usual : step))
    }
    return result
  }

  /// How many layers more a statement about the first of several holds for, as a clause.
  func andMore(_ layers: [ProbedLayer]) -> String {
    layers.count > 1 ? "; so it is in \(layers.count) layers, from \(name(layers[0])) on" : ""
  }
}
