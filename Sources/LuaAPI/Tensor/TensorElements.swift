import CLua
import Gradients
import Kernels
import Tensors

// The hot paths of tensors: t[i] and arithmetic have trampolines of their own and build no `Call`.

extension Tensor {
  /// The tensor behind the address in a box.
  static func of(_ address: UnsafeMutableRawPointer) -> Tensor {
    Unmanaged<Tensor>.fromOpaque(address).takeUnretainedValue()
  }

  /// The index counted from 0 of what a user counts from 1, or from the end when negative; nil outside.
  @inline(__always)
  static func position(_ index: Int, extent: Int) -> Int? {
    let position = index > 0 ? index - 1 : index + extent
    return index != 0 && position >= 0 && position < extent ? position : nil
  }

  /// Pushes what `sonde_swift_element` promises.
  fileprivate func pushElement(_ lua: LuaState, _ index: Int) -> Bool {
    guard rank > 0 else { return false }
    let extent = leadingExtent
    guard let position = Tensor.position(index, extent: extent) else {
      // ends ipairs
      guard index == extent + 1 else { return false }
      lua_pushnil(lua)
      return true
    }
    guard rank == 1, !hasHistory else { return false }
    pushElement(lua, at: offset + position * leadingStride)
    return true
  }

  /// Pushes the element at an index of the storage as a Lua number or boolean.
  @inline(__always)
  func pushElement(_ lua: LuaState, at position: Int) {
    switch dtype {
    case .float32: lua_pushnumber(lua, Double(storage.base.assumingMemoryBound(to: Float.self)[position]))
    case .float64: lua_pushnumber(lua, storage.base.assumingMemoryBound(to: Double.self)[position])
    case .int64: lua_pushinteger(lua, storage.base.assumingMemoryBound(to: lua_Integer.self)[position])
    case .bool: lua_pushboolean(lua, Int32(storage.base.assumingMemoryBound(to: UInt8.self)[position]))
    }
  }
}

@c @implementation
func sonde_swift_element(_ lua: OpaquePointer?, _ address: UnsafeMutableRawPointer?, _ index: lua_Integer) -> Bool {
  guard let lua, let address else { return false }
  return Unmanaged<Tensor>.fromOpaque(address)._withUnsafeGuaranteedRef { $0.pushElement(lua, Int(index)) }
}

@c @implementation
func sonde_swift_row(
  _ pointer: UnsafeMutableRawPointer?, _ lua: OpaquePointer?, _ address: UnsafeMutableRawPointer?,
  _ index: lua_Integer, _ result: UnsafeMutablePointer<SondeBox>?
) -> Int32 {
  guard let pointer, let lua, let address, let result else { return Int32(SONDE_OUT_OF_MEMORY) }
  let tensor = Tensor.of(address)
  return Unmanaged<Session>.fromOpaque(pointer).takeUnretainedValue().run(lua) {
    guard tensor.rank > 0, let position = Tensor.position(Int(index), extent: tensor.shape[0]) else {
      throw LuaFailure.message(tensor.outside(Int(index), dimension: 0))
    }
    let row = try Differentiable.select(tensor, 0, position)
    sonde_box_fill(result, Unmanaged.passRetained(row).toOpaque())
    return 1
  }
}

extension Tensor {
  /// The message about an index outside a dimension, counted from 0.
  func outside(_ index: Int, dimension: Int) -> String {
    guard rank > 0 else { return "tensor: a 0-dim tensor has no index \(index); t:item() gives its number" }
    let extent = shape[dimension]
    let range = extent == 0 ? "the extent is 0" : "expected 1 to \(extent) or -\(extent) to -1"
    return "tensor: index \(index) is outside dimension \(dimension + 1) of shape \(shape): \(range)"
  }
}
