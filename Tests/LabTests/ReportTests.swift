import Gradients
import Kernels
@testable import Lab
@testable import Networks
import Tensors
import TestSupport
import Testing

/// A stack of Linear + ReLU layers without biases, computed by plain loops, so that findings have a reference of their own.
private struct PlainStack {
  var activations: [[Float]] = []
  var preactivations: [[Float]] = []
  let batch = 8
  let width = 32
  let weights: [[Float]]

  init(depth: Int, std: Double, seed: UInt64) {
    var state = seed
    func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992
    }
    // The sum of twelve uniforms is near enough to a normal here.
    func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform() } }
    let (batch, width) = (batch, width)
    var h = (0..<batch * width).map { _ in Float(normal()) }
    let weights = (0..<depth).map { _ in (0..<width * width).map { _ in Float(normal() * std) } }
    for weight in weights {
      var z = [Float](repeating: 0, count: batch * width)
      for sample in 0..<batch {
        for unit in 0..<width {
          for input in 0..<width {
            z[sample * width + unit] += h[sample * width + input] * weight[unit * width + input]
          }
        }
      }
      h = z.map { max($0, 0) }
      preactivations.append(z)
      activations.append(h)
    }
    self.weights = weights
  }

  func report() throws -> Report {
    let ones = try statistics([Float](repeating: 1, count: batch * width))
    let rows = try weights.indices.map { layer in
      let weight = try statistics(weights[layer], width)
      return ReportRow(
        name: "\(layer)", kind: "Block", shape: [batch, width], preactivation: try statistics(preactivations[layer]),
        activation: try statistics(activations[layer]), gradient: ones, weight: weight, weightGradient: weight)
    }
    return Report(rows: rows, dtype: .float32, inputShape: [batch, width], input: ones, upstream: ones, loss: nil)
  }

  private func statistics(_ values: [Float], _ rows: Int? = nil) throws -> Statistics {
    let tensor = try Tensor(.float32, [rows ?? batch, width])
    for (index, value) in values.enumerated() { tensor.pointer(Float.self)[index] = value }
    return try Statistics(of: tensor)
  }
}

private func statistics(_ values: [Double], _ dtype: DType = .float32) throws -> Statistics {
  let tensor = try Tensor(dtype, [values.count, 1])
  for (index, value) in values.enumerated() {
    if dtype == .float32 {
      tensor.pointer(Float.self)[index] = Float(value)
    } else {
      tensor.pointer(Double.self)[index] = value
    }
  }
  return try Statistics(of: tensor)
}

/// A report whose activations and gradients are given row by row, all else being ones.
func report(activations: [[Double]], gradients: [[Double]]? = nil, weightGradients: [[Double]]? = nil) throws -> Report
{
  let one = try statistics([1, 1])
  let rows = try activations.indices.map { index in
    let activation = try statistics(activations[index])
    return ReportRow(
      name: "\(index)", kind: "Block", shape: [2, 1], preactivation: activation, activation: activation,
      gradient: try gradients.map { try statistics($0[index]) } ?? one, weight: one,
      weightGradient: try weightGradients.map { try statistics($0[index]) } ?? one)
  }
  return Report(rows: rows, dtype: .float32, inputShape: [2, 1], input: one, upstream: one, loss: nil)
}

@Suite struct ReportTests {
  @Test func findingsNameTheFirstLayerThatUnderflowsAndTheFirstOfZeros() throws {
    let stack = PlainStack(depth: 45, std: 0.01, seed: 20)
    let report = try stack.report()
    // The reference: looked up in the loops' own numbers.
    let zero = try #require(stack.activations.firstIndex { $0.allSatisfy { $0 == 0 } }) + 1
    let subnormal = try #require(stack.activations.firstIndex { $0.contains(where: \.isSubnormal) }) + 1
    #expect(zero > subnormal && zero < 45)
    let activations = report.findings.filter { $0.quantity == "activation" }
    #expect(activations.map(\.kind) == [.zero, .underflow])
    #expect(activations.map(\.layer) == [zero, subnormal])
    #expect(activations.first?.text == "activations are exactly 0 from layer \(zero) on: float32 has ended")
    let percent = stack.activations[subnormal - 1].count(where: \.isSubnormal) * 100 / 256
    let share = percent < 1 ? "less than 1" : "\(percent)"
    #expect(
      activations.last?.text
        == "underflow of float32 first at layer \(subnormal) (activations): \(share) % of its values are subnormal")
  }

  @Test func aHealthyReportHasNoFindings() throws {
    #expect(try report(activations: [[1, 2], [0, 3]]).findings.isEmpty)
  }

  @Test func gradientsAreFollowedFromTheOutputBack() throws {
    let report = try report(
      activations: [[1, 2], [1, 2], [1, 2], [1, 2]], gradients: [[0, 0], [0, 0], [1e-44, 0], [1, 1]])
    #expect(report.findings.map(\.kind) == [.zero, .underflow])
    #expect(report.findings.map(\.layer) == [2, 3])
    #expect(report.findings[0].text == "dL/dh is exactly 0 from layer 2 down: float32 has ended")
    #expect(
      report.findings[1].text
        == "underflow of float32 coming from the output at layer 3 (dL/dh): 50 % of its values are subnormal")
  }

  @Test func notANumberAndInfinityAreFoundWhereTheyBegin() throws {
    let report = try report(
      activations: [[1, 2], [1, .infinity], [.nan, .infinity]], gradients: [[.nan, .nan], [.nan, 1], [1, 1]])
    #expect(
      report.findings.map(\.text) == [
        "NaN first at layer 3 (activations): 50 % of its values",
        "NaN coming from the output at layer 2 (dL/dh): 50 % of its values",
        "infinity first at layer 2 (activations): 50 % of its values",
      ])
  }

  @Test func productsBelowTheRangeAreToldFromZeroFactors() throws {
    let report = try report(
      activations: [[1e-23, 2e-23], [1e-23, 2e-23], [1, 2]], gradients: [[1, 1], [1e-23, 1e-23], [1, 1]],
      weightGradients: [[1, 1], [0, 0], [1, 1]])
    #expect(
      report.findings.map(\.text) == [
        "dL/dW is exactly 0 in layer 2: the product of activations and gradients is below float32's range"
      ])
  }

  @Test func zerosFromDeadUnitsAreToldFromUnderflow() throws {
    let one = try statistics([1, 1])
    let dead = ReportRow(
      name: "0", kind: "Block", shape: [2, 1], preactivation: try statistics([-1, -2]),
      activation: try statistics([0, 0]),
      gradient: one, weight: one, weightGradient: one)
    let report = Report(rows: [dead], dtype: .float32, inputShape: [2, 1], input: one, upstream: one, loss: nil)
    #expect(report.findings.map(\.text) == ["activations are exactly 0 in layer 1: no preactivation is above 0"])
  }

  @Test func whatADeadLayerHoldsBackIsToldFromUnderflow() throws {
    let report = try report(activations: [[1, 2], [0, 0], [0, 0]], gradients: [[0, 0], [1, 1], [1, 1]])
    #expect(
      report.findings.map(\.text) == [
        "activations are exactly 0 from layer 2 on: float32 has ended",
        "dL/dh is exactly 0 in layer 1: layer 2, all 0, passes nothing back",
      ])
  }

  @Test func columnsAreFoundByPath() throws {
    let report = try report(activations: [[1, 3], [2, 2]])
    #expect(try report.column("activation.std") == [1, 0])
    #expect(try report.column("activation.percentiles.50") == [2, 2])
    #expect(try report.column("activation.percentiles[50]") == [2, 2])
    for quantity in ReportRow.quantities {
      for name in Statistics.names { #expect(try report.column("\(quantity).\(name)").count == 2) }
    }
  }

  @Test func rowsWithoutWeightsHaveGapsInTheirColumns() throws {
    let one = try statistics([1, 1])
    let row = ReportRow(
      name: "0", kind: "ReLU", shape: [2, 1], preactivation: one, activation: one, gradient: one, weight: nil,
      weightGradient: nil)
    let report = Report(rows: [row], dtype: .float32, inputShape: [2, 1], input: one, upstream: one, loss: nil)
    #expect(try report.column("weight.mean") == [nil])
  }

  @Test func unknownColumnsOfferTheNearest() throws {
    let report = try report(activations: [[1, 3]])
    func message(_ path: String) -> String {
      do { return "no error: \(try report.column(path))" } catch { return "\(error)" }
    }
    #expect(message("activation.sdt") == "column: unknown column 'activation.sdt', did you mean 'activation.std'?")
    #expect(message("gradients.mean") == "column: unknown column 'gradients.mean', did you mean 'gradient.mean'?")
    #expect(
      message("x") == "column: unknown column 'x'; a column is a quantity and a statistic, as in 'activation.std'")
    #expect(
      message("activation.percentiles.20")
        == "column: 'activation.percentiles.20' was not measured, only percentiles 15, 50, 85; ask for it by percentiles="
    )
  }
}
