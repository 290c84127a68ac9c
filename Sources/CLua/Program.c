// What the program does around its chunks and lua.c does in C: error texts, script arguments, the prompt's two calls.
#include "Runtime.h"

#include <limits.h>
#include <string.h>

// MARK: Errors

void sonde_complain_error(lua_State *lua, const char *program) {
  const char *text = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "not enough memory";
  fflush(stdout);
  if (program) fprintf(stderr, "%s: ", program);
  fprintf(stderr, "%s\n", text);
  fflush(stderr);
  lua_settop(lua, -2);
}

bool sonde_error_ends(lua_State *lua, const char *ending, size_t length) {
  size_t whole = 0;
  if (lua_type(lua, -1) != LUA_TSTRING) return false;
  const char *text = lua_tolstring(lua, -1, &whole);
  return whole >= length && memcmp(text + whole - length, ending, length) == 0;
}

// MARK: Scripts

static int push_arguments(lua_State *lua) {
  if (lua_getglobal(lua, "arg") != LUA_TTABLE) return luaL_error(lua, "'arg' is not a table");
  lua_Integer count = luaL_len(lua, 1);
  if (count > INT_MAX - 3) count = INT_MAX - 3;
  luaL_checkstack(lua, (int)count + 3, "too many arguments to script");
  for (lua_Integer i = 1; i <= count; i++) lua_rawgeti(lua, 1, i);
  return count > 0 ? (int)count : 0;
}

int sonde_try_arguments(lua_State *lua, int *count) {
  int before = lua_gettop(lua);
  if (!lua_checkstack(lua, LUA_MINSTACK)) {
    lua_pushnil(lua);
    return LUA_ERRMEM;
  }
  lua_pushcfunction(lua, push_arguments);
  int status = lua_pcall(lua, 0, LUA_MULTRET, 0);
  *count = lua_gettop(lua) - before;
  return status;
}

// MARK: The prompt

static int push_prompt(lua_State *lua) {
  if (lua_getglobal(lua, lua_touserdata(lua, 1)) == LUA_TNIL) return 1;
  luaL_tolstring(lua, -1, NULL);
  return 1;
}

int sonde_run_prompt(lua_State *lua, SondeRuntime *runtime, const char *global) {
  lua_pushcfunction(lua, push_prompt);
  lua_pushlightuserdata(lua, (void *)global);
  return sonde_run(lua, runtime, 1, 1, true);
}

/// Calls `print` as lua.c does: its error is a text of its own, without a traceback, and no error of the chunk.
static int print_values(lua_State *lua) {
  int count = lua_gettop(lua);
  luaL_checkstack(lua, LUA_MINSTACK, "too many results to print");
  lua_getglobal(lua, "print");
  lua_insert(lua, 1);
  if (lua_pcall(lua, count, 0, 0) == LUA_OK) return 0;
  lua_pushfstring(lua, "error calling 'print' (%s)", luaL_tolstring(lua, -1, NULL));
  return 1;
}

int sonde_run_print(lua_State *lua, SondeRuntime *runtime, int count) {
  if (!lua_checkstack(lua, LUA_MINSTACK)) {
    lua_settop(lua, -count - 1);
    lua_pushliteral(lua, "too many results to print");
    return LUA_ERRRUN;
  }
  lua_pushcfunction(lua, print_values);
  lua_insert(lua, -count - 1);
  return sonde_run(lua, runtime, count, 1, true);
}
