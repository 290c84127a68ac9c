// What Lua calls: each trampoline makes what may raise, calls Swift, and raises only after Swift has returned.
#include "Runtime.h"

#include <string.h>

#include "CProcess.h"

// MARK: Where the program stands

/// The state whose call this thread is in.
static _Thread_local lua_State *current;

/// Runs a call of Swift's with the state known; Swift never raises, so the state before is always put back.
#define IN_SWIFT(lua, status, call)   \
  do {                                \
    lua_State *outer = current;       \
    current = (lua);                  \
    (status) = (call);                \
    current = outer;                  \
  } while (0)

int sonde_current_line(char *source, size_t size) {
  lua_Debug frame;
  for (int level = 0; current && lua_getstack(current, level, &frame); level++) {
    lua_getinfo(current, "Sl", &frame);
    if (frame.currentline <= 0 || strncmp(frame.source, "=sonde:", 7) == 0) continue;
    size_t length = strlen(frame.short_src);
    if (length >= size) length = size - 1;
    memcpy(source, frame.short_src, length);
    source[length] = 0;
    return frame.currentline;
  }
  return 0;
}

// MARK: Records

static int call_record(lua_State *lua) {
  SondeRuntime *runtime = sonde_runtime_upvalue(lua);
  sonde_release_dropped(runtime);
  int record = (int)lua_tointeger(lua, lua_upvalueindex(2));
  int status;
  IN_SWIFT(lua, status, sonde_swift_call(runtime->session, lua, record));
  return sonde_finish(lua, runtime, status);
}

// MARK: Direct methods: what is usual is done without reading a record, everything else as the record has it

/// Reads a tensor or a number; false for anything else.
static bool read_operand(lua_State *lua, int index, SondeOperand *operand) {
  SondeBox *box = sonde_box_at(lua, index, SONDE_TENSOR);
  operand->tensor = box ? box->object : NULL;
  if (operand->tensor) return true;
  if (lua_type(lua, index) != LUA_TNUMBER) return false;
  operand->number = lua_tonumber(lua, index);
  return true;
}

/// Upvalues: the runtime, the record, the number of the direct method.
static int call_direct(lua_State *lua) {
  SondeRuntime *runtime = sonde_runtime_upvalue(lua);
  SondeOperand operands[2];
  int count = lua_gettop(lua);
  if (count < 1 || count > 2 || !read_operand(lua, 1, &operands[0]) || !operands[0].tensor) return call_record(lua);
  if (count == 2 && !read_operand(lua, 2, &operands[1])) return call_record(lua);
  int method = (int)lua_tointeger(lua, lua_upvalueindex(3));
  SondeBox *result = method & SONDE_DIRECT_IN_PLACE ? NULL : sonde_new_box(lua, runtime, SONDE_TENSOR);
  int status;
  IN_SWIFT(lua, status, sonde_swift_direct(runtime->session, method, operands, count, result));
  if (status == 0) {
    lua_settop(lua, count);
    return call_record(lua);
  }
  if (result || status < 0) return sonde_finish(lua, runtime, status);
  lua_pushvalue(lua, 1);
  return 1;
}

/// Arguments: the runtime, the record, and the number of the direct method where it has one.
static int push_record(lua_State *lua) {
  int values = lua_gettop(lua);
  lua_pushcclosure(lua, values == 3 ? call_direct : call_record, values);
  return 1;
}

int sonde_try_record(lua_State *lua, SondeRuntime *runtime, int record, int direct) {
  lua_pushcfunction(lua, push_record);
  lua_pushlightuserdata(lua, runtime);
  lua_pushinteger(lua, record);
  if (direct >= 0) lua_pushinteger(lua, direct);
  return lua_pcall(lua, direct >= 0 ? 3 : 2, 1, 0);
}

/// Arguments: the value, the runtime, the record.
static int push_closure(lua_State *lua) {
  lua_rotate(lua, 1, -1);
  lua_pushcclosure(lua, call_record, 3);
  return 1;
}

int sonde_try_closure(lua_State *lua, SondeRuntime *runtime, int record) {
  lua_pushcfunction(lua, push_closure);
  lua_rotate(lua, -2, 1);
  lua_pushlightuserdata(lua, runtime);
  lua_pushinteger(lua, record);
  return lua_pcall(lua, 3, 1, 0);
}

void sonde_push_captured(lua_State *lua) { lua_pushvalue(lua, lua_upvalueindex(3)); }

int sonde_record_of(lua_State *lua, int index) {
  lua_CFunction function = lua_tocfunction(lua, index);
  if ((function != call_record && function != call_direct) || !lua_getupvalue(lua, index, 2)) return -1;
  int record = (int)lua_tointeger(lua, -1);
  lua_settop(lua, -2);
  return record;
}

// MARK: Events of objects: upvalues are the runtime, the type, the event, the table of methods, the direct method

static int object_event(lua_State *lua) {
  SondeRuntime *runtime = sonde_runtime_upvalue(lua);
  int type = (int)lua_tointeger(lua, lua_upvalueindex(2));
  int event = (int)lua_tointeger(lua, lua_upvalueindex(3));
  int status;
  IN_SWIFT(lua, status, sonde_swift_event(runtime->session, lua, type, event));
  return sonde_finish(lua, runtime, status);
}

static int object_index(lua_State *lua) {
  if (lua_type(lua, 2) == LUA_TSTRING) {
    lua_pushvalue(lua, 2);
    if (lua_rawget(lua, lua_upvalueindex(4)) != LUA_TNIL) return 1;
    lua_settop(lua, 2);
  }
  return object_event(lua);
}

/// Apart from tensor_index, which is to be short.
__attribute__((noinline)) static int tensor_row(lua_State *lua, SondeBox *box, lua_Integer index) {
  SondeRuntime *runtime = sonde_runtime_upvalue(lua);
  SondeBox *row = sonde_new_box(lua, runtime, SONDE_TENSOR);
  int status;
  IN_SWIFT(lua, status, sonde_swift_row(runtime->session, lua, box->object, index, row));
  return sonde_finish(lua, runtime, status);
}

static int tensor_index(lua_State *lua) {
  SondeBox *box;
  if (!lua_isinteger(lua, 2) || !(box = sonde_box_at(lua, 1, SONDE_TENSOR)) || !box->object) return object_index(lua);
  lua_Integer index = lua_tointeger(lua, 2);
  return sonde_swift_element(lua, box->object, index) ? 1 : tensor_row(lua, box, index);
}

/// Upvalue 5 is the number of the direct method.
static int tensor_arithmetic(lua_State *lua) {
  SondeRuntime *runtime = sonde_runtime_upvalue(lua);
  SondeOperand operands[2];
  int method = (int)lua_tointeger(lua, lua_upvalueindex(5));
  // the operand of a negation comes twice
  int count = method & SONDE_DIRECT_UNARY ? 1 : 2;
  bool direct = read_operand(lua, 1, &operands[0]) && (count == 1 || read_operand(lua, 2, &operands[1]));
  SondeBox *result = sonde_new_box(lua, runtime, SONDE_TENSOR);
  int status = 0;
  if (direct) IN_SWIFT(lua, status, sonde_swift_direct(runtime->session, method, operands, count, result));
  if (status == 0) {
    int event = (int)lua_tointeger(lua, lua_upvalueindex(3));
    IN_SWIFT(lua, status, sonde_swift_arithmetic(runtime->session, lua, event, result));
  }
  return sonde_finish(lua, runtime, status);
}

static int object_close(lua_State *lua) {
  if (sonde_box_type(lua, 1) >= 0) sonde_box_close(lua_touserdata(lua, 1));
  return 0;
}

// MARK: Metatables

typedef struct TypeRequest {
  SondeRuntime *runtime;
  int type;
  const char *name;
  const char *const *events;
  const int *event_numbers;
} TypeRequest;

static lua_CFunction function_for(const TypeRequest *request, const char *event) {
  static const char *const arithmetic[] = {"__add", "__sub", "__mul", "__div", "__pow", "__idiv", "__mod", "__unm"};
  bool tensor = request->type == SONDE_TENSOR;
  if (strcmp(event, "__index") == 0) return tensor ? tensor_index : object_index;
  for (size_t i = 0; tensor && i < sizeof arithmetic / sizeof *arithmetic; i++) {
    if (strcmp(event, arithmetic[i]) == 0) return tensor_arithmetic;
  }
  return object_event;
}

/// Keeps a metatable of tensors for those in slots, as the one on top but without the finaliser.
static void keep_without_finalizer(lua_State *lua, SondeRuntime *runtime) {
  int table = lua_gettop(lua);
  lua_createtable(lua, 0, 16);
  for (lua_pushnil(lua); lua_next(lua, table);) {
    lua_pushvalue(lua, -2);
    lua_rotate(lua, -2, 1);
    lua_rawset(lua, table + 1);
  }
  lua_pushnil(lua);
  lua_setfield(lua, table + 1, "__gc");
  runtime->slot_metatable = luaL_ref(lua, LUA_REGISTRYINDEX);
}

/// Stack: request, methods.
static int make_type(lua_State *lua) {
  TypeRequest *request = lua_touserdata(lua, 1);
  lua_createtable(lua, 0, 16);
  lua_pushstring(lua, request->name);
  lua_setfield(lua, 3, "__name");
  lua_pushliteral(lua, "locked");
  lua_setfield(lua, 3, "__metatable");
  lua_pushcfunction(lua, object_close);
  lua_setfield(lua, 3, "__gc");
  lua_pushcfunction(lua, object_close);
  lua_setfield(lua, 3, "__close");
  for (int i = 0; request->events[i]; i++) {
    lua_pushlightuserdata(lua, request->runtime);
    lua_pushinteger(lua, request->type);
    lua_pushinteger(lua, request->event_numbers[i]);
    lua_pushvalue(lua, 2);
    lua_pushinteger(lua, sonde_swift_direct_number(request->event_numbers[i]));
    lua_pushcclosure(lua, function_for(request, request->events[i]), 5);
    lua_setfield(lua, 3, request->events[i]);
  }
  if (request->type == SONDE_TENSOR) keep_without_finalizer(lua, request->runtime);
  request->runtime->metatables[request->type] = luaL_ref(lua, LUA_REGISTRYINDEX);
  return 0;
}

int sonde_try_type(
  lua_State *lua, SondeRuntime *runtime, int type, const char *name, const char *const *events,
  const int *event_numbers) {
  TypeRequest request = {runtime, type, name, events, event_numbers};
  lua_pushcfunction(lua, make_type);
  lua_pushlightuserdata(lua, &request);
  lua_rotate(lua, -3, 2);
  return lua_pcall(lua, 2, 0, 0);
}

// MARK: Standard libraries

/// Arguments: the runtime, whether the environment counts.
static int open_libraries(lua_State *lua) {
  SondeRuntime *runtime = lua_touserdata(lua, 1);
  luaL_checkversion(lua);
  lua_gc(lua, LUA_GCSTOP);
  if (sonde_sandbox_is_on()) sonde_bound_memory(lua, runtime);
  sonde_install_slots(lua, runtime);
  if (!lua_toboolean(lua, 2)) {
    lua_pushboolean(lua, 1);
    lua_setfield(lua, LUA_REGISTRYINDEX, "LUA_NOENV");
  }
  luaL_openlibs(lua);
  sonde_learn_libraries(lua);
  lua_getglobal(lua, LUA_COLIBNAME);
  sonde_replace_resume(lua, runtime);
  lua_getglobal(lua, LUA_OSLIBNAME);
  sonde_replace_execute(lua, runtime);
  lua_getglobal(lua, LUA_DBLIBNAME);
  sonde_replace_traceback(lua, runtime);
  lua_pushglobaltable(lua);
  sonde_replace_pcall(lua, runtime);
  lua_getglobal(lua, LUA_IOLIBNAME);
  sonde_replace_popen(lua, runtime);
  if (sonde_sandbox_is_on()) sonde_prune_libraries(lua);
  return 0;
}

int sonde_try_libraries(lua_State *lua, SondeRuntime *runtime, bool environment) {
  lua_pushcfunction(lua, open_libraries);
  lua_pushlightuserdata(lua, runtime);
  lua_pushboolean(lua, environment);
  return lua_pcall(lua, 2, 0, 0);
}
