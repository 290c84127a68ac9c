import Gradients
import Kernels
import Lab
import Networks
import Tensors
import TestSupport
import Testing

/// The element of a matrix, read through its strides.
private func element(_ tensor: Tensor, _ row: Int, _ column: Int) -> Double {
  let place = row * tensor.strides[0] + column * tensor.strides[1]
  return tensor.dtype == .float64 ? tensor.pointer(Double.self)[place] : Double(tensor.pointer(Float.self)[place])
}

private func values(_ tensor: Tensor) throws -> [Double] {
  let source = try tensor.to(.float64).contiguous()
  return (0..<source.count).map { source.pointer(Double.self)[$0] }
}

private func normal(_ shape: Extents, _ dtype: DType, seed: UInt64) throws -> Tensor {
  let tensor = try Tensor(dtype, shape)
  try Generator(seed: seed).fillNormal(tensor)
  return tensor
}

private func reluNetwork(depth: Int, width: Int, dtype: DType, initialiser: String, norm: NormalisationKind? = nil)
  throws -> Network
{
  var options = MLPOptions()
  (options.inputs, options.width, options.depth, options.dtype) = (width, width, depth, dtype)
  options.bias = false
  options.norm = norm
  options.initialiser = try Initialiser(parsing: initialiser)
  options.seed = 7
  return try Network(mlp: options, generator: Generator(seed: 1))
}

@Suite struct ProbeTests {
  @Test func aDeepFloatNetIsToldWhereItEnds() throws {
    let network = try reluNetwork(depth: 45, width: 100, dtype: .float32, initialiser: "normal(0.01)")
    let input = try normal([2, 100], .float32, seed: 3)
    let report = try Probe.run(network, input, generator: Generator(seed: 5))
    // The reference: the same weights by plain loops in Float.
    var h = try values(input).map { Float($0) }
    var (zero, subnormal): (Int?, Int?) = (nil, nil)
    for layer in 0..<45 {
      let weight = try values(#require(network.parameters["\(layer).linear.weight"])).map { Float($0) }
      var next = [Float](repeating: 0, count: 200)
      for sample in 0..<2 {
        for unit in 0..<100 {
          var sum: Float = 0
          for input in 0..<100 { sum += h[sample * 100 + input] * weight[unit * 100 + input] }
          next[sample * 100 + unit] = max(sum, 0)
        }
      }
      h = next
      if subnormal == nil && h.contains(where: \.isSubnormal) { subnormal = layer + 1 }
      if zero == nil && h.allSatisfy({ $0 == 0 }) { zero = layer + 1 }
    }
    let first = report.findings.first { $0.kind == .zero && $0.quantity == "activation" }
    #expect(first?.layer == zero)
    #expect(zero != nil && first?.text == "activations are exactly 0 from layer \(zero ?? 0) on: float32 has ended")
    #expect(report.findings.first { $0.kind == .underflow && $0.quantity == "activation" }?.layer == subnormal)
    #expect(report.rows[19].activation.std > 1e-25 && report.rows[19].activation.std < 1e-21)
  }

  /// SCIENCE.md, section 1: `W -> cW` shifts log10 var h of layer k by `2k log10 c`, and var dL/dW by `2(L-1) log10 c`.
  @Test func reluNetsAreHomogeneousInTheirWeights() throws {
    let (depth, c) = (12, 0.125)
    let network = try reluNetwork(depth: depth, width: 40, dtype: .float64, initialiser: "he_normal")
    let input = try normal([30, 40], .float64, seed: 3)
    let before = try Probe.run(network, input, generator: Generator(seed: 5))
    for weight in network.trainedTensors {
      let elements = weight.pointer(Double.self)
      for index in 0..<weight.count { elements[index] *= c }
    }
    let after = try Probe.run(network, input, generator: Generator(seed: 5))
    // A power of two scales every number exactly, so the shift is exact but for the logarithm.
    for layer in 0..<depth {
      let (was, now) = (before.rows[layer], after.rows[layer])
      assertClose(
        Double.log10(now.activation.variance) - Double.log10(was.activation.variance),
        2 * Double(layer + 1) * Double.log10(c), relative: 1e-12, "activation \(layer + 1)")
      assertClose(
        Double.log10(now.weightGradient?.variance ?? .nan) - Double.log10(was.weightGradient?.variance ?? .nan),
        2 * Double(depth - 1) * Double.log10(c), relative: 1e-12, "weight gradient \(layer + 1)")
      #expect(was.activation.variance > 0 && was.weightGradient != nil)
    }
  }

  @Test func theNetworkIsLeftAsItWas() throws {
    let network = try reluNetwork(depth: 4, width: 20, dtype: .float64, initialiser: "he_normal", norm: .batch)
    let twin = try network.clone()
    let input = try normal([16, 20], .float64, seed: 3)
    let gradient = try normal([16, 20], .float64, seed: 4)
    // Both have gradients, running statistics and a pending forward; one is probed in between, with another batch.
    for net in [network, twin] {
      _ = try net.forward(input)
      _ = try net.backward(gradient)
      _ = try net.forward(input)
    }
    network.isTraining = false
    let stream = network.generator.state
    let generator = Generator(seed: 5)
    let report = try Probe.run(network, try normal([9, 20], .float64, seed: 8), generator: generator)
    #expect(report.rows.count == 4 && report.rows[0].shape == [9, 20])
    #expect(!network.isTraining)
    #expect(network.generator.state == stream)
    _ = try network.backward(gradient)
    _ = try twin.backward(gradient)
    for (name, tensor) in network.parameters {
      let other = try #require(twin.parameters[name])
      #expect(try values(tensor) == values(other), "\(name)")
      let (gradient, same) = (try #require(tensor.gradient), try #require(other.gradient))
      #expect(try values(gradient) == values(same), "gradient of \(name)")
    }
    for (row, other) in zip(network.rows, twin.rows) {
      for (buffer, same) in zip(row.buffers, other.buffers) {
        #expect(try values(buffer.tensor) == values(same.tensor), "\(buffer.name)")
      }
      #expect(row.buffers.count == 2)
    }
  }

  @Test func anUpstreamOfOnesAndAGivenOneAreMeasured() throws {
    let network = try reluNetwork(depth: 2, width: 6, dtype: .float32, initialiser: "he_normal")
    let input = try normal([5, 6], .float32, seed: 3)
    var options = Probe.Options()
    options.upstream = .ones
    let ones = try Probe.run(network, input, options: options, generator: Generator(seed: 5))
    #expect(ones.upstream.mean == 1 && ones.upstream.std == 0)
    #expect(ones.rows[1].gradient.mean == 1)
    let given = try Tensor(.float64, [5, 6])
    try given.fill(3)
    options.upstream = .tensor(given)
    let tripled = try Probe.run(network, input, options: options, generator: Generator(seed: 5))
    #expect(tripled.rows[0].gradient.std > 0)
    assertClose(tripled.rows[0].gradient.std, 3 * ones.rows[0].gradient.std, relative: 1e-6)
    options.upstream = .normal
    let first = try Probe.run(network, input, options: options, generator: Generator(seed: 5))
    let again = try Probe.run(network, input, options: options, generator: Generator(seed: 5))
    #expect(first.upstream.mean == again.upstream.mean && first.upstream.std != 0)
  }

  @Test func aLossGivesItsGradientAndItsValue() throws {
    let network = try reluNetwork(depth: 2, width: 6, dtype: .float64, initialiser: "he_normal")
    let input = try normal([5, 6], .float64, seed: 3)
    let target = try normal([5, 6], .float64, seed: 9)
    var options = Probe.Options()
    options.upstream = .loss { try Losses.squaredError($0, target) }
    let report = try Probe.run(network, input, options: options, generator: Generator(seed: 5))
    // Half the sum of squares: its gradient is the difference itself.
    let output = try values(network.forward(input))
    let differences = zip(output, try values(target)).map { $0 - $1 }
    assertClose(report.loss ?? .nan, differences.reduce(0) { $0 + $1 * $1 } / 2)
    assertClose(report.upstream.norm, differences.reduce(0) { $0 + $1 * $1 }.squareRoot())
    assertClose(report.rows[1].gradient.norm, report.upstream.norm)
    options.upstream = .loss { $0 }
    #expect(throws: LabError.loss([5, 6], dependsOnOutput: true)) {
      try Probe.run(network, input, options: options, generator: Generator(seed: 5))
    }
    options.upstream = .loss { _ in try Tensor(.float64, []) }
    #expect(throws: LabError.loss([], dependsOnOutput: false)) {
      try Probe.run(network, input, options: options, generator: Generator(seed: 5))
    }
  }

  @Test func boundedActivationsTellTheirSaturation() throws {
    for (function, limit) in [
      (ActivationFunction.tanh, 2.2975599250672945), (.sigmoid, 4.595119850134589), (.hardtanh, 0.98),
    ] {
      var options = MLPOptions()
      (options.inputs, options.width, options.depth, options.activation) = (6, 50, 1, function)
      options.initialiser = try Initialiser(parsing: "normal(2)")
      options.dtype = .float64
      let network = try Network(mlp: options, generator: Generator(seed: 1))
      let input = try normal([40, 6], .float64, seed: 3)
      let report = try Probe.run(network, input, generator: Generator(seed: 5))
      let weight = try #require(network.parameters["0.linear.weight"])
      var beyond = 0
      for sample in 0..<40 {
        for unit in 0..<50 {
          let z = (0..<6).reduce(0.0) { $0 + element(input, sample, $1) * element(weight, unit, $1) }
          beyond += abs(z) >= limit ? 1 : 0
        }
      }
      #expect(beyond > 0)
      #expect(report.rows[0].activation.saturated == Double(beyond) / 2000, "\(function)")
    }
  }
}
