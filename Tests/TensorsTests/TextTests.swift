import Kernels
import Tensors
import Testing

@Suite struct TextTests {
  @Test func smallTensorsAreShownWhole() throws {
    #expect(
      try Tensor([1, -2.5, 0.125, 10], shape: [2, 2]).text() == "float32 [2, 2]\n   1.0000  -2.5000\n   0.1250  10.0000"
    )
    #expect(try Tensor([1, 20, 300]).text() == "float32 [3]\n    1   20  300")
    #expect(
      try Tensor(integers: [-1, .max], shape: [2]).text() == "int64 [2]\n                   -1  9223372036854775807")
    #expect(try Tensor([1, 0], .bool).text() == "bool [2]\n   true  false")
    #expect(try Tensor.scalar(0.5).text() == "float32 []\n  0.5000")
    #expect(try Tensor.zeros([0, 3]).text() == "float32 [0, 3]\n  (no elements)")
  }

  @Test func aParameterSaysSo() throws {
    let weight = try Tensor([1.5e-23, -2.25e-23])
    weight.requiresGradient = true
    #expect(weight.text() == "float32 [2], times 1e-23, requires_grad\n   1.5000  -2.2500")
    #expect(weight.summary() == "float32 [2], times 1e-23, requires_grad (1.5000, -2.2500)")
    let wide = try Tensor.zeros([1 << 40, 1, 1, 1, 1, 0, 1 << 40, 1])
    wide.requiresGradient = true
    // the header is cut to the width, its note is not
    #expect(wide.text(columns: 50) == "float32 [1099511627776, 1, 1, 1,..., requires_grad\n  (no elements)")
  }

  @Test func aSummaryIsOneLine() throws {
    let x = try Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(x.summary() == "float32 [2, 3] (1, 2, 3, 4, ...)")
    #expect(try x.transposed().summary(items: 6) == "float32 [3, 2] (1, 4, 2, 5, 3, 6)")
    #expect(x.summary(items: 0) == "float32 [2, 3] (...)")
    #expect(try Tensor.zeros([3, 0]).summary() == "float32 [3, 0]")
    #expect(try Tensor.scalar(0.5).summary() == "float32 [] (0.5000)")
    #expect(try Tensor([.nan, 1.5e-10, 1], .float64).summary() == "float64 [3] (nan, 1.5000e-10, 1.0000e+00)")
    #expect(try Tensor([1, 0], .bool).summary() == "bool [2] (true, false)")
    #expect(
      try x.reshape([6]).select(0, 5).broadcast(to: [1 << 40, 1 << 20]).summary(items: 1)
        == "float32 [1099511627776, 1048576] (6, ...)")
  }

  @Test func aCommonScaleIsWrittenOnce() throws {
    #expect(try Tensor([1.5e-23, -2.25e-23, 0]).text() == "float32 [3], times 1e-23\n   1.5000  -2.2500   0.0000")
    #expect(try Tensor([123456.75, 1e6], .float64).text() == "float64 [2], times 1e6\n  0.1235  1.0000")
  }

  @Test func numbersOfVeryDifferentSizeHaveExponents() throws {
    #expect(
      try Tensor([1, 1.5e-10, 0, -9.99996e+20], .float64).text()
        == "float64 [4]\n   1.0000e+00   1.5000e-10            0  -1.0000e+21")
    #expect(
      try Tensor([Double.leastNonzeroMagnitude, 1.7e308], .float64).text() == "float64 [2]\n  5.0000e-324  1.7000e+308")
  }

  @Test func nanAndInfinityStandAmongNumbers() throws {
    #expect(
      try Tensor([0.5, .nan, .infinity, -.infinity]).text() == "float32 [4]\n  0.5000     nan     inf    -inf")
    #expect(try Tensor([.nan]).text() == "float32 [1]\n  nan")
  }

  @Test func middlesOfLargeMatricesAreLeftOut() throws {
    let x = try Tensor.arange(1, 1000).reshape([25, 40]).text(columns: 40, rows: 12)
    let lines = x.split(separator: "\n")
    #expect(lines.count == 13)
    #expect(lines[1] == "     1     2     3   ...    39    40")
    #expect(lines[7] == "  ...")
    #expect(lines[12] == "   961   962   963   ...   999  1000")
  }

  @Test func slicesBearTheirIndices() throws {
    let x = try Tensor.arange(1, 8).reshape([2, 2, 2])
    #expect(x.text() == "float32 [2, 2, 2]\n[1]\n  1  2\n  3  4\n[2]\n  5  6\n  7  8")
    let y = try Tensor.zeros([1, 9, 1, 1]).broadcast(to: [7, 9, 50, 2]).text(rows: 16)
    #expect(y.contains("\n[1, 2]\n") && y.contains("\n...\n[7, 9]\n"))
  }

  @Test func nothingExceedsAScreen() throws {
    let value = try Tensor([-1.25e-300], .float64)
    let shapes: [Extents] = [
      [], [1], [79], [80], [500], [1 << 40], [3, 3], [20, 2], [21, 9], [1 << 20, 1 << 20], [2, 2, 2], [5, 4, 3],
      [100, 100, 100], [1, 1, 1, 1, 1, 1, 1, 1], [3, 3, 3, 3, 3, 3, 3, 3], Extents(repeating: 64, count: 7),
      [1, 50, 60],
      [20, 1, 1], [21, 1, 1], [10, 1, 3],
    ]
    for shape in shapes {
      for number in [-1.25e-300, 3, 1.5, .nan] {
        try value.fill(.number(number))
        let lines = try value.reshape([]).broadcast(to: shape).text().split(
          separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 24 && lines.allSatisfy { $0.count <= 80 }, "\(shape) of \(number): \(lines.count) lines")
      }
    }
    let whole = try Tensor(integers: [.min], shape: [1]).broadcast(to: [30, 30])
    #expect(whole.text().split(separator: "\n").allSatisfy { $0.count <= 80 })
  }
}
