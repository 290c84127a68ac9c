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

  /// The processor it has chosen its kernels for.
  public static var core: String { String(cString: openblas_get_corename()) }

  /// The environment's settings that take this choice away from it, `OPENBLAS_CORETYPE=Haswell`; each may halve its speed.
  public static var pins: [String] {
    ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"].compactMap { (name: String) -> String? in
      getenv(name).map { "\(name)=\(String(cString: $0))" }
    }
  }
}
