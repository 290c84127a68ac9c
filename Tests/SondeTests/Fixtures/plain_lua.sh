# Tells what a Lua program does with command lines, environments, files and ends of every kind.
# usage: sh plain_lua.sh PROGRAM in an empty directory; the directory must be empty again after it.
ln -s "$1" lua || exit 1
export PATH=/usr/bin:/bin HOME=/nowhere LANG=C.UTF-8
unset LUA_INIT LUA_INIT_5_4 LUA_PATH LUA_PATH_5_4 LUA_CPATH LUA_CPATH_5_4

mkdir folder
printf 'print(1)\r\nprint("a\\\r\nb")\r\n-- x\r\nprint([[\r\nx\r\ny]] == "x\\ny")\r\n' >crlf.lua
printf '\357\273\277print(3)' >bom.lua
printf '\357\273\277#! x\nprint(debug.getinfo(1).currentline)' >bomhash.lua
printf '\357\273print(3)' >badbom.lua
printf '#!/x\r\nprint(4)\r\n' >hashcrlf.lua
printf 'print("a\\0b" == "a\0b")\0' >zero.lua
printf '\033Lu' >short.luac
echo 'print("loading", ...) return {}' >module.lua
echo 'print(#arg, ...) for i = -2, #arg do print(i, arg[i] and (arg[i]:gsub("[^ -~]", "?"))) end' >arguments.lua
cat >dump.lua <<'LUA'
local code = string.dump(load("print('dumped', ...)", "@dumped.lua"))
for name, text in pairs{["code.luac"] = code, ["hashcode.luac"] = "#! x\n" .. code, ["cut.luac"] = code:sub(1, 40)} do
  local file <close> = io.open(name, "wb")
  file:write(text)
end
LUA
cat >strict.lua <<'LUA'
setmetatable(_G, {
  __newindex = function(t, name, value)
    local what = debug.getinfo(2, "S").what
    if what ~= "main" and what ~= "C" then error("assign to undeclared variable " .. name, 2) end
    rawset(t, name, value)
  end,
  __index = function(_, name) error("undeclared variable " .. name, 2) end,
})
x = 1
print(x, pcall(function() return y end))
local function f() z = 1 end
f()
LUA
./lua dump.lua

# Runs a line of shell and prints what came of it; $lua is the program.
lua=./lua
try() {
  printf -- '--- %s\n' "$1"
  status=0
  (eval "$1") >output 2>errors </dev/null || status=$?
  cat output
  sed 's/^/errors: /' errors
  echo "status: $status"
}

while IFS= read -r line; do
  case $line in '' | '#'*) ;; *) try "$line" ;; esac
done <<'LINES'
# what is run, and in which order
./lua -e 'print(1)' -l module -e 'print(type(module))' -l m=module -e 'print(m == module)'
LUA_PATH='./?.lua' LUA_CPATH='./?.so' ./lua -l folder
./lua -e 'print(arg[0], #arg, arg[-1])' -
./lua -E -E -W -W -e 'print(1)'
./lua -- ; ./lua -E - ; ./lua ''
./lua -e '' arguments.lua 'with space' '' -x -- "$(printf 'a\377b')"
echo 'print(...)' | ./lua - a -v
./lua -e ' return 1, 2'
./lua -e 'warn("a")' -W -e 'warn("b")' -e 'warn("@off")' -e 'warn("c")'
# the environment
LUA_INIT=@ ./lua -e 'print(1)'
LUA_INIT='x =' ./lua -e 'print(1)'
LUA_INIT_5_4= LUA_INIT='print(2)' ./lua -e 'print(1)'
LUA_INIT='print(2)' ./lua -E -e 'print(1)'
LUA_INIT='warn("x")' ./lua -W -e 'print(1)'
LUA_INIT='error{}' ./lua -e 'print(1)'
LUA_PATH='a;;b' LUA_CPATH_5_4=c LUA_CPATH=d ./lua -e 'print(package.path:gsub("/usr[^;]*", "U"), package.cpath)'
LUA_PATH= LUA_CPATH= ./lua -e 'print(#package.path, #package.cpath)'
LUA_PATH=x ./lua -E -e 'print(package.path ~= "x")'
# scripts of every kind
./lua crlf.lua; ./lua bom.lua; ./lua bomhash.lua; ./lua hashcrlf.lua; ./lua zero.lua
./lua badbom.lua
./lua code.luac a; ./lua hashcode.luac b
./lua cut.luac; ./lua short.luac
./lua folder
./lua -e 'print(1)' folder
./lua missing.lua
printf 'print(1)\nerror{}' | ./lua -
printf '\033Lua' | ./lua -
# exits
./lua -e 'os.exit(256)'; echo $?; ./lua -e 'os.exit(257)'; echo $?; ./lua -e 'os.exit(-1)'; echo $?; ./lua -e 'os.exit(3.0)'
./lua -e 'os.exit("x")'
./lua -e 'local t <close> = setmetatable({}, {__close = function() print "closed" end}) os.exit(4, true)'
./lua -e 'coroutine.wrap(function() os.exit(5, true) end)()'
./lua -e 'io.stdout:setvbuf "full" io.write "x" os.exit(0)'
./lua -e 'io.write "x" error()'
# errors and their tracebacks
./lua -e 'error("a\nb")'
./lua -e 'error(setmetatable({}, {__tostring = function() return 12 end}))'
./lua -e 'error(setmetatable({}, {__tostring = function() error "inner" end}))'
./lua -e 'error(setmetatable({}, {__name = "My.Type"}))'
./lua -e 'local function f(n) if n == 0 then error "deep" end f(n - 1) return 1 end f(50)'
./lua -e 'local t = {} t.method = function() local x = nil + 1 end t.method()'
./lua -e 'string.rep("x", 1 << 40)'
./lua -e 'local t <close> = 1'
./lua -e 'debug.sethook(function() error "hooked" end, "l") local a = 1'
./lua -e 'print(pcall(string.rep)) print(pcall(("x").bad)) print(select(2, pcall(function() return #nil end)))'
./lua strict.lua
# standard output and input that are gone
(./lua -e 'for i = 1, 100000 do print(i) end'; echo $? >&2) | head -1
./lua -e 'print(1) io.stderr:write(io.type(io.write(2)))' >&-
./lua -e 'print(1) io.stderr:write(io.type(io.write(2)), tostring((io.flush())))' >/dev/full
./lua -e 'error "unheard"' 2>&-
./lua - <&-
# libraries that know of the program
./lua -e 'print(debug.getinfo(1, "S").source, debug.getinfo(1, "S").short_src)'
./lua -e 'print(load("x ="), load("\27Lua"), loadfile("folder"), pcall(dofile, "missing.lua"))'
./lua -e 'for _, o in ipairs{"step", "isrunning", "incremental", "generational", "stop", "restart"} do print(o, collectgarbage(o)) end'
./lua -e 'print(pcall(collectgarbage, "x"))'
./lua -e 'print(#package.searchers, package.searchpath("module", "./?.lua"), package.searchpath("no", "./?.lua;?"))'
./lua -e 'table.insert(package.searchers, function(n) return function(...) return ... end, "extra" end) print(require "any")'
./lua -e 'package.preload.p = function(...) print(...) end print(require "p")' -l p
echo '12 a b' | ./lua -e 'print(io.read("n", "l", "a"))'
./lua -e 'print(io.popen("exit 3"):close()) print(os.execute("exit 4")) print(os.execute("kill -9 $$"))'
./lua -e 'print(os.setlocale(), os.setlocale("nowhere"), os.getenv("HOME"), os.date("!%c", 0), string.format("%5.1f %q %a", 2.25, 1/3, 0.5))'
./lua -e 'setmetatable({}, {__gc = function() coroutine.wrap(function() print "a coroutine in the end" end)() end})'
./lua -e 'setmetatable({}, {__gc = function() error "in the end" end})' -W
./lua -e 'print(coroutine.isyieldable(), select(2, coroutine.running()), coroutine.close(coroutine.create(print)))'
echo 'io.stderr:write(1000) cont' | ./lua -e 'debug.debug()'
LINES
rm -r lua folder output errors ./*.lua ./*.luac
