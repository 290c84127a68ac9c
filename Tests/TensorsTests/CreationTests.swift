import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct CreationTests {
  @Test func rangesIncludeTheirEnd() throws {
    #expect(try Tensor.arange(1, 5).doubles() == [1, 2, 3, 4, 5])
    #expect(try Tensor.arange(1, 5, step: 3).doubles() == [1, 4])
    #expect(try Tensor.arange(3, 1, step: -1, .int64).integers() == [3, 2, 1])
    #expect(try Tensor.arange(1, 0).count == 0)
    #expect(try Tensor.arange(2, 2).doubles() == [2])
  }

  @Test func rangesForgiveRounding() throws {
    // 0.1 * 3 is above 0.3 and 0.3 / 0.1 below 3, yet a user counts four numbers
    #expect(try Tensor.arange(0, 0.3, step: 0.1, .float64).doubles() == [0, 0.1, 0.2, 0.3])
    #expect(try Tensor.arange(0, 1, step: 0.1).count == 11)
    #expect(try Tensor.arange(-1, 1, step: 0.05, .float64).count == 41)
    #expect(try Tensor.arange(0, 0.95, step: 0.1).count == 10)
    #expect(try Tensor.arange(1e6, 1e6 + 1, step: 1e-3).count == 1001)
  }

  @Test func linspaceHitsBothEnds() throws {
    let line = try Tensor.linspace(0, 0.3, 4, .float64).doubles()
    assertClose(line, [0, 0.1, 0.2, 0.3], relative: 1e-15)
    #expect(line.last == 0.3)
    #expect(try Tensor.linspace(5, 9, 1).doubles() == [5])
    #expect(try Tensor.linspace(5, 9, 0).count == 0)
  }

  @Test func eyeIsTheIdentity() throws {
    #expect(try Tensor.eye(3, .int64).integers() == [1, 0, 0, 0, 1, 0, 0, 0, 1])
    #expect(try Tensor.eye(0).shape == [0, 0])
  }

  @Test func elementsReadBackExactly() throws {
    let large: Int64 = 9_007_199_254_740_993
    let tensor = try Tensor(integers: [1, large], shape: [2])
    #expect(try tensor.element(at: [1]) == .integer(large))
    try tensor.setElement(.integer(large + 2), at: [0])
    #expect(try tensor.integers() == [large + 2, large])
    #expect(try Tensor.scalar(2.5).item() == .number(2.5))
  }

  @Test func dtypesConvert() throws {
    let x = try Tensor([-1.9, 0, 2.5], .float64)
    #expect(try x.to(.int64).integers() == [-1, 0, 2])
    #expect(try x.to(.bool).integers() == [1, 0, 1])
    #expect(try x.to(.bool).to(.float32).doubles() == [1, 0, 1])
    #expect(try Tensor([0.1], .float64).to(.float32).doubles() == [Double(Float(0.1))])
  }

  @Test func errorsSayWhatWasWrong() throws {
    #expect(errorText { _ = try Tensor.zeros([2, -1]) } == "zeros: expected extents of at least 0, got [2, -1]")
    #expect(
      errorText { _ = try Tensor([1, 2, 3], shape: [2, 2]) }
        == "tensor: expected as many numbers as shape [2, 2] has elements, got 3")
    #expect(
      errorText { _ = try Tensor.full([2], 1.5, .int64) } == "full: expected a whole number for dtype int64, got 1.5")
    #expect(
      errorText { _ = try Tensor([1, .nan]).to(.int64) } == "to: expected numbers that int64 can hold, got nan")
    #expect(
      errorText { _ = try Tensor([1e19]).to(.int64) }
        == "to: expected numbers that int64 can hold, got 9.999999980506448e+18")
    #expect(
      errorText { _ = try Tensor.arange(0, 1, step: 0) }
        == "arange: expected finite bounds, a step other than 0 and a dtype of numbers, got 0.0, 1.0, 0.0 and float32")
    #expect(
      errorText { _ = try Extents.checked([Int](repeating: 1, count: 9), "zeros") }
        == "zeros: expected at most 8 dimensions, got 9")
    #expect(
      errorText { _ = try Tensor.zeros([2]).element(at: [2]) }
        == "index: expected an index from 1 to 2 along dimension 1, got 3")
    #expect(errorText { _ = try Tensor.zeros([2]).item() } == "item: expected a tensor of one element, got shape [2]")
    #expect(errorText { _ = try Tensor.arange(0, 1e300) }.hasPrefix("not enough memory"))
    #expect(errorText { _ = try Tensor.zeros([1 << 40, 1 << 40]) }.hasPrefix("not enough memory"))
  }
}
