// Other programs as children. vfork, as in posix_spawn, which knows neither groups' ends nor parents' deaths: a fork would copy the
// page tables of all tensors. Until exec the child runs in the memory of its parent, which waits.
#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/mman.h>
#include <sys/prctl.h>
#endif

static void pass_over(int number) { (void)number; }

/// Sets the signals of the child, which are all blocked: a handler of the parent's must not run in its memory.
///
/// Ctrl-Z that came before exec would stop the child and with it its parent, whom vfork lets wait where no signal reaches it.
/// A handler takes it, and ends with exec.
static void set_signals(const SondeProgram *program, const sigset_t *before) {
  for (int number = 1; number < NSIG; number++) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) continue;
    bool is_kept = program->keeps_ignoring && number != SIGINT && number != SIGQUIT;
    bool stops = number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
    if ((action.sa_handler == SIG_DFL && !stops) || (action.sa_handler == SIG_IGN && is_kept)) continue;
    action = (struct sigaction){.sa_handler = stops ? pass_over : SIG_DFL};
    sigaction(number, &action, NULL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, program->keeps_ignoring ? before : &none, NULL);
}

/// Becomes the program; comes back with errno where it can't.
static void become_program(const SondeProgram *program, const sigset_t *before, pid_t parent) {
  if (program->leads_group) setpgid(0, 0);
#ifdef __linux__
  if (program->ends_with_parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(EXIT_FAILURE);
  }
#endif
  for (int i = 0; i < 3; i++) {
    if (program->files[i] >= 0 && dup2(program->files[i], i) < 0) return;
  }
  set_signals(program, before);
  execvp(program->path, program->words);
}

int sonde_program_start(const SondeProgram *program, pid_t *identifier) {
  *identifier = 0;
  if (sonde_sandbox_is_on()) return EPERM;
  sigset_t every, before;
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &before);
  pid_t parent = getpid();
  volatile int error = 0;
  pid_t child = vfork();
  if (child == 0) {
    become_program(program, &before, parent);
    // the parent's own variable
    error = errno;
    _exit(EXIT_FAILURE);
  }
  if (child < 0) error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (child > 0 && error) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
  }
  *identifier = error ? 0 : child;
  return error;
}

/// A file in memory: no directory has to be writable for it.
static int make_nameless(void) {
#ifdef __linux__
  return memfd_create("sonde", MFD_CLOEXEC);
#else
  FILE *file = tmpfile();
  if (!file) return -1;
  int number = fcntl(fileno(file), F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  fclose(file);
  return number;
#endif
}

/// Writes all bytes, and goes back to the first; answers errno.
static int fill(int file, const char *rest, size_t count) {
  while (count > 0) {
    ssize_t written = write(file, rest, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    rest += written;
    count -= (size_t)written;
  }
  return lseek(file, 0, SEEK_SET) < 0 ? errno : 0;
}

int sonde_nameless_file(const void *bytes, size_t count) {
  if (sonde_sandbox_is_on()) return -EPERM;
  int low = make_nameless();
  if (low < 0) return -errno;
  // above the standard files, which may be closed
  int file = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  int error = file < 0 ? errno : fill(file, bytes, count);
  close(low);
  if (error && file >= 0) close(file);
  return error ? -error : file;
}
