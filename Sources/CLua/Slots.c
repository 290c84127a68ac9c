// Slots: memory of our own for the boxes of tensors, put in the place of Lua's allocator for them.
//
// Lua frees a dropped userdata through its allocator, and so it tells of every tensor that is garbage without a finaliser: no
// protected call, no second round of the collector. What Lua has dropped waits in a list until the collector is done, since a
// tensor's end may reach Lua again (a function that the tape holds).
//
// For the program alone: a host's state may free our boxes after it has unloaded the library that this code is in.
#include "Runtime.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { SLOT_BLOCK = 56 };

/// Address space for slots; a page of it takes memory once it is touched. Boxes that find no slot have a finaliser.
static const size_t REGION = (size_t)1 << 29;

typedef struct Slot {
  SondeHandle handle;
  char block[SLOT_BLOCK];
} Slot;

static bool is_slot(const SondeRuntime *runtime, const void *address) {
  return (uintptr_t)address - (uintptr_t)runtime->slots < runtime->slot_bytes;
}

static void *take_slot(SondeRuntime *runtime, size_t size) {
  if (size > SLOT_BLOCK || (runtime->box_bytes && size != runtime->box_bytes)) return NULL;
  runtime->box_bytes = size;
  SondeHandle *handle = runtime->free_slots;
  if (handle) {
    runtime->free_slots = handle->next_free;
  } else {
    if (runtime->slot_bytes + sizeof(Slot) > REGION) return NULL;
    handle = &((Slot *)(runtime->slots + runtime->slot_bytes))->handle;
    runtime->slot_bytes += sizeof(Slot);
    handle->runtime = runtime;
  }
  handle->object = NULL;
  return ((Slot *)handle)->block;
}

__attribute__((noinline)) static void *drop_slot(SondeRuntime *runtime, void *block) {
  SondeHandle *handle = (SondeHandle *)((char *)block - offsetof(Slot, block));
  SondeHandle **list = handle->object ? &runtime->dropped : &runtime->free_slots;
  if (handle->object) runtime->live_handles--;
  handle->next_free = *list;
  *list = handle;
  return NULL;
}

/// The allocator of luaL_newstate, which is the C library's realloc and free.
static lua_Alloc plain;

lua_State *sonde_new_state(void) {
  lua_State *lua = luaL_newstate();
  if (lua) plain = lua_getallocf(lua, NULL);
  return lua;
}

// What concerns slots is a call of its own, or all blocks would pay for the registers that it needs; and there are two
// allocators, since of what a program of small tables does most a question more is felt.

__attribute__((noinline)) static void *allocate_box(SondeRuntime *runtime, size_t wanted) {
  runtime->takes_slot = false;
  void *slot = take_slot(runtime, wanted);
  return slot ? slot : runtime->allocate(runtime->allocate_data, NULL, LUA_TUSERDATA, wanted);
}

/// In the place of any allocator.
static void *allocate(void *data, void *block, size_t size, size_t wanted) {
  SondeRuntime *runtime = data;
  if (!block) {
    // without a block, the size is the kind of the object
    if (size == LUA_TUSERDATA && runtime->takes_slot) return allocate_box(runtime, wanted);
  } else if (is_slot(runtime, block)) {
    // a userdata keeps its size: it is being freed
    return drop_slot(runtime, block);
  }
  return runtime->allocate(runtime->allocate_data, block, size, wanted);
}

/// In the place of luaL_newstate's.
static void *allocate_plain(void *data, void *block, size_t size, size_t wanted) {
  SondeRuntime *runtime = data;
  if (!block) {
    if (size == LUA_TUSERDATA && runtime->takes_slot) return allocate_box(runtime, wanted);
    return wanted ? malloc(wanted) : NULL;
  }
  if (is_slot(runtime, block)) return drop_slot(runtime, block);
  if (wanted) return realloc(block, wanted);
  free(block);
  return NULL;
}

void sonde_install_slots(lua_State *lua, SondeRuntime *runtime) {
  void *region = mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (region == MAP_FAILED) return;
  runtime->slots = region;
  runtime->allocate = lua_getallocf(lua, &runtime->allocate_data);
  lua_setallocf(lua, runtime->allocate == plain ? allocate_plain : allocate, runtime);
}

void sonde_free_slots(SondeRuntime *runtime) {
  if (runtime->slots) munmap(runtime->slots, REGION);
}

SondeHandle *sonde_slot_of(const SondeRuntime *runtime, const SondeBox *box) {
  if (!is_slot(runtime, box)) return NULL;
  // the box is the end of its block
  return (SondeHandle *)((char *)(box + 1) - runtime->box_bytes - offsetof(Slot, block));
}

void sonde_release_dropped_slots(SondeRuntime *runtime, size_t most) {
  SondeHandle *handle;
  for (; most > 0 && (handle = runtime->dropped); most--) {
    void *object = handle->object;
    runtime->dropped = handle->next_free;
    handle->object = NULL;
    handle->next_free = runtime->free_slots;
    runtime->free_slots = handle;
    sonde_swift_drop(runtime->session, object);
  }
}
