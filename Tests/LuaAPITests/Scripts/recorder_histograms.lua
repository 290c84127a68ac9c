-- The recorder over steps: single units, histograms with common bins, memory, files read back, and figures.
local function refuses(text, f, ...)
  local fine, message = pcall(f, ...)
  assert(not fine and message:gsub("^[^:]*:%d+: ", "") == text, tostring(message))
end
local function same(a, b) return a == b or (a ~= a and b ~= b) end
local function equal(a, b, place)
  assert(type(a) == type(b) and #a == #b, place)
  for i = 1, #a do
    if type(a[i]) == "table" then equal(a[i], b[i], place .. "." .. i) else assert(same(a[i], b[i]), place .. "." .. i) end
  end
end

sonde.seed(3)
local net = nn.Sequential{ nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 8) }
local x = sonde.randn(40, 6)
local rec = sonde.recorder{
  every = 1, units = { 1, 7 }, percentiles = { 15, 50, 85 },
  stats = { "activation.percentiles", "preactivation[2].std", "activation.histogram", "activation.log_histogram", "weight.histogram" },
}
assert(table.concat(rec.columns, " ") == "activation.percentiles.15 activation.percentiles.50 activation.percentiles.85 "
  .. "activation[1].percentiles.15 activation[1].percentiles.50 activation[1].percentiles.85 activation[7].percentiles.15 "
  .. "activation[7].percentiles.50 activation[7].percentiles.85 preactivation[2].std", table.concat(rec.columns, " "))
assert(table.concat(rec.histograms, " ") == "activation.histogram activation.log_histogram weight.histogram")
assert(rec.memory == 0 and rec.memory_limit == 0 or rec.memory == 0)

-- Each step the outputs grow, so that bins that were right for the first no longer are.
local outputs, weights = {}, {}
for step = 1, 4 do
  outputs[step] = net(x):detach():clone()
  weights[step] = net.parameters["2.weight"]:detach():clone()
  rec:before(net, x)
  net.parameters["2.weight"]:mul_(3.7)
  rec:after()
end

-- Units are columns of the layer's output; a layer of fewer units has none.
for step = 1, 4 do
  for _, unit in ipairs{ 1, 7 } do
    local own = outputs[step][{ {}, unit }]:clone():stats{ percentiles = { 15, 50, 85 } }
    for _, percent in ipairs{ 15, 50, 85 } do
      assert(rec:column("activation[" .. unit .. "].percentiles." .. percent, 3)[step] == own.percentiles[percent])
    end
  end
  local missing = rec:column("activation[7].percentiles.50", 1)[step]
  assert(missing ~= missing and rec:column("activation[1].percentiles[50]", 1)[step] == rec:column("activation[1].percentiles.50", 1)[step])
  assert(rec:column("preactivation[2].std", 3)[step] == outputs[step][{ {}, 2 }]:clone():stats().std)
end
refuses("recorder:before: expected units up to 8, which the widest recorded layer has, got 9", function()
  sonde.recorder{ units = { 9 }, stats = { "activation.std" } }:before(net, x)
end)
refuses("sonde.recorder: expected units of at least 1, got 0", sonde.recorder, { units = { 0 } })
refuses("sonde.recorder: option 'units' expected whole numbers, got 1.5", sonde.recorder, { units = { 1.5 } })
assert(not pcall(sonde.recorder, { stats = { "weight[2].std" } }) and not pcall(sonde.recorder, { stats = { "activation[0].std" } }))

-- Histograms of all steps have the same bins, as if the last step's had been known from the first.
local h = rec:column("activation.histogram", 3)
local reach = h.edges[65]
assert(#h.edges == 65 and h.edges[1] == -reach and h.edges[33] == 0 and math.log(reach, 2) % 1 == 0)
local largest = outputs[4]:abs():max():item()
assert(reach >= largest and reach < 2 * largest)
for step = 1, 4 do
  equal(h.counts[step], outputs[step]:histogram(64, -reach, reach).counts, "step " .. step)
  equal(rec:column("activation.log_histogram", 3).counts[step], outputs[step]:histogram(172, -46, 40, { log = true }).counts, "log")
  local of_weight = rec:column("weight.histogram", 3)
  equal(of_weight.counts[step], weights[step]:histogram(64, of_weight.edges[1], of_weight.edges[65]).counts, "weight")
end
assert(#rec:column("weight.histogram") == 3 and rec["activation.histogram"][3].edges[65] == reach)
local none = 0
for _, count in ipairs(rec:column("weight.histogram", 2).counts[1]) do none = none + count end
assert(none == 0, "a layer without a weight has empty bins")

-- Memory is what the numbers take, and bounded by capacity.
local record = 3 * (10 * 8 + (64 + 172 + 64) * 4) + 8
assert(rec.memory == 4 * record and rec.memory_limit == 1000 * record)
local thin = sonde.recorder{ every = 1, capacity = 3, stats = { "activation.histogram" } }
for _ = 1, 9 do thin:before(net, x):after() end
assert(#thin <= 3 and #thin:column("activation.histogram", 1).counts == #thin and thin.memory <= thin.memory_limit)
assert(#sonde.recorder{ every = 1, stats = { "activation.histogram" } } == 0)

-- Files: read back as they were, and refused where they are not.
local path = os.tmpname() .. ".json"
rec:save(path)
local read = sonde.load_recorder(path)
assert(#read == 4 and read.every == 1 and read.seen == 4 and read.capacity == 1000 and tostring(read) == tostring(rec) and read:text() == rec:text())
for _, name in ipairs(rec.columns) do equal(read[name], rec[name], name) end
for _, name in ipairs(rec.histograms) do
  for layer = 1, 3 do
    equal(read[name][layer].edges, rec[name][layer].edges, name)
    equal(read[name][layer].counts, rec[name][layer].counts, name)
  end
end
local readBack = ": expected one that records, got one read from a file, which is to look at; make another"
refuses("recorder:before" .. readBack, read.before, read, net, x)
refuses("network:fit: recorder" .. readBack, net.fit, net, {train=data.dataset(x, sonde.ones(#x)), steps=1, record=read, loss="cross_entropy", optimizer=optim.SGD(net, {lr=0.1})})
local file = io.open(path)
local good = file:read("a")
file:close()
local function bad(expected, pattern, replacement)
  local text, count = good:gsub(pattern, replacement, 1)
  assert(count == 1, pattern)
  file = io.open(path, "w")
  file:write(text)
  file:close()
  refuses("sonde.load_recorder: '" .. path .. "': " .. expected, sonde.load_recorder, path)
end
bad("every: expected a whole number of at least 1, got 0", '"every": 1', '"every": 0')
bad("columns.activation.percentiles.15[1]: expected 4 numbers, got a list of 1", '"activation.percentiles.15": %[%[[^%]]*%]', '"activation.percentiles.15": [[1]')
bad("expected steps that rise, got 3 behind 4", '"steps": %[1, 2, 3, 4%]', '"steps": [1, 2, 4, 3]')
bad("expected at most 2 steps, got 4", '"capacity": 1000', '"capacity": 2')
bad("sonde.recorder: unknown stat 'activation.percentile.15', did you mean 'activation.percentiles'?", '"activation.percentiles.15":', '"activation.percentile.15":')
bad("histograms.activation.histogram[1]: expected a reach that is a power of two, and 64 bins a step, got an object", '"reach": [^,]*', '"reach": 3')
for cut = 1, #good - 2, 991 do
  file = io.open(path, "w")
  file:write(good:sub(1, cut))
  file:close()
  assert(not pcall(sonde.load_recorder, path), cut)
end
os.remove(path)

-- Figures: all of it, or one stat, or one layer.
assert(rec:plot{ text = true }:find("4 of 4 training steps", 1, true))
local bands = rec:plot{ column = "activation.percentiles", layer = 3, text = true, width = 60, height = 15 }
assert(bands:find("activation.percentiles, layer 3", 1, true), bands)
assert(rec:plot{ column = "activation.percentiles.50", text = true }:find("activation.percentiles.50", 1, true))
assert(rec:plot{ column = "activation.log_histogram", layer = -1, text = true }:find("activation.log_histogram, layer 3", 1, true))
refuses("recorder:plot: no column 'activation.percentiles.51', did you mean 'activation.percentiles.15'?", rec.plot, rec, { column = "activation.percentiles.51" })
refuses("recorder:plot: layer 9 is not recorded, only 1, 2, 3", rec.plot, rec, { layer = 9 })
refuses("recorder:plot: nothing is recorded yet: net:fit{record=rec}, or rec:before(net, x, t) and rec:after()", sonde.recorder().plot, sonde.recorder())
print("ok")
