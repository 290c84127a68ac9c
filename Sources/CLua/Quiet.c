// What looks at a user's values without running anything of the user's.
#include "Runtime.h"

typedef struct Task {
  void (*body)(void *context);
  void *context;
} Task;

static int run_task(lua_State *lua) {
  Task *task = lua_touserdata(lua, 1);
  lua_settop(lua, 0);
  task->body(task->context);
  return 0;
}

bool sonde_quietly(lua_State *lua, void (*body)(void *context), void *context) {
  if (!lua_checkstack(lua, LUA_MINSTACK)) return false;
  int top = lua_gettop(lua);
  // finalisers and hooks are the user's functions
  lua_Hook hook = lua_gethook(lua);
  int mask = lua_gethookmask(lua), every = lua_gethookcount(lua);
  bool collects = lua_gc(lua, LUA_GCISRUNNING);
  lua_sethook(lua, NULL, 0, 0);
  if (collects) lua_gc(lua, LUA_GCSTOP);
  Task task = {body, context};
  lua_pushcfunction(lua, run_task);
  lua_pushlightuserdata(lua, &task);
  int status = lua_pcall(lua, 1, 0, 0);
  lua_settop(lua, top);
  if (collects) lua_gc(lua, LUA_GCRESTART);
  lua_sethook(lua, hook, mask, every);
  return status == LUA_OK;
}
