import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct ReductionTests {
  private static let numbers: [Double] = [1.5, -2, 3, 4, 0.25, -6, 7, 8, -9.5, 0, 1, 2]
  private static let groups: [[Int]?] = [nil, [0], [1], [2], [0, 2]]

  // python3 -c "import numpy as np; x=np.array([[[1.5,-2,3],[4,.25,-6]],[[7,8,-9.5],[0,1,2]]])
  // for n in ('sum','prod','mean','var','std','min','max'): print(n, [getattr(np,n)(x,axis=a).ravel().tolist() for a in (None,0,1,2,(0,2))])
  // print([np.sqrt((x*x).sum(axis=a)).ravel().tolist() for a in (None,0,1,2,(0,2))])"
  @Test(
    arguments: [
      (
        .sum,
        [
          [9.25], [8.5, 6.0, -6.5, 4.0, 1.25, -4.0], [5.5, -1.75, -3.0, 7.0, 9.0, -7.5], [2.5, -1.75, 5.5, 3.0],
          [8.0, 1.25],
        ]
      ),
      (
        .product,
        [
          [-0.0], [10.5, -16.0, -28.5, 0.0, 0.25, -12.0], [6.0, -0.5, -18.0, 0.0, 8.0, -19.0],
          [-9.0, -6.0, -532.0, 0.0], [4788.0, -0.0],
        ]
      ),
      (
        .mean,
        [
          [0.7708333333333334], [4.25, 3.0, -3.25, 2.0, 0.625, -2.0], [2.75, -0.875, -1.5, 3.5, 4.5, -3.75],
          [0.8333333333333334, -0.5833333333333334, 1.8333333333333333, 1.0],
          [1.3333333333333333, 0.20833333333333334],
        ]
      ),
      (
        .variance,
        [
          [22.36935763888889], [7.5625, 25.0, 39.0625, 4.0, 0.140625, 16.0],
          [1.5625, 1.265625, 20.25, 12.25, 12.25, 33.0625],
          [4.388888888888889, 17.01388888888889, 64.3888888888889, 0.6666666666666666],
          [34.63888888888889, 9.467013888888888],
        ]
      ),
      (
        .standardDeviation,
        [
          [4.729625528399568], [2.75, 5.0, 6.25, 2.0, 0.375, 4.0], [1.25, 1.125, 4.5, 3.5, 3.5, 5.75],
          [2.0949675149960894, 4.124789556921527, 8.024268744807149, 0.816496580927726],
          [5.885481194336525, 3.0768512945686677],
        ]
      ),
      (
        .minimum,
        [
          [-9.5], [1.5, -2.0, -9.5, 0.0, 0.25, -6.0], [1.5, -2.0, -6.0, 0.0, 1.0, -9.5], [-2.0, -6.0, -9.5, 0.0],
          [-9.5, -6.0],
        ]
      ),
      (
        .maximum,
        [[8.0], [7.0, 8.0, 3.0, 4.0, 1.0, 2.0], [4.0, 0.25, 3.0, 7.0, 8.0, 2.0], [3.0, 4.0, 8.0, 2.0], [8.0, 4.0]]
      ),
      (
        .norm,
        [
          [16.60007530103403],
          [7.158910531638177, 8.246211251235321, 9.962429422585638, 4.0, 1.0307764064044151, 6.324555320336759],
          [4.272001872658765, 2.0155644370746373, 6.708203932499369, 7.0, 8.06225774829855, 9.7082439194738],
          [3.905124837953327, 7.215434844830906, 14.256577429383253, 2.23606797749979],
          [14.781745499094482, 7.553972464869064],
        ]
      ),
    ] as [(Reduction, [[Double]])], [DType.float32, .float64])
  func agreesWithNumPy(_ row: (Reduction, [[Double]]), dtype: DType) throws {
    let x = try Tensor(ReductionTests.numbers, shape: [2, 2, 3], dtype)
    let turned = try x.permute([2, 0, 1]).clone().permute([1, 2, 0])
    #expect(!turned.isContiguous)
    let tolerance = dtype == .float32 ? 1e-7 : 1e-15
    for (group, expected) in zip(ReductionTests.groups, row.1) {
      for source in [x, turned] {
        let result = try source.reduced(row.0, along: group)
        #expect(result.dtype == dtype)
        assertClose(try result.doubles(), expected, relative: tolerance, "\(row.0) \(group ?? [])")
      }
    }
  }

  @Test func shapesDropOrKeepDimensions() throws {
    let x = try Tensor.zeros([2, 3, 4])
    #expect(try x.reduced(.sum).shape == [])
    #expect(try x.reduced(.sum, along: [1]).shape == [2, 4])
    #expect(try x.reduced(.sum, along: [2, 0], keepDimensions: true).shape == [1, 3, 1])
    #expect(try x.reduced(.mean, keepDimensions: true).shape == [1, 1, 1])
    #expect(try x.extremes(largest: true, along: 1, keepDimension: true).indices.shape == [2, 1, 4])
  }

  @Test func sumsAreExactWhereFloat32IsNot() throws {
    // added one by one to 2^24, ones are lost in float32
    let x = try Tensor.ones([1001])
    try x.setElement(0x1p24, at: [0])
    #expect(try x.reduced(.sum).item().double == 0x1p24 + 1000)
    #expect(try x.unsqueeze(1).reduced(.sum, along: [0]).doubles() == [0x1p24 + 1000])
    let tenths = try Tensor.full([100_003], 0.1, .float32)
    #expect(try tenths.reduced(.sum).item().double == Double(Float(Double(Float(0.1)) * 100_003)))
  }

  @Test func everyNumberOfALongRowCountsOnce() throws {
    // 0, 1, ..., n-1 sum to n (n-1)/2, their squares to n (n-1) (2n-1)/6: around the lengths that are read in quarters
    for n in [4095, 4096, 4097, 4111, 4112, 4159, 4160, 5003, 65_535, 65_536, 65_537, 69_633] {
      let numbers = (0..<n).map { Double($0) }
      for dtype in [DType.float32, .float64] {
        let x = try Tensor(numbers, dtype)
        let (sum, squares) = (Double(n * (n - 1) / 2), Double(n * (n - 1) * (2 * n - 1) / 6))
        let what = "\(n) \(dtype)"
        assertClose(try x.reduced(.sum).item().double, sum, relative: dtype == .float32 ? 6e-8 : 0, what)
        assertClose(try x.reduced(.norm).item().double, squares.squareRoot(), relative: 1.2e-7, what)
      }
    }
  }

  @Test(arguments: [1e-30, 1, 1e30])
  func float32StatisticsHoldAtEveryScale(scale: Double) throws {
    let x = try Tensor([1, 2, 3, 4].map { $0 * scale }, .float32)
    assertClose(try x.reduced(.standardDeviation).item().double, 1.25.squareRoot() * scale, relative: 2e-7)
    assertClose(try x.reduced(.norm).item().double, 30.0.squareRoot() * scale, relative: 2e-7)
  }

  @Test(arguments: [1e-200, 1e200])
  func float64NormsNeitherOverflowNorVanish(scale: Double) throws {
    let x = try Tensor([3 * scale, -4 * scale, 0, 0], shape: [2, 2], .float64)
    assertClose(try x.reduced(.norm).item().double, 5 * scale, relative: 1e-15)
    assertClose(try x.reduced(.norm, along: [1]).doubles(), [5 * scale, 0], relative: 1e-15)
    let infinite = try Tensor([.infinity, 1, .nan, 1], shape: [2, 2], .float64)
    let norms = try infinite.reduced(.norm, along: [1]).doubles()
    #expect(norms[0] == .infinity && norms[1].isNaN)
  }

  @Test func varianceOfALargeMeanKeepsItsDigits() throws {
    let x = try Tensor([1e8 + 1, 1e8 + 2, 1e8 + 3], .float64)
    assertClose(try x.reduced(.variance).item().double, 2.0 / 3, relative: 1e-14)
    assertClose(try x.reduced(.variance, unbiased: true).item().double, 1, relative: 1e-14)
    #expect(try Tensor([5]).reduced(.variance, unbiased: true).item().double.isNaN)
    #expect(try Tensor([5]).reduced(.variance).item().double == 0)
  }

  @Test func nanWinsOverExtremes() throws {
    var values = (0..<40).map { Double($0) }
    values[17] = .nan
    values[30] = .nan
    let x = try Tensor(values)
    #expect(try x.reduced(.minimum).item().double.isNaN && x.reduced(.maximum).item().double.isNaN)
    #expect(try x.extremeIndices(largest: true).integers() == [17])
    #expect(try x.extremeIndices(largest: false).integers() == [17])
    let table = try x.reshape([4, 10])
    #expect(try table.reduced(.maximum, along: [1]).doubles().map(\.isNaN) == [false, true, false, true])
    #expect(try table.reduced(.minimum, along: [0]).doubles().map(\.isNaN).firstIndex(of: true) == 0)
  }

  @Test func extremesOfLongRowsFindEveryPlace() throws {
    for place in 0..<50 {
      let x = try Tensor.zeros([50], .float64)
      try x.setElement(-1, at: [place])
      #expect(try x.reduced(.minimum).item().double == -1)
      try x.setElement(2, at: [place])
      #expect(try x.reduced(.maximum).item().double == 2)
    }
  }

  @Test func indicesAreOfTheFirstOfEquals() throws {
    let x = try Tensor([3, 1, 3, 0, 7, 0], shape: [2, 3], .int64)
    let (values, indices) = try x.extremes(largest: true, along: 1)
    #expect(try values.integers() == [3, 7] && indices.integers() == [0, 1])
    #expect(try x.extremeIndices(largest: false, along: 0).integers() == [1, 0, 1])
    #expect(try x.extremes(largest: false, along: 0).values.integers() == [0, 1, 0])
    #expect(try x.transposed().extremeIndices(largest: true).integers() == [3])
  }

  @Test func integersAndMasksCount() throws {
    let whole = try Tensor(integers: [9_007_199_254_740_993, 2, 3], shape: [3])
    #expect(try whole.reduced(.sum).item() == .integer(9_007_199_254_740_998))
    #expect(try whole.narrow(0, 1, 2).reduced(.product).item() == .integer(6))
    #expect(try whole.narrow(0, 1, 2).reduced(.mean).item() == .number(2.5))
    let mask = try Tensor([1, 0, 1, 1], shape: [2, 2], .bool)
    #expect(try mask.reduced(.sum).item() == .integer(3))
    #expect(try mask.reduced(.all, along: [1]).integers() == [0, 1])
    #expect(try mask.reduced(.any, along: [0]).integers() == [1, 1])
    #expect(try mask.reduced(.maximum).dtype == .bool)
    #expect(try Tensor([.nan, 0]).reduced(.any).item().double == 1)
  }

  @Test func nothingHasItsConventions() throws {
    let empty = try Tensor.zeros([0, 3])
    #expect(try empty.reduced(.sum, along: [0]).doubles() == [0, 0, 0])
    #expect(try empty.reduced(.product).item().double == 1)
    #expect(try empty.reduced(.mean).item().double.isNaN && empty.reduced(.variance).item().double.isNaN)
    #expect(try empty.reduced(.all).item().double == 1 && empty.reduced(.any).item().double == 0)
    #expect(try empty.reduced(.maximum, along: [1]).shape == [0])
    #expect(errorText { _ = try empty.reduced(.minimum) } == "min: expected at least one element, got shape [0, 3]")
    #expect(
      errorText { _ = try empty.extremes(largest: true, along: 0) }
        == "max: expected at least one element, got shape [0, 3]")
    #expect(
      errorText { _ = try empty.extremeIndices(largest: true) }
        == "argmax: expected at least one element, got shape [0, 3]")
  }

  @Test func errorsCountFromOne() throws {
    let x = try Tensor.zeros([2, 3])
    #expect(errorText { _ = try x.reduced(.sum, along: [2]) } == "sum: expected a dimension from 1 to 2, got 3")
    #expect(
      errorText { _ = try x.reduced(.variance, along: [1, 1]) } == "var: expected each dimension once, got 2 twice")
  }
}
