import Kernels
import Tensors

/// RMSprop (Hinton, 2012, lecture 6e), as PyTorch has it; centered after Graves (2013).
///
/// With `g = gradient + weight_decay p`: `v = alpha v + (1 - alpha) g^2`, `p -= lr g / (sqrt(v) + eps)`. `centered` takes the
/// variance `v - m^2` for `v`, with `m += (1 - alpha) (g - m)`; rounding below 0 counts as 0. With momentum
/// `b = momentum b + g / (sqrt(v) + eps)`, `p -= lr b`.
public final class RMSprop: GroupedOptimiser {
  /// The kind.
  public override class var rule: OptimiserRule {
    OptimiserRule(
      name: "RMSprop",
      settings: [
        .rate(1e-2), OptimiserSetting("alpha", .fraction, 0.99, "how much the mean square keeps of itself"),
        OptimiserSetting("eps", 1e-8, "what is added to the root of the mean square"), .decay,
        OptimiserSetting("momentum", 0, "how much of the last step is kept"),
        OptimiserSetting("centered", .flag, 0, "whether the variance takes the place of the mean square"), .maximise,
      ], buffers: ["square_avg", "momentum_buffer", "grad_avg"], always: 1)
  }

  override func needs(_ buffer: Int, _ settings: OptimiserSettings) -> Bool {
    buffer == 0 || settings[buffer == 1 ? "momentum" : "centered"] != 0
  }

  override func update<T: FloatElement>(_ change: ParameterChange<T>, _ settings: OptimiserSettings, rate: Double) {
    guard let square = change.buffer(0) else { return }
    let step = OptimiserKernels.RootMeanSquare(
      rate: rate, alpha: settings["alpha"], eps: settings["eps"], decay: settings["weight_decay"],
      momentum: settings["momentum"], maximises: settings["maximize"] != 0)
    OptimiserKernels.rmsprop(
      change.parameter, change.gradient, square: square,
      mean: settings["centered"] == 0 ? nil : change.buffer(2), moved: step.momentum == 0 ? nil : change.buffer(1),
      step, count: change.count)
  }
}
