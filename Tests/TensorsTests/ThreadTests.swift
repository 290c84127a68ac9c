import COpenBLAS
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
      (257, 513, 100), (512, 512, 33), (2500, 7, 331), (7, 33, 1), (33, 1, 7), (1, 7, 33), (100, 33, 3000),
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

  /// Element `(i, j)` of the source is `1000 i + j`, so that a selected one tells where it came from.
  @Test(arguments: [0, 1], [false, true])
  func whatIsSelectedComesFromWhereItShould(dimension: Int, transposed: Bool) throws {
    let (rows, columns) = (701, 333)
    func number(_ i: Int, _ j: Int) -> Double { Double(1000 * i + j) }
    let stored = try Tensor(.float64, transposed ? [columns, rows] : [rows, columns])
    for i in 0..<rows {
      for j in 0..<columns {
        stored.pointer(Double.self)[transposed ? j * rows + i : i * columns + j] = number(i, j)
      }
    }
    let source = transposed ? try stored.transposed() : stored
    let extent = dimension == 0 ? rows : columns
    let places = (0..<450).map { ($0 * 379 + 5) % extent }
    let indices = try Tensor(.int64, [places.count])
    for (place, index) in places.enumerated() { indices.pointer(Int64.self)[place] = Int64(index) }
    var expected: [Double] = []
    if dimension == 0 {
      for i in places { for j in 0..<columns { expected.append(number(i, j)) } }
    } else {
      for i in 0..<rows { for j in places { expected.append(number(i, j)) } }
    }
    try Threads.varying {
      for threads in [1, 2, 3, 8] {
        WorkerPool.threads = threads
        let selected = try source.indexSelect(dimension, indices).doubles()
        #expect(selected == expected, "\(threads) threads")
      }
    }
  }

  @Test(arguments: [DType.float32, .float64])
  func blocksMakeUpTheWholeProduct(dtype: DType) throws {
    // whole numbers: every order of summation gives the same result, so that each number can be checked alone
    let numbers = try Tensor(dtype, [155_000])
    try Generator(seed: 17).fillIntegers(numbers, low: -9, high: 9)
    for (rows, columns, inner) in [(1001, 100, 100), (37, 1009, 150), (101, 100, 1000), (1, 33, 4001), (33, 7, 1)] {
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

  @Test(arguments: [false, true])
  func everyNumberOfAProductIsInOneBlock(hasSmallKernels: Bool) {
    let extents = [1, 7, 33, 48, 100, 128, 129, 1001, 5003]
    for rows in extents {
      for columns in extents {
        for inner in [0, 1, 7, 100, 101, 1000, 20_000] {
          let cut = ProductCut(rows: rows, columns: columns, inner: inner, hasSmallKernels: hasSmallKernels)
          var places = Set<SIMD2<Int>>()
          var count = 0
          for number in 0..<cut.count {
            let block = cut.block(number)
            count += block.rows * block.columns
            for row in [block.row, block.row + block.rows - 1] {
              for column in [block.column, block.column + block.columns - 1] { places.insert([row, column]) }
            }
          }
          let what = "\(rows)x\(columns)x\(inner): \(cut)"
          #expect(count == rows * columns, "\(what)")
          #expect(places.allSatisfy { $0.x < rows && $0.y < columns }, "\(what)")
          #expect(cut.inner > 0, "\(what)")
        }
      }
    }
  }

  @Test func smallProductsAreNotCut() {
    for hasSmallKernels in [false, true] {
      for (rows, columns, inner) in [(70, 70, 100), (7, 200, 100), (40, 100, 250), (4, 3, 0)] {
        let cut = ProductCut(rows: rows, columns: columns, inner: inner, hasSmallKernels: hasSmallKernels)
        #expect(cut.count == 1 && cut.inner == max(inner, 1))
      }
    }
  }

  /// The inner extent too is cut, into equal parts, and a large product so that two threads have work.
  @Test func narrowProductsAreCutToSmallOnes() {
    let forward = ProductCut(rows: 1000, columns: 100, inner: 100, hasSmallKernels: true)
    #expect((forward.count, forward.rows, forward.columns, forward.inner) == (10, 100, 100, 100))
    let gradient = ProductCut(rows: 100, columns: 100, inner: 1000, hasSmallKernels: true)
    #expect((gradient.count, gradient.rows, gradient.columns, gradient.inner) == (2, 50, 100, 100))
    let first = ProductCut(rows: 60, columns: 100, inner: 784, hasSmallKernels: true)
    #expect((first.count, first.rows, first.inner) == (2, 30, 98))
    let second = ProductCut(rows: 60, columns: 100, inner: 100, hasSmallKernels: true)
    #expect((second.count, second.rows, second.inner) == (2, 30, 100))
    // five blocks would do, and leave one thread of two without work
    let steep = ProductCut(rows: 784, columns: 100, inner: 60, hasSmallKernels: true)
    #expect((steep.count, steep.rows, steep.inner) == (6, 131, 60))
    // the other kernels pack the second matrix for each block
    #expect(ProductCut(rows: 60, columns: 100, inner: 100, hasSmallKernels: false).count == 1)
  }

  @Test func wideProductsAreCutIntoFewLargeBlocks() {
    for hasSmallKernels in [false, true] {
      let wide = ProductCut(rows: 256, columns: 512, inner: 512, hasSmallKernels: hasSmallKernels)
      #expect((wide.count, wide.rows, wide.columns, wide.inner) == (2, 256, 256, 512))
      // a few hundredths of a second each
      let huge = ProductCut(rows: 20_000, columns: 10_000, inner: 20_000, hasSmallKernels: hasSmallKernels)
      #expect(Double(huge.rows) * Double(huge.columns) * Double(huge.inner) <= Double(1 << 30))
      // near squares, or packing takes longer than multiplying
      #expect(huge.rows <= 2 * huge.columns && huge.columns <= 2 * huge.rows)
    }
  }

  /// Kernels from before AVX2 are for processors from then: OpenBLAS takes them for those it doesn't know yet.
  @Test func aProcessorYoungerThanOpenBLASGetsItsKernels() {
    func choice(_ core: String, avx2: Bool, avx512: Bool) -> String? {
      sonde_better_core(core, avx2, avx512).map { String(cString: $0) }
    }
    for core in ["Prescott", "PRESCOTT", "Nehalem", "Sandybridge", "Barcelona"] {
      #expect(choice(core, avx2: true, avx512: true) == "SkylakeX")
      #expect(choice(core, avx2: true, avx512: false) == "Haswell")
      #expect(choice(core, avx2: false, avx512: false) == nil)
    }
    for core in ["Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids", "Excavator", "NEOVERSEN1", ""] {
      #expect(choice(core, avx2: true, avx512: true) == nil)
    }
    #expect(!BLASLibrary.pins.isEmpty || choice(BLASLibrary.core, avx2: hasAVX2, avx512: hasAVX2) == nil)
    // what was replaced is told, and was worth it
    if let replaced = BLASLibrary.replacedCore {
      #expect(BLASLibrary.pins.isEmpty && replaced != BLASLibrary.core && hasAVX2)
      #expect([true, false].contains { choice(replaced, avx2: true, avx512: $0) == BLASLibrary.core })
    }
  }

  /// Whether the first processor says so; false where nobody does.
  private var hasAVX2: Bool {
    guard let file = fopen("/proc/cpuinfo", "r") else { return false }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 8192)
    while fgets(&line, CInt(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" })
      if words.first?.hasPrefix("flags") == true { return words.contains("avx2") && words.contains("fma") }
    }
    return false
  }
}
