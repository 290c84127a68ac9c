import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct ProductTests {
  /// The product by its definition, of tensors with equal leading extents.
  private func definition(_ a: Tensor, _ b: Tensor) throws -> [Double] {
    let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    let (x, y) = (try a.doubles(), try b.doubles())
    var result = [Double]()
    for batch in 0..<(a.count / (m * k)) {
      for i in 0..<m {
        for j in 0..<n {
          result.append((0..<k).reduce(0) { $0 + x[(batch * m + i) * k + $1] * y[(batch * k + $1) * n + j] })
        }
      }
    }
    return result
  }

  private func random(_ shape: Extents, _ dtype: DType) throws -> Tensor {
    let tensor = try Tensor(dtype, shape)
    try Generator(seed: 17).fillIntegers(tensor, low: -9, high: 9)
    return tensor
  }

  @Test(arguments: [DType.float32, .float64])
  func everyLayoutGivesTheSameProduct(dtype: DType) throws {
    let (a, b) = (try random([5, 7], dtype), try random([7, 3], dtype))
    let expected = try definition(a, b)
    let layouts: [(Tensor) throws -> Tensor] = [
      { $0 },
      { try $0.transposed().clone().transposed() },
      { try Tensor.cat([$0, $0], along: 1).narrow(1, 0, $0.shape[1]) },
      { try Tensor.stack([$0, $0], along: 2).select(2, 1) },
    ]
    for left in layouts {
      for right in layouts {
        let product = try Tensor.matmul(left(a), right(b))
        #expect(product.dtype == dtype && product.shape == [5, 3])
        #expect(try product.doubles() == expected)
      }
    }
  }

  @Test func vectorsLoseTheirDimension() throws {
    let (a, x) = (try random([4, 3], .float64), try random([3], .float64))
    #expect(try Tensor.matmul(a, x).shape == [4])
    #expect(try Tensor.matmul(a, x).doubles() == definition(a, x.unsqueeze(1)))
    #expect(try Tensor.matmul(x, a.transposed()).doubles() == definition(x.unsqueeze(0), a.transposed()))
    let dot = try Tensor.matmul(x, x)
    #expect(dot.shape == [])
    #expect(try dot.doubles() == definition(x.unsqueeze(0), x.unsqueeze(1)))
    #expect(try Tensor.matmul(x.broadcast(to: [2, 3]), x).doubles() == [dot.item().double, dot.item().double])
  }

  /// Whole numbers whose sums float32 has exactly as far as OpenBLAS sums them, and float64 all of them.
  @Test(arguments: [1, 4095, 4097, 131_072, 131_073, 300_001])
  func longDotProductsAreExact(count: Int) throws {
    for dtype in [DType.float32, .float64] {
      let (a, b) = (try random([count], dtype), try random([count, 2], dtype).select(1, 1))
      let (x, y) = (try a.doubles(), try b.doubles())
      let (product, square) = (zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }, x.reduce(0) { $0 + $1 * $1 })
      let round: (Double) -> Double = { dtype == .float32 ? Double(Float($0)) : $0 }
      #expect(try Tensor.dot(a, b).doubles() == [round(product)], "\(count) \(dtype)")
      #expect(try Tensor.matmul(a, a).doubles() == [round(square)], "\(count) \(dtype)")
    }
  }

  @Test func batchesBroadcast() throws {
    let (a, b) = (try random([2, 1, 4, 3], .float64), try random([5, 3, 2], .float64))
    let product = try Tensor.matmul(a, b)
    #expect(product.shape == [2, 5, 4, 2])
    for i in 0..<2 {
      for j in 0..<5 {
        let part = try product.select(0, i).select(0, j)
        #expect(try part.doubles() == definition(a.select(0, i).select(0, 0), b.select(0, j)))
      }
    }
  }

  @Test func emptyInnerExtentsGiveZeros() throws {
    #expect(try Tensor.matmul(.zeros([2, 0]), .zeros([0, 3])).doubles() == [0, 0, 0, 0, 0, 0])
    #expect(try Tensor.matmul(.zeros([0, 2]), .zeros([2, 3])).shape == [0, 3])
  }

  @Test func dtypesMeet() throws {
    #expect(try Tensor.matmul(.ones([2, 2], .float32), .ones([2, 2], .float64)).dtype == .float64)
    #expect(try Tensor.matmul(.ones([2, 2], .int64), .ones([2, 2], .int64)).dtype == .int64)
  }

  @Test func errorsTellTheShapes() throws {
    #expect(
      errorText { _ = try Tensor.matmul(.zeros([2, 3]), .zeros([4, 5])) }
        == "matmul: expected inner extents to agree, got [2, 3] and [4, 5]")
    #expect(
      errorText { _ = try Tensor.matmul(.zeros([]), .zeros([4])) }
        == "matmul: expected tensors of at least 1 dimension, got [] and [4]")
    #expect(
      errorText { _ = try Tensor.matmul(.zeros([2, 4, 3]), .zeros([5, 3, 1])) }
        == "matmul: shapes [2] and [5] do not broadcast; extents must be equal or 1, counted from the last")
    let wide = try Tensor.zeros([1, 1]).broadcast(to: [1, 1 << 32])
    #expect(
      errorText { _ = try Tensor.matmul(wide, wide.transposed()) }
        == "matmul: expected extents up to 2147483647, got [1, 4294967296]")
  }
}
