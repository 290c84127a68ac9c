-- What print and sonde.inspect show, as whole texts derived by hand from the rules.
local here = "printing.lua"

local function fails(f, text)
  local ok, message = pcall(f)
  assert(not ok, "did not fail: " .. text)
  local position, rest = tostring(message):match("^([^:]+:%d+): (.*)$")
  assert(rest == text, "\n   got: " .. tostring(message) .. "\nwanted: " .. text)
  assert(position:find(here, 1, true), "blames " .. position)
end

local function is(got, wanted)
  if got ~= wanted then error("\n   got:\n" .. got .. "\nwanted:\n" .. wanted, 2) end
end

-- Tensors.
is(tostring(sonde.tensor{ { 1, -2.5 }, { 0.125, 10 } }), "float32 [2, 2]\n   1.0000  -2.5000\n   0.1250  10.0000")
is(tostring(sonde.tensor{ 1.5e-5, -2e-5, 0 / 0 }), "float32 [3], times 1e-5\n   1.5000  -2.0000      nan")
local weight = nn.mlp{ inputs = 1, width = 1, depth = 1, bias = false, init = "constant(0.5)" }.parameters["0.linear.weight"]
is(tostring(weight), "float32 [1, 1], requires_grad\n  0.5000")
is(tostring(sonde.tensor{ true, false }), "bool [2]\n   true  false")
is(tostring(sonde.tensor(math.huge)), "float32 []\n  inf")
is(tostring(sonde.zeros(3, 0)), "float32 [3, 0]\n  (no elements)")
is(tostring(sonde.ones(1):expand(1 << 30)), "float32 [1073741824]\n"
  .. (("  1"):rep(26) .. "\n"):rep(3) .. "  ...\n" .. ("  1"):rep(26) .. ("\n" .. ("  1"):rep(26)):rep(2))
is(tostring(sonde.full({ 1 }, 7, { dtype = "int64" }):expand(1 << 20, 1 << 20)), "int64 [1048576, 1048576]\n"
  .. ((("  7"):rep(13) .. "  ..." .. ("  7"):rep(12)) .. "\n"):rep(10) .. "  ...\n"
  .. (("  7"):rep(13) .. "  ..." .. ("  7"):rep(12) .. "\n"):rep(8) .. ("  7"):rep(13) .. "  ..." .. ("  7"):rep(12))

-- Descriptions.
is(sonde.tensor{ 1, 2, 3, 4, 5, 6, 7, 8 }:describe(), "float32 [8], 8 elements, 32 B, contiguous\n"
  .. "mean 4.500, std 2.291, rms 5.050\n"
  .. "min 1.000, 15 % 2.050, median 4.500, 85 % 6.950, max 8.000\n"
  .. "zeros 0, nan 0, inf 0\n"
  -- element i is in bin 32 i / 7 of 32: 0, 4, 9, 13, 18, 22, 27 and 31
  .. "1.000 |█   █    █   █    █   █    █   █| 8.000")
is(sonde.tensor({ 0, 0, 3 }, { dtype = "int64" }):describe(), "int64 [3], 3 elements, 24 B, contiguous\n"
  .. "mean 1.000, std 1.414, rms 1.732\n"
  .. "min 0, 15 % 0, median 0, 85 % 2.100, max 3\n"
  .. "zeros 2, nan 0, inf 0\n"
  -- half of the highest is the fifth bar of eight
  .. "0 |█" .. (" "):rep(30) .. "▅| 3")
is(sonde.tensor{ true, false }:describe(), "bool [2], 2 elements, 2 B, contiguous\n"
  .. "mean 0.5000, std 0.5000, rms 0.7071\n"
  .. "min 0, 15 % 0.1500, median 0.5000, 85 % 0.8500, max 1\n"
  .. "zeros 1, nan 0, inf 0\n"
  .. "0 |█" .. (" "):rep(30) .. "█| 1")
is(sonde.zeros(4, 3):t()[{ { 1, 2 } }]:describe(), "float32 [2, 4], 8 elements, a view into 48 B, strides [1, 3]\n"
  .. "mean 0, std 0, rms 0\n"
  .. "min 0, 15 % 0, median 0, 85 % 0, max 0\n"
  .. "zeros 8, nan 0, inf 0\n"
  .. "-0.5000 |" .. (" "):rep(16) .. "█" .. (" "):rep(15) .. "| 0.5000")
is(sonde.tensor{ 0 / 0, math.huge }:describe(),
  "float32 [2], 2 elements, 8 B, contiguous\n"
  .. "mean nan, std nan, rms nan\n"
  .. "min nan, 15 % nan, median nan, 85 % nan, max nan\n"
  .. "zeros 0, nan 1, inf 1")
is(sonde.zeros(0, 3):describe(), "float32 [0, 3], 0 elements, 0 B, contiguous\n(no elements)")
is(sonde.tensor(3):describe():match("^[^\n]*"), "float32 [], 1 element, 4 B, contiguous")

-- Values that are no tables.
local inspect = sonde.inspect
is(inspect(nil), "nil")
is(inspect(3), "3")
is(inspect(3.0), "3.0")
is(inspect(1e100), "1e+100")
is(inspect(true), "true")
is(inspect('a "b"\n\t\\\0\27\127é\u{85}'), [["a \"b\"\n\t\\\000\027\127é\u{85}"]])
is(inspect(("x"):rep(60)), '"' .. ("x"):rep(60) .. '"')
is(inspect(("é"):rep(61)), '"' .. ("é"):rep(60) .. '"... (122 bytes)')
is(inspect(("\255"):rep(3)), '"' .. ("\u{FFFD}"):rep(3) .. '"')
is(inspect(print), tostring(print))
is(inspect(sonde.time), "function sonde.time: Reads a monotonic clock.")
is(inspect{ sonde.time }, "{function sonde.time}")
is(inspect(sonde.tensor{ { 1, 2, 3 }, { 4, 5, 6 } }), "tensor float32 [2, 3] (1, 2, 3, 4, ...)")
is(inspect(sonde.tensor{ { 1, 2, 3 }, { 4, 5, 6 } }:t()), "tensor float32 [3, 2] (1, 4, 2, 5, ...)")
is(inspect(sonde.zeros(0)), "tensor float32 [0]")
is(inspect(sonde.tensor(0.5)), "tensor float32 [] (0.5000)")
is(inspect(sonde.tensor{ 2e-9 }), "tensor float32 [1], times 1e-9 (2.0000)")
is(inspect(weight), "tensor float32 [1, 1], requires_grad (0.5000)")
is(inspect(sonde.ones(1):expand(1 << 40, 1 << 20)), "tensor float32 [1099511627776, 1048576] (1, 1, 1, 1, ...)")
is(inspect(sonde.generator(3)), "generator(seed 3)")

-- Tables: sequences first, then numbers, strings and booleans as keys.
is(inspect{}, "{}")
is(inspect{ 1, "a", {}, { 2 } }, '{1, "a", {}, {2}}')
is(inspect{ b = 1, a = 2, [10] = 3, [-1] = 4, [1.5] = 5, [true] = 6, [false] = 7, ["end"] = 8, ["a b"] = 9, _x1 = 0 },
  [[
{
  [-1]    = 4,
  [1.5]   = 5,
  [10]    = 3,
  _x1     = 0,
  a       = 2,
  ["a b"] = 9,
  b       = 1,
  ["end"] = 8,
  [false] = 7,
  [true]  = 6
}]])
is(inspect{ w = sonde.ones(2), [sonde.ones(1)] = 1 }, "{w = tensor float32 [2] (1, 1), [tensor float32 [1] (1)] = 1}")
is(inspect{ nil, 2, nil, 4 }, "{nil, 2, nil, 4}")

-- A line of 80 characters is one, of 81 several.
is(inspect{ ("x"):rep(60), ("y"):rep(12) }, '{"' .. ("x"):rep(60) .. '", "' .. ("y"):rep(12) .. '"}')
is(inspect{ ("x"):rep(60), ("y"):rep(13) }, '{\n  "' .. ("x"):rep(60) .. '",\n  "' .. ("y"):rep(13) .. '"\n}')
is(inspect{ { ("x"):rep(60), ("y"):rep(13) }, name = { 1 } },
  '{\n  {\n    "' .. ("x"):rep(60) .. '",\n    "' .. ("y"):rep(13) .. '"\n  },\n  name = {1}\n}')

-- Depth, cycles and length.
local deep = { a = { b = { c = { d = 1 } } } }
is(inspect(deep), "{a = {b = {c = {...}}}}")
is(inspect(deep, { depth = 1 }), "{a = {...}}")
is(inspect(deep, { depth = 64 }), "{a = {b = {c = {d = 1}}}}")
local cycle = { 1 }
cycle.self = cycle
cycle.other = { cycle }
local shared = { 5 }
is(inspect(cycle), "{1, other = {<cycle>}, self = <cycle>}")
is(inspect{ shared, shared }, "{{5}, {5}}")
local long = {}
for i = 1, 1000 do long[i] = i end
long.name = "n"
is(inspect(long, { items = 3 }), '{1, 2, 3, ... (997 more), name = "n"}')
is(inspect({ a = 1, b = 2, c = 3 }, { items = 2 }), "{a = 1, b = 2, ... (1 more)}")
is(inspect({ { 1, 2 }, { 3, 4 } }, { items = 1 }), "{{1, ... (1 more)}, ... (1 more)}")
-- ten times the items in all, in the order of the text: 2 outermost, 14 in the first of them, 2 in the second, 2 below
local tree = {}
for i = 1, 2 do tree[i] = { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, { 7, 8 } } } end
local whole = inspect(tree, { depth = 9, items = 2 })
is(whole, "{{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}}, {{{...}, {...}}, {...}}}")
-- a table that holds itself everywhere stays small
local everywhere = {}
for i = 1, 100 do everywhere[i] = {} end
for i = 1, 100 do for j = 1, 100 do everywhere[i][j] = everywhere[j] end end
assert(#inspect(everywhere, { depth = 64 }) < 10000)

-- Metatables: __tostring and __name have a say, nothing else runs.
local meta = { __index = error, __len = error, __pairs = error, __eq = error, __name = "Point" }
is(inspect(setmetatable({ 1, x = 2 }, meta)), "Point {1, x = 2}")
is(inspect(setmetatable({}, meta)), "Point {}")
is(inspect(setmetatable({ 1 }, { __metatable = "closed", __name = 5 })), "{1}")
local told = setmetatable({}, { __tostring = function() return "first\nsecond" end })
is(inspect(told), "first\nsecond")
is(inspect{ told, k = told }, "{first..., k = first...}")
is(inspect{ setmetatable({}, { __tostring = function() error "no" end }) }, "{<error in __tostring>}")
is(inspect{ setmetatable({}, { __tostring = function() return {} end }) }, "{<error in __tostring>}")
-- one that changes the table that is being written
local changing
changing = { 1, setmetatable({}, { __tostring = function()
  for i = 1, 100 do changing[i] = nil changing["k" .. i] = i end
  return "changed"
end }), 3 }
is(inspect(changing), "{1, changed, nil}")

fails(function() inspect() end, "sonde.inspect: argument 1 'value' expected a value, got nothing")
fails(function() inspect({}, { depth = 0 }) end, "sonde.inspect: option 'depth' expected 1 to 64, got 0")
fails(function() inspect({}, { items = 1 << 40 }) end,
  "sonde.inspect: option 'items' expected 1 to 10000, got 1099511627776")
fails(function() inspect({}, { depth = "2" }) end, "sonde.inspect: option 'depth' expected 1 to 64, got '2'")
fails(function() inspect({}, { 5 }) end, "sonde.inspect: unknown option 1; there are depth and items")
fails(function() inspect({}, 5) end, "sonde.inspect: argument 2 'options' expected a table, got 5")
fails(function() inspect({}, { dept = 2 }) end, "sonde.inspect: unknown option 'dept', did you mean 'depth'?")

-- print of a table stays Lua's.
assert(tostring{}:find("^table: "))

-- figures of a tensor: lines that fit, none of them broken within a figure
local figures = sonde.randn(10, 100):stats()
local shown = tostring(figures)
for line in shown:gmatch("[^\n]+") do assert(#line <= 80, line) end
assert(select(2, shown:gsub("\n  ", "")) >= 2 and not shown:find("\n$"))
local read = {}
for name, value in shown:gmatch("([%a_]+) (%S+)") do read[name] = tonumber(value) end
for _, name in ipairs{ "count", "mean", "std", "skewness", "zeros", "saturated", "batch_std", "inf" } do
  local value = figures[name]
  assert(math.abs(read[name] - value) <= 1e-3 * math.abs(value), name)
end

print("ok")
