// Written by scripts/kernels from Sources/KernelLoops; change those and run it again.
// swift-format-ignore-file

import KernelBase
import KernelLoops

#if arch(x86_64)
  import x86v3
  import x86v4
#endif

/// Activations of one number; `ActivationFunction.value` and `derivative` of the module `Kernels` are what callers see.
public enum ActivationNumbers {
  /// The function's value at one number, by the C library to its last digits; `slope` is that below 0 of the leaky kinds.
  public static func value(_ function: ActivationFunction, _ x: Double, slope: Double) -> Double {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.ActivationNumbers.value(function, x, slope: slope)
      case .v3: x86v3.ActivationNumbers.value(function, x, slope: slope)
    #endif
    default: KernelLoops.ActivationNumbers.value(function, x, slope: slope)
    }
  }

  /// The function's derivative at one number, as the backward pass takes it; at a kink that of the side below for the ReLU kinds.
  public static func derivative(_ function: ActivationFunction, _ x: Double, slope: Double) -> Double {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.ActivationNumbers.derivative(function, x, slope: slope)
      case .v3: x86v3.ActivationNumbers.derivative(function, x, slope: slope)
    #endif
    default: KernelLoops.ActivationNumbers.derivative(function, x, slope: slope)
    }
  }
}

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
  public func forward(
    _ z: UnsafePointer<T>, scale: UnsafePointer<T>, shift: UnsafePointer<T>, into a: UnsafeMutablePointer<T>,
    moments: ColumnMoments<T>?, rows: Int, columns: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.ActivationPasses<T>(function, slope: slope).forward(z, scale: scale, shift: shift, into: a, moments: moments, rows: rows, columns: columns)
      case .v3: try x86v3.ActivationPasses<T>(function, slope: slope).forward(z, scale: scale, shift: shift, into: a, moments: moments, rows: rows, columns: columns)
    #endif
    default: try KernelLoops.ActivationPasses<T>(function, slope: slope).forward(z, scale: scale, shift: shift, into: a, moments: moments, rows: rows, columns: columns)
    }
  }

  /// Computes the gradient with respect to the activation's input, and column sums where asked.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public func backward(_ operands: ActivationBackward<T>, rows: Int, columns: Int) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.ActivationPasses<T>(function, slope: slope).backward(operands, rows: rows, columns: columns)
      case .v3: try x86v3.ActivationPasses<T>(function, slope: slope).backward(operands, rows: rows, columns: columns)
    #endif
    default: try KernelLoops.ActivationPasses<T>(function, slope: slope).backward(operands, rows: rows, columns: columns)
    }
  }

  /// The activation's value at one number.
  public func value(_ number: T) -> T {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.ActivationPasses<T>(function, slope: slope).value(number)
      case .v3: x86v3.ActivationPasses<T>(function, slope: slope).value(number)
    #endif
    default: KernelLoops.ActivationPasses<T>(function, slope: slope).value(number)
    }
  }

  /// Computes what each number contributes to the gradient of a PReLU's weight, with column sums where asked.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public func weightBackward(_ operands: ActivationBackward<T>, rows: Int, columns: Int) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.ActivationPasses<T>(function, slope: slope).weightBackward(operands, rows: rows, columns: columns)
      case .v3: try x86v3.ActivationPasses<T>(function, slope: slope).weightBackward(operands, rows: rows, columns: columns)
    #endif
    default: try KernelLoops.ActivationPasses<T>(function, slope: slope).weightBackward(operands, rows: rows, columns: columns)
    }
  }
}

extension OptimiserKernels {
  /// The settings of a step of Adam; see `adam`.
  public typealias Adam = AdamSettings

  /// Computes `m += (1 - beta1) (g - m)`, `v = beta2 v + (1 - beta2) g^2`, and
  /// `p -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)` for step `t`, counted from 1.
  ///
  /// With `largest` the greatest `v` so far takes the place of `v` (AMSGrad). Weight decay adds `decay p` to `g`, or, decoupled,
  /// begins with `p *= 1 - rate decay`.
  public static func adam<T: FloatElement>(
    _ p: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, mean: UnsafeMutablePointer<T>,
    square: UnsafeMutablePointer<T>, largest: UnsafeMutablePointer<T>?, time: Int, _ step: Adam, count: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.OptimiserKernels.adam(p, g, mean: mean, square: square, largest: largest, time: time, step, count: count)
      case .v3: x86v3.OptimiserKernels.adam(p, g, mean: mean, square: square, largest: largest, time: time, step, count: count)
    #endif
    default: KernelLoops.OptimiserKernels.adam(p, g, mean: mean, square: square, largest: largest, time: time, step, count: count)
    }
  }

  /// The settings of a step of RMSprop; see `rmsprop`.
  public typealias RootMeanSquare = RootMeanSquareSettings

  /// Computes `v = alpha v + (1 - alpha) g^2` and `p -= rate g / (sqrt(v) + eps)`.
  ///
  /// With `mean` the root is that of the variance `v - mean^2`, with `mean += (1 - alpha) (g - mean)`; a variance that rounding
  /// has made negative counts as 0. With `moved` the step is `moved = momentum moved + g / (sqrt(v) + eps)`, `p -= rate moved`.
  public static func rmsprop<T: FloatElement>(
    _ p: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, square: UnsafeMutablePointer<T>,
    mean: UnsafeMutablePointer<T>?, moved: UnsafeMutablePointer<T>?, _ step: RootMeanSquare, count: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.OptimiserKernels.rmsprop(p, g, square: square, mean: mean, moved: moved, step, count: count)
      case .v3: x86v3.OptimiserKernels.rmsprop(p, g, square: square, mean: mean, moved: moved, step, count: count)
    #endif
    default: KernelLoops.OptimiserKernels.rmsprop(p, g, square: square, mean: mean, moved: moved, step, count: count)
    }
  }

  /// Computes `sum += g^2` and `p -= rate g / (sqrt(sum) + eps)` with `g + decay p` for `g`.
  public static func adagrad<T: FloatElement>(
    _ p: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, sum: UnsafeMutablePointer<T>, rate: Double, decay: Double,
    eps: Double, maximises: Bool, count: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.OptimiserKernels.adagrad(p, g, sum: sum, rate: rate, decay: decay, eps: eps, maximises: maximises, count: count)
      case .v3: x86v3.OptimiserKernels.adagrad(p, g, sum: sum, rate: rate, decay: decay, eps: eps, maximises: maximises, count: count)
    #endif
    default: KernelLoops.OptimiserKernels.adagrad(p, g, sum: sum, rate: rate, decay: decay, eps: eps, maximises: maximises, count: count)
    }
  }
}

/// Loops of scaling, shifting and adding over flat buffers and over the columns of a matrix.
public enum AffineKernels {
  /// Adds `source` to `target`, number by number.
  public static func accumulate<T: FloatElement>(
    _ source: UnsafePointer<T>, into target: UnsafeMutablePointer<T>, count: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.AffineKernels.accumulate(source, into: target, count: count)
      case .v3: x86v3.AffineKernels.accumulate(source, into: target, count: count)
    #endif
    default: KernelLoops.AffineKernels.accumulate(source, into: target, count: count)
    }
  }

  /// Adds float64 sums to `target`, rounding once.
  public static func accumulate<T: FloatElement>(
    sums: UnsafePointer<Double>, into target: UnsafeMutablePointer<T>, count: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.AffineKernels.accumulate(sums: sums, into: target, count: count)
      case .v3: x86v3.AffineKernels.accumulate(sums: sums, into: target, count: count)
    #endif
    default: KernelLoops.AffineKernels.accumulate(sums: sums, into: target, count: count)
    }
  }

  /// Computes `z = x + factor y`, number by number; `z` may be either.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func add<T: FloatElement>(
    _ x: UnsafePointer<T>, _ y: UnsafePointer<T>, factor: T, into z: UnsafeMutablePointer<T>, count: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.AffineKernels.add(x, y, factor: factor, into: z, count: count)
      case .v3: try x86v3.AffineKernels.add(x, y, factor: factor, into: z, count: count)
    #endif
    default: try KernelLoops.AffineKernels.add(x, y, factor: factor, into: z, count: count)
    }
  }

  /// Computes `y = x scale + shift`, one scale and shift a column; `y` may be `x`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func scaleShift<T: FloatElement>(
    _ x: UnsafePointer<T>, scale: UnsafePointer<T>, shift: UnsafePointer<T>, into y: UnsafeMutablePointer<T>,
    rows: Int, columns: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.AffineKernels.scaleShift(x, scale: scale, shift: shift, into: y, rows: rows, columns: columns)
      case .v3: try x86v3.AffineKernels.scaleShift(x, scale: scale, shift: shift, into: y, rows: rows, columns: columns)
    #endif
    default: try KernelLoops.AffineKernels.scaleShift(x, scale: scale, shift: shift, into: y, rows: rows, columns: columns)
    }
  }

  /// Adds the sums of the columns of `x` to `sums`, in float64.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func columnSums<T: FloatElement>(
    _ x: UnsafePointer<T>, into sums: UnsafeMutablePointer<Double>, rows: Int, columns: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.AffineKernels.columnSums(x, into: sums, rows: rows, columns: columns)
      case .v3: try x86v3.AffineKernels.columnSums(x, into: sums, rows: rows, columns: columns)
    #endif
    default: try KernelLoops.AffineKernels.columnSums(x, into: sums, rows: rows, columns: columns)
    }
  }

  /// Computes `y = x mask factor`, number by number; `y` may be `x`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func multiply<T: FloatElement>(
    _ x: UnsafePointer<T>, _ mask: UnsafePointer<T>, factor: T, into y: UnsafeMutablePointer<T>, count: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.AffineKernels.multiply(x, mask, factor: factor, into: y, count: count)
      case .v3: try x86v3.AffineKernels.multiply(x, mask, factor: factor, into: y, count: count)
    #endif
    default: try KernelLoops.AffineKernels.multiply(x, mask, factor: factor, into: y, count: count)
    }
  }

  /// Writes the transpose of `x` `[rows, columns]` to `y` `[columns, rows]`.
  public static func transpose<T: FloatElement>(
    _ x: UnsafePointer<T>, into y: UnsafeMutablePointer<T>, rows: Int, columns: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.AffineKernels.transpose(x, into: y, rows: rows, columns: columns)
      case .v3: x86v3.AffineKernels.transpose(x, into: y, rows: rows, columns: columns)
    #endif
    default: KernelLoops.AffineKernels.transpose(x, into: y, rows: rows, columns: columns)
    }
  }
}

/// Copies between strided buffers, with conversion.
public enum CopyKernel {
  /// Copies operand 1 of the plane (`source`) to operand 0 (`target`); they don't overlap.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func copy<Target: StoredElement, Source: StoredElement>(
    _ plane: Plane, _ target: UnsafeMutablePointer<Target>, _ source: UnsafePointer<Source>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.CopyKernel.copy(plane, target, source)
      case .v3: try x86v3.CopyKernel.copy(plane, target, source)
    #endif
    default: try KernelLoops.CopyKernel.copy(plane, target, source)
    }
  }

  /// Sets operand 0 of the plane to `value`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func fill<T: StoredElement>(_ plane: Plane, _ target: UnsafeMutablePointer<T>, _ value: T) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.CopyKernel.fill(plane, target, value)
      case .v3: try x86v3.CopyKernel.fill(plane, target, value)
    #endif
    default: try KernelLoops.CopyKernel.fill(plane, target, value)
    }
  }

  /// Finds a number of operand 0 of the plane that int64 can't hold: NaN, infinite or too large.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func firstBeyondInteger<T: FloatElement>(_ plane: Plane, _ source: UnsafePointer<T>) throws -> Double? {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.CopyKernel.firstBeyondInteger(plane, source)
      case .v3: try x86v3.CopyKernel.firstBeyondInteger(plane, source)
    #endif
    default: try KernelLoops.CopyKernel.firstBeyondInteger(plane, source)
    }
  }
}

/// Finding percentiles and histograms together; `Distribution.init` of the module `Kernels` is what callers see.
public enum DistributionKernel {
  /// Finds what was asked for among `moments.count` contiguous elements.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - moments: their moments.
  ///   - request: what to find.
  ///   - scratch: gives memory for so many elements, which is overwritten; the same memory when it is asked again.
  /// - Returns: what was found.
  /// - Throws: `Interrupted` when a stop is requested; what `scratch` throws.
  public static func find<T: FloatElement>(
    of x: UnsafePointer<T>, moments: Moments, _ request: Distribution.Request,
    scratch: (Int) throws -> UnsafeMutablePointer<T>
  ) throws -> Distribution {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.DistributionKernel.find(of: x, moments: moments, request, scratch: scratch)
      case .v3: try x86v3.DistributionKernel.find(of: x, moments: moments, request, scratch: scratch)
    #endif
    default: try KernelLoops.DistributionKernel.find(of: x, moments: moments, request, scratch: scratch)
    }
  }
}

/// Arithmetic, comparisons and functions on the elements of strided buffers.
///
/// Operand 0 of a plane is the result. The loops over rows without gaps, and against one number, are written so that the compiler
/// turns them into SIMD.
public enum Elementwise {
}

extension Elementwise {
  /// Computes a binary operation on floats.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func binary<T: FloatElement>(
    _ operation: BinaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ a: UnsafePointer<T>,
    _ b: UnsafePointer<T>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.binary(operation, plane, out, a, b)
      case .v3: try x86v3.Elementwise.binary(operation, plane, out, a, b)
    #endif
    default: try KernelLoops.Elementwise.binary(operation, plane, out, a, b)
    }
  }

  /// Computes a binary operation on integers, wrapping around as Lua's do; division is by other than 0.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func binary(
    _ operation: BinaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<Int64>, _ a: UnsafePointer<Int64>,
    _ b: UnsafePointer<Int64>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.binary(operation, plane, out, a, b)
      case .v3: try x86v3.Elementwise.binary(operation, plane, out, a, b)
    #endif
    default: try KernelLoops.Elementwise.binary(operation, plane, out, a, b)
    }
  }

  /// Whether operand 0 of the plane has a zero.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func containsZero(_ plane: Plane, _ numbers: UnsafePointer<Int64>) throws -> Bool {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.containsZero(plane, numbers)
      case .v3: try x86v3.Elementwise.containsZero(plane, numbers)
    #endif
    default: try KernelLoops.Elementwise.containsZero(plane, numbers)
    }
  }

  /// Compares two operands; the result is 1 where it holds and 0 elsewhere.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func compare<T: StoredElement>(
    _ comparison: Comparison, _ plane: Plane, _ out: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<T>,
    _ b: UnsafePointer<T>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.compare(comparison, plane, out, a, b)
      case .v3: try x86v3.Elementwise.compare(comparison, plane, out, a, b)
    #endif
    default: try KernelLoops.Elementwise.compare(comparison, plane, out, a, b)
    }
  }

  /// Chooses `a` where the mask, operand 1, is 1 and `b` elsewhere; `a` and `b` are operands 2 and 3.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func choose<T: StoredElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ mask: UnsafePointer<UInt8>, _ a: UnsafePointer<T>,
    _ b: UnsafePointer<T>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.choose(plane, out, mask, a, b)
      case .v3: try x86v3.Elementwise.choose(plane, out, mask, a, b)
    #endif
    default: try KernelLoops.Elementwise.choose(plane, out, mask, a, b)
    }
  }
}

extension Elementwise {
  /// Combines two masks of ones and zeros.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func combine(
    _ operation: LogicalOperation, _ plane: Plane, _ out: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<UInt8>,
    _ b: UnsafePointer<UInt8>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.combine(operation, plane, out, a, b)
      case .v3: try x86v3.Elementwise.combine(operation, plane, out, a, b)
    #endif
    default: try KernelLoops.Elementwise.combine(operation, plane, out, a, b)
    }
  }

  /// Asks whether `|a - b| <= absolute + relative |b|`, in double; equal infinities are close, NaN to NaN alone where `equalNaN` says so.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func close<T: FloatElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<T>, _ b: UnsafePointer<T>, relative: Double,
    absolute: Double, equalNaN: Bool
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.close(plane, out, a, b, relative: relative, absolute: absolute, equalNaN: equalNaN)
      case .v3: try x86v3.Elementwise.close(plane, out, a, b, relative: relative, absolute: absolute, equalNaN: equalNaN)
    #endif
    default: try KernelLoops.Elementwise.close(plane, out, a, b, relative: relative, absolute: absolute, equalNaN: equalNaN)
    }
  }
}

extension Elementwise {
  /// Computes a function of each float.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func unary<T: FloatElement>(
    _ operation: UnaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.unary(operation, plane, out, x)
      case .v3: try x86v3.Elementwise.unary(operation, plane, out, x)
    #endif
    default: try KernelLoops.Elementwise.unary(operation, plane, out, x)
    }
  }

  /// Computes a function of each integer that gives an integer, wrapping around; the caller has asked `keepsIntegers`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func unary(
    _ operation: UnaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<Int64>, _ x: UnsafePointer<Int64>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.unary(operation, plane, out, x)
      case .v3: try x86v3.Elementwise.unary(operation, plane, out, x)
    #endif
    default: try KernelLoops.Elementwise.unary(operation, plane, out, x)
    }
  }

  /// Answers a question about each float.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func test<T: FloatElement>(
    _ predicate: Predicate, _ plane: Plane, _ out: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<T>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.test(predicate, plane, out, x)
      case .v3: try x86v3.Elementwise.test(predicate, plane, out, x)
    #endif
    default: try KernelLoops.Elementwise.test(predicate, plane, out, x)
    }
  }

  /// Limits each number to `low...high`; NaN stays.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func clamp<T: StoredElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>, low: T, high: T
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Elementwise.clamp(plane, out, x, low: low, high: high)
      case .v3: try x86v3.Elementwise.clamp(plane, out, x, low: low, high: high)
    #endif
    default: try KernelLoops.Elementwise.clamp(plane, out, x, low: low, high: high)
    }
  }
}

/// Loops over gradients: their size, and limits to it.
public enum GradientKernels {
  /// Adds `|x|^power` of every element to `sum`, in double.
  public static func addPowers<T: FloatElement>(_ x: UnsafePointer<T>, power: Double, to sum: inout Double, count: Int) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.GradientKernels.addPowers(x, power: power, to: &sum, count: count)
      case .v3: x86v3.GradientKernels.addPowers(x, power: power, to: &sum, count: count)
    #endif
    default: KernelLoops.GradientKernels.addPowers(x, power: power, to: &sum, count: count)
    }
  }

  /// The greatest `|x|`, at least `least`; NaN where an element or `least` is.
  public static func largest<T: FloatElement>(_ x: UnsafePointer<T>, atLeast least: Double, count: Int) -> Double {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.GradientKernels.largest(x, atLeast: least, count: count)
      case .v3: x86v3.GradientKernels.largest(x, atLeast: least, count: count)
    #endif
    default: KernelLoops.GradientKernels.largest(x, atLeast: least, count: count)
    }
  }

  /// Multiplies every element by `factor`.
  public static func scale<T: FloatElement>(_ x: UnsafeMutablePointer<T>, by factor: Double, count: Int) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.GradientKernels.scale(x, by: factor, count: count)
      case .v3: x86v3.GradientKernels.scale(x, by: factor, count: count)
    #endif
    default: KernelLoops.GradientKernels.scale(x, by: factor, count: count)
    }
  }

  /// Brings every element into `-limit...limit`; NaN stays.
  public static func clamp<T: FloatElement>(_ x: UnsafeMutablePointer<T>, to limit: Double, count: Int) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.GradientKernels.clamp(x, to: limit, count: count)
      case .v3: x86v3.GradientKernels.clamp(x, to: limit, count: count)
    #endif
    default: KernelLoops.GradientKernels.clamp(x, to: limit, count: count)
    }
  }
}

/// Counting into equal bins; `Histogram.init` of the module `Kernels` is what callers see.
public enum HistogramKernel {
  /// Counts `count` contiguous elements into `bins` equal bins from `lower` to `upper`.
  ///
  /// Elements outside the limits, NaN and infinite ones are in no bin. Equal limits are moved apart by 1/2 to
  /// either side, as NumPy does.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - count: how many there are.
  ///   - quantity: what of them is counted.
  ///   - bins: the number of bins, at least 1.
  ///   - lower: the lower edge of the first bin, finite.
  ///   - upper: the upper edge of the last bin, finite, not below `lower`.
  /// - Returns: the counts and the edges.
  /// - Throws: `Interrupted` when a stop is requested.
  public static func count<T: FloatElement>(
    _ x: UnsafePointer<T>, count: Int, quantity: Histogram.Quantity, bins: Int, lower: Double, upper: Double
  ) throws -> Histogram {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.HistogramKernel.count(x, count: count, quantity: quantity, bins: bins, lower: lower, upper: upper)
      case .v3: try x86v3.HistogramKernel.count(x, count: count, quantity: quantity, bins: bins, lower: lower, upper: upper)
    #endif
    default: try KernelLoops.HistogramKernel.count(x, count: count, quantity: quantity, bins: bins, lower: lower, upper: upper)
    }
  }
}

extension HistogramKernel {
  /// Counts all finite elements of a buffer whose moments are known, into equal bins from the smallest to the largest.
  ///
  /// The same counts as with those limits told, at half the cost where every element is finite.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - moments: their moments, for their number and the limits; 0 to 1 where nothing is in a bin.
  ///   - quantity: what of them is counted.
  ///   - bins: the number of bins, at least 1.
  /// - Returns: the counts and the edges.
  /// - Throws: `Interrupted` when a stop is requested.
  public static func count<T: FloatElement>(
    _ x: UnsafePointer<T>, moments: Moments, quantity: Histogram.Quantity, bins: Int
  ) throws -> Histogram {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.HistogramKernel.count(x, moments: moments, quantity: quantity, bins: bins)
      case .v3: try x86v3.HistogramKernel.count(x, moments: moments, quantity: quantity, bins: bins)
    #endif
    default: try KernelLoops.HistogramKernel.count(x, moments: moments, quantity: quantity, bins: bins)
    }
  }
}

/// Functions along one dimension: a line is the `count` elements that differ in that dimension alone.
///
/// The planes walk the other dimensions, operand 0 being the input; `steps` holds each operand's stride along the lines.
public enum Lines {
  /// Finds the smallest or largest element of each line, operand 1, and its index, operand 2; the first of equals, and the first NaN.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func extremes<T: StoredElement>(
    largest: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ values: UnsafeMutablePointer<T>,
    _ indices: UnsafeMutablePointer<Int64>, count: Int, step: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Lines.extremes(largest: largest, plane, x, values, indices, count: count, step: step)
      case .v3: try x86v3.Lines.extremes(largest: largest, plane, x, values, indices, count: count, step: step)
    #endif
    default: try KernelLoops.Lines.extremes(largest: largest, plane, x, values, indices, count: count, step: step)
    }
  }

  /// Sums each line up to every element, floats in double, or multiplies it; operand 1 is the result.
  ///
  /// Integers wrap around.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func cumulate<T: StoredElement, A: StoredElement>(
    products: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ results: UnsafeMutablePointer<T>, count: Int,
    steps: (Int, Int), initial: A
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Lines.cumulate(products: products, plane, x, results, count: count, steps: steps, initial: initial)
      case .v3: try x86v3.Lines.cumulate(products: products, plane, x, results, count: count, steps: steps, initial: initial)
    #endif
    default: try KernelLoops.Lines.cumulate(products: products, plane, x, results, count: count, steps: steps, initial: initial)
    }
  }
}

extension Lines {
  /// Computes `e^(x - m) / sum e^(x - m)` along each line, or its logarithm `x - m - log sum e^(x - m)`; m is the line's largest element.
  ///
  /// The sum is taken in double, in an order that depends on the line's length alone.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func softmax<T: FloatElement>(
    logarithm: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, count: Int,
    steps: (Int, Int)
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Lines.softmax(logarithm: logarithm, plane, x, out, count: count, steps: steps)
      case .v3: try x86v3.Lines.softmax(logarithm: logarithm, plane, x, out, count: count, steps: steps)
    #endif
    default: try KernelLoops.Lines.softmax(logarithm: logarithm, plane, x, out, count: count, steps: steps)
    }
  }

  /// Computes `m + log sum e^(x - m)` of each line into operand 1; m is the line's largest element, or 0 if that is infinite.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func logSumExp<T: FloatElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, count: Int, step: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Lines.logSumExp(plane, x, out, count: count, step: step)
      case .v3: try x86v3.Lines.logSumExp(plane, x, out, count: count, step: step)
    #endif
    default: try KernelLoops.Lines.logSumExp(plane, x, out, count: count, step: step)
    }
  }
}

/// Loops over matrices that no library has.
public enum MatrixKernels {
  /// Computes `c = a b` of whole numbers, wrapping around, `c` being `[rows, columns]` in row-major order without gaps.
  ///
  /// The steps are the distances in elements between neighbouring rows and columns of `a` and `b`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func multiply(
    rows: Int, columns: Int, inner: Int, a: UnsafePointer<Int64>, stepsA: (row: Int, column: Int),
    b: UnsafePointer<Int64>, stepsB: (row: Int, column: Int), c: UnsafeMutablePointer<Int64>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.MatrixKernels.multiply(rows: rows, columns: columns, inner: inner, a: a, stepsA: stepsA, b: b, stepsB: stepsB, c: c)
      case .v3: try x86v3.MatrixKernels.multiply(rows: rows, columns: columns, inner: inner, a: a, stepsA: stepsA, b: b, stepsB: stepsB, c: c)
    #endif
    default: try KernelLoops.MatrixKernels.multiply(rows: rows, columns: columns, inner: inner, a: a, stepsA: stepsA, b: b, stepsB: stepsB, c: c)
    }
  }

  /// Finds the first of `count` numbers that is NaN or infinite, nil when there is none.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func firstNotFinite<T: FloatElement>(_ x: UnsafePointer<T>, count: Int) throws -> Int? {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.MatrixKernels.firstNotFinite(x, count: count)
      case .v3: try x86v3.MatrixKernels.firstNotFinite(x, count: count)
    #endif
    default: try KernelLoops.MatrixKernels.firstNotFinite(x, count: count)
    }
  }
}

extension MomentsKernel {
  /// Measures a contiguous matrix of finite elements, at least one by one.
  ///
  /// The cosine costs one pass: with unit samples `u`, the sum over pairs is `(|sum u|^2 - n) / (n (n-1))`.
  /// Each sample is scaled by a power of two before its norm is taken, so neither 1e-200 nor 1e+200 is lost.
  ///
  /// - Parameters:
  ///   - x: the elements, row-major.
  ///   - samples: the number of rows.
  ///   - units: the number of columns.
  ///   - scale: the power of two of `Moments.naturalScale`.
  ///   - scratch: memory for `scratchCount(samples:units:)` doubles, all 0.
  /// - Returns: the measures.
  /// - Throws: `Interrupted` when a stop is requested.
  public static func scanBatch<T: FloatElement>(
    _ x: UnsafePointer<T>, samples: Int, units: Int, scale: Double, scratch: UnsafeMutablePointer<Double>
  ) throws -> MomentsOfBatch {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.MomentsKernel.scanBatch(x, samples: samples, units: units, scale: scale, scratch: scratch)
      case .v3: try x86v3.MomentsKernel.scanBatch(x, samples: samples, units: units, scale: scale, scratch: scratch)
    #endif
    default: try KernelLoops.MomentsKernel.scanBatch(x, samples: samples, units: units, scale: scale, scratch: scratch)
    }
  }
}

extension MomentsKernel {
  /// Measures a contiguous matrix of finite floats as `scanBatch` does, where its transpose `[units, samples]` lies in memory.
  ///
  /// Weights lie so: to transpose them takes as long as to measure them.
  ///
  /// - Parameters:
  ///   - x: the elements, unit after unit.
  ///   - samples: the number of samples, at least 1 and at most 2^24, up to where a float counts.
  ///   - units: the number of units, at least 1.
  ///   - scratch: memory for a double a sample, which is overwritten.
  /// - Returns: the measures.
  /// - Throws: `Interrupted` when a stop is requested.
  public static func scanTransposed(
    _ x: UnsafePointer<Float>, samples: Int, units: Int, scratch: UnsafeMutablePointer<Double>
  ) throws -> MomentsOfBatch {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.MomentsKernel.scanTransposed(x, samples: samples, units: units, scratch: scratch)
      case .v3: try x86v3.MomentsKernel.scanTransposed(x, samples: samples, units: units, scratch: scratch)
    #endif
    default: try KernelLoops.MomentsKernel.scanTransposed(x, samples: samples, units: units, scratch: scratch)
    }
  }
}

/// Taking moments; `Moments.scan` and `MomentsOfBatch.scan` of the module `Kernels` are what callers see.
public enum MomentsKernel {
  /// Takes the moments of `count` contiguous elements, on several threads if they are many; the third and fourth are NaN but with
  /// `shape`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func scan<T: FloatElement>(_ x: UnsafePointer<T>, count: Int, shape: Bool) throws -> Moments {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.MomentsKernel.scan(x, count: count, shape: shape)
      case .v3: try x86v3.MomentsKernel.scan(x, count: count, shape: shape)
    #endif
    default: try KernelLoops.MomentsKernel.scan(x, count: count, shape: shape)
    }
  }
}

extension Philox {
  /// Fills `count` numbers with `mean + std z`, `z` standard normal: the normal quantile of a uniform number.
  ///
  /// The uniform numbers are odd multiples of 2^-53: never 0, 1/2 or 1, and symmetric, with `|z| < 8.3`. Number `i` comes from half
  /// `i % 2` of the block `counter + i / 2`. Everything is computed in double and rounded once to the element type.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func fillNormal<T: FloatElement>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, mean: Double, std: Double
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Philox.fillNormal(target, count: count, key: key, counter: counter, mean: mean, std: std)
      case .v3: try x86v3.Philox.fillNormal(target, count: count, key: key, counter: counter, mean: mean, std: std)
    #endif
    default: try KernelLoops.Philox.fillNormal(target, count: count, key: key, counter: counter, mean: mean, std: std)
    }
  }
}

/// Batch normalisation: each column of a matrix by its own mean and variance.
public enum ColumnNormalisation {
  /// Adds the sums of `g` and of `g hat`, `hat = x scale + shift`, over each column, in float64.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func gradientSums<T: FloatElement>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, scale: UnsafePointer<T>, shift: UnsafePointer<T>,
    sums: UnsafeMutablePointer<Double>, hatSums: UnsafeMutablePointer<Double>, rows: Int, columns: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.ColumnNormalisation.gradientSums(g, x, scale: scale, shift: shift, sums: sums, hatSums: hatSums, rows: rows, columns: columns)
      case .v3: try x86v3.ColumnNormalisation.gradientSums(g, x, scale: scale, shift: shift, sums: sums, hatSums: hatSums, rows: rows, columns: columns)
    #endif
    default: try KernelLoops.ColumnNormalisation.gradientSums(g, x, scale: scale, shift: shift, sums: sums, hatSums: hatSums, rows: rows, columns: columns)
    }
  }

  /// Computes `y = g factor + (x scale + shift) hatFactor + constant`; `y` may be `g`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func backward<T: FloatElement>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ slope: NormalisationSlope<T>, into y: UnsafeMutablePointer<T>,
    rows: Int, columns: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.ColumnNormalisation.backward(g, x, slope, into: y, rows: rows, columns: columns)
      case .v3: try x86v3.ColumnNormalisation.backward(g, x, slope, into: y, rows: rows, columns: columns)
    #endif
    default: try KernelLoops.ColumnNormalisation.backward(g, x, slope, into: y, rows: rows, columns: columns)
    }
  }

  /// Adds the moments of each column of `x`; see `ColumnMoments`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func moments<T: FloatElement>(
    _ x: UnsafePointer<T>, _ moments: ColumnMoments<T>, rows: Int, columns: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.ColumnNormalisation.moments(x, moments, rows: rows, columns: columns)
      case .v3: try x86v3.ColumnNormalisation.moments(x, moments, rows: rows, columns: columns)
    #endif
    default: try KernelLoops.ColumnNormalisation.moments(x, moments, rows: rows, columns: columns)
    }
  }

  /// Turns sums of differences from a pivot into mean and population variance (dividing by n), in place.
  ///
  /// Numbers that are all equal give a variance of exactly 0.
  public static func finish<T: FloatElement>(_ moments: ColumnMoments<T>, rows: Int, columns: Int) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.ColumnNormalisation.finish(moments, rows: rows, columns: columns)
      case .v3: x86v3.ColumnNormalisation.finish(moments, rows: rows, columns: columns)
    #endif
    default: KernelLoops.ColumnNormalisation.finish(moments, rows: rows, columns: columns)
    }
  }

  /// `1/sqrt(variance + eps)`, and 0 where both are 0: a dead unit has output 0 and gradient 0.
  public static func inverseDeviation(_ variance: Double, _ eps: Double) -> Double {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.ColumnNormalisation.inverseDeviation(variance, eps)
      case .v3: x86v3.ColumnNormalisation.inverseDeviation(variance, eps)
    #endif
    default: KernelLoops.ColumnNormalisation.inverseDeviation(variance, eps)
    }
  }
}

/// Layer and RMS normalisation: each row of a matrix by its own statistics.
public struct RowNormalisation<T: FloatElement> {
  /// Whether the mean is subtracted: layer normalisation does, RMS normalisation doesn't.
  public let centres: Bool
  /// What is added to the variance, or the mean square, inside the root.
  public let eps: Double
  /// The scale of each column, nil for 1.
  public let gamma: UnsafePointer<T>?
  /// The shift of each column, nil for 0.
  public let beta: UnsafePointer<T>?
  /// The number of columns.
  public let columns: Int

  /// Makes the kernel of one normalisation.
  public init(
    centres: Bool, eps: Double, gamma: UnsafePointer<T>?, beta: UnsafePointer<T>?, columns: Int
  ) {
    self.centres = centres
    self.eps = eps
    self.gamma = gamma
    self.beta = beta
    self.columns = columns
  }

  /// Computes `y = gamma (x - mean)/sqrt(var + eps) + beta` and keeps each row's `1/sqrt(var + eps)` and its mean.
  ///
  /// The mean is taken off in double, so that equal numbers give exactly beta. A row whose variance and eps are 0 gives beta. `y` may be `x`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public func forward(
    _ x: UnsafePointer<T>, into y: UnsafeMutablePointer<T>, scales: UnsafeMutablePointer<Double>,
    means: UnsafeMutablePointer<Double>, rows: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.RowNormalisation<T>(centres: centres, eps: eps, gamma: gamma, beta: beta, columns: columns).forward(x, into: y, scales: scales, means: means, rows: rows)
      case .v3: try x86v3.RowNormalisation<T>(centres: centres, eps: eps, gamma: gamma, beta: beta, columns: columns).forward(x, into: y, scales: scales, means: means, rows: rows)
    #endif
    default: try KernelLoops.RowNormalisation<T>(centres: centres, eps: eps, gamma: gamma, beta: beta, columns: columns).forward(x, into: y, scales: scales, means: means, rows: rows)
    }
  }

  /// Computes the gradient with respect to `x`, and adds those of gamma and beta to `gammaSums` and `betaSums`.
  ///
  /// `dx = (h - mean(h) - hat mean(h hat))/sqrt(var + eps)` with `h = g gamma`; RMS normalisation has no `mean(h)`.
  /// `result` may be `g`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public func backward(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, scales: UnsafePointer<Double>, means: UnsafePointer<Double>,
    into result: UnsafeMutablePointer<T>, gammaSums: UnsafeMutablePointer<Double>,
    betaSums: UnsafeMutablePointer<Double>, rows: Int
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.RowNormalisation<T>(centres: centres, eps: eps, gamma: gamma, beta: beta, columns: columns).backward(g, x, scales: scales, means: means, into: result, gammaSums: gammaSums, betaSums: betaSums, rows: rows)
      case .v3: try x86v3.RowNormalisation<T>(centres: centres, eps: eps, gamma: gamma, beta: beta, columns: columns).backward(g, x, scales: scales, means: means, into: result, gammaSums: gammaSums, betaSums: betaSums, rows: rows)
    #endif
    default: try KernelLoops.RowNormalisation<T>(centres: centres, eps: eps, gamma: gamma, beta: beta, columns: columns).backward(g, x, scales: scales, means: means, into: result, gammaSums: gammaSums, betaSums: betaSums, rows: rows)
    }
  }
}

extension ColumnNormalisation {
  /// Folds a normalisation to `y = x scale + shift`, and `hat = x hatScale + hatShift` without gamma and beta.
  ///
  /// `gamma` and `beta` nil are 1 and 0. A bias that was left out of `x` is left out of `mean` too: it cancels.
  public static func fold<T: FloatElement>(
    mean: UnsafePointer<Double>, variance: UnsafePointer<Double>, eps: Double, gamma: UnsafePointer<T>?,
    beta: UnsafePointer<T>?, scale: UnsafeMutablePointer<T>, shift: UnsafeMutablePointer<T>,
    hatScale: UnsafeMutablePointer<T>, hatShift: UnsafeMutablePointer<T>, columns: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.ColumnNormalisation.fold(mean: mean, variance: variance, eps: eps, gamma: gamma, beta: beta, scale: scale, shift: shift, hatScale: hatScale, hatShift: hatShift, columns: columns)
      case .v3: x86v3.ColumnNormalisation.fold(mean: mean, variance: variance, eps: eps, gamma: gamma, beta: beta, scale: scale, shift: shift, hatScale: hatScale, hatShift: hatShift, columns: columns)
    #endif
    default: KernelLoops.ColumnNormalisation.fold(mean: mean, variance: variance, eps: eps, gamma: gamma, beta: beta, scale: scale, shift: shift, hatScale: hatScale, hatShift: hatShift, columns: columns)
    }
  }

  /// Computes the backward's three numbers a column from the sums of `g` and `g hat`; see `NormalisationSlope`.
  ///
  /// With `rows` 0 the statistics are constants (evaluation) and only the factor remains.
  public static func slopes<T: FloatElement>(
    variance: UnsafePointer<Double>, eps: Double, gamma: UnsafePointer<T>?, sums: UnsafePointer<Double>,
    hatSums: UnsafePointer<Double>, rows: Int, factor: UnsafeMutablePointer<T>, hatFactor: UnsafeMutablePointer<T>,
    constant: UnsafeMutablePointer<T>, columns: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.ColumnNormalisation.slopes(variance: variance, eps: eps, gamma: gamma, sums: sums, hatSums: hatSums, rows: rows, factor: factor, hatFactor: hatFactor, constant: constant, columns: columns)
      case .v3: x86v3.ColumnNormalisation.slopes(variance: variance, eps: eps, gamma: gamma, sums: sums, hatSums: hatSums, rows: rows, factor: factor, hatFactor: hatFactor, constant: constant, columns: columns)
    #endif
    default: KernelLoops.ColumnNormalisation.slopes(variance: variance, eps: eps, gamma: gamma, sums: sums, hatSums: hatSums, rows: rows, factor: factor, hatFactor: hatFactor, constant: constant, columns: columns)
    }
  }

  /// Moves running statistics towards a batch's: `running = (1 - weight) running + weight batch`, the variance unbiased.
  ///
  /// `summand` is a bias that `mean` was taken without, nil for none.
  public static func updateRunning<T: FloatElement>(
    mean: UnsafePointer<Double>, variance: UnsafePointer<Double>, summand: UnsafePointer<T>?, rows: Int, weight: Double,
    runningMean: UnsafeMutablePointer<T>, runningVariance: UnsafeMutablePointer<T>, columns: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.ColumnNormalisation.updateRunning(mean: mean, variance: variance, summand: summand, rows: rows, weight: weight, runningMean: runningMean, runningVariance: runningVariance, columns: columns)
      case .v3: x86v3.ColumnNormalisation.updateRunning(mean: mean, variance: variance, summand: summand, rows: rows, weight: weight, runningMean: runningMean, runningVariance: runningVariance, columns: columns)
    #endif
    default: KernelLoops.ColumnNormalisation.updateRunning(mean: mean, variance: variance, summand: summand, rows: rows, weight: weight, runningMean: runningMean, runningVariance: runningVariance, columns: columns)
    }
  }
}

/// Loops that change parameters along their gradients, one pass a parameter.
///
/// They compute in the element type, in PyTorch's order of operations; what is the same for all elements is computed in double.
public enum OptimiserKernels {
  /// The settings of a step of stochastic gradient descent.
  public typealias Descent = DescentSettings

  /// Computes `d = g + decay p`, `b = momentum b + (1 - dampening) d` (`b = d` when `isFirst`), and `p -= rate b`, or
  /// `p -= rate (d + momentum b)` with Nesterov's momentum, or `p -= rate d` where there is no `b`.
  public static func sgd<T: FloatElement>(
    _ p: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, _ b: UnsafeMutablePointer<T>?, isFirst: Bool, _ step: Descent,
    count: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.OptimiserKernels.sgd(p, g, b, isFirst: isFirst, step, count: count)
      case .v3: x86v3.OptimiserKernels.sgd(p, g, b, isFirst: isFirst, step, count: count)
    #endif
    default: KernelLoops.OptimiserKernels.sgd(p, g, b, isFirst: isFirst, step, count: count)
    }
  }
}

/// The counter-based generator Philox 4x32 with 10 rounds (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers:
/// as easy as 1, 2, 3").
///
/// A block of 128 random bits is a function of a 128-bit counter and a 64-bit key, so that any part of a stream
/// can be computed on its own, by any number of threads.
public enum Philox {
  /// Computes the block of `counter` (`low` holds words 0 and 1, `high` words 2 and 3) under `key`.
  ///
  /// The result's first number holds words 0 (low half) and 1, the second words 2 and 3.
  public static func block(low: UInt64, high: UInt64 = 0, key: UInt64) -> (UInt64, UInt64) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.Philox.block(low: low, high: high, key: key)
      case .v3: x86v3.Philox.block(low: low, high: high, key: key)
    #endif
    default: KernelLoops.Philox.block(low: low, high: high, key: key)
    }
  }

  /// Turns 64 random bits into a number in [0, 1), a multiple of 2^-53.
  public static func uniform(_ bits: UInt64) -> Double {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.Philox.uniform(bits)
      case .v3: x86v3.Philox.uniform(bits)
    #endif
    default: KernelLoops.Philox.uniform(bits)
    }
  }

  /// Picks a whole number in `0..<bound` without bias from half `half` (0 or 1) of block `low`; a bound of 0 means 2^64.
  ///
  /// Lemire 2019, "Fast random integer generation in an interval", algorithm 5. A rejected number is drawn again from the same half of the
  /// block whose counter has the attempt in its last word, where no stream of blocks ever comes: so element `i` depends on
  /// counter `i` alone.
  public static func below(_ bound: UInt64, half: Int, low: UInt64, key: UInt64) -> UInt64 {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.Philox.below(bound, half: half, low: low, key: key)
      case .v3: x86v3.Philox.below(bound, half: half, low: low, key: key)
    #endif
    default: KernelLoops.Philox.below(bound, half: half, low: low, key: key)
    }
  }
}

extension Philox {
  /// Fills `count` numbers with exponential ones, `-log(u) / rate` with `u` an odd multiple of 2^-53 in (0, 1).
  ///
  /// Everything is computed in double and rounded once to the element type.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func fillExponential<T: FloatElement>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, rate: Double
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Philox.fillExponential(target, count: count, key: key, counter: counter, rate: rate)
      case .v3: try x86v3.Philox.fillExponential(target, count: count, key: key, counter: counter, rate: rate)
    #endif
    default: try KernelLoops.Philox.fillExponential(target, count: count, key: key, counter: counter, rate: rate)
    }
  }

  /// Fills `count` numbers with those of a truncated normal distribution, kept from `smallest` to `largest` when they are rounded.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func fillTruncatedNormal<T: FloatElement>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, _ distribution: TruncatedNormal,
    smallest: T, largest: T
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Philox.fillTruncatedNormal(target, count: count, key: key, counter: counter, distribution, smallest: smallest, largest: largest)
      case .v3: try x86v3.Philox.fillTruncatedNormal(target, count: count, key: key, counter: counter, distribution, smallest: smallest, largest: largest)
    #endif
    default: try KernelLoops.Philox.fillTruncatedNormal(target, count: count, key: key, counter: counter, distribution, smallest: smallest, largest: largest)
    }
  }

  /// Fills `count` numbers with 1 where a uniform number in [0, 1) is below the probability at its place, and 0 elsewhere.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func fillBernoulli<T: Numeric>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, probabilities: UnsafePointer<Double>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Philox.fillBernoulli(target, count: count, key: key, counter: counter, probabilities: probabilities)
      case .v3: try x86v3.Philox.fillBernoulli(target, count: count, key: key, counter: counter, probabilities: probabilities)
    #endif
    default: try KernelLoops.Philox.fillBernoulli(target, count: count, key: key, counter: counter, probabilities: probabilities)
    }
  }
}

extension Philox {
  /// Fills `count` numbers with uniform ones in [low, high), `low + (high - low) u` with `u` a multiple of 2^-53.
  ///
  /// What rounding would bring to `high` becomes the largest number below it.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func fillUniform<T: FloatElement>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, low: Double, high: Double
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Philox.fillUniform(target, count: count, key: key, counter: counter, low: low, high: high)
      case .v3: try x86v3.Philox.fillUniform(target, count: count, key: key, counter: counter, low: low, high: high)
    #endif
    default: try KernelLoops.Philox.fillUniform(target, count: count, key: key, counter: counter, low: low, high: high)
    }
  }

  /// Fills `count` numbers with 1 where a uniform number in [0, 1) is below `probability`, and 0 elsewhere.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func fillBernoulli<T: Numeric>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, probability: Double
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Philox.fillBernoulli(target, count: count, key: key, counter: counter, probability: probability)
      case .v3: try x86v3.Philox.fillBernoulli(target, count: count, key: key, counter: counter, probability: probability)
    #endif
    default: try KernelLoops.Philox.fillBernoulli(target, count: count, key: key, counter: counter, probability: probability)
    }
  }

  /// Fills `count` integers with `low + k`, `k` in `0..<bound` without bias; a bound of 0 means 2^64.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func fillIntegers(
    _ target: UnsafeMutablePointer<Int64>, count: Int, key: UInt64, counter: UInt64, low: Int64, bound: UInt64
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Philox.fillIntegers(target, count: count, key: key, counter: counter, low: low, bound: bound)
      case .v3: try x86v3.Philox.fillIntegers(target, count: count, key: key, counter: counter, low: low, bound: bound)
    #endif
    default: try KernelLoops.Philox.fillIntegers(target, count: count, key: key, counter: counter, low: low, bound: bound)
    }
  }
}

/// Quantiles of many lines: contiguous, `[lines, count]`, `count` at least 1.
public enum QuantileKernel {
  /// Finds quantiles, linearly interpolated between the elements around position `fraction (count - 1)`, into `results`, `[fractions, lines]`.
  ///
  /// Fractions lie in 0...1. A line with a NaN gives NaN. `scratch` has room for a line.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func quantiles<T: FloatElement>(
    _ x: UnsafePointer<T>, lines: Int, count: Int, fractions: [Double], _ results: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<T>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.QuantileKernel.quantiles(x, lines: lines, count: count, fractions: fractions, results, scratch: scratch)
      case .v3: try x86v3.QuantileKernel.quantiles(x, lines: lines, count: count, fractions: fractions, results, scratch: scratch)
    #endif
    default: try KernelLoops.QuantileKernel.quantiles(x, lines: lines, count: count, fractions: fractions, results, scratch: scratch)
    }
  }

  /// Finds each line's median, the mean of the middle two for an even count, and the first index of its lower middle element.
  ///
  /// A line with a NaN gives NaN and the index of the first.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func medians<T: FloatElement>(
    _ x: UnsafePointer<T>, lines: Int, count: Int, _ results: UnsafeMutablePointer<Double>,
    _ indices: UnsafeMutablePointer<Int64>, scratch: UnsafeMutablePointer<T>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.QuantileKernel.medians(x, lines: lines, count: count, results, indices, scratch: scratch)
      case .v3: try x86v3.QuantileKernel.medians(x, lines: lines, count: count, results, indices, scratch: scratch)
    #endif
    default: try KernelLoops.QuantileKernel.medians(x, lines: lines, count: count, results, indices, scratch: scratch)
    }
  }
}

/// Sums, products and extremes of strided buffers into accumulators.
///
/// Operand 0 of a plane is the input and operand 1 the accumulators, whose strides are 0 along reduced dimensions: a row goes into
/// one accumulator or is added to a row of them. Floats accumulate in double, whole numbers in int64, wrapping around.
public enum Reductions {
  /// Adds floats to their accumulators.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func sum<T: FloatElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<Double>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Reductions.sum(plane, x, totals)
      case .v3: try x86v3.Reductions.sum(plane, x, totals)
    #endif
    default: try KernelLoops.Reductions.sum(plane, x, totals)
    }
  }

  /// Adds the squares of floats to their accumulators.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func sumOfSquares<T: FloatElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<Double>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Reductions.sumOfSquares(plane, x, totals)
      case .v3: try x86v3.Reductions.sumOfSquares(plane, x, totals)
    #endif
    default: try KernelLoops.Reductions.sumOfSquares(plane, x, totals)
    }
  }

  /// Adds the squared distances of floats from their means, which lie as the accumulators do.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func squaredDeviations<T: FloatElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, means: UnsafePointer<Double>, _ totals: UnsafeMutablePointer<Double>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Reductions.squaredDeviations(plane, x, means: means, totals)
      case .v3: try x86v3.Reductions.squaredDeviations(plane, x, means: means, totals)
    #endif
    default: try KernelLoops.Reductions.squaredDeviations(plane, x, means: means, totals)
    }
  }

  /// Multiplies floats into their accumulators.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func product<T: FloatElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<Double>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Reductions.product(plane, x, totals)
      case .v3: try x86v3.Reductions.product(plane, x, totals)
    #endif
    default: try KernelLoops.Reductions.product(plane, x, totals)
    }
  }

  /// Adds whole numbers to their accumulators.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func wholeSum<T: StoredElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<Int64>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Reductions.wholeSum(plane, x, totals)
      case .v3: try x86v3.Reductions.wholeSum(plane, x, totals)
    #endif
    default: try KernelLoops.Reductions.wholeSum(plane, x, totals)
    }
  }

  /// Multiplies whole numbers into their accumulators.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func wholeProduct<T: StoredElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<Int64>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Reductions.wholeProduct(plane, x, totals)
      case .v3: try x86v3.Reductions.wholeProduct(plane, x, totals)
    #endif
    default: try KernelLoops.Reductions.wholeProduct(plane, x, totals)
    }
  }

  /// Keeps the smallest or the largest numbers in accumulators of their type; NaN wins over all.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func extreme<T: StoredElement>(
    largest: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<T>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Reductions.extreme(largest: largest, plane, x, totals)
      case .v3: try x86v3.Reductions.extreme(largest: largest, plane, x, totals)
    #endif
    default: try KernelLoops.Reductions.extreme(largest: largest, plane, x, totals)
    }
  }

  /// Keeps in accumulators that begin as 0 whether any number is other than 0 (`holds` true), or is 0 (`holds` false).
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func any<T: StoredElement>(
    holds: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<UInt8>
  ) throws {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Reductions.any(holds: holds, plane, x, totals)
      case .v3: try x86v3.Reductions.any(holds: holds, plane, x, totals)
    #endif
    default: try KernelLoops.Reductions.any(holds: holds, plane, x, totals)
    }
  }
}

/// Order statistics by radix selection on the ordered bits of floating-point numbers, without a full sort.
///
/// A first pass counts the elements by their top eleven bits; a second one gathers the few groups that hold a
/// wanted rank; these are split in place by the next eleven bits, and so on. Few elements are split at one of them.
public enum Selection {
  /// How many elements of an ascending sort come before each wanted one: finds several in one go.
  ///
  /// - Parameters:
  ///   - x: the elements, none of them NaN.
  ///   - count: how many there are.
  ///   - ranks: the wanted positions, ascending, each in `0..<count`.
  ///   - scratch: memory for `count` elements, which is overwritten.
  /// - Returns: the elements at those positions of the sorted data.
  /// - Throws: `Interrupted` when a stop is requested.
  public static func select<T: FloatElement>(
    _ x: UnsafePointer<T>, count: Int, ranks: [Int], scratch: UnsafeMutablePointer<T>
  ) throws -> [Double] {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Selection.select(x, count: count, ranks: ranks, scratch: scratch)
      case .v3: try x86v3.Selection.select(x, count: count, ranks: ranks, scratch: scratch)
    #endif
    default: try KernelLoops.Selection.select(x, count: count, ranks: ranks, scratch: scratch)
    }
  }

  /// The percentiles of `count` elements, linearly interpolated between neighbours as `numpy.percentile` does.
  ///
  /// - Parameters:
  ///   - x: the elements, at least one, none of them NaN.
  ///   - count: how many there are.
  ///   - percentiles: what to find, each in `0...100`, in any order.
  ///   - scratch: memory for `count` elements, which is overwritten.
  /// - Returns: one number a percentile, in the order asked for.
  /// - Throws: `Interrupted` when a stop is requested.
  public static func percentiles<T: FloatElement>(
    _ x: UnsafePointer<T>, count: Int, _ percentiles: [Double], scratch: UnsafeMutablePointer<T>
  ) throws -> [Double] {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.Selection.percentiles(x, count: count, percentiles, scratch: scratch)
      case .v3: try x86v3.Selection.percentiles(x, count: count, percentiles, scratch: scratch)
    #endif
    default: try KernelLoops.Selection.percentiles(x, count: count, percentiles, scratch: scratch)
    }
  }
}

/// Cross-entropy of logits and classes, with its gradient.
public enum SoftmaxCrossEntropy {
  /// Sums `log sum_j exp(x[i, j]) - x[i, class_i]` over the rows and writes `(softmax(x) - onehot) factor` to `gradient`.
  ///
  /// The row's largest logit is subtracted first, so that nothing overflows. `classes` count from 0 and are in range.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func forward<T: FloatElement>(
    _ x: UnsafePointer<T>, classes: UnsafePointer<Int>, gradient: UnsafeMutablePointer<T>?, factor: Double, rows: Int,
    columns: Int
  ) throws -> Double {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: try x86v4.SoftmaxCrossEntropy.forward(x, classes: classes, gradient: gradient, factor: factor, rows: rows, columns: columns)
      case .v3: try x86v3.SoftmaxCrossEntropy.forward(x, classes: classes, gradient: gradient, factor: factor, rows: rows, columns: columns)
    #endif
    default: try KernelLoops.SoftmaxCrossEntropy.forward(x, classes: classes, gradient: gradient, factor: factor, rows: rows, columns: columns)
    }
  }

  /// The column of the largest number in each row, the first of equals; NaN counts as largest.
  public static func largest<T: FloatElement>(
    _ x: UnsafePointer<T>, into result: UnsafeMutablePointer<Int>, rows: Int, columns: Int
  ) {
    switch InstructionSet.current {
    #if arch(x86_64)
      case .v4: x86v4.SoftmaxCrossEntropy.largest(x, into: result, rows: rows, columns: columns)
      case .v3: x86v3.SoftmaxCrossEntropy.largest(x, into: result, rows: rows, columns: columns)
    #endif
    default: KernelLoops.SoftmaxCrossEntropy.largest(x, into: result, rows: rows, columns: columns)
    }
  }
}
