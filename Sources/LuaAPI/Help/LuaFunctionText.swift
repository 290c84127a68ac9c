import CData
import CLua
import Files

/// What is known of a function written in Lua: its parameters, where it was defined, and its text.
struct LuaFunctionText {
  private static let mostBytes = 1 << 24

  /// The names of the parameters, `...` among them.
  let parameters: [String]
  /// Where it was defined, for people: `file.lua:12-20`.
  let place: String
  /// The lines of the function, empty where its text can't be read.
  let lines: [String]
  /// The lines of the comment right above it, without their marks.
  let comment: [String]

  /// Nil for a function that is not written in Lua.
  init?(_ call: Call, at index: Int32) {
    var function = SondeFunction()
    sonde_describe_function(call.lua, index, &function)
    guard function.is_lua else { return nil }
    parameters =
      (0..<function.parameters).map { number in
        sonde_parameter_name(call.lua, index, number + 1).map { String(cString: $0) } ?? "arg\(number + 1)"
      } + (function.is_variadic && function.first_line > 0 ? ["..."] : [])
    let bytes = UnsafeRawBufferPointer(start: function.source, count: function.source_length)
    let chunk = String(decoding: bytes, as: UTF8.self)
    let all = LuaFunctionText.text(of: chunk, call)?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
    let (first, last) = (Int(function.first_line), Int(function.last_line))
    let isWhole = first == 0
    let isThere = isWhole || (first <= last && last <= all.count)
    lines = isThere ? (isWhole ? all[...] : all[(first - 1)..<last]).map(String.init) : []
    comment = isThere && !isWhole ? LuaFunctionText.comment(above: first - 1, in: all) : []
    let name = LuaFunctionText.name(of: chunk)
    place = isWhole ? name : first == last ? "\(name):\(first)" : "\(name):\(first)-\(last)"
  }

  // MARK: Text

  /// The text that a chunk was compiled from: a file, what was typed, a file of the library, or the chunk's own name.
  private static func text(of chunk: String, _ call: Call) -> String? {
    if chunk.hasPrefix("@") { return file(String(chunk.dropFirst()), call) }
    guard chunk.hasPrefix("=") else { return chunk }
    if let typed = call.session.chunkText?(chunk) { return typed }
    guard chunk.hasPrefix("=sonde:") else { return nil }
    let text = sonde_embedded_file("library/" + chunk.dropFirst(7))
    return text.bytes.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: text.length), as: UTF8.self) }
  }

  private static func file(_ path: String, _ call: Call) -> String? {
    let origin = Origin(operation: call.who, path: path)
    return try? PlainFile.read(origin, limit: mostBytes).withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// The chunk's name as people know it.
  private static func name(of chunk: String) -> String {
    if chunk.hasPrefix("@") || chunk.hasPrefix("=") { return String(chunk.dropFirst()) }
    return "a string of Lua"
  }

  /// The comment that ends right above a line, counted from 0.
  private static func comment(above line: Int, in lines: [Substring]) -> [String] {
    var comment: [String] = []
    for text in lines[..<line].reversed() {
      let text = text.trimmingBlanks
      guard text.hasPrefix("--"), !text.hasPrefix("--[["), !text.hasPrefix("--]]") else { break }
      comment.insert(text.drop { $0 == "-" }.trimmingBlanks, at: 0)
    }
    return comment
  }

  // MARK: Pages

  /// The name by which the definition knows the function, nil where it has none.
  private var ownName: String? {
    guard let line = lines.first, let word = line.firstRange(of: "function") else { return nil }
    let isNamePart = { (c: Character) in c.isLetter || c.isNumber || c == "_" || c == "." || c == ":" }
    let behind = line[word.upperBound...].drop { $0 == " " }.prefix(while: isNamePart)
    if !behind.isEmpty { return String(behind) }
    let before = line[..<word.lowerBound].reversed().drop { $0 == " " }
    guard before.first == "=" else { return nil }
    let name = String(before.dropFirst().drop { $0 == " " }.prefix(while: isNamePart).reversed())
    return name.isEmpty ? nil : name
  }

  /// The page about the function.
  func page(named name: String?) -> HelpPage {
    var page = HelpPage(heading: "\(name ?? ownName ?? "function")(\(parameters.joined(separator: ", ")))")
    page.add(nil, [.text(comment.joined(separator: "\n"))])
    page.add("Defined in", [.text(place)])
    return page
  }

  /// The text of the function, or that it can't be had.
  func sourcePage() -> HelpPage {
    var page = HelpPage(heading: place)
    page.add("", lines.isEmpty ? [.text("the text can't be read any more")] : [.source(lines.joined(separator: "\n"))])
    return page
  }
}
