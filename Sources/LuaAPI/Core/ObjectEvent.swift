import CLua
import Kernels
import Tensors

/// The metamethods of our objects, by the number that C passes; arithmetic is the tensor's alone.
enum ObjectEvent: Int32, CaseIterable {
  case index, newindex, len, tostring, eq, lt, le, call, pairs
  case add, sub, mul, div, pow, idiv, mod, unm

  /// The key in the metatable.
  var name: String { "__\(self)" }

  /// The tensor operation behind an arithmetic event.
  var binary: BinaryOperation? {
    switch self {
    case .add: .add
    case .sub: .subtract
    case .mul: .multiply
    case .div: .divide
    case .pow: .power
    case .idiv: .floorDivide
    case .mod: .modulo
    default: nil
    }
  }

  private func isOf(_ type: TypeRecord) -> Bool {
    switch self {
    case .index, .newindex, .tostring, .eq: true
    case .len: type.length != nil
    case .call: type.call != nil
    case .pairs: type.keys != nil
    case .lt, .le: type.order != nil
    default: type.type == .tensor
    }
  }

  /// Passes the names and numbers of a type's events as C arrays that end in NULL.
  static func withMetamethods(
    of type: TypeRecord,
    _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?) throws -> Void
  ) throws {
    let events = allCases.filter { $0.isOf(type) }
    let names: [UnsafeMutablePointer<CChar>] = events.map { event in
      let bytes = Array(event.name.utf8CString)
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      copy.initialize(from: bytes, count: bytes.count)
      return copy
    }
    defer { names.forEach { $0.deallocate() } }
    let list: [UnsafePointer<CChar>?] = names.map { UnsafePointer($0) } + [nil]
    try list.withUnsafeBufferPointer { list in
      try events.map(\.rawValue).withUnsafeBufferPointer { try body(list.baseAddress, $0.baseAddress) }
    }
  }
}
