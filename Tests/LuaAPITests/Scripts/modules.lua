-- The modules are tables: a field that is not there is nil, and an error about it offers the nearest name, wherever it is caught.
local function message(f, ...)
  local ok, text = pcall(f, ...)
  assert(not ok)
  return (text:gsub("^[^:]*:%d+: ", ""))
end

local function same(got, expected) assert(got == expected, ("%s\nexpected %s"):format(got, expected)) end

-- Every module, and nothing but nil; a probe is not an error.
for name, module in pairs{
  sonde = sonde, nn = nn, optim = optim, data = data, theory = theory, plot = plot, schedule = optim.schedule, linalg = sonde.linalg,
} do
  assert(module.no_such_field == nil and rawget(module, "no_such_field") == nil and module[1] == nil, name)
  for key in pairs(module) do assert(type(key) == "string") end
  module.mine = 5
  assert(module.mine == 5)
  module.mine = nil
end

-- Calls of what is not there, in pcall, xpcall, coroutines and functions of the user's.
same(message(function() nn.mpl{} end), "attempt to call a nil value (field 'mpl'), did you mean 'mlp'?")
same(message(function() sonde.zeors(1) end), "attempt to call a nil value (field 'zeors'), did you mean 'zeros'?")
same(message(function() sonde.nn.Linera(1) end), "attempt to call a nil value (field 'Linera'), did you mean 'Linear'?")
same(message(function() optim.schedule.cosin(1) end), "attempt to call a nil value (field 'cosin'), did you mean 'cosine'?")
same(message(function() optim.scheduel.cosine() end), "attempt to index a nil value (field 'scheduel'), did you mean 'schedule'?")
same(message(function() sonde.linalg.sdv() end), "attempt to call a nil value (field 'sdv'), did you mean 'svd'?")
same(message(function() theory.pedict{} end), "attempt to call a nil value (field 'pedict'), did you mean 'predict'?")
same(message(function() plot.liens{} end), "attempt to call a nil value (field 'liens'), did you mean 'lines'?")
same(message(function() nn:mpl() end), "attempt to call a nil value (method 'mpl'), did you mean 'mlp'?")
same(message(coroutine.wrap(function() nn.mpl{} end)):gsub("^[^:]*:%d+: ", ""),
  "attempt to call a nil value (field 'mpl'), did you mean 'mlp'?")
same(message(function() nn.mpl{ nn.also_not } end), "attempt to call a nil value (field 'mpl'), did you mean 'mlp'?")
local _, text = xpcall(function() nn.mpl{} end, function(m) return m end)
assert(text:find("did you mean 'mlp'?", 1, true))
_, text = xpcall(function() nn.mpl{} end, debug.traceback)
assert(text:find("(field 'mpl'), did you mean 'mlp'?\nstack traceback:\n", 1, true))
-- once, however often it is passed on
same(message(function() local ok, m = pcall(function() nn.mpl{} end) error(m, 0) end),
  "attempt to call a nil value (field 'mpl'), did you mean 'mlp'?")

-- Where nothing is near the page of help is named; tables of the user's are told as Lua tells them.
same(message(function() nn.qqxxyyzz{} end), "attempt to call a nil value (field 'qqxxyyzz'); ?nn lists what it has")
same(message(function() local t = {} t.mpx() end), "attempt to call a nil value (field 'mpx')")
same(message(function() local t = {} local _ = nn.mpl t.mpx() end), "attempt to call a nil value (field 'mpx')")

-- pcall and xpcall are Lua's in all else.
local function values(...) return select("#", ...), ... end
local all = table.pack(pcall(values, 1, nil, 2))
assert(all.n == 5 and all[1] == true and all[2] == 3 and all[3] == 1 and all[4] == nil and all[5] == 2)
same(select("#", pcall(error)), 2)
assert(select(2, pcall(error)) == nil and select(2, pcall(error, setmetatable({}, { __name = "X" }))) ~= nil)
same(message(pcall), "bad argument #1 to 'pcall' (value expected)")
same(message(xpcall), "bad argument #2 to 'xpcall' (function expected, got no value)")
local co = coroutine.wrap(function() return pcall(function() local x = coroutine.yield(1) error(x, 0) end) end)
assert(co() == 1)
local ok, thrown = co("thrown")
assert(ok == false and thrown == "thrown")
co = coroutine.wrap(function() return xpcall(function(...) coroutine.yield(...) error("e", 0) end, function(m) return m .. "!" end, 7) end)
assert(co() == 7)
ok, thrown = co()
assert(ok == false and thrown == "e!")

print("ok")
