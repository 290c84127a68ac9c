import CAllocations
import Gradients
import Kernels
import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Counts the blocks of memory that one training step asks for once a few have been taken.
///
/// A program of its own, because it counts every block of the process, and compiled with optimisation, because without
/// it closures and generic values are blocks. Prints a line for each net, number of threads and kind of step, the
/// engine's own, in memory that is kept, and that of a user, with a tape and results: the blocks that our code asks for,
/// and those that OpenBLAS does.
@main
enum AllocationCount {
  /// A net and its batch.
  struct Workload {
    let name: String
    let options: MLPOptions
    let batch: Int
  }

  static var workloads: [Workload] {
    var (relu, sigmoid, deep) = (MLPOptions(), MLPOptions(), MLPOptions())
    (relu.inputs, relu.depth, relu.outputs, relu.bias) = (100, 20, 10, false)
    (relu.norm, relu.normPosition) = (.batch, .after)
    (sigmoid.inputs, sigmoid.depth, sigmoid.outputs) = (784, 3, 10)
    (sigmoid.activation, sigmoid.norm) = (.sigmoid, .batch)
    (deep.inputs, deep.depth, deep.outputs, deep.activation) = (64, 4, 10, .gelu)
    (deep.norm, deep.residual, deep.dropout) = (.layer, ResidualForm(), 0.1)
    return [
      Workload(name: "relu_batchnorm", options: relu, batch: 1000),
      Workload(name: "sigmoid", options: sigmoid, batch: 60),
      Workload(name: "residual", options: deep, batch: 256),
    ]
  }

  static func main() throws {
    guard allocations_so_far() >= 0, allocations_tell_openblas_apart() else { return print("nobody counts") }
    for threads in [1, 2] {
      WorkerPool.threads = threads
      for workload in workloads {
        print(workload.name, threads, "engine", try engine(workload).text)
        print(workload.name, threads, "tape", try tape(workload).text)
      }
    }
  }

  /// The most blocks that one of several steps asks for: our own code, and OpenBLAS.
  struct Blocks {
    var own = 0
    var openBLAS = 0

    var text: String { "\(own) \(openBLAS)" }
  }

  /// Counts the blocks of steps after those that fill what is kept.
  private static func count(_ step: () throws -> Void) rethrows -> Blocks {
    for _ in 0..<5 { try step() }
    var most = Blocks()
    for _ in 0..<20 {
      let (own, openBLAS) = (allocations_so_far(), allocations_by_openblas())
      try step()
      most.own = max(most.own, allocations_so_far() - own)
      most.openBLAS = max(most.openBLAS, allocations_by_openblas() - openBLAS)
    }
    return most
  }

  private static func make(_ workload: Workload) throws -> (net: Network, x: Tensor, classes: [Int]) {
    let generator = Generator(seed: 1)
    let net = try Network(mlp: workload.options, generator: generator)
    let x = try Tensor(.float32, [workload.batch, workload.options.inputs ?? 0])
    try generator.fillNormal(x, mean: 0, std: 1)
    return (net, x, (0..<workload.batch).map { $0 % 10 })
  }

  private static func engine(_ workload: Workload) throws -> Blocks {
    let (net, x, classes) = try make(workload)
    let optimiser = try Adam(.network(net), settings: [:])
    let pass = try EnginePass(net, x)
    return try count {
      try net.zeroGradients()
      try pass.forward()
      _ = try SoftmaxCrossEntropy.forward(
        UnsafePointer(pass.output.pointer(Float.self)), classes: classes, gradient: pass.gradient.pointer(Float.self),
        factor: 1 / Double(classes.count), rows: classes.count, columns: 10)
      try pass.backward()
      try optimiser.step()
    }
  }

  private static func tape(_ workload: Workload) throws -> Blocks {
    let (net, x, classes) = try make(workload)
    let optimiser = try SGD(net, learningRate: 0.01, momentum: 0.9)
    let target = try Tensor(.int64, [classes.count])
    for (row, which) in classes.enumerated() { target.pointer(Int64.self)[row] = Int64(which + 1) }
    return try count {
      try net.zeroGradients()
      try Tape.backward(from: try Losses.crossEntropy(try net.forward(x), target))
      try optimiser.step()
    }
  }
}
