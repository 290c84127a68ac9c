import Kernels
import TestSupport
import Testing

@testable import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct ThreadTests {
  /// The first of `numbers` as a matrix, stored as it is or transposed.
  private func matrix(_ numbers: Tensor, _ rows: Int, _ columns: Int, transposed: Bool) throws -> Tensor {
    let part = try numbers.narrow(0, 0, rows * columns)
    return transposed ? try part.view([columns, rows]).transposed() : try part.view([rows, columns])
  }

  @Test(arguments: [DType.float32, .float64])
  func productsHaveTheSameBitsForAnyNumberOfThreads(dtype: DType) throws {
    let shapes = [
      (1, 1001, 800), (7, 1001, 800), (33, 1000, 801), (100, 100, 1000), (1000, 1001, 100), (1001, 1, 800),
      (257, 513, 100), (512, 512, 33), (2500, 7, 331),
    ]
    let numbers = try Tensor(dtype, [850_000])
    try Generator(seed: 3).fillNormal(numbers)
    for (rows, columns, inner) in shapes {
      for (transposeA, transposeB) in [(false, false), (false, true), (true, false)] {
        let a = try matrix(numbers, rows, inner, transposed: transposeA)
        let b = try matrix(numbers, inner, columns, transposed: transposeB)
        try Threads.varying {
          WorkerPool.threads = 1
          let alone = try Tensor.matmul(a, b)
          for threads in [2, 3, 8] {
            WorkerPool.threads = threads
            let shared = try Tensor.matmul(a, b)
            #expect(
              sameBits(shared, alone), "\(threads) threads, \(rows)x\(columns)x\(inner), \(transposeA) \(transposeB)")
          }
        }
      }
    }
  }

  /// Whether two contiguous tensors of one shape hold the same bytes.
  private func sameBits(_ a: Tensor, _ b: Tensor) -> Bool {
    guard a.count == b.count, a.dtype == b.dtype else { return false }
    return a.dtype == .float32
      ? memcmp(a.pointer(Float.self), b.pointer(Float.self), a.count * 4) == 0
      : memcmp(a.pointer(Double.self), b.pointer(Double.self), a.count * 8) == 0
  }

  @Test(arguments: [DType.float32, .float64])
  func blocksMakeUpTheWholeProduct(dtype: DType) throws {
    // whole numbers: every order of summation gives the same result, so that each number can be checked alone
    let numbers = try Tensor(dtype, [155_000])
    try Generator(seed: 17).fillIntegers(numbers, low: -9, high: 9)
    for (rows, columns, inner) in [(1001, 100, 100), (37, 1009, 150), (101, 100, 1000)] {
      #expect(Products.Cut(rows: rows, columns: columns, inner: inner).length < max(rows, columns))
      for (transposeA, transposeB) in [(false, false), (false, true), (true, false)] {
        let a = try matrix(numbers, rows, inner, transposed: transposeA)
        let b = try matrix(numbers, inner, columns, transposed: transposeB)
        let (x, y, product) = (try a.doubles(), try b.doubles(), try Tensor.matmul(a, b).doubles())
        var wrong = 0
        for i in stride(from: 0, to: rows, by: 17) {
          for j in stride(from: 0, to: columns, by: 13) {
            var sum = 0.0
            for k in 0..<inner { sum += x[i * inner + k] * y[k * columns + j] }
            if product[i * columns + j] != sum { wrong += 1 }
          }
        }
        #expect(wrong == 0, "\(rows)x\(columns)x\(inner), \(transposeA) \(transposeB)")
      }
    }
  }

  @Test func smallProductsAreNotCut() {
    #expect(Products.Cut(rows: 100, columns: 100, inner: 100).length == 100)
    #expect(Products.Cut(rows: 7, columns: 200, inner: 100).length == 200)
    #expect(Products.Cut(rows: 4, columns: 3, inner: 0).length == 4)
  }
}
