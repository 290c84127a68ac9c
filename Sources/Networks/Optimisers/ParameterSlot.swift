import Gradients
import Kernels
import Tensors

/// What an optimiser remembers of a parameter; it holds the parameter, so that its identity can't pass to another tensor.
final class ParameterSlot {
  let parameter: Tensor
  /// Whether the parameter's memory is one block, which loops can walk flat.
  let isDense: Bool
  /// The position of its group.
  var group: Int
  /// How many steps it took part in.
  var steps = 0
  /// The tensors of the rule, with the parameter's layout where that is dense; nil while not needed.
  var buffers: [Tensor?]
  /// Whether a step has filled each buffer.
  var hasRun: [Bool]
  /// The walk that came here last.
  var turn = 0

  init(_ parameter: Tensor, group: Int, buffers: Int) {
    self.parameter = parameter
    self.group = group
    self.buffers = Array(repeating: nil, count: buffers)
    hasRun = Array(repeating: false, count: buffers)
    isDense = parameter.isContiguous || Accumulation.isDense(parameter)
  }

  /// The gradient in the layout of the loops: itself nearly always.
  func aligned(_ gradient: Tensor) throws -> Tensor {
    let fits = gradient.dtype == parameter.dtype
    if fits, parameter.isContiguous || !isDense, gradient.isContiguous { return gradient }
    if fits, isDense, gradient.strides == parameter.strides { return gradient }
    return try Accumulation.zeros(like: parameter).copy(from: gradient)
  }
}

/// A part of one parameter's step as loops see it: addresses and a count.
struct ParameterChange<T: FloatElement> {
  let slot: ParameterSlot
  let parameter: UnsafeMutablePointer<T>
  let gradient: UnsafePointer<T>

  /// The first number of the part, and how many there are.
  let (first, count): (Int, Int)

  init(
    _ slot: ParameterSlot, parameter: UnsafeMutablePointer<T>, gradient: UnsafePointer<T>, first: Int, count: Int
  ) {
    self.slot = slot
    self.parameter = parameter + first
    self.gradient = gradient + first
    self.first = first
    self.count = count
  }

  /// The number of this step among those of the parameter, from 1.
  var time: Int { slot.steps }

  /// The address of a buffer's part; nil where there is none.
  func buffer(_ index: Int) -> UnsafeMutablePointer<T>? { slot.buffers[index].map { $0.pointer(T.self) + first } }
}
