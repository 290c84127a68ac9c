import Kernels

extension Dataset {
  /// Cuts the set in parts that hold these fractions of the samples; what is left of 1 makes one more part.
  ///
  /// The first `k` parts together hold the sum of their fractions times `count` samples, rounded to the nearest whole
  /// number, so that no sample is lost. Without `order` and stratification the samples stay as they are and the parts
  /// are views of this set. A set that is sorted by class needs an order, for instance `generator.permutation(count)`.
  ///
  /// Stratified parts hold as many samples of each class as its share of the set asks for, rounded down or up: the
  /// largest remainders are rounded up, of equal ones the first classes'. Each part takes the first samples of a class
  /// that no part before it has taken, and keeps their order.
  ///
  /// - Throws: `SelectionError.fractions` when they are not between 0 and 1, add up to more than 1, or leave a part
  ///   without samples; `SelectionError.stratify` for a set without classes; `SelectionError.index`;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public func split(
    _ fractions: [Double], order: [Int]? = nil, isStratified: Bool = false, operation: String = "split"
  ) throws -> [Dataset] {
    for index in order ?? [] { try checkIndex(index, operation) }
    let total = order?.count ?? count
    let sizes = try partSizes(fractions, of: total, operation)
    if isStratified {
      guard classes > 0 else { throw SelectionError.stratify(operation: operation) }
      return try stratified(sizes, order ?? Array(0..<count)).map { try subset($0, operation: operation) }
    }
    var first = 0
    return try sizes.map { size in
      let rows = first..<(first + size)
      first += size
      return if let order { try subset(Array(order[rows]), operation: operation) } else { try view(rows) }
    }
  }

  /// Cuts the set in two, the first part holding `fraction` of the samples, rounded to the nearest whole number.
  ///
  /// - Throws: as for several fractions.
  public func split(_ fraction: Double, order: [Int]? = nil) throws -> (first: Dataset, second: Dataset) {
    let parts = try split([fraction], order: order)
    return (parts[0], parts[1])
  }

  /// How many samples each part holds, all at least 1.
  private func partSizes(_ fractions: [Double], of total: Int, _ operation: String) throws -> [Int] {
    let failure = SelectionError.fractions(operation: operation, fractions: fractions, count: total)
    guard !fractions.isEmpty, fractions.allSatisfy({ $0 > 0 && $0 < 1 }) else { throw failure }
    var (sum, cuts) = (0.0, [0])
    for fraction in fractions {
      sum += fraction
      guard sum <= 1 + 1e-9 else { throw failure }
      cuts.append(min(Int((sum * Double(total)).rounded()), total))
    }
    // fractions such as 0.7, 0.2 and 0.1 add up to 1 but for rounding
    if sum < 1 - 1e-9 { cuts.append(total) } else { cuts[cuts.count - 1] = total }
    let sizes = zip(cuts.dropFirst(), cuts).map { $0 - $1 }
    guard sizes.allSatisfy({ $0 > 0 }) else { throw failure }
    return sizes
  }

  /// The indices of each part, every class shared out among them.
  private func stratified(_ sizes: [Int], _ order: [Int]) -> [[Int]] {
    var left = [Int](repeating: 0, count: classes)
    for index in order { left[classOf(index) - 1] += 1 }
    var rest = order
    return sizes.map { size in
      var quota = Dataset.shares(of: size, among: left)
      for (place, share) in quota.enumerated() { left[place] -= share }
      var (part, others) = ([Int](), [Int]())
      for index in rest {
        let place = classOf(index) - 1
        if quota[place] > 0 {
          quota[place] -= 1
          part.append(index)
        } else {
          others.append(index)
        }
      }
      rest = others
      return part
    }
  }

  /// Shares `size` out in proportion to `counts`, by the largest remainder; in whole numbers, so exact.
  private static func shares(of size: Int, among counts: [Int]) -> [Int] {
    let total = counts.reduce(0, +)
    let products = counts.map { $0.multipliedFullWidth(by: size) }
    let quotients = products.map { total.dividingFullWidth($0) }
    var shares = quotients.map(\.quotient)
    let missing = size - shares.reduce(0, +)
    let order = quotients.indices.sorted {
      (-quotients[$0].remainder, $0) < (-quotients[$1].remainder, $1)
    }
    for place in order.prefix(missing) { shares[place] += 1 }
    return shares
  }
}
