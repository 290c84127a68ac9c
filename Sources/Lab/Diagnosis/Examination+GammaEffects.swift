import Kernels
import Networks

extension Examination {
  /// The gammas that leave a norm what it can do in front of any activation.
  private static let usualGammas = 0.2...5.0

  /// Whether samples can't be told apart in what a layer gives.
  func looksAlike(_ layer: ProbedLayer) -> Bool { share(layer.output.activation) < Examination.leastShare }

  /// The layers whose gamma, out of line or not, drives their activation to its ends, or so near to 0 that what the activation is there
  /// hides the samples.
  func gammaEffects(beside told: Set<Int>) -> [Fault] {
    let normed = layers.compactMap { layer in layer.traits.normModel?.factors.map { (layer: layer, size: $0.rms) } }
      .filter { hit in
        let traits = hit.layer.traits
        return !told.contains(hit.layer.place) && traits.normPosition == .before && !traits.isResidual
          && traits.normModel?.shifts?.rms ?? 0 == 0 && hit.size > 0 && hit.size.isFinite
      }
    let large = normed.filter { $0.size > Examination.usualGammas.upperBound && isSaturated($0.layer.rows.upperBound) }
    let feeding = layers.dropLast().compactMap { layer in
      layer.traits.normModel?.factors.map { (layer: layer, size: $0.rms) }
    }.filter { hit in
      let next = layers[hit.layer.place]
      return !told.contains(hit.layer.place) && hit.layer.traits.normPosition == .after
        && next.traits.normPosition != .before
        && hit.size > Examination.usualGammas.upperBound && hit.size.isFinite && isSaturated(next.rows.upperBound)
    }
    let small = normed.filter { $0.size < Examination.usualGammas.lowerBound && looksAlike($0.layer) }
    return [
      large.first.map { saturating($0.layer, $0.size, large.map(\.layer)) },
      feeding.first.map { self.feeding($0.layer, $0.size, feeding.map(\.layer)) },
      small.first.map { hiding($0.layer, $0.size, small.map(\.layer)) },
    ].compactMap { $0 }
  }

  private func saturating(_ layer: ProbedLayer, _ gamma: Double, _ all: [ProbedLayer]) -> Fault {
    let saturated = layer.output.activation.saturated
    let activation = layer.traits.activation ?? .tanh
    let without = activation.saturation(std: 1)
    let text =
      "\(Reading.percent(saturated)) of the outputs of \(name(layer)) are within 1 % of the ends of \(activation.name), where it has "
      + "no slope, for gamma of its norm is \(Reading.number(gamma))\(andMore(all)). A gamma of 1 would leave "
      + "\(Reading.percent(without)) of them there."
    return Fault(
      diagnosis: saturation(layer, of: layer, text, gamma, without, all.count), places: Set(all.map(\.place)))
  }

  /// The diagnosis of a layer whose gamma saturates another, or itself; `without` is how much a gamma of 1 would.
  private func saturation(
    _ layer: ProbedLayer, of saturated: ProbedLayer, _ text: String, _ gamma: Double, _ without: Double, _ count: Int
  ) -> Diagnosis {
    Diagnosis(
      .saturation, layer: layer.number, text,
      [
        .init("saturated", saturated.output.activation.saturated),
        .init("preactivation_std", saturated.output.preactivation.std), .init("layers", Double(count)),
        .init("gamma", gamma), .init("predicted", without),
      ])
  }

  /// That the gamma of a norm behind a nonlinearity drives that of the next layer to its ends.
  private func feeding(_ layer: ProbedLayer, _ gamma: Double, _ all: [ProbedLayer]) -> Fault {
    let next = layers[layer.place]
    let saturated = next.output.activation.saturated
    let activation = next.traits.activation ?? .tanh
    let entering = next.output.preactivation.std
    let without = activation.saturation(std: entering / gamma)
    let text =
      "gamma of the norm of \(name(layer)) is \(Reading.number(gamma)), so a std of \(Reading.number(entering)) enters "
      + "\(activation.name) of \(name(next)), and \(Reading.percent(saturated)) of its outputs are within 1 % of the ends, where it has "
      + "no slope\(andMore(all)). A gamma of 1 would leave \(Reading.percent(without)) of them there."
    return Fault(
      diagnosis: saturation(layer, of: next, text, gamma, without, all.count),
      places: Set(all.flatMap { [$0.place, $0.place + 1] }))
  }

  private func hiding(_ layer: ProbedLayer, _ gamma: Double, _ all: [ProbedLayer]) -> Fault {
    let share = share(layer.output.activation)
    let figures = layer.traits.activation.map { moments($0, layer, 1) }
    // over its units layer norm leaves what all samples share
    let without = layer.traits.norm == .batch ? figures.map { $0.std / $0.rms } : nil
    let text =
      "what tells samples apart is \(Reading.percent(share)) of h in \(name(layer)), for gamma of its norm is \(Reading.number(gamma)): "
      + "of numbers so near to 0 \(layer.traits.activation?.name ?? "its activation") makes one\(andMore(all)). A gamma of 1 would "
      + (without.map { "make it \(Reading.percent($0))." } ?? "tell them apart.")
    let diagnosis = Diagnosis(
      .collapse, layer: layer.number, text,
      [.init("share", share), .init("gamma", gamma), .init("layers", Double(all.count))]
        + (without.map { [.init("predicted", $0)] } ?? []))
    return Fault(diagnosis: diagnosis, places: Set(all.map(\.place)), end: layer.place)
  }
}
