import Kernels
import Tensors

/// Adagrad (Duchi, Hazan and Singer, 2011), as PyTorch has it.
///
/// With `g = gradient + weight_decay p`: `s += g^2`, and at a parameter's step `t`, from 1,
/// `p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)`; `s` begins as `initial_accumulator_value`.
public final class Adagrad: GroupedOptimiser {
  /// The kind.
  public override class var rule: OptimiserRule {
    OptimiserRule(
      name: "Adagrad",
      settings: [
        .rate(1e-2), OptimiserSetting("lr_decay", 0, "how fast the rate falls with the steps"), .decay,
        OptimiserSetting("initial_accumulator_value", 0, "what the sums of squares begin with"),
        OptimiserSetting("eps", 1e-10, "what is added to the root of the sum of squares"), .maximise,
      ], buffers: ["sum"], always: 1)
  }

  override func start(_ settings: OptimiserSettings) -> Double { settings["initial_accumulator_value"] }

  override func update<T: FloatElement>(_ change: ParameterChange<T>, _ settings: OptimiserSettings, rate: Double) {
    guard let sum = change.buffer(0) else { return }
    OptimiserKernels.adagrad(
      change.parameter, change.gradient, sum: sum,
      rate: rate / (1 + Double(change.time - 1) * settings["lr_decay"]), decay: settings["weight_decay"],
      eps: settings["eps"], maximises: settings["maximize"] != 0, count: change.count)
  }
}
