// The bar of `--sandbox`: one flag of the process, which every place that opens files or starts programs asks.
#define _GNU_SOURCE
#include "CProcess.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#ifdef __linux__
#include <fcntl.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

static bool is_on;
static size_t limit;
/// How much the program itself may take beside the limit, for its code and what libraries keep.
static const size_t own_share = (size_t)256 << 20;
/// The file that tells what this process takes, opened before files are out of reach; -1 where there is none.
static int statistics = -1;

// MARK: Memory

/// The bytes of memory that the process holds, 0 where that is not known.
static size_t resident(void) {
  char text[128];
  ssize_t count = statistics < 0 ? -1 : pread(statistics, text, sizeof text - 1, 0);
  if (count <= 0) return 0;
  text[count] = 0;
  // pages: the whole size, then those in memory
  char *second = NULL;
  strtoul(text, &second, 10);
  return strtoul(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

static bool exceeds(size_t bytes) {
  if (resident() <= bytes) return false;
#ifdef __GLIBC__
  // what was freed and is still held does not count
  malloc_trim(0);
#endif
  return resident() > bytes;
}

bool sonde_sandbox_is_full(void) { return exceeds(limit + own_share); }

/// Ends the process where a single call has taken so much that Lua never came to ask.
static void *watch(void *unused) {
  static const char text[] = "sonde: ended, for it took more memory than the limit of the sandbox; --memory-limit changes it\n";
  (void)unused;
  while (!exceeds(limit + 2 * own_share)) nanosleep(&(struct timespec){0, 20000000}, NULL);
  // what runs may be in the middle of writing
  if (ftrylockfile(stdout) == 0) fflush(stdout);
  ssize_t written = write(STDERR_FILENO, text, strlen(text));
  (void)written;
  _exit(EXIT_FAILURE);
}

static void start_watching(void) {
#ifdef __linux__
  int low = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  // above the standard files, which may be closed
  statistics = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (low >= 0) close(low);
#endif
  // signals are for the thread that runs Lua
  sigset_t every, before;
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &before);
  pthread_t watcher;
  if (statistics >= 0 && pthread_create(&watcher, NULL, watch, NULL) == 0) pthread_detach(watcher);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

// MARK: The bar

void sonde_sandbox_enter(size_t memory_limit) {
  limit = memory_limit;
  start_watching();
  // a core is a file too
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  is_on = true;
}

bool sonde_sandbox_is_on(void) { return is_on; }
