import Kernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A source of random numbers: Philox 4x32-10 under a seed, the same stream on every machine.
///
/// The stream is a sequence of blocks of 128 bits. Every fill starts at a fresh block and takes 64 bits a number, in
/// row-major order of the tensor's shape, whatever its strides and dtype: float32 numbers are the rounded float64 numbers of the
/// same stream. A single number takes a block of its own.
public final class Generator {
  /// Where a generator stands: all that is needed to continue its stream.
  public struct State: Hashable, Sendable {
    /// The key of the stream: the seed.
    public var key: UInt64
    /// The number of blocks taken so far.
    public var counter: UInt64

    /// Makes a state from a key and a number of blocks taken.
    public init(key: UInt64, counter: UInt64) {
      self.key = key
      self.counter = counter
    }
  }

  /// Where the generator stands; setting it continues another generator's stream.
  public var state: State

  /// The seed of the stream.
  public var seed: UInt64 { state.key }

  /// What a seed is given for: with each comes a stream of its own, by the block it begins at.
  ///
  /// Were they one, a network of `seed=1` would get for weights the numbers that a session seeded with 1 draws as its inputs.
  public enum Purpose: UInt64, Sendable {
    /// Whatever is drawn one after another: a session, a generator of the user's, the order of samples.
    case draws = 0
    /// The samples of a generated data set.
    case samples = 0x4000_0000_0000_0000
    /// The weights of networks, and their dropout.
    case weights = 0x8000_0000_0000_0000
  }

  /// Starts the stream of a seed.
  public init(seed: UInt64, for purpose: Purpose = .draws) {
    state = State(key: seed, counter: purpose.rawValue)
  }

  /// Takes 64 bits from the operating system, to seed a session nobody has seeded.
  public static func entropy() -> UInt64 {
    var system = SystemRandomNumberGenerator()
    return system.next()
  }

  /// Passes over `blocks` blocks, two numbers each.
  public func skip(_ blocks: UInt64) {
    state.counter &+= blocks
  }

  /// Draws a uniform number in [0, 1), a multiple of 2^-53.
  public func uniform() -> Double {
    Philox.uniform(next().0)
  }

  /// Draws a standard normal number, the first that `fillNormal` would.
  public func normal() -> Double {
    var value = 0.0
    // one number is less than any polling interval
    try? Philox.fillNormal(&value, count: 1, key: state.key, counter: state.counter, mean: 0, std: 1)
    skip(1)
    return value
  }

  /// Draws a whole number in `0..<bound` without bias; 0 when `bound` is 1 or less.
  public func next(below bound: Int) -> Int {
    defer { skip(1) }
    guard bound > 1 else { return 0 }
    return Int(Philox.below(UInt64(bound), half: 0, low: state.counter, key: state.key))
  }

  /// Draws a permutation of `0..<count`, all equally likely, by Fisher and Yates' shuffle; empty for 0 or less.
  public func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<Swift.max(count, 0))
    for index in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(index, next(below: index + 1))
    }
    return order
  }

  private func next() -> (UInt64, UInt64) {
    defer { skip(1) }
    return Philox.block(low: state.counter, key: state.key)
  }
}

extension Generator {
  /// Fills a float tensor with uniform numbers in [low, high): `low + (high - low) u`, `u` a multiple of 2^-53.
  ///
  /// Numbers that rounding would bring to `high` become the largest below it; equal bounds give that number.
  ///
  /// - Throws: `TensorError` for other dtypes, bounds that are not finite or not in order, and expanded views.
  public func fillUniform(
    _ tensor: Tensor, low: Double = 0, high: Double = 1, operation: String = "rand"
  ) throws {
    guard low <= high, (high - low).isFinite else {
      throw TensorError.expected(
        operation: operation, expected: "finite bounds in order",
        got: "\(Generator.shown(low)) and \(Generator.shown(high))")
    }
    try fill(tensor, operation) { try self.uniform($0, $1, low, high) }
  }

  /// Fills a float tensor with normal numbers: `mean + std z`.
  ///
  /// `z` is the inverse distribution function (AS 241) of a uniform number in (0, 1), computed in IEEE operations alone.
  ///
  /// - Throws: `TensorError` for other dtypes, a negative or not finite `std`, a `mean` that is not finite, and expanded views.
  public func fillNormal(
    _ tensor: Tensor, mean: Double = 0, std: Double = 1, operation: String = "randn"
  ) throws {
    guard mean.isFinite, std.isFinite, std >= 0 else {
      throw TensorError.expected(
        operation: operation, expected: "a finite mean and a finite std of at least 0",
        got: "\(Generator.shown(mean)) and \(Generator.shown(std))")
    }
    try fill(tensor, operation) { try self.normal($0, $1, mean, std) }
  }

  /// Fills a tensor with whole numbers from `low` to `high`, both included, without bias.
  ///
  /// - Throws: `TensorError` for a mask, bounds not in order or not exact in the dtype (2^24 for float32, 2^53 for float64), and
  ///   expanded views.
  public func fillIntegers(_ tensor: Tensor, low: Int64, high: Int64, operation: String = "randint") throws {
    guard low <= high else {
      throw TensorError.expected(operation: operation, expected: "bounds in order", got: "\(low) and \(high)")
    }
    guard tensor.dtype != .bool else {
      throw TensorError.expected(operation: operation, expected: "a dtype of numbers", got: "bool")
    }
    let exact: Int64 = tensor.dtype == .float32 ? 1 << 24 : tensor.dtype == .float64 ? 1 << 53 : .max
    guard high <= exact, tensor.dtype == .int64 || low >= -exact else {
      throw TensorError.expected(
        operation: operation, expected: "bounds that \(tensor.dtype) holds exactly (up to \(exact))",
        got: "\(low) and \(high)")
    }
    try tensor.requireWritable(operation)
    let target =
      tensor.dtype == .int64 && tensor.isContiguous ? tensor : try Tensor(.int64, tensor.shape, zeroed: false)
    let bound = UInt64(bitPattern: high &- low) &+ 1
    try Philox.fillIntegers(
      target.pointer(), count: target.count, key: state.key, counter: state.counter, low: low, bound: bound)
    advance(target.count)
    if target !== tensor { try tensor.copy(from: target) }
  }

  /// Fills a tensor with 1 where a uniform number in [0, 1) is below `probability`, else 0.
  ///
  /// - Throws: `TensorError` for a probability outside [0, 1], and expanded views.
  public func fillBernoulli(_ tensor: Tensor, probability: Double, operation: String = "bernoulli") throws {
    guard probability >= 0, probability <= 1 else {
      throw TensorError.expected(
        operation: operation, expected: "a probability from 0 to 1", got: Generator.shown(probability))
    }
    try contiguously(tensor, operation) { try self.bernoulli($0, $0.dtype.elementType, probability) }
  }

  /// Fills an int64 vector of n elements with a permutation of `0..<n`, the one `permutation` would draw.
  ///
  /// - Throws: `TensorError` for other tensors than int64 vectors, and expanded views; `Interrupted`.
  public func fillPermutation(_ tensor: Tensor) throws {
    guard tensor.dtype == .int64, tensor.rank == 1 else {
      throw TensorError.expected(
        operation: "randperm", expected: "an int64 vector", got: "\(tensor.dtype) \(tensor.shape)")
    }
    try tensor.requireWritable("randperm")
    let order: UnsafeMutablePointer<Int64> = tensor.pointer()
    let step = tensor.strides[0]
    for index in 0..<tensor.count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      order[index * step] = Int64(index)
    }
    for index in stride(from: tensor.count - 1, to: 0, by: -1) {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      let other = next(below: index + 1)
      (order[index * step], order[other * step]) = (order[other * step], order[index * step])
    }
  }

  private func bernoulli<T: StoredElement>(_ target: Tensor, _ type: T.Type, _ probability: Double) throws {
    try Philox.fillBernoulli(
      target.pointer(T.self), count: target.count, key: state.key, counter: state.counter, probability: probability)
  }

  private func uniform<T: FloatElement>(_ target: Tensor, _ type: T.Type, _ low: Double, _ high: Double) throws {
    try Philox.fillUniform(
      target.pointer(T.self), count: target.count, key: state.key, counter: state.counter, low: low, high: high)
  }

  private func normal<T: FloatElement>(_ target: Tensor, _ type: T.Type, _ mean: Double, _ std: Double) throws {
    try Philox.fillNormal(
      target.pointer(T.self), count: target.count, key: state.key, counter: state.counter, mean: mean, std: std)
  }

  /// A number in a message; NaN has no sign there.
  static func shown(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }

  func fill(
    _ tensor: Tensor, _ operation: String, _ body: (Tensor, any FloatElement.Type) throws -> Void
  ) throws {
    guard let type = tensor.dtype.floatType else {
      throw TensorError.expected(operation: operation, expected: "dtype float32 or float64", got: tensor.dtype.name)
    }
    try contiguously(tensor, operation) { try body($0, type) }
  }

  /// Runs a fill on the tensor, or on contiguous memory that is copied to it; then moves on by the blocks it took.
  func contiguously(_ tensor: Tensor, _ operation: String, _ body: (Tensor) throws -> Void) throws {
    try tensor.requireWritable(operation)
    let target = tensor.isContiguous ? tensor : try Tensor(tensor.dtype, tensor.shape, zeroed: false)
    try body(target)
    advance(target.count)
    if target !== tensor { try tensor.copy(from: target) }
  }

  private func advance(_ numbers: Int) {
    skip(UInt64((numbers + 1) / 2))
  }
}
