import Kernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Figures as pictures, drawn by the program gnuplot.
///
/// gnuplot 5.4 or newer is started without a shell and without the user's settings, reads a script from its standard input and
/// writes the picture to its standard output: it never sees a path. Numbers are placed by our own scales, and every text is
/// quoted so that nothing in it is a command.
public enum Gnuplot {
  /// The width and height of a figure unless others are asked for, in pixels.
  public static let standardSize = (width: 1600, height: 900)
  /// The sizes a picture may have, in pixels.
  public static let sizes = 100...10_000
  /// How long gnuplot may take unless told otherwise.
  public static let patience = 60.0

  /// The program to run: what the environment's `SONDE_GNUPLOT` names, or `gnuplot`.
  public static var program: String {
    guard let name = getenv("SONDE_GNUPLOT"), name.pointee != 0 else { return "gnuplot" }
    return String(cString: name)
  }

  /// Draws a figure.
  ///
  /// - Parameters:
  ///   - figure: what to draw; numbers that can't be shown are left out.
  ///   - format: what kind of picture.
  ///   - width: in pixels; of a pdf, 96 to an inch.
  ///   - height: in pixels.
  ///   - program: gnuplot's name or path.
  ///   - seconds: how long it may take.
  /// - Returns: the picture, whole.
  /// - Throws: `GnuplotError`; `Interrupted`, when the program has been stopped.
  public static func picture(
    _ figure: Figure, _ format: GnuplotFormat, width: Int = standardSize.width, height: Int = standardSize.height,
    program: String = program, seconds: Double = patience
  ) throws -> [UInt8] {
    guard sizes.contains(width), sizes.contains(height) else {
      throw GnuplotError.size(width, height, limits: sizes)
    }
    let script = GnuplotScript(figure, format, width: width, height: height).text
    let process = try GnuplotProcess(program)
    let bytes = try process.run(script, until: Moment(seconds: seconds))
    guard format.isWhole(bytes) else {
      throw GnuplotError.incomplete(program: program, format: format, count: bytes.count)
    }
    return format == .svg ? GnuplotSVG.polished(bytes) : bytes
  }
}
