// What the libraries below OpenBLAS would do to the whole program when it starts, and must not.
//
// The program exports these names (exported.list), so the libraries' own start-up code finds them before those that it means.

/// Tells OpenBLAS, before its own start, that it gets one thread; the program's workers share the work out.
///
/// It starts a thread a core otherwise: that takes milliseconds of the start and of the end, and from the first thread on every
/// malloc locks, which plain Lua feels.
int openblas_num_threads_env(void) { return 1; }

/// Refuses a type of printf's arguments to whoever asks for one.
///
/// libquadmath, which comes with OpenBLAS, would teach printf about __float128, and from then on every printf of the process takes a
/// path that is slower by half; nobody here prints one.
int register_printf_type(void (*read)(void *, void *)) {
  (void)read;
  return -1;
}
