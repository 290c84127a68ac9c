import Kernels
import Testing

@testable import Tensors

@Suite struct SpareTensorTests {
  /// A tensor of zeros that nobody else holds.
  private func make(_ dtype: DType = .float32, _ shape: [Int] = [2, 3]) throws -> Tensor {
    try Tensor(dtype, Extents(shape))
  }

  @Test func `what nobody holds is taken once`() throws {
    let spare = SpareTensor()
    let model = try make()
    spare.offer(try make())
    #expect(try spare.take(like: make(.float64)) == nil)
    #expect(try spare.take(like: make(.float32, [3, 2])) == nil)
    #expect(spare.take(like: model) != nil)
    #expect(spare.take(like: model) == nil)
  }

  @Test func `what somebody holds or saved is not kept`() throws {
    let spare = SpareTensor()
    let model = try make()
    let held = try make()
    spare.offer(held)
    #expect(spare.take(like: model) == nil)
    spare.offer(try held.reshape([6]).reshape([2, 3]))
    #expect(spare.take(like: model) == nil, "a view")
    let followed = { (tensor: Tensor) in
      tensor.requiresGradient = true
      return tensor
    }
    spare.offer(followed(try make()))
    #expect(spare.take(like: model) == nil, "on the tape")
    let saved = { (tensor: Tensor) in
      tensor.storage.saves = 1
      return tensor
    }
    spare.offer(saved(try make()))
    #expect(spare.take(like: model) == nil, "saved for a backward pass")
  }

  @Test func `large tensors are let go`() throws {
    let spare = SpareTensor()
    spare.offer(try make(.float32, [257]))
    #expect(spare.take(like: try make(.float32, [257])) == nil)
  }
}
