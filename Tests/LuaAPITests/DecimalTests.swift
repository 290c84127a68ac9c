import Testing

@testable import LuaAPI

@Suite struct DecimalTests {
  // printf's %.4g is the reference; its trailing zeros and exponents are kept here.
  @Test(arguments: [
    (0.0, "0"), (1.0, "1.000"), (0.5, "0.5000"), (123.456, "123.5"), (-0.001, "-0.001000"), (999_940, "999940"),
    (999_950, "1.000e+06"),
    (1e6, "1.000e+06"), (1.5e-23, "1.500e-23"), (9.9999, "10.00"), (99.996, "100.0"), (4.4e-24, "4.400e-24"),
    (.infinity, "inf"), (1e300, "1.000e+300"),
  ])
  func fourDigits(value: Double, text: String) {
    #expect(Decimal.text(value) == text)
  }
}
