#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why a figure did not become a file, as data; `description` is the one place with the prose.
public enum GnuplotError: Error, Equatable {
  /// A path whose ending names no format; nil where it has none.
  case ending(String?)
  /// There is no program of that name.
  case missing(program: String)
  /// The program can't be started; `code` is the errno.
  case unstartable(program: String, code: Int32)
  /// The program ended with a failure: its status as a shell tells it, and the first line of what it said.
  case failed(program: String, status: Int32, message: String)
  /// The program ended well but left no whole picture.
  case incomplete(program: String, format: GnuplotFormat, count: Int)
  /// The program had not ended in time and was stopped.
  case late(program: String, seconds: Double)
  /// The picture is larger than anything sensible, and the program was stopped.
  case tooLarge(program: String, limit: Int)
  /// A width or height that no picture should have.
  case size(Int, Int, limits: ClosedRange<Int>)
}

extension GnuplotError: CustomStringConvertible {
  /// One sentence: what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .ending(let ending):
      "expected a path that ends in .svg, .png or .pdf, got "
        + (ending.map { "the ending '.\($0.prefix(20))'" } ?? "one without an ending")
    case .missing(let program):
      "expected the program '\(program)', which draws figures into files, got none; "
        + "install it with 'apt-get install gnuplot-nox', or leave out the path to draw in the terminal"
    case .unstartable(let program, let code):
      "expected to start '\(program)', got: \(String(cString: strerror(code)))"
    case .failed(let program, let status, let message):
      "expected a picture from '\(program)', got "
        + (status > 128 ? "its end by signal \(status - 128)" : "exit status \(status)")
        + (message.isEmpty ? " without a word" : ": \(message)")
    case .incomplete(let program, let format, let count):
      "expected a whole \(format.rawValue) from '\(program)', got "
        + (count == 0 ? "nothing" : "\(count) bytes that are none")
    case .late(let program, let seconds):
      "expected a picture from '\(program)' within \(Int(seconds)) seconds, got none; it was stopped"
    case .tooLarge(let program, let limit):
      "expected a picture of at most \(limit >> 20) MB from '\(program)', got more; it was stopped"
    case .size(let width, let height, let limits):
      "expected a width and a height from \(limits.lowerBound) to \(limits.upperBound) pixels, got \(width) and \(height)"
    }
  }
}
