import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// C modules, as any for `lua` 5.4, find Lua inside the program.
struct ModuleTests {
  /// It calls what the program itself has no use for.
  private static let source = """
    typedef struct lua_State lua_State;
    void *lua_newuserdatauv(lua_State *, unsigned long, int);
    int lua_error(lua_State *);
    void lua_concat(lua_State *, int);
    void lua_arith(lua_State *, int);
    void lua_pushinteger(lua_State *, long long);
    const char *luaL_gsub(lua_State *, const char *, const char *, const char *);
    int luaopen_outsider(lua_State *lua) {
      luaL_gsub(lua, "a-b", "-", "+");
      lua_pushinteger(lua, 20);
      lua_pushinteger(lua, 22);
      lua_arith(lua, 0);
      lua_concat(lua, 2);
      return 1;
    }
    """

  @Test(.enabled(if: access("/usr/bin/cc", X_OK) == 0))
  func loadsAModuleWrittenInC() throws {
    let place = try Workplace()
    place.write("outsider.c", ModuleTests.source)
    let built = try place.run(["-shared", "-fPIC", "-o", "outsider.so", "outsider.c"], program: "/usr/bin/cc")
    try #require(built.status == 0, "\(built.errors)")
    let outcome = try place.run(["-e", "package.cpath = './?.so'; print((require 'outsider'))"])
    #expect(outcome == Child.Outcome(output: "a+b42\n", errors: "", status: 0))
  }
}
