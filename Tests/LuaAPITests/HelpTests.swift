import Plots
import Testing

@testable import LuaAPI

/// The pages of help: complete, true, and readable at any width.
@Suite(.serialized) struct HelpTests {
  private static let entries = HelpIndex.shared.entries

  @Test func groupsNameWhatThereIs() {
    let known = Set(HelpTests.entries.map(\.name))
    for group in HelpGroup.all {
      for name in group.members + group.topics { #expect(known.contains(name), "\(group.title): \(name)") }
    }
  }

  @Test func everyFunctionIsInAGroup() {
    for record in FunctionRecord.documented {
      #expect(!HelpGroup.containing(record.name).isEmpty, "\(record.name): name it in a group of HelpGroup")
    }
  }

  @Test func seeAlsoLeadsToOtherPages() {
    for entry in HelpTests.entries {
      for name in entry.seeAlso {
        #expect(HelpIndex.shared.entry(name) != nil, "\(entry.name) leads to \(name)")
        #expect(name != entry.name, "\(entry.name) leads to itself")
      }
    }
  }

  @Test(arguments: HelpTopic.all.map(\.name)) func topicRuns(name: String) throws {
    let topic = try #require(HelpTopic.all.first { $0.name == name })
    #expect(!topic.example.isEmpty)
    let state = try TestState()
    defer { state.close() }
    #expect(state.run("print = function() end\n" + topic.example) == nil)
  }

  @Test(arguments: [30, 40, 80, 200]) func pagesFit(columns: Int) {
    let style = HelpStyle(TerminalAbilities(isUnicode: false, columns: columns))
    for entry in HelpTests.entries {
      let page = entry.page
      for line in style.text(page).split(separator: "\n") {
        #expect(line.last != " " && line.utf8.allSatisfy { $0 < 128 }, "\(entry.name): \(line)")
        let isLong = line.utf8.count > columns && line.trimmingBlanks.contains(" ")
        if isLong { #expect(isCode(line, of: page), "\(entry.name) at \(columns): \(line)") }
      }
    }
  }

  /// No word is broken or left out, whatever the width; lists, which are cut at the end of the line, aside.
  @Test(arguments: [30, 47, 80]) func pagesAreWrappedBetweenWords(columns: Int) {
    let style = HelpStyle(TerminalAbilities(isUnicode: false, columns: columns))
    let wide = HelpStyle(TerminalAbilities(isUnicode: false, columns: 100))
    for entry in HelpTests.entries {
      var page = entry.page
      for index in page.parts.indices {
        page.parts[index].blocks.removeAll { if case .list = $0 { true } else { false } }
      }
      var words = style.text(page).split { $0.isWhitespace }[...]
      for word in wide.text(page).split(whereSeparator: \.isWhitespace) {
        var shown = String(words.popFirst() ?? "")
        // what no line has room for
        while shown != word, word.count > 18, !shown.isEmpty, word.hasPrefix(shown), let more = words.popFirst() {
          shown += more
        }
        #expect(shown == word, "\(entry.name) at \(columns)")
        if shown != word { break }
      }
      #expect(words.isEmpty, "\(entry.name) at \(columns)")
    }
  }

  /// Every page of a function says all there is to know: how it is called, what it takes and gives, when it fails, an example
  /// that `:example` finds, and where to go on.
  @Test func pagesOfFunctionsAreWhole() throws {
    for record in FunctionRecord.documented {
      let page = record.page
      let titles = page.parts.compactMap(\.title)
      #expect(page.heading == record.signature && page.heading.hasPrefix(record.name), "\(record.name)")
      for title in ["Returns", "Errors", "Example", "See also"] {
        #expect(titles.contains(title), "\(record.name): \(title)")
      }
      #expect(titles.contains("Parameters") == !record.parameters.isEmpty, "\(record.name)")
      #expect(titles.contains("Options") == !record.options.isEmpty, "\(record.name)")
      let text = HelpStyle(TerminalAbilities()).text(page)
      for parameter in record.parameters + record.options {
        #expect(text.contains("\n  \(parameter.name)"), "\(record.name): \(parameter.name)")
        let isOptional = parameter.explanation.hasSuffix(")") || parameter.defaultText == nil
        #expect(isOptional, "\(record.name): the default of \(parameter.name)")
      }
      let example = try #require(HelpPage.example(of: record.name), "\(record.name)")
      #expect(example.title == record.name && example.text == ExampleText.lines(of: record.example))
    }
  }

  /// Whether a line is Lua, which is not broken.
  private func isCode(_ line: Substring, of page: HelpPage) -> Bool {
    page.parts.flatMap(\.blocks).contains { block in
      if case .code(let text) = block { text.contains(line.trimmingBlanks) } else { false }
    }
  }

  @Test func headingsStandOutWhereThereAreColours() {
    let page = HelpIndex.shared.entry("sonde.time")?.page ?? HelpPage(heading: "")
    let plain = HelpStyle(TerminalAbilities()).text(page)
    let bold = HelpStyle(TerminalAbilities(colors: .sixteen)).text(page)
    #expect(bold.hasPrefix("\u{1B}[1msonde.time()\u{1B}[0m\n") && bold.contains("\u{1B}[1mReturns\u{1B}[0m\n"))
    #expect(bold.replacing("\u{1B}[1m", with: "").replacing("\u{1B}[0m", with: "") == plain)
  }

  @Test func examplesStandAStatementALine() {
    #expect(ExampleText.lines(of: "local a = 1; assert(a == 1)") == "local a = 1\nassert(a == 1)")
    #expect(ExampleText.lines(of: "f('a; b'); g{1; 2}") == "f('a; b')\ng{1; 2}")
    let loop = "for i = 1, 2 do f(); g() end; if x then y = 1; z() elseif w then v() else u() end; h()"
    #expect(
      ExampleText.lines(of: loop).split(separator: "\n")
        == ["for i = 1, 2 do f(); g() end", "if x then y = 1; z() elseif w then v() else u() end", "h()"])
    #expect(ExampleText.lines(of: "f(); (g)()") == "f();\n(g)()")
    #expect(ExampleText.lines(of: "f() -- a; b\ng()") == "f() -- a; b\ng()")
  }

  @Test func examplesTellWhatTheyMake() {
    let text = "local a, b = 1, 2\nc = {\n  d = 3,\n}\nassert(a == 1)\nlocal function f() e = 1 end\nt[1] = 2\na = 3"
    #expect(ExampleText.names(in: text) == ["a", "b", "c"])
  }

  @Test func sentencesEndBeforeCapitals() {
    #expect("The map (Poole et al. 2016). It grows.".firstSentence == "The map (Poole et al. 2016).")
    #expect("One.".firstSentence == "One.")
  }
}
