import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct FunctionTests {
  // python3 -c "import torch; x=torch.tensor([-3,-.5,0,.5,2.5,40],dtype=torch.float64)
  // for n in 'neg abs sign floor ceil round square relu exp tanh sigmoid erf sin cos'.split(): print(n, getattr(torch,n)(x).tolist())
  // print(torch.nn.functional.silu(x).tolist()); print(x.abs().log().tolist(), x.abs().sqrt().tolist())"
  // gelu, where PyTorch cancels: python3 -c "import numpy as np, scipy.special as s; x=np.array([-3,-.5,0,.5,2.5,40]); print((x*s.ndtr(x)).tolist())"
  @Test(
    arguments: [
      (.negative, [3.0, 0.5, -0.0, -0.5, -2.5, -40.0]),
      (.absolute, [3.0, 0.5, 0.0, 0.5, 2.5, 40.0]),
      (.sign, [-1.0, -1.0, 0.0, 1.0, 1.0, 1.0]),
      (.floor, [-3.0, -1.0, 0.0, 0.0, 2.0, 40.0]),
      (.ceiling, [-3.0, -0.0, 0.0, 1.0, 3.0, 40.0]),
      (.round, [-3.0, -0.0, 0.0, 0.0, 2.0, 40.0]),
      (.square, [9.0, 0.25, 0.0, 0.25, 6.25, 1600.0]),
      (.relu, [0.0, 0.0, 0.0, 0.5, 2.5, 40.0]),
      (
        .exponential,
        [0.049787068367863944, 0.6065306597126334, 1.0, 1.6487212707001282, 12.182493960703473, 2.3538526683702e+17]
      ),
      (.tanh, [-0.9950547536867305, -0.46211715726000974, 0.0, 0.46211715726000974, 0.9866142981514303, 1.0]),
      (.sigmoid, [0.04742587317756678, 0.3775406687981454, 0.5, 0.6224593312018546, 0.9241418199787566, 1.0]),
      (.errorFunction, [-0.9999779095030014, -0.5204998778130465, 0.0, 0.5204998778130465, 0.999593047982555, 1.0]),
      (
        .sine,
        [-0.1411200080598672, -0.479425538604203, 0.0, 0.479425538604203, 0.5984721441039565, 0.7451131604793488]
      ),
      (
        .cosine,
        [-0.9899924966004454, 0.8775825618903728, 1.0, 0.8775825618903728, -0.8011436155469337, -0.6669380616522619]
      ),
      (.gelu, [-0.00404969409489028, -0.15426876936299344, 0.0, 0.34573123063700656, 2.4844758366855597, 40.0]),
      (.silu, [-0.14227761953270035, -0.1887703343990727, 0.0, 0.3112296656009273, 2.3103545499468914, 40.0]),
      (
        .logarithm,
        [
          1.0986122886681098, -0.6931471805599453, -.infinity, -0.6931471805599453, 0.9162907318741551,
          3.6888794541139363,
        ]
      ),
      (
        .squareRoot,
        [1.7320508075688772, 0.7071067811865476, 0.0, 0.7071067811865476, 1.5811388300841898, 6.324555320336759]
      ),
    ] as [(UnaryOperation, [Double])], [DType.float32, .float64])
  func agreesWithPyTorch(_ row: (UnaryOperation, [Double]), dtype: DType) throws {
    let x = try Tensor([-3, -0.5, 0, 0.5, 2.5, 40], dtype)
    let tolerance = dtype == .float32 ? 1e-6 : 4e-16
    let source = row.0 == .logarithm || row.0 == .squareRoot ? try x.applying(.absolute) : x
    assertClose(try source.applying(row.0).doubles(), row.1, relative: tolerance, absolute: 1e-45, row.0.rawValue)
    let strided = try Tensor.zeros([6, 2], dtype).select(1, 1)
    try strided.copy(from: source)
    assertClose(try strided.applyInPlace(row.0).doubles(), row.1, relative: tolerance, absolute: 1e-45, row.0.rawValue)
  }

  @Test func endsOfTheRangeDoNotOverflow() throws {
    let x = try Tensor([-.infinity, -1000, 1000, .infinity, .nan], .float64)
    let sigmoid = try x.applying(.sigmoid).doubles()
    #expect(Array(sigmoid[0..<4]) == [0, 0, 1, 1] && sigmoid[4].isNaN)
    #expect(Array(try x.applying(.silu).doubles()[0..<4]) == [0, 0, 1000, .infinity])
    #expect(Array(try x.applying(.gelu).doubles()[0..<4]) == [0, 0, 1000, .infinity])
    #expect(try x.applying(.relu).doubles()[4].isNaN && x.applying(.sign).doubles()[4].isNaN)
  }

  @Test func halvesRoundToEven() throws {
    let x = try Tensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], .float32)
    #expect(try x.applying(.round).doubles() == [-2, -2, 0, 0, 2, 2])
  }

  @Test func integersStayIntegersWhereTheyCan() throws {
    let x = try Tensor(integers: [-3, 0, 4], shape: [3])
    #expect(try x.applying(.negative).integers() == [3, 0, -4])
    #expect(try x.applying(.absolute).integers() == [3, 0, 4])
    #expect(try x.applying(.sign).integers() == [-1, 0, 1])
    #expect(try x.applying(.exponential, defaultFloat: .float64).dtype == .float64)
    #expect(throws: TensorError.expected(operation: "exp_", expected: "dtype float32 or float64", got: "int64")) {
      try x.applyInPlace(.exponential)
    }
  }

  @Test func predicatesMakeMasks() throws {
    let x = try Tensor([0, .nan, .infinity, -1])
    #expect(try x.testing(.isNaN).integers() == [0, 1, 0, 0])
    #expect(try x.testing(.isFinite).integers() == [1, 0, 0, 1])
    #expect(try x.testing(.isInfinite).integers() == [0, 0, 1, 0])
    #expect(try x.testing(.isZero).integers() == [1, 0, 0, 0])
    #expect(try x.testing(.isZero).testing(.isZero).integers() == [0, 1, 1, 1])
  }

  @Test func clampKeepsNaN() throws {
    let x = try Tensor([-2, 0.5, 3, .nan])
    let clamped = try x.clamped(low: -1, high: 1).doubles()
    #expect(Array(clamped[0..<3]) == [-1, 0.5, 1] && clamped[3].isNaN)
    #expect(try Tensor(integers: [5, -5], shape: [2]).clamped(high: 2).integers() == [2, -5])
    #expect(throws: TensorError.expected(operation: "clamp", expected: "bounds in order", got: "2 and 1")) {
      try x.clamped(low: 2, high: 1)
    }
    #expect(throws: TensorError.expected(operation: "clamp", expected: "bounds in order", got: "none")) {
      try x.clamped()
    }
  }
}
