// The bar of `--sandbox`: one flag of the process, which every place that opens files or starts programs asks.
#define _GNU_SOURCE
#include "CProcess.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __linux__
#include <fcntl.h>
#endif
#ifdef __GLIBC__
#include <malloc.h>
#endif

static bool is_on;
/// The file that tells what this process takes, opened before files are out of reach; -1 where there is none.
static int statistics = -1;

void sonde_sandbox_enter(void) {
  is_on = true;
  // a core is a file too
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifdef __linux__
  int low = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  // above the standard files, which may be closed
  statistics = low < 0 ? -1 : fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (low >= 0) close(low);
#endif
}

bool sonde_sandbox_is_on(void) { return is_on; }

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

bool sonde_memory_exceeds(size_t bytes) {
  if (resident() <= bytes) return false;
#ifdef __GLIBC__
  // what was freed and is still held does not count
  malloc_trim(0);
#endif
  return resident() > bytes;
}
