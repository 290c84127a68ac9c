// Lua 5.4 for Swift: its headers, stand-ins for its macros, and a calling convention in which no longjmp
// crosses a Swift frame.
//
//  - Lua calls a C trampoline, the trampoline calls Swift (`sonde_swift_...`), Swift answers with a status.
//    C raises after Swift has returned.
//  - What may raise in the Lua API reaches Swift only as `sonde_try_...`, which run under lua_pcall.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#if __has_include(<lua5.4/lua.h>)
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#else
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#endif

// MARK: Macros of lua.h as functions

static inline void sonde_pop(lua_State *lua, int count) { lua_settop(lua, -count - 1); }
/// The bytes that Lua's own values take.
static inline size_t sonde_lua_bytes(lua_State *lua) {
  return (size_t)lua_gc(lua, LUA_GCCOUNT) * 1024 + (size_t)lua_gc(lua, LUA_GCCOUNTB);
}
static inline int sonde_registry(void) { return LUA_REGISTRYINDEX; }

/// The line by which `lua -v` names itself, "Lua 5.4.4  Copyright (C) ...".
static inline const char *sonde_lua_copyright(void) { return LUA_COPYRIGHT; }

/// Writes to standard error, after what waits for standard output: Swift may not touch C's stdout and stderr.
static inline void sonde_complain(const char *text) {
  fflush(stdout);
  fputs(text, stderr);
  fflush(stderr);
}
/// Writes bytes to standard output.
static inline void sonde_write(const char *bytes, size_t length) { fwrite(bytes, 1, length, stdout); }
/// Writes bytes to standard output or, after what waits for that, to standard error.
static inline void sonde_write_to(bool to_errors, const char *bytes, size_t length) {
  fflush(stdout);
  fwrite(bytes, 1, length, to_errors ? stderr : stdout);
  fflush(to_errors ? stderr : stdout);
}
/// Writes out what waits for standard output.
static inline void sonde_flush(void) { fflush(stdout); }

// MARK: The runtime and its objects

/// What Swift answers when it has not pushed results.
enum {
  SONDE_MESSAGE = -1,        ///< an error; its text is in the runtime's message buffer
  SONDE_ERROR_VALUE = -2,    ///< an error; its value lies on top of the stack
  SONDE_OUT_OF_MEMORY = -3,  ///< Lua's own memory error
  SONDE_INTERRUPTED = -4,    ///< Ctrl-C stopped a computation
};

enum { SONDE_TYPE_LIMIT = 32, SONDE_MESSAGE_LIMIT = 8192, SONDE_NAME_LIMIT = 64, SONDE_RESULTS = 3, SONDE_TENSOR = 0 };

typedef struct SondeHandle SondeHandle;
typedef struct SondeRuntime SondeRuntime;

/// A userdata of ours: its tag tells the type, `object` is a retained Swift object or NULL once closed.
typedef struct SondeBox {
  const void *tag;
  void *object;
  SondeHandle *handle;
} SondeBox;

/// One operand of a direct method.
typedef struct SondeOperand {
  void *tensor;   ///< the object of its box, NULL for a number
  double number;
} SondeOperand;

/// What C knows of the number of a direct method.
enum { SONDE_DIRECT_IN_PLACE = 1, SONDE_DIRECT_UNARY = 2 };

/// Makes the runtime of a Lua state; NULL without memory.
SondeRuntime *sonde_runtime_new(void);
/// Tells the runtime which Swift session its calls go to; it is not retained.
void sonde_runtime_attach(SondeRuntime *runtime, void *session);
/// Frees the runtime after lua_close; releases the objects whose __gc Lua could not run and returns their number.
size_t sonde_runtime_free(SondeRuntime *runtime);
/// The number of Swift objects that Lua holds.
size_t sonde_runtime_live(const SondeRuntime *runtime);
/// How often Lua's collector was driven a step further because of tensor memory.
size_t sonde_collector_steps(const SondeRuntime *runtime);
/// How often a full collection was made because of tensor memory.
size_t sonde_collections(const SondeRuntime *runtime);
/// The buffer of SONDE_MESSAGE_LIMIT bytes in which Swift leaves an error's text.
char *sonde_runtime_message(SondeRuntime *runtime);

/// The box at a stack index when it is one of ours of that type, NULL otherwise. Does not allocate.
SondeBox *sonde_box(lua_State *lua, int index, int type);
/// The type of the box at a stack index, -1 when it is not one of ours.
int sonde_box_type(lua_State *lua, int index);
/// Gives a fresh box its retained object. Can't fail.
void sonde_box_fill(SondeBox *box, void *object);

// MARK: What may raise, under lua_pcall
//
// Each returns LUA_OK, or a status with the error value on top of the stack. The caller keeps 20 free slots.

int sonde_try_string(lua_State *lua, const char *bytes, size_t length);
int sonde_try_table(lua_State *lua, int sequence, int fields);
/// Pushes a new, empty box of a type whose metatable is registered; `*box` is its address.
int sonde_try_box(lua_State *lua, SondeRuntime *runtime, int type, SondeBox **box);
/// table[name] = value on top, raw; pops the value.
int sonde_try_set_field(lua_State *lua, int table, const char *name);
/// table[key] = value for the key and the value on top, raw; pops both.
int sonde_try_set(lua_State *lua, int table);
/// table[index] = value on top, raw; pops the value.
int sonde_try_set_index(lua_State *lua, int table, lua_Integer index);
/// Pushes table[name], raw.
int sonde_try_get_field(lua_State *lua, int table, const char *name);
/// Replaces the key on top by the next key and value of the table; `*more` is false at the end (nothing is pushed then).
int sonde_try_next(lua_State *lua, int table, bool *more);
/// Calls the function below `arguments` values on top.
int sonde_try_call(lua_State *lua, int arguments, int results);
/// Pushes tostring(value at index) with its metamethods.
int sonde_try_tostring(lua_State *lua, int index);
/// Keeps the value on top in the registry; pops it.
int sonde_try_reference(lua_State *lua, int *reference);
/// Forgets a kept value. Can't raise.
void sonde_unreference(lua_State *lua, int reference);
/// Pushes nested sequences of numbers in row-major order: whole numbers when `integers` is given, booleans when `booleans`.
int sonde_try_nested(
  lua_State *lua, const double *numbers, const lua_Integer *integers, const unsigned char *booleans,
  const ptrdiff_t *extents, int rank);

// MARK: Registration, under lua_pcall too

/// Pushes the closure that calls record number `record`, where it can by the direct method `direct`, if that is not negative.
int sonde_try_record(lua_State *lua, SondeRuntime *runtime, int record, int direct);
/// Replaces the value on top by the closure that calls record number `record` and captures the value.
int sonde_try_closure(lua_State *lua, SondeRuntime *runtime, int record);
/// Pushes the value that the running closure has captured.
void sonde_push_captured(lua_State *lua);
/// Makes the metatable of a type and keeps it in the runtime; the table of its methods is on top and is popped.
int sonde_try_type(lua_State *lua, SondeRuntime *runtime, int type, const char *name, const char *const *events, const int *event_numbers);
/// Makes nil of the fields that the table on top, a module, has not, and notes their names.
int sonde_try_module(lua_State *lua, SondeRuntime *runtime, int module);
/// Opens the standard libraries, with coroutine.resume, wrap and close that Ctrl-C reaches, and pcall, xpcall and
/// debug.traceback that know of our modules and the prompt.
/// Without the environment, LUA_PATH and its like are not read.
/// In the sandbox (CProcess) they hold nothing that reaches files, programs or Lua's own insides, and memory is bounded.
/// The collector stands still until sonde_start_collector.
int sonde_try_libraries(lua_State *lua, SondeRuntime *runtime, bool environment);
/// Starts the collector in generational mode, as lua.c does; what is there already counts as old.
static inline void sonde_start_collector(lua_State *lua) {
  lua_gc(lua, LUA_GCRESTART);
  lua_gc(lua, LUA_GCGEN, 0, 0);
}
/// Pushes the function of a chunk named `name`, of text or bytecode; in the sandbox of text alone.
int sonde_try_load(lua_State *lua, const char *bytes, size_t length, const char *name);
/// The same of text alone; `*taken` becomes how many bytes Lua has looked at, its end counted as one: behind the token that an
/// error is near it has looked at one more.
int sonde_try_load_text(lua_State *lua, const char *bytes, size_t length, const char *name, size_t *taken);
/// Pushes the function of a file, under the same rule; NULL is standard input.
int sonde_try_load_file(lua_State *lua, const char *path);
/// Pushes the global `name`.
int sonde_try_global(lua_State *lua, const char *name);
/// Sets the global `name` to the value on top and pops it.
int sonde_try_set_global(lua_State *lua, const char *name);
/// Emits a warning, as `warn` does: "@on" and "@off" switch them.
int sonde_try_warning(lua_State *lua, const char *text);
/// Pushes what the global table `arg` holds from 1 on, `*count` values.
int sonde_try_arguments(lua_State *lua, int *count);
/// Writes the error value on top to standard error, behind the program's name when there is one, and pops it.
void sonde_complain_error(lua_State *lua, const char *program);
/// Whether the error value on top is a text with that ending.
bool sonde_error_ends(lua_State *lua, const char *ending, size_t length);
/// The line the innermost Lua function above the call of ours is at, 0 when none is known; its chunk's name goes to `source`.
int sonde_current_line(char *source, size_t size);
/// What Lua knows of a function value.
typedef struct SondeFunction {
  bool is_lua;            ///< written in Lua, so that the rest says something
  const char *source;     ///< the name of its chunk, or for a text its whole; valid as long as the function
  size_t source_length;
  int first_line, last_line;
  int parameters;
  bool is_variadic;
} SondeFunction;

/// Describes the function at a stack index. Can't raise.
void sonde_describe_function(lua_State *lua, int index, SondeFunction *function);
/// The name of a parameter of the Lua function at a stack index, from 1; NULL where it is not known. Can't raise.
const char *sonde_parameter_name(lua_State *lua, int index, int number);
/// Replaces the key on top by value[key], metamethods included.
int sonde_try_index(lua_State *lua, int value);
/// The record behind a function value, -1 when it is not one of ours.
int sonde_record_of(lua_State *lua, int index);

// MARK: The program's state

/// luaL_newstate, whose allocator the slots for tensors then know and need not call.
lua_State *sonde_new_state(void);

// MARK: Running under Ctrl-C

/// lua_pcall with a traceback and with SIGINT wired to the running thread and its chain of coroutines.
/// With `hold` the request stays set until this call has ended, so that a script's pcall can't swallow it.
int sonde_run(lua_State *lua, SondeRuntime *runtime, int arguments, int results, bool hold);
/// `sonde_run` for what was typed, with the request held. An error that is not LUA_ERRMEM or LUA_ERRERR leaves a table:
/// 1 the error's value, 2 the traceback, 3 the names and values of the locals of the chunk, in turn, if it still ran.
int sonde_run_typed(lua_State *lua, SondeRuntime *runtime, int arguments, int results);
/// Whether Ctrl-C came since the chunk typed began, though it has gone on: what takes long is not to begin again.
bool sonde_typed_was_interrupted(const SondeRuntime *runtime);
/// The line a function of the user's stood at when `sonde_run_typed` failed, innermost first; 0 past the last that is kept.
/// `*source` is its chunk's name as it was given, `*shown` as messages have it.
int sonde_failure_frame(const SondeRuntime *runtime, int level, const char **source, const char **shown);
/// Tells which functions the prompt keeps as its results: `number` 0 is `_`, 1 and 2 are `_1` and `_2`; NULL for no function.
void sonde_note_result(SondeRuntime *runtime, int number, const void *function);
/// The field that a module was asked for last, while the chunk ran, and had not; -1 where there is none, else the module.
int sonde_last_miss(const SondeRuntime *runtime, const char **name);
/// The line where the function at `index` begins, -1 for one in C; its chunk's name as messages have it goes to `shown`.
int sonde_function_line(lua_State *lua, int index, char *shown, size_t size);
/// Ties the upvalue `name` of the Lua function at `index` to upvalue `number` of the one at `other`; false when it has none.
bool sonde_join_upvalue(lua_State *lua, int index, const char *name, int other, int number);
/// The number of the upvalue `name` of the Lua function at `index`, 0 when it has none.
int sonde_upvalue_number(lua_State *lua, int index, const char *name);
/// Runs tostring on the global `_PROMPT` or its like; pushes the text, or nil where there is no such global.
int sonde_run_prompt(lua_State *lua, SondeRuntime *runtime, const char *global);
/// Runs `print` on the `count` values on top and pops them; pushes the text of print's own error, or nil.
int sonde_run_print(lua_State *lua, SondeRuntime *runtime, int count);
/// Asks what runs to stop, as SIGINT does; safe inside a signal handler and from another thread.
void sonde_interrupt(void);
/// Has whatever begins to run ask `take` whether Ctrl-C came just before, when nobody else was there to hear it; NULL: not.
void sonde_interrupt_hear(bool (*take)(void));
/// How often that has happened while something ran: a training that Ctrl-C ends gives back what it has, without an error.
int sonde_interrupt_count(void);
/// Forgets a request to stop and takes the hooks off the active threads: whoever has answered it calls this.
void sonde_interrupt_end(SondeRuntime *runtime);

/// Calls `body`, which never raises, in a frame of its own with neither the user's hooks nor finalisers running meanwhile;
/// false where Lua has no memory for it.
bool sonde_quietly(lua_State *lua, void (*body)(void *context), void *context);

// MARK: Implemented in Swift (LuaAPI)

int sonde_swift_call(void *session, lua_State *lua, int record);
int sonde_swift_event(void *session, lua_State *lua, int type, int event);
/// Does an operation on one or two operands where nothing about them is unusual: into `result`, or in place into the first
/// where that is NULL. 1 when done, 0 when the record has to do it (nothing has happened), or an error.
int sonde_swift_direct(void *session, int method, const SondeOperand *operands, int count, SondeBox *result);
/// The direct method of an event of tensors, -1 when it has none.
int sonde_swift_direct_number(int event);
/// Pushes the number t[index], or nil right behind the last; false when it is neither, which is for sonde_swift_row.
bool sonde_swift_element(lua_State *lua, void *tensor, lua_Integer index);
int sonde_swift_row(void *session, lua_State *lua, void *tensor, lua_Integer index, SondeBox *result);
int sonde_swift_arithmetic(void *session, lua_State *lua, int operation, SondeBox *result);
/// Writes how a message goes on about a field which a module has not: the nearest name or, if asked for, the page of help; false
/// for neither.
bool sonde_swift_cure_of_miss(int module, const char *name, bool namesPage, char *cure, size_t size);
void sonde_swift_release(void *object);
/// Releases a tensor that Lua has dropped, or keeps it for the next result.
void sonde_swift_drop(void *session, void *tensor);
size_t sonde_swift_live_bytes(void);
size_t sonde_swift_allocated_bytes(void);
/// Counts bytes of Lua's against the limit of tensors, or fewer of them; false where it and a reserve leave no room.
bool sonde_swift_count_bytes(ptrdiff_t change, ptrdiff_t reserve);
void sonde_swift_interrupt_request(void);
void sonde_swift_interrupt_clear(void);
bool sonde_swift_interrupt_requested(void);
