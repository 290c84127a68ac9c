#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

/// The pipes of a child; each is {reading end, writing end}, -1 where it is not open.
typedef struct Pipes {
  int result[2], output[2], errors[2];
} Pipes;

// MARK: Pipes

static void close_pipe(int ends[2]) {
  for (int i = 0; i < 2; i++) {
    if (ends[i] >= 0) close(ends[i]);
    ends[i] = -1;
  }
}

static void close_pipes(Pipes *pipes) {
  int error = errno;
  close_pipe(pipes->result);
  close_pipe(pipes->output);
  close_pipe(pipes->errors);
  errno = error;
}

/// Opens a pipe with ends above the standard files, which may be closed, and of no program that is started.
static int open_pipe(int ends[2]) {
  int low[2];
  if (pipe(low) != 0) return -1;
  int error = 0;
  for (int i = 0; i < 2; i++) {
    ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (ends[i] < 0) error = errno;
  }
  for (int i = 0; i < 2; i++) close(low[i]);
  if (!error) return 0;
  close_pipe(ends);
  errno = error;
  return -1;
}

static int open_pipes(Pipes *pipes) {
  *pipes = (Pipes){{-1, -1}, {-1, -1}, {-1, -1}};
  if (open_pipe(pipes->result) == 0 && open_pipe(pipes->output) == 0 && open_pipe(pipes->errors) == 0) return 0;
  close_pipes(pipes);
  return -1;
}

// MARK: The child

/// Gives signals that have a handler of the parent's their usual effect; what was ignored stays ignored, as after exec.
static void forget_handlers(void) {
  for (int number = 1; number < NSIG; number++) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0) continue;
    if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN) continue;
    signal(number, SIG_DFL);
  }
}

/// Drops Ctrl-Z of the terminal that came before the child had left its group: nobody would wake the child.
static void forget_stop(void) {
  // ignoring drops what is pending
  if (signal(SIGTSTP, SIG_IGN) != SIG_IGN) signal(SIGTSTP, SIG_DFL);
}

#ifdef __GLIBC__
/// os.exit in a child: exit would do what the parent has asked to be done at its own end, and move in files it reads.
static void leave(int status, void *unused) {
  (void)unused;
  fflush(NULL);
  _exit(status);
}
#endif

static void redirect(Pipes *pipes) {
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing > STDIN_FILENO) {
    dup2(nothing, STDIN_FILENO);
    close(nothing);
  }
  dup2(pipes->output[1], STDOUT_FILENO);
  dup2(pipes->errors[1], STDERR_FILENO);
  // lines are to be seen when they are written
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

/// Ends the child and what it has started and not let go: a shell of os.execute, a program of io.popen.
static void end_group(int number) {
  (void)number;
  kill(-getpid(), SIGKILL);
  _exit(EXIT_FAILURE);
}

static void become_child(SondeChild *child, Pipes *pipes, pid_t parent, const int *closed, size_t count) {
  setpgid(0, 0);
  forget_handlers();
  forget_stop();
  signal(SIGHUP, end_group);
#ifdef __linux__
  // elsewhere a child whose parent was killed goes on to the end of its work
  prctl(PR_SET_PDEATHSIG, SIGHUP);
#endif
  if (getppid() != parent) _exit(EXIT_FAILURE);
  for (size_t i = 0; i < count; i++) close(closed[i]);
  redirect(pipes);
#ifdef __GLIBC__
  on_exit(leave, NULL);
#endif
  int result = pipes->result[1];
  pipes->result[1] = -1;
  close_pipes(pipes);
  *child = (SondeChild){.identifier = getpid(), .result = result, .output = -1, .errors = -1};
}

_Noreturn void sonde_child_end(const SondeChild *child, const void *bytes, size_t count) {
  fflush(NULL);
  const char *rest = bytes;
  while (count > 0) {
    ssize_t written = write(child->result, rest, count);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) _exit(EXIT_FAILURE);
    rest += written;
    count -= (size_t)written;
  }
  _exit(EXIT_SUCCESS);
}

// MARK: The parent

static int keep_reading_end(int ends[2]) {
  close(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return ends[0];
}

static void become_parent(SondeChild *child, Pipes *pipes, pid_t identifier) {
  // here as well as there: whoever is first, no kill of the group comes before it is one
  setpgid(identifier, identifier);
  *child = (SondeChild){
    .identifier = identifier,
    .result = keep_reading_end(pipes->result),
    .output = keep_reading_end(pipes->output),
    .errors = keep_reading_end(pipes->errors),
  };
}

int sonde_child_start(SondeChild *child, const int *closed, size_t count) {
  Pipes pipes;
  if (sonde_sandbox_is_on()) return -EPERM;
  if (open_pipes(&pipes) != 0) return -errno;
  // what waits to be written is the parent's, and must not be written twice
  fflush(NULL);
  sigset_t every, before;
  sigfillset(&every);
  // no handler of the parent's runs in the child
  pthread_sigmask(SIG_SETMASK, &every, &before);
  pid_t parent = getpid(), identifier = fork();
  if (identifier == 0) become_child(child, &pipes, parent, closed, count);
  if (identifier > 0) become_parent(child, &pipes, identifier);
  int error = errno;
  // whoever has started the parent with it blocked did not mean this
  if (identifier == 0) sigdelset(&before, SIGHUP);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (identifier < 0) {
    close_pipes(&pipes);
    return -error;
  }
  return identifier == 0;
}
