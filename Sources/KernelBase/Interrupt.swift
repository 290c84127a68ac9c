import Synchronization

/// The request to stop what runs, set by Ctrl-C and polled by long loops.
///
/// A signal handler sets it, so it is one lock-free atomic. Whoever catches `Interrupted` at the top
/// clears it.
public enum Interrupt {
  @usableFromInline static let requested = Atomic<Bool>(false)

  /// How many elements a kernel may work through between two polls.
  @inlinable public static var pollInterval: Int { 65_536 }

  /// Whether a stop has been requested and not been cleared.
  @inlinable public static var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Asks whatever runs to stop; safe inside a signal handler.
  public static func request() { requested.store(true, ordering: .relaxed) }

  /// Forgets a request, once what ran has stopped.
  public static func clear() { requested.store(false, ordering: .relaxed) }

  /// Ends a loop when a stop has been requested.
  ///
  /// - Throws: `Interrupted` when a stop has been requested.
  @inlinable
  @inline(__always)
  public static func check() throws {
    if isRequested { throw Interrupted() }
  }
}

/// What a computation throws when a user has pressed Ctrl-C.
public struct Interrupted: Error, CustomStringConvertible {
  /// The message lua.c gives in the same case.
  public var description: String { "interrupted!" }

  /// Makes the error; it carries nothing.
  @inlinable public init() {}
}
