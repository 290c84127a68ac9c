// os.execute at the prompt: the C library's system() ignores Ctrl-C while it waits, so that a loop of `sleep` would go on
// for ever. And io.popen, whose child may begin just after Ctrl-C.
#include "Runtime.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "CProcess.h"

/// The requests within how many seconds end a child that takes no notice, and how long it is given to end itself.
enum { INSISTING = 3, SECONDS = 1 };
static const double grace = 0.05;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/// Starts a shell that has Ctrl-C and Ctrl-\ in their usual meaning; answers errno.
static int start_shell(const char *command, pid_t *child) {
  char *words[] = {"sh", "-c", (char *)command, NULL};
  return sonde_program_start(
    &(SondeProgram){.path = "/bin/sh", .words = words, .files = {-1, -1, -1}, .keeps_ignoring = true}, child);
}

/// Waits a moment for the child; answers whether it has ended.
static bool ends_soon(pid_t child, int *status) {
  // signals cut the pauses short
  for (double end = now() + grace; now() < end;) {
    if (waitpid(child, status, WNOHANG) == child) return true;
    nanosleep(&(struct timespec){0, 5000000}, NULL);
  }
  return waitpid(child, status, WNOHANG) == child;
}

/// Whether the child ended because of Ctrl-C, itself or as a shell that tells of its own child.
static bool was_interrupted(int status) {
  return (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT) || (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGINT);
}

/// Waits until the child has ended, 1, or a stop is requested, 0; -1 with errno set where neither can be known.
///
/// It looks again and again: a request that came just before a waitpid would not end it.
static int wait_for_end_or_request(pid_t child, int *status) {
  for (long pause = 100000;; pause = pause < 10000000 ? pause * 2 : pause) {
    pid_t ended = waitpid(child, status, WNOHANG);
    if (ended == child) return 1;
    if (ended < 0 && errno != EINTR) return -1;
    if (sonde_swift_interrupt_requested()) return 0;
    nanosleep(&(struct timespec){0, pause}, NULL);
  }
}

/// Waits for the child's end, and answers its status, -1 with errno set where it is unknown.
///
/// A terminal sends Ctrl-C to the child too: what becomes of it is the child's affair, an editor's say, and the request is
/// forgotten unless it ends the child. Who insists ends a child that takes no notice.
static int wait_for_child(pid_t child) {
  int status = 0, requests = 0, found;
  double first = 0;
  while ((found = wait_for_end_or_request(child, &status)) == 0) {
    if (now() - first > SECONDS) {
      first = now();
      requests = 0;
    }
    requests++;
    if (!ends_soon(child, &status)) {
      // who asks may have asked this process alone, and not the terminal; and a shell forgets what comes between two
      // commands, but not what becomes of the second
      if (requests >= INSISTING) kill(child, SIGTERM);
      else if (!sonde_repeat_interrupt()) kill(child, SIGINT);
      if (!ends_soon(child, &status)) {
        if (requests < INSISTING) {
          sonde_swift_interrupt_clear();
          continue;
        }
        kill(child, SIGKILL);
        while (waitpid(child, &status, 0) != child && errno == EINTR) continue;
      }
    }
    if (requests >= INSISTING || was_interrupted(status)) {
      sonde_swift_interrupt_request();
    } else {
      sonde_swift_interrupt_clear();
    }
    return status;
  }
  // the child took longer to end than it was given
  if (found > 0 && requests > 0 && was_interrupted(status)) sonde_swift_interrupt_request();
  return found < 0 ? -1 : status;
}

/// Runs a command as system() does, but under Ctrl-C.
static int run_command(const char *command) {
  struct sigaction ignoring = {.sa_handler = SIG_IGN}, before;
  sigemptyset(&ignoring.sa_mask);
  sigaction(SIGQUIT, &ignoring, &before);
  pid_t child = 0;
  int error = start_shell(command, &child);
  int status = error ? -1 : wait_for_child(child);
  if (!error) error = errno;
  sigaction(SIGQUIT, &before, NULL);
  if (status == -1) errno = error;
  return status;
}

static int execute(lua_State *lua) {
  SondeRuntime *runtime = sonde_runtime_upvalue(lua);
  const char *command = luaL_optstring(lua, 1, NULL);
  if (!command) {
    lua_pushboolean(lua, system(NULL));
    return 1;
  }
  // scripts find what they find under lua
  errno = 0;
  if (!runtime->hold) return luaL_execresult(lua, system(command));
  // a child that starts after Ctrl-C would not know of it
  int status = -1;
  if (sonde_swift_interrupt_requested()) errno = EINTR;
  else status = run_command(command);
  // the hook that the request has left takes itself away when the request is forgotten
  if (sonde_swift_interrupt_requested()) sonde_interrupt();
  return luaL_execresult(lua, status);
}

void sonde_replace_execute(lua_State *lua, SondeRuntime *runtime) {
  lua_pushlightuserdata(lua, runtime);
  lua_pushcclosure(lua, execute, 1);
  lua_setfield(lua, -2, "execute");
}

// MARK: Pipes

/// Calls Lua's own io.popen, its second upvalue.
static int open_pipe(lua_State *lua) {
  SondeRuntime *runtime = sonde_runtime_upvalue(lua);
  lua_CFunction open = lua_tocfunction(lua, lua_upvalueindex(2));
  int results = open(lua);
  if (runtime->hold && sonde_swift_interrupt_requested()) sonde_repeat_interrupt();
  return results;
}

void sonde_replace_popen(lua_State *lua, SondeRuntime *runtime) {
  lua_pushlightuserdata(lua, runtime);
  lua_getfield(lua, -2, "popen");
  lua_pushcclosure(lua, open_pipe, 2);
  lua_setfield(lua, -2, "popen");
}
