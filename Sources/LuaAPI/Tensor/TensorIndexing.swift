import CLua
import Gradients
import Kernels
import Tensors

/// What stands in the brackets of `t[...]`, one a dimension; a mask takes as many as it has.
enum TensorIndex {
  /// One element or row.
  case position(Int)
  /// A range with a step, inclusive; the whole dimension when both ends are nil.
  case range(first: Int?, last: Int?, step: Int)
  /// Indices as users count them, or a mask.
  case tensor(Tensor)
}

/// What an index selects: a view, and the elements of it at tensors of indices where there are any.
private struct Place {
  let view: Tensor
  let picks: [DimensionIndices]
}

extension Call {
  /// Reads `t[key]` for every key that is no field: integers, lists of integers, ranges, masks and index tensors.
  func readElement() throws -> Int32? {
    let tensor = object(Tensor.self)
    if let mask = wholeMask {
      return try push(try Differentiable.rearranged("index", tensor) { try $0.masked(by: mask) })
    }
    guard let place = try place() else { return nil }
    if place.picks.isEmpty { return try pushPart(place.view) }
    return try pushPart(try Differentiable.rearranged("index", place.view) { try $0.picked(at: place.picks) })
  }

  /// Writes `t[key] = value`; the value is a number, a boolean, a tensor that broadcasts, or a nested table.
  ///
  /// An expanded view is refused, also where the part that is written is one element: it would change in other places.
  func writeElement() throws -> Bool {
    let tensor = object(Tensor.self)
    let mask = wholeMask
    guard let place = mask == nil ? try place() : Place(view: tensor, picks: []) else { return false }
    try tensor.requireWritable("index")
    let source = try assigned(argument(1), tensor.dtype)
    if let mask {
      let placement = Placement("index", source) {
        try $0.assign($1, under: mask)
      } pick: {
        try $0.masked(by: mask)
      }
      try Differentiable.place(placement, in: tensor)
    } else if !place.picks.isEmpty {
      let picks = place.picks
      let placement = Placement("index", source) {
        try $0.assign($1, at: picks)
      } pick: {
        try $0.picked(at: picks)
      }
      try Differentiable.place(placement, in: place.view)
    } else {
      switch source {
      case .scalar(let scalar): try Differentiable.fill(place.view, scalar, "index")
      case .tensor(let tensor): try Differentiable.copy(tensor, to: place.view, "index")
      }
    }
    return true
  }

  /// What is assigned; extents of 1 in front are left out, so that a row may be given as a matrix of one row, as in NumPy.
  private func assigned(_ value: LuaValue, _ dtype: DType) throws -> Operand {
    if let scalar = value.asScalar { return .scalar(scalar) }
    var source = try tensorValue(value, like: dtype)
    while source.shape.first == 1 { source = try Differentiable.select(source, 0, 0) }
    return .tensor(source)
  }

  /// The key as a mask.
  private var wholeMask: Tensor? {
    guard let mask = argument(0).asTensor, mask.dtype == .bool else { return nil }
    return mask
  }

  /// What the key selects; nil when it is no index.
  private func place() throws -> Place? {
    switch argument(0) {
    case .integer, .number:
      guard let index = argument(0).asInteger else { return nil }
      return try place([.position(index)])
    case .table(let index): return try place(try indices(at: index))
    case .object(let object, .tensor): return try place([.tensor(unsafeDowncast(object, to: Tensor.self))])
    default: return nil
    }
  }

  /// A part of no dimensions is a Lua number unless it is on the tape, any other a tensor.
  private func pushPart(_ part: Tensor) throws -> Int32 {
    guard part.rank == 0, !Tape.follows(part) else { return try push(part) }
    part.pushElement(lua, at: part.offset)
    return 1
  }

  /// A tensor, or one made of a nested table.
  func tensorValue(_ value: LuaValue, like dtype: DType) throws -> Tensor {
    if let tensor = value.asTensor { return tensor }
    guard case .table(let index) = value else {
      throw failure("expected a number, a tensor or a table of numbers, got \(value.text)")
    }
    return try NestedTable(self, at: index).tensor(dtype)
  }

  /// Reads the list in `t[{...}]`: integers, ranges `{}`, `{first, last}` or `{first, last, step}`, and tensors.
  private func indices(at table: Int32) throws -> [TensorIndex] {
    try sequence(at: table) { item in
      if let index = item.asInteger { return .position(index) }
      if let tensor = item.asTensor { return .tensor(tensor) }
      guard case .table(let range) = item else {
        throw failure("expected integers, tensors and ranges such as {1, 3} or {} as indices, got \(item.text)")
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
    case 3:
      throw failure("expected a step of at least 1 in a range, got \(bounds[2]); t:flip(dim) reverses a dimension")
    default: throw failure("expected {}, {first, last} or {first, last, step} as a range, got \(bounds.count) numbers")
    }
  }

  /// Splits indices into a view, which integers and ranges make, and what tensors pick of it.
  private func place(_ indices: [TensorIndex]) throws -> Place {
    let tensor = object(Tensor.self)
    var (plain, picks, rank) = ([TensorIndex](), [DimensionIndices](), 0)
    for index in indices {
      let dimension = plain.count
      guard case .tensor(let places) = index else {
        plain.append(index)
        if case .range = index { rank += 1 }
        continue
      }
      for item in try expanded(places, tensor, dimension) {
        plain.append(item.rank == 0 ? .position(Int(try item.item().double) + 1) : .whole)
        if item.rank > 0 {
          picks.append(DimensionIndices(rank, item))
          rank += 1
        }
      }
    }
    return Place(view: try Differentiable.view("index", tensor) { try $0.part(plain) }, picks: picks)
  }

  /// Index tensors counted from 0: one of a tensor of numbers, one for each dimension of a mask.
  private func expanded(_ places: Tensor, _ tensor: Tensor, _ dimension: Int) throws -> [Tensor] {
    guard places.dtype == .bool else {
      guard dimension < tensor.rank else { throw LuaFailure.message(tensor.tooMany(dimension + 1)) }
      return [try positions(places, of: tensor, along: dimension)]
    }
    guard places.rank > 0, dimension + places.rank <= tensor.rank,
      places.shape.elementsEqual(tensor.shape[dimension..<(dimension + places.rank)])
    else {
      throw failure(
        "expected a mask with extents of shape \(tensor.shape) from dimension \(dimension + 1) on, got \(places.shape)")
    }
    return try places.nonzero().unbound(along: 1)
  }
}

extension TensorIndex {
  fileprivate static var whole: TensorIndex { .range(first: nil, last: nil, step: 1) }
}

extension Tensor {
  fileprivate func tooMany(_ count: Int) -> String {
    if rank == 0 { return outside(1, dimension: 0) }
    return "tensor: expected at most \(rank) indices for shape \(shape), got \(count)"
  }

  /// The view that indices and ranges select; dimensions behind them stay whole.
  fileprivate func part(_ indices: [TensorIndex]) throws -> Tensor {
    guard indices.count <= rank else { throw LuaFailure.message(tooMany(indices.count)) }
    var (shape, strides, offset) = (Extents(), Extents(), self.offset)
    for dimension in 0..<rank {
      switch dimension < indices.count ? indices[dimension] : .whole {
      case .position(let index): offset += try position(index, dimension) * self.strides[dimension]
      case .range(let first, let last, let step):
        let range = try bounds(first, last, dimension)
        offset += range.isEmpty ? 0 : range.lowerBound * self.strides[dimension]
        // A step beyond the range takes its first element alone, whatever its size.
        let step = min(step, max(range.count, 1))
        shape.append((range.count + step - 1) / step)
        strides.append(self.strides[dimension] * step)
      case .tensor: preconditionFailure("tensors are replaced by whole ranges before")
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
