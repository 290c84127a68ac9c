// Tracebacks as Lua writes them, with two differences: no function is named after the results that the prompt keeps, and an
// error that has come out of a coroutine tells the coroutine's calls as well.
#include "Runtime.h"

#include <string.h>

/// What stands between the calls of a coroutine and those of what has resumed it.
#define RESUMED "\n\t(...resumed by...)"
static const char heading[] = "stack traceback:";

// MARK: The prompt's results

static const char *const result_names[SONDE_RESULTS] = {"_", "_1", "_2"};

void sonde_note_result(SondeRuntime *runtime, int number, const void *function) {
  runtime->results[number] = function;
}

static bool keeps_results(const SondeRuntime *runtime) {
  for (int i = 0; runtime && i < SONDE_RESULTS; i++) {
    if (runtime->results[i]) return true;
  }
  return false;
}

/// Arguments: the thread, as light userdata, and the level.
static int push_traceback(lua_State *lua) {
  lua_State *from = lua_touserdata(lua, 1);
  luaL_traceback(lua, from, NULL, (int)lua_tointeger(lua, 2));
  return 1;
}

/// Replaces `global '_'`, by which the user has called it, by where the function at the index was defined; the text is on top.
static void replace_name(lua_State *lua, const char *name, int function) {
  lua_Debug frame;
  lua_pushvalue(lua, function);
  lua_getinfo(lua, ">S", &frame);
  lua_pushfstring(lua, "in global '%s'", name);
  if (frame.linedefined < 0) lua_pushliteral(lua, "in ?");
  else lua_pushfstring(lua, "in function <%s:%d>", frame.short_src, frame.linedefined);
  luaL_gsub(lua, lua_tostring(lua, -3), lua_tostring(lua, -2), lua_tostring(lua, -1));
  lua_replace(lua, -4);
  lua_settop(lua, -3);
}

/// Lua looks for the names of functions in the tables of modules, that of the globals among them: while it does, the globals
/// that hold results hold false. Nothing between can raise, for fields that are there are set.
static void push_without_results(lua_State *lua, const SondeRuntime *runtime, lua_State *from, int level) {
  luaL_checkstack(lua, LUA_MINSTACK, "traceback");
  int globals = lua_gettop(lua) + 1, hidden = 0;
  int names[SONDE_RESULTS];
  lua_pushglobaltable(lua);
  for (int i = 0; i < SONDE_RESULTS; i++) {
    lua_pushstring(lua, result_names[i]);
    lua_pushvalue(lua, -1);
    lua_rawget(lua, globals);
    if (lua_type(lua, -1) == LUA_TFUNCTION && lua_topointer(lua, -1) == runtime->results[i]) names[hidden++] = i;
    else lua_settop(lua, -3);
  }
  // from globals + 1 on stand names and functions in turn
  for (int i = 0; i < hidden; i++) {
    lua_pushvalue(lua, globals + 1 + 2 * i);
    lua_pushboolean(lua, 0);
    lua_rawset(lua, globals);
  }
  lua_pushcfunction(lua, push_traceback);
  lua_pushlightuserdata(lua, from);
  // the function that asks is one more level of its own thread
  lua_pushinteger(lua, level + (from == lua));
  int status = lua_pcall(lua, 2, 1, 0);
  for (int i = 0; i < hidden; i++) {
    lua_pushvalue(lua, globals + 1 + 2 * i);
    lua_pushvalue(lua, globals + 2 + 2 * i);
    lua_rawset(lua, globals);
  }
  if (status != LUA_OK) lua_error(lua);
  for (int i = 0; i < hidden; i++) replace_name(lua, result_names[names[i]], globals + 2 + 2 * i);
  lua_replace(lua, globals);
  lua_settop(lua, globals);
}

/// Pushes the calls of a thread from a level on.
static void push_own_calls(lua_State *lua, const SondeRuntime *runtime, lua_State *from, int level) {
  if (keeps_results(runtime)) push_without_results(lua, runtime, from, level);
  else luaL_traceback(lua, from, NULL, level);
}

// MARK: Errors out of coroutines

/// Their addresses are the registry's keys of the message of a coroutine's error, and of its calls, line by line.
static const char noted_message, noted_calls;

/// Pushes the calls that are noted for the error at an index; answers whether there are any, else pushes nothing.
///
/// coroutine.wrap, assert and error put a position before the message that they pass on.
static bool push_noted(lua_State *lua, int error) {
  size_t length = 0, whole = 0;
  lua_rawgetp(lua, LUA_REGISTRYINDEX, &noted_message);
  const char *noted = lua_type(lua, -1) == LUA_TSTRING ? lua_tolstring(lua, -1, &length) : NULL;
  const char *message = lua_type(lua, error) == LUA_TSTRING ? lua_tolstring(lua, error, &whole) : NULL;
  bool is_noted = noted && message && length <= whole && memcmp(message + whole - length, noted, length) == 0;
  lua_settop(lua, -2);
  if (is_noted) lua_rawgetp(lua, LUA_REGISTRYINDEX, &noted_calls);
  return is_noted;
}

void sonde_push_calls(lua_State *lua, const SondeRuntime *runtime, int error, int level) {
  push_own_calls(lua, runtime, lua, level);
  if (!push_noted(lua, error)) return;
  lua_pushstring(lua, heading);
  lua_insert(lua, -2);
  lua_pushliteral(lua, RESUMED);
  lua_pushstring(lua, lua_tostring(lua, -4) + strlen(heading));
  lua_concat(lua, 4);
  lua_replace(lua, -2);
}

/// Arguments: the runtime and the coroutine, as light userdata, and the error.
static int keep_note(lua_State *lua) {
  lua_State *coroutine = lua_touserdata(lua, 2);
  push_own_calls(lua, lua_touserdata(lua, 1), coroutine, 0);
  bool is_outer = push_noted(lua, 3);
  if (is_outer) lua_pushliteral(lua, RESUMED);
  lua_pushstring(lua, lua_tostring(lua, 4) + strlen(heading));
  if (is_outer) lua_concat(lua, 3);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &noted_calls);
  lua_pushvalue(lua, 3);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &noted_message);
  return 0;
}

void sonde_note_coroutine(lua_State *lua, SondeRuntime *runtime, lua_State *coroutine) {
  if (lua_type(coroutine, -1) != LUA_TSTRING || sonde_swift_interrupt_requested()) return;
  if (!lua_checkstack(lua, LUA_MINSTACK) || !lua_checkstack(coroutine, 1)) return;
  lua_pushcfunction(lua, keep_note);
  lua_pushlightuserdata(lua, runtime);
  lua_pushlightuserdata(lua, coroutine);
  lua_pushvalue(coroutine, -1);
  lua_xmove(coroutine, lua, 1);
  // without memory there is no note
  if (lua_pcall(lua, 3, 0, 0) != LUA_OK) lua_settop(lua, -2);
}

void sonde_forget_note(lua_State *lua) {
  bool is_noted = lua_rawgetp(lua, LUA_REGISTRYINDEX, &noted_message) == LUA_TSTRING;
  lua_settop(lua, -2);
  if (!is_noted) return;
  lua_pushboolean(lua, 0);
  lua_rawsetp(lua, LUA_REGISTRYINDEX, &noted_message);
}

// MARK: debug.traceback

static int traceback(lua_State *lua) {
  const SondeRuntime *runtime = sonde_runtime_upvalue(lua);
  lua_State *from = lua_tothread(lua, 1);
  int first = from ? 2 : 1;
  if (!from) from = lua;
  bool has_message = !lua_isnoneornil(lua, first);
  if (has_message && !lua_isstring(lua, first)) {
    // what is no text is given back as it is
    lua_pushvalue(lua, first);
    return 1;
  }
  int level = (int)luaL_optinteger(lua, first + 1, from == lua);
  if (!has_message) {
    push_own_calls(lua, runtime, from, level);
    return 1;
  }
  lua_settop(lua, first);
  sonde_explain_miss(lua, runtime);
  lua_pushvalue(lua, first);
  lua_pushliteral(lua, "\n");
  push_own_calls(lua, runtime, from, level);
  lua_concat(lua, 3);
  return 1;
}

void sonde_replace_traceback(lua_State *lua, SondeRuntime *runtime) {
  lua_pushlightuserdata(lua, runtime);
  lua_pushcclosure(lua, traceback, 1);
  lua_setfield(lua, -2, "traceback");
}
