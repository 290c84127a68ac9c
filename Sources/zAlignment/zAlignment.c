// The archive of Lua is linked right after this object, the last by its name, and so begins at a multiple of 64.
//
// Where the interpreter's loop, luaV_execute, lies within lines of 64 bytes makes plain Lua up to a tenth slower or faster, by
// chance of all that is linked before it: slow at 0 and 16, at 32 and 48 as fast as in Debian's lua5.4. In Debian's archive it
// lies 48 behind a multiple of 64. A linker that knows no ELF leaves it to chance.
#if defined(__ELF__)
__asm__(".text\n.balign 64\n.globl sonde_before_lua\nsonde_before_lua:\n.skip 64\n");
#endif
