import Kernels
import Tensors

/// Adam (Kingma and Ba, 2015, algorithm 1), as PyTorch has it.
///
/// With `g = gradient + weight_decay p`: `m += (1 - beta1) (g - m)`, `v = beta2 v + (1 - beta2) g^2`, and at a parameter's step
/// `t`, from 1, `p -= lr / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps)`. With `amsgrad` the greatest `v` so far takes
/// the place of `v` in the last formula (Reddi et al., 2018).
public class Adam: GroupedOptimiser {
  /// The kind.
  public override class var rule: OptimiserRule { rule("Adam", .decay) }

  fileprivate static func rule(_ name: String, _ decay: OptimiserSetting) -> OptimiserRule {
    OptimiserRule(
      name: name,
      settings: [
        .rate(1e-3), OptimiserSetting("beta1", .belowOne, 0.9, "how much the mean of gradients keeps of itself"),
        OptimiserSetting("beta2", .belowOne, 0.999, "how much the mean of their squares keeps of itself"),
        OptimiserSetting("eps", 1e-8, "what is added to the root of the mean square"), decay,
        OptimiserSetting("amsgrad", .flag, 0, "whether the greatest mean square so far counts"), .maximise,
      ], buffers: ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"], always: 2)
  }

  /// Whether weight decay shrinks the parameter itself.
  var isDecoupled: Bool { false }

  override func needs(_ buffer: Int, _ settings: OptimiserSettings) -> Bool { buffer < 2 || settings["amsgrad"] != 0 }

  override func update<T: FloatElement>(_ change: ParameterChange<T>, _ settings: OptimiserSettings, rate: Double) {
    guard let mean = change.buffer(0), let square = change.buffer(1) else { return }
    let step = OptimiserKernels.Adam(
      rate: rate, beta1: settings["beta1"], beta2: settings["beta2"], eps: settings["eps"],
      decay: settings["weight_decay"], isDecoupled: isDecoupled, maximises: settings["maximize"] != 0)
    OptimiserKernels.adam(
      change.parameter, change.gradient, mean: mean, square: square,
      largest: settings["amsgrad"] == 0 ? nil : change.buffer(2), time: change.time, step, count: change.count)
  }
}

/// Adam with weight decay on the parameter itself (Loshchilov and Hutter, 2019), as PyTorch has it.
///
/// Each step begins with `p *= 1 - lr weight_decay`, and the gradient has no part of `p`.
public final class AdamW: Adam {
  /// The kind.
  public override class var rule: OptimiserRule {
    rule("AdamW", OptimiserSetting("weight_decay", 0.01, "what a parameter loses of its value, times lr"))
  }

  override var isDecoupled: Bool { true }
}
