import Kernels
import Tensors
import Testing

@Suite struct IndexingTests {
  @Test func joinsAlongAnyDimension() throws {
    let (a, b) = (try Tensor([1, 2], shape: [1, 2]), try Tensor([3, 4, 5, 6], shape: [2, 2], .float64))
    let rows = try Tensor.cat([a, b])
    #expect(try rows.dtype == .float64 && rows.doubles() == [1, 2, 3, 4, 5, 6])
    #expect(try Tensor.cat([b, b.transposed()], along: 1).doubles() == [3, 4, 3, 5, 5, 6, 4, 6])
    #expect(try Tensor.stack([b, b.transposed()], along: 2).doubles() == [3, 3, 4, 5, 5, 4, 6, 6])
    #expect(
      errorText { _ = try Tensor.cat([a, b], along: 1) }
        == "cat: expected tensor 2 to match [1, 2] but for dimension 2, got [2, 2]")
    #expect(errorText { _ = try Tensor.cat([]) } == "cat: expected at least one tensor, got none")
    #expect(errorText { _ = try Tensor.stack([a, b]) } == "stack: expected tensor 2 to have shape [1, 2], got [2, 2]")
  }

  @Test func slicesAreTakenByIndex() throws {
    let x = try Tensor.arange(0, 11).reshape([3, 4])
    let places = try Tensor(integers: [2, 0, 2], shape: [3])
    #expect(try x.indexSelect(0, places).doubles() == [8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11])
    #expect(try x.indexSelect(1, places).doubles() == [2, 0, 2, 6, 4, 6, 10, 8, 10])
    #expect(try x.transposed().indexSelect(0, places).doubles() == [2, 6, 10, 0, 4, 8, 2, 6, 10])
    #expect(
      errorText { _ = try x.indexSelect(0, Tensor(integers: [3], shape: [1])) }
        == "index_select: expected an index from 1 to 3 along dimension 1, got 4")
    #expect(
      errorText { _ = try x.indexSelect(0, Tensor([1])) }
        == "index_select: expected a vector of int64 indices, got float32 [1]")
  }

  @Test func equalIndicesAddUp() throws {
    let x = try Tensor.zeros([2, 3], .float64)
    let places = try Tensor(integers: [1, 1, 0], shape: [3])
    try x.transposed().indexAdd(1, Tensor(integers: [0, 0], shape: [2]), .ones([3, 2], .float64))
    #expect(try x.doubles() == [2, 2, 2, 0, 0, 0])
    try x.indexAdd(0, places, Tensor.arange(1, 9, .float64).reshape([3, 3]))
    #expect(try x.doubles() == [9, 10, 11, 5, 7, 9])
    #expect(
      errorText { try x.indexAdd(0, places, .zeros([2, 3])) }
        == "index_add_: expected a source of shape [3, 3], got [2, 3]")
  }

  @Test func masksSelectElementsOrSlices() throws {
    let x = try Tensor.arange(1, 6).reshape([2, 3])
    let odd = try Tensor.compare(.equal, .tensor(Tensor.apply(.modulo, x, 2)), .scalar(1))
    #expect(try x.masked(by: odd).doubles() == [1, 3, 5])
    let rows = try Tensor([0, 1], .bool)
    #expect(try x.masked(by: rows).shape == [1, 3])
    #expect(try x.masked(by: rows).doubles() == [4, 5, 6])
    #expect(try x.transposed().masked(by: odd.transposed()).doubles() == [1, 5, 3])
    #expect(
      errorText { _ = try x.masked(by: Tensor.zeros([3], .bool)) }
        == "mask: expected a mask of dtype bool with the leading extents of [2, 3], got bool [3]")
    #expect(
      errorText { _ = try x.masked(by: x) }
        == "mask: expected a mask of dtype bool with the leading extents of [2, 3], got float32 [2, 3]")
  }

  @Test func masksAssign() throws {
    let x = try Tensor.arange(1, 6).reshape([2, 3])
    let large = try Tensor.compare(.greater, .tensor(x), .scalar(3))
    try x.transposed().assign(.scalar(0), under: large.transposed())
    #expect(try x.doubles() == [1, 2, 3, 0, 0, 0])
    try x.assign(.tensor(Tensor([7, 8, 9])), under: large)
    #expect(try x.doubles() == [1, 2, 3, 7, 8, 9])
    try x.assign(.tensor(Tensor([-1, -2, -3])), under: Tensor([1, 0], .bool))
    #expect(try x.doubles() == [-1, -2, -3, 7, 8, 9])
    #expect(
      errorText { try x.assign(.tensor(Tensor([1, 2])), under: large) }
        == "mask: shapes [2] and [3] do not broadcast; extents must be equal or 1, counted from the last")
  }
}
