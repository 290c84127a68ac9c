import CLua
import Gradients
import Kernels
import Tensors

extension FunctionRecord {
  /// What belongs to the tape of a tensor.
  static let gradientMethods: [FunctionRecord] = [
    requiresGrad, backward, detach, detachInPlace, retainGrad, isLeaf, zeroGrad,
  ]

  private static let requiresGrad = FunctionRecord(
    "tensor:requires_grad_", "Asks backward passes to accumulate a gradient in this tensor's grad, or not any more.",
    [Parameter("wanted", .boolean, default: "true", "whether a gradient is wanted")], returns: "the tensor itself",
    errors: "integers and masks, results of operations when wanted is false",
    example: "local x = sonde.tensor{1, 2}:requires_grad_(); (x * x):sum():backward(); assert(x.grad[2] == 4)",
    receiver: .tensor
  ) { call in
    var wanted = true
    if case .boolean(let value) = call.argument(0) { wanted = value }
    try call.ask(call.object(), forGradient: wanted)
    return call.pushSelf()
  }

  private static let backward = FunctionRecord(
    "tensor:backward",
    "Runs a backward pass: gradients accumulate in the leaves and parameters this tensor was computed from.",
    [Parameter("gradient", .tensor, default: "1 for one element", "dL/d this tensor, of its shape")],
    options: [
      Parameter("retain_graph", .boolean, default: "create_graph", "whether the tape can run backward again"),
      Parameter(
        "create_graph", .boolean, default: "false",
        "whether the gradients are on the tape themselves: leaves and tape then hold each other until zero_grad()"),
    ],
    returns: "nothing",
    errors:
      "a tensor on no tape, a tape that has been used, several elements and no gradient, a tensor the backward needs that was changed in place",
    example: "local x = sonde.tensor{3}:requires_grad_(); (x ^ 2):backward(sonde.tensor{10}); assert(x.grad[1] == 60)",
    receiver: .tensor
  ) { call in
    let creates = call.flag("create_graph", default: false)
    try Tape.backward(
      from: call.object(), gradient: call.argument(0).asTensor,
      keepsTape: call.flag("retain_graph", default: creates), createsTape: creates)
    return 0
  }

  private static let detach = FunctionRecord(
    "tensor:detach", "The same numbers off the tape: a tensor of the same memory.", returns: "a tensor",
    example:
      "local x = sonde.ones(2):requires_grad_(); local y = (x * 2):detach(); assert(not y.requires_grad and y[1] == 2)",
    receiver: .tensor
  ) { call in try call.push(call.object(Tensor.self).alias()) }

  private static let detachInPlace = FunctionRecord(
    "tensor:detach_", "Takes the tensor itself off the tape.", returns: "the tensor itself",
    example: "local y = sonde.ones(2):requires_grad_() * 2; assert(not y:detach_().requires_grad)", receiver: .tensor
  ) { call in
    Tape.makeLeaf(call.object(), wanted: false)
    return call.pushSelf()
  }

  private static let retainGrad = FunctionRecord(
    "tensor:retain_grad", "Asks backward passes to keep the gradient of a result too, in its grad.",
    returns: "the tensor itself", errors: "a tensor on no tape",
    example:
      "local x = sonde.ones(2):requires_grad_(); local y = x * 3; y:retain_grad(); (y * y):sum():backward(); assert(y.grad[1] == 6)",
    receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    guard Tape.follows(tensor) else { throw call.failure("expected a tensor on the tape, got one without a tape") }
    Tape.retainGradient(of: tensor)
    return call.pushSelf()
  }

  private static let isLeaf = FunctionRecord(
    "tensor:is_leaf", "Whether the tensor is data or a parameter, not the result of an operation on the tape.",
    returns: "a boolean",
    example: "local x = sonde.ones(2):requires_grad_(); assert(x:is_leaf() and not (x * 2):is_leaf())",
    receiver: .tensor
  ) { call in call.push(!Tape.isResult(call.object())) }

  private static let zeroGrad = FunctionRecord(
    "tensor:zero_grad", "Forgets the gradient that backward passes have accumulated: grad is nil again.",
    returns: "the tensor itself",
    example: "local x = sonde.ones(1):requires_grad_(); (x * 2):backward(); assert(x:zero_grad().grad == nil)",
    receiver: .tensor
  ) { call in
    call.object(Tensor.self).gradient = nil
    return call.pushSelf()
  }
}

extension Call {
  /// Makes a tensor a leaf that wants a gradient, or not; a result stays as it is.
  func ask(_ tensor: Tensor, forGradient wanted: Bool) throws {
    guard tensor.dtype.isFloat || !wanted else {
      throw GradientError.notFloat(operation: "requires_grad_", dtype: tensor.dtype.name)
    }
    guard wanted || !Tape.isResult(tensor) else {
      throw failure("only a leaf can do without its gradient, this tensor is a result; use detach()")
    }
    if !Tape.isResult(tensor) { Tape.makeLeaf(tensor, wanted: wanted) }
  }
}
