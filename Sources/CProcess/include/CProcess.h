// fork for Swift, which may not call it: a child that works on a copy of this process and tells by pipes what came of it.
#pragma once

#include <stddef.h>
#include <sys/types.h>

/// A child, and the ends at which its parent reads; they don't block and no program that is started gets them.
typedef struct SondeChild {
  pid_t identifier;
  int result;  ///< in the child the end it writes to, for sonde_child_end
  int output;  ///< what it writes to standard output
  int errors;  ///< what it writes to standard error
} SondeChild;

/// Forks: 1 in the child, 0 in the parent, -1 with errno where the system has no process or pipe to give.
///
/// The child leads a process group of its own, so that Ctrl-C reaches the parent alone and a kill the child's own
/// children too; it ends when the thread that made it does; it has no input, and its signals do what they usually do.
/// The files in `closed` are the parent's alone.
int sonde_child_start(SondeChild *child, const int *closed, size_t count);

/// Ends a child without what exit does for its parent: flushes its files and sends the bytes of its result.
_Noreturn void sonde_child_end(const SondeChild *child, const void *bytes, size_t count);
