// Ctrl-C where Lua calls no hook: in the C code of its own libraries, which an unlucky pattern keeps busy for years, and in
// finalisers and message handlers of hooks, for which Lua has switched hooks off.
//
// While the processor stands in the code of such a library itself (not in Lua's core, the allocator or the C library), the
// state of Lua is whole, and the library might call luaL_error as its next step. So the handler of a signal makes it do so:
// it returns, not to where the signal came, but into a function that raises. That is sound because
//  - every call of the API has either returned or not begun, and `lua_error` needs no more than that;
//  - what these libraries keep between two calls lies on the C stack, or in userdata that Lua closes on an error
//    (luaL_Buffer); they hold no lock, no file and no memory of malloc's, so nothing is lost when their frames are left;
//  - those frames are all that longjmp leaves: whoever calls back, as string.gsub and table.sort do, stands in Lua's core or
//    in another function meanwhile, and is let be; what calls them back, as lua_dump does, reckons with their errors;
//  - the kernel gives back mask and registers as after any handler; the new frame begins below the red zone of the old one.
#define _GNU_SOURCE
#include "Runtime.h"

#include <stdint.h>
#include <ucontext.h>

// MARK: Where the libraries lie

/// The code from the first to the last function of a library, whose object the linker has kept in one piece.
typedef struct Code {
  uintptr_t begin, end;
} Code;

enum { LIBRARIES = 3, LARGEST_LIBRARY = 1 << 16 };

static Code libraries[LIBRARIES];

static bool is_library_code(uintptr_t address) {
  for (int i = 0; i < LIBRARIES; i++) {
    if (address >= libraries[i].begin && address < libraries[i].end) return true;
  }
  return false;
}

static void widen(Code *code, uintptr_t address) {
  if (address < code->begin) code->begin = address;
  if (address > code->end) code->end = address;
}

/// Whether code can be that of one library alone: a linker that sorts functions otherwise has put some of Lua's core there.
static bool is_of_one_piece(Code code) {
  const uintptr_t others[] = {
    (uintptr_t)luaopen_base, (uintptr_t)luaopen_coroutine, (uintptr_t)luaopen_io, (uintptr_t)luaopen_math,
    (uintptr_t)luaopen_os, (uintptr_t)luaopen_debug, (uintptr_t)luaopen_package, (uintptr_t)luaL_openlibs,
    (uintptr_t)luaL_prepbuffsize, (uintptr_t)luaL_error, (uintptr_t)luaL_newstate, (uintptr_t)luaL_checklstring,
    (uintptr_t)lua_newstate, (uintptr_t)lua_pushlstring, (uintptr_t)lua_compare, (uintptr_t)lua_pcallk,
    (uintptr_t)lua_getinfo, (uintptr_t)lua_dump, (uintptr_t)lua_load, (uintptr_t)lua_gc,
  };
  if (code.end - code.begin > LARGEST_LIBRARY) return false;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    if (others[i] >= code.begin && others[i] <= code.end) return false;
  }
  return true;
}

/// Learns where a library lies from the functions in its global table and the one that opens it.
static Code code_of(lua_State *lua, const char *name, lua_CFunction open) {
  Code code = {(uintptr_t)open, (uintptr_t)open};
  lua_getglobal(lua, name);
  for (lua_pushnil(lua); lua_next(lua, -2); lua_settop(lua, -2)) {
    lua_CFunction function = lua_tocfunction(lua, -1);
    if (function) widen(&code, (uintptr_t)function);
  }
  lua_settop(lua, -2);
  return is_of_one_piece(code) ? code : (Code){0, 0};
}

// MARK: Returning elsewhere

/// Whether the function that runs in a state is one of a library's: where a module of C has resumed a coroutine that we
/// know nothing of, the state we take for the running one is not.
static bool runs_library(lua_State *lua) {
  lua_Debug frame;
  if (!lua_getstack(lua, 0, &frame) || !lua_getinfo(lua, "f", &frame)) return false;
  lua_CFunction function = lua_tocfunction(lua, -1);
  lua_settop(lua, -2);
  return function && is_library_code((uintptr_t)function);
}

bool sonde_divert(lua_State *lua, void *context, void (*raise)(void)) {
#if defined(__linux__) && defined(__x86_64__)
  enum { RED_ZONE = 128, ALIGNMENT = 16 };
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  if (!is_library_code((uintptr_t)registers[REG_RIP]) || !runs_library(lua)) return false;
  // as behind a call: the address to return to, of which there is none, lies below a boundary
  uintptr_t stack = (((uintptr_t)registers[REG_RSP] - RED_ZONE) & ~(uintptr_t)(ALIGNMENT - 1)) - sizeof(uintptr_t);
  *(uintptr_t *)stack = 0;
  registers[REG_RSP] = (greg_t)stack;
  registers[REG_RIP] = (greg_t)(uintptr_t)raise;
  return true;
#elif defined(__linux__) && defined(__aarch64__)
  enum { ALIGNMENT = 16 };
  mcontext_t *machine = &((ucontext_t *)context)->uc_mcontext;
  if (!is_library_code((uintptr_t)machine->pc) || !runs_library(lua)) return false;
  machine->sp &= ~(uintptr_t)(ALIGNMENT - 1);
  machine->regs[30] = 0;
  machine->pc = (uintptr_t)raise;
  return true;
#else
  (void)lua, (void)context, (void)raise;
  return false;
#endif
}

// MARK: The switch of hooks

/// Where a state of Lua 5.4 says whether it calls hooks: behind what every object has, a pointer and two bytes, and the status.
enum { HOOK_SWITCH = sizeof(void *) + 3 };

/// Whether the byte has been seen to be that switch.
static bool is_switch_known;
static unsigned char seen_in_hook;

static volatile unsigned char *hook_switch(lua_State *lua) { return (volatile unsigned char *)lua + HOOK_SWITCH; }

static void look_in_hook(lua_State *lua, lua_Debug *frame) {
  (void)frame;
  seen_in_hook = *hook_switch(lua);
}

static int nothing(lua_State *lua) {
  (void)lua;
  return 0;
}

/// Looks whether the switch is where Lua 5.4 has it: 1 outside of a hook, 0 in one.
static void find_switch(lua_State *lua) {
  seen_in_hook = 1;
  lua_sethook(lua, look_in_hook, LUA_MASKCALL, 0);
  unsigned char before = *hook_switch(lua);
  lua_pushcfunction(lua, nothing);
  lua_call(lua, 0, 0);
  lua_sethook(lua, NULL, 0, 0);
  is_switch_known = before == 1 && seen_in_hook == 0 && *hook_switch(lua) == 1;
}

bool sonde_hooks_are_off(lua_State *lua) { return is_switch_known && *hook_switch(lua) == 0; }

void sonde_switch_hooks_on(lua_State *lua) {
  if (is_switch_known) *hook_switch(lua) = 1;
}

void sonde_learn_libraries(lua_State *lua) {
  libraries[0] = code_of(lua, LUA_STRLIBNAME, luaopen_string);
  libraries[1] = code_of(lua, LUA_TABLIBNAME, luaopen_table);
  libraries[2] = code_of(lua, LUA_UTF8LIBNAME, luaopen_utf8);
  find_switch(lua);
}
