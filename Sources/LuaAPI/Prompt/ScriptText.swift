import CData
import Files
import Tensors

/// The text of Lua scripts in files, and of those that ship inside the program.
public enum ScriptText {
  /// What can't be read or written: one sentence that begins with who wanted it.
  public struct Failure: Error {
    /// The sentence.
    public let text: String
  }

  private static let limit = 64 << 20

  /// Reads a script of at most 64 MB.
  ///
  /// - Throws: `Failure`.
  public static func read(_ path: String, who: String) throws -> [UInt8] {
    do {
      return try PlainFile.read(Origin(operation: who, path: path), limit: limit).withBytes { Array($0) }
    } catch {
      throw Failure(text: "\(error)")
    }
  }

  /// Writes a script whole or not at all.
  ///
  /// - Throws: `Failure`; what was there before is as it was then.
  public static func write(_ bytes: [UInt8], to path: String, who: String) throws {
    do {
      let file = try AtomicFile(Origin(operation: who, path: path))
      try bytes.withUnsafeBytes { try file.write($0) }
      try file.commit()
    } catch {
      throw Failure(text: "\(error)")
    }
  }

  /// The experiments that ship inside the program: name and text, by name.
  public static let experiments: [(name: String, text: [UInt8])] = experimentNames.compactMap { name in
    let file = sonde_embedded_file("experiments/\(name).lua")
    return file.bytes.map { (name, Array(UnsafeBufferPointer(start: $0, count: file.length))) }
  }

  private static let experimentNames = [
    "auxiliary", "bn-growth", "depth", "edge-of-chaos", "founding", "init-zoo", "ioffe-szegedy", "residual",
    "santurkar", "what-if", "width",
  ]
}
