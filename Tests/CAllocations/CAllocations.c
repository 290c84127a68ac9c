// Stands in front of glibc's malloc and counts the blocks asked for. C, because the functions must be the process's.

#define _GNU_SOURCE

#include "CAllocations.h"

#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __GLIBC__

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static atomic_long blocks, products;
/// Where the code of OpenBLAS lies; nowhere until it is asked for.
static atomic_uintptr_t first, last;

static void count(const void *caller) {
  uintptr_t place = (uintptr_t)caller;
  bool ofOpenBLAS = place >= atomic_load_explicit(&first, memory_order_relaxed)
    && place < atomic_load_explicit(&last, memory_order_relaxed);
  atomic_fetch_add_explicit(ofOpenBLAS ? &products : &blocks, 1, memory_order_relaxed);
}

void *malloc(size_t size) {
  count(__builtin_return_address(0));
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count(__builtin_return_address(0));
  return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
  count(__builtin_return_address(0));
  return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size) {
  count(__builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  count(__builtin_return_address(0));
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}

static int note_openblas(struct dl_phdr_info *library, size_t size, void *found) {
  (void)size;
  if (!strstr(library->dlpi_name, "openblas")) return 0;
  for (int index = 0; index < library->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &library->dlpi_phdr[index];
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X)) continue;
    uintptr_t start = library->dlpi_addr + segment->p_vaddr;
    atomic_store(&first, start);
    atomic_store(&last, start + segment->p_memsz);
    *(bool *)found = true;
  }
  return 0;
}

bool allocations_tell_openblas_apart(void) {
  bool found = false;
  dl_iterate_phdr(note_openblas, &found);
  return found;
}

long allocations_so_far(void) { return atomic_load_explicit(&blocks, memory_order_relaxed); }

long allocations_by_openblas(void) { return atomic_load_explicit(&products, memory_order_relaxed); }
#else
bool allocations_tell_openblas_apart(void) { return false; }

long allocations_so_far(void) { return -1; }

long allocations_by_openblas(void) { return -1; }
#endif
