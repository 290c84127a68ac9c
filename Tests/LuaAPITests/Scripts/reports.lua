-- Reports: several draws, branches, auxiliary classifiers, singular values, pairs, files and what is refused.
local function close(a, b, tolerance)
  assert(math.abs(a - b) <= tolerance * math.abs(b), tostring(a) .. " is not close to " .. tostring(b))
end
local function refuses(text, f, ...)
  local fine, message = pcall(f, ...)
  assert(not fine and message:gsub("^[^:]*:%d+: ", "") == text, tostring(message))
end
local quantities = { "preactivation", "activation", "gradient", "weight", "weight_gradient" }
-- Two figures are the same where both are NaN, too.
local function same(a, b) return a == b or (a ~= a and b ~= b) end

-- Equal in every field, histograms and all.
local function equal(a, b, place)
  assert(type(a) == type(b), place)
  if type(a) ~= "table" and type(a) ~= "userdata" then return assert(same(a, b), place) end
  local keys = {}
  for key, value in pairs(a) do
    equal(value, b[key], place .. "." .. tostring(key))
    keys[#keys + 1] = tostring(key)
  end
  local others = {}
  for key in pairs(b) do others[#others + 1] = tostring(key) end
  assert(#keys == #others, place)
  if type(a) == "userdata" and tostring(a):find("^count ") then
    equal(a:histogram(), b:histogram(), place .. ":histogram")
    equal(a:log_histogram(), b:log_histogram(), place .. ":log_histogram")
  end
end

-- Several draws are as many probes with one each: means, and spreads that divide by n, after one forward.
sonde.seed(21)
local forwards = 0
local counted = nn.layer{ name = "counted", forward = function(self, x) forwards = forwards + 1; return x * 1.5 end }
local net = nn.Sequential{ nn.Linear(6, 8), nn.BatchNorm(8), nn.Tanh(), counted, nn.Linear(8, 3) }
local x = sonde.randn(20, 6)
forwards = 0
local g = sonde.generator(5)
local r = net:probe(x, { repeats = 4, generator = g })
assert(forwards == 1 and r.settings.repeats == 4)
local single, other = {}, sonde.generator(5)
for i = 1, 4 do single[i] = net:probe(x, { generator = other }) end
assert(g:state() == other:state())
for i = 1, #net do
  for _, quantity in ipairs{ "gradient", "weight_gradient" } do
    for _, figure in ipairs{ "std", "mean", "norm", "kurtosis", "batch_std" } do
      if r[i][quantity] then
        local sum, squares = 0, 0
        for k = 1, 4 do sum = sum + single[k][i][quantity][figure] / 4 end
        for k = 1, 4 do squares = squares + (single[k][i][quantity][figure] - sum) ^ 2 / 4 end
        local sd = r[i][quantity .. "_sd"][figure]
        assert(same(r[i][quantity][figure], sum) or math.abs(r[i][quantity][figure] - sum) < 1e-12 * math.max(1, math.abs(sum)))
        assert(same(sd, math.sqrt(squares)) or math.abs(sd - math.sqrt(squares)) < 1e-9 * math.max(1, math.abs(sum)), figure)
      end
    end
  end
  assert(r[i].activation.std == single[1][i].activation.std)
end
assert(r:column("gradient.std.sd")[1] == r[1].gradient_sd.std and r:column("gradient.percentiles.50.sd")[1] == r[1].gradient_sd.percentiles[50])
assert(r[1].gradient_sd.count == 4 and r.upstream_sd.std > 0 and single[1].upstream_sd == nil and single[1][1].gradient_sd == nil)
assert(r:column("weight_gradient.std.sd")[2] ~= r:column("weight_gradient.std.sd")[2], "a row without a weight is NaN")

-- Branches: the layers of a residual row, nested ones too, with names that parameters have.
local inner = nn.Residual{ nn.Linear(5, 5), nn.ReLU() }
local deep = nn.Sequential{ nn.Linear(4, 5), nn.Residual{ nn.LayerNorm(5), nn.ReLU(), nn.Linear(5, 5), inner }, nn.Linear(5, 2) }
local batch = sonde.randn(30, 4)
local b = deep:probe(batch, { upstream = "ones" })
assert(#b == 3 and b[1].branch == nil and #b[2].branch == 4 and b[2].branch[3].name == "1.2" and b[2].branch[3].kind == "Linear")
assert(b[2].branch[4].kind == "Residual" and b[2].branch[4].branch[1].name == "1.3.0")
assert(deep.parameters["1.3.0.weight"] and b[2].branch[4].branch[1].weight.count == 25)
-- by hand: the same numbers from the layers themselves on the tape
local function linear(t, name) return t:mm(deep.parameters[name .. ".weight"]:t()) + deep.parameters[name .. ".bias"] end
local h1 = linear(batch, "0"):detach()
local weights = deep.parameters
local normed = nn.Sequential{ nn.LayerNorm(5) }(h1)
local z = linear(normed:relu(), "1.2")
close(b[2].branch[1].activation.std, normed:stats().std, 1e-5)
close(b[2].branch[2].preactivation.mean, normed:stats().mean, 1e-3)
close(b[2].branch[3].activation.std, z:stats().std, 1e-5)
local tail = linear(z, "1.3.0")
close(b[2].branch[4].activation.std, (z + tail:relu()):stats().std, 1e-5)
close(b[2].branch[4].branch[2].activation.zeros, tail:relu():stats().zeros, 1e-12)
-- the gradient at the branch's end is that at the row's output; inside the nested branch the same once more
close(b[2].branch[4].gradient.norm, b[2].gradient.norm, 1e-6)
close(b[2].branch[4].branch[2].gradient.norm, b[2].gradient.norm, 1e-6)
deep:zero_grad()
deep(batch)
deep:backward(sonde.ones(30, 2))
close(b[2].branch[3].weight_gradient.norm, weights["1.2.weight"].grad:norm():item(), 1e-5)
close(b[2].branch[4].branch[1].weight_gradient.norm, weights["1.3.0.weight"].grad:norm():item(), 1e-5)
assert(select(2, tostring(b):gsub("\n", "\n")) < 12)
-- residual blocks of an mlp name their parts
local mlp = nn.mlp{ inputs = 5, width = 5, depth = 2, residual = true, norm = "batch" }
local m = mlp:probe(sonde.randn(12, 5))
assert(m[1].branch[1].name == "0.linear" and m[1].branch[2].name == "0.norm" and m[1].branch[3].kind == "ReLU")
local plain = nn.mlp{ inputs = 5, width = 5, depth = 2 }:probe(sonde.randn(12, 5))
assert(plain[1].branch == nil)

-- Auxiliary classifiers take part under a loss while the net trains; their layers are rows of r.auxiliary.
local beside = nn.mlp{ inputs = 6, width = 8, depth = 3, outputs = 4, dtype = "float64" }
beside:add_auxiliary(2, nn.Linear(8, 4, { dtype = "float64" }), { weight = 0.5 })
local inputs, classes = sonde.randn(15, 6, { dtype = "float64" }), sonde.randint(1, 4, { 15 })
local a = beside:probe(inputs, { target = classes })
assert(#a == 4 and #a.auxiliary == 1 and a.auxiliary[1].name == "auxiliary.0" and a.auxiliary[1].kind == "Linear")
assert(a.settings.upstream == "loss" and a.settings.loss == "cross_entropy")
local function loss(y) return nn.cross_entropy(y, classes) end
beside:zero_grad()
local y = beside(inputs)
local total = loss(y) + beside:auxiliary_loss(loss)
total:backward()
for i, name in ipairs{ "0.linear.weight", "1.linear.weight", "2.linear.weight", "head.weight" } do
  close(a[i].weight_gradient.norm, beside.parameters[name].grad:norm():item(), 1e-12)
end
close(a.auxiliary[1].weight_gradient.norm, beside.parameters["auxiliary.0.weight"].grad:norm():item(), 1e-12)
-- the classifier's output is the one its weight gives, and the gradient there has the weight of its loss
local head = beside.parameters["auxiliary.0.weight"]
close(a.auxiliary[1].weight.std, head:std():item(), 1e-12)
assert(#beside:probe(inputs).auxiliary == 0, "without a loss the classifiers are out of the way")
beside:eval()
close(beside:probe(inputs, { target = classes })[1].weight_gradient.norm, a[1].weight_gradient.norm, 1e-12)

-- Singular values of every weight on request.
local s = nn.mlp{ inputs = 6, width = 9, depth = 2, init = "orthogonal", activation = "linear" }:probe(sonde.randn(7, 6), { spectrum = true })
assert(#s[1].spectrum == 6 and #s[2].spectrum == 9 and plain[1].spectrum == nil)
close(s[2].spectrum[1], 1, 1e-5)
close(s[2].spectrum.condition, 1, 1e-5)
close(s[2].spectrum.effective_rank, 9, 1e-5)
assert(s:column("spectrum.max")[2] == s[2].spectrum[1] and s:column("spectrum.effective_rank")[1] == s[1].spectrum.effective_rank)
local diagonal = nn.Sequential{ nn.Linear(3, 3, { bias = false, dtype = "float64" }) }
diagonal.parameters["0.weight"]:copy_(sonde.tensor({ { 0, 4e-30, 0 }, { 2e-30, 0, 0 }, { 0, 0, 0 } }, { dtype = "float64" }))
local d = diagonal:probe(sonde.randn(4, 3, { dtype = "float64" }), { spectrum = true })[1].spectrum
close(d[1], 4e-30, 1e-14)
close(d[2], 2e-30, 1e-14)
assert(d[3] == 0 and d.condition == math.huge)
close(d.effective_rank, math.exp(-(2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))), 1e-13)

-- pairs walk rows, then the ends; of a row and of Stats their fields, always in the same order.
local function keys(object)
  local list = {}
  for key in pairs(object) do list[#list + 1] = tostring(key) end
  return table.concat(list, " ")
end
assert(keys(plain) == "1 2 input upstream dtype shape settings", keys(plain))
assert(keys(a) == "1 2 3 4 input upstream loss dtype shape auxiliary settings", keys(a))
assert(keys(plain[1]) == "name kind shape " .. table.concat(quantities, " "), keys(plain[1]))
assert(keys(r[1]) == "name kind shape " .. table.concat(quantities, " ") .. " gradient_sd weight_gradient_sd")
assert(keys(plain.input) == "count mean variance std rms norm min max skewness kurtosis zeros dead saturated batch_std cosine "
  .. "underflow nan inf percentiles", keys(plain.input))

-- Files: what is read is what was written, NaN, infinities and all.
local path = os.tmpname() .. ".json"
local odd = nn.Sequential{ nn.Linear(2, 2, { bias = false }), nn.Residual{ nn.Linear(2, 2) } }
odd.parameters["0.weight"]:copy_(sonde.tensor{ { 1e30, -1e30 }, { 0, 1e-40 } })
local broken = odd:probe(sonde.tensor{ { 1e30, 2 }, { 0 / 0, 1 } }, { percentiles = { 2.5, 50 }, bins = 7 })
for _, report in ipairs{ r, b, a, s, plain, broken } do
  report:save(path)
  local read = sonde.load_report(path)
  equal(report, read, "r")
end
assert(broken[1].activation.nan > 0 and sonde.load_report(path)[1].activation.mean ~= sonde.load_report(path)[1].activation.mean)
-- The settings are enough to probe again.
local again = sonde.generator(0)
r:save(path)
again:set_state(sonde.load_report(path).settings.generator)
local repeated = net:probe(x, { repeats = 4, generator = again })
equal(r[2].gradient, repeated[2].gradient, "repeated")
assert(r.settings.seed == 5 and r.settings.version == sonde.version and r.settings.bins == 50 and r.settings.percentiles[3] == 85)

-- A table for other programs.
local csv = os.tmpname() .. ".csv"
b:save(csv)
local lines = {}
for line in io.lines(csv) do lines[#lines + 1] = line end
assert(lines[1] == "layer,name,kind,quantity,count,mean,variance,std,rms,norm,min,max,skewness,kurtosis,zeros,dead,saturated,"
  .. "batch_std,cosine,underflow,nan,inf,percentiles.15,percentiles.50,percentiles.85", lines[1])
assert(lines[2]:find("^0,input,input,input,120,") and lines[3]:find("^%d+,upstream,upstream,upstream,") and lines[4]:find("^1,0,Linear,preactivation,150,"), lines[4])
local found
for _, line in ipairs(lines) do found = found or line:match("^2,1%.3%.0,Linear,weight,25,(.*)") end
assert(found and tonumber(found:match("^[^,]*,[^,]*,([^,]*)")) == b[2].branch[4].branch[1].weight.std)
refuses("report:save: expected a name that ends in .csv or .json, got 'r.txt'", b.save, b, "r.txt")
refuses("report:save: expected a name that ends in .csv or .json, got 'json'", b.save, b, "json")

-- Files that are no reports, each told with its place.
plain:save(path)
local file = io.open(path)
local good = file:read("a")
file:close()
local function bad(expected, pattern, replacement)
  local text, count = good:gsub(pattern, replacement, 1)
  assert(count == 1, pattern)
  file = io.open(path, "w")
  file:write(text)
  file:close()
  refuses("sonde.load_report: '" .. path .. "': " .. expected, sonde.load_report, path)
end
bad("rows[1].name: expected a string, got 3", '"name":"0"', '"name":3')
bad("rows[1].preactivation: expected a member 'mean', got none", '"preactivation":{"count":60,"mean"', '"preactivation":{"count":60,"maen"')
bad("input.count: expected a whole number of at least 0, got -1", '"input":{"count":60', '"input":{"count":-1')
bad("input.std: expected a number, \"nan\", \"inf\" or \"-inf\", got 'x'", '"std":[^,]*', '"std":"x"')
bad("input.zeros: expected a fraction from 0 to 1, got 1e+300", '"zeros":[^,]*', '"zeros":1e300')
bad("input.inf: expected at most count, 60, got 61", '"inf":0', '"inf":61')
bad("input.histogram.counts[1]: expected no more in the bins than count, 60, got 9000000000000000000", '"counts":%[%d+', '"counts":[9000000000000000000')
bad("input.histogram.edges: expected 51 edges of 50 bins, got a list of 1", '"edges":%[[^%]]*%]', '"edges":[1]')
bad("input.percentiles: expected 3 percentiles, got a list of 0", '("upstream":"normal".-"percentiles":)%[%[.-%]%]', '%1[]')
bad("settings.bins: expected a whole number of at least 1, got 0", '"bins":50', '"bins":0')
bad("settings.upstream: expected \"normal\", \"ones\", \"tensor\" or \"loss\", got 'x'", '"upstream":"normal"', '"upstream":"x"')
bad("dtype: expected \"float32\" or \"float64\", got 'int64'", '"dtype":"float32"', '"dtype":"int64"')
bad("sonde_report: expected a format up to 2, got 3", '"sonde_report":2', '"sonde_report":3')
bad("expected a member 'sonde_report', got none", '"sonde_report":2,', "")
bad("rows: expected a list, got an object", '"rows":%[.*%],"auxiliary"', '"rows":{},"auxiliary"')
file = io.open(path, "w")
file:write('{"sonde_report":2,')
file:close()
assert(not pcall(sonde.load_report, path))
for cut = 1, #good - 3, 997 do
  file = io.open(path, "w")
  file:write(good:sub(1, cut))
  file:close()
  assert(not pcall(sonde.load_report, path), cut)
end
os.remove(path)
os.remove(csv)
refuses("sonde.load_report: '" .. path .. "': cannot open it: No such file or directory", sonde.load_report, path)

-- What is refused.
refuses("network:probe: expected repeats of at least 1, got 0", net.probe, net, x, { repeats = 0 })
refuses('network:probe: repeats needs an upstream that is drawn, "normal", got "ones"', net.probe, net, x, { repeats = 2, upstream = "ones" })
refuses('network:probe: repeats needs an upstream that is drawn, "normal", got a target', net.probe, net, x, { repeats = 2, target = sonde.ones(20) })
refuses("network:probe: expected a batch of at least one sample, got shape [0, 6]", net.probe, net, sonde.zeros(0, 6))
refuses("report:column: unknown column 'gradient.sdt', did you mean 'gradient.std'?", plain.column, plain, "gradient.sdt")
refuses("report:column: unknown column 'gradient.sdt.sd', did you mean 'gradient.std.sd'?", r.column, r, "gradient.sdt.sd")
refuses("report:column: 'gradient.std.sd' needs several upstream draws, got one; probe with repeats=", plain.column, plain, "gradient.std.sd")
refuses("report:column: 'activation.std.sd': expected one of gradient and weight_gradient, which depend on the upstream draw",
  r.column, r, "activation.std.sd")
refuses("report:column: 'spectrum.max' was not measured; probe with spectrum=true", plain.column, plain, "spectrum.max")
refuses("report:column: unknown column 'spectrum.condtion', did you mean 'spectrum.condition'?", plain.column, plain, "spectrum.condtion")
refuses("report: row 9 is outside 1 to 2", function() return plain[9] end)

-- Bad data is measured and told, with the layer where it begins.
local function finding(report, kind, quantity)
  for _, found in ipairs(report.findings) do
    if found.kind == kind and found.quantity == quantity then return found end
  end
end
local normed3 = nn.mlp{ inputs = 6, width = 5, depth = 3, norm = "batch" }
refuses("network:probe: layer 1 BatchNorm(5): expected more than 1 sample, got a batch of 1, whose variance is 0; "
  .. "the probe takes batch statistics in every mode: give it a larger batch", normed3.probe, normed3, sonde.randn(1, 6))
local constant = nn.mlp{ inputs = 6, width = 5, depth = 2, norm = "batch" }:probe(sonde.ones(8, 6))
assert(constant.input.std == 0 and constant.input.skewness ~= constant.input.skewness and constant[1].activation.batch_std == 0)
local poisoned = sonde.randn(8, 6)
poisoned[3][2] = 0 / 0
local ill = nn.mlp{ inputs = 6, width = 5, depth = 3, activation = "tanh" }:probe(poisoned)
assert(ill.input.nan == 1 and finding(ill, "nan", "input") and finding(ill, "nan", "activation").layer == 1 and ill[2].activation.nan == 5)
local exploding = nn.mlp{ inputs = 6, width = 6, depth = 6, init = "constant(1e12)", bias = false }
local boom = exploding:probe(sonde.ones(4, 6), { upstream = "ones" })
assert(boom[2].activation.inf == 0 and boom[4].activation.inf == 24 and finding(boom, "inf", "activation").layer == 4)
assert(boom[3].activation.std == boom[3].activation.std and boom:text())
assert(nn.mlp{ inputs = 6, width = 5, depth = 3 }:probe(sonde.randn(1, 6))[3].activation.batch_std == 0, "one sample without a norm")
refuses('layer 1 Block(Linear(6 -> 6), ReLU): expected float32 input, got float64; convert it with x:to("float32")', exploding.probe, exploding, sonde.ones(4, 6, { dtype = "float64" }))
print("ok")
