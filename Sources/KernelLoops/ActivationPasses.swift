import KernelBase

/// Passes that apply a nonlinearity to the numbers of a matrix, with what goes before and after it in the same loop.
public struct ActivationPasses<T: FloatElement> {
  /// Which nonlinearity.
  public let function: ActivationFunction
  /// The slope below 0 of a leaky ReLU or PReLU.
  public let slope: Double

  /// Makes the passes of one nonlinearity.
  public init(_ function: ActivationFunction, slope: Double) {
    self.function = function
    self.slope = slope
  }
}

extension ActivationPasses {
  /// Computes `a = phi(z scale + shift)`, and the columns' moments of `a` where asked; `a` may be `z`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public func forward(
    _ z: UnsafePointer<T>, scale: UnsafePointer<T>, shift: UnsafePointer<T>, into a: UnsafeMutablePointer<T>,
    moments: ColumnMoments<T>?, rows: Int, columns: Int
  ) throws {
    switch function {
    case .linear: try run(LinearFunction(), z, scale, shift, a, moments, rows, columns)
    case .relu: try run(Rectifier(), z, scale, shift, a, moments, rows, columns)
    case .leakyReLU, .prelu:
      try run(ParametricRectifier(factor: T(slope)), z, scale, shift, a, moments, rows, columns)
    case .elu: try run(LaneExponentialUnit(scale: 1, alpha: 1), z, scale, shift, a, moments, rows, columns)
    case .selu:
      let unit = LaneExponentialUnit<T>(scale: ActivationFunction.seluScale, alpha: ActivationFunction.seluAlpha)
      try run(unit, z, scale, shift, a, moments, rows, columns)
    case .gelu: try run(LaneGaussianUnit(), z, scale, shift, a, moments, rows, columns)
    case .silu: try run(LaneSigmoidLinear(), z, scale, shift, a, moments, rows, columns)
    case .tanh: try run(LaneTangent(), z, scale, shift, a, moments, rows, columns)
    case .sigmoid: try run(LaneLogistic(), z, scale, shift, a, moments, rows, columns)
    case .softplus: try run(LaneSoftRectifier(), z, scale, shift, a, moments, rows, columns)
    case .hardtanh: try run(HardTangent(), z, scale, shift, a, moments, rows, columns)
    }
  }

  @inline(__always)
  private func run<F: Nonlinearity>(
    _ function: F, _ z: UnsafePointer<T>, _ scale: UnsafePointer<T>, _ shift: UnsafePointer<T>,
    _ a: UnsafeMutablePointer<T>, _ moments: ColumnMoments<T>?, _ rows: Int, _ columns: Int
  ) throws where F.Scalar == T {
    guard let moments, rows > 0 else {
      return try forEachSharedBand(rows, columns) { first, height in
        apply(function, z + first * columns, scale, shift, a + first * columns, height, columns)
      }
    }
    // the first number of each column, to measure the others from
    apply(function, z, scale, shift, moments.pivot, 1, columns)
    try forEachSharedBand(rows, columns, addingTo: moments.sum, moments.squares) { first, height, sum, squares in
      apply(function, z + first * columns, scale, shift, a + first * columns, height, columns)
      let own = ColumnMoments(pivot: moments.pivot, sum: sum, squares: squares)
      addMoments(a + first * columns, own, height, columns)
    }
  }

  /// Computes the gradient with respect to the activation's input, and column sums where asked.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public func backward(_ operands: ActivationBackward<T>, rows: Int, columns: Int) throws {
    switch function {
    case .linear: try run(LinearFunction(), operands, rows, columns)
    case .relu: try run(Rectifier(), operands, rows, columns)
    case .leakyReLU where slope > 0: try run(LeakyRectifier(factor: T(slope)), operands, rows, columns)
    case .leakyReLU, .prelu: try run(ParametricRectifier(factor: T(slope)), operands, rows, columns)
    case .elu: try run(LaneExponentialUnit(scale: 1, alpha: 1), operands, rows, columns)
    case .selu:
      let unit = LaneExponentialUnit<T>(scale: ActivationFunction.seluScale, alpha: ActivationFunction.seluAlpha)
      try run(unit, operands, rows, columns)
    case .gelu: try run(LaneGaussianUnit(), operands, rows, columns)
    case .silu: try run(LaneSigmoidLinear(), operands, rows, columns)
    case .tanh: try run(LaneTangent(), operands, rows, columns)
    case .sigmoid: try run(LaneLogistic(), operands, rows, columns)
    case .softplus: try run(LaneSoftRectifier(), operands, rows, columns)
    case .hardtanh: try run(HardTangent(), operands, rows, columns)
    }
  }

  /// The activation's value at one number.
  public func value(_ number: T) -> T {
    var (source, result) = (number, T.zero)
    let (one, zero) = (T(1), T.zero)
    withUnsafePointer(to: one) { one in
      withUnsafePointer(to: zero) { zero in
        // one number is never interrupted
        try? forward(&source, scale: one, shift: zero, into: &result, moments: nil, rows: 1, columns: 1)
      }
    }
    return result
  }

  /// Computes what each number contributes to the gradient of a PReLU's weight, with column sums where asked.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public func weightBackward(_ operands: ActivationBackward<T>, rows: Int, columns: Int) throws {
    try run(ParametricWeight(), operands, rows, columns)
  }

  @inline(__always)
  private func run<F: Nonlinearity>(
    _ function: F, _ operands: ActivationBackward<T>, _ rows: Int, _ columns: Int
  ) throws where F.Scalar == T {
    guard let sums = operands.sums, let hatSums = operands.hatSums else {
      return try forEachSharedBand(rows, columns) { first, height in
        differentiate(function, operands, first, height, columns)
      }
    }
    try forEachSharedBand(rows, columns, addingTo: sums, hatSums) { first, height, sums, hatSums in
      differentiate(function, operands, first, height, columns)
      let start = first * columns
      addProducts(
        UnsafePointer(operands.result + start), operands.z + start, operands.hatScale, operands.hatShift, sums, hatSums,
        height, columns)
    }
  }

  @inline(__always)
  private func differentiate<F: Nonlinearity>(
    _ function: F, _ operands: ActivationBackward<T>, _ first: Int, _ height: Int, _ columns: Int
  ) where F.Scalar == T {
    let start = first * columns
    let result = operands.result + start
    var gradient = operands.gradient + start
    if let after = operands.after {
      applySlope(gradient, operands.a + start, after, result, height, columns)
      gradient = UnsafePointer(result)
    }
    multiplySlope(function, operands, gradient, start, height, columns)
  }

  @inline(__always)
  private func apply<F: Nonlinearity>(
    _ function: F, _ z: UnsafePointer<T>, _ scale: UnsafePointer<T>, _ shift: UnsafePointer<T>,
    _ a: UnsafeMutablePointer<T>, _ rows: Int, _ columns: Int
  ) where F.Scalar == T {
    for row in 0..<rows {
      mapRow(z + row * columns, a + row * columns, columns) { number, column in
        function.value(number * scale[column] + shift[column])
      }
    }
  }

  @inline(__always)
  private func multiplySlope<F: Nonlinearity>(
    _ function: F, _ operands: ActivationBackward<T>, _ gradient: UnsafePointer<T>, _ start: Int, _ rows: Int,
    _ columns: Int
  ) where F.Scalar == T {
    let (scale, shift) = (operands.scale, operands.shift)
    for row in 0..<rows {
      let offset = start + row * columns
      let (z, a, target) = (operands.z + offset, operands.a + offset, operands.result + offset)
      mapRow(gradient + row * columns, target, columns) { number, column in
        let u: T = z[column] * scale[column] + shift[column]
        return number * function.slope(u, a[column])
      }
    }
  }
}
