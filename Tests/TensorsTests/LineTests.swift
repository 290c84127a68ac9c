import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct LineTests {
  @Test func cumulativeSumsRunAlongTheirDimension() throws {
    let x = try Tensor.arange(1, 6).reshape([2, 3])
    #expect(try x.cumulativeSum(along: 1).doubles() == [1, 3, 6, 4, 9, 15])
    #expect(try x.cumulativeSum(along: 0).doubles() == [1, 2, 3, 5, 7, 9])
    #expect(try x.transposed().cumulativeSum(along: 0).doubles() == [1, 4, 3, 9, 6, 15])
    #expect(try Tensor([1, 0, 1], .bool).cumulativeSum(along: 0).integers() == [1, 1, 2])
    #expect(errorText { _ = try x.cumulativeSum(along: 2) } == "cumsum: expected a dimension from 1 to 2, got 3")
  }

  // python3 -c "import scipy.special as s; x=[[1,2,3],[-1000,0,1000.]]; print(s.softmax(x,axis=1).ravel().tolist(), s.log_softmax(x,axis=1).ravel().tolist())"
  @Test func softmaxDoesNotOverflow() throws {
    let x = try Tensor([1, 2, 3, -1000, 0, 1000], shape: [2, 3], .float64)
    let expected = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218, 0, 0, 1]
    assertClose(try x.softmax(along: 1).doubles(), expected, relative: 1e-15)
    let logarithms = [-2.4076059644443806, -1.4076059644443806, -0.4076059644443805, -2000, -1000, 0]
    assertClose(try x.softmax(along: 1, logarithm: true).doubles(), logarithms, relative: 1e-15)
    let turned = try x.transposed().softmax(along: 0).transposed()
    assertClose(try turned.doubles(), expected, relative: 1e-15)
  }

  @Test func sortingIsStableAndPutsNaNLast() throws {
    let x = try Tensor([3, .nan, -1, 0, -0.0, 3, -.infinity, .infinity])
    let (values, indices) = try x.sorted(along: 0)
    #expect(try indices.integers() == [6, 2, 3, 4, 0, 5, 7, 1])
    #expect(try values.doubles().last?.isNaN == true)
    #expect(try x.sorted(along: 0, descending: true).indices.integers() == [7, 0, 5, 3, 4, 2, 6, 1])
  }

  @Test(arguments: [DType.float32, .float64, .int64], [false, true])
  func longLinesSortAsTheLibrarySorts(dtype: DType, descending: Bool) throws {
    let x = try Tensor(.float64, [3, 1000])
    try Generator(seed: 31).fillNormal(x, std: 300)
    let source = try x.to(dtype).transposed()
    let (values, indices) = try source.sorted(along: 0, descending: descending)
    for column in 0..<3 {
      let line = try source.select(1, column).doubles()
      let order = line.indices.sorted { line[$0] == line[$1] ? $0 < $1 : (line[$0] < line[$1]) != descending }
      #expect(try indices.select(1, column).integers() == order.map { Int64($0) }, "seed 31")
      #expect(try values.select(1, column).doubles() == order.map { line[$0] }, "seed 31")
    }
  }

  @Test func wholeNumbersSortExactly() throws {
    let x = try Tensor(integers: [9_007_199_254_740_993, 9_007_199_254_740_992, .min, .max, 0], shape: [5])
    #expect(try x.sorted(along: 0).indices.integers() == [2, 4, 1, 0, 3])
    #expect(try x.sorted(along: 0, descending: true).indices.integers() == [3, 0, 1, 4, 2])
  }
}
