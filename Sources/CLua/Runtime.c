// The runtime of a Lua state: boxes, the list of live handles, and what Lua's collector is told of tensor memory.
#include "Runtime.h"

#include <stdlib.h>
#include <string.h>

enum { STEP_BYTES = 1 << 20, LIVE_FLOOR = 64 << 20 };

/// With less than this alive, tensors that Lua has dropped may wait until others are made.
enum { WAITING_LIMIT = 4 << 20 };

const char sonde_tags[SONDE_TYPE_LIMIT];

SondeRuntime *sonde_runtime_new(void) {
  SondeRuntime *runtime = calloc(1, sizeof *runtime);
  if (!runtime) return NULL;
  runtime->allocated_at_step = sonde_swift_allocated_bytes();
  runtime->live_limit = LIVE_FLOOR;
  for (int type = 0; type < SONDE_TYPE_LIMIT; type++) runtime->metatables[type] = LUA_NOREF;
  runtime->slot_metatable = LUA_NOREF;
  return runtime;
}

void sonde_runtime_attach(SondeRuntime *runtime, void *session) { runtime->session = session; }

size_t sonde_runtime_free(SondeRuntime *runtime) {
  size_t swept = 0;
  sonde_release_dropped(runtime);
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
  sonde_free_slots(runtime);
  free(runtime);
  return swept;
}

size_t sonde_runtime_live(const SondeRuntime *runtime) { return runtime->live_handles; }

size_t sonde_collector_steps(const SondeRuntime *runtime) { return runtime->steps; }

size_t sonde_collections(const SondeRuntime *runtime) { return runtime->collections; }

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

static void give_handle_back(SondeHandle *handle, bool in_slot) {
  SondeRuntime *runtime = handle->runtime;
  if (handle->object) runtime->live_handles--;
  handle->object = NULL;
  // a slot is free when Lua frees the box
  if (in_slot) return;
  handle->next_free = runtime->free_handles;
  runtime->free_handles = handle;
}

// MARK: Boxes

static SondeBox *push_box(lua_State *lua, int type) {
  SondeBox *box = lua_newuserdatauv(lua, sizeof *box, 0);
  box->tag = &sonde_tags[type];
  box->object = NULL;
  box->handle = NULL;
  return box;
}

/// Gives a box on top that is in no slot its metatable and a handle.
static void equip_box(lua_State *lua, SondeRuntime *runtime, SondeBox *box, int type) {
  lua_rawgeti(lua, LUA_REGISTRYINDEX, runtime->metatables[type]);
  lua_setmetatable(lua, -2);
  if (!runtime->free_handles && !grow_handles(runtime)) {
    lua_pushliteral(lua, "not enough memory");
    lua_error(lua);
  }
  box->handle = runtime->free_handles;
  runtime->free_handles = box->handle->next_free;
}

SondeBox *sonde_new_box(lua_State *lua, SondeRuntime *runtime, int type) {
  if (runtime->unbounded) sonde_bound_objects(lua, runtime);
  runtime->takes_slot = type == SONDE_TENSOR && runtime->slots;
  SondeBox *box = push_box(lua, type);
  if (type == SONDE_TENSOR) {
    // one for one: the allocator has what it held at hand for the new tensor, and no list of free blocks grows
    if (runtime->dropped) sonde_release_dropped_slots(runtime, 1);
    box->handle = sonde_slot_of(runtime, box);
  }
  if (box->handle) {
    lua_rawgeti(lua, LUA_REGISTRYINDEX, runtime->slot_metatable);
    lua_setmetatable(lua, -2);
  } else {
    equip_box(lua, runtime, box, type);
  }
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
  if (box->handle) give_handle_back(box->handle, sonde_slot_of(box->handle->runtime, box) != NULL);
  box->handle = NULL;
  if (object) sonde_swift_release(object);
}

SondeBox *sonde_box(lua_State *lua, int index, int type) { return sonde_box_at(lua, index, type); }

int sonde_box_type(lua_State *lua, int index) {
  SondeBox *box = sonde_sized_box(lua, index);
  if (!box) return -1;
  ptrdiff_t type = (uintptr_t)box->tag - (uintptr_t)sonde_tags;
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
    runtime->steps++;
    lua_gc(lua, LUA_GCSTEP, (int)(fresh / 1024 < 1 << 20 ? fresh / 1024 : 1 << 20));
    if (sonde_swift_live_bytes() > WAITING_LIMIT) sonde_release_dropped(runtime);
    return;
  }
  runtime->collections++;
  lua_gc(lua, LUA_GCCOLLECT);
  sonde_release_dropped(runtime);
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
