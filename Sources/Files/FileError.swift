#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where bytes come from, for messages: the operation a user called and the file it was given.
public struct Origin: Hashable, Sendable {
  /// What the user called, for example `data.idx`.
  public let operation: String
  /// The file's path as the user wrote it, or a name for bytes that are in no file.
  public let path: String

  /// Names an operation and its file.
  public init(operation: String, path: String) {
    self.operation = operation
    self.path = path
  }
}

/// What is wrong with a file, as data.
///
/// Positions are byte offsets from 0.
public enum FileProblem: Hashable, Sendable {
  /// A system call failed; `action` is its verb, `code` its errno.
  case system(action: String, code: Int32)
  /// A directory stands where a file was expected.
  case directory
  /// A device, pipe or socket stands where a file is to be replaced.
  case notRegular
  /// Another process writes lines to it.
  case inUse
  /// The bytes are no text in UTF-8.
  case notText
  /// The process is in the sandbox.
  case outOfReach
  /// The path holds a zero byte, where the system would cut it.
  case zeroByteInPath
  /// The file holds more than the caller allows.
  case tooLarge(limit: Int)
  /// The gzip stream is at fault.
  case gzip(GzipProblem)
  /// The IDX file is at fault.
  case idx(IDXProblem)
  /// The contents break the format of the file.
  case malformed(Malformation)
  /// The file's name ends in none of the formats' names; `ending` is quoted, nil where there is none.
  case format(ending: String?)
}

/// What is wrong with a gzip stream.
public enum GzipProblem: Hashable, Sendable {
  /// It ends before its end marker.
  case truncated(position: Int)
  /// It breaks its format or its checksum; `reason` is zlib's.
  case corrupt(reason: String, position: Int)
  /// Something else than another member follows it.
  case trailing(count: Int, position: Int)
  /// It inflates to more than the caller allows.
  case tooLarge(limit: Int, position: Int)
}

/// What is wrong with an IDX file.
public enum IDXProblem: Hashable, Sendable {
  /// The file is too short for the header it should begin with.
  case headerTruncated(expected: Int, got: Int)
  /// The first two bytes are not 0.
  case magic(UInt8, UInt8)
  /// The third byte is no element type.
  case element(UInt8)
  /// The fourth byte is no rank of ours.
  case rank(UInt8)
  /// The extents of the header multiply to more than can be counted.
  case extents([Int])
  /// The file ends before the elements its header announces.
  case truncated(extents: [Int], expected: Int, got: Int, position: Int)
  /// The file goes on after the elements its header announces; `got` is nil where nobody counted.
  case trailing(extents: [Int], expected: Int, got: Int?, position: Int)
}

/// A file that can't be read or written: where it is, and what is wrong with it.
public struct FileError: Error, Hashable, Sendable {
  /// The operation and the file.
  public let origin: Origin
  /// What is wrong.
  public let problem: FileProblem

  /// Joins a problem to the place where it was met.
  public init(_ origin: Origin, _ problem: FileProblem) {
    self.origin = origin
    self.problem = problem
  }

  /// Whether the path names nothing, so that another name may be tried.
  public var isMissing: Bool {
    if case .system(_, ENOENT) = problem { true } else { false }
  }
}

extension FileError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String { "\(origin.operation): '\(origin.path)': \(problem)" }
}

extension FileProblem: CustomStringConvertible {
  /// What was expected, what came, and the cure where one is known.
  public var description: String {
    switch self {
    case .system(let action, let code): "cannot \(action) it: \(SystemCall.message(code))"
    case .directory: "expected a file, got a directory"
    case .notRegular: "expected a regular file to replace, got a device, pipe or socket"
    case .inUse: "expected a file that nothing else writes to, got one that another process writes; wait for its end"
    case .notText: "expected text in UTF-8, got other bytes"
    case .outOfReach: "files are out of reach under --sandbox; run the script without it if you trust it"
    case .zeroByteInPath: "expected a path without zero bytes, got one with a zero byte"
    case .tooLarge(let limit): "expected at most \(bytes(limit)), got more"
    case .gzip(let problem): problem.description
    case .idx(let problem): problem.description
    case .malformed(let malformation): malformation.description
    case .format(let ending):
      "expected a name that ends in .npy, .npz, .safetensors or .csv, got \(ending ?? "one without an ending")"
    }
  }
}

extension GzipProblem: CustomStringConvertible {
  /// What was expected, what came, and the cure where one is known.
  public var description: String {
    switch self {
    case .truncated(let position):
      "expected the rest of the gzip stream, got the end of the file (at byte \(position)); it is incomplete, fetch it again"
    case .corrupt(let reason, let position):
      "expected a valid gzip stream, got '\(reason)' (at byte \(position)); it is damaged, fetch it again"
    case .trailing(let count, let position):
      "expected the end of the file after the gzip stream, got \(bytes(count)) more (at byte \(position))"
    case .tooLarge(let limit, let position):
      "expected a gzip stream of at most \(bytes(limit)) when inflated, got more (at byte \(position))"
    }
  }
}

extension IDXProblem: CustomStringConvertible {
  /// What was expected, what came, and the cure where one is known.
  public var description: String {
    switch self {
    case .headerTruncated(let expected, let got):
      "expected an IDX header of \(bytes(expected)), got \(got) (at byte \(got))"
    case .magic(let first, let second):
      "expected an IDX file, which begins with two zero bytes, got \(hex(first)) \(hex(second)) (at byte 0)"
    case .element(let code):
      "expected an IDX element type 0x08, 0x09, 0x0b, 0x0c, 0x0d or 0x0e, got \(hex(code)) (at byte 2)"
    case .rank(let rank):
      "expected 1 to 8 dimensions, got \(rank) (at byte 3)"
    case .extents(let extents):
      "expected extents whose product can be counted, got \(extents) (at byte 4)"
    case .truncated(let extents, let expected, let got, let position):
      "expected \(bytes(expected)) after the header's \(extents), got \(got) (at byte \(position)); "
        + "the file is incomplete, fetch it again"
    case .trailing(let extents, let expected, let got, let position):
      "expected \(bytes(expected)) after the header's \(extents), got \(got.map(String.init) ?? "more") "
        + "(at byte \(position))"
    }
  }

  private func hex(_ byte: UInt8) -> String {
    byte < 16 ? "0x0\(String(byte, radix: 16))" : "0x\(String(byte, radix: 16))"
  }
}

private func bytes(_ count: Int) -> String { count == 1 ? "1 byte" : "\(count) bytes" }
