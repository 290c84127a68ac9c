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

  @Test(arguments: [40, 80]) func pagesFit(columns: Int) {
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
