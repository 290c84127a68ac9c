// What the C files of this target share.
#pragma once

#include "CLua.h"

#include <signal.h>
#include <stdint.h>

enum { HANDLES_PER_CHUNK = 256, FAILURE_FRAMES = 24, FAILURE_SOURCE = 512, MISSES = 4 };

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

/// Where a function stood when an error was raised: its chunk's name as it was given and as messages have it, and the line.
typedef struct FailureFrame {
  char source[FAILURE_SOURCE];
  char shown[LUA_IDSIZE];
  int line;
} FailureFrame;

/// A field that a module was asked for and has not.
typedef struct Miss {
  int module;
  char name[SONDE_NAME_LIMIT];
} Miss;

struct SondeRuntime {
  void *session;
  HandleChunk *chunks;
  SondeHandle *free_handles;
  size_t live_handles;
  /// How often the collector was driven because of tensor memory.
  size_t steps, collections;
  size_t allocated_at_step;
  size_t live_limit;
  ActiveThread *volatile active;
  bool hold;
  int metatables[SONDE_TYPE_LIMIT];
  /// The metatable of tensors in slots: that of all tensors without a finaliser.
  int slot_metatable;
  /// Lua's allocator below the one that bounds its memory, in the sandbox.
  lua_Alloc unbounded;
  void *unbounded_data;
  /// How many boxes were made in the sandbox.
  unsigned boxes;
  /// Lua's allocator before ours.
  lua_Alloc allocate;
  void *allocate_data;
  /// The slots handed out so far, whether taken or free; NULL and 0 where the system has given none.
  char *slots;
  size_t slot_bytes;
  SondeHandle *free_slots;
  /// Slots that Lua has freed and whose objects have yet to be released.
  SondeHandle *dropped;
  /// What Lua asks for a box, 0 before the first.
  size_t box_bytes;
  /// Whether the userdata that Lua asks memory for next is the box of a tensor.
  bool takes_slot;
  /// The function of the chunk that `sonde_run_typed` runs, and `sonde_interrupt_count` as it began.
  const void *typed;
  int interrupts_before;
  /// What was the user's own in the calls that led to the last failure, innermost first.
  FailureFrame failure[FAILURE_FRAMES];
  int failure_frames;
  /// The fields that modules had not when they were asked last, in a ring, and how many there were since the chunk began.
  Miss misses[MISSES];
  int missed;
  /// The functions that the prompt keeps as its results `_`, `_1` and `_2`; NULL for what is none.
  const void *results[SONDE_RESULTS];
  char message[SONDE_MESSAGE_LIMIT];
};

/// The runtime whose code runs, NULL outside of `sonde_run`.
SondeRuntime *sonde_running(void);
/// `sonde_run` with a message handler other than lua.c's.
int sonde_run_with(
  lua_State *lua, SondeRuntime *runtime, lua_CFunction handler, int arguments, int results, bool hold);

/// Pushes a new box with its metatable and handle; raises without memory, while nothing of Swift is alive.
SondeBox *sonde_new_box(lua_State *lua, SondeRuntime *runtime, int type);
/// Releases the object of a box, if it has one.
void sonde_box_close(SondeBox *box);
/// Turns what Swift answered into results or a raised error, and tells Lua's collector of new tensor memory.
int sonde_finish(lua_State *lua, SondeRuntime *runtime, int status);
/// Makes Lua take the memory of tensors' boxes from slots.
void sonde_install_slots(lua_State *lua, SondeRuntime *runtime);
/// Gives the memory of the slots back, after lua_close.
void sonde_free_slots(SondeRuntime *runtime);
/// The handle of a box in a slot, NULL for one in memory of Lua's.
SondeHandle *sonde_slot_of(const SondeRuntime *runtime, const SondeBox *box);
/// Releases what was in slots that Lua has freed, `most` of them; not while the collector runs.
void sonde_release_dropped_slots(SondeRuntime *runtime, size_t most);
/// Adds the nearest name to a message on top of the stack that tells of a field which a module has not.
void sonde_explain_miss(lua_State *lua, const SondeRuntime *runtime);
/// pcall and xpcall whose messages offer the nearest name; the table of the globals is on top.
void sonde_replace_pcall(lua_State *lua, SondeRuntime *runtime);

/// Pushes the calls from a level on, as luaL_traceback writes them, below those of the coroutines that the error at an
/// index has come through.
void sonde_push_calls(lua_State *lua, const SondeRuntime *runtime, int error, int level);
/// Keeps the calls of a coroutine that has failed, for an error that goes on; its error is on top of its own stack.
void sonde_note_coroutine(lua_State *lua, SondeRuntime *runtime, lua_State *coroutine);
/// The error whose coroutine was noted last goes no further. Can't raise.
void sonde_forget_note(lua_State *lua);
/// debug.traceback that names no function after the prompt's results; the debug library is on top.
void sonde_replace_traceback(lua_State *lua, SondeRuntime *runtime);

/// coroutine.resume, wrap and close that keep the list of active threads; the coroutine library is on top.
void sonde_replace_resume(lua_State *lua, SondeRuntime *runtime);

/// Learns where the code of Lua's own libraries lies; they have been opened and nothing of a user's has run.
void sonde_learn_libraries(lua_State *lua);
/// For the handler of a signal with that context: has it return into `raise`, which raises an error in the state, where
/// the signal came to the code of one of Lua's libraries; answers whether.
bool sonde_divert(lua_State *lua, void *context, void (*raise)(void));
/// Whether Lua calls no hooks now, as in a finaliser; false too where that can't be known.
bool sonde_hooks_are_off(lua_State *lua);
/// Has Lua call hooks again, until it says otherwise itself.
void sonde_switch_hooks_on(lua_State *lua);

/// Has a handler hear the ticks between `sonde_ticks_start` and `stop`, which signal handlers may call.
void sonde_ticks_hear(void (*handler)(int number, siginfo_t *info, void *context));
/// Stops the ticks and gives their signal back to whoever had it.
void sonde_ticks_leave(void);
void sonde_ticks_start(void);
void sonde_ticks_stop(void);
int sonde_ticks_signal(void);

/// Sends the last Ctrl-C again to the children that had it from the terminal, or should have; false where it came otherwise.
bool sonde_repeat_interrupt(void);
/// os.execute that Ctrl-C ends at the prompt; the os library is on top.
void sonde_replace_execute(lua_State *lua, SondeRuntime *runtime);
/// io.popen whose child Ctrl-C ends at the prompt even if it came just before; the io library is on top.
void sonde_replace_popen(lua_State *lua, SondeRuntime *runtime);

/// The mode in which chunks are loaded: text alone in the sandbox, NULL for all.
const char *sonde_load_mode(void);
/// Counts Lua's memory against the limit; before anything else takes the allocator's place.
void sonde_bound_memory(lua_State *lua, SondeRuntime *runtime);
/// Raises an error where the objects of boxes have taken more memory than the limit allows; in the sandbox, for a new box.
void sonde_bound_objects(lua_State *lua, SondeRuntime *runtime);
/// Takes off the libraries, which are open, what reaches files, programs, the environment or Lua's own insides.
void sonde_prune_libraries(lua_State *lua);
/// Adds to a message on top of the stack that tells of a function which was taken off that it was; answers whether it does.
bool sonde_explain_pruned(lua_State *lua);

/// One address a type: a box carries the address of its type's element.
extern const char sonde_tags[SONDE_TYPE_LIMIT];

/// The userdata at a stack index that has the size of a box, NULL for any other value.
static inline SondeBox *sonde_sized_box(lua_State *lua, int index) {
  // of the values with this length, a userdata alone has an address: light ones have no length, strings no address
  SondeBox *box = lua_touserdata(lua, index);
  return box && lua_rawlen(lua, index) == sizeof(SondeBox) ? box : NULL;
}

static inline SondeBox *sonde_box_at(lua_State *lua, int index, int type) {
  SondeBox *box = sonde_sized_box(lua, index);
  return box && box->tag == &sonde_tags[type] ? box : NULL;
}

/// The error value of a protected call that found no room on the stack: its address, since a text needs memory.
extern const char sonde_no_memory;

static inline void sonde_release_dropped(SondeRuntime *runtime) {
  if (runtime->dropped) sonde_release_dropped_slots(runtime, SIZE_MAX);
}

static inline SondeRuntime *sonde_runtime_upvalue(lua_State *lua) {
  return lua_touserdata(lua, lua_upvalueindex(1));
}
