-- sonde.compare: reports side by side, rows aligned, factors, and words where there is no factor.
local function equal(a, b, what) if a ~= b then error(("%s: %s, expected %s"):format(what or "value", tostring(a), tostring(b)), 2) end end

local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error: " .. text)
  assert(message:find("^[^:]*compare%.lua:%d+: "), "not blamed on this file: " .. message)
  message = message:gsub("^[^:]+%.lua:%d+: ", "")
  if message ~= text then error("expected: " .. text .. "\n     got: " .. message, 2) end
end

-- What it prints goes through the user's own print.
local printed
local original = print
local function capture(f, ...)
  printed = nil
  print = function(...)
    assert(printed == nil, "printed once")
    printed = ...
  end
  local results = table.pack(pcall(f, ...))
  print = original
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end
local function lines() return printed:gmatch("([^\n]*)\n?") end
local function row(number)
  local count = 0
  for line in lines() do
    count = count + 1
    if count == number then return line end
  end
end

sonde.seed(1)
local x = sonde.randn(40, 10)
local net = nn.mlp{ inputs = 10, width = 12, depth = 3, outputs = 3, seed = 7 }
local before = net:probe(x, { upstream = "ones" })
net[2].linear.weight:mul_(2)
local after = net:probe(x, { upstream = "ones" })
net[2].linear.weight:mul_(0.5)

-- Two reports: one table; doubled weights double what comes after, and the gradient before, exactly.
local c = capture(sonde.compare, before, after)
equal(#c, 4)
equal(table.concat(c.names, " "), "r1 r2")
-- print fits the terminal and tells what it leaves out, the text has it all
if not os.getenv("COLUMNS") then
  for line in lines() do assert(utf8.len(line) <= 80, line) end
  assert(printed:find("\nnot shown: std dL/dW; c:text() has all columns", 1, true), printed)
end
printed = c:text()
equal(row(1), "x: times r1")
equal(row(2):gsub(" +", " "), "# layer std h: r1 r2 std dL/dh: r1 r2 std dL/dW: r1 r2")
equal(row(3):match("^1  Block .* (=)"), "=")
assert(row(3):find("x2"), row(3))
assert(row(4):find(" x2 ", 1, true), row(4))
equal(row(7) or "", "")
for place = 1, 4 do
  local line = c[place]
  equal(line.kind, place == 4 and "head" or "Block")
  assert(line.rows.r1 == place and line.rows.r2 == place)
  equal(line["activation.std"].r1, before[place].activation.std)
  equal(line["activation.std"].r2, after[place].activation.std)
  equal(line.factors["activation.std"].r2, after[place].activation.std / before[place].activation.std)
  equal(line.factors["activation.std"].r1, nil)
  assert(place == 4 or math.abs(line.factors["gradient.std"].r2 - (place == 1 and 2 or 1)) < 1e-6)
end
assert(c[5] == nil and c[-1].kind == "head")
fails("comparison: row 6 is outside 1 to 4", function() return c[6] end)
fails("comparison: no field 'nmaes', did you mean 'names'?", function() return c.nmaes end)
equal(tostring(c), "comparison of r1, r2: 4 rows; c:text() is the table")
local rms = c:column("activation.rms")
assert(#rms.r1 == 4 and rms.r2[4] == after[4].activation.rms)
fails("report:column: unknown column 'activation.rsm', did you mean 'activation.rms'?", c.column, c, "activation.rsm")

-- Names: of a table, of options; the base is what factors are of.
c = capture(sonde.compare, { before = before, after = after })
equal(table.concat(c.names, " "), "after before")
equal(c[2].factors["activation.std"].before, before[2].activation.std / after[2].activation.std)
c = capture(sonde.compare, { before = before, after = after }, { base = "before", columns = { "gradient.rms" } })
equal(table.concat(c.names, " "), "before after")
assert(row(1) == "x: times before" and row(2):find("rms dL/dh: before"), row(2))
c = capture(sonde.compare, before, after, { names = { "one", "two" } })
equal(table.concat(c.names, " "), "one two")
-- base= names the report the factors are of, wherever it stands, in a list and in arguments; it comes first
c = capture(sonde.compare, before, after, { base = "r2" })
equal(table.concat(c.names, " "), "r2 r1")
equal(row(1), "x: times r2")
equal(c[2].factors["activation.std"].r1, before[2].activation.std / after[2].activation.std)
equal(c[2].factors["activation.std"].r2, nil)
c = capture(sonde.compare, { before, after }, { names = { "one", "two" }, base = "two" })
equal(table.concat(c.names, " "), "two one")
equal(c[2]["activation.std"].two, after[2].activation.std)
c = capture(sonde.compare, before, after, before, { base = "r3" })
equal(table.concat(c.names, " "), "r3 r1 r2")
fails("sonde.compare: option 'base' expected the name of a report, one of r1, r2, got 'r3', did you mean 'r1'?", sonde.compare, before, after, { base = "r3" })
fails("sonde.compare: option 'base' expected the name of a report, one of after, before, got 'befor', did you mean 'before'?",
  sonde.compare, { before = before, after = after }, { base = "befor" })
fails("sonde.compare: option 'base' expected the name of a report, one of one, two, got 'zzzzzz'", sonde.compare, { before, after },
  { names = { "one", "two" }, base = "zzzzzz" })
fails("sonde.compare: option 'base' expected the name of one report, got 'a', that of several", sonde.compare, before, after,
  { names = { "a", "a" }, base = "a" })
c = capture(sonde.compare, { before, after, before }, { names = { "one" }, columns = { "activation.std", "activation.zeros" } })
equal(table.concat(c.names, " "), "one r2 r3")
assert(printed:find("std h: one", 1, true) and printed:find("zeros h: one", 1, true) and printed:find(" %%"))

-- The same twice: nothing but equality.
c = capture(sonde.compare, before, before)
for place = 1, 4 do equal(c[place].factors["weight_gradient.std"].r2, 1) end
assert(not printed:find("x%d") and printed:find("="))

-- Variants of a what-if go by their names.
local w = net:whatif(x, { batchnorm = "before", apply = { function() end, function() error("no") end } })
c = capture(sonde.compare, w[1], w[2])
equal(table.concat(c.names, "; "), "as it is; batchnorm=before apply=f1")
assert(printed:find("%- rows") == nil)
fails("sonde.compare: expected variants that could be probed, got one that failed: " .. w[3].error, sonde.compare, w[1], w[3])

-- Other depths: what is shared is beside each other, the head beside the head, and it is told.
local deep = net:rebuild{ depth = 5, seed = 1 }:probe(x, { upstream = "ones" })
c = capture(sonde.compare, before, deep)
equal(#c, 6)
for place = 1, 3 do assert(c[place].rows.r1 == place and c[place].rows.r2 == place) end
assert(c[4].rows.r1 == nil and c[4].rows.r2 == 4 and c[5].rows.r2 == 5 and c[6].rows.r1 == 4 and c[6].rows.r2 == 6)
assert(c[4]["activation.std"].r1 ~= c[4]["activation.std"].r1 and c[4].factors["activation.std"].r2 ~= c[4].factors["activation.std"].r2)
assert(row(6):find("^%-/4  Block +%- "), row(6))
assert(printed:find("- rows: r1 4, r2 6; aligned by name and kind, - where there is none", 1, true))
c = capture(sonde.compare, deep, before)
equal(#c, 6)
assert(c[5].rows.r1 == 5 and c[5].rows.r2 == nil and c[6].rows.r2 == 4)

-- Other kinds: rows put in between are alone, one nonlinearity stands beside another.
local line = nn.Sequential{ nn.Linear(10, 5, { name = "first" }), nn.ReLU(), nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 2) }
local plain = line:probe(x)
local normed = line:clone():batchnorm("before"):activation("tanh"):probe(x)
c = capture(sonde.compare, plain, normed)
local kinds = {}
for place, one in ipairs(c) do kinds[place] = one.kind end
equal(table.concat(kinds, " "), "Linear BatchNorm ReLU / Tanh Linear BatchNorm ReLU / Tanh Linear")
assert(c[3].rows.r1 == 2 and c[3].rows.r2 == 3)
-- three of them, each with rows of its own
c = capture(sonde.compare, plain, normed, line:clone():remove(2):probe(x))
equal(#c, 7)
assert(c[3].rows.r3 == nil and c[4].rows.r3 == 2 and c[7].rows.r3 == 4)
-- one with a quantity that the other lacks
assert(c[2]["weight.std"] == nil and c:column("weight.std").r1[1] > 0)

-- Zeros, NaN and infinities in words.
local function probe(value)
  return nn.mlp{ inputs = 3, width = 3, depth = 1, dtype = "float64", init = function(shape) return sonde.full(shape, value, { dtype = "float64" }) end,
    activation = "linear" }:probe(sonde.tensor({ { 1, 2, 3 }, { 3, 4, 6 } }, { dtype = "float64" }), { upstream = "ones" })
end
local NAN, INF = 0 / 0, math.huge
local function ends(a, b, text)
  capture(sonde.compare, probe(a), probe(b), { columns = { "activation.rms" } })
  assert(row(3):sub(-#text - 1) == " " .. text, ("%s %s: %s"):format(a, b, row(3)))
end
ends(1, 1, "=")
ends(0, 0, "=")
ends(NAN, NAN, "=")
ends(0, 1, "from 0")
ends(1, 0, "to 0")
ends(1, NAN, "to nan")
ends(NAN, 1, "from nan")
ends(1, INF, "to inf")
ends(INF, 1, "from inf")
ends(1, 4, "x4")
ends(1, -4, "x4")
ends(2, 1, "x0.5")
ends(1, 1e30, "x1.00e+30")
ends(1e-200, 1e200, "x1e+400")
ends(1e200, 1e-200, "x1e-400")

-- What differs beside the rows is told.
c = capture(sonde.compare, net:probe(x, { target = sonde.ones(40) }), net:probe(x * 2, { target = sonde.ones(40) }))
assert(printed:find("\n- loss: r1 ", 1, true) and printed:find("\n- std of the input: r1 ", 1, true))

-- No locale has a say in numbers.
local plainText = c:text()
for _, name in ipairs{ "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "C.UTF-8" } do
  if os.setlocale(name, "numeric") then
    equal(c:text(), plainText, name)
    os.setlocale("C", "numeric")
  end
end

-- Never more than a screen.
local tall = nn.mlp{ inputs = 4, width = 4, depth = 120 }:probe(sonde.randn(5, 4))
c = capture(sonde.compare, tall, tall)
assert(select(2, printed:gsub("\n", "")) <= 45 and printed:find("... of 120 rows; c:text() shows all", 1, true))
assert(select(2, c:text():gsub("\n", "")) >= 121)

-- What can't be compared.
fails("sonde.compare: expected at least two reports, got 0", sonde.compare)
fails("sonde.compare: expected at least two reports, got 1", sonde.compare, before)
-- what a table's metamethods raise is not asked for
local function raise() error("asked") end
local asking = setmetatable({}, { __len = raise, __index = raise, __pairs = raise })
fails("sonde.compare: expected at least two reports, got 0", sonde.compare, asking)
fails("sonde.compare: expected at least two reports, got 1", sonde.compare, before, { names = asking, columns = asking })
c = capture(sonde.compare, before, after, { names = asking })
assert(c.names[1] == "r1" and c.names[2] == "r2")
fails("sonde.compare: expected at least two reports, got 1", sonde.compare, { one = before })
fails("sonde.compare: expected at least two reports, got 0", sonde.compare, {})
fails("sonde.compare: expected reports of net:probe or variants of net:whatif, got number as r2", sonde.compare, before, 3)
fails("sonde.compare: expected reports of net:probe or variants of net:whatif, got network as b", sonde.compare, { a = before, b = net })
fails("report:column: unknown column 'gradient.sdt', did you mean 'gradient.std'?", sonde.compare, before, after, { columns = { "gradient.sdt" } })
fails("sonde.compare: option 'columns' expected a table, got 'gradient.std'", sonde.compare, before, after, { columns = "gradient.std" })
print("ok")
