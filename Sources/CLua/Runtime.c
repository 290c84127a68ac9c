// The runtime of a Lua state: boxes, the list of live handles, and what Lua's collector is told of tensor memory.
#include "Runtime.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_BYTES = 1 << 20, LIVE_FLOOR = 64 << 20 };

/// One address a type: a box carries the address of its type's element.
static const char tags[SONDE_TYPE_LIMIT];

SondeRuntime *sonde_runtime_new(void) {
  SondeRuntime *runtime = calloc(1, sizeof *runtime);
  if (!runtime) return NULL;
  runtime->allocated_at_step = sonde_swift_allocated_bytes();
  runtime->live_limit = LIVE_FLOOR;
  for (int type = 0; type < SONDE_TYPE_LIMIT; type++) runtime->metatables[type] = LUA_NOREF;
  return runtime;
}

void sonde_runtime_attach(SondeRuntime *runtime, void *session) { runtime->session = session; }

size_t sonde_runtime_free(SondeRuntime *runtime) {
  size_t swept = 0;
  for (HandleChunk *chunk = runtime->chunks; chunk;) {
    for (int i = 0; i < HANDLES_PER_CHUNK; i++) {
      if (!chunk->handles[i].object) continue;
      sonde_swift_release(chunk->handles[i].object);
      swept++;
    }
    HandleChunk *next = chunk->next;
    free(chunk);
    chunk = next;
  }
  free(runtime);
  return swept;
}

size_t sonde_runtime_live(const SondeRuntime *runtime) { return runtime->live_handles; }

char *sonde_runtime_message(SondeRuntime *runtime) { return runtime->message; }

// MARK: Handles

static bool grow_handles(SondeRuntime *runtime) {
  HandleChunk *chunk = calloc(1, sizeof *chunk);
  if (!chunk) return false;
  chunk->next = runtime->chunks;
  runtime->chunks = chunk;
  for (int i = 0; i < HANDLES_PER_CHUNK; i++) {
    chunk->handles[i].runtime = runtime;
    chunk->handles[i].next_free = runtime->free_handles;
    runtime->free_handles = &chunk->handles[i];
  }
  return true;
}

static void give_handle_back(SondeHandle *handle) {
  SondeRuntime *runtime = handle->runtime;
  if (handle->object) runtime->live_handles--;
  handle->object = NULL;
  handle->next_free = runtime->free_handles;
  runtime->free_handles = handle;
}

// MARK: Boxes

SondeBox *sonde_new_box(lua_State *lua, SondeRuntime *runtime, int type) {
  SondeBox *box = lua_newuserdatauv(lua, sizeof *box, 0);
  box->tag = &tags[type];
  box->object = NULL;
  box->handle = NULL;
  lua_rawgeti(lua, LUA_REGISTRYINDEX, runtime->metatables[type]);
  lua_setmetatable(lua, -2);
  if (!runtime->free_handles && !grow_handles(runtime)) {
    lua_pushliteral(lua, "not enough memory");
    lua_error(lua);
  }
  box->handle = runtime->free_handles;
  runtime->free_handles = box->handle->next_free;
  return box;
}

void sonde_box_fill(SondeBox *box, void *object) {
  box->object = object;
  box->handle->object = object;
  box->handle->runtime->live_handles++;
}

void sonde_box_close(SondeBox *box) {
  void *object = box->object;
  box->object = NULL;
  if (box->handle) give_handle_back(box->handle);
  box->handle = NULL;
  if (object) sonde_swift_release(object);
}

/// The userdata at a stack index that is large enough for a box, NULL for any other value.
static inline SondeBox *box_at(lua_State *lua, int index) {
  // of the values with this length, a userdata alone has an address: light ones have no length, strings no address
  SondeBox *box = lua_touserdata(lua, index);
  return box && lua_rawlen(lua, index) == sizeof(SondeBox) ? box : NULL;
}

SondeBox *sonde_box(lua_State *lua, int index, int type) {
  SondeBox *box = box_at(lua, index);
  return box && box->tag == &tags[type] ? box : NULL;
}

int sonde_box_type(lua_State *lua, int index) {
  SondeBox *box = box_at(lua, index);
  if (!box) return -1;
  ptrdiff_t type = (uintptr_t)box->tag - (uintptr_t)tags;
  return type >= 0 && type < SONDE_TYPE_LIMIT ? (int)type : -1;
}

// MARK: After Swift has returned

/// Lua can't see tensor memory: a step for every MB of it, a full collection when what is alive has doubled.
static void account(lua_State *lua, SondeRuntime *runtime) {
  size_t allocated = sonde_swift_allocated_bytes();
  size_t fresh = allocated - runtime->allocated_at_step;
  if (fresh < STEP_BYTES || !lua_gc(lua, LUA_GCISRUNNING)) return;
  runtime->allocated_at_step = allocated;
  if (sonde_swift_live_bytes() <= runtime->live_limit) {
    lua_gc(lua, LUA_GCSTEP, (int)(fresh / 1024 < 1 << 20 ? fresh / 1024 : 1 << 20));
    return;
  }
  lua_gc(lua, LUA_GCCOLLECT);
  size_t kept = 2 * sonde_swift_live_bytes();
  runtime->live_limit = kept > LIVE_FLOOR ? kept : LIVE_FLOOR;
}

/// Pushes "file:line: " of the innermost Lua function that is not part of our own library.
static void push_position(lua_State *lua) {
  lua_Debug frame;
  for (int level = 1; lua_getstack(lua, level, &frame); level++) {
    lua_getinfo(lua, "Sl", &frame);
    if (frame.currentline > 0 && strncmp(frame.source, "=sonde:", 7) != 0) {
      lua_pushfstring(lua, "%s:%d: ", frame.short_src, frame.currentline);
      return;
    }
  }
  lua_pushliteral(lua, "");
}

static int raise_error(lua_State *lua, SondeRuntime *runtime, int status) {
  switch (status) {
  case SONDE_ERROR_VALUE:
    if (lua_touserdata(lua, -1) == &sonde_no_memory) lua_pushliteral(lua, "not enough memory");
    return lua_error(lua);
  case SONDE_OUT_OF_MEMORY:
    // lua_checkstack does not tell which of the two it was.
    lua_pushliteral(lua, "not enough memory (or stack overflow)");
    return lua_error(lua);
  case SONDE_INTERRUPTED:
    if (!runtime->hold) sonde_interrupt_end(runtime);
    return luaL_error(lua, "interrupted!");
  default:
    push_position(lua);
    lua_pushstring(lua, runtime->message);
    lua_concat(lua, 2);
    return lua_error(lua);
  }
}

int sonde_finish(lua_State *lua, SondeRuntime *runtime, int status) {
  if (status < 0) return raise_error(lua, runtime, status);
  account(lua, runtime);
  return status;
}
