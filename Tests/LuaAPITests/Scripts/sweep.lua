-- sonde.sweep: cells, seeds, statistics, what a run may do to its process, random draws, bad options.
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

local function close(a, b) return a == b or a ~= a and b ~= b or math.abs(a - b) <= 1e-12 * math.abs(b) end

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

-- Cells: every combination, the last name in the alphabet fastest; a value alone is a list of one.
do
  local s = sweep{grid = {b = {true, false}, a = {"x", "y"}, k = 7}, repeats = 2, seed = 1, run = function(c)
    assert(c.index == (c.cell - 1) * 2 + c.repetition and math.type(c.seed) == "integer")
    assert(sonde.seed() ~= c.seed and c.generator.seed ~= c.seed and c.generator.seed ~= sonde.seed())
    return {index = c.index, what = ("%s %s %s"):format(c.a, c.b, c.k)}
  end}
  local whats = {}
  for i, run in ipairs(s.runs) do
    assert(run.index == i and run.result.index == i and not run.error and run.seconds >= 0, run.error)
    whats[i] = run.result.what
  end
  assert(table.concat(whats, "|")
    == "x true 7|x true 7|x false 7|x false 7|y true 7|y true 7|y false 7|y false 7")
  assert(#s == 4 and s[3].a == "y" and s[3].b == true and s[3].settings.k == 7 and s[-1].b == false and s[5] == nil)
  assert(table.concat(s.names, " ") == "a b k" and table.concat(s.metrics, " ") == "index")
  assert(s.seed == 1 and s.repeats == 2 and s.errors == 0 and not s.interrupted and not s.path and not s.warning)
  assert(sonde.last_sweep() == s)
  local keys = {}
  for key, value in pairs(s) do
    assert(value ~= nil)
    keys[#keys + 1] = key
  end
  assert(table.concat(keys, " ") == "runs metrics names seed repeats errors interrupted")
  local count = 0
  for i, row in ipairs(s) do
    assert(row.cell == i)
    count = i
  end
  assert(count == 4)
end

-- Statistics: mean and sd with n - 1 of 1, 4, 9; booleans as 0 and 1; NaN makes a mean NaN; missing numbers count in n.
do
  local s = sweep{grid = {x = {1, 10}}, repeats = 3, workers = 2, run = function(c)
    local r = {a = c.x * c.repetition ^ 2, b = c.repetition > 1, loss = c.x == 1 and 0/0 or c.repetition, text = "t"}
    if c.repetition == 2 then r.some = 5 end
    return r
  end}
  assert(table.concat(s.metrics, " ") == "a b loss some")
  for i, row in ipairs(s:table()) do
    local x = row.x
    local mean = 14 / 3
    local sd = math.sqrt(((1 - mean) ^ 2 + (4 - mean) ^ 2 + (9 - mean) ^ 2) / 2)
    assert(close(row.mean.a, x * mean) and close(row.sd.a, x * sd) and row.n.a == 3)
    assert(close(row.mean.b, 2 / 3) and close(row.sd.b, math.sqrt(1 / 3)))
    assert(row.mean.some == 5 and row.sd.some ~= row.sd.some and row.n.some == 1)
    assert(row.runs == 3 and row.errors == 0 and row.error == nil)
    if i == 1 then assert(row.mean.loss ~= row.mean.loss and row.n.loss == 3) end
  end
  assert(s:best("a").x == 10 and s:best("a", "min").x == 1 and s:best("loss").x == 10 and s:best("b").cell == 1)
  local head = "sweep: a grid of 2 cells, repeated 3 times: 6 of 6 runs have ended; seed " .. s.seed .. "\n"
  -- sentences are broken between words, as wide as the terminal may be
  assert(tostring(s):gsub("\n  (%S)", " %1") == head .. [[
#   x                a                  b             loss     some  n
1   1  4.667 ± 4.041    0.6667 ± 0.5774 *            nan    5.000 *  3
2  10  46.67 ± 40.41 *  0.6667 ± 0.5774    2.000 ± 1.000 *  5.000    3
mean ± sd (n - 1) over the n runs without an error; * is the best: highest a, highest b, lowest loss, highest some
'some' is no number in 4 of 6 runs]], tostring(s))
  fails("sweep:best: expected the name of a result, one of a, b, loss, some", s.best, s)
  fails("sweep:best: no result 'som', did you mean 'some'?", s.best, s, "som")
  fails("sweep: no field 'tabel', did you mean 'table'?", function() return s.tabel end)
  fails("sweep: expected a cell from 1 to 2, got 4", function() return s[4] end)
end

-- The same bits for any number of workers, trainings among the runs, and for a session with another generator.
do
  local function train(c)
    local net = nn.mlp{inputs = 4, width = 8, depth = 2, outputs = 3, norm = c.norm}
    local ds = data.blobs{samples = 60, classes = 3, features = 4, generator = c.generator}
    local h = net:fit{train = ds, optimizer = optim.SGD(net, {lr = c.lr}), steps = 5, batch = 20}
    return {loss = h.losses[5], draw = math.random(), more = {sonde.rand(2):totable(), {h.losses[1]}}}
  end
  local options = {grid = {lr = {0.01, 0.1}, norm = {"none", "batch"}}, repeats = 2, seed = 11, run = train}
  options.workers = 1
  local alone = results(sweep(options))
  assert(not alone:find("error"), alone)
  for _, workers in ipairs{2, 4} do
    sonde.rand(3)
    math.random()
    options.workers = workers
    assert(results(sweep(options)) == alone)
  end
  -- seeds are all different
  local seen = {}
  for seed in alone:gmatch('"seed"=(%w+)') do
    assert(not seen[seed])
    seen[seed] = true
  end
  options.seed = 12
  assert(results(sweep(options)) ~= alone)
  -- a sweep without a seed takes one from the session's generator
  options.seed = nil
  sonde.seed(3)
  local first = sweep(options)
  sonde.seed(3)
  local second = sweep(options)
  assert(first.seed == second.seed and results(first) == results(second) and sweep(options).seed ~= first.seed)
end

-- A run sees what is around it as it was when the sweep began, and changes none of it.
do
  local count, kept = 0, sonde.ones(3)
  shared = 1
  local s = sweep{grid = {x = {1, 2, 3}}, workers = 1, run = function(c)
    count, shared = count + 1, shared + c.x
    kept:add_(1)
    return {count = count, shared = shared, kept = kept:sum():item(), threads = sonde.threads()}
  end}
  for i, run in ipairs(s.runs) do
    assert(run.result.count == 1 and run.result.shared == 1 + i and run.result.kept == 6)
    assert(run.result.threads == sonde.threads())
  end
  assert(count == 0 and shared == 1 and kept:sum():item() == 3)
  shared = nil
end

-- What comes back: numbers to the bit, infinities and NaN, nested tables, any name; a number alone is 'value'.
do
  local value = {1, 2.0, {a = {true, false}, ["$number"] = "nan", ["$$"] = -0.0}, {}, "é\n\0\"\\"}
  local s = sweep{grid = {x = {1, 2, 3}, list = {{1, 2}, {"a", {b = 1/0}}}}, run = function(c)
    if c.x == 1 then return 0.1 + 0.2 end
    if c.x == 2 then return {nan = 0/0, inf = 1/0, minus = -1/0, big = math.maxinteger, tiny = 5e-324} end
    return {deep = value, ["a b"] = 1}
  end}
  assert(s.runs[1].result.value == 0.1 + 0.2 and s.runs[4].settings.list[2].b == 1/0)
  local r = s.runs[2].result
  assert(r.nan ~= r.nan and r.inf == 1/0 and r.minus == -1/0 and r.big == math.maxinteger and r.tiny == 5e-324)
  assert(math.type(r.big) == "integer")
  local deep = s.runs[3].result.deep
  assert(exact(deep) == exact(value))
  assert(math.type(deep[1]) == "integer" and math.type(deep[2]) == "float" and 1 / deep[3]["$$"] == -1/0)
  assert(s:best("a b").x == 3)
end

-- Whatever a run does to its process is a row.
do
  local pid, told = read("/proc/self/stat"):match("%d+"), os.tmpname()
  -- by a shell that is waited for; it is a child itself
  local function shell(command)
    collectgarbage()
    os.execute(command .. " >" .. told)
    return read(told)
  end
  local function files() return tonumber(shell("ls /proc/" .. pid .. "/fd | wc -l")) end
  local function children()
    local _, count = shell("cat /proc/" .. pid .. "/task/" .. pid .. "/children"):gsub("%d+", "")
    return count - 1
  end
  local before = files()
  local what = {
    function() os.exit(3) end,
    function() os.exit(true, true) end,
    function() os.execute("kill -SEGV $PPID") end,
    function() os.execute("kill -KILL $PPID") end,
    function() while true do end end,
    function() os.execute("sleep 100") end,
    function() error("mine") end,
    function() error({}) end,
    function() error(setmetatable({}, {__tostring = function() return "told" end})) end,
    function() error() end,
    function() end,
    function() return {} end,
    function() return {1, 2} end,
    function() return "done" end,
    function() return {a = sonde.ones(1):sum()} end,
    function() return {a = {1, {b = print}}} end,
    function() return {a = "\xff"} end,
    function() return {[2.5] = 1} end,
    function() return {a = {1, x = 2}} end,
    function() local t = {} t.t = t return t end,
    function() coroutine.yield() end,
    function(c) return {a = c.xx} end,
    function() sweep{grid = {x = {1}}, run = print} end,
    function() return sonde.zeros(1000000, 1000000) end,
    function() local t = setmetatable({}, {__gc = function() error("late") end}) return {fine = 1} end,
  }
  local kinds = {}
  for i = 1, #what do kinds[i] = i end
  local s = sweep{grid = {x = kinds}, workers = 3, timeout = 2, run = function(c) return what[c.x](c) end}
  local table_expected = "expected a table of results such as {accuracy=0.9}"
  local plain = "expected numbers, strings, booleans or tables of them"
  local expected = {
    "ended its process with status 3 instead of returning; os.exit does so",
    "ended its process with status 0 instead of returning; os.exit does so",
    "its process was ended by signal 11 (Segmentation fault)",
    "its process was ended by signal 9 (Killed); the system does so when memory is short",
    "took longer than its timeout of 2 s and was ended",
    "took longer than its timeout of 2 s and was ended",
    "mine",
    "(error object is a table value)",
    "told",
    "nil",
    "run returned nothing, " .. table_expected,
    "run returned an empty table, " .. table_expected,
    "run returned a sequence, " .. table_expected,
    "run returned 'done', " .. table_expected,
    "run returned a tensor of shape [] at .a, " .. plain .. "; t:item() gives a number, t:totable() a table",
    "run returned a function at .a[2].b, " .. plain,
    "run returned a string that is no UTF-8 at .a, " .. plain,
    "run returned a table with the key 2.5, " .. plain,
    "run returned a table with a sequence and the key 'x' at .a, " .. plain,
    "run returned tables in each other more than 32 deep at " .. (".t"):rep(33) .. ", " .. plain,
    "attempt to yield from outside a coroutine",
    "sonde.sweep: c has no setting 'xx', did you mean 'x'?",
    "sonde.sweep: a run of a sweep can't begin another; put the settings of both into one",
  }
  for i, text in ipairs(expected) do
    local message = s.runs[i].error:gsub("^[^:]+%.lua:%d+: ", "")
    assert(message == text, i .. ": " .. message .. "\nexpected: " .. text)
  end
  assert(s.runs[24].error:find("not enough memory: a tensor of 3.6 TiB", 1, true), s.runs[24].error)
  assert(s.runs[25].result.fine == 1)
  assert(s.errors == #what - 1 and s[1].errors == 1 and s[1].error == expected[1] and s[1].n.fine == 0)
  assert(s.runs[5].seconds >= 2 and s.runs[5].seconds < 10)
  -- nothing is left of them
  assert(files() == before, files() .. " files, before " .. before)
  assert(children() == 0, children() .. " children")
  os.remove(told)
end

do
  local s = sweep{grid = {x = {1}}, run = function() return {a = ("x"):rep(17 << 20)} end}
  assert(s.runs[1].error == "run returned 17 MiB of results, expected at most 16 MiB; sonde.save keeps tensors in files")
end

-- What a run has started and left ends with it.
do
  local path = os.tmpname()
  local s = sweep{grid = {x = {1, 2}}, run = function(c)
    os.execute("sleep 60 & echo $! >>" .. path)
    if c.x == 2 then error("left") end
    return {y = 1}
  end}
  assert(s.errors == 1 and #s.runs == 2)
  local count = 0
  for pid in read(path):gmatch("%d+") do
    -- gone, or a zombie that nobody has waited for yet; a signal takes its time
    local state
    for _ = 1, 100 do
      local file = io.open("/proc/" .. pid .. "/stat")
      state = file and file:read("a"):match("%) (%a)")
      if file then file:close() end
      if not state or state == "Z" then break end
      os.execute("sleep 0.02")
    end
    assert(not state or state == "Z", state)
    count = count + 1
  end
  assert(count == 2)
  os.remove(path)
end

-- Random draws: from the seed alone, within their bounds, evenly spread.
do
  local options = {samples = 60, seed = 2, workers = 4, run = function(c) return {one = 1} end, random = {
    u = {"uniform", -1, 3}, l = {"log_uniform", 1e-4, 1}, n = {"normal", 5, 2}, i = {"integer", -1, 1},
    c = {"choice", "a", true, 3}, d = {"choice", {"x", "y"}}, k = "fixed", z = {"uniform", 2, 2},
    f = function(g) return {sonde.randint(1, 6, {1}, {generator = g}):item()} end,
  }}
  local s = sweep(options)
  assert(results(sweep(options)) == results(s))
  local sum, seen = {u = 0, l = 0, n = 0, square = 0}, {}
  for _, cell in ipairs(s) do
    -- row.n counts runs: a setting of such a name is among the settings alone
    local row = cell.settings
    assert(cell.u == row.u and cell.n.one == 1 and cell.mean.one == 1)
    assert(row.u >= -1 and row.u < 3 and row.l >= 1e-4 and row.l <= 1 and row.k == "fixed" and row.z == 2)
    assert(math.type(row.i) == "integer" and row.i >= -1 and row.i <= 1 and row.f[1] >= 1 and row.f[1] <= 6)
    for _, name in ipairs{"i", "c", "d"} do seen[name .. tostring(row[name])] = true end
    sum.u, sum.l, sum.n = sum.u + row.u, sum.l + math.log(row.l), sum.n + row.n
    sum.square = sum.square + (row.n - 5) ^ 2
  end
  local count = 0
  for _ in pairs(seen) do count = count + 1 end
  assert(count == 3 + 3 + 2)
  -- within four standard errors of what is expected
  local root = math.sqrt(60)
  assert(math.abs(sum.u / 60 - 1) < 4 * 4 / math.sqrt(12) / root)
  assert(math.abs(sum.l / 60 - math.log(1e-2)) < 4 * math.log(1e4) / math.sqrt(12) / root)
  assert(math.abs(sum.n / 60 - 5) < 4 * 2 / root and math.abs(math.sqrt(sum.square / 60) - 2) < 4 * 2 / math.sqrt(120))
  -- the same draws make the same file; a function that draws otherwise is another sweep
  options.path, options.samples = os.tmpname(), 3
  os.remove(options.path)
  local kept = results(sweep(options))
  options.run = error
  assert(results(sweep(options)) == kept)
  options.random.f = function() return 1 end
  fails("sonde.sweep: '" .. options.path .. "': it belongs to another sweep: what it has drawn is something else; "
    .. "it was left as it was, give another path", sweep, options)
  os.remove(options.path)
end

-- Bad options, each a sentence.
do
  local function run() return {y = 1} end
  local function bad(text, options)
    if options.run == nil then options.run = run end
    fails("sonde.sweep: " .. text, sweep, options)
  end
  fails("sonde.sweep: option 'run' is missing: a function of c that returns results by name: numbers, strings, booleans, "
    .. "tables of them; a number alone is 'value'", sweep, {grid = {x = {1}}})
  bad("option 'run' expected a function, got 1", {run = 1})
  bad("expected the option 'grid' or 'random', got neither; for example grid={lr={0.01, 0.1}}", {})
  bad("expected one of the options 'grid' and 'random', got both", {grid = {x = {1}}, random = {x = 1}})
  bad("expected at least one setting to vary, got none", {grid = {}})
  bad("option 'grid.x' expected a list of values, got an empty one", {grid = {x = {}}})
  bad("option 'grid.x' expected a list of values, got a table of names", {grid = {x = {a = 1}}})
  bad("option 'grid.x' has 1 twice; 'repeats' runs a cell again", {grid = {x = {1, 2, 1}}})
  bad("option 'grid.x' expected numbers, strings, booleans or tables of them, got a function at [2]",
    {grid = {x = {1, print}}})
  bad("option 'grid.x' expected numbers, strings, booleans or tables of them, got a network",
    {grid = {x = nn.mlp{inputs = 1, width = 1, depth = 1}}})
  bad("option 'grid' expected names of settings, got the key 1", {grid = {{1, 2}}})
  bad("a setting can't be called 'seed', which c holds of every run; give it another name", {grid = {seed = {1}}})
  bad("option 'samples' goes with 'random'; of a grid all cells are run", {grid = {x = {1}}, samples = 2})
  bad("option 'samples' is missing: how many cells to draw", {random = {x = 1}})
  bad("option 'samples' expected 1 or more, got 0", {random = {x = 1}, samples = 0})
  bad("option 'workers' expected 1 or more, got 0", {grid = {x = {1}}, workers = 0})
  bad("option 'workers' expected 1 to 64, got 1000", {grid = {x = {1}}, workers = 1000})
  bad("option 'repeats' expected 1 or more, got 0", {grid = {x = {1}}, repeats = 0})
  bad("option 'repeats' expected an integer, got 1.5", {grid = {x = {1}}, repeats = 1.5})
  bad("option 'timeout' expected seconds above 0, got -1", {grid = {x = {1}}, timeout = -1})
  bad("option 'timeout' expected seconds above 0, got nan", {grid = {x = {1}}, timeout = 0/0})
  bad("option 'seed' expected 0 or more, got -1", {grid = {x = {1}}, seed = -1})
  bad("unknown option 'repeat', did you mean 'repeats'?", {grid = {x = {1}}, ["repeat"] = 2})
  bad("expected at most 1000000 runs, got more; vary fewer settings, or draw samples of them",
    {grid = {x = {1}}, repeats = 1000001})
  local many = {}
  for i = 1, 1001 do many[i] = i end
  bad("expected at most 1000000 runs, got more; vary fewer settings, or draw samples of them",
    {grid = {x = many, y = many}})
  local function random(x, text)
    bad("option 'random.x' expected " .. text, {random = {x = x}, samples = 2})
  end
  local kinds = 'a list that begins with "uniform", "log_uniform", "normal", "integer" or "choice", a function or one value'
  random({"unifrm", 1, 2}, kinds .. ", got 'unifrm', did you mean 'uniform'?")
  random({1, 2}, kinds .. ", got 1")
  random({a = 1}, '{"uniform", low, high} or its like, a function or one value, got a table of names')
  random({"uniform", 1}, '{"uniform", low, high} with two finite numbers, got {uniform, 1}')
  random({"normal", 0, 1/0}, '{"normal", mean, sd} with two finite numbers, got {normal, 0, inf}')
  random({"uniform", 2, 1}, '{"uniform", low, high} with low <= high, got {uniform, 2, 1}')
  random({"log_uniform", 0, 1}, '{"log_uniform", low, high} with 0 < low <= high, got {log_uniform, 0, 1}')
  random({"normal", 0, -1}, '{"normal", mean, sd} with an sd of at least 0, got {normal, 0, -1}')
  random({"integer", 0.5, 2}, '{"integer", low, high} with whole numbers, got {integer, 0.5, 2}')
  random({"integer", -1e300, 1e300}, '{"integer", low, high} with whole numbers, got {integer, -1e+300, 1e+300}')
  random({"integer", -9e18, 9e18}, '{"integer", low, high} less than 2^62 apart, got {integer, -9e+18, 9e+18}')
  random({"integer", math.mininteger, math.maxinteger}, '{"integer", low, high} with whole numbers, '
    .. 'got {integer, ' .. math.mininteger .. ', ' .. math.maxinteger .. '}')
  random({"choice"}, 'values to choose from behind "choice", got none')
  fails("draws", sweep, {random = {x = function() error("draws") end}, samples = 1, run = run})
  bad("the function 'random.x' expected to return numbers, strings, booleans or tables of them, got nil",
    {random = {x = function() end}, samples = 1})
end

-- Within a coroutine, and where the results are not held.
do
  local s = coroutine.wrap(function() return sweep{grid = {x = {1, 2}}, run = function(c) return {y = c.x} end} end)()
  assert(s[2].mean.y == 2)
  s = nil
  collectgarbage()
  assert(sonde.last_sweep()[2].mean.y == 2)
end

print("ok")
