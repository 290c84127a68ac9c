import Kernels
import Testing

@testable import Files

@Suite struct JSONValueTests {
  private let origin = Origin(operation: "nn.load", path: "a")

  private func read(_ text: String) throws -> JSONValue { try JSONValue(reading: text, named: "notes", origin) }

  private func message(_ text: String) -> String {
    do {
      return "no error: \(try read(text))"
    } catch {
      return "\(error)"
    }
  }

  @Test func everyTreeComesBackAsItWas() throws {
    let numbers: [Double] = [
      0.1, -0.0, 1, 1e22, .greatestFiniteMagnitude, .leastNonzeroMagnitude, .leastNormalMagnitude, 123456789.125, -1e-7,
      1 / 3,
    ]
    let texts = ["", "a\"b\\c/\u{8}\u{c}\n\r\t\u{1}\u{7f}", "é\u{301}\u{1f600}\u{2028}"]
    let tree = JSONValue.object([
      .init("null", .null), .init("", .boolean(false)), .init("list", .list([.boolean(true), .list([]), .object([])])),
      .init("integers", .list([.integer(.min), .integer(.max), .integer(0), .integer(-7)])),
      .init("numbers", .list(numbers.map { .number($0) })), .init("texts", .list(texts.map { .text($0) })),
    ])
    let back = try read(try tree.text(origin))
    #expect(back == tree)
    guard case .list(let list)? = back["numbers"] else { throw Failure() }
    // -0 equals 0 but for its bits
    #expect(list.map { if case .number(let number) = $0 { number.bitPattern } else { 0 } } == numbers.map(\.bitPattern))
  }

  private struct Failure: Error {}

  @Test func numbersOfRandomBitsComeBack() throws {
    var random = SplitMix(state: 5)
    var count = 0
    while count < 2000 {
      let number = Double(bitPattern: UInt64(truncatingIfNeeded: random.next()))
      guard number.isFinite else { continue }
      count += 1
      guard case .number(let back) = try read(try JSONValue.number(number).text(origin)) else { throw Failure() }
      #expect(back.bitPattern == number.bitPattern)
    }
  }

  @Test func numbersThatJSONLacksAreWords() throws {
    let numbers = [Double.nan, .infinity, -.infinity, -0.0, 1.5]
    #expect(try JSONValue.list(numbers.map(JSONValue.any)).text(origin) == #"["nan","inf","-inf",-0.0,1.5]"#)
    #expect(numbers.map(JSONText.number) == ["\"nan\"", "\"inf\"", "\"-inf\"", "-0.0", "1.5"])
    #expect(JSONText.number(word: "nan")?.isNaN == true && JSONText.number(word: "-inf") == -.infinity)
    #expect(JSONText.number(word: "Infinity") == nil && JSONText.number(word: "1") == nil)
  }

  @Test func valuesAreCountedWithAllTheyHold() throws {
    #expect(try read(#"{"a":[1,[],{"b":null}],"c":"d"}"#).count == 7)
    #expect(JSONValue.members([("a", nil), ("b", .null)]) == .object([.init("b", .null)]))
  }

  @Test func whatJSONCannotHoldIsRefused() {
    for number in [Double.nan, .infinity, -.infinity] {
      let error = #expect(throws: (any Error).self) { try JSONValue.list([.number(number)]).text(origin) }
      #expect("\(error.map { "\($0)" } ?? "")" == "nn.load: expected finite numbers in JSON, got \(number)")
    }
    var deep = JSONValue.null
    for _ in 0...JSONValue.deepest { deep = .list([deep]) }
    let error = #expect(throws: (any Error).self) { try deep.text(origin) }
    #expect("\(error.map { "\($0)" } ?? "")" == "nn.load: expected at most 100 levels in JSON, got more")
  }

  @Test(arguments: [
    ("", "expected a value, got the end of the text (at byte 0 of the entry 'notes')"),
    ("{\"a\":1", "expected ',' or '}', got the end of the text (at byte 6 of the entry 'notes')"),
    ("[1,]", "expected a value, got ']' (at byte 3 of the entry 'notes')"),
    ("[1] 2", "expected nothing but spaces behind the text, got '2' (at byte 4 of the entry 'notes')"),
    ("{\"a\":1,\"a\":2}", "expected every name once, got 'a' twice (at byte 7 of the entry 'notes')"),
    ("{a:1}", "expected a name in quotes, got 'a' (at byte 1 of the entry 'notes')"),
    ("nul", "expected a value, got 'n' (at byte 0 of the entry 'notes')"),
    ("01", "expected a number without leading zeros, got '01' (at byte 0 of the entry 'notes')"),
    ("-", "expected a digit, got the end of the text (at byte 1 of the entry 'notes')"),
    ("1.", "expected a digit, got the end of the text (at byte 2 of the entry 'notes')"),
    ("+1", "expected a value, got '+' (at byte 0 of the entry 'notes')"),
    ("NaN", "expected a value, got 'N' (at byte 0 of the entry 'notes')"),
    ("[1e999]", "expected a number that float64 can hold, got '1e999' (at byte 1 of the entry 'notes')"),
    ("\"\n\"", "expected the closing quote, got '\\x0a' (at byte 1 of the entry 'notes')"),
  ]) func everyMistakeHasItsPlace(text: String, problem: String) {
    #expect(message(text) == "nn.load: 'a': \(problem)")
  }

  @Test func depthAndNumberOfValuesAreBounded() {
    let deepest = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    #expect(throws: Never.self) { try read(deepest) }
    #expect(
      message("[\(deepest)]")
        == "nn.load: 'a': expected at most 100 levels, got more (at byte 100 of the entry 'notes')")
    let many = "[" + String(repeating: "0,", count: JSONValue.largestCount) + "0]"
    #expect(
      message(many)
        == "nn.load: 'a': expected at most 4000000 values, got more (at byte 7999999 of the entry 'notes')")
  }

  /// Whatever the bytes: a tree that writes and reads again as itself, or an error with a place.
  @Test func changedTextsEndInATreeOrAnError() throws {
    let text = Array(#"{"a":[1,-2.5e-3,true,false,null,"x\u00e9\n"],"b":{"c":{}},"d":[[],[0]]}"#.utf8)
    var random = SplitMix(state: 9)
    for _ in 0..<5000 {
      var bytes = text
      for _ in 0...random.next(below: 3) {
        bytes[random.next(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      do {
        let tree = try read(String(decoding: bytes, as: UTF8.self))
        #expect(try read(try tree.text(origin)) == tree)
      } catch {
        #expect("\(error)".hasSuffix(" of the entry 'notes')"), "\(error)")
      }
    }
  }
}
