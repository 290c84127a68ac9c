// The sandbox's side of Lua: what is left of the standard libraries, and how much memory there is.
//
// Functions that are wrapped stand in upvalues, which nothing left here can read.
#include "Runtime.h"

#include <stdlib.h>
#include <string.h>

#include "CProcess.h"

const char *sonde_load_mode(void) { return sonde_sandbox_is_on() ? "t" : NULL; }

// MARK: Memory

/// How many boxes are made between two looks at what the process takes.
enum { BOXES_BETWEEN_LOOKS = 16 };
/// How many bytes the prompt may take beyond the limit, so that what fills the memory can be let go.
enum { RESERVE = 1 << 20 };

static void *allocate(void *data, void *block, size_t size, size_t wanted) {
  SondeRuntime *runtime = data;
  // without a block, the size is the kind of the object
  ptrdiff_t change = (ptrdiff_t)(wanted - (block ? size : 0));
  if (change > 0 && !sonde_swift_count_bytes(change, sonde_running() ? 0 : RESERVE)) return NULL;
  void *result = runtime->unbounded(runtime->unbounded_data, block, size, wanted);
  bool is_done = result || wanted == 0;
  if (change > 0 && !is_done) sonde_swift_count_bytes(-change, 0);
  if (change < 0 && is_done) sonde_swift_count_bytes(change, 0);
  return result;
}

void sonde_bound_memory(lua_State *lua, SondeRuntime *runtime) {
  ptrdiff_t held = (ptrdiff_t)lua_gc(lua, LUA_GCCOUNT) * 1024 + lua_gc(lua, LUA_GCCOUNTB);
  if (!sonde_swift_count_bytes(held, RESERVE)) luaL_error(lua, "not enough memory");
  runtime->unbounded = lua_getallocf(lua, &runtime->unbounded_data);
  lua_setallocf(lua, allocate, runtime);
}

/// Reports and their like hold memory that nobody counts, so the system is asked what the process takes.
void sonde_bound_objects(lua_State *lua, SondeRuntime *runtime) {
  if (runtime->boxes++ % BOXES_BETWEEN_LOOKS != 0 || !sonde_sandbox_is_full()) return;
  lua_gc(lua, LUA_GCCOLLECT);
  sonde_release_dropped_slots(runtime, SIZE_MAX);
  if (!sonde_sandbox_is_full()) return;
  lua_pushliteral(lua, "not enough memory");
  lua_error(lua);
}

// MARK: Functions in the place of others

/// load, of text alone whatever its third argument says.
static int load_text(lua_State *lua) {
  lua_CFunction load = lua_tocfunction(lua, lua_upvalueindex(1));
  if (lua_gettop(lua) < 3) lua_settop(lua, 3);
  lua_pushliteral(lua, "t");
  lua_replace(lua, 3);
  return load(lua);
}

/// io.write, which answers true in the place of the file, for that can be closed.
static int write_out(lua_State *lua) {
  lua_CFunction write = lua_tocfunction(lua, lua_upvalueindex(1));
  int results = write(lua);
  if (lua_type(lua, -1) != LUA_TUSERDATA) return results;
  lua_pushboolean(lua, true);
  return 1;
}

/// os.exit, which does not close the state: what runs is still in it.
static int leave(lua_State *lua) {
  bool is_boolean = lua_type(lua, 1) == LUA_TBOOLEAN;
  exit(is_boolean ? !lua_toboolean(lua, 1) : (int)luaL_optinteger(lua, 1, EXIT_SUCCESS));
}

/// In the place of the searchers that look for files.
static int refuse_files(lua_State *lua) {
  lua_pushliteral(lua, "modules in files are out of reach under --sandbox; run the script without it if you trust it");
  return 1;
}

/// Puts a function in the place of the one that the table on top has by a name, its upvalue.
static void wrap(lua_State *lua, const char *name, lua_CFunction function) {
  lua_getfield(lua, -1, name);
  lua_pushcclosure(lua, function, 1);
  lua_setfield(lua, -2, name);
}

// MARK: What is left

/// What a table keeps; all else is taken off it.
typedef struct Rest {
  const char *library;
  const char *const *names;
} Rest;

static const Rest rests[] = {
  {LUA_IOLIBNAME, (const char *const[]){"write", NULL}},
  {LUA_OSLIBNAME, (const char *const[]){"clock", "date", "difftime", "exit", "time", NULL}},
  {LUA_DBLIBNAME, (const char *const[]){"traceback", NULL}},
  {LUA_LOADLIBNAME, (const char *const[]){"config", "cpath", "loaded", "path", "preload", "searchers", NULL}},
};

static bool is_kept(const char *name, const char *const *names) {
  for (; *names; names++) {
    if (strcmp(name, *names) == 0) return true;
  }
  return false;
}

/// Takes off the table on top what is not among the names; its keys are strings.
static void keep_only(lua_State *lua, const char *const *names) {
  for (lua_pushnil(lua); lua_next(lua, -2);) {
    lua_settop(lua, -2);
    if (is_kept(lua_tostring(lua, -1), names)) continue;
    // a field that is there may be taken off while the table is walked
    lua_pushvalue(lua, -1);
    lua_pushnil(lua);
    lua_rawset(lua, -4);
  }
}

/// Leaves of the table `package`, on top, what finds modules that are there already.
static void prune_package(lua_State *lua) {
  lua_pushliteral(lua, "");
  lua_setfield(lua, -2, "path");
  lua_pushliteral(lua, "");
  lua_setfield(lua, -2, "cpath");
  lua_getfield(lua, -1, "searchers");
  lua_pushcfunction(lua, refuse_files);
  lua_rawseti(lua, -2, 2);
  for (lua_Integer i = (lua_Integer)lua_rawlen(lua, -1); i > 2; i--) {
    lua_pushnil(lua);
    lua_rawseti(lua, -2, i);
  }
  lua_settop(lua, -2);
}

void sonde_prune_libraries(lua_State *lua) {
  for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
    lua_getglobal(lua, rests[i].library);
    keep_only(lua, rests[i].names);
  }
  // the four of them are on the stack, the last on top
  prune_package(lua);
  lua_settop(lua, -3);
  lua_pushcfunction(lua, leave);
  lua_setfield(lua, -2, "exit");
  lua_settop(lua, -2);
  wrap(lua, "write", write_out);
  lua_pushglobaltable(lua);
  wrap(lua, "load", load_text);
  static const char *const files[] = {"dofile", "loadfile"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    lua_pushnil(lua);
    lua_setfield(lua, -2, files[i]);
  }
}

// MARK: Messages

/// What scripts call most of what was taken off.
static const char *const pruned[] = {
  "dofile", "loadfile", "io.close", "io.input", "io.lines", "io.open", "io.output", "io.popen", "io.read", "io.stderr",
  "io.stdin", "io.stdout", "io.tmpfile", "os.execute", "os.getenv", "os.remove", "os.rename", "os.setlocale", "os.tmpname",
  "package.loadlib", "package.searchpath", "debug.getinfo", "debug.getlocal", "debug.getmetatable", "debug.getregistry",
  "debug.getupvalue", "debug.sethook", "debug.setmetatable",
};

/// The name that a message ends in, as ` a nil value (field 'open')`, which stands before the last quote; NULL in others.
static const char *missing_name(const char *message, size_t length, size_t *size) {
  const char *start = strstr(message, " a nil value (");
  const char *quote = start ? strchr(start, '\'') : NULL;
  if (!quote || length < 2 || strcmp(message + length - 2, "')") != 0) return NULL;
  *size = (size_t)(message + length - 2 - (quote + 1));
  return quote + 1;
}

bool sonde_explain_pruned(lua_State *lua) {
  size_t length, size;
  const char *message = lua_tolstring(lua, -1, &length);
  const char *name = sonde_sandbox_is_on() ? missing_name(message, length, &size) : NULL;
  if (!name) return false;
  for (size_t i = 0; i < sizeof pruned / sizeof *pruned; i++) {
    const char *dot = strchr(pruned[i], '.');
    const char *own = dot ? dot + 1 : pruned[i];
    if (strlen(own) != size || memcmp(own, name, size) != 0) continue;
    lua_pushfstring(lua, "; --sandbox leaves %s out", pruned[i]);
    lua_concat(lua, 2);
    return true;
  }
  return false;
}
