extension HelpEntry {
  /// The page.
  var page: HelpPage {
    switch subject {
    case .topic(let topic): topic.page
    case .module(let module): module.page
    case .type(let type): type.page
    case .function(let record): record.page
    case .field(let field, let type): field.page(of: type)
    case .option(let option): option.page
    case .library(let library): library.page
    case .lua(let name): name.page
    }
  }
}

extension FunctionRecord {
  /// The page about this function.
  var page: HelpPage {
    var page = HelpPage(heading: signature)
    page.add(nil, [.text(summary)])
    page.add("Parameters", [.table(parameters.map { ($0.name, $0.explanation) })])
    page.add("Options", [.table(options.map { ($0.name, $0.explanation) })])
    page.add("Returns", [.text(returns)])
    page.add("Errors", [.text(errors.isEmpty ? "none beside wrong arguments" : errors)])
    page.add("Example", [.code(ExampleText.lines(of: example))])
    page.add("See also", [.names(seeAlso)])
    return page
  }

  /// Further pages: those of the same groups, the nearest ones first, and the topics that tell more.
  var seeAlso: [String] {
    let groups = HelpGroup.containing(name)
    if groups.isEmpty { return neighbours }
    let plain = groups[0].members.contains(name) ? name : String(name.dropLast())
    var names = name == plain ? [] : [plain]
    for group in groups {
      let place = group.members.firstIndex(of: plain) ?? 0
      let near = group.members.indices.sorted { (abs($0 - place), $0) < (abs($1 - place), $1) }.dropFirst()
      names += near.prefix(max(2, 6 / groups.count)).map { group.members[$0] }
    }
    names += groups.flatMap(\.topics)
    var seen: Set<String> = [name]
    return names.filter { seen.insert($0).inserted }
  }

  /// Of a function that is in no group: its type or module.
  private var neighbours: [String] {
    if let receiver { return [receiver.name] }
    return [String(name.prefix(name.lastIndex(of: ".").map { name.distance(from: name.startIndex, to: $0) } ?? 0))]
  }
}

extension TypeRecord {
  /// The page about this type: its fields and methods.
  var page: HelpPage {
    var page = HelpPage(heading: type.name)
    page.add(nil, [.text(summary)])
    page.add("Fields", [.table(properties.map { ($0.name, $0.summary) })])
    page.add(
      "Methods", methods.count > 40 ? methodGroups : [.list(methods.map { ($0.shortName, $0.firstSentence) })])
    page.add("See also", [.names(seeAlso)])
    return page
  }

  /// Further pages: what makes such objects, and the topics about them.
  var seeAlso: [String] {
    let makers = FunctionRecord.documented.filter { record in
      record.returns.hasPrefix(type.described) && record.receiver != type
        && !(record.returns.dropFirst(type.described.count).first ?? " ").isLetter
        && !record.returns.dropFirst(type.described.count).hasPrefix(" row")
    }
    let topics = methods.flatMap { HelpGroup.containing($0.name) }.flatMap(\.topics)
    var seen: Set<String> = [type.name]
    let names = makers.prefix(6).map(\.name) + topics.prefix(40) + (TypeRecord.related[type] ?? [])
    return names.filter { seen.insert($0).inserted }
  }

  private static let related: [ObjectType: [String]] = [
    .statistics: ["probe", "report row", "tensor:stats"], .reportRow: ["report", "stats", "network:probe"],
    .parameters: ["network", "layers", "network:state"], .layer: ["network", "layers", "surgery"],
    .parameterGroup: ["optimizer", "optim.SGD"], .schedule: ["optim.schedule", "training"],
    .batches: ["dataset:batches", "datasets"], .variant: ["network:whatif", "what-if"],
    .predictionRow: ["prediction", "theory", "report row"], .predictedStats: ["stats", "theory", "prediction row"],
  ]

  /// The methods in their groups, those of none at the end.
  private var methodGroups: [HelpPage.Block] {
    var left = methods.map(\.shortName)
    var rows: [(name: String, meaning: String)] = []
    for group in HelpGroup.all {
      let names = group.members.filter { $0.hasPrefix("\(type.name):") }.map {
        String($0.dropFirst(type.name.count + 1))
      }
      .filter(left.contains)
      left.removeAll(where: names.contains)
      if !names.isEmpty { rows.append((group.title, names.joined(separator: " "))) }
    }
    let inPlace = left.filter { $0.hasSuffix("_") && !rows.isEmpty }
    let others = left.filter { !inPlace.contains($0) }
    if !others.isEmpty { rows.append(("others", others.joined(separator: " "))) }
    if !inPlace.isEmpty { rows.append(("in place", inPlace.joined(separator: " "))) }
    return [.table(rows)]
  }
}

extension FunctionRecord {
  /// The first sentence of the summary, for lists.
  var firstSentence: String { summary.firstSentence }
}

extension String {
  /// The text up to the first full stop that a capital follows: that of an abbreviation ends nothing.
  var firstSentence: String {
    var rest = self[...]
    while let stop = rest.firstRange(of: ". ") {
      if self[stop.upperBound...].first?.isUppercase ?? true { return String(self[..<stop.lowerBound]) + "." }
      rest = rest[stop.upperBound...]
    }
    return self
  }
}

extension PropertyRecord {
  /// The page about a field.
  fileprivate func page(of type: TypeRecord) -> HelpPage {
    var page = HelpPage(heading: "\(type.type.name).\(name)")
    page.add(nil, [.text(summary)])
    page.add("Assignment", [.text(set == nil ? "the field can only be read" : "the field can be set")])
    page.add("See also", [.names([type.type.name] + type.seeAlso.prefix(4))])
    return page
  }
}

extension HelpTopic {
  fileprivate var page: HelpPage {
    var page = HelpPage(heading: name)
    page.add(nil, [.text(summary)] + blocks)
    page.add("See also", [.names(see)])
    return page
  }
}

extension HelpModule {
  fileprivate var page: HelpPage {
    var page = HelpPage(heading: name)
    page.add(nil, [.text(topic?.summary ?? summary)] + (topic?.blocks ?? []))
    var left = functions
    for group in HelpGroup.all {
      let members = group.members.compactMap { name in left.first { $0.name == name } }
      left.removeAll { record in members.contains { $0.name == record.name } }
      page.add(title(group), [.list(members.map { ($0.shortName, $0.firstSentence) })])
    }
    page.add("Others", [.list(left.map { ($0.shortName, $0.firstSentence) })])
    let inner = HelpModule.all.filter { $0.name.hasPrefix(name + ".") }
    page.add("Modules inside", [.list(inner.map { ($0.name, $0.summary) })])
    page.add("See also", [.names(seeAlso)])
    return page
  }

  private func title(_ group: HelpGroup) -> String {
    (group.title.first?.uppercased() ?? "") + group.title.dropFirst()
  }

  private var seeAlso: [String] {
    let topics = functions.flatMap { HelpGroup.containing($0.name) }.flatMap(\.topics) + (topic?.see ?? [])
    var seen: Set<String> = [name]
    return topics.filter { seen.insert($0).inserted }
  }
}

extension HelpOption {
  fileprivate var page: HelpPage {
    var page = HelpPage(heading: "\(name)=")
    let texts = Set(uses.map(\.option.explanation))
    if texts.count == 1, uses.count > 1 {
      page.add(nil, [.text(uses[0].option.explanation)])
      page.add("Option of", [.names(uses.map(\.function))])
    } else {
      page.add("Option of", [.table(uses.map { ($0.function, $0.option.explanation) })])
    }
    return page
  }
}

extension LuaLibrary {
  /// A function without the library's name before it.
  private func shown(_ member: LuaName) -> String { member.signature.replacing(/^\w+[.:](?=\w)/, with: "") }

  fileprivate var page: HelpPage {
    var page = HelpPage(heading: name)
    page.add(nil, [.text("\(summary) Part of Lua 5.4, section \(section) of its manual.")])
    page.add("Functions", [.table(members.map { (shown($0), $0.summary) })])
    return page
  }
}

extension LuaName {
  fileprivate var page: HelpPage {
    var page = HelpPage(heading: signature)
    page.add(nil, [.text(summary), .text("Part of Lua 5.4, section \(section) of its manual.")])
    page.add("See also", [.names(seeAlso)])
    return page
  }

  /// Its library; of what has the name of a function of Sonde's, that function too.
  var seeAlso: [String] {
    let library = LuaManual.libraries.first { library in library.members.contains { $0.name == name } }
    let same = FunctionRecord.documented.filter { $0.shortName == HelpIndex.plain(name) }.map(\.name)
    return [library.map { $0.name } ?? "lua"] + same.prefix(4)
  }
}
