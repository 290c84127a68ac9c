import Gradients
import Kernels
import Networks
import OrderedCollections
import Tensors
import TestSupport
import Testing

/// Networks with PyTorch's weights give PyTorch's numbers: 1e-12 in float64, 1e-5 in float32.
@Suite struct PyTorchTests {
  static let kinds: [(name: String, dtype: DType, relative: Double)] = [
    ("f64", .float64, 1e-12), ("f32", .float32, 1e-5),
  ]
  private let goldens = Goldens.networks

  private func mlp(_ activation: ActivationFunction, _ position: NormalisationPosition, _ dtype: DType) throws
    -> Network
  {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs) = (5, 7, 2, 3)
    (options.activation, options.norm, options.normPosition, options.dtype) = (activation, .batch, position, dtype)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  private func sequential(_ dtype: DType) throws -> Network {
    let g = Generator(seed: 1)
    let layers: [Layer] = [
      try Linear(inputs: 5, outputs: 6, dtype: dtype, generator: g),
      try Normalisation(.batch, features: 6, dtype: dtype),
      try Activation(.relu), try Linear(outputs: 4, bias: false, dtype: dtype, generator: g), try Activation(.tanh),
      try Normalisation(.layer, features: 4, dtype: dtype), try Linear(outputs: 8, dtype: dtype, generator: g),
      try Activation(.leakyReLU), try Normalisation(.batch, features: 8, eps: 1e-3, momentum: 0.3, dtype: dtype),
      try Linear(outputs: 5, dtype: dtype, generator: g), try Normalisation(.rms, features: 5, dtype: dtype),
      try Activation(.prelu, dtype: dtype), try Linear(outputs: 3, dtype: dtype, generator: g),
      try Normalisation(.layer, features: 3, affine: false, dtype: dtype),
    ]
    return try Network(sequential: layers, generator: g)
  }

  private func check(
    _ net: Network, _ name: String, _ relative: Double, _ run: (Network, Tensor, Tensor) throws -> (Tensor, Tensor)
  ) throws {
    try net.loadState(try goldens.tensors("\(name)/state/", net.dtype))
    let x = try goldens.tensor("\(name)/x", net.dtype)
    let (y, dx) = try run(net, x, try goldens.tensor("\(name)/dy", net.dtype))
    assertNear(try numbers(y), goldens["\(name)/y"], relative: relative, "\(name) y")
    assertNear(try numbers(dx), goldens["\(name)/dx"], relative: relative, "\(name) dx")
    try checkGradients(net, "\(name)/grad", relative)
    for (key, tensor) in net.state where key.contains("running") {
      assertNear(try numbers(tensor), goldens["\(name)/running/\(key)"], relative: relative, "\(name) \(key)")
    }
    net.isTraining = false
    try net.zeroGradients()
    let evaluated = try net.forward(x)
    assertNear(try numbers(evaluated), goldens["\(name)/eval"], relative: relative, "\(name) eval")
    let slope = try net.backward(try goldens.tensor("\(name)/dy", net.dtype))
    assertNear(try numbers(slope), goldens["\(name)/evaldx"], relative: relative, "\(name) eval dx")
    try checkGradients(net, "\(name)/evalgrad", relative)
  }

  private func checkGradients(_ net: Network, _ prefix: String, _ relative: Double) throws {
    // a gradient that is 0 but for rounding (a bias before batch norm) is compared on the scale of the others
    let largest =
      try net.parameters.values.map { try $0.gradient.map { try numbers($0).map(abs).max() ?? 0 } ?? 0 }.max() ?? 0
    for (key, tensor) in net.parameters {
      let gradient = try #require(tensor.gradient, "\(prefix) \(key)")
      assertClose(
        try numbers(gradient), goldens["\(prefix)/\(key)"], relative: relative, absolute: relative * largest,
        "\(prefix) \(key)")
    }
  }

  private func once(_ net: Network, _ x: Tensor, _ dy: Tensor) throws -> (Tensor, Tensor) {
    let y = try net.forward(x)
    return (y, try net.backward(dy))
  }

  @Test(arguments: PyTorchTests.kinds.map(\.name))
  func networksAgreeForwardAndBackwardInBothModes(kind: String) throws {
    let (_, dtype, relative) = try #require(PyTorchTests.kinds.first { $0.name == kind })
    try check(try mlp(.relu, .before, dtype), "\(kind).before", relative, once)
    try check(try mlp(.tanh, .after, dtype), "\(kind).after", relative, once)
    try check(try sequential(dtype), "\(kind).sequential", relative, once)
  }

  @Test(arguments: PyTorchTests.kinds.map(\.name))
  func twoForwardsBeforeTwoBackwardsKeepApart(kind: String) throws {
    let (_, dtype, relative) = try #require(PyTorchTests.kinds.first { $0.name == kind })
    try check(try mlp(.silu, .before, dtype), "\(kind).twice", relative) { net, x, dy in
      x.requiresGradient = true
      let scaled = try tensor(try numbers(x).map { $0 * 2 - 1 }, x.shape, dtype)
      let first = try net.forward(x)
      let second = try net.forward(scaled)
      let inner = try net.backward(dy)
      try Tape.backward(from: first, gradient: try tensor(try numbers(dy).map { $0 * 3 }, dy.shape, dtype))
      let outer = try #require(x.gradient)
      let total = zip(try numbers(inner), try numbers(outer)).map { 2 * $0 + $1 }
      return (second, try tensor(total, x.shape, .float64))
    }
  }

  @Test(arguments: PyTorchTests.kinds.map(\.name), ["sgd", "momentum", "nesterov", "dampening"])
  func hundredStepsOfDescentAgree(kind: String, name: String) throws {
    let (_, dtype, relative) = try #require(PyTorchTests.kinds.first { $0.name == kind })
    let net = try mlp(.tanh, name == "sgd" || name == "dampening" ? .before : .after, dtype)
    try net.loadState(try goldens.tensors("\(kind).\(name)/state/", dtype))
    let optimiser =
      switch name {
      case "sgd": try SGD(net, learningRate: 0.05)
      case "momentum": try SGD(net, learningRate: 0.02, momentum: 0.9, weightDecay: 0.01)
      case "nesterov": try SGD(net, learningRate: 0.02, momentum: 0.9, nesterov: true)
      default: try SGD(net, learningRate: 0.02, momentum: 0.8, dampening: 0.3)
      }
    let x = try goldens.tensor("\(kind).\(name)/x", dtype)
    let classes = try tensor([1, 2, 3, 1, 2, 3], [6], .int64)
    var losses: [Double] = []
    for _ in 0..<100 {
      try net.zeroGradients()
      let loss = try Losses.crossEntropy(try net.forward(x), classes)
      losses += try numbers(loss)
      try Tape.backward(from: loss)
      try optimiser.step()
    }
    // rounding errors of a hundred steps add up: ten times one pass' tolerance
    assertNear(losses, goldens["\(kind).\(name)/losses"], relative: 10 * relative, "losses")
    for (key, parameter) in net.parameters {
      assertNear(
        try numbers(parameter), goldens["\(kind).\(name)/final/\(key)"], relative: 10 * relative, "\(name) \(key)")
    }
  }

  @Test(arguments: ActivationFunction.allCases)
  func activationsAndTheirSlopesAgree(function: ActivationFunction) throws {
    let net = try Network(sequential: [try Activation(function, dtype: .float64)], generator: Generator(seed: 1))
    let x = try tensor(goldens["activation/x"], [5, 3])
    let y = try net.forward(x)
    let dx = try net.backward(try Tensor(.float64, [5, 3]).fill(1))
    assertClose(
      try numbers(y), goldens["activation/\(function.name)/y"], relative: 1e-12, absolute: 1e-14, "\(function)")
    assertClose(
      try numbers(dx), goldens["activation/\(function.name)/dx"], relative: 1e-12, absolute: 1e-14, "\(function) slope")
  }
}
