extension HelpPage {
  /// What `help()` shows: a screen that says where everything is.
  static let tour: HelpPage = {
    var page = HelpPage(heading: "Sonde looks inside deep neural networks.")
    page.add(
      nil,
      [
        .code(
          """
          net = nn.mlp{depth=20, init="normal(0.01)"}
          r = net:probe(sonde.randn(200, 100))
          r
          net:whatif(sonde.randn(200, 100), {init={"he_normal", "orthogonal"}})
          """)
      ])
    page.add(
      "Ask",
      [
        .table([
          ("?start", "the same in a dozen lines, explained"),
          ("?nn.mlp", "a function, method or object: parameters, errors, an example"),
          ("??nn.mlp", "its source, or where it is written"),
          ("help(\"two words\")", "searches all pages"),
          (":example nn.mlp", "runs a page's example; :help lists the commands"),
        ])
      ])
    page.add(
      "Modules",
      [
        .table(
          HelpModule.all.filter { !$0.name.contains(".") }.map { ($0.name, $0.functions.count.functions + $0.short) })
      ]
    )
    page.add("Objects", [.names(TypeRecord.all.map(\.type.name))])
    page.add("Topics", [.names(HelpTopic.all.map(\.name))])
    page.add("Lua", [.text("?string, ?table, ?math and the other libraries; ?for, ?# and the rest of the language")])
    return page
  }()
}

extension Int {
  fileprivate var functions: String { "\(self) functions. " }
}

extension HelpModule {
  fileprivate var short: String { (topic?.summary ?? summary) }
}
