import Kernels
import Tensors

/// Mean and spread of each unit of a matrix over its batch; numbers of its own.
struct UnitMoments {
  /// The mean of each unit.
  let means: [Double]
  /// The standard deviation of each unit, dividing by n; exactly 0 where all samples are equal.
  let deviations: [Double]

  /// Measures a float tensor `[batch, ...]`, every number of a sample a unit.
  init(of tensor: Tensor) throws {
    let source = try tensor.contiguous()
    guard let type = source.dtype.floatType, source.count > 0 else {
      (means, deviations) = ([], [])
      return
    }
    (means, deviations) = try UnitMoments.measure(type, source)
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  private static func measure<T: FloatElement>(_ type: T.Type, _ source: Tensor) throws -> ([Double], [Double]) {
    let samples = source.shape[0]
    let units = source.count / samples
    let elements = UnsafePointer(source.pointer(T.self))
    // From the first sample on, so that a unit that never varies has a spread of exactly 0.
    let means = try sums(elements, samples, units) { value, unit in Double(value) - Double(elements[unit]) }
      .enumerated().map { unit, sum in Double(elements[unit]) + sum / Double(samples) }
    let squares = try means.withUnsafeBufferPointer { means in
      guard let mean = means.baseAddress else { return [Double]() }
      return try sums(elements, samples, units) { value, unit in
        let distance = Double(value) - mean[unit]
        return distance * distance
      }
    }
    return (means, squares.map { ($0 / Double(samples)).squareRoot() })
  }
}

extension UnitMoments {
  /// The sums over the samples of a function of each element and its unit.
  @inline(__always)
  private static func sums<T: FloatElement>(
    _ elements: UnsafePointer<T>, _ samples: Int, _ units: Int, _ term: (T, Int) -> Double
  ) throws -> [Double] {
    var result = [Double](repeating: 0, count: units)
    try result.withUnsafeMutableBufferPointer { result in
      guard let sum = result.baseAddress else { return }
      for sample in 0..<samples {
        try Interrupt.check()
        let row = elements + sample * units
        for unit in 0..<units { sum[unit] += term(row[unit], unit) }
      }
    }
    return result
  }
}

/// How far the distribution of a layer's input moved by one update, on the same batch.
///
/// The drift that Ioffe & Szegedy (2015, section 2) name internal covariate shift: the change of a layer's input that comes
/// from the updates of the layers below. It is measured unit by unit, so that units that move against each other don't cancel:
/// - `mean` is `sqrt(mean over units of ((m' - m) / s)^2)`, in standard deviations of the unit before the update;
/// - `spread` is `sqrt(mean over units of ln(s' / s)^2)`, 0.01 being about 1 %;
/// m and s being the unit's mean and standard deviation (dividing by n) over the batch before, m' and s' after the update.
/// A unit that does not vary over the batch has no measure and is left out: in `mean` where s is 0, in `spread` where s or s' is;
/// NaN where no unit is left.
struct InputShift {
  let mean: Double
  let spread: Double

  init(from before: UnitMoments, to after: UnitMoments) {
    mean = InputShift.rootMeanSquare(
      before.means.indices.lazy.filter { before.deviations[$0] != 0 }.map {
        (after.means[$0] - before.means[$0]) / before.deviations[$0]
      })
    spread = InputShift.rootMeanSquare(
      before.means.indices.lazy.filter { before.deviations[$0] != 0 && after.deviations[$0] != 0 }.map {
        Double.log(after.deviations[$0] / before.deviations[$0])
      })
  }

  private static func rootMeanSquare(_ values: some Sequence<Double>) -> Double {
    var (sum, count) = (0.0, 0)
    for value in values { (sum, count) = (sum + value * value, count + 1) }
    return count > 0 ? (sum / Double(count)).squareRoot() : .nan
  }
}
