// Children of this process: copies of it, which Swift may not fork itself, and other programs; and the bar before all of them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// MARK: The sandbox

/// Puts files that are named, copies of this process and other programs out of its reach, for good: nothing takes it back.
///
/// The functions below then answer EPERM; whoever opens files asks `sonde_sandbox_is_on`.
///
/// It is ended where it takes far more memory than the limit.
void sonde_sandbox_enter(size_t memory_limit);
bool sonde_sandbox_is_on(void);
/// Whether the process takes more memory than the limit and what the program itself may need; false where the system doesn't tell.
bool sonde_sandbox_is_full(void);

// MARK: Copies

/// A child, and the ends at which its parent reads; they don't block and no program that is started gets them.
typedef struct SondeChild {
  pid_t identifier;
  int result;  ///< in the child the end it writes to, for sonde_child_end
  int output;  ///< what it writes to standard output
  int errors;  ///< what it writes to standard error
} SondeChild;

/// Forks: 1 in the child, 0 in the parent, an errno below 0 where the system has no process or pipe to give.
///
/// The child leads a process group of its own, so that Ctrl-C reaches the parent alone and a kill the child's own
/// children too; it has no input, and its signals do what they usually do. When the thread that made it ends, by whatever
/// signal, the system sends it SIGHUP, on which the whole group ends; what has left the group stays, and so does all of it
/// where the system is not Linux. The files in `closed` are the parent's alone.
int sonde_child_start(SondeChild *child, const int *closed, size_t count);

/// Ends a child without what exit does for its parent: flushes its files and sends the bytes of its result.
_Noreturn void sonde_child_end(const SondeChild *child, const void *bytes, size_t count);

// MARK: Programs

/// A program to start.
typedef struct SondeProgram {
  const char *path;          ///< without a slash it is looked for in PATH
  char *const *words;        ///< what it is called and its arguments, ended by NULL
  int files[3];              ///< its standard files, numbers above theirs; -1 for those of this process
  bool leads_group;          ///< leads a process group of its own: Ctrl-C at the terminal does not reach it
  bool ends_with_parent;     ///< is killed when the thread that started it ends, by whatever signal; on Linux alone
  bool keeps_ignoring;       ///< ignores and blocks what this process does but SIGINT and SIGQUIT, as under system(); else nothing
} SondeProgram;

/// Starts a program, without a shell; answers 0 or errno, that of exec too.
int sonde_program_start(const SondeProgram *program, pid_t *identifier);

/// A file without a name that holds the bytes, read from its beginning, of no program that is started; an errno below 0.
int sonde_nameless_file(const void *bytes, size_t count);

// MARK: Memory

/// Has malloc keep large blocks that were freed for the next ones, up to 256 MB, rather than give them back each time.
///
/// A fresh page costs as much as some operations on all its numbers. To be called before there are blocks.
void sonde_keep_freed_memory(void);
