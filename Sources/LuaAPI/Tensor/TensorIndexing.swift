import CLua
import Kernels
import Tensors

/// What stands in the brackets of `t[...]`.
enum TensorIndex {
  /// One element or row.
  case position(Int)
  /// A range with a step, inclusive; the whole dimension when both ends are nil.
  case range(first: Int?, last: Int?, step: Int)
}

extension Call {
  /// Reads `t[key]` for every key that is no field: integers, lists of integers and ranges, masks.
  func readElement() throws -> Int32? {
    let tensor = object(Tensor.self)
    switch argument(0) {
    case .integer, .number:
      guard let index = argument(0).asInteger else { return nil }
      return try pushPart(try tensor.part([.position(index)]))
    case .table(let index): return try pushPart(try tensor.part(try indices(at: index)))
    case .object(let mask, .tensor): return try push(try tensor.masked(by: unsafeDowncast(mask, to: Tensor.self)))
    default: return nil
    }
  }

  /// Writes `t[key] = value`; the value is a number, a boolean, a tensor that broadcasts, or a nested table.
  func writeElement() throws -> Bool {
    let tensor = object(Tensor.self)
    switch argument(0) {
    case .integer, .number:
      guard let index = argument(0).asInteger else { return false }
      try assign(argument(1), to: tensor.part([.position(index)]))
    case .table(let index): try assign(argument(1), to: tensor.part(try indices(at: index)))
    case .object(let mask, .tensor):
      try assign(argument(1), toMasked: tensor, by: unsafeDowncast(mask, to: Tensor.self))
    default: return false
    }
    return true
  }

  /// A part of no dimensions is a Lua number, any other a view.
  private func pushPart(_ part: Tensor) throws -> Int32 {
    guard part.rank == 0 else { return try push(part) }
    part.pushElement(lua, at: part.offset)
    return 1
  }

  private func assign(_ value: LuaValue, to part: Tensor) throws {
    if let scalar = value.asScalar {
      try part.fill(scalar)
    } else {
      try part.copy(from: try tensorValue(value, like: part.dtype))
    }
  }

  private func assign(_ value: LuaValue, toMasked tensor: Tensor, by mask: Tensor) throws {
    let source =
      try value.asScalar.map { try Tensor.scalar($0, tensor.dtype) } ?? tensorValue(value, like: tensor.dtype)
    try tensor.assign(.tensor(source), under: mask)
  }

  /// A tensor, or one made of a nested table.
  func tensorValue(_ value: LuaValue, like dtype: DType) throws -> Tensor {
    if let tensor = value.asTensor { return tensor }
    guard case .table(let index) = value else {
      throw failure("expected a number, a tensor or a table of numbers, got \(value.text)")
    }
    return try NestedTable(self, at: index).tensor(dtype)
  }

  /// Reads the list in `t[{...}]`: integers, and ranges `{}`, `{first, last}` or `{first, last, step}`.
  private func indices(at table: Int32) throws -> [TensorIndex] {
    try sequence(at: table) { item in
      if let index = item.asInteger { return .position(index) }
      guard case .table(let range) = item else {
        throw failure("expected integers and ranges such as {1, 3} or {} as indices, got \(item.text)")
      }
      return try readRange(at: range)
    }
  }

  private func readRange(at table: Int32) throws -> TensorIndex {
    let bounds: [Int] = try sequence(at: table) { bound in
      guard let integer = bound.asInteger else { throw failure("expected integers in a range, got \(bound.text)") }
      return integer
    }
    switch bounds.count {
    case 0: return .range(first: nil, last: nil, step: 1)
    case 2: return .range(first: bounds[0], last: bounds[1], step: 1)
    case 3 where bounds[2] > 0: return .range(first: bounds[0], last: bounds[1], step: bounds[2])
    case 3: throw failure("expected a step of at least 1 in a range, got \(bounds[2])")
    default: throw failure("expected {}, {first, last} or {first, last, step} as a range, got \(bounds.count) numbers")
    }
  }
}

extension Tensor {
  /// The view that indices and ranges select; dimensions behind them stay whole.
  func part(_ indices: [TensorIndex]) throws -> Tensor {
    guard indices.count <= rank else {
      if rank == 0 { throw LuaFailure.message(outside(1, dimension: 0)) }
      throw LuaFailure.message("tensor: expected at most \(rank) indices for shape \(shape), got \(indices.count)")
    }
    var (shape, strides, offset) = (Extents(), Extents(), self.offset)
    for dimension in 0..<rank {
      let index = dimension < indices.count ? indices[dimension] : .range(first: nil, last: nil, step: 1)
      switch index {
      case .position(let index): offset += try position(index, dimension) * self.strides[dimension]
      case .range(let first, let last, let step):
        let range = try bounds(first, last, dimension)
        offset += range.isEmpty ? 0 : range.lowerBound * self.strides[dimension]
        // A step beyond the range takes its first element alone, whatever its size.
        let step = min(step, max(range.count, 1))
        shape.append((range.count + step - 1) / step)
        strides.append(self.strides[dimension] * step)
      }
    }
    return Tensor(storage: storage, shape: shape, strides: strides, offset: offset)
  }

  private func position(_ index: Int, _ dimension: Int) throws -> Int {
    guard let position = Tensor.position(index, extent: shape[dimension]) else {
      throw LuaFailure.message(outside(index, dimension: dimension))
    }
    return position
  }

  /// The positions of an inclusive range; one that ends right before it begins is empty.
  private func bounds(_ first: Int?, _ last: Int?, _ dimension: Int) throws -> Range<Int> {
    guard let first, let last else { return 0..<shape[dimension] }
    let extent = shape[dimension]
    let end = last >= 0 ? last : last + extent + 1
    let start = first > 0 ? first - 1 : first + extent
    guard first != 0, start >= 0, start <= extent, end <= extent, end >= start else {
      throw LuaFailure.message(
        "tensor: range {\(first), \(last)} does not fit dimension \(dimension + 1) of shape \(shape)")
    }
    return start..<end
  }
}

extension LuaValue {
  /// The number, or 0 and 1 for booleans; nil for anything else.
  var asScalar: Scalar? {
    switch self {
    case .integer(let value): .integer(value)
    case .number(let value): .number(value)
    case .boolean(let value): .integer(value ? 1 : 0)
    default: nil
    }
  }
}
