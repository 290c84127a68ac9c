/// The indices of a data set's samples, cut into batches; each batch is a slice of one array.
public struct Batches: Sequence, IteratorProtocol {
  private let order: [Int]
  private let size: Int
  private let end: Int
  private var position = 0

  /// How many batches there are from the first.
  public let count: Int

  init(order: [Int], size: Int, dropLast: Bool) {
    self.order = order
    self.size = size
    count = dropLast ? order.count / size : order.count / size + (order.count % size == 0 ? 0 : 1)
    end = dropLast ? count * size : order.count
  }

  /// The next batch's indices, nil after the last.
  public mutating func next() -> ArraySlice<Int>? {
    guard position < end else { return nil }
    let first = position
    position = end - first > size ? first + size : end
    return order[first..<position]
  }
}

extension Dataset {
  /// Cuts the samples into batches of `size`; the last is smaller where `size` doesn't divide their number.
  ///
  /// - Parameters:
  ///   - size: samples a batch, from 1 to as many as are cut.
  ///   - order: the order of the samples, for instance `generator.permutation(count)`; nil: as they are.
  ///   - dropLast: whether a smaller last batch is left out.
  ///   - operation: whom errors name.
  /// - Returns: the batches' indices, for `batch` or `copyBatch`.
  /// - Throws: `SelectionError.batchSize`; `SelectionError.index` when `order` names no sample of this set.
  public func batches(
    size: Int, order: [Int]? = nil, dropLast: Bool = false, operation: String = "batches"
  ) throws -> Batches {
    let total = order?.count ?? count
    guard size >= 1, size <= total else {
      throw SelectionError.batchSize(operation: operation, size: size, count: total)
    }
    for index in order ?? [] { try checkIndex(index, operation) }
    return Batches(order: order ?? Array(0..<count), size: size, dropLast: dropLast)
  }
}
