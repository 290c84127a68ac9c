import Kernels
import RealModule
import Tensors

extension Network {
  /// Layer-sequential unit-variance initialisation (Mishkin & Matas 2016, algorithm 1): draws all Linear weights orthogonal,
  /// then, from the first to the last, scales each so that its outputs on `x` have variance 1.
  ///
  /// The variance is that of all numbers of `h W^T` about their mean, over the batch and the units, divided by their count.
  /// A weight is divided by the variance's root where it is `tolerance` or more from 1, and the layers after it see the
  /// scaled outputs at once; passes follow until nothing has to be scaled, `iterations` at most. Biases are set to 0. Batch
  /// normalisations take the batch's statistics and leave their running ones alone; dropout is off; the mode stays.
  ///
  /// `seed` draws the orthogonal weights, else `generator`, else the network's own.
  ///
  /// - Throws: `NetworkError` for a tolerance or iterations out of range, a batch that doesn't fit, outputs that don't vary or
  ///   are not finite, naming the layer; `Interrupted` when a stop is requested; the weights are then as they were.
  public func lsuv(
    _ x: Tensor, tolerance: Double = 0.01, iterations: Int = 10, seed: UInt64? = nil, generator: Generator? = nil
  ) throws {
    guard tolerance > 0, tolerance.isFinite else {
      throw NetworkError.expected("lsuv", "a positive tolerance", Losses.text(tolerance))
    }
    try NetworkError.require(iterations, atLeast: 1, "lsuv", "iterations")
    try admit(x)
    let stream = seed.map { Generator(seed: $0, for: .weights) } ?? generator ?? self.generator
    let options = [
      tolerance == 0.01 ? nil : "tolerance=\(Losses.text(tolerance))",
      iterations == 10 ? nil : "iterations=\(iterations)", seed.map { "seed=\($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
    try redraw("lsuv", text: options.isEmpty ? "lsuv(x)" : "lsuv(x, {\(options)})") { linears in
      for linear in linears { try linear.draw(Initialiser(.orthogonal, name: "lsuv"), stream) }
      for _ in 0..<iterations {
        let scaling = VarianceScaling(self, tolerance: tolerance)
        _ = try compute(
          x,
          Pass(
            rows: x.shape[0], usesBatchStatistics: true, overridesModes: true, isDifferentiated: false,
            generator: self.generator, products: scaling))
        if !scaling.hasScaled { break }
      }
    }
  }
}

/// One pass of the algorithm.
private final class VarianceScaling: ProductObserver {
  private(set) var hasScaled = false
  private let network: Network
  private let tolerance: Double

  init(_ network: Network, tolerance: Double) {
    self.network = network
    self.tolerance = tolerance
  }

  func take<T: FloatElement>(_ product: UnsafeMutablePointer<T>, of linear: Linear, rows: Int) throws {
    let count = rows * linear.outputs
    let variance = variance(product, count)
    guard variance.isFinite, variance > 0, let weight = linear.weight else {
      throw NetworkError.expected(
        "lsuv", "outputs of layer \(label(linear)) that are finite and vary over the batch",
        "a variance of \(Losses.text(variance))")
    }
    guard abs(variance - 1) >= tolerance else { return }
    hasScaled = true
    let factor = 1 / variance.squareRoot()
    _ = try weight.applyInPlace(.multiply, .scalar(.number(factor)))
    for index in 0..<count { product[index] = T(Double(product[index]) * factor) }
  }

  /// The population variance in two passes, in float64.
  private func variance<T: FloatElement>(_ numbers: UnsafeMutablePointer<T>, _ count: Int) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += Double(numbers[index]) }
    let mean = sum / Double(count)
    var squares = 0.0
    for index in 0..<count {
      let difference = Double(numbers[index]) - mean
      squares += difference * difference
    }
    return squares / Double(count)
  }

  private func label(_ linear: Linear) -> String {
    let row = network.rows.firstIndex { $0.components.contains { $0 === linear } }
    return row.map { "\($0 + 1) \(linear.description)" } ?? linear.description
  }
}
