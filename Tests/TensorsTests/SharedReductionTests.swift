import Kernels
import TestSupport
import Testing

@testable import Tensors

/// Reductions of tensors that are large enough for several threads.
@Suite struct SharedReductionTests {
  /// Shapes and dimensions: long rows, tall and wide matrices, middles, few results and many, and what is cut nowhere.
  private static let cases: [([Int], [Int]?)] = [
    ([300_007], nil), ([131_072], nil), ([1000, 1001], nil), ([1000, 1001], [0]), ([1000, 1001], [1]),
    ([2, 150_001], [1]), ([150_001, 2], [0]), ([150_001, 2], [1]), ([33, 7, 1000], [1]), ([7, 33, 1000], [0, 2]),
    ([40, 5000], [0]), ([3, 66_000], [0]), ([17, 8, 1001], [2]), ([1, 262_144, 1], [0, 2]), ([1100, 300], [0]),
  ]
  private static let reductions: [Reduction] = [.sum, .product, .norm, .variance, .minimum, .maximum, .all, .any]

  /// Small whole numbers, whose sums are exact in any order, in a dtype; as stored, or transposed and turned back.
  private func tensor(_ shape: [Int], _ dtype: DType, turned: Bool = false) throws -> Tensor {
    let numbers = try Tensor(.float64, [shape.reduce(1, *)])
    try Generator(seed: 7).fillIntegers(numbers, low: -9, high: 9)
    let whole = try numbers.reshape(Extents(shape)).to(dtype)
    if !turned { return whole }
    let order = Array(shape.indices.reversed())
    return try whole.permute(order).clone().permute(order)
  }

  /// To which result each element goes, in row-major order, and how many results there are.
  private func groups(_ shape: [Int], _ dimensions: [Int]?) -> (of: [Int], count: Int) {
    let kept = shape.indices.map { !(dimensions ?? Array(shape.indices)).contains($0) }
    let count = shape.indices.reduce(1) { kept[$1] ? $0 * shape[$1] : $0 }
    let groups = (0..<shape.reduce(1, *)).map { place in
      var (rest, group, scale) = (place, 0, 1)
      for dimension in shape.indices.reversed() {
        if kept[dimension] {
          group += rest % shape[dimension] * scale
          scale *= shape[dimension]
        }
        rest /= shape[dimension]
      }
      return group
    }
    return (groups, count)
  }

  @Test(arguments: cases.indices)
  func agreesWithGroupsGatheredOneByOne(_ which: Int) throws {
    let (shape, dimensions) = Self.cases[which]
    let groups = groups(shape, dimensions)
    for dtype in which % 2 == 0 ? [DType.float32, .int64] : [.float64, .bool] {
      let x = try tensor(shape, dtype, turned: which % 3 == 2)
      let zeros = [Double](repeating: 0, count: groups.count)
      var (sum, squares, count, missing) = (zeros, zeros, zeros, zeros)
      var (least, most) = (zeros.map { $0 + 99 }, zeros.map { $0 - 99 })
      for (number, group) in zip(try x.doubles(), groups.of) {
        sum[group] += number
        squares[group] += number * number
        count[group] += 1
        if number == 0 { missing[group] = 1 }
        if number < least[group] { least[group] = number }
        if number > most[group] { most[group] = number }
      }
      #expect(try x.reduced(.sum, along: dimensions).doubles() == sum, "\(dtype)")
      #expect(try x.reduced(.minimum, along: dimensions).doubles() == least, "\(dtype)")
      #expect(try x.reduced(.maximum, along: dimensions).doubles() == most, "\(dtype)")
      #expect(try x.reduced(.all, along: dimensions).doubles() == missing.map { 1 - $0 }, "\(dtype)")
      let tolerance = dtype == .float64 ? 1e-13 : 2e-7
      let means = zip(sum, count).map { $0 / $1 }
      assertClose(try x.reduced(.mean, along: dimensions).doubles(), means, relative: tolerance)
      let norms = squares.map { $0.squareRoot() }
      assertClose(try x.reduced(.norm, along: dimensions).doubles(), norms, relative: tolerance)
      // of whole numbers so small the squares are exact, and little cancels
      let variances = sum.indices.map { (squares[$0] - sum[$0] * means[$0]) / count[$0] }
      assertClose(
        try x.reduced(.variance, along: dimensions).doubles(), variances, relative: tolerance, absolute: 1e-12)
    }
  }

  @Test func productsOfManyNumbers() throws {
    // powers of two, whose products are exact, in turns of sixteen: no partial product grows
    let x = try Tensor((0..<300_032).map { $0 / 16 % 2 == 0 ? 2 : 0.5 }, .float64)
    #expect(try x.reduced(.product).item().double == 1)
    try x.setElement(-3, at: [200_000])
    #expect(try x.reduced(.product).item().double == -1.5)
    let whole = try Tensor.ones([140_000], .int64)
    try whole.setElement(3, at: [70_000])
    try whole.setElement(-5, at: [139_999])
    #expect(try whole.reduced(.product).item() == .integer(-15))
  }

  @Test(arguments: [DType.float32, .float64])
  func oneNumberIsFoundWhereverItIs(dtype: DType) throws {
    let count = 200_003
    for place in [0, 1, 63, 1023, 1024, 65_535, 65_536, 131_071, count - 1] {
      let x = try Tensor.ones([count], dtype)
      #expect(try x.reduced(.all).item().double == 1)
      try x.setElement(-0.0, at: [place])
      #expect(try x.reduced(.all).item().double == 0)
      try x.setElement(.number(.nan), at: [place])
      #expect(try x.reduced(.all).item().double == 1)
      for reduction in [Reduction.sum, .minimum, .maximum, .norm, .mean, .variance, .product] {
        #expect(try x.reduced(reduction).item().double.isNaN, "\(reduction)")
      }
      let zeros = try Tensor(dtype, [count])
      #expect(try zeros.reduced(.any).item().double == 0)
      try zeros.setElement(.number(.nan), at: [place])
      #expect(try zeros.reduced(.any).item().double == 1)
    }
  }

  @Test(arguments: [DType.float32, .float64])
  func infinitiesSumAsTheyDo(dtype: DType) throws {
    let x = try Tensor.ones([500_000], dtype)
    try x.setElement(.number(.infinity), at: [123_456])
    #expect(try x.reduced(.sum).item().double == .infinity && x.reduced(.maximum).item().double == .infinity)
    try x.setElement(.number(-.infinity), at: [400_000])
    #expect(try x.reduced(.sum).item().double.isNaN && x.reduced(.minimum).item().double == -.infinity)
  }

  @Test(arguments: cases.indices)
  func bitsDoNotDependOnThreads(_ which: Int) throws {
    let (shape, dimensions) = Self.cases[which]
    for dtype in [DType.float32, .float64] {
      let x = try Tensor(dtype, Extents(shape))
      try Generator(seed: 9).fillNormal(x)
      for reduction in Self.reductions {
        try Threads.varying {
          WorkerPool.threads = 1
          let alone = try x.reduced(reduction, along: dimensions).doubles().map(\.bitPattern)
          for threads in [2, 3, 8] {
            WorkerPool.threads = threads
            let shared = try x.reduced(reduction, along: dimensions).doubles().map(\.bitPattern)
            #expect(shared == alone, "\(reduction) \(dtype) \(threads) threads")
          }
        }
      }
    }
  }

  @Test(arguments: cases.indices)
  func partsMakeUpTheWhole(_ which: Int) throws {
    let (shape, dimensions) = Self.cases[which]
    let x = try Tensor(.float32, Extents(shape))
    let fold = try Fold(x, dimensions, "sum")
    guard let cut = ReductionCut(fold.walk, results: fold.kept.product) else { return }
    #expect(cut.count >= 2 && cut.count <= 64)
    var (seen, at) = ([Bool](repeating: false, count: x.count), [Int](repeating: -1, count: fold.kept.product))
    for part in 0..<cut.count {
      try fold.walk.part(cut.dimension, cut.range(part)).forEachPlane { plane in
        for row in 0..<plane.rows {
          for column in 0..<plane.columns {
            let place =
              plane.first &+ plane.rowStrides &* SIMD4(repeating: row)
              &+ plane.columnStrides &* SIMD4(repeating: column)
            if seen[place[0]] { Issue.record("\(place[0]) comes twice") }
            seen[place[0]] = true
            if !cut.isOfResults { continue }
            if at[place[1]] != -1 && at[place[1]] != part { Issue.record("\(place[1]) has two parts") }
            at[place[1]] = part
          }
        }
      }
    }
    #expect(!seen.contains(false))
  }

  @Test func smallReductionsAreNotCut() throws {
    for shape in [[0], [1], [131_071], [100, 1000], [7, 0, 3]] {
      let fold = try Fold(try Tensor(.float32, Extents(shape)), nil, "sum")
      #expect(ReductionCut(fold.walk, results: 1) == nil)
    }
  }
}
