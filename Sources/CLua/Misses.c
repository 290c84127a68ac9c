// Fields that a module has not: nil as in any table, but noted, so that the error of calling one offers the nearest name, or
// the page that lists them.
#include "Runtime.h"

#include <string.h>

/// `__index` of a module; upvalues: the runtime, the module's number.
static int note_miss(lua_State *lua) {
  SondeRuntime *runtime = sonde_runtime_upvalue(lua);
  if (lua_type(lua, 2) == LUA_TSTRING && lua_rawlen(lua, 2) < SONDE_NAME_LIMIT) {
    Miss *miss = &runtime->misses[runtime->missed++ % MISSES];
    miss->module = (int)lua_tointeger(lua, lua_upvalueindex(2));
    strcpy(miss->name, lua_tostring(lua, 2));
  }
  lua_pushnil(lua);
  return 1;
}

static int equip_module(lua_State *lua) {
  lua_createtable(lua, 0, 1);
  lua_pushvalue(lua, 1);
  lua_pushvalue(lua, 2);
  lua_pushcclosure(lua, note_miss, 2);
  lua_setfield(lua, -2, "__index");
  lua_setmetatable(lua, 3);
  return 0;
}

int sonde_try_module(lua_State *lua, SondeRuntime *runtime, int module) {
  lua_pushcfunction(lua, equip_module);
  lua_pushlightuserdata(lua, runtime);
  lua_pushinteger(lua, module);
  lua_pushvalue(lua, -4);
  return lua_pcall(lua, 3, 0, 0);
}

int sonde_last_miss(const SondeRuntime *runtime, const char **name) {
  if (runtime->missed == 0) return -1;
  const Miss *miss = &runtime->misses[(runtime->missed - 1) % MISSES];
  *name = miss->name;
  return miss->module;
}

// MARK: Messages

/// Whether a message ends in ` a nil value (field 'name')`, as Lua's own do; a field that was called with a colon is a method.
static bool tells_of(const char *message, size_t length, const char *name) {
  static const char *const kinds[] = {"field", "method"};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char ending[SONDE_NAME_LIMIT + 32];
    int size = snprintf(ending, sizeof ending, " a nil value (%s '%s')", kinds[i], name);
    if (length >= (size_t)size && memcmp(message + length - (size_t)size, ending, (size_t)size) == 0) return true;
  }
  return false;
}

void sonde_explain_miss(lua_State *lua, const SondeRuntime *runtime) {
  if (!runtime || lua_type(lua, -1) != LUA_TSTRING) return;
  if (sonde_explain_pruned(lua) || runtime->missed == 0) return;
  size_t length;
  const char *message = lua_tolstring(lua, -1, &length);
  for (int back = 1; back <= MISSES && back <= runtime->missed; back++) {
    const Miss *miss = &runtime->misses[(runtime->missed - back) % MISSES];
    char cure[2 * SONDE_NAME_LIMIT];
    if (!tells_of(message, length, miss->name)) continue;
    // a field that was missed long ago may be another table's now
    if (!sonde_swift_cure_of_miss(miss->module, miss->name, back == 1, cure, sizeof cure)) return;
    lua_pushstring(lua, cure);
    lua_concat(lua, 2);
    return;
  }
}

// MARK: pcall and xpcall

static int finish_call(lua_State *lua, int status, lua_KContext before) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(lua) - (int)before;
  sonde_forget_note(lua);
  sonde_explain_miss(lua, sonde_runtime_upvalue(lua));
  lua_pushboolean(lua, 0);
  lua_insert(lua, -2);
  return 2;
}

static int call_protected(lua_State *lua) {
  luaL_checkany(lua, 1);
  lua_pushboolean(lua, 1);
  lua_insert(lua, 1);
  return finish_call(lua, lua_pcallk(lua, lua_gettop(lua) - 2, LUA_MULTRET, 0, 0, finish_call), 0);
}

/// The handler stays where it is, below `true`, the function and its arguments.
static int call_handled(lua_State *lua) {
  int arguments = lua_gettop(lua) - 2;
  luaL_checktype(lua, 2, LUA_TFUNCTION);
  lua_pushboolean(lua, 1);
  lua_pushvalue(lua, 1);
  lua_rotate(lua, 3, 2);
  return finish_call(lua, lua_pcallk(lua, arguments, LUA_MULTRET, 2, 2, finish_call), 2);
}

void sonde_replace_pcall(lua_State *lua, SondeRuntime *runtime) {
  lua_pushlightuserdata(lua, runtime);
  lua_pushcclosure(lua, call_protected, 1);
  lua_setfield(lua, -2, "pcall");
  lua_pushlightuserdata(lua, runtime);
  lua_pushcclosure(lua, call_handled, 1);
  lua_setfield(lua, -2, "xpcall");
}
