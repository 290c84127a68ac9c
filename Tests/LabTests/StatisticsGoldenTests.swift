import Kernels
import Lab
import Tensors
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Data and its figures from Fixtures/statistics.txt.
private struct GoldenCase {
  var name = ""
  var dtype = DType.float64
  var shape: Extents = []
  var lines: [String: [Double]] = [:]

  func tensor() throws -> Tensor {
    let tensor = try Tensor(dtype, shape)
    for (index, value) in (lines["data"] ?? []).enumerated() {
      switch dtype {
      case .float32: tensor.pointer(Float.self)[index] = Float(value)
      case .float64: tensor.pointer(Double.self)[index] = value
      case .int64: tensor.pointer(Int64.self)[index] = Int64(value)
      case .bool: tensor.pointer(UInt8.self)[index] = UInt8(value)
      }
    }
    return tensor
  }

  static func read() -> [GoldenCase] {
    guard let stream = fopen(Project.path("Tests/LabTests/Fixtures/statistics.txt"), "r") else { return [] }
    defer { fclose(stream) }
    var (cases, buffer): ([GoldenCase], [CChar]) = ([], [CChar](repeating: 0, count: 1 << 16))
    while fgets(&buffer, Int32(buffer.count), stream) != nil {
      let line = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      if words[0] == "#" { continue }
      if words[0] == "case", let dtype = DType(name: words[2]) {
        let shape = Extents(words[3].split(separator: ",").compactMap { Int($0) })
        cases.append(GoldenCase(name: "\(words[1]) \(words[2])", dtype: dtype, shape: shape))
      } else if !cases.isEmpty {
        cases[cases.count - 1].lines[words[0]] = words.dropFirst().compactMap { Double($0) }
      }
    }
    return cases
  }
}

@Suite struct StatisticsGoldenTests {
  @Test func figuresOfAdversarialDataAreThoseOfExactArithmetic() throws {
    let cases = GoldenCase.read()
    #expect(cases.count == 75)
    for golden in cases {
      try compare(try Statistics(of: golden.tensor(), bins: 8), golden)
      // the same numbers through strides: as the transpose of what is stored the other way round
      if golden.shape.count == 2 {
        let turned = try golden.tensor().transposed().contiguous().transposed()
        try compare(try Statistics(of: turned, bins: 8), golden)
      }
    }
  }

  private func compare(_ figures: Statistics, _ golden: GoldenCase) throws {
    let rms = golden.lines["rms"]?.first ?? .nan
    for name in Statistics.names where name != "saturated" {
      let expected = try #require(golden.lines[name]?.first, "\(golden.name) \(name)")
      let value = try #require(figures.value(named: name))
      #expect(value.isNaN == expected.isNaN, "\(golden.name) \(name): \(value), not \(expected)")
      assertClose(value, expected, relative: 1e-11, absolute: tolerance(name, rms), "\(golden.name) \(name)")
    }
    let percentiles = figures.percentiles.map(\.value)
    assertClose(percentiles, golden.lines["percentiles"] ?? [], relative: 1e-14, "\(golden.name) percentiles")
    for (name, histogram) in [("histogram", figures.histogram), ("log_histogram", figures.logHistogram)] {
      let (counts, expected) = (histogram.counts.map(Double.init), golden.lines[name] ?? [])
      // one number is the total, where NumPy has no bins for so short a range
      #expect(
        (expected.count == 1 ? [counts.reduce(0, +)] : counts) == expected, "\(golden.name) \(name)")
    }
  }

  /// What rounding of the sums leaves of figures that may be near 0 by cancellation.
  private func tolerance(_ name: String, _ rms: Double) -> Double {
    switch name {
    case "mean": rms.isFinite ? 1e-15 * rms : 0
    case "skewness", "kurtosis", "cosine": 1e-12
    default: 0
    }
  }
}
