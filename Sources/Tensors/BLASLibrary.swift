import COpenBLAS

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The library that does matrix products, as it describes itself.
public enum BLASLibrary {
  /// Its name, version and how it was built, in one line.
  public static var configuration: String { String(cString: openblas_get_config()) }

  /// The processor it has chosen its kernels for, or that was chosen for it.
  public static var core: String {
    prepared
    return String(cString: openblas_get_corename())
  }

  /// The processor that it had chosen its kernels for before better ones were found for this one; nil where they stayed.
  ///
  /// OpenBLAS takes a processor that is younger than itself for an old one.
  public static var replacedCore: String? { firstCore == core ? nil : firstCore }

  /// It keeps to the thread that calls, its own, which would wait and catch the process's signals, being ended; and it
  /// has kernels that fit the processor.
  static let prepared: Void = { _ = firstCore }()

  /// What OpenBLAS chose by itself, before its choice was corrected.
  private static let firstCore: String = {
    sonde_keep_to_one_thread()
    let chosen = String(cString: openblas_get_corename())
    sonde_choose_core()
    return chosen
  }()

  /// Whether matrices of no more than `ProductCut.smallProduct` multiplications have kernels of their own that don't
  /// pack and are faster; those for AVX-512 alone have them.
  static let hasSmallKernels = ["SkylakeX", "Cooperlake", "SapphireRapids"].contains(core)

  /// The environment's settings that take this choice away from it, `OPENBLAS_CORETYPE=Haswell`; each may halve its speed.
  public static var pins: [String] {
    ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"].compactMap { (name: String) -> String? in
      getenv(name).map { "\(name)=\(String(cString: $0))" }
    }
  }
}
