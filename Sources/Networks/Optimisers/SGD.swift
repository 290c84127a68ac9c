import Kernels
import Tensors

/// Stochastic gradient descent with momentum, as PyTorch has it.
///
/// With `d = gradient + weight_decay p`: `b = momentum b + (1 - dampening) d` (`b = d` at a parameter's first step), and
/// `p -= lr b`, or with Nesterov's momentum `p -= lr (d + momentum b)`; without momentum `p -= lr d`.
public final class SGD: GroupedOptimiser {
  /// The kind.
  public override class var rule: OptimiserRule {
    OptimiserRule(
      name: "SGD",
      settings: [
        .rate(1e-3), OptimiserSetting("momentum", 0, "how much of the last step is kept"),
        OptimiserSetting("dampening", .finite, 0, "how much of the gradient is left out of the momentum"), .decay,
        OptimiserSetting("nesterov", .flag, 0, "whether the step looks ahead"), .maximise,
      ], buffers: ["momentum_buffer"], always: 0)
  }

  /// Makes an optimiser of a network.
  ///
  /// - Throws: `NetworkError` for negative or not finite settings, and for Nesterov's momentum without momentum or with
  ///   dampening.
  public convenience init(
    _ network: Network, learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    nesterov: Bool = false, weightDecay: Double = 0
  ) throws {
    try self.init(
      .network(network),
      settings: [
        "lr": learningRate, "momentum": momentum, "dampening": dampening, "weight_decay": weightDecay,
        "nesterov": nesterov ? 1 : 0,
      ])
  }

  override func needs(_ buffer: Int, _ settings: OptimiserSettings) -> Bool { settings["momentum"] != 0 }

  override func update<T: FloatElement>(_ change: ParameterChange<T>, _ settings: OptimiserSettings, rate: Double) {
    let step = OptimiserKernels.Descent(
      rate: rate, momentum: settings["momentum"], dampening: settings["dampening"],
      isNesterov: settings["nesterov"] != 0, decay: settings["weight_decay"], maximises: settings["maximize"] != 0)
    let buffer = step.momentum == 0 ? nil : change.buffer(0)
    OptimiserKernels.sgd(
      change.parameter, change.gradient, buffer, isFirst: !change.slot.hasRun[0], step, count: change.count)
  }
}
