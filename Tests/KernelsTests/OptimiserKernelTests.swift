import Kernels
import TestSupport
import Testing

/// A loop over many numbers, which is SIMD, gives each the bits that it gets alone.
@Suite struct OptimiserKernelTests {
  /// The parameter, what is remembered of it, and how one kernel changes both.
  private typealias Step<T> = (
    _ p: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, _ kept: [UnsafeMutablePointer<T>], _ count: Int
  ) -> Void

  private static let count = 1003

  private func numbers<T: FloatElement>(_ seed: UInt64, _ range: ClosedRange<Double>, _ type: T.Type) -> [T] {
    var chance = Chance(state: seed)
    return (0..<Self.count).map { $0 % 97 == 5 ? 0 : T(Double.random(in: range, using: &chance)) }
  }

  private func check<T: FloatElement>(_ what: String, _ type: T.Type, _ step: Step<T>) {
    let (p, g) = (numbers(1, -2...2, T.self), numbers(2, -1...1, T.self))
    let kept = [numbers(3, -1...1, T.self), numbers(4, 0.1...3, T.self), numbers(5, 0.1...3, T.self)]
    /// The parameter and the rest behind one another, after steps over `length` numbers at a time.
    func run(_ length: Int) -> [T] {
      var all = p + kept.flatMap { $0 }
      all.withUnsafeMutableBufferPointer { all in
        guard let base = all.baseAddress else { return }
        for first in stride(from: 0, to: Self.count, by: length) {
          g.withUnsafeBufferPointer { g in
            guard let slopes = g.baseAddress else { return }
            step(
              base + first, slopes + first, (1...3).map { base + $0 * Self.count + first },
              min(length, Self.count - first))
          }
        }
      }
      return all
    }
    let (together, alone) = (run(Self.count), run(1))
    #expect(together != p + kept.flatMap { $0 }, "\(what) \(T.self) changes nothing")
    #expect(together == alone, "\(what) \(T.self)")
  }

  private func checkDescent<T: FloatElement>(_ type: T.Type) {
    for (momentum, isNesterov, decay, maximises) in [
      (0.0, false, 0.0, false), (0.9, false, 0.01, false), (0.9, true, 0, true), (0.5, false, 0, false),
    ] {
      let settings = DescentSettings(
        rate: 0.1, momentum: momentum, dampening: isNesterov ? 0 : 0.2, isNesterov: isNesterov, decay: decay,
        maximises: maximises)
      for isFirst in [true, false] {
        check("sgd \(settings) \(isFirst)", T.self) { p, g, kept, count in
          OptimiserKernels.sgd(p, g, momentum == 0 ? nil : kept[0], isFirst: isFirst, settings, count: count)
        }
      }
    }
  }

  private func checkAdam<T: FloatElement>(_ type: T.Type) {
    for (beta1, decay, isDecoupled, counts) in [
      (0.9, 0.0, false, false), (0.9, 0.1, false, true), (0.3, 0.01, true, false), (0.9, 0.01, true, true),
    ] {
      let settings = AdamSettings(
        rate: 0.01, beta1: beta1, beta2: 0.99, eps: 1e-8, decay: decay, isDecoupled: isDecoupled, maximises: false)
      check("adam \(settings) \(counts)", T.self) { p, g, kept, count in
        OptimiserKernels.adam(
          p, g, mean: kept[0], square: kept[1], largest: counts ? kept[2] : nil, time: 3, settings, count: count)
      }
    }
  }

  private func checkRootMeanSquare<T: FloatElement>(_ type: T.Type) {
    let settings = RootMeanSquareSettings(
      rate: 0.01, alpha: 0.9, eps: 1e-8, decay: 0.01, momentum: 0.8, maximises: false)
    for isCentred in [false, true] {
      for hasMomentum in [false, true] {
        check("rmsprop \(isCentred) \(hasMomentum)", T.self) { p, g, kept, count in
          OptimiserKernels.rmsprop(
            p, g, square: kept[1], mean: isCentred ? kept[0] : nil, moved: hasMomentum ? kept[2] : nil, settings,
            count: count)
        }
      }
    }
    check("adagrad", T.self) { p, g, kept, count in
      OptimiserKernels.adagrad(p, g, sum: kept[1], rate: 0.1, decay: 0.01, eps: 1e-10, maximises: true, count: count)
    }
  }

  @Test func manyNumbersChangeAsEachAlone() {
    checkDescent(Float.self)
    checkDescent(Double.self)
    checkAdam(Float.self)
    checkAdam(Double.self)
    checkRootMeanSquare(Float.self)
    checkRootMeanSquare(Double.self)
  }
}
