import Files
import Kernels
import Plots
import Tensors

/// What the session stands on: the libraries and the machine, for a user who asks whether all is well.
public enum Surroundings {
  /// What is known of gnuplot, which draws figures into files.
  public enum Plotter {
    /// It answers, with this version.
    case version(String)
    /// It does not; one sentence why, with the cure.
    case failure(String)
  }

  /// Asks gnuplot for its version, and waits no more than two seconds.
  public static func plotter() -> Plotter {
    do {
      return .version(try Gnuplot.version())
    } catch {
      return .failure("\(error)")
    }
  }

  /// The version of zlib.
  public static var zlib: String { ZlibVersion.text }

  /// What standard output can show.
  public static var screen: TerminalAbilities { TerminalAbilities.current }
}

extension TerminalAbilities {
  /// The abilities in words: `80 columns x 24 lines, Unicode, 256 colours`.
  public var words: String {
    let colours =
      switch colors {
      case .none: "no colours"
      case .sixteen: "16 colours"
      case .indexed: "256 colours"
      case .full: "all colours"
      }
    return "\(columns) columns x \(lines) lines, \(isUnicode ? "Unicode with braille" : "ASCII"), \(colours)"
  }
}
