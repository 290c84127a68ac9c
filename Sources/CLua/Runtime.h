// What the C files of this target share.
#pragma once

#include "CLua.h"

enum { HANDLES_PER_CHUNK = 256 };

/// One live object, in memory of our own: it outlives lua_close when Lua could not call __gc.
struct SondeHandle {
  void *object;
  SondeHandle *next_free;
  SondeRuntime *runtime;
};

typedef struct HandleChunk {
  struct HandleChunk *next;
  SondeHandle handles[HANDLES_PER_CHUNK];
} HandleChunk;

/// A thread that runs or has resumed one that runs; Ctrl-C sets its hook on the whole chain.
typedef struct ActiveThread {
  lua_State *lua;
  struct ActiveThread *previous;
} ActiveThread;

struct SondeRuntime {
  void *session;
  HandleChunk *chunks;
  SondeHandle *free_handles;
  size_t live_handles;
  size_t allocated_at_step;
  size_t live_limit;
  ActiveThread *volatile active;
  bool hold;
  int metatables[SONDE_TYPE_LIMIT];
  char message[SONDE_MESSAGE_LIMIT];
};

/// Pushes a new box with its metatable and handle; raises without memory, while nothing of Swift is alive.
SondeBox *sonde_new_box(lua_State *lua, SondeRuntime *runtime, int type);
/// Releases the object of a box, if it has one.
void sonde_box_close(SondeBox *box);
/// Turns what Swift answered into results or a raised error, and tells Lua's collector of new tensor memory.
int sonde_finish(lua_State *lua, SondeRuntime *runtime, int status);
/// coroutine.resume, wrap and close that keep the list of active threads; the coroutine library is on top.
void sonde_replace_resume(lua_State *lua, SondeRuntime *runtime);

/// The error value of a protected call that found no room on the stack: its address, since a text needs memory.
extern const char sonde_no_memory;

static inline SondeRuntime *sonde_runtime_upvalue(lua_State *lua) {
  return lua_touserdata(lua, lua_upvalueindex(1));
}
