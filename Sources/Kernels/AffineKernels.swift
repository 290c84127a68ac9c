/// Loops of scaling, shifting and adding over flat buffers and over the columns of a matrix.
public enum AffineKernels {
  /// Adds `source` to `target`, number by number.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func accumulate<T: FloatElement>(_ source: UnsafePointer<T>, into target: UnsafeMutablePointer<T>, count: Int) {
    for index in 0..<count { target[index] = target[index] + source[index] }
  }
}
