/// What gnuplot's svg needs to look the same everywhere.
enum GnuplotSVG {
  /// Fonts for those who view it where ours is not, and bold ones, which gnuplot writes as a family of that name.
  static func polished(_ svg: [UInt8]) -> [UInt8] {
    let fonts = "font-family=\"\(GnuplotLook.font), Verdana, sans-serif\""
    return replacing(
      svg,
      [
        ("font-family=\"\(GnuplotLook.font)\"", fonts),
        ("font-family=\"\(GnuplotLook.font):Bold\"", fonts + " font-weight=\"bold\""),
      ])
  }

  /// Replaces inside tags only: texts are a user's.
  private static func replacing(_ bytes: [UInt8], _ pairs: [(old: String, new: String)]) -> [UInt8] {
    let pairs = pairs.map { (old: Array($0.old.utf8), new: Array($0.new.utf8)) }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 8)
    var isInTag = false
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "<") { isInTag = true }
      if byte == UInt8(ascii: ">") { isInTag = false }
      if isInTag, byte == UInt8(ascii: "f"), let pair = pairs.first(where: { bytes[index...].starts(with: $0.old) }) {
        result += pair.new
        index += pair.old.count
      } else {
        result.append(byte)
        index += 1
      }
    }
    return result
  }
}
