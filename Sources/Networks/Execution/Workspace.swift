import Kernels
import Tensors

/// The memory of one step in one forward, kept until its backward; buffers grow and are never given up.
final class StepMemory {
  /// What a buffer holds; matrices are `[batch, width]`.
  enum Slot: Int, CaseIterable {
    /// What the step writes for the next one.
    case output
    /// What a step of an even position writes, where it is not kept.
    case even
    /// The same of an odd position.
    case odd
    /// The product of the Linear, or its sum with the bias.
    case product
    /// What enters the activation, after a normalisation of rows.
    case entering
    /// The activation's output, where a normalisation or dropout follows.
    case activated
    /// The normalisation's output, where dropout follows.
    case normalised
    /// The factors of dropout, 0 and 1.
    case mask
    /// Contributions to the gradient of a PReLU's weight.
    case contributions
    /// The Linear's weight as `[out, in]`.
    case transposed
    /// Numbers a column, in the network's dtype.
    case vectors
    /// Numbers a column, in float64.
    case sums
    /// Numbers a row, in float64.
    case rows
    /// The output of a residual step's branch.
    case branch
    /// The gradient of that output.
    case branchGradient
    /// What goes around a residual step's branch, then the gradient it carries.
    case around
    /// The sum of both.
    case sum
    /// The gradient of the sum.
    case sumGradient
    /// The gradient that comes through the branch.
    case through
  }

  private var storages: [Storage?] = Array(repeating: nil, count: Slot.allCases.count)

  /// Where the forward left what the activation's input is computed from.
  var z: UnsafeRawPointer?
  /// The columns of the step's matrices in the forward.
  var width = 0
  /// Where the forward left the activation's output.
  var a: UnsafeRawPointer?
  /// Whether the step's output is not kept, but computed again where the backward needs it.
  var rebuildsOutput = false

  /// What a step that is not made of kernels keeps for its backward.
  var kept: AnyObject?

  /// The stages inside a residual step.
  enum Part: Int, CaseIterable {
    case shortcut
    case after
  }

  private var inner: Workspace?

  /// Lets go of what is no buffer.
  func forget() {
    kept = nil
    inner?.forget()
  }

  private var parts: [StepMemory?] = Array(repeating: nil, count: Part.allCases.count)

  /// The memory of the plan inside a residual step.
  func workspace(steps: Int) -> Workspace {
    let known = inner ?? Workspace(steps: steps)
    inner = known
    return known
  }

  /// The memory of a stage inside a residual step.
  func part(_ part: Part) -> StepMemory {
    let known = parts[part.rawValue] ?? StepMemory()
    parts[part.rawValue] = known
    return known
  }

  /// The address of a buffer with room for `count` numbers, arbitrary ones when it has to be made or to grow, or had another dtype:
  /// a network without numbers of its own computes in whatever it is given.
  func buffer<T: FloatElement>(_ slot: Slot, _ count: Int, _ type: T.Type = T.self) throws -> UnsafeMutablePointer<T> {
    if let storage = storages[slot.rawValue], storage.dtype == T.dtype, storage.count >= count {
      return storage.base.assumingMemoryBound(to: T.self)
    }
    storages[slot.rawValue] = nil
    let storage = try Storage(T.dtype, count: count, zeroed: false)
    storages[slot.rawValue] = storage
    return storage.base.assumingMemoryBound(to: T.self)
  }

  /// The bytes of all buffers, those of steps inside too.
  var bytes: Int {
    storages.reduce(0) { $0 + ($1?.bytes ?? 0) } + parts.reduce(0) { $0 + ($1?.bytes ?? 0) } + (inner?.bytes ?? 0)
  }

  private var knownMask: Tensor?

  /// The factors of dropout as a vector, one tensor for all passes; `buffer` has made them before.
  func mask(_ count: Int) -> Tensor? {
    if let knownMask, knownMask.count == count, knownMask.storage === storages[Slot.mask.rawValue] { return knownMask }
    knownMask = matrix(.mask, [count])
    return knownMask
  }

  /// The buffer as a tensor; `buffer` has made it before.
  func matrix(_ slot: Slot, _ shape: Extents) -> Tensor? {
    storages[slot.rawValue].map { Tensor(storage: $0, shape: shape, strides: shape.contiguousStrides) }
  }
}

/// Everything one forward keeps for its backward: the input and a memory for each step.
final class Workspace {
  let steps: [StepMemory]
  /// The input, and the two buffers that gradients alternate between.
  let ends = StepMemory()
  /// The columns of the input and of each step's output in the last forward.
  var widths: [Int] = []

  init(steps count: Int) {
    steps = (0..<count).map { _ in StepMemory() }
    widths.reserveCapacity(count + 1)
  }

  /// The bytes of all buffers.
  var bytes: Int { steps.reduce(ends.bytes) { $0 + $1.bytes } }

  /// Lets go of all that is no buffer: nobody may wait for memory until the next forward.
  func forget() { for step in steps { step.forget() } }
}

/// The workspaces of a plan: those that forwards hold, and those that none does.
final class WorkspacePool {
  private var free: [Workspace] = []
  private var leased: [Workspace] = []

  /// All of them.
  var all: [Workspace] { free + leased }

  /// Takes a workspace out of the pool, a new one when there is none.
  func lease(steps: Int) -> Workspace {
    let workspace = free.popLast() ?? Workspace(steps: steps)
    leased.append(workspace)
    return workspace
  }

  /// Puts a workspace back.
  func giveBack(_ workspace: Workspace) {
    workspace.forget()
    leased.removeAll { $0 === workspace }
    free.append(workspace)
  }
}
