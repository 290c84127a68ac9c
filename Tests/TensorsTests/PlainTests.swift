import Kernels
import TestSupport
import Testing

@testable import Tensors

/// Elementwise work in its plain case, against the walk over strided views of the same numbers.
@Suite struct PlainTests {
  /// Numbers where operations differ: signs of zero, subnormals, infinities, NaN, what float32 rounds.
  private static let numbers: [Double] = [
    0, -0.0, 1, -1, 0.1, -2.5, 3, 1e-310, -1e-40, 1e30, -1e300, .infinity, -.infinity, .nan, 7, -8, 0.5, 2,
  ]

  private func sample(_ shape: Extents, _ dtype: DType, from start: Int) throws -> Tensor {
    let count = shape.reduce(1, *)
    let numbers = PlainTests.numbers
    return try Tensor((0..<count).map { numbers[($0 * 7 + start) % numbers.count] }, shape: shape, dtype)
  }

  /// The same numbers with a gap behind each of them.
  private func spread(_ tensor: Tensor) throws -> Tensor {
    let wide = try Tensor.full(Extents(Array(tensor.shape) + [2]), .number(99), tensor.dtype)
    let view = try wide.select(tensor.rank, 0)
    try view.copy(from: tensor)
    return view
  }

  /// Whether both hold the same numbers bit for bit; NaN is NaN, whichever its bits.
  private func same(_ a: Tensor, _ b: Tensor) throws -> Bool {
    guard a.shape == b.shape, a.dtype == b.dtype else { return false }
    return try zip(a.doubles(), b.doubles()).allSatisfy { $0.isNaN && $1.isNaN || $0.bitPattern == $1.bitPattern }
  }

  @Test(arguments: [[], [1], [10], [3, 7], [2, 1, 5], [0], [3, 0]] as [Extents], [DType.float32, .float64])
  func binaryOperationsHaveTheBitsOfTheWalk(shape: Extents, dtype: DType) throws {
    let (a, b) = (try sample(shape, dtype, from: 0), try sample(shape, dtype, from: 5))
    let (x, y) = (try spread(a), try spread(b))
    #expect(a.count <= 1 || !x.isContiguous)
    for operation in BinaryOperation.allCases {
      for (plain, walked) in [
        (Operand.tensor(b), Operand.tensor(y)), (.scalar(.number(-1.5)), .scalar(.number(-1.5))),
        (.scalar(.number(2)), .scalar(.integer(2))), (.scalar(.number(.nan)), .scalar(.number(.nan))),
      ] {
        let result = try Tensor.applyPlainly(operation, .tensor(a), plain)
        let expected = try Tensor.apply(operation, .tensor(x), walked)
        #expect(try result.map { try same($0, expected) } == true, "\(operation) \(plain)")
        let target = try a.clone()
        switch plain {
        case .tensor(let b): #expect(try target.applyPlainlyInPlace(operation, b) == (a.count > 0))
        case .scalar(let b): #expect(try target.applyPlainlyInPlace(operation, b.double) == (a.count > 0))
        }
        #expect(try same(target, expected) && target.storage.version == (a.count > 0 ? 1 : 0), "\(operation)_ \(plain)")
      }
      let result = try Tensor.applyPlainly(operation, .scalar(.number(3)), .tensor(a))
      let expected = try Tensor.apply(operation, .scalar(.number(3)), .tensor(x))
      #expect(try result.map { try same($0, expected) } == true, "number \(operation)")
    }
  }

  @Test(arguments: [[], [1], [19], [3, 7], [0]] as [Extents], [DType.float32, .float64])
  func functionsHaveTheBitsOfTheWalk(shape: Extents, dtype: DType) throws {
    let a = try sample(shape, dtype, from: 3)
    for operation in UnaryOperation.allCases {
      let expected = try spread(a).applying(operation)
      #expect(try a.applyingPlainly(operation).map { try same($0, expected) } == true, "\(operation)")
      let target = try a.clone()
      #expect(try target.applyPlainlyInPlace(operation) == (a.count > 0))
      #expect(try same(target, expected), "\(operation)_")
    }
  }

  @Test func whatIsUnusualIsLeftToTheWalk() throws {
    let a = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    let unusual: [(Tensor, Tensor)] = [
      (a, try a.to(.float64)), (a, try a.to(.int64)), (a, try Tensor([1, 2, 3])),
      (a, try a.transposed().clone().transposed()), (try a.to(.int64), try a.to(.int64)),
      (try a.transposed(), try a.transposed()),
    ]
    for (left, right) in unusual {
      #expect(try Tensor.applyPlainly(.add, left, right) == nil)
      #expect(try !left.applyPlainlyInPlace(.add, right))
    }
    #expect(try a.transposed().applyingPlainly(.exponential) == nil)
    #expect(try !a.to(.int64).applyPlainlyInPlace(.negative))
    #expect(try Tensor.applyPlainly(.add, Operand.scalar(1), .scalar(2)) == nil)
    #expect(a.storage.version == 0)
  }

  @Test func rowsThatOverlapAreLeftToTheWalk() throws {
    let line = try Tensor([1, 2, 3, 4, 5])
    let (head, tail) = (try line.narrow(0, 0, 4), try line.narrow(0, 1, 4))
    #expect(try !tail.applyPlainlyInPlace(.add, head))
    #expect(try head.applyPlainlyInPlace(.add, head))
    #expect(try line.doubles() == [2, 4, 6, 8, 5])
  }

  @Test func expandedViewsAreRefusedUnlessTheyHaveNoElements() throws {
    let view = try Tensor.zeros([2, 1]).broadcast(to: [2, 5])
    #expect(try !view.applyPlainlyInPlace(.add, 1))
    #expect(throws: TensorError.self) { try view.applyInPlace(.add, .scalar(1)) }
    let empty = try Tensor.zeros([0, 1]).broadcast(to: [0, 5])
    #expect(try !empty.applyPlainlyInPlace(.add, 1))
    #expect(try empty.applyInPlace(.add, .scalar(1)) === empty)
  }

  @Test func resultsShareNothingButTheLayout() throws {
    let a = try Tensor([1, 2])
    guard let b = try Tensor.applyPlainly(.add, a, 1) else {
      Issue.record("a plain case")
      return
    }
    try b.fill(0)
    #expect(try a.doubles() == [1, 2] && b.storage !== a.storage)
  }
}

/// Large planes are shared among threads.
@Suite struct SharedPlaneTests {
  @Test(
    arguments: [[300_001], [3, 100_001], [100_001, 3], [2, 70_000, 3]] as [Extents], [DType.float32, .float64])
  func resultsHaveTheSameBitsForAnyNumberOfThreads(shape: Extents, dtype: DType) throws {
    let a = try Tensor(dtype, shape)
    try Generator(seed: 5).fillNormal(a)
    let wide = try Tensor(dtype, Extents(Array(shape) + [2]))
    try Generator(seed: 6).fillNormal(wide)
    let b = try wide.select(shape.count, 1)
    let mask = try Tensor.compare(.greater, .tensor(a), .scalar(0))
    func all() throws -> [Tensor] {
      [
        try Tensor.apply(.add, a, a), try Tensor.apply(.divide, a, b), try Tensor.apply(.power, b, 1.5),
        try a.applying(.exponential), try b.applying(.relu), try b.clone(), try b.to(.int64),
        try Tensor.compare(.less, .tensor(a), .tensor(b)), try Tensor.choose(mask, .tensor(b), .scalar(2.0)),
        try Tensor.full(shape, .number(0.25), dtype), try a.clamped(low: 0), try b.testing(.isFinite),
        try b.clone().applyInPlace(.subtract, .tensor(try a.select(0, 0))), try b.clone().fill(3),
      ]
    }
    try Threads.varying {
      WorkerPool.threads = 1
      let alone = try all().map { try $0.doubles().map(\.bitPattern) }
      for threads in [2, 3, 8] {
        WorkerPool.threads = threads
        #expect(try all().map { try $0.doubles().map(\.bitPattern) } == alone, "\(threads) threads")
      }
      // against the definition, element by element
      let (x, y) = (try a.doubles(), try b.doubles())
      let sums = try Tensor.apply(.add, a, b).doubles()
      let wrong = sums.indices.count {
        sums[$0] != (dtype == .float32 ? Double(Float(x[$0]) + Float(y[$0])) : x[$0] + y[$0])
      }
      #expect(wrong == 0)
    }
  }
}
