import Kernels
import Tensors
import Testing

@testable import Datasets

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Targets of other kinds than classes, the shares of stratified parts, maps, and positions of generated samples.
@Suite struct ValueTests {
  private func values(_ shape: Extents, _ dtype: DType = .float64) throws -> Dataset {
    let inputs = try Tensor((0..<8).map(Double.init), shape: [4, 2], dtype)
    let targets = try Tensor((0..<(4 * shape.dropFirst().reduce(1, *))).map { Double($0) / 2 }, shape: shape)
    return try Dataset(name: "v", inputs: inputs, targets: targets, kind: .values)
  }

  @Test func valuesTakeTheInputsDType() throws {
    for dtype in [DType.float32, .float64] {
      let dataset = try values([4], dtype)
      #expect(dataset.targets.dtype == dtype && dataset.labels == .values && dataset.classes == 0)
      #expect(try dataset.targets.doubles() == [0, 0.5, 1, 1.5])
    }
  }

  @Test func batchesOfValuesKeepTheirShape() throws {
    let dataset = try values([4, 3])
    let batch = try dataset.batch([3, 0])
    #expect(batch.targets.shape == [2, 3])
    #expect(try batch.targets.doubles() == [4.5, 5, 5.5, 0, 0.5, 1])
    let (inputs, targets) = (try Tensor(.float64, [3, 2]), try Tensor(.float64, [3, 3]))
    try dataset.copyBatch([1], inputs: inputs, targets: targets)
    #expect(try inputs.doubles() == [2, 3, 0, 0, 0, 0] && targets.doubles().prefix(4) == [1.5, 2, 2.5, 0])
  }

  @Test func setsWithoutTargetsHaveBatchesWithout() throws {
    let inputs = try Tensor((0..<8).map(Double.init), shape: [4, 2])
    let dataset = try Dataset(name: "n", inputs: inputs, targets: nil)
    #expect(!dataset.hasTargets && dataset.description == "n: 4 samples of 2 features, no targets")
    #expect(try dataset.batch([1, 2]).targets.shape == [2, 0])
    #expect(try dataset.split([0.5]).map(\.count) == [2, 2])
  }

  @Test func sharesAreRoundedByTheLargestRemainder() throws {
    // 7 of classes with 5, 3 and 2: shares 3.5, 2.1 and 1.4
    let classes = [1, 2, 3, 1, 2, 3, 1, 2, 1, 1].map(Int64.init)
    let inputs = try Tensor((0..<10).map(Double.init), shape: [10, 1])
    let targets = try Tensor(integers: classes, shape: [10])
    let dataset = try Dataset(name: "s", inputs: inputs, targets: targets, classes: 3)
    let parts = try dataset.split([0.7], isStratified: true)
    #expect(parts[0].classCounts == [4, 2, 1] && parts[1].classCounts == [1, 1, 1])
    #expect(try parts[0].inputs.doubles() == [0, 1, 2, 3, 4, 6, 8] && parts[1].inputs.doubles() == [5, 7, 9])
  }

  @Test func cutsAreRoundedTogether() throws {
    let inputs = try Tensor((0..<10).map(Double.init), shape: [10, 1])
    let dataset = try Dataset(name: "s", inputs: inputs, targets: nil)
    // the cuts lie at 2.5, 5 and 7.5
    #expect(try dataset.split([0.25, 0.25, 0.25]).map(\.count) == [3, 2, 3, 2])
    #expect(try dataset.split([0.7, 0.2, 0.1]).map(\.count) == [7, 2, 1])
  }

  @Test func mapsRunInOrderAndAreChecked() throws {
    let dataset = try values([4])
      .mapped { (try Tensor.apply(.add, .tensor($0), .scalar(.number(1))), $1) }
      .mapped { (try Tensor.apply(.multiply, .tensor($0), .scalar(.number(10))), $1) }
    #expect(try dataset.batch([0]).inputs.doubles() == [10, 20])
    #expect(try dataset.split([0.5])[1].batch([0]).inputs.doubles() == [50, 60])
    let short = dataset.mapped(operation: "m") { (try $0.narrow(0, 0, 1), $1) }
    #expect(
      throws: SelectionError.mapResult(
        operation: "m", expected: "its function to return 1 targets for 1 inputs", got: "[2]")
    ) { try short.batch([0, 1]) }
  }

  @Test func pointsOfATurnAreThoseOfTheLibrary() {
    for step in -400...400 {
      let turns = Double(step) / 97
      let point = Turn.point(turns)
      #expect(abs(point.cosine - cos(2 * .pi * turns)) < 1e-14, "\(turns)")
      #expect(abs(point.sine - sin(2 * .pi * turns)) < 1e-14, "\(turns)")
    }
    #expect(Turn.point(0) == (1, 0) && Turn.point(0.25).sine == 1 && Turn.point(0.5).cosine == -1)
    #expect(Turn.point(-.leastNonzeroMagnitude) == (1, 0))
  }

  @Test func scalesSurviveHugeAndTinyNumbers() throws {
    for unit in [1e-300, 1, 1e300] {
      let inputs = try Tensor([1, 2, 3, 6].map { $0 * unit }, shape: [4, 1], .float64)
      let scale = try FeatureScale(fitting: Dataset(name: "s", inputs: inputs, targets: nil))
      #expect(abs(try scale.mean.doubles()[0] / unit - 3) < 1e-15)
      #expect(abs(try scale.std.doubles()[0] / unit - 3.5.squareRoot()) < 1e-15)
    }
  }
}
