-- A report that is read back is the report: it prints, predicts, diagnoses and draws as the one that was saved, for nets of every
-- kind; and whatever else lies in a file is an error with its place, or a report that works.
local function refuses(text, f, ...)
  local fine, message = pcall(f, ...)
  message = tostring(message):gsub("^[^:]*:%d+: ", "")
  assert(not fine and message == text, message)
end
local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end
local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end
local path, page, other = os.tmpname() .. ".json", os.tmpname() .. ".html", os.tmpname() .. ".html"

-- Everything that pairs reach, with every digit; NaN is as good as NaN.
local function flat(value, lines, place)
  if type(value) ~= "table" and type(value) ~= "userdata" then
    lines[#lines + 1] = place .. " = " .. (type(value) == "number" and ("%q"):format(value == value and value or 0 / 0) or tostring(value))
    return lines
  end
  local keys, members = {}, {}
  for key, member in pairs(value) do
    keys[#keys + 1] = tostring(key)
    members[tostring(key)] = member
  end
  table.sort(keys)
  for _, key in ipairs(keys) do flat(members[key], lines, place .. "." .. key) end
  return lines
end

-- A prediction as a table, which pairs reach into.
local function open(theory)
  local rows = {}
  for i = 1, #theory do
    rows[i] = {}
    for _, name in ipairs{ "name", "kind", "reason", "notes", "law", "factor", "gradient_factor", "preactivation", "activation",
      "gradient", "weight", "weight_gradient" } do rows[i][name] = theory[i][name] end
  end
  return { rows = rows, drift = theory.drift, drift_spread = theory.drift_spread, ends = theory.ends }
end

local function same(a, b, what)
  local one, two = a, b
  if type(a) ~= "string" then one, two = table.concat(flat(a, {}, ""), "\n"), table.concat(flat(b, {}, ""), "\n") end
  assert(#one > 0 and one == two, ("%s:\n%s\n--- read back:\n%s"):format(what, one:sub(1, 2000), two:sub(1, 2000)))
end

-- The whole of what a report says, with the loaded one's; answers the loaded one. Pictures take their time, `words` are without.
local function comesBack(r, what, words)
  r:save(path)
  local text = read(path)
  local loaded = sonde.load_report(path)
  same(tostring(r), tostring(loaded), what .. ": print")
  same(r:text(), loaded:text(), what .. ": text")
  same(r, loaded, what .. ": figures")
  local theory, again = r:theory(), loaded:theory()
  same(tostring(theory), tostring(again), what .. ": theory")
  same(theory:text(), again:text(), what .. ": theory's text")
  assert(#theory == #r)
  same(open(theory), open(again), what .. ": theory's figures")
  local sick, found = r:diagnose(), loaded:diagnose()
  assert(#sick == #found, what)
  if #sick > 0 then same(sick, found, what .. ": diagnosis") end
  loaded:save(path)
  same(text, read(path), what .. ": saved again")
  if words then return loaded, text end
  same(r:plot{ text = true }, loaded:plot{ text = true }, what .. ": plot")
  r:report(page)
  loaded:report(other)
  same(read(page), read(other), what .. ": page")
  return loaded, text
end

-- Nets of every kind.
sonde.seed(11)
local x = sonde.randn(40, 12)
local good
do
  local r = nn.mlp{ inputs = 12, width = 16, depth = 6, norm = "batch", outputs = 3, init = "normal(0.01)" }:probe(x)
  local loaded, text = comesBack(r, "batch norm")
  assert(loaded:theory()[2].law == r:theory()[2].law and loaded:plot{ text = true }:find("batch norm", 1, true))
  good = text
  comesBack(nn.mlp{ inputs = 12, width = 16, depth = 4, norm = "layer", norm_position = "after", activation = "tanh" }:probe(x), "layer norm")
  comesBack(nn.mlp{ inputs = 12, width = 12, depth = 5, residual = true, norm = "batch" }:probe(x), "residual blocks")
  local sick = nn.mlp{ inputs = 12, width = 12, depth = 30, init = "normal(0.01)", bias = false }:probe(x)
  loaded = comesBack(sick, "vanishing")
  -- the law and the cure need the network
  assert(loaded:diagnose()[1].text:find("as sigma*sqrt(n/2) predicts for normal(0.01)", 1, true))
end
local nested = nn.Sequential{ nn.Linear(12, 9), nn.LayerNorm(9),
  nn.Residual{ nn.LayerNorm(9), nn.LeakyReLU(0.3), nn.Linear(9, 9), nn.Residual{ nn.Linear(9, 9), nn.Tanh(), scale = 0.25 }, scale = 0.5 },
  nn.Residual{ nn.Linear(9, 5), nn.PReLU(), shortcut = nn.Linear(9, 5) }, nn.RMSNorm(5), nn.Linear(5, 2) }
comesBack(nested:probe(x), "residuals in each other")
local custom = nn.layer{ name = "twice", forward = function(_, h) return h * 2 end }
local unknown = nn.Sequential{ nn.Linear(12, 8), custom, nn.ReLU(), nn.Linear(8, 2) }:probe(x)
assert(comesBack(unknown, "custom layer"):theory()[2].reason == unknown:theory()[2].reason and unknown:theory()[2].reason)
do
  local net = nn.mlp{ inputs = 12, width = 10, depth = 3, outputs = 2, norm = "batch" }
  local targets = sonde.randint(1, 2, { 40 })
  net:fit{ train = { x, targets }, optimizer = optim.SGD(net, { lr = 0.5 }), epochs = 3, batch = 20, progress = false }
  local r = net:probe(x, { target = targets })
  assert(r:theory()[1].reason:find("as after training", 1, true))
  comesBack(r, "trained weights")
end
comesBack(nn.mlp{ inputs = 12, width = 10, depth = 3 }:probe(x, { repeats = 3 }), "repeats")
comesBack(nn.mlp{ inputs = 12, width = 10, depth = 3, init = "orthogonal" }:probe(x, { spectrum = true, upstream = "ones" }), "spectrum")
do
  local net = nn.mlp{ inputs = 12, width = 40, depth = 4, outputs = 3 }
  net:add_auxiliary(2, nn.Linear(40, 3), { weight = 0.3 })
  local r = net:probe(x, { target = sonde.randint(1, 3, { 40 }) })
  -- gradients end at the auxiliary classifier, which the file has to know of
  assert(r:theory()[2].gradient == nil and r:theory()[4].gradient)
  comesBack(r, "auxiliary heads")
end
do
  local poisoned = sonde.randn(10, 12)
  poisoned[3][2] = 0 / 0
  comesBack(nn.mlp{ inputs = 12, width = 6, depth = 3, activation = "tanh" }:probe(poisoned), "NaN in the data")
  local net = nn.mlp{ inputs = 12, width = 6, depth = 3, norm = "rms" }
  net.parameters["1.linear.weight"]:copy_(sonde.ones(6, 6) * (0 / 0))
  net.parameters["2.norm.weight"]:copy_(sonde.ones(6) * (1 / 0))
  comesBack(net:probe(x), "NaN in the weights")
  comesBack(nn.mlp{ inputs = 12, width = 6, depth = 6, init = "constant(1e12)", bias = false }:probe(x), "exploding")
  comesBack(nn.mlp{ inputs = 12, width = 6, depth = 2, init = "zeros" }:probe(sonde.zeros(4, 12)), "zeros")
  comesBack(nn.mlp{ inputs = 12, width = 6, depth = 2 }:probe(sonde.ones(1, 12)), "one sample")
end
for _, init in ipairs{ "uniform(-0.2, 0.2)", "uniform(-0.1, 0.3)", "xavier_uniform", "lsuv", "lecun_normal" } do
  comesBack(nn.mlp{ inputs = 12, width = 8, depth = 2, init = init, dtype = "float64" }:probe(x:to("float64")), init, init ~= "lsuv")
end
for _, activation in ipairs{ "linear", "relu", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "softplus", "hardtanh" } do
  comesBack(nn.mlp{ inputs = 12, width = 8, depth = 2, activation = activation, init = "xavier_normal" }:probe(x), activation, true)
end

-- A report goes its own way from the net it was made of: the file has the net as it was.
do
  local net = nn.mlp{ inputs = 12, width = 10, depth = 3, init = "normal(0.3)" }
  local r = net:probe(x)
  local before = tostring(r:theory())
  net:activation("tanh")
  net:batchnorm("before")
  assert(tostring(comesBack(r, "changed net"):theory()) == before)
end

-- Files of the first format know no network: they load, and say no more than they know.
write(path, (good:gsub('"sonde_report":2', '"sonde_report":1'):gsub(',"network":.*$', "}")))
local old = sonde.load_report(path)
assert(old[2].activation.std > 0 and old:diagnose() and #old:text() > 0 and old:plot{ text = true })
assert(old:theory() == nil)

-- A .csv has the numbers, which data.csv reads.
do
  local r = nn.mlp{ inputs = 12, width = 10, depth = 3, init = "normal(0.3)" }:probe(x)
  local csv = os.tmpname() .. ".csv"
  r:save(csv)
  refuses("sonde.load_report: '" .. csv .. "': expected a .json, got a .csv, which has the numbers alone, for data.csv and other "
    .. "programs; save to a .json as well", sonde.load_report, csv)
  local table = data.csv(csv, { header = true, columns = { "std", "rms" }, target = "quantity", dtype = "float64" })
  assert(#table == 2 + 3 * 5 and table.class_names[1] == "activation" and table.feature_names[2] == "rms")
  assert(table.inputs[1][1] == r.input.std and table.inputs[4][1] == r[1].activation.std and table.inputs[4][2] == r[1].activation.rms)
  -- as help has it; no cell of layer, name or kind is empty, of layers in branches and of auxiliary classifiers neither
  local net = nn.mlp{ inputs = 12, width = 10, depth = 3, outputs = 4, residual = true, norm = "batch" }
  net:add_auxiliary(2, nn.Linear(10, 4))
  r = net:probe(x, { target = sonde.randint(1, 4, { #x }) })
  r:save(csv)
  for _, target in ipairs{ "quantity", "name", "kind", "layer" } do
    table = data.csv(csv, { header = true, columns = { target == "layer" and "count" or "layer", "std" }, target = target, dtype = "float64" })
    if target == "quantity" then
      for row, name in ipairs{ "input", "upstream" } do assert(table.class_names[table.targets[row]] == name) end
      assert(#table > 2 + #r * 4 and table.inputs[1][1] == 0 and table.inputs[2][1] == #r + 1 and table.inputs[2][2] == r.upstream.std)
    elseif target == "name" then
      local found
      for row = 1, #table do
        if table.class_names[table.targets[row]]:find("^auxiliary") then
          found = true
          assert(table.inputs[row][1] == 2)
        end
      end
      assert(found)
    end
  end
  local w = nn.mlp{ inputs = 12, width = 10, depth = 3 }:whatif(x, { init = { "he_normal", "normal(0.1)" } })
  w:save(csv)
  table = data.csv(csv, { header = true, columns = { "layer", "std" }, target = "init", dtype = "float64" })
  assert(#table == 3 * (2 + 3 * 5) and table.class_names[1] == "as it is" and table.class_names[3] == "normal(0.1)")
  assert(table.inputs[20][1] == 1 and table.inputs[20][2] == w[2].report[1].preactivation.std)
  os.remove(csv)
end

-- What a what-if has saved: the report of any variant.
do
  local net = nn.mlp{ inputs = 12, width = 10, depth = 4, init = "normal(0.05)" }
  local w = net:whatif(x, { init = "he_normal", apply = { fine = function() end, broken = function() error("no, never", 0) end } })
  w:save(path)
  local failed
  for i = 1, #w do
    if w[i].error then failed = i else
      local loaded = sonde.load_report(path, { variant = i })
      same(tostring(w[i].report), tostring(loaded), "variant")
      same(open(w[i].report:theory()), open(loaded:theory()), "variant's theory")
      same(tostring(sonde.load_report(path, { variant = w[i].name })), tostring(loaded), "variant by name")
    end
  end
  assert(failed)
  local where = "sonde.load_report: '" .. path .. "': "
  refuses(where .. "it has the 3 variants of a what-if; name one by variant=, a number from 1 to 3 or a name such as '" .. w[2].name .. "'",
    sonde.load_report, path)
  refuses(where .. "option 'variant' expected a number from 1 to 3, got 4", sonde.load_report, path, { variant = 4 })
  refuses(where .. "option 'variant' expected a number from 1 to 3, got " .. math.mininteger, sonde.load_report, path, { variant = math.mininteger })
  refuses(where .. "unknown variant 'as it si', did you mean 'as it is'?", sonde.load_report, path, { variant = "as it si" })
  refuses(where .. "variant " .. failed .. " failed and has no report: no, never", sonde.load_report, path, { variant = failed })
  local text = read(path)
  write(path, (text:gsub('"kind":"Block"', '"kind":3', 1)))
  refuses(where .. "variants[1].report.rows[1].kind: expected a string, got 3", sonde.load_report, path, { variant = 1 })
  local large = nn.mlp{ inputs = 12, width = 10, depth = 2 }:whatif(x, { width = { 10, 20 }, bins = 50000 })
  large:save(path)
  local fine, message = pcall(sonde.load_report, path, { variant = 2 })
  assert(not fine and message:find("'" .. path .. "': expected at most 4000000 values, got more (at byte ", 1, true), message)
  w[1].report:save(path)
  refuses(where .. "expected a what-if to take variant 2 from, got one report; leave variant out", sonde.load_report, path, { variant = 2 })
  local rec = sonde.recorder{ every = 1, stats = { "activation.std" } }
  rec:before(net, x):after()
  rec:save(path)
  refuses(where .. "expected a report, got a recorder's file; sonde.load_recorder reads it", sonde.load_report, path)
  local csv = os.tmpname() .. ".csv"
  rec:save(csv)
  refuses("sonde.load_recorder: '" .. csv .. "': expected a .json, got a .csv, which has the numbers alone, for data.csv and other "
    .. "programs; save to a .json as well", sonde.load_recorder, csv)
  os.remove(csv)
end

-- Networks that no report:save wrote, each told with its place.
local function bad(expected, pattern, replacement)
  local head, network = good:match('^(.*,"network":)(.*)$')
  local text, count = network:gsub(pattern, replacement, 1)
  assert(count == 1, pattern)
  write(path, head .. text)
  refuses("sonde.load_report: '" .. path .. "': network." .. expected, sonde.load_report, path)
end
bad("rows: expected 7 rows, as the report has, got a list of 0", '"rows":%[.*%]', '"rows":[]')
bad("rows[1].name: expected a string, got 1", '"name":"0"', '"name":1')
bad("rows[1].parts[1].part: unknown part 'liner', did you mean 'linear'?", '"part":"linear"', '"part":"liner"')
bad("rows[1].parts[1].part: unknown part 'x'; expected linear, activation, norm, residual or unknown", '"part":"linear"', '"part":"x"')
bad("rows[1].parts[1].inputs: expected at most 2^53, got 9007199254740993", '"inputs":12', '"inputs":9007199254740993')
bad("rows[1].parts[1].outputs: expected a whole number of at least 0, got -16", '"outputs":16', '"outputs":-16')
bad("rows[1].parts[1].family: unknown family of weights 'nromal', did you mean 'normal'?", '"family":"normal"', '"family":"nromal"')
bad("rows[1].parts[1].variance: expected a number of at least 0, got -1", '"variance":[^,]*', '"variance":-1')
bad("rows[1].parts[1].bias_variance: expected a number, \"nan\", \"inf\" or \"-inf\", got 'many'", '"bias_variance":[^,]*', '"bias_variance":"many"')
bad("rows[1].parts[2].over: unknown norm 'bacth', did you mean 'batch'?", '"over":"batch"', '"over":"bacth"')
bad("rows[1].parts[2].eps: expected a number of at least 0, got '-inf'", '"eps":[^,]*', '"eps":"-inf"')
bad("rows[1].parts[3].function: unknown activation 'rleu', did you mean 'relu'?", '"function":"relu"', '"function":"rleu"')
bad("rows[1].parts[3]: expected a member 'slope', got none", '"slope":', '"slop":')
bad("rows[1].parts: expected a list, got true", '"parts":%b[]', '"parts":true')
bad("auxiliaries[1]: expected a row from 0 to 6, got 7", '"auxiliaries":%[%]', '"auxiliaries":[7]')
bad("input.batch: expected a whole number of at least 1, got 0", '"batch":40', '"batch":0')
bad("input.rms: expected a number of at least 0, got -2", '"rms":[^,]*', '"rms":-2')
bad("input.cosine: expected a finite number, got 'nan'", '"cosine":[^,]*', '"cosine":"nan"')
bad("input.is_normal: expected true or false, got 1", '"is_normal":%a*', '"is_normal":1')
local function deep(levels)
  local branch = '{"part":"residual","scale":1,"branch":['
  return '"parts":[' .. branch:rep(levels) .. ("]}"):rep(levels) .. "]"
end
local head, network = good:match('^(.*,"network":)(.*)$')
write(path, head .. network:gsub('"parts":%b[]', deep(47), 1))
local theory = sonde.load_report(path):theory()
assert(#theory == 7 and sonde.load_report(path):diagnose())
write(path, head .. network:gsub('"parts":%b[]', deep(100000), 1))
local fine, message = pcall(sonde.load_report, path)
assert(not fine and message:find("expected at most 100 levels, got more", 1, true), message)

-- Mutated files: an error, or a report that says something of itself. SONDE_SEED and SONDE_RUNS repeat and lengthen it.
local seed, runs = tonumber(os.getenv("SONDE_SEED") or 1), tonumber(os.getenv("SONDE_RUNS") or 300)
math.randomseed(seed)
nn.Sequential{ nn.Linear(12, 5), nn.BatchNorm(5), nn.Tanh(), nn.Residual{ nn.Linear(5, 5), nn.ReLU() }, nn.Linear(5, 2) }
  :probe(x, { bins = 2, percentiles = { 50 }, target = sonde.randint(1, 2, { 40 }), spectrum = true }):save(path)
local small = read(path)
local odd = { "0", "-0.0", "-1", "1e308", "5e-324", "9007199254740992", "9223372036854775807", "-9223372036854775808", '"nan"', '"inf"',
  '"-inf"', "true", "null", '""', "[]", "{}", '"relu"', '"batch"', '"zero"', '"unknown"', '"residual"' }
local mutations = {
  -- a number, word or string for another
  function(text) return (text:gsub("()(:)([^,:%[%]{}]+)", function(at, colon, _)
    return at >= math.random(#text) and math.random(40) == 1 and colon .. odd[math.random(#odd)] or nil
  end)) end,
  function(text)
    local from = text:find(":", math.random(#text), true) or 1
    return text:sub(1, from) .. odd[math.random(#odd)] .. (text:match("^[^,%[%]{}]*(.*)$", from + 1) or "")
  end,
  -- a byte
  function(text)
    local at = math.random(#text)
    return text:sub(1, at - 1) .. string.char(math.random(0, 255)) .. text:sub(at + 1)
  end,
  -- a piece less, or twice
  function(text)
    local at, count = math.random(#text), math.random(0, 30)
    return text:sub(1, at) .. text:sub(at + 1 + count)
  end,
  function(text)
    local from, count = text:find(",", math.random(#text), true) or 1, math.random(60)
    return text:sub(1, from) .. text:sub(from + 1, from + count) .. text:sub(from + 1)
  end,
  -- a member less
  function(text)
    local from = text:find(",\"", math.random(#text), true) or 1
    return text:sub(1, from) .. (text:match("^\"[^\"]*\":[^,%[%]{}]*,(.*)$", from + 1) or text:sub(from + 1))
  end,
}
local read_back = 0
for run = 1, runs do
  -- every other time in the network alone, the smaller part
  local head, rest = "", small
  if run % 2 == 0 then head, rest = small:match('^(.*,"network":)(.*)$') end
  write(path, head .. mutations[math.random(#mutations)](rest))
  local loads, report = pcall(sonde.load_report, path)
  if loads then
    read_back = read_back + 1
    local theory = report:theory()
    assert(report:diagnose() and #report:text() > 0 and (theory == nil or #theory:text() > 0))
    if run % 10 == 0 then assert(#report:plot{ text = true } > 0) end
  else
    assert(type(report) == "string" and report:find("sonde.load_report: '", 1, true) and #report < 1000, report)
  end
end
assert(read_back > runs / 20 and read_back < runs, read_back)
os.remove(path)
os.remove(page)
os.remove(other)
print("ok")
