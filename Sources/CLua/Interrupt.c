// Ctrl-C: a flag that kernels poll, and a hook on the running thread and every coroutine that waits for it.
//
// A hook belongs to a coroutine and no API tells which one runs, so coroutine.resume, wrap and close keep the chain.
#include "Runtime.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/// The runtime whose code SIGINT stops; one program has one at a time.
static SondeRuntime *volatile running;
static pthread_t running_thread;
/// How often what ran was asked to stop.
static volatile sig_atomic_t requests;

/// How many ticks have passed since Ctrl-C, and after how many hooks are called where Lua has switched them off.
static volatile sig_atomic_t ticks;
enum { TICKS_BEFORE_FORCE = 100 };
/// Whether that has been done, until the next tick.
static volatile sig_atomic_t is_forced;

static void stop(lua_State *lua, lua_Debug *frame) {
  (void)frame;
  SondeRuntime *runtime = running;
  // A coroutine that yielded just as it was hooked keeps the hook past the end of the request.
  if (!sonde_swift_interrupt_requested()) {
    lua_sethook(lua, NULL, 0, 0);
    return;
  }
  if (is_forced) {
    // an error in a finaliser ends that alone, and one in a message handler calls it again until Lua has had enough
    sonde_switch_hooks_on(lua);
  } else if (runtime && !runtime->hold) {
    sonde_interrupt_end(runtime);
  }
  luaL_error(lua, "interrupted!");
}

static void hook(lua_State *lua) {
  lua_sethook(lua, stop, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
}

static void hook_all(SondeRuntime *runtime) {
  for (ActiveThread *thread = runtime->active; thread; thread = thread->previous) hook(thread->lua);
}

void sonde_interrupt_end(SondeRuntime *runtime) {
  sonde_swift_interrupt_clear();
  for (ActiveThread *thread = runtime->active; thread; thread = thread->previous) {
    lua_sethook(thread->lua, NULL, 0, 0);
  }
}

void sonde_interrupt(void) {
  SondeRuntime *runtime = running;
  if (!runtime) return;
  // lua_sethook walks the call stack: only the thread that runs Lua may do it.
  if (!pthread_equal(pthread_self(), running_thread)) {
    pthread_kill(running_thread, SIGINT);
    return;
  }
  requests++;
  sonde_swift_interrupt_request();
  hook_all(runtime);
}

int sonde_interrupt_count(void) { return (int)requests; }

// MARK: Where no hook is called

/// What a signal handler returns into instead of code of a library.
static void raise_interrupted(void) {
  SondeRuntime *runtime = running;
  lua_State *lua = runtime->active->lua;
  if (runtime->hold) lua_sethook(lua, NULL, 0, 0);  // until the next tick: the message handler is not to be stopped
  else sonde_interrupt_end(runtime);
  luaL_error(lua, "interrupted!");
}

/// Tries again, until the processor is met where it can be turned away or Lua calls the hook.
static void on_tick(int number, siginfo_t *info, void *context) {
  (void)info;
  int error = errno;
  SondeRuntime *runtime = running;
  is_forced = false;
  if (!runtime || !sonde_swift_interrupt_requested()) {
    sonde_ticks_stop();
  } else if (!pthread_equal(pthread_self(), running_thread)) {
    pthread_kill(running_thread, number);
  } else if (!sonde_divert(runtime->active->lua, context, raise_interrupted)) {
    lua_State *lua = runtime->active->lua;
    if (ticks < TICKS_BEFORE_FORCE) ticks++;
    if (lua_gethook(lua) != stop) {
      hook(lua);
    } else if (ticks == TICKS_BEFORE_FORCE && sonde_hooks_are_off(lua)) {
      // functions of C are let be: one that finalises would not be called, and what it frees would be lost
      lua_sethook(lua, stop, LUA_MASKLINE | LUA_MASKCOUNT, 1);
      is_forced = true;
      sonde_switch_hooks_on(lua);
    }
  }
  errno = error;
}

// MARK: Insisting

/// After how many seconds nobody believes any more that a request will be answered, and how long a key may be held down.
static const double patience = 1, held_down = 0.5;

static const char notice[] =
    "\nsonde: what runs here does not look for Ctrl-C; wait for its end, or press Ctrl-C again to end the session\n";

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/// What is not answered, as by functions of C that know nothing of us, can only be waited for or ended with the session:
/// the second request says so, and the third ends it.
static void insist(int number, bool is_pending) {
  static volatile double asked, told;
  double time = now();
  if (!is_pending) {
    asked = time;
    told = 0;
  } else if (told == 0 && time - asked >= patience) {
    told = time;
    ssize_t written = write(STDERR_FILENO, notice, sizeof notice - 1);
    (void)written;
  } else if (told != 0 && time - told >= held_down) {
    signal(number, SIG_DFL);
    raise(number);
  }
}

/// Whether Ctrl-C has come since the prompt began to run something: the terminal has shown it as ^C.
static volatile sig_atomic_t is_echoed;

/// Goes to a line of its own behind the ^C that a terminal has shown.
static void leave_echo(void) {
  FILE *shown = isatty(STDOUT_FILENO) ? stdout : stderr;
  is_echoed = 0;
  if (!isatty(STDIN_FILENO) || !isatty(fileno(shown))) return;
  fputc('\n', shown);
  fflush(shown);
}

/// Whether the last Ctrl-C was one of the terminal, which sends it to the whole group of processes.
static volatile sig_atomic_t is_from_terminal;

static void note_sender(const siginfo_t *info) {
#ifdef __linux__
  // what another thread passes on it has noted before
  if (info->si_code != SI_TKILL) is_from_terminal = info->si_code == SI_KERNEL;
#else
  (void)info;
#endif
}

bool sonde_repeat_interrupt(void) {
  if (!is_from_terminal) return false;
  struct sigaction ignoring = {.sa_handler = SIG_IGN}, before;
  sigemptyset(&ignoring.sa_mask);
  sigaction(SIGINT, &ignoring, &before);
  kill(0, SIGINT);
  sigaction(SIGINT, &before, NULL);
  return true;
}

/// Asks what runs to stop, at a signal to its own thread.
static void ask(int number, SondeRuntime *runtime) {
  if (runtime->hold) {
    is_echoed = 1;
    insist(number, sonde_swift_interrupt_requested());
  } else {
    // In a script the second Ctrl-C ends the process, as in lua.c: what does not poll can't be stopped otherwise.
    signal(number, SIG_DFL);
  }
  sonde_interrupt();
  ticks = 0;
  is_forced = false;
  sonde_ticks_start();
}

static void on_signal(int number, siginfo_t *info, void *context) {
  int error = errno;
  SondeRuntime *runtime = running;
  note_sender(info);
  if (runtime && !pthread_equal(pthread_self(), running_thread)) {
    pthread_kill(running_thread, number);
  } else if (runtime) {
    ask(number, runtime);
    sonde_divert(runtime->active->lua, context, raise_interrupted);
  }
  errno = error;
}

static bool (*take_earlier)(void);

void sonde_interrupt_hear(bool (*take)(void)) { take_earlier = take; }

// MARK: Running

/// The handler of lua.c: a traceback behind a message, the value itself where it is none.
static int add_traceback(lua_State *lua) {
  const SondeRuntime *runtime = running;
  lua_settop(lua, 1);
  lua_pushvalue(lua, 1);
  const char *message = lua_tostring(lua, 2);
  if (message) {
    // as lua.c, which cannot print what stands behind a zero byte
    if (strlen(message) < lua_rawlen(lua, 2)) lua_pushstring(lua, message), lua_replace(lua, 2);
    sonde_explain_miss(lua, runtime);
  } else {
    if (luaL_callmeta(lua, 1, "__tostring") && lua_type(lua, -1) == LUA_TSTRING) return 1;
    lua_pushfstring(lua, "(error object is a %s value)", luaL_typename(lua, 1));
  }
  lua_pushliteral(lua, "\n");
  sonde_push_calls(lua, runtime, 1, 1);
  lua_concat(lua, 3);
  return 1;
}

/// The frame of C below every chunk, pmain in lua.c: tracebacks end in it and debug.getinfo counts it.
static int call_chunk(lua_State *lua) {
  lua_call(lua, lua_gettop(lua) - 1, LUA_MULTRET);
  return lua_gettop(lua);
}

SondeRuntime *sonde_running(void) { return running; }

int sonde_run(lua_State *lua, SondeRuntime *runtime, int arguments, int results, bool hold) {
  return sonde_run_with(lua, runtime, add_traceback, arguments, results, hold);
}

int sonde_run_with(
  lua_State *lua, SondeRuntime *runtime, lua_CFunction handler, int arguments, int results, bool hold) {
  int base = lua_gettop(lua) - arguments;
  if (!lua_checkstack(lua, LUA_MINSTACK)) {
    lua_settop(lua, base - 1);
    lua_pushnil(lua);
    return LUA_ERRMEM;
  }
  lua_pushcfunction(lua, handler);
  lua_pushcfunction(lua, call_chunk);
  lua_rotate(lua, base, 2);
  struct sigaction ours = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO}, before;
  sigemptyset(&ours.sa_mask);
  sigaddset(&ours.sa_mask, sonde_ticks_signal());
  SondeRuntime *outer = running;
  ActiveThread thread = {lua, runtime->active};
  bool held = runtime->hold;
  runtime->active = &thread;
  runtime->hold = hold;
  running = runtime;
  running_thread = pthread_self();
  if (!outer) sonde_ticks_hear(on_tick);
  sigaction(SIGINT, &ours, &before);
  // who presses Ctrl-C as soon as Enter is heard before anything runs, and means what runs now
  if (!outer && take_earlier && take_earlier()) ask(SIGINT, runtime);
  int status = lua_pcall(lua, arguments + 1, results, base);
  sigaction(SIGINT, &before, NULL);
  if (!outer) sonde_ticks_leave();
  if (is_echoed && !outer) leave_echo();
  if (sonde_swift_interrupt_requested()) sonde_interrupt_end(runtime);
  running = outer;
  runtime->hold = held;
  runtime->active = thread.previous;
  lua_remove(lua, base);
  // what the chunk has left is given back before the prompt waits
  sonde_release_dropped(runtime);
  return status;
}

// MARK: Coroutines

/// Whether a stop is requested; asks C's own counter first, for every resume comes by here.
static bool is_interrupted(void) {
  static sig_atomic_t answered;
  sig_atomic_t now = requests;
  if (now == answered) return false;
  if (sonde_swift_interrupt_requested()) return true;
  // a request that comes in between counts on
  answered = now;
  return false;
}

/// The runtime that a coroutine function belongs to, its first upvalue, which is nearly always the one that runs: a resume
/// is short enough for a call to Lua to be felt.
static inline SondeRuntime *runtime_of(lua_State *lua) {
  SondeRuntime *runtime = running;
  return runtime ? runtime : sonde_runtime_upvalue(lua);
}

/// Resumes with the thread in the chain; returns the number of values on top of `coroutine`, or -1 with an error there.
static int resume_listed(lua_State *lua, SondeRuntime *runtime, lua_State *coroutine, int arguments) {
  if (!lua_checkstack(coroutine, arguments)) {
    lua_pushliteral(coroutine, "too many arguments to resume");
    return -1;
  }
  lua_xmove(lua, coroutine, arguments);
  ActiveThread thread = {coroutine, runtime->active};
  runtime->active = &thread;
  if (is_interrupted()) hook(coroutine);
  int results = 0;
  int status = lua_resume(coroutine, lua, arguments, &results);
  runtime->active = thread.previous;
  if (status != LUA_OK && status != LUA_YIELD) {
    if (status == LUA_ERRRUN) sonde_note_coroutine(lua, runtime, coroutine);
    return -1;
  }
  // a C function has room for this many without asking
  if (results >= LUA_MINSTACK && !lua_checkstack(lua, results + 1)) {
    lua_settop(coroutine, -results - 1);
    lua_pushliteral(coroutine, "too many results to resume");
    return -1;
  }
  lua_xmove(coroutine, lua, results);
  return results;
}

static int coroutine_resume(lua_State *lua) {
  lua_State *coroutine = lua_tothread(lua, 1);
  luaL_argexpected(lua, coroutine, 1, "thread");
  int results = resume_listed(lua, runtime_of(lua), coroutine, lua_gettop(lua) - 1);
  bool resumed = results >= 0;
  if (!resumed) {
    lua_xmove(coroutine, lua, 1);
    results = 1;
  }
  lua_pushboolean(lua, resumed);
  lua_insert(lua, -results - 1);
  return results + 1;
}

/// Runs what is to be closed with the thread in the chain; an error is left on top of `coroutine`.
static int reset_listed(SondeRuntime *runtime, lua_State *coroutine) {
  ActiveThread thread = {coroutine, runtime->active};
  runtime->active = &thread;
  if (is_interrupted()) hook(coroutine);
  int status = lua_resetthread(coroutine);
  runtime->active = thread.previous;
  return status;
}

static int wrapped(lua_State *lua) {
  SondeRuntime *runtime = runtime_of(lua);
  lua_State *coroutine = lua_tothread(lua, lua_upvalueindex(2));
  int results = resume_listed(lua, runtime, coroutine, lua_gettop(lua));
  if (results >= 0) return results;
  int status = lua_status(coroutine);
  if (status != LUA_OK && status != LUA_YIELD) {
    // The coroutine died: its pending to-be-closed variables run, and may change the error.
    status = reset_listed(runtime, coroutine);
  }
  lua_xmove(coroutine, lua, 1);
  if (status != LUA_ERRMEM && lua_type(lua, -1) == LUA_TSTRING) {
    luaL_where(lua, 1);
    lua_insert(lua, -2);
    lua_concat(lua, 2);
  }
  return lua_error(lua);
}

static int coroutine_wrap(lua_State *lua) {
  luaL_checktype(lua, 1, LUA_TFUNCTION);
  lua_pushvalue(lua, lua_upvalueindex(1));
  lua_State *coroutine = lua_newthread(lua);
  lua_pushvalue(lua, 1);
  lua_xmove(lua, coroutine, 1);
  lua_pushcclosure(lua, wrapped, 2);
  return 1;
}

static int coroutine_close(lua_State *lua) {
  lua_State *coroutine = lua_tothread(lua, 1);
  luaL_argexpected(lua, coroutine, 1, "thread");
  lua_Debug frame;
  if (coroutine == lua) return luaL_error(lua, "cannot close a running coroutine");
  if (lua_status(coroutine) == LUA_OK && lua_getstack(coroutine, 0, &frame)) {
    return luaL_error(lua, "cannot close a normal coroutine");
  }
  bool closed = reset_listed(runtime_of(lua), coroutine) == LUA_OK;
  lua_pushboolean(lua, closed);
  if (!closed) lua_xmove(coroutine, lua, 1);
  return closed ? 1 : 2;
}

void sonde_replace_resume(lua_State *lua, SondeRuntime *runtime) {
  lua_pushlightuserdata(lua, runtime);
  lua_pushcclosure(lua, coroutine_resume, 1);
  lua_setfield(lua, -2, "resume");
  lua_pushlightuserdata(lua, runtime);
  lua_pushcclosure(lua, coroutine_wrap, 1);
  lua_setfield(lua, -2, "wrap");
  lua_pushlightuserdata(lua, runtime);
  lua_pushcclosure(lua, coroutine_close, 1);
  lua_setfield(lua, -2, "close");
}
