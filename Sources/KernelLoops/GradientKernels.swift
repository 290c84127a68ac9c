import KernelBase

/// Loops over gradients: their size, and limits to it.
public enum GradientKernels {
  /// Adds `|x|^power` of every element to `sum`, in double.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func addPowers<T: FloatElement>(_ x: UnsafePointer<T>, power: Double, to sum: inout Double, count: Int)
  {
    var total = 0.0
    if power == 2 {
      for index in 0..<count {
        let value = Double(x[index])
        total += value * value
      }
    } else if power == 1 {
      for index in 0..<count { total += abs(Double(x[index])) }
    } else {
      for index in 0..<count { total += Double.pow(abs(Double(x[index])), power) }
    }
    sum += total
  }

  /// The greatest `|x|`, at least `least`; NaN where an element or `least` is.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func largest<T: FloatElement>(_ x: UnsafePointer<T>, atLeast least: Double, count: Int) -> Double {
    var result = least
    for index in 0..<count {
      let size = abs(Double(x[index]))
      if size > result || size != size { result = size }
      if result != result { return result }
    }
    return result
  }

  /// Multiplies every element by `factor`.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func scale<T: FloatElement>(_ x: UnsafeMutablePointer<T>, by factor: Double, count: Int) {
    let factor = T(factor)
    for index in 0..<count { x[index] = x[index] * factor }
  }

  /// Brings every element into `-limit...limit`; NaN stays.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func clamp<T: FloatElement>(_ x: UnsafeMutablePointer<T>, to limit: Double, count: Int) {
    let limit = T(limit)
    for index in 0..<count {
      let value = x[index]
      x[index] = value > limit ? limit : value < -limit ? -limit : value
    }
  }
}
