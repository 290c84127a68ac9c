// What the prompt needs of Lua around the chunks typed: what led to an error, and upvalues by their names.
#include "Runtime.h"

#include <string.h>

// MARK: Failures

/// The number of the outermost level; found by bisection, for a stack that has overflowed is deep.
static int last_level(lua_State *lua) {
  lua_Debug frame;
  int low = 1, high = 1;
  while (lua_getstack(lua, high, &frame)) {
    low = high;
    high *= 2;
  }
  while (low < high) {
    int middle = (low + high) / 2;
    if (lua_getstack(lua, middle, &frame)) low = middle + 1;
    else high = middle;
  }
  return high - 1;
}

/// Notes where the user's own functions stand, from the innermost outwards.
static void note_frames(lua_State *lua, SondeRuntime *runtime) {
  lua_Debug frame;
  runtime->failure_frames = 0;
  for (int level = 1; runtime->failure_frames < FAILURE_FRAMES && lua_getstack(lua, level, &frame); level++) {
    lua_getinfo(lua, "Sl", &frame);
    if (frame.currentline <= 0 || strncmp(frame.source, "=sonde:", 7) == 0) continue;
    FailureFrame *noted = &runtime->failure[runtime->failure_frames++];
    noted->line = frame.currentline;
    strncpy(noted->source, frame.source, sizeof noted->source - 1);
    noted->source[sizeof noted->source - 1] = 0;
    strcpy(noted->shown, frame.short_src);
  }
}

/// Pushes a table of the names and values of the locals of the chunk typed, or nil when it runs no more: a tail call.
static void push_locals(lua_State *lua, const SondeRuntime *runtime) {
  lua_Debug frame;
  // below the outermost level, which is the frame of C that called the chunk
  bool runs = lua_getstack(lua, last_level(lua) - 1, &frame) && lua_getinfo(lua, "f", &frame);
  if (runs) {
    runs = lua_topointer(lua, -1) == runtime->typed;
    lua_settop(lua, -2);
  }
  if (!runs) {
    lua_pushnil(lua);
    return;
  }
  lua_newtable(lua);
  const char *name;
  for (int number = 1; (name = lua_getlocal(lua, &frame, number)); number++) {
    lua_rawseti(lua, -2, 2 * number);
    lua_pushstring(lua, name);
    lua_rawseti(lua, -2, 2 * number - 1);
  }
}

static int keep_failure(lua_State *lua) {
  SondeRuntime *runtime = sonde_running();
  lua_settop(lua, 1);
  lua_createtable(lua, 3, 0);
  lua_insert(lua, 1);
  sonde_push_calls(lua, runtime, 2, 1);
  lua_rawseti(lua, 1, 2);
  sonde_explain_miss(lua, runtime);
  lua_rawseti(lua, 1, 1);
  note_frames(lua, runtime);
  push_locals(lua, runtime);
  lua_rawseti(lua, 1, 3);
  return 1;
}

int sonde_run_typed(lua_State *lua, SondeRuntime *runtime, int arguments, int results) {
  runtime->typed = lua_topointer(lua, -arguments - 1);
  runtime->interrupts_before = sonde_interrupt_count();
  runtime->failure_frames = 0;
  runtime->missed = 0;
  sonde_forget_note(lua);
  return sonde_run_with(lua, runtime, keep_failure, arguments, results, true);
}

bool sonde_typed_was_interrupted(const SondeRuntime *runtime) {
  return runtime->typed && sonde_interrupt_count() != runtime->interrupts_before;
}

int sonde_failure_frame(const SondeRuntime *runtime, int level, const char **source, const char **shown) {
  if (level >= runtime->failure_frames) return 0;
  *source = runtime->failure[level].source;
  *shown = runtime->failure[level].shown;
  return runtime->failure[level].line;
}

int sonde_function_line(lua_State *lua, int index, char *shown, size_t size) {
  lua_Debug function;
  lua_pushvalue(lua, index);
  lua_getinfo(lua, ">S", &function);
  shown[0] = 0;
  strncat(shown, function.short_src, size - 1);
  return function.linedefined;
}

// MARK: Upvalues

int sonde_upvalue_number(lua_State *lua, int index, const char *name) {
  const char *found;
  for (int number = 1; (found = lua_getupvalue(lua, index, number)); number++) {
    lua_settop(lua, -2);
    if (strcmp(found, name) == 0) return number;
  }
  return 0;
}

bool sonde_join_upvalue(lua_State *lua, int index, const char *name, int other, int number) {
  int own = sonde_upvalue_number(lua, index, name);
  if (own) lua_upvaluejoin(lua, index, own, other, number);
  return own;
}
