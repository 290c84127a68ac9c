// What may raise in the Lua API, each under lua_pcall so that Swift sees a status.
#include "Runtime.h"

const char sonde_no_memory;

/// The arguments of a protected call, on the C stack of its caller.
typedef struct Request {
  SondeRuntime *runtime;
  const char *bytes;
  size_t length;
  const char *name;
  int first, second;
  lua_Integer index;
  SondeBox *box;
  bool more;
  const double *numbers;
  const lua_Integer *integers;
  const unsigned char *booleans;
  const ptrdiff_t *extents;
} Request;

/// Calls `function(request, arguments...)`; the arguments are on top of the stack and are popped.
static int protect(lua_State *lua, lua_CFunction function, Request *request, int arguments, int results) {
  if (!lua_checkstack(lua, 8)) {
    lua_settop(lua, -arguments - 1);
    lua_pushlightuserdata(lua, (void *)&sonde_no_memory);
    return LUA_ERRMEM;
  }
  lua_pushcfunction(lua, function);
  lua_pushlightuserdata(lua, request);
  lua_rotate(lua, -arguments - 2, 2);
  return lua_pcall(lua, arguments + 1, results, 0);
}

static Request *request_of(lua_State *lua) { return lua_touserdata(lua, 1); }

// MARK: Making values

static int make_string(lua_State *lua) {
  Request *request = request_of(lua);
  lua_pushlstring(lua, request->bytes, request->length);
  return 1;
}

int sonde_try_string(lua_State *lua, const char *bytes, size_t length) {
  Request request = {.bytes = bytes, .length = length};
  return protect(lua, make_string, &request, 0, 1);
}

static int make_table(lua_State *lua) {
  Request *request = request_of(lua);
  lua_createtable(lua, request->first, request->second);
  return 1;
}

int sonde_try_table(lua_State *lua, int sequence, int fields) {
  Request request = {.first = sequence, .second = fields};
  return protect(lua, make_table, &request, 0, 1);
}

static int make_box(lua_State *lua) {
  Request *request = request_of(lua);
  request->box = sonde_new_box(lua, request->runtime, request->first);
  return 1;
}

int sonde_try_box(lua_State *lua, SondeRuntime *runtime, int type, SondeBox **box) {
  Request request = {.runtime = runtime, .first = type};
  int status = protect(lua, make_box, &request, 0, 1);
  *box = request.box;
  return status;
}

/// Pushes one level of a nested table and walks the flat data along.
static void push_level(lua_State *lua, const Request *request, int level, size_t *position) {
  luaL_checkstack(lua, 4, "too deep a table");
  ptrdiff_t extent = request->extents[level];
  lua_createtable(lua, extent < 1 << 30 ? (int)extent : 0, 0);
  for (ptrdiff_t i = 1; i <= extent; i++) {
    if (sonde_swift_interrupt_requested()) luaL_error(lua, "interrupted!");
    if (level + 1 < request->first) {
      push_level(lua, request, level + 1, position);
    } else {
      size_t at = (*position)++;
      if (request->booleans) lua_pushboolean(lua, request->booleans[at]);
      else if (request->integers) lua_pushinteger(lua, request->integers[at]);
      else lua_pushnumber(lua, request->numbers[at]);
    }
    lua_rawseti(lua, -2, i);
  }
}

static int make_nested(lua_State *lua) {
  size_t position = 0;
  push_level(lua, request_of(lua), 0, &position);
  return 1;
}

int sonde_try_nested(
  lua_State *lua, const double *numbers, const lua_Integer *integers, const unsigned char *booleans,
  const ptrdiff_t *extents, int rank) {
  Request request = {
    .numbers = numbers, .integers = integers, .booleans = booleans, .extents = extents, .first = rank};
  return protect(lua, make_nested, &request, 0, 1);
}

// MARK: Tables

static int set_field(lua_State *lua) {
  lua_pushstring(lua, request_of(lua)->bytes);
  lua_insert(lua, -2);
  lua_rawset(lua, 2);
  return 0;
}

int sonde_try_set_field(lua_State *lua, int table, const char *name) {
  Request request = {.bytes = name};
  lua_pushvalue(lua, table);
  lua_insert(lua, -2);
  return protect(lua, set_field, &request, 2, 0);
}

static int set_pair(lua_State *lua) {
  lua_rawset(lua, 2);
  return 0;
}

int sonde_try_set(lua_State *lua, int table) {
  Request request = {0};
  lua_pushvalue(lua, table);
  lua_rotate(lua, -3, 1);
  return protect(lua, set_pair, &request, 3, 0);
}

static int set_index(lua_State *lua) {
  lua_rawseti(lua, 2, request_of(lua)->index);
  return 0;
}

int sonde_try_set_index(lua_State *lua, int table, lua_Integer index) {
  Request request = {.index = index};
  lua_pushvalue(lua, table);
  lua_insert(lua, -2);
  return protect(lua, set_index, &request, 2, 0);
}

static int get_field(lua_State *lua) {
  lua_pushstring(lua, request_of(lua)->bytes);
  lua_rawget(lua, 2);
  return 1;
}

int sonde_try_get_field(lua_State *lua, int table, const char *name) {
  Request request = {.bytes = name};
  lua_pushvalue(lua, table);
  return protect(lua, get_field, &request, 1, 1);
}

static int get_next(lua_State *lua) {
  Request *request = request_of(lua);
  request->more = lua_next(lua, 2) != 0;
  if (!request->more) {
    lua_pushnil(lua);
    lua_pushnil(lua);
  }
  return 2;
}

int sonde_try_next(lua_State *lua, int table, bool *more) {
  Request request = {.more = false};
  lua_pushvalue(lua, table);
  lua_insert(lua, -2);
  int status = protect(lua, get_next, &request, 2, 2);
  *more = request.more;
  if (status == LUA_OK && !request.more) lua_settop(lua, -3);
  return status;
}

// MARK: Calls and references

int sonde_try_call(lua_State *lua, int arguments, int results) { return lua_pcall(lua, arguments, results, 0); }

static int to_string(lua_State *lua) {
  luaL_tolstring(lua, 2, NULL);
  return 1;
}

int sonde_try_tostring(lua_State *lua, int index) {
  Request request = {0};
  lua_pushvalue(lua, index);
  return protect(lua, to_string, &request, 1, 1);
}

static int keep_reference(lua_State *lua) {
  request_of(lua)->first = luaL_ref(lua, LUA_REGISTRYINDEX);
  return 0;
}

int sonde_try_reference(lua_State *lua, int *reference) {
  Request request = {.first = LUA_NOREF};
  int status = protect(lua, keep_reference, &request, 1, 0);
  *reference = request.first;
  return status;
}

void sonde_unreference(lua_State *lua, int reference) { luaL_unref(lua, LUA_REGISTRYINDEX, reference); }

// MARK: Chunks, globals and warnings

static int load_chunk(lua_State *lua) {
  Request *request = request_of(lua);
  const char *mode = sonde_load_mode();
  if (luaL_loadbufferx(lua, request->bytes, request->length, request->name, mode) != LUA_OK) return lua_error(lua);
  return 1;
}

int sonde_try_load(lua_State *lua, const char *bytes, size_t length, const char *name) {
  Request request = {.bytes = bytes, .length = length, .name = name};
  return protect(lua, load_chunk, &request, 0, 1);
}

/// Gives Lua one byte at a time: so it is known how far it reads.
static const char *next_byte(lua_State *lua, void *context, size_t *size) {
  (void)lua;
  Request *request = context;
  size_t place = (size_t)request->index++;
  *size = place < request->length;
  return *size ? request->bytes + place : NULL;
}

static int load_bytes(lua_State *lua) {
  Request *request = request_of(lua);
  if (lua_load(lua, next_byte, request, request->name, "t") != LUA_OK) return lua_error(lua);
  return 1;
}

int sonde_try_load_text(lua_State *lua, const char *bytes, size_t length, const char *name, size_t *taken) {
  Request request = {.bytes = bytes, .length = length, .name = name};
  int status = protect(lua, load_bytes, &request, 0, 1);
  *taken = (size_t)request.index;
  return status;
}

static int load_file(lua_State *lua) {
  if (luaL_loadfilex(lua, request_of(lua)->name, sonde_load_mode()) != LUA_OK) return lua_error(lua);
  return 1;
}

int sonde_try_load_file(lua_State *lua, const char *path) {
  Request request = {.name = path};
  return protect(lua, load_file, &request, 0, 1);
}

static int get_global(lua_State *lua) {
  lua_getglobal(lua, request_of(lua)->name);
  return 1;
}

int sonde_try_global(lua_State *lua, const char *name) {
  Request request = {.name = name};
  return protect(lua, get_global, &request, 0, 1);
}

static int set_global(lua_State *lua) {
  lua_setglobal(lua, request_of(lua)->name);
  return 0;
}

int sonde_try_set_global(lua_State *lua, const char *name) {
  Request request = {.name = name};
  return protect(lua, set_global, &request, 1, 0);
}

static int emit_warning(lua_State *lua) {
  lua_warning(lua, request_of(lua)->name, 0);
  return 0;
}

int sonde_try_warning(lua_State *lua, const char *text) {
  Request request = {.name = text};
  return protect(lua, emit_warning, &request, 0, 0);
}
