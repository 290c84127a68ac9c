import Kernels
import Tensors
import Testing

@Suite struct ViewTests {
  /// `[2, 3, 4]`, element (i, j, k) is 100 i + 10 j + k.
  private func cube() throws -> Tensor {
    var values = [Double]()
    for i in 0..<2 { for j in 0..<3 { for k in 0..<4 { values.append(Double(100 * i + 10 * j + k)) } } }
    return try Tensor(values, shape: [2, 3, 4], .float64)
  }

  @Test func viewsShareMemory() throws {
    let cube = try cube()
    let column = try cube.select(0, 1).select(1, 2)
    #expect(try column.doubles() == [102, 112, 122])
    try column.fill(7)
    #expect(try cube.element(at: [1, 2, 2]) == .number(7))
    #expect(try cube.element(at: [0, 2, 2]) == .number(22))
  }

  @Test func narrowTransposePermute() throws {
    let cube = try cube()
    #expect(try cube.narrow(2, 1, 2).select(0, 0).doubles() == [1, 2, 11, 12, 21, 22])
    #expect(try cube.narrow(1, 3, 0).shape == [2, 0, 4])
    #expect(try cube.select(0, 0).transposed().doubles() == [0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23])
    let permuted = try cube.permute([2, 0, 1])
    #expect(permuted.shape == [4, 2, 3])
    #expect(try permuted.element(at: [3, 1, 2]) == .number(123))
    #expect(try cube.transpose(0, 2).element(at: [3, 2, 1]) == .number(123))
  }

  /// Large transposes are copied in squares and what they leave beside and below.
  @Test(arguments: [DType.float32, .float64, .int64])
  func transposesOfManySizesAreCopied(dtype: DType) throws {
    for (rows, columns) in [(16, 16), (17, 16), (16, 31), (23, 40), (41, 25), (100, 84)] {
      let x = try Tensor((0..<(rows * columns)).map(Double.init), shape: [rows, columns], .float64).to(dtype)
      let expected = (0..<columns).flatMap { column in (0..<rows).map { Double($0 * columns + column) } }
      #expect(try x.transposed().clone().doubles() == expected, "\(rows)x\(columns)")
      // a part of a larger matrix, whose rows begin further apart
      let part = try x.narrow(0, 0, 16).narrow(1, 0, 16).transposed().clone()
      let inside = (0..<16).flatMap { column in (0..<16).map { Double($0 * columns + column) } }
      #expect(try part.doubles() == inside, "of \(rows)x\(columns)")
      let wide = try Tensor.zeros([columns, rows + 3], dtype).narrow(1, 2, rows)
      #expect(try wide.copy(from: x.transposed()).doubles() == expected, "into a part, \(rows)x\(columns)")
    }
  }

  @Test func reshapeViewsWhereItCan() throws {
    let cube = try cube()
    #expect(try cube.reshape([6, -1]).storage === cube.storage)
    #expect(try cube.reshape([6, -1]).shape == [6, 4])
    // rows of a narrowed cube still split and join along the first two dimensions' runs
    let narrowed = try cube.narrow(2, 0, 2)
    #expect(try narrowed.view([6, 2]).doubles() == narrowed.doubles())
    #expect(try narrowed.view([2, 3, 2, 1]).doubles() == narrowed.doubles())
    let turned = try cube.transpose(0, 1)
    #expect(try turned.reshape([-1]).storage !== cube.storage)
    #expect(try turned.reshape([3, 8]).doubles() == turned.doubles())
    #expect(
      try cube.select(0, 0).transposed().reshape([2, 6]).doubles() == [0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23])
    #expect(try Tensor.zeros([0, 3]).reshape([3, 0, 2]).shape == [3, 0, 2])
    #expect(try Tensor.scalar(3).reshape([1, 1]).doubles() == [3])
  }

  @Test func squeezeAndUnsqueeze() throws {
    let tensor = try Tensor([1, 2], shape: [1, 2, 1])
    #expect(try tensor.squeeze().shape == [2])
    #expect(try tensor.squeeze(0).shape == [2, 1])
    #expect(try tensor.unsqueeze(3).shape == [1, 2, 1, 1])
    #expect(try tensor.squeeze().unsqueeze(0).shape == [1, 2])
  }

  @Test func broadcastRepeatsWithoutCopying() throws {
    let row = try Tensor([1, 2], shape: [2])
    let expanded = try row.broadcast(to: [3, 2])
    #expect(try expanded.doubles() == [1, 2, 1, 2, 1, 2])
    #expect(expanded.storage === row.storage && expanded.strides == [0, 1])
    #expect(try expanded.clone().isContiguous)
  }

  @Test func overlappingCopiesReadBeforeTheyWrite() throws {
    let line = try Tensor.arange(1, 6)
    try line.narrow(0, 1, 5).copy(from: line.narrow(0, 0, 5))
    #expect(try line.doubles() == [1, 1, 2, 3, 4, 5])
    let square = try Tensor.arange(1, 9).reshape([3, 3])
    try square.copy(from: square.transposed())
    #expect(try square.doubles() == [1, 4, 7, 2, 5, 8, 3, 6, 9])
  }

  @Test func copiesConvertAndBroadcast() throws {
    let target = try Tensor.zeros([2, 3], .int64)
    try target.transposed().copy(from: try Tensor([1.7, -2.2], .float64))
    #expect(try target.integers() == [1, 1, 1, -2, -2, -2])
  }

  @Test func hugeShapesNeverTrap() throws {
    let huge = 1 << 40
    let empty = try Tensor.zeros([0, huge, huge])
    #expect(try empty.permute([1, 2, 0]).count == 0)
    #expect(try empty.reduced(.sum, along: [1, 2]).shape == [0])
    #expect(try Tensor.apply(.add, empty, 1).shape == empty.shape)
    #expect(try empty.unsqueeze(0).reshape([0]).shape == [0])
    let column = try Tensor.ones([1, 1]).broadcast(to: [huge, 1])
    #expect(errorText { _ = try Tensor.apply(.add, column, column.transposed()) }.hasPrefix("not enough memory"))
    #expect(errorText { _ = try Tensor.ones([1]).broadcast(to: [huge, huge]) }.hasPrefix("expand: expected fewer"))
    #expect(errorText { _ = try column.doubles() }.hasPrefix("not enough memory"))
  }

  @Test func errorsCountFromOne() throws {
    let cube = try cube()
    #expect(errorText { _ = try cube.select(3, 0) } == "select: expected a dimension from 1 to 3, got 4")
    #expect(errorText { _ = try cube.select(1, 3) } == "select: expected an index from 1 to 3 along dimension 2, got 4")
    #expect(
      errorText { _ = try Tensor.scalar(1).select(0, 0) }
        == "select: expected a tensor with dimensions, got a 0-dim tensor")
    #expect(
      errorText { _ = try cube.narrow(2, 2, 3) }
        == "narrow: expected a range within 1 to 4 along dimension 3, got 3 from 3")
    #expect(errorText { _ = try cube.narrow(0, 1, .max) }.hasPrefix("narrow: expected a range within 1 to 2"))
    #expect(
      errorText { _ = try cube.permute([0, 0, 1]) } == "permute: expected each dimension from 1 to 3 once, got 1, 1, 2")
    #expect(errorText { _ = try cube.permute([]) }.hasPrefix("permute: expected each dimension from 1 to 3 once"))
    #expect(errorText { _ = try cube.reshape([5, -1]) } == "reshape: expected a shape of 24 elements, got [5, -1]")
    #expect(errorText { _ = try cube.reshape([-1, -1]) } == "reshape: expected a shape of 24 elements, got [-1, -1]")
    #expect(
      errorText { _ = try cube.transpose(0, 1).view([24]) }
        == "view: expected strides that allow shape [24], got shape [3, 2, 4] with strides [4, 12, 1]; reshape copies where it must"
    )
    #expect(
      errorText { _ = try cube.squeeze(0) } == "squeeze: expected extent 1 along dimension 1, got shape [2, 3, 4]")
    #expect(errorText { _ = try cube.unsqueeze(4) } == "unsqueeze: expected a dimension from 1 to 4, got 5")
    #expect(
      errorText { _ = try cube.broadcast(to: [2, 2, 4]) }
        == "expand: shapes [2, 3, 4] and [2, 2, 4] do not broadcast; extents must be equal or 1, counted from the last")
    #expect(
      errorText { _ = try cube.transposed() }
        == "t: expected at most 2 dimensions, got shape [2, 3, 4]; transpose(d1, d2) exchanges any two")
    #expect(
      errorText { _ = try Tensor.zeros([1, 1, 1, 1, 1, 1, 1, 1]).unsqueeze(0) }.hasPrefix("unsqueeze: expected fewer"))
  }
}
