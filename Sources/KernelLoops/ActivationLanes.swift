import KernelBase

// The passes of nonlinearities of a few operations: all that is done to a number is done while it is in a register.

extension ActivationPasses {
  @inline(__always)
  func run<F: LaneNonlinearity>(
    _ function: F, _ z: UnsafePointer<T>, _ scale: UnsafePointer<T>, _ shift: UnsafePointer<T>,
    _ a: UnsafeMutablePointer<T>, _ moments: ColumnMoments<T>?, _ rows: Int, _ columns: Int
  ) throws where F.Scalar == T {
    guard let moments, rows > 0 else {
      let streams = Streaming.pays(a, from: z, rows: rows, columns: columns)
      return try forEachSharedBand(rows, columns) { first, height in
        for row in first..<(first + height) {
          let (z, a) = (z + row * columns, a + row * columns)
          let kernel = ForwardRow(function: function, z: z, scale: scale, shift: shift, a: a, streams: streams)
          forEachColumn(columns, kernel)
        }
        Streaming.finish(streams)
      }
    }
    // the first number of each column, to measure the others from
    let first = ForwardRow(function: function, z: z, scale: scale, shift: shift, a: moments.pivot, streams: false)
    forEachColumn(columns, first)
    try forEachSharedBand(rows, columns, addingTo: moments.sum, moments.squares) { first, height, sum, squares in
      let own = ColumnMoments(pivot: moments.pivot, sum: sum, squares: squares)
      let (z, a) = (z + first * columns, a + first * columns)
      let kernel = ForwardWithMoments(
        function: function, z: z, scale: scale, shift: shift, a: a, moments: own, rows: height, columns: columns)
      forEachColumn(columns, kernel)
    }
  }

  @inline(__always)
  func run<F: LaneNonlinearity>(
    _ function: F, _ operands: ActivationBackward<T>, _ rows: Int, _ columns: Int
  ) throws where F.Scalar == T {
    guard let sums = operands.sums, let hatSums = operands.hatSums else {
      return try forEachSharedBand(rows, columns) { first, height in
        backward(function, operands, first * columns, height, columns)
      }
    }
    try forEachSharedBand(rows, columns, addingTo: sums, hatSums) { first, height, sums, hatSums in
      var own = operands
      if let after = operands.after {
        let (start, result) = (first * columns, operands.result)
        applySlope(operands.gradient + start, operands.a + start, after, result + start, height, columns)
        own.gradient = UnsafePointer(result)
      }
      let kernel = BackwardWithSums(
        function: function, operands: own, start: first * columns, sums: sums, hatSums: hatSums, rows: height,
        columns: columns)
      forEachColumn(columns, kernel)
    }
  }

  /// Computes the gradient with respect to the activation's input in the rows from the one that begins at `start`.
  @inline(__always)
  private func backward<F: LaneNonlinearity>(
    _ function: F, _ operands: ActivationBackward<T>, _ start: Int, _ rows: Int, _ columns: Int
  ) where F.Scalar == T {
    if let after = operands.after {
      let kernel = BackwardThroughNormalisation(
        function: function, operands: operands, after: after, start: start, rows: rows, columns: columns)
      forEachColumn(columns, kernel)
    } else {
      let kernel = BackwardRows(function: function, operands: operands, start: start, rows: rows, columns: columns)
      forEachColumn(columns, kernel)
    }
  }
}

/// `a = phi(z scale + shift)` of one row.
private struct ForwardRow<F: LaneNonlinearity>: ColumnKernel {
  typealias Scalar = F.Scalar

  let function: F
  let z: UnsafePointer<Scalar>
  let scale: UnsafePointer<Scalar>
  let shift: UnsafePointer<Scalar>
  let a: UnsafeMutablePointer<Scalar>
  let streams: Bool

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    let u = L.load(z + column) * L.load(scale + column) + L.load(shift + column)
    function.value(u).store(a + column, streaming: streams)
  }
}

/// The same of a few rows, with the moments of their columns.
private struct ForwardWithMoments<F: LaneNonlinearity>: ColumnKernel {
  typealias Scalar = F.Scalar

  let function: F
  let z: UnsafePointer<Scalar>
  let scale: UnsafePointer<Scalar>
  let shift: UnsafePointer<Scalar>
  let a: UnsafeMutablePointer<Scalar>
  let moments: ColumnMoments<Scalar>
  let rows: Int
  let columns: Int

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    let (scale, shift) = (L.load(scale + column), L.load(shift + column))
    var sums = LanesOfMoments<L>(moments, column)
    var place = column
    for _ in 0..<rows {
      let number = function.value(L.load(z + place) * scale + shift)
      number.store(a + place)
      sums.add(number)
      place += columns
    }
    sums.store(moments, column)
  }
}

/// The gradient with respect to the activation's input in a few rows.
private struct BackwardRows<F: LaneNonlinearity>: ColumnKernel {
  typealias Scalar = F.Scalar

  let function: F
  let operands: ActivationBackward<Scalar>
  let start: Int
  let rows: Int
  let columns: Int

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    let (scale, shift) = (L.load(operands.scale + column), L.load(operands.shift + column))
    var place = start + column
    for _ in 0..<rows {
      let gradient = function.gradient(
        L.load(operands.gradient + place), L.load(operands.z + place) * scale + shift, L.load(operands.a + place))
      gradient.store(operands.result + place)
      place += columns
    }
  }
}

/// The same from the gradient of what a normalisation has made of the activation's output.
private struct BackwardThroughNormalisation<F: LaneNonlinearity>: ColumnKernel {
  typealias Scalar = F.Scalar

  let function: F
  let operands: ActivationBackward<Scalar>
  let after: NormalisationSlope<Scalar>
  let start: Int
  let rows: Int
  let columns: Int

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    let (scale, shift) = (L.load(operands.scale + column), L.load(operands.shift + column))
    let slope = LanesOfSlope<L>(after, column)
    var place = start + column
    for _ in 0..<rows {
      let a = L.load(operands.a + place)
      let gradient = slope.of(L.load(operands.gradient + place), a)
      function.gradient(gradient, L.load(operands.z + place) * scale + shift, a).store(operands.result + place)
      place += columns
    }
  }
}

/// The gradient with respect to the activation's input in a few rows, with the sums of their columns.
private struct BackwardWithSums<F: LaneNonlinearity>: ColumnKernel {
  typealias Scalar = F.Scalar

  let function: F
  let operands: ActivationBackward<Scalar>
  let start: Int
  let sums: UnsafeMutablePointer<Double>
  let hatSums: UnsafeMutablePointer<Double>
  let rows: Int
  let columns: Int

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    let (scale, shift) = (L.load(operands.scale + column), L.load(operands.shift + column))
    let (hatScale, hatShift) = (L.load(operands.hatScale + column), L.load(operands.hatShift + column))
    var (sum, hatSum) = (L.Wide.load(sums + column), L.Wide.load(hatSums + column))
    var place = start + column
    for _ in 0..<rows {
      let z = L.load(operands.z + place)
      let gradient = function.gradient(
        L.load(operands.gradient + place), z * scale + shift, L.load(operands.a + place))
      gradient.store(operands.result + place)
      sum = sum + gradient.widened
      hatSum = hatSum + (gradient * (z * hatScale + hatShift)).widened
      place += columns
    }
    sum.store(sums + column)
    hatSum.store(hatSums + column)
  }
}
