import Testing

@testable import sonde

/// Lua text taken apart, by the rules of section 3.1 of Lua 5.4's manual.
struct LuaScannerTests {
  private func texts(_ text: String) -> [String] {
    let scanner = LuaScanner(Array(text.utf8))
    return scanner.map { scanner.text(of: $0) }
  }

  private func kinds(_ text: String) -> [LuaToken.Kind] { LuaScanner(Array(text.utf8)).map(\.kind) }

  @Test func tellsWordsNumbersStringsAndSymbolsApart() {
    let text = "local x_1 <const>, y = 0x1p-4 .. 'a' // 3.5e+2"
    #expect(
      texts(text)
        == ["local", "x_1", "<", "const", ">", ",", "y", "=", "0x1p-4", "..", "'a'", "//", "3.5e+2"])
    #expect(
      kinds(text) == [
        .keyword, .name, .symbol, .name, .symbol, .symbol, .name, .symbol, .number, .symbol, .string, .symbol, .number,
      ])
  }

  @Test func knowsAllKeywords() {
    // Section 3.1 of the manual, in its order.
    let manual =
      "and break do else elseif end false for function goto if in local nil not or repeat return then true until while"
    #expect(kinds(manual) == Array(repeating: .keyword, count: 22))
    #expect(kinds("And ends _end self") == Array(repeating: .name, count: 4))
  }

  @Test func takesTheLongestSymbol() {
    let symbols = "+ - * / % ^ # & ~ | << >> // == ~= <= >= < > = ( ) { } [ ] :: ; : , . .. ..."
    #expect(texts(symbols) == symbols.split(separator: " ").map(String.init))
    #expect(kinds(symbols).allSatisfy { $0 == .symbol })
    #expect(texts("a..b...c") == ["a", "..", "b", "...", "c"])
    #expect(texts("t[[1]]") == ["t", "[[1]]"])
    #expect(texts("t[ [=[1]=] ]") == ["t", "[", "[=[1]=]", "]"])
    #expect(kinds("$ @ é") == [.other, .other, .other, .other])
  }

  @Test func readsNumbersAsLuaDoes() {
    let numbers = "3 345 0xff 0xBEBADA 3.0 3.1416 314.16e-2 0.31416E1 34e1 0x0.1E 0xA23p-4 0X1.921FB54442D18P+1 .5 5."
    #expect(texts(numbers) == numbers.split(separator: " ").map(String.init))
    #expect(kinds(numbers).allSatisfy { $0 == .number })
    #expect(texts("1-2 0xe+1 a.5") == ["1", "-", "2", "0xe", "+", "1", "a", ".5"])
  }

  @Test func keepsStringsWhole() {
    #expect(texts(#"'it\'s' "a\\" 'b'"#) == [#"'it\'s'"#, #""a\\""#, "'b'"])
    #expect(texts("'a\\\nb' 'c\\z \n d'") == ["'a\\\nb'", "'c\\z \n d'"])
    #expect(texts("[==[ ]] ]=] ]==] x") == ["[==[ ]] ]=] ]==]", "x"])
    #expect(texts("[[a]=]]x") == ["[[a]=]]", "x"])
  }

  @Test func keepsCommentsWhole() {
    #expect(
      texts("x -- do 'it\ny --[[ a\n end ]] z --[=x\nw") == [
        "x", "-- do 'it", "y", "--[[ a\n end ]]", "z", "--[=x", "w",
      ])
    #expect(kinds("-- a\n--[[b]]") == [.comment, .comment])
  }

  @Test func tellsWhatIsNotClosed() {
    func open(_ text: String) -> [Bool] { LuaScanner(Array(text.utf8)).map { !$0.isClosed } }
    #expect(open("x = 'abc") == [false, false, true])
    #expect(open("'abc\nd") == [true, false])
    #expect(open("'abc\\") == [true])
    #expect(open("[[abc ]=]") == [true])
    #expect(open("--[==[ a ]]") == [true])
    #expect(open("-- a") == [false])
  }

  @Test func countsLinesAndBytes() {
    let text = "a\n[[b\n\nc]] -- d\r\n'e\\\nf' g"
    let tokens = Array(LuaScanner(Array(text.utf8)))
    #expect(tokens.map(\.line) == [1, 2, 4, 5, 6])
    #expect(tokens.map(\.range) == [0..<1, 2..<10, 11..<15, 17..<23, 24..<25])
  }

  @Test func anyBytesComeBackWhole() {
    // Every byte is in one token or white space, in order, whatever the text.
    var state: UInt64 = 1
    let alphabet = Array("\"'[]=-\\z\n\r xe0.<\u{0}é".utf8)
    for _ in 0..<300 {
      let text = (0..<30).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      var end = 0
      for token in LuaScanner(text) {
        #expect(token.range.lowerBound >= end && !token.range.isEmpty)
        #expect(text[end..<token.range.lowerBound].allSatisfy { $0 == 32 || (9...13).contains($0) })
        end = token.range.upperBound
      }
      #expect(text[end...].allSatisfy { $0 == 32 || (9...13).contains($0) })
    }
  }
}
