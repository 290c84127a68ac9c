import Gradients
import Kernels
import Tensors

/// The losses: functions of a network's output that give one number, a 0-dim tensor on the tape.
public enum Losses {
  /// The names `loss=` takes.
  public static let names = ["cross_entropy", "mse", "squared_error"]
}
