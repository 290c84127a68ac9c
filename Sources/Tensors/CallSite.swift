import Synchronization

/// Where the program that calls this library stands: an interpreter installs who knows it.
///
/// It is asked on rare occasions only: a tensor that a backward pass needs has changed, or anomalies are looked for.
public enum CallSite {
  private static let source = Mutex<(@Sendable () -> String?)?>(nil)

  /// The place as a sentence names it, for example `line 14 of train.lua`; nil when nobody knows.
  public static var current: String? {
    let ask = source.withLock { $0 }
    return ask?()
  }

  /// Installs who knows the place of the thread that asks.
  public static func install(_ ask: @escaping @Sendable () -> String?) {
    source.withLock { $0 = ask }
  }
}
