// What Lua knows of a function value: where it was defined, and what its parameters are called.
#include "Runtime.h"

#include <string.h>

/// Fills what can be told without allocating memory, so that nothing raises.
void sonde_describe_function(lua_State *lua, int index, SondeFunction *function) {
  lua_Debug frame;
  lua_pushvalue(lua, index);
  lua_getinfo(lua, ">Su", &frame);
  function->is_lua = strcmp(frame.what, "C") != 0;
  function->source = frame.source;
  function->source_length = function->is_lua ? frame.srclen : 0;
  function->first_line = frame.linedefined;
  function->last_line = frame.lastlinedefined;
  function->parameters = frame.nparams;
  function->is_variadic = frame.isvararg;
}

const char *sonde_parameter_name(lua_State *lua, int index, int number) {
  lua_pushvalue(lua, index);
  const char *name = lua_getlocal(lua, NULL, number);
  lua_settop(lua, -2);
  return name;
}

// MARK: Fields of values, with the metamethods of our own objects alone

static int get_index(lua_State *lua) {
  lua_gettable(lua, 1);
  return 1;
}

int sonde_try_index(lua_State *lua, int value) {
  if (!lua_checkstack(lua, 8)) return LUA_ERRMEM;
  lua_pushcfunction(lua, get_index);
  lua_pushvalue(lua, value);
  lua_rotate(lua, -3, 2);
  return lua_pcall(lua, 2, 1, 0);
}
