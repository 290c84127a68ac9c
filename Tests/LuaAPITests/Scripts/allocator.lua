-- What runs under failing allocators: every way in which Lua and Swift hand memory to each other.
local t = sonde.tensor({ { 1, 2, 3 }, { 4, 5, 6 } })
local u = t + 1
u = (u * t - u / 2) // 1 % 3
local row, part, masked = t[1], t[{ {}, { 1, 2 } }], t[t:gt(2)]
t[2] = row
t[{ {}, 3 }] = 0
local text = tostring(t) .. t.dtype .. #t.shape
local list = t:totable()
local values, indices = t:max({ dim = 1 })
pcall(function() return t.nothing end)
pcall(function() return t + sonde.ones(7) end)
local ok, message = pcall(sonde.zeros, 2, { dtyp = 1 })
local c = coroutine.wrap(function() coroutine.yield(sonde.ones(3)) end)
local s = c()
for _, x in ipairs(s) do assert(x == 1) end
local closing <close> = sonde.zeros(10)
local g = sonde.generator(3)
local r = sonde.randn(4, { generator = g })
