-- help: names and what they lead to, whole pages, searches, Lua's own functions, functions of the user's.

local function page(...)
  local shown
  local original = print
  print = function(text) shown = text end
  local ok, text = pcall(help, ...)
  print = original
  return ok and shown or text
end

local function same(got, expected)
  if got ~= expected then error("expected\n" .. expected .. "\ngot\n" .. tostring(got), 2) end
end

local function starts(text, beginning)
  if text:sub(1, #beginning) ~= beginning then error("expected " .. beginning .. ", got\n" .. text, 2) end
end

-- A page has every part, aligned and wrapped.
same(page(sonde.arange), [[
sonde.arange(a, [b], step=1, {dtype=})
  Makes a vector of evenly spaced numbers, both ends included as in a Lua for.

Parameters
  a     a number: the first number; with no b, the last, counted from 1
  b     a number: the last number, if the steps reach it (may be left out)
  step  a number: the distance between neighbours (default: 1)
Options
  dtype  "float32", "float64", "int64" or "bool": the elements' type (default:
         the session's default)
Returns
  a vector
Errors
  a step of 0, numbers that are not finite
Example
  local t = sonde.arange(1, 5, 2)
  assert(#t == 3 and t[3] == 5 and #sonde.arange(4) == 4)
See also
  sonde.eye, sonde.linspace, sonde.empty, sonde.meshgrid, sonde.full,
  sonde.zeros_like, tensors]])

-- A name leads to the page of the value, however it is written.
local net = nn.mlp{ inputs = 3, width = 3, depth = 2 }
for _, name in ipairs{ "sonde.zeros", "zeros", " zeros ", "sonde.zeros(2, 3)" } do same(page(name), page(sonde.zeros)) end
for _, name in ipairs{ "mlp", "nn.mlp", "sonde.nn.mlp", "NN.MLP", "nn.mlp{depth=3}" } do same(page(name), page(nn.mlp)) end
for _, name in ipairs{ "network:probe", "network.probe", "net:probe", "net.probe" } do same(page(name), page(net.probe)) end
same(page("tensor:sum"), page(sonde.ones(1).sum))
same(page("linalg"), page(sonde.linalg))
same(page("sonde.optim.schedule"), page(optim.schedule))
for _, name in ipairs{ "sonde", "nn", "optim", "data", "theory", "plot" } do
  starts(page(name), name .. "\n")
  starts(page(name), page(_G[name]))
end

-- Objects show their type's page, and what they are.
assert(page(net):find("^network\n  This is a network%.\n"))
assert(page(net[1].linear):find("This is a layer: Linear(3 -> 3), as ?nn.Linear tells.", 1, true))
assert(page(sonde.ones(2)):find("This is a tensor: float32 [2] (1, 1).", 1, true))
starts(page(net:probe(sonde.randn(4, 3))[1].activation), "stats\n")
assert(page("network"):find("\n  probe +Measures every row"))
assert(page("tensor"):find("\n  reductions +sum nansum prod"))
same(page("Stats.batch_std"):match("^[^\n]*\n[^\n]*"), "stats.batch_std\n  The standard deviation over the batch, averaged over units.")

-- Options, names of several things, names that a topic has too.
assert(page("norm_position"):find("Option of\n  nn.mlp, theory.growth, theory.predict", 1, true))
local several = page("max")
starts(several, "max is the name of 3 things:\n")
for _, name in ipairs{ "tensor:max", "stats.max", "math.max" } do assert(several:find(name, 1, true)) end
local sweep = page("sweep")
assert(sweep:find("Of the same name", 1, true) and sweep:find("sonde.sweep", 1, true) and sweep:find("sweep object", 1, true))
starts(page("sweep object"), "sweep\n")
assert(page("sweep object"):find("Fields", 1, true) and not sweep:find("Fields", 1, true))

-- Words search, ranked: names before summaries; every word must fit.
local found = page("batch normalisation")
starts(found, "18 pages about 'batch normalisation':\n  normalisation  ")
assert(found:find("^[^\n]*\n[^\n]*\n  nn.BatchNorm "))
assert(page("learning rate cosine"):find("optim.schedule.cosine", 1, true), page("learning rate cosine"))
assert(page("histogram of a tensor"):find("tensor:histogram", 1, true))
local _, lines = page("tensor"):gsub("\n", "\n")
for _, words in ipairs{ "the tensor", "a layer of a network" } do
  local text = page(words)
  local _, count = text:gsub("\n", "\n")
  assert(count <= 16 and text:find("and %d+ more"), text)
end

-- Unknown names: the nearest, then the pages in which they stand; else an error that says what helps.
local unknown = page("zeross")
starts(unknown, "Nothing is named 'zeross'.\nDid you mean\n  zeros")
assert(page("nn.mpl"):find("nn.mlp", 1, true))
assert(page("qqxxyyzz"):find("sonde.help: nothing is known about 'qqxxyyzz'; help() shows what there is", 1, true))
assert(page(nil):find("nil has no page", 1, true))

-- The tour fits a screen and names what there is.
local tour = page()
local _, height = tour:gsub("\n", "\n")
assert(height >= 24 and height <= 40, height)
for _, name in ipairs{ "sonde ", "nn ", "?start", "??nn.mlp", ":example", "what-if", "training", "?string" } do
  assert(tour:find(name, 1, true), name)
end
for line in (tour .. "\n"):gmatch("([^\n]*)\n") do assert(utf8.len(line) <= 80, line) end

-- Everything that is named has a page, and leads only to pages that are there.
local names = sonde.reference()
local known = {}
for _, name in ipairs(names) do
  assert(not known[name], name)
  known[name] = true
end
for _, name in ipairs(names) do
  local entry = sonde.reference(name)
  assert(entry.name == name and #entry.summary > 0 and #entry.kind > 0, name)
  for _, other in ipairs(entry.see) do assert(known[other], name .. " leads to " .. other) end
  if entry.signature or entry.methods then assert(#entry.see > 0, name .. " leads nowhere") end
end

-- The reference has what the page has.
local reference = sonde.reference(sonde.arange)
assert(reference.name == "sonde.arange" and reference.kind == "a function" and not reference.variadic)
assert(reference.parameters[2].name == "b" and reference.parameters[2].default == "nil")
assert(reference.parameters[3].default == "1" and reference.parameters[1].default == nil)
assert(reference.options[1].name == "dtype" and reference.errors == "a step of 0, numbers that are not finite")
assert(#sonde.reference("tensor").methods > 200 and sonde.reference("tensor").fields[1] == "shape")
local ok, text = pcall(sonde.reference, "nn.mpl")
assert(not ok and text:find("sonde.reference: nothing is named 'nn.mpl', did you mean 'nn.mlp'?", 1, true))

-- Every function of Lua's libraries is told of, and nothing else.
for _, library in ipairs{ "coroutine", "debug", "io", "math", "os", "package", "string", "table", "utf8" } do
  for name in pairs(_G[library]) do assert(known[library .. "." .. name], library .. "." .. name) end
  starts(page(_G[library]), library .. "\n")
end
for _, name in ipairs(names) do
  local library, field = name:match("^(%l[%l%d]*)%.([%w_]+)$")
  if library and _G[library] and sonde.reference(name).kind == "part of Lua" then
    assert(_G[library][field] ~= nil or sonde.reference(name).summary:find("not in every build"), name)
  end
end
for name, value in pairs{ assert = assert, pcall = pcall, print = print, tostring = tostring, ["string.format"] = string.format,
  ["coroutine.wrap"] = coroutine.wrap, ["file:read"] = io.stdout.read, ["string.rep"] = ("x").rep } do
  starts(page(value), name .. "(")
  same(page(value), page(name))
end
starts(page(io.stdout), "file\n")
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true until while")
  :gmatch("%a+") do
  starts(page(word), word .. "\n")
end
for _, operator in ipairs{ "+", "-", "*", "/", "//", "%", "^", "#", "..", "==", "~=", "<", "<=", ">", ">=", "&", "|", "~", "<<", ">>" } do
  starts(page(operator), operator .. "\n")
end

-- Functions of the user's: parameters, the place, the comment right above.

-- Adds two numbers.
--   Both are needed.
local function add(a, b, ...) return a + b end

local here = debug.getinfo(add).linedefined
same(page(add), ([[
add(a, b, ...)
  Adds two numbers.
  Both are needed.

Defined in
  %s:%d]]):format(debug.getinfo(add).short_src, here))

local t = {}
function t.twice(x)
  return 2 * x
end
starts(page(t.twice), "t.twice(x)\n")
t.other = function() end
starts(page(t.other), "t.other()\n")
starts(page(load("return 1", "=gone")), "function()\n")

-- A global of the user's, where Sonde has nothing of the name; read raw.
mine = setmetatable({ add = add }, { __index = function() error("an __index ran") end })
starts(page("mine.add"), "mine.add(a, b, ...)\n")
assert(page("mine.other"):find("Nothing is named", 1, true))
starts(page("mine"), "mine\na table\n")

print("ok")
