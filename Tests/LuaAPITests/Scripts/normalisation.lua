-- Modes of batch normalisation and recalibration as Lua sees them.
local here = "normalisation.lua"

local function same(a, b) return a:eq(b):all():item() end

local function fails(f, text)
  local ok, message = pcall(f)
  assert(not ok, "did not fail: " .. text)
  local position, rest = tostring(message):match("^([^:]+:%d+): (.*)$")
  assert(rest == text, "\n   got: " .. tostring(message) .. "\nwanted: " .. text)
  assert(position:find(here, 1, true), "blames " .. position)
end

local f64 = { dtype = "float64" }
local function mlp(options)
  local all = { inputs = 4, width = 6, depth = 2, outputs = 3, norm = "batch", dtype = "float64", seed = 3 }
  for key, value in pairs(options or {}) do all[key] = value end
  return nn.mlp(all)
end

-- Asked and set, on the net, a row, and the normalisation itself; undone.
local net = mlp()
assert(net:batchnorm_mode() == "auto" and net[1].norm.mode == "auto" and net[1].linear.mode == nil)
assert(net:batchnorm_mode("batch") == net and net:batchnorm_mode() == "batch")
local row = net[2]
assert(row:batchnorm_mode("frozen") == row and row:batchnorm_mode() == "frozen" and net:batchnorm_mode() == "mixed")
net[1].norm.mode = "running"
assert(net[1]:batchnorm_mode() == "running")
assert(table.concat(net:history(), " ")
  == 'batchnorm_mode("batch") [2]:batchnorm_mode("frozen") [1]:batchnorm_mode("running")')
local text = tostring(net)
assert(text:find("BatchNorm(6, mode=running)", 1, true) and text:find("BatchNorm(6, mode=frozen)", 1, true), text)
assert(net:clone()[2].norm.mode == "frozen")
net:undo():undo():undo()
assert(net:batchnorm_mode() == "auto" and not tostring(net):find("mode=", 1, true))

-- A layer by itself; in a Sequential it is a row, and setting it is surgery.
local layer = nn.BatchNorm(3, { mode = "running", momentum = "cumulative" })
assert(layer.mode == "running" and layer.momentum == "cumulative" and tostring(layer) == "BatchNorm(3, mode=running)")
layer.mode = "batch"
local line = nn.Sequential{ nn.Linear(2, 3), layer, nn.ReLU() }
assert(line:batchnorm_mode() == "batch" and line[1]:batchnorm_mode() == "batch" and line[3]:batchnorm_mode() == "batch")
layer.mode = "auto"
assert(#line:history() == 1 and line:undo()[2].mode == "batch")
line:batchnorm("after", { mode = "frozen", momentum = 0.25 })
assert(line[3].mode == "frozen" and line[3].momentum == 0.25)
line:batchnorm("off"):batchnorm(true)
assert(line:batchnorm_mode() == "frozen" and line:batchnorm() == "after")
line:normalize("batch", { mode = "auto", momentum = "cumulative" })
assert(line[3].mode == "auto" and line[3].momentum == "cumulative")
assert(line:history()[4] == 'normalize("batch", {momentum="cumulative", mode="auto"})', line:history()[4])

-- What each mode changes in a step of training.
local x, dy = sonde.randn(8, 4, f64), sonde.randn(8, 3, f64)
for mode, changes in pairs{ auto = "sg", batch = "sg", running = "g", frozen = "" } do
  local net = mlp():batchnorm_mode(mode)
  local norm = net[1].norm
  local mean, gamma = norm.running_mean:clone(), norm.weight:clone()
  local optimizer = optim.SGD(net, { lr = 0.1, momentum = 0.9, weight_decay = 0.1 })
  net(x)
  net:backward(dy)
  optimizer:step()
  assert(same(norm.running_mean, mean) == not changes:find("s"), mode)
  assert(same(norm.weight, gamma) == not changes:find("g"), mode)
  assert((norm.weight.grad == nil) == not changes:find("g"), mode)
  assert(norm.num_batches_tracked == (changes:find("s") and 1 or 0))
  assert(not same(net[1].linear.weight:detach(), mlp()[1].linear.weight:detach()), mode)
end
local trained = net:count()
assert(net:batchnorm_mode("frozen"):count() == trained - 2 * 12)
net:undo()

-- Running and frozen take single samples; batch statistics refuse them in evaluation, too.
local one = sonde.randn(1, 4, f64)
net:batchnorm_mode("running")
assert(#net(one) == 1)
net:batchnorm_mode("batch"):eval()
fails(function() return net(one) end, 'layer 1 BatchNorm(6, mode=batch): expected more than 1 sample in mode "batch", '
  .. 'got batch of 1: its variance is 0; use mode "running" or a larger batch')
net:undo():undo():train()
fails(function() return net(one) end, "layer 1 BatchNorm(6): expected more than 1 sample in training mode, "
  .. "got batch of 1: its variance is 0; use eval mode or a larger batch")

-- Recalibration: the same from a tensor, a dataset, batches, and a function.
local inputs = sonde.randn(50, 4)
local dataset = data.dataset(inputs, sonde.ones(50))
local function statistics(...)
  local net = mlp()
  assert(net:recalibrate(...) == net)
  assert(net.training and net[1].norm.mode == "auto")
  return net[2].norm.running_mean, net[2].norm.running_var, net[1].norm.num_batches_tracked
end
local mean, variance, batches = statistics(inputs, { batch = 20 })
assert(batches == 3 and mean:abs():max():item() > 0)
local function agrees(...)
  local other, spread, count = statistics(...)
  assert(same(other, mean) and same(spread, variance) and count == 3)
end
agrees(inputs:to("float64"), { batch = 20 })
agrees(dataset, { batch = 20 })
agrees(dataset:batches(20))
local next_batch = dataset:batches(20)
agrees(function() return next_batch() end)
agrees(coroutine.wrap(function()
  for batch in dataset:batches(20) do coroutine.yield(batch) end
end))
assert(select(3, statistics(inputs, { batch = 10, passes = 4 })) == 20)
local shuffled = statistics(inputs, { batch = 20, shuffle = true, generator = sonde.generator(3) })
assert(not same(shuffled, mean))
assert(same(statistics(inputs, { batch = 20, shuffle = true, generator = sonde.generator(3) }), shuffled))

-- It takes batch statistics whatever the modes, and evaluation then uses what it found.
local frozen = mlp():batchnorm_mode("frozen"):eval()
frozen:recalibrate(inputs, { batch = 20 })
assert(same(frozen[2].norm.running_mean, mean) and not frozen.training and frozen:batchnorm_mode() == "frozen")
local output = frozen(inputs:to("float64"))
assert(output:std():item() > 0)

-- Mistakes leave the old statistics.
local function unharmed(data, options, text)
  local kept = net:state()
  fails(function() net:recalibrate(data, options) end, text)
  local state = net:state()
  for name, tensor in pairs(kept) do assert(same(tensor, state[name]), name) end
end
unharmed(inputs, { batch = 1 }, "network:recalibrate: expected batch of at least 2, got 1")
unharmed(sonde.randn(5, 3), {}, "layer 1 Block(Linear(4 -> 6), BatchNorm(6), ReLU): expected input [batch, 4], got [5, 3]")
unharmed(sonde.randn(5), {}, "network:recalibrate: expected inputs [samples, features] of at least 2 samples, got float32 [5]")
unharmed(dataset:batches(49), nil, "network:recalibrate: expected batches of more than 1 sample, got 1 in batch 2")
unharmed(dataset:batches(20), { passes = 2 }, "network:recalibrate: expected at least one batch, got none in pass 2 of 2")
unharmed(dataset:batches(20), { shuffle = true },
  "network:recalibrate: option 'shuffle' is for a tensor or a dataset; an iterator gives batches of its own")
unharmed(function() return 3 end, {},
  "network:recalibrate: expected a batch [batch, features] or nil from the function, got 3")
local given = 0
unharmed(function()
  given = given + 1
  if given == 3 then error("no more of these") end
  return inputs
end, {}, "no more of these")
unharmed(function()
  net:batchnorm_mode("batch")
  return inputs
end, {}, "network:recalibrate: expected a network that stays as it is, got surgery between two batches")
fails(function() nn.mlp{}:recalibrate(inputs) end,
  'network:recalibrate: expected a network with batch normalisation, got none in 20 layers; batchnorm("before") puts it in')
fails(function() net:recalibrate("data") end,
  "network:recalibrate: argument 1 'data' expected a tensor, a dataset, batches or a function, got 'data'")

-- Wrong names and places.
fails(function() net:batchnorm_mode("frozn") end, "network:batchnorm_mode: argument 1 'mode' expected \"auto\", "
  .. "\"batch\", \"running\" or \"frozen\", got 'frozn', did you mean 'frozen'?")
fails(function() net[1].norm.mode = "frozn" end,
  "layer: mode expected \"auto\", \"batch\", \"running\" or \"frozen\", got 'frozn', did you mean 'frozen'?")
fails(function() net[1].linear.mode = "frozen" end, "layer: mode is a setting of BatchNorm, got Linear")
fails(function() return net[3]:batchnorm_mode() end,
  "layer:batchnorm_mode: expected a layer with batch normalisation, got layer 3 Linear(6 -> 3)")
fails(function() net:normalize("layer", { mode = "frozen" }) end,
  'network:normalize: expected batch normalisation for the mode "frozen", got layer normalisation')
fails(function() nn.LayerNorm(3, { mode = "frozen" }) end, "nn.LayerNorm: unknown option 'mode'; there are eps, affine, dtype and name")
print("ok")
