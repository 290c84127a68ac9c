-- What sonde.sweep keeps, writes and draws: results files that are gone on with, tables, pictures.
local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "expected: " .. text)
  message = message:gsub("^[^:]+:%d+: ", "")
  assert(message == text, message .. "\nexpected: " .. text)
end

local function sweep(options)
  options.progress = false
  return sonde.sweep(options)
end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

-- a value to its last bit, tables by sorted keys
local function exact(value)
  if type(value) ~= "table" then return math.type(value) == "float" and ("%a"):format(value) or ("%q"):format(value) end
  local fields = {}
  for key, field in pairs(value) do fields[#fields + 1] = ("%q"):format(key) .. "=" .. exact(field) end
  table.sort(fields)
  return "{" .. table.concat(fields, ", ") .. "}"
end

-- the seconds alone are the clock's
local function results(s)
  local lines = {}
  for i, run in ipairs(s.runs) do
    run.seconds = nil
    lines[i] = exact(run)
  end
  return table.concat(lines, "\n")
end

-- Files: a header and a line a run; the same call goes on, whatever happened to the last line.
do
  local path, made = os.tmpname(), os.tmpname()
  os.remove(path)
  local function options(change)
    local o = {grid = {x = {1, 2}, name = {"a", "é\n"}}, repeats = 2, seed = 5, workers = 2, path = path, run = function(c)
      local file <close> = io.open(made, "a")
      file:write(c.index, "\n")
      if c.index == 3 then error("third") end
      return {y = c.x + sonde.rand():item(), z = 0/0}
    end}
    for name, value in pairs(change or {}) do o[name] = value end
    return o
  end
  local function count()
    local _, n = read(made):gsub("\n", "")
    return n
  end
  local first = sweep(options())
  local whole, text = results(first), read(path)
  assert(count() == 8 and first.path == path and first.errors == 1 and #first.runs == 8)
  assert(text:match("^[^\n]+")
    == '{"sonde_sweep":1,"version":"' .. sonde.version .. '","seed":5,"repeats":2,"grid":{"name":["a","é\\n"],"x":[1,2]}}')
  local _, lines = text:gsub("\n", "")
  assert(lines == 9)
  -- nothing is left to do, with the seed of the file too; errors are made again when asked for
  assert(results(sweep(options())) == whole and count() == 8 and read(path) == text)
  local again = options()
  again.seed = nil
  assert(results(sweep(again)) == whole and count() == 8)
  assert(results(sweep(options{retry = true})) == whole and count() == 9)
  assert(#read(path) > #text and results(sweep(options())) == whole and count() == 9)
  local fixed = sweep(options{retry = true, run = function() return {y = 1} end})
  assert(fixed.errors == 0 and #fixed.runs == 8 and sweep(options()).runs[3].result.y == 1)
  -- cut anywhere, what is whole is kept and the rest is made
  for cut = 0, #text, #text // 13 do
    write(path, text:sub(1, cut))
    write(made, "")
    local _, kept = text:sub(1, cut):gsub("\n", "")
    assert(results(sweep(options())) == whole)
    assert(count() == 8 - math.max(0, kept - 1), cut)
    local _, after = read(path):gsub("\n", "")
    assert(after == 9)
  end
  -- another sweep's file is refused and left as it is
  write(path, text)
  local ours = "sonde.sweep: '" .. path .. "': "
  local function refused(difference, change)
    fails(ours .. "it belongs to another sweep: " .. difference .. "; it was left as it was, give another path",
      sweep, options(change))
    assert(read(path) == text)
  end
  refused("its grid.x is {1, 2}, here it is {1, 3}", {grid = {x = {1, 3}, name = {"a", "é\n"}}})
  refused("its grid.name is missing here", {grid = {x = {1, 2}}})
  refused("it has no grid.z", {grid = {x = {1, 2}, name = {"a", "é\n"}, z = {1}}})
  refused("its repeats is 2, here it is 3", {repeats = 3})
  refused("its seed is 5, here it is 6", {seed = 6})
  local random = options{random = {x = 1}, samples = 1}
  random.grid = nil
  fails(ours .. "it belongs to another sweep: it has no random; it was left as it was, give another path", sweep, random)
  -- so are files of other kinds, and lines that are none of it
  local function garbage(bytes, message)
    write(path, bytes)
    local ok, got = pcall(sweep, options())
    assert(not ok and got:find(message, 1, true), got)
    assert(read(path) == bytes)
  end
  garbage("lr,norm\n0.1,batch\n", "expected a file of a sweep's results, got one that begins with 'lr,norm'")
  garbage("no end of a line", "expected a file of a sweep's results, got one that begins with 'no end of a line'")
  garbage("\0\1\2\xff\xfe\n", "expected text in UTF-8, got other bytes")
  garbage('{"sonde_sweep":1,"seed\n', "line 1")
  garbage('{"sonde_sweep":2}\n', "expected results in format 1, got format 2 of another version of Sonde")
  local head, rest = text:match("^([^\n]+\n)(.*)$")
  local cure = " is no result of this sweep; take it out, and its run is made again"
  garbage(head .. "what\n" .. rest, "line 2" .. cure)
  garbage(head .. rest:gsub('"seed":%d', '"seed":1%0', 1), "line 2" .. cure)
  garbage(head .. rest:gsub('"run":%d', '"run":90', 1), "line 2" .. cure)
  garbage(head .. rest:gsub('"seconds"', '"second"', 1), "line 2" .. cure)
  fails("sonde.sweep: '/nowhere/x': cannot create it: No such file or directory", sweep, options{path = "/nowhere/x"})
  fails("sonde.sweep: '/tmp': expected a file, got a directory", sweep, options{path = "/tmp"})
  fails("sonde.sweep: '/dev/null': expected a regular file to replace, got a device, pipe or socket",
    sweep, options{path = "/dev/null"})
  os.remove(path)
  os.remove(made)
end

-- Files of values separated by commas.
do
  local path = os.tmpname()
  local s = sweep{grid = {x = {1, 2}, ["a,b"] = {'q"'}}, repeats = 2, seed = 3, run = function(c)
    if c.index == 4 then error("no, not\nthis", 0) end
    return {y = c.x / 2 * c.repetition, ok = true, text = "a b"}
  end}
  assert(s:csv(path) == s)
  assert(read(path) == [[
cell,"a,b",x,ok_mean,ok_sd,ok_n,y_mean,y_sd,y_n,runs,errors
1,"q""",1,1.0,0.0,2,0.75,0.3535533905932738,2,2,0
2,"q""",2,1.0,nan,1,1.0,nan,1,2,1
]])
  s:csv(path, {runs = true})
  local seeds = {}
  for i, run in ipairs(s.runs) do seeds[i] = run.seed end
  assert(read(path) == ([[
run,cell,repetition,seed,"a,b",x,ok,text,y,error
1,1,1,%d,"q""",1,true,a b,0.5,
2,1,2,%d,"q""",1,true,a b,1.0,
3,2,1,%d,"q""",2,true,a b,1.0,
4,2,2,%d,"q""",2,,,,"no, not
this"
]]):format(table.unpack(seeds)))
  os.remove(path)
  fails("sweep:csv: '/nowhere/x.csv': cannot create it: No such file or directory", s.csv, s, "/nowhere/x.csv")
end

-- Pictures: curves along one setting, one for each word of another, maps of two numbers, points of random draws.
do
  local function run(c) return {acc = c.lr + (rawget(c, "depth") or 0), loss = c.repetition} end
  local function has(text, ...)
    -- where in its line a label stands is the picture's own business
    text = text:gsub("\n +", "\n")
    for _, part in ipairs{...} do assert(text:find(part, 1, true), part .. " is not in\n" .. text) end
  end
  local s = sweep{grid = {lr = {1e-3, 1e-2, 0.1}, norm = {"none", "batch"}}, repeats = 3, run = run}
  has(s:plot{text = true}, "sweep of 18 runs\n18 results, mean ± sd over the runs\nacc\n", "\nloss\n", "norm none", "norm batch",
    "\nlr\n", "0.01")
  local text = s:plot{text = true, metric = "acc", x = "norm"}
  has(text, "\nnorm\n", "over all of lr")
  assert(text:find("\n +none +batch\n"), text)
  assert(not text:find("loss"))
  fails("sweep:plot: no result 'acx', did you mean 'acc'?", s.plot, s, {metric = "acx"})
  fails("sweep:plot: option 'by' expected a setting, got 'nrm', did you mean 'norm'?", s.plot, s, {by = "nrm"})
  fails("sweep:plot: options 'x' and 'by' expected two settings, got 'lr' twice", s.plot, s, {x = "lr", by = "lr"})
  local map = sweep{grid = {lr = {1e-3, 1e-2, 0.1}, depth = {1, 2, 3, 4}}, run = run}
  has(map:plot{text = true, metric = "acc"}, "depth", "\n0.1 ┤", "\n0.01 ┤", "\n0.001 ┤")
  -- words that have no room are numbered, and told below
  local words = sweep{grid = {init = {"he_normal", "normal(0.01)", "uniform(-0.1, 0.1)"}, norm = {"none", "a\27[7mb"}}, repeats = 2,
    run = function(c) return {acc = c.repetition} end}
  text = words:plot{text = true, x = "init", by = "norm", width = 100}
  assert(text:find("\n +he_normal +normal%(0.01%) +uniform%(%-0.1, 0.1%)\n +init\n") and text:find("\na\\x1b[7mb ┤", 1, true), text)
  text = words:plot{text = true, x = "init", by = "norm", width = 60}
  assert(text:find("\n +1 +2 +3\n *init: 1 he_normal, 2 normal%(0.01%), 3 uniform"), text)
  has(sweep{random = {lr = {"log_uniform", 1e-4, 1}, depth = {"integer", 1, 9}}, samples = 6, run = run}:plot{text = true},
    "\nlr\n", "\ndepth", "acc")
  local none = sweep{grid = {x = {1}}, run = function() return {word = "a"} end}
  fails("sweep:plot: no run has a result that is a number", none.plot, none)
  fails("sweep:best: no run has a result that is a number", none.best, none)
  assert(tostring(none):find("1 of 1 runs have ended", 1, true))
end

print("ok")
