import RealModule

extension Examination {
  /// The sizes of an input that no rule is bothered by.
  ///
  /// Every init and every default learning rate expects a root mean square of about 1. Pixels of 0 to 255 have 80 and more; sparse features, such as one in a thousand, have less than 1 in good health.
  private static let inputSizes = 1e-3...50.0
  /// The share of the spread in the size of an input below which its samples are told to be alike: a cosine of 0.99.
  static let leastInputShare = 0.1
  /// The share of features that may be 0 on every sample: images have borders, a batch of sparse features has more.
  private static let deadInputs = 0.75

  /// What is wrong with the input.
  func inputDiagnoses() -> [Diagnosis] {
    let input = report.input
    guard input.count > 0, input.nan == 0, input.inf == 0, input.rms > 0 else { return [] }
    let share = input.batchStandardDeviation / input.rms
    if batch > 1, share == 0 {
      return [
        Diagnosis(
          .constantInput, layer: nil,
          "all \(batch) samples of the input are the same: no layer can tell them apart. Probe a batch of different ones.",
          [.init("batch", Double(batch))])
      ]
    }
    var found: [Diagnosis] = []
    if let outlying = outlyingInput() {
      found.append(outlying)
    } else if batch > 1, share < Examination.leastInputShare {
      found.append(offset(share))
    } else if !Examination.inputSizes.contains(input.rms) {
      let size = Reading.number(input.rms)
      found.append(
        Diagnosis(
          .inputScale, layer: nil,
          "the input's root mean square is \(size), initialisers and learning rates expect about 1. Divide it by \(size).",
          [.init("rms", input.rms)]))
    }
    if batch > 1, input.dead > Examination.deadInputs {
      found.append(
        Diagnosis(
          .deadInputs, layer: nil,
          "\(Reading.percent(input.dead)) of the input's features are 0 on every sample: their weights get no gradient.",
          [.init("dead", input.dead)]))
    }
    return found
  }

  /// That samples have a common part far larger than what differs; the size of the whole is that of this part.
  private func offset(_ share: Double) -> Diagnosis {
    let input = report.input
    let left = input.batchStandardDeviation
    let isOff = !Examination.inputSizes.contains(left)
    let scaling =
      isOff
      ? " and divide by its std, for \(Reading.number(left)) is left of their size where about 1 is expected" : ""
    return Diagnosis(
      .inputOffset, layer: nil,
      "the input's samples are alike (cosine \(Reading.number(input.cosine))): what tells them apart is "
        + "\(Reading.percent(share)) of their size. Take each feature's mean away\(scaling), as ds:normalize() does.",
      [.init("share", share), .init("cosine", input.cosine)])
  }

  /// How many times the size of the bulk of the numbers, which lies between the outer percentiles, that of all has to be.
  private static let outlyingTimes = 30.0

  /// That few numbers of the input are far larger than the others and make its size; nil without percentiles around the bulk.
  private func outlyingInput() -> Diagnosis? {
    let input = report.input
    let inner = input.percentiles.filter { (5.0...95.0).contains($0.percent) }.sorted { $0.percent < $1.percent }
    guard let low = inner.first, let high = inner.last, high.percent - low.percent >= 50 else { return nil }
    let bulk = max(abs(low.value), abs(high.value))
    guard bulk > 0, input.rms > Examination.outlyingTimes * bulk, input.rms > Examination.inputSizes.upperBound else {
      return nil
    }
    let largest = max(abs(input.min), abs(input.max))
    let text =
      "few numbers of the input are far larger than the others: \(Reading.number(high.percent - low.percent)) % lie between "
      + "\(Reading.number(low.value)) and \(Reading.number(high.value)), the root mean square is \(Reading.number(input.rms)) and the "
      + "largest \(Reading.number(largest)). Look for samples or features that are wrong; scale each feature, as ds:normalize() does."
    return Diagnosis(
      .inputScale, layer: nil, text, [.init("rms", input.rms), .init("bulk", bulk), .init("largest", largest)])
  }
}
