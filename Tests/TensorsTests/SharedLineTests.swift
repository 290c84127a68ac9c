import Kernels
import TestSupport
import Testing

@testable import Tensors

/// Functions along one dimension of tensors that are large enough for several threads.
@Suite struct SharedLineTests {
  private typealias Function = @Sendable (Tensor, Int) throws -> Tensor

  private static let functions: [(String, Function)] = [
    ("softmax", { try $0.softmax(along: $1) }), ("log_softmax", { try $0.softmax(along: $1, logarithm: true) }),
    ("logsumexp", { try $0.logSumExp(along: [$1]) }), ("cumsum", { try $0.cumulativeSum(along: $1) }),
    ("cumprod", { try $0.cumulativeProduct(along: $1) }), ("max", { try $0.extremes(largest: true, along: $1).values }),
    ("argmin", { try $0.extremeIndices(largest: false, along: $1) }),
  ]
  /// Rows and columns, lines in the middle, few long lines, and more lines side by side than a thread takes at the least.
  private static let cases: [([Int], Int)] = [
    ([300, 1001], 0), ([300, 1001], 1), ([17, 100, 133], 1), ([3, 66_000], 1), ([150, 2100], 0), ([66_000, 3], 1),
  ]

  private func tensor(_ shape: [Int], _ dtype: DType) throws -> Tensor {
    let x = try Tensor(dtype, Extents(shape))
    try Generator(seed: 13).fillNormal(x)
    try x.view([x.count]).setElement(.number(.nan), at: [x.count / 3])
    return x
  }

  /// The bits of numbers; those of NaN are 1.
  private func bits(_ x: Tensor) throws -> [UInt64] { try x.doubles().map { $0.isNaN ? 1 : $0.bitPattern } }

  @Test(arguments: cases.indices, [DType.float32, .float64])
  func bitsDoNotDependOnThreads(_ which: Int, dtype: DType) throws {
    let (shape, dimension) = Self.cases[which]
    let x = try tensor(shape, dtype)
    for (name, function) in Self.functions {
      try Threads.varying {
        WorkerPool.threads = 1
        let alone = try bits(try function(x, dimension))
        for threads in [2, 3, 8] {
          WorkerPool.threads = threads
          #expect(try bits(try function(x, dimension)) == alone, "\(name) on \(threads) threads")
        }
      }
    }
  }

  @Test(arguments: cases.indices, [DType.float32, .float64])
  func everyLineIsAsItWouldBeAlone(_ which: Int, dtype: DType) throws {
    let (shape, dimension) = Self.cases[which]
    let x = try tensor(shape, dtype)
    // lines as rows: each is a tensor of one dimension, by itself not shared
    let rows = try x.movedToEnd(dimension)
    for (name, function) in Self.functions {
      let result = try function(x, dimension)
      let lines = result.rank == shape.count ? try result.movedToEnd(dimension) : try result.reshape([result.count, 1])
      for row in stride(from: 0, to: rows.shape[0], by: rows.shape[0] / 25 + 1) {
        let line = try rows.narrow(0, row, 1).reshape([shape[dimension]])
        let expected = try function(line, 0)
        #expect(try bits(try lines.narrow(0, row, 1)) == bits(expected), "\(name) of line \(row)")
      }
    }
  }
}

extension Tensor {
  /// A matrix whose rows are the lines along a dimension.
  fileprivate func movedToEnd(_ dimension: Int) throws -> Tensor {
    let order = Array(0..<rank).filter { $0 != dimension } + [dimension]
    return try permute(order).clone().reshape([count / shape[dimension], shape[dimension]])
  }
}
