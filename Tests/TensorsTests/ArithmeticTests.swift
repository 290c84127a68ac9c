import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct ArithmeticTests {
  // python3 -c "import numpy as np; a=np.array([[1.,-2,3],[4,5,-6.5]]); b=np.array([2.,-3,.5])
  // for f in (np.add,np.subtract,np.multiply,np.divide,np.floor_divide,np.mod,np.maximum,np.minimum): print(f(a,b).ravel().tolist())"
  @Test(
    arguments: [
      (.add, [3.0, -5.0, 3.5, 6.0, 2.0, -6.0]),
      (.subtract, [-1.0, 1.0, 2.5, 2.0, 8.0, -7.0]),
      (.multiply, [2.0, 6.0, 1.5, 8.0, -15.0, -3.25]),
      (.divide, [0.5, 2.0 / 3, 6.0, 2.0, -5.0 / 3, -13.0]),
      (.floorDivide, [0.0, 0.0, 6.0, 2.0, -2.0, -13.0]),
      (.modulo, [1.0, -2.0, 0.0, 0.0, -1.0, 0.0]),
      (.maximum, [2.0, -2.0, 3.0, 4.0, 5.0, 0.5]),
      (.minimum, [1.0, -3.0, 0.5, 2.0, -3.0, -6.5]),
    ] as [(BinaryOperation, [Double])], [DType.float32, .float64])
  func rowsBroadcast(_ row: (BinaryOperation, [Double]), dtype: DType) throws {
    let a = try Tensor([1, -2, 3, 4, 5, -6.5], shape: [2, 3], dtype)
    let b = try Tensor([2, -3, 0.5], dtype)
    let tolerance = dtype == .float32 ? 1e-7 : 1e-15
    assertClose(try Tensor.apply(row.0, a, b).doubles(), row.1, relative: tolerance, row.0.rawValue)
    // the same through views that are not contiguous
    let strided = try a.transposed().clone().transposed()
    #expect(!strided.isContiguous)
    assertClose(try Tensor.apply(row.0, strided, b).doubles(), row.1, relative: tolerance, row.0.rawValue)
  }

  @Test func powersAreThoseOfC() throws {
    let x = try Tensor([-2, 0, 4, -8], .float64)
    #expect(try Tensor.apply(.power, x, 3).doubles() == [-8, 0, 64, -512])
    #expect(try Tensor.apply(.power, x, 2).doubles() == [4, 0, 16, 64])
    #expect(try Tensor.apply(.power, x, -1).doubles() == [-0.5, .infinity, 0.25, -0.125])
    #expect(try Tensor.apply(.power, x, 0.5).doubles()[0].isNaN)
    #expect(try Tensor.apply(.power, 2, x).doubles() == [0.25, 1, 16, 1.0 / 256])
  }

  @Test func moduloOfInfinityIsLuas() throws {
    let x = try Tensor([5, -5], .float64)
    // lua5.4 -e "print(5 % math.huge, -5 % math.huge, 5 % -math.huge, -5 % -math.huge)"
    #expect(try Tensor.apply(.modulo, x, .number(.infinity)).doubles() == [5, .infinity])
    #expect(try Tensor.apply(.modulo, x, .number(-.infinity)).doubles() == [-.infinity, -5])
  }

  @Test func integersKeepTheirTypeAndWrapAround() throws {
    let a = try Tensor(integers: [7, -7, .max, .min], shape: [4])
    let b = try Tensor(integers: [2, 2, 1, -1], shape: [4])
    #expect(try Tensor.apply(.add, a, b).integers() == [9, -5, .min, .max])
    #expect(try Tensor.apply(.floorDivide, a, b).integers() == [3, -4, .max, .min])
    #expect(try Tensor.apply(.modulo, a, b).integers() == [1, 1, 0, 0])
    #expect(try Tensor.apply(.multiply, a, 2).dtype == .int64)
    #expect(try Tensor.apply(.multiply, a, 2.0).dtype == .float32)
    #expect(try Tensor.apply(.divide, a, b, defaultFloat: .float64).doubles()[0] == 3.5)
    #expect(try Tensor.apply(.divide, a, b).dtype == .float32)
  }

  @Test func dtypesMeetAsPromised() throws {
    func meet(_ a: DType, _ b: DType) throws -> DType {
      try Tensor.apply(.add, try Tensor.ones([2], a), try Tensor.ones([2], b)).dtype
    }
    #expect(try meet(.float32, .float64) == .float64)
    #expect(try meet(.float32, .int64) == .float32)
    #expect(try meet(.bool, .float64) == .float64)
    #expect(try meet(.bool, .bool) == .int64)
    #expect(try Tensor.apply(.add, try Tensor.ones([1], .float32), 0.1).dtype == .float32)
  }

  @Test func inPlaceOnItsOwnTransposeReadsWhatWasThere() throws {
    let a = try Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], shape: [3, 3], .float64)
    try a.applyInPlace(.add, .tensor(try a.transposed()))
    #expect(try a.doubles() == [2, 6, 10, 6, 10, 14, 10, 14, 18])
    try a.applyInPlace(.multiply, .tensor(a))
    #expect(try a.doubles() == [4, 36, 100, 36, 100, 196, 100, 196, 324])
  }

  @Test func inPlaceOnAViewChangesItsPartOnly() throws {
    let a = try Tensor.zeros([3, 4])
    try a.narrow(1, 1, 2).applyInPlace(.add, .scalar(1.5))
    #expect(try a.doubles() == [0, 1.5, 1.5, 0, 0, 1.5, 1.5, 0, 0, 1.5, 1.5, 0])
    try a.select(0, 1).applyInPlace(.subtract, .tensor(try Tensor([1, 2, 3, 4])))
    #expect(try a.doubles() == [0, 1.5, 1.5, 0, -1, -0.5, -1.5, -4, 0, 1.5, 1.5, 0])
  }

  @Test func manyDimensionsBroadcast() throws {
    // [2,1,3,1,2] + [4,1,5,1] counted out by indices
    let a = try Tensor.arange(0, 11, .float64).reshape([2, 1, 3, 1, 2])
    let b = try Tensor.arange(0, 19, .float64).reshape([4, 1, 5, 1])
    let sum = try Tensor.apply(.add, a, b)
    #expect(sum.shape == [2, 4, 3, 5, 2])
    var expected = [Double]()
    for i in 0..<2 {
      for j in 0..<4 {
        for k in 0..<3 {
          for l in 0..<5 { for m in 0..<2 { expected.append(Double((i * 3 + k) * 2 + m + j * 5 + l)) } }
        }
      }
    }
    #expect(try sum.doubles() == expected)
  }

  @Test func emptyTensorsStayEmpty() throws {
    let sum = try Tensor.apply(.add, try Tensor.zeros([0, 3]), try Tensor.zeros([1, 3]))
    #expect(sum.shape == [0, 3])
  }

  @Test func errorsNameTheOperationAndTheShapes() throws {
    let a = try Tensor.zeros([2, 3])
    let whole = try Tensor(integers: [1, 2], shape: [2])
    #expect(throws: TensorError.shapesDoNotBroadcast(operation: "add", [2, 3], [4])) {
      try Tensor.apply(.add, a, try Tensor.zeros([4]))
    }
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "no error"
    }
    #expect(
      message { _ = try Tensor.apply(.modulo, whole, 0) } == "mod: expected an int64 divisor other than 0, got 0")
    #expect(
      message { try whole.applyInPlace(.add, .scalar(0.5)) }
        == "add_: expected a result that dtype int64 can hold, got floats; to(\"float32\") first")
    #expect(
      message { try a.select(0, 0).broadcast(to: [4, 3]).applyInPlace(.add, .scalar(1)) }
        == "add_: expected a tensor with an element of its own at every index, got an expanded view [4, 3]; clone() it first"
    )
    #expect(
      message { try Tensor.zeros([3]).applyInPlace(.add, .tensor(a)) }
        == "add_: shapes [2, 3] and [3] do not broadcast; extents must be equal or 1, counted from the last")
  }
}

@Suite struct ComparisonTests {
  @Test func nanIsUnequalToEverything() throws {
    let x = try Tensor([1, .nan, 3], .float32)
    func mask(_ comparison: Comparison, _ right: Operand) throws -> [Int64] {
      try Tensor.compare(comparison, .tensor(x), right).integers()
    }
    #expect(try mask(.equal, .tensor(x)) == [1, 0, 1])
    #expect(try mask(.notEqual, .tensor(x)) == [0, 1, 0])
    #expect(try mask(.less, .scalar(3)) == [1, 0, 0])
    #expect(try mask(.lessOrEqual, .scalar(3)) == [1, 0, 1])
    #expect(try mask(.greater, .scalar(1)) == [0, 0, 1])
    #expect(try mask(.greaterOrEqual, .scalar(1)) == [1, 0, 1])
  }

  @Test func integersCompareExactly() throws {
    let large = try Tensor(integers: [9_007_199_254_740_993], shape: [1])
    #expect(try Tensor.compare(.equal, .tensor(large), .scalar(9_007_199_254_740_992)).integers() == [0])
    #expect(try Tensor.compare(.greater, .tensor(large), .scalar(9_007_199_254_740_992)).integers() == [1])
  }

  @Test func aNumberMeetsAFloatTensorInItsDtype() throws {
    let tenth = try Tensor([0.1], .float32)
    #expect(try Tensor.compare(.equal, .tensor(tenth), .scalar(0.1)).integers() == [1])
  }

  @Test func chooseTakesFromBothSides() throws {
    let mask = try Tensor.compare(.greater, .tensor(try Tensor([1, -1, 2])), .scalar(0))
    let chosen = try Tensor.choose(mask, .tensor(try Tensor([10, 20, 30], shape: [1, 3])), .scalar(-0.5))
    #expect(try chosen.doubles() == [10, -0.5, 30])
    #expect(chosen.shape == [1, 3] && chosen.dtype == .float32)
  }
}
