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

  /// It keeps to the thread that calls, its own, which would wait and catch the process's signals, being ended; and it
  /// has kernels that fit the processor.
  static let prepared: Void = {
    sonde_keep_to_one_thread()
    sonde_choose_core()
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
