import Tensors

/// A tensor that a pending backward needs, with the state of its elements when it was saved.
///
/// It holds the elements, not the history: that is in the node's edges, so that no tape holds itself.
public final class Saved {
  private let tensor: Tensor
  private let version: Int

  /// Saves the elements as they are now, without copying them.
  public init(_ tensor: Tensor) {
    self.tensor = tensor.alias()
    version = tensor.storage.version
    tensor.storage.saves += 1
  }

  deinit {
    tensor.storage.saves -= 1
  }

  /// The elements, off the tape.
  ///
  /// - Throws: `GradientError.changed` in the name of `operation` when they were changed in place since.
  public func read(for operation: String) throws -> Tensor {
    guard tensor.storage.version == version else {
      throw GradientError.changed(operation: operation, site: tensor.storage.changedAt)
    }
    return tensor.alias()
  }
}

extension Tensor {
  /// A tensor of the same elements, off the tape and no view of anything.
  public func alias() -> Tensor {
    Tensor(sharing: self)
  }
}
