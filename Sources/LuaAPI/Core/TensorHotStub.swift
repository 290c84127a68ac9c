import CLua
@c @implementation func sonde_swift_element(_ s: UnsafeMutableRawPointer?, _ lua: OpaquePointer?, _ t: UnsafeMutableRawPointer?, _ i: lua_Integer) -> Int32 { 0 }
@c @implementation func sonde_swift_row(_ s: UnsafeMutableRawPointer?, _ t: UnsafeMutableRawPointer?, _ i: lua_Integer, _ r: UnsafeMutablePointer<SondeBox>?) -> Int32 { 0 }
@c @implementation func sonde_swift_arithmetic(_ s: UnsafeMutableRawPointer?, _ lua: OpaquePointer?, _ o: Int32, _ r: UnsafeMutablePointer<SondeBox>?) -> Int32 { 0 }
