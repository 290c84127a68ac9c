-- Runs a benchmark of plain Lua and prints the processor's seconds it took, start-up left out.
-- usage: lua measure.lua FILE
local body = assert(loadfile(arg[1]))
local start = os.clock()
local result = body()
print(string.format("%.6f\t%s", os.clock() - start, result))
