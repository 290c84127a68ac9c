// How much freed memory the process keeps.

#include "CProcess.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

void sonde_keep_freed_memory(void) {
#ifdef __GLIBC__
  // blocks up to what glibc allows at most come from the heap, not from the system one by one
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  // and so much of the heap's free end stays
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
}
