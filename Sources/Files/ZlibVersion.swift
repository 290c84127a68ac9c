import CZlib

/// The library that packs and unpacks.
public enum ZlibVersion {
  /// The version of the library that is linked, `1.3.1`.
  public static var text: String { String(cString: zlibVersion()) }
}
