import Kernels
import Lab
import Networks
import Tensors
import TestSupport
import Testing

private func ladder(_ n: Int) -> [Double] { (0..<n).map { Double(($0 * 7919 + 13) % 1009 - 400) } }

private func tensor(_ values: [Double], _ shape: Extents, _ dtype: DType) throws -> Tensor {
  let tensor = try Tensor(dtype, shape)
  for (index, value) in values.enumerated() {
    switch dtype {
    case .float32: tensor.pointer(Float.self)[index] = Float(value)
    case .float64: tensor.pointer(Double.self)[index] = value
    case .int64: tensor.pointer(Int64.self)[index] = Int64(value)
    case .bool: tensor.pointer(UInt8.self)[index] = value == 0 ? 0 : 1
    }
  }
  return tensor
}

/// `[60, 83]`, columns 5 and 40 and row 7 all 0, otherwise `v * abs(v) * 0.37`.
private func batch(_ dtype: DType, scale: Double = 1) throws -> Tensor {
  let values = ladder(60 * 83).enumerated().map { index, v in
    index % 83 == 5 || index % 83 == 40 || index / 83 == 7 ? 0 : v * abs(v) * 0.37 * scale
  }
  return try tensor(values, [60, 83], dtype)
}

@Suite struct StatisticsTests {
  // Golden numbers: NumPy 2.4 by
  //   i = np.arange(60*83); v = (i*7919 + 13) % 1009 - 400.; m = (v*abs(v)*0.37).reshape(60, 83)
  //   m[:, 5] = m[:, 40] = m[7] = 0; m = m.astype(np.float32).astype(float)
  //   m.std(0).mean(), (m == 0).all(0).mean(), (m == 0).mean()
  //   nz = m[(m != 0).any(1)]; u = nz / np.linalg.norm(nz, axis=1, keepdims=True); c = u @ u.T; n = len(u)
  //   (c.sum() - np.trace(c)) / (n*(n - 1))
  @Test func batchMeasuresAreThoseOfNumPy() throws {
    let figures = try Statistics(of: batch(.float32))
    #expect(figures.count == 4980)
    assertClose(figures.batchStandardDeviation, 44946.84370290207, "batch_std")
    assertClose(figures.dead, 0.024096385542168676, "dead")
    assertClose(figures.zeros, 0.04116465863453815, "zeros")
    assertClose(figures.cosine, 0.13749427907959968, "cosine")
    #expect(figures.saturated == 0)
  }

  @Test(arguments: [
    (DType.float32, 1e-23), (.float32, 1e-30), (.float32, 1e30), (.float64, 1e-200), (.float64, 1e-300),
    (.float64, 1e290),
  ])
  func batchMeasuresHoldAtEveryScale(dtype: DType, scale: Double) throws {
    let figures = try Statistics(of: batch(dtype, scale: scale))
    // A float32 element keeps 24 bits, so its measures agree to those only.
    let relative = dtype == .float32 ? 1e-7 : 1e-8
    assertClose(figures.batchStandardDeviation, 44946.84370290207 * scale, relative: relative, "batch_std")
    assertClose(figures.cosine, 0.13749427907959968, relative: relative, "cosine")
    assertClose(figures.dead, 2.0 / 83)
    #expect(figures.std > 0)
  }

  @Test func samplesOfVeryDifferentScaleHaveTheirCosine() throws {
    // Rows (1, 1), (1e-200, 0) and (0, -1e200): cosines 1/sqrt 2, -1/sqrt 2 and 0; and one of zeros, which is left out.
    let rows = try tensor([1, 1, 1e-200, 0, 0, -1e200, 0, 0], [4, 2], .float64)
    assertClose(try Statistics(of: rows).cosine, 0, absolute: 1e-15)
    let alike = try tensor([.leastNonzeroMagnitude * 6072, 0, 1e300, 0], [2, 2], .float64)
    assertClose(try Statistics(of: alike).cosine, 1, relative: 1e-15)
    let one = try tensor([0, 0, 1, 2], [2, 2], .float32)
    #expect(try Statistics(of: one).cosine.isNaN)
  }

  @Test func unitsBeyondTheSecondDimensionCountAsUnits() throws {
    let flat = try Statistics(of: tensor(ladder(4 * 30), [4, 30], .float64))
    let deep = try Statistics(of: tensor(ladder(4 * 30), [4, 5, 6], .float64))
    #expect(flat.batchStandardDeviation == deep.batchStandardDeviation)
    #expect(flat.cosine == deep.cosine)
  }

  @Test func withoutABatchItsMeasuresAreNaN() throws {
    for shape in [Extents([6]), Extents([])] {
      let figures = try Statistics(of: tensor(Array(ladder(6).prefix(shape.product)), shape, .float32))
      #expect(figures.count == shape.product)
      #expect(figures.dead.isNaN && figures.batchStandardDeviation.isNaN && figures.cosine.isNaN)
      #expect(!figures.mean.isNaN)
    }
  }

  @Test func oneSampleHasNoSpreadOverTheBatch() throws {
    let figures = try Statistics(of: tensor(ladder(6), [1, 6], .float32))
    #expect(figures.batchStandardDeviation == 0)
    #expect(figures.cosine.isNaN)
  }

  @Test func anEmptyTensorHasOnlyCounts() throws {
    for shape in [Extents([0]), Extents([0, 3]), Extents([3, 0])] {
      let figures = try Statistics(of: Tensor(.float32, shape))
      for name in Statistics.names where !["count", "underflow", "nan", "inf"].contains(name) {
        #expect(figures.value(named: name)?.isNaN == true, "\(name)")
      }
      #expect(figures.count == 0 && figures.nan == 0)
      #expect(figures.percentiles.map(\.percent) == [15, 50, 85])
      #expect(figures.percentiles.filter { !$0.value.isNaN }.isEmpty)
      #expect(figures.histogram.counts == [Int](repeating: 0, count: 50))
      #expect(figures.histogram.edges.first == 0 && figures.histogram.edges.last == 1)
    }
  }

  @Test func nanSpoilsMomentsAndSparesCounts() throws {
    let figures = try Statistics(of: tensor([0, .nan, 1, .infinity, 0, 2], [3, 2], .float32), bins: 2)
    #expect(figures.mean.isNaN && figures.percentile(50)?.isNaN == true && figures.cosine.isNaN)
    #expect(figures.batchStandardDeviation.isNaN)
    #expect(figures.nan == 1 && figures.inf == 1)
    assertClose(figures.zeros, 1.0 / 3)
    #expect(figures.dead == 0)
    #expect(figures.histogram == Histogram(counts: [2, 2], edges: [0, 1, 2]))
  }

  @Test func stridesAreFollowed() throws {
    let whole = try batch(.float32)
    let transposed = Tensor(storage: whole.storage, shape: [83, 60], strides: [1, 83])
    let figures = try Statistics(of: transposed)
    assertClose(figures.std, try Statistics(of: whole).std)
    // One row, number 7 of the samples, is the dead unit now.
    assertClose(figures.dead, 1.0 / 60)
  }

  @Test func integersAndMasksAreMeasuredAsNumbers() throws {
    let integers = try Statistics(of: tensor([1, 2, 3, 6], [4], .int64))
    #expect(integers.mean == 3)
    assertClose(integers.variance, 3.5)
    let mask = try Statistics(of: tensor([1, 0, 0, 1], [4], .bool))
    #expect(mask.mean == 0.5 && mask.zeros == 0.5)
  }

  @Test func saturationIsTheSharePastOnePercentOfTheRange() throws {
    let values: [Double] = [-1, -0.981, -0.979, 0, 0.5, 0.979, 0.9801, 1]
    let figures = try Statistics(of: tensor(values, [8], .float64), activationRange: (-1, 1))
    #expect(figures.saturated == 0.5)
  }

  @Test func underflowCountsSubnormalsOfTheDType() throws {
    let values: [Double] = [0, 1e-39, -1e-44, 1e-37]
    #expect(try Statistics(of: tensor(values, [4], .float32)).underflow == 2)
    #expect(try Statistics(of: tensor(values, [4], .float64)).underflow == 0)
  }

  @Test func badOptionsAreRefused() throws {
    let data = try tensor([1, 2], [2], .float32)
    #expect(throws: LabError.percentile(101)) { try Statistics(of: data, percentiles: [50, 101]) }
    #expect(throws: LabError.self) { try Statistics(of: data, percentiles: [.nan]) }
    #expect(throws: LabError.bins(0, maximum: 1_000_000)) { try Statistics(of: data, bins: 0) }
    #expect(throws: LabError.limits(2, 1)) { try Histogram(of: data, lower: 2, upper: 1) }
    #expect(LabError.percentile(101).description == "percentiles: expected numbers from 0 to 100, got 101.0")
    #expect(LabError.bins(0, maximum: 9).description == "bins: expected a number from 1 to 9, got 0")
    #expect(
      LabError.limits(2, 1).description == "histogram: expected finite limits, the lower first, got 2.0 and 1.0")
  }

  @Test func histogramsOfTensorsTakeLimits() throws {
    let data = try tensor([0, 1, 10, 100, 1000, .nan], [2, 3], .float64)
    #expect(try Histogram(of: data, bins: 2, lower: 0, upper: 20).counts == [2, 1])
    #expect(try Histogram(of: data, bins: 3, quantity: .logMagnitude).counts == [1, 1, 2])
    #expect(try Histogram(of: data, bins: 3, quantity: .logMagnitude).edges == [0, 1, 2, 3])
  }
}
