#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Threads that receive no signals: those of the process are for the thread that runs Lua.
public enum QuietThread {
  private final class Body {
    let run: () -> Void

    init(_ run: @escaping () -> Void) { self.run = run }
  }

  /// Starts a thread that runs `body` and then ends; false when the system has none to give, and `body` does not run then.
  public static func start(_ body: @escaping () -> Void) -> Bool {
    var (every, before) = (sigset_t(), sigset_t())
    sigfillset(&every)
    pthread_sigmask(SIG_SETMASK, &every, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let held = Unmanaged.passRetained(Body(body))
    let status = pthread_create(
      &thread, nil,
      { pointer in
        let pointer: UnsafeMutableRawPointer? = pointer
        if let pointer { Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run() }
        return nil
      }, held.toOpaque())
    guard status == 0 else {
      held.release()
      return false
    }
    #if canImport(Glibc)
      pthread_detach(thread)
    #else
      if let thread { pthread_detach(thread) }
    #endif
    return true
  }
}
