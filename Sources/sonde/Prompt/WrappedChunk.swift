/// The text of a chunk inside a function whose upvalues are the locals declared at the prompt before.
///
///     local a, b <const>, keeper return function(...) CHUNK
///     keeper = function() return c, d end end
///
/// The function in the text's end tells the locals that the chunk declares, as upvalues; what it returns does not matter but for
/// constants. All that stands before the chunk is on its first line, so that lines keep their numbers.
struct WrappedChunk {
  let text: [UInt8]
  /// The upvalue that is given the function at the end; nil when nothing is to be kept.
  let keeper: String?

  /// Wraps an expression or a chunk from which nothing is kept.
  init(_ body: [UInt8], seeing locals: [String], _ isConst: (String) -> Bool) {
    text = WrappedChunk.head(locals, isConst, nil) + body + Array("\nend".utf8)
    keeper = nil
  }

  /// Wraps a chunk that declares locals.
  init(_ body: [UInt8], _ outline: ChunkOutline, seeing locals: [String], _ isConst: (String) -> Bool) {
    var keeper = "__keeper"
    while outline.names.contains(keeper) { keeper += "_" }
    var text = WrappedChunk.head(locals, isConst, keeper)
    var start = 0
    for point in outline.returns {
      text += body[start..<point.position]
      text += WrappedChunk.keeping(outline.kept(of: point.declarations), keeper)
      if point.isCall { text += Chunk.expressionHead }
      start = point.position
    }
    text += body[start...] + [UInt8(ascii: "\n")]
    if outline.returns.last?.isLast != true { text += WrappedChunk.keeping(outline.kept, keeper) }
    self.text = text + Array("end".utf8)
    self.keeper = keeper
  }

  private static func head(_ locals: [String], _ isConst: (String) -> Bool, _ keeper: String?) -> [UInt8] {
    let names = locals.map { isConst($0) ? $0 + " <const>" : $0 } + (keeper.map { [$0] } ?? [])
    return Array("local \(names.joined(separator: ", ")) return function(...) ".utf8)
  }

  private static func keeping(_ declarations: [ChunkOutline.Declaration], _ keeper: String) -> [UInt8] {
    Array("\(keeper) = function() return \(declarations.map(\.name).joined(separator: ", ")) end ".utf8)
  }
}
