-- Causes that lie in the parameters of a layer: each told first, once, of its layer, with the number and the cure; next to each a net
-- near by, of which nothing is said.
local directory = arg[0]:match("^(.*/)") or ""
local telling = dofile(directory .. "Support/telling.lua")
local close, only = telling.close, telling.only
local d, n

-- Nets of 8 layers of 64 units, unless said.
sonde.seed(23)
local y = sonde.randn(128, 64)
local classes = { target = sonde.randint(1, 10, { 128 }) }
local function deep(options)
  local o = { inputs = 64, width = 64, depth = 8, seed = 7 }
  for name, value in pairs(options or {}) do o[name] = value end
  return nn.mlp(o)
end
local function silent(net, what, options, x)
  local list = net:probe(x or y, options):diagnose()
  assert(#list == 0, what .. ": " .. (list[1] and list[1].kind .. ": " .. list[1].text or ""))
end
-- A weight of so many directions, of the size of He's.
local function ranked(rank, outputs)
  return sonde.randn(outputs or 64, rank):mm(sonde.randn(rank, 64)) * (math.sqrt(2 / 64) / math.sqrt(rank))
end

-- Weights of few directions leave so many numbers of a sample.
local fullRank = " An initialiser that draws, such as he_normal or orthogonal, has full rank."
for _, norm in ipairs{ "none", "layer" } do
  for _, rank in ipairs{ 2, 3, 8 } do
    local net = deep{ norm = norm }
    net[5].linear.weight:copy_(ranked(rank))
    d, n = only(net:probe(y), "collapse", "samples collapse to # directions: the weights of layer # have rank # (<# % of their size lies outside "
      .. "# directions), so its # units are combinations of # numbers, which are all that is left of a sample." .. fullRank)
    assert(d.layer == 5 and n[1] == rank and n[3] == rank and d.evidence.rank == rank and d.evidence.outside < 1e-3)
  end
end
local net = deep()
net[5].linear.weight:copy_(ranked(16))
silent(net, "rank 16")
silent(deep{ width = 5, depth = 3, seed = 3 }, "as few units as make no rank")
net = deep{ outputs = 10 }
net[9].weight:copy_(ranked(2, 10))
d, n = only(net:probe(y, classes), "collapse", "the weights of the head have rank # (<# % of their size lies outside # directions), so its # scores "
  .. "are combinations of # numbers, and as many directions of a gradient are all that comes back through it." .. fullRank)
assert(d.layer == 9 and d.evidence.rank == 2 and n[4] == 10)
net = deep{ residual = true, depth = 4 }
net[3].linear.weight:copy_(ranked(3))
d = only(net:probe(y), "collapse")
assert(d.layer == 3 and d.text:find("the weights in the branch of layer 3 have rank 3 ", 1, true)
  and d.text:find("depends on 3 numbers alone", 1, true), d.text)

-- Equal rows of a head: the gradient of a cross-entropy sums to 0 over the classes, and W^T g is w times that sum.
net = deep{ outputs = 10 }
silent(net, "a head that was drawn", classes)
net[9].weight:copy_(sonde.randn(1, 64):expand(10, 64) * 0.1)
d = only(net:probe(y, classes), "equal_units", "all # units of the head have the same weights: no gradient of a cross-entropy gets below it before "
  .. "an update has told them apart. An initialiser that draws, such as he_normal, tells units apart.")
assert(d.layer == 9)
assert(net:probe(y, classes)[8].gradient.rms < 1e-7)

-- What a norm leaves of biases: RMS norm all, layer norm what they differ by, batch norm nothing.
local hides = "what tells samples apart is # %% of h in layer #, for %s are # beside a std of # of what its weights make of its input: samples "
  .. "look alike behind it. Biases of # would bring the root mean square of h from # to #."
net = deep{ norm = "rms" }
net[3].linear.bias:fill_(10)
d, n = only(net:probe(y), "hidden_signal_death", hides:format("its biases"))
assert(d.layer == 3 and n[3] == 10)
close(n[6], 1, 0.02) -- what RMS norm makes of 10 + z, of size 1
close(n[7], math.sqrt(0.5), 0.01) -- E relu(z)^2 of what it makes of z
net[3].linear.bias:fill_(0.5)
silent(net, "biases of 0.5 before RMS norm")
net = deep{ norm = "layer", activation = "gelu" }
local spread = sonde.randn(64)
net[3].linear.bias:copy_(spread * 30 + 1000)
d, n = only(net:probe(y), "hidden_signal_death", hides:format("its biases less their mean"))
assert(d.layer == 3)
close(n[3], 30 * (spread - spread:mean()):square():mean():sqrt():item(), 0.01)
net[3].linear.bias:fill_(1000)
silent(net, "biases that layer norm takes away")
net = deep{ norm = "batch" }
net[3].linear.bias:copy_(spread * 30)
silent(net, "biases that batch norm takes away")
-- behind He's weights what tells unlike samples apart is a sixth of h
net = deep()
net[1].linear.bias:fill_(8)
assert(only(net:probe(y), "hidden_signal_death").layer == 1)

-- Units whose biases or betas lie where an activation is flat: a part of them, or all, in a branch too.
for activation, bias in pairs{ elu = -8, selu = -8, silu = -12, gelu = -6, leaky_relu = -8 } do
  for what, o in pairs{ ["its biases are"] = {}, ["its norm's beta is"] = { norm = "batch" } } do
    o.activation = activation
    net = deep(o)
    local shift = o.norm and net[4].norm.bias or net[4].linear.bias
    shift[{ { 1, 32 } }] = bias
    d = only(net:probe(y), "dead_units")
    assert(d.layer == 4 and d.evidence.dead == 0.5 and d.evidence.shift == bias, d.text)
    assert(d.text:find("^about 50%.0 %% of the units of layer 4 pass next to nothing on, nor back, for ") and d.text:find(what .. " down to " .. bias, 1, true)
      and d.text:find(", where " .. activation .. " is flat. ", 1, true) and d.text:find(" of 0 would wake them.", 1, true), d.text)
    shift[{ { 1, 32 } }] = -0.5
    silent(net, activation .. " a little below 0")
  end
end
for activation in pairs{ elu = true, selu = true, leaky_relu = true } do
  net = deep{ activation = activation }
  net[4].linear.bias:fill_(-20)
  d = only(net:probe(y), "vanishing_activations")
  assert(d.layer == 4 and d.text:find("where " .. activation .. " passes next to nothing on, nor back. Biases of 0 would bring std of h to ", 1, true), d.text)
end
net = deep{ activation = "gelu", residual = true, depth = 5 }
net[3].linear.bias:fill_(-20)
d = only(net:probe(y), "vanishing_activations")
assert(d.layer == 3 and d.text:find("in the branch of layer 3, for its biases are -20", 1, true), d.text)
net = deep{ activation = "tanh", residual = true, depth = 5 }
net[3].linear.bias:fill_(30)
assert(only(net:probe(y), "saturation").layer == 3)

-- Biases of -2 everywhere leave sigmoid little of its slopes: phi'(-2) = 0.105 of 1/4 a layer where what enters is small beside them.
net = deep{ activation = "sigmoid", depth = 3 }
for i = 1, 3 do net[i].linear.bias:fill_(-2) end
d, n = only(net:probe(y), "vanishing_gradients", "sigmoid has # % of the slope in layer # that it has around #, for its biases are -# beside a std of "
  .. "# of what its weights make of its input; so it is in # layers, from layer # on: #/# of dL/dh is left by it. Biases of # would bring it "
  .. "back.")
assert(d.layer == 1 and n[4] == 2 and n[6] == 3 and d.evidence.left < 1 / 3 and d.evidence.slope < 0.75)
for i = 1, 3 do net[i].linear.bias:fill_(-0.5) end
silent(net, "sigmoid biases of -0.5")

-- The biases of a head.
net = deep{ outputs = 10 }
net[9].bias[3] = 1000
d = only(net:probe(y, classes), "hidden_signal_death")
assert(d.layer == 9 and d.text:find(" of the scores of the head, for its biases are 316 beside a std of ", 1, true)
  and d.text:find("it says the same of every sample. Biases of 0 would bring the root mean square of the scores from 316", 1, true), d.text)
net[9].bias[3] = 3
silent(net, "a class that is frequent", classes)

-- A gamma behind a nonlinearity that drives the next one to its ends.
for _, norm in ipairs{ "batch", "layer" } do
  net = deep{ activation = "tanh", norm = norm, norm_position = "after" }
  net[4].norm.weight:fill_(20)
  d, n = only(net:probe(y), "saturation", "gamma of the norm of layer # is #, so a std of # enters tanh of layer #, and # % of its outputs are within "
    .. "# % of the ends, where it has no slope. A gamma of # would leave # % of them there.")
  assert(d.layer == 4 and n[2] == 20 and n[4] == 5)
  close(d.evidence.saturated, 0.91, 0.03) -- P(|20 z| > 2.2976)
  close(d.evidence.predicted, 0.0216, 0.3)
  net[4].norm.weight:fill_(2)
  silent(net, "a gamma of 2")
end

-- Running statistics that evaluation would take, compared with those of the batch.
local function trained(options)
  local trained = deep(options or { norm = "batch" })
  for _ = 1, 60 do trained(sonde.randn(128, 64)) end
  return trained
end
local running = "the running statistics of the norm of layer # are not those of this batch, and evaluation takes them: %s. net:recalibrate(data) "
  .. "computes them anew."
net = trained()
silent(net, "in training")
silent(net:eval(), "running statistics that were learnt")
silent(deep{ norm = "batch" }:eval(), "running statistics that have seen no batch")
net[3].norm.running_var:mul_(100)
d, n = only(net:probe(y), "running_statistics", running:format("the running standard deviation is # times the batch's, so that what the norm gives is # "
  .. "times its size"))
assert(d.layer == 3)
close(d.evidence.ratio, 10, 0.1)
close(n[3], 0.1, 0.1)
silent(net:train(), "in training again")
silent(net:eval():recalibrate(y), "after what the diagnosis says")
net[3].norm.running_mean:add_(net[3].norm.running_var:sqrt() * 5)
d = only(net:probe(y), "running_statistics", running:format("the running mean is off by # standard deviations, as a beta of that size would shift it"))
assert(d.layer == 3)
close(d.evidence.shift, 5, 0.02)
close(d.evidence.ratio, 1, 0.02)
net:train():batchnorm_mode("running")
assert(only(net:probe(y), "running_statistics").layer == 3)
local path = os.tmpname() .. ".json"
net:probe(y):save(path)
assert(sonde.load_report(path):diagnose()[1].text == net:probe(y):diagnose()[1].text)
os.remove(path)

-- Weights of one layer out of line where the scale falls in the others too (by 1/2, gelu's slope at 0), and where large outputs of it stand
-- at the ends of an activation of unit weights behind.
for _, depth in ipairs{ 3, 6, 10 } do
  net = deep{ activation = "gelu", depth = depth, init = "xavier_normal" }
  if depth == 3 then silent(net, "gelu of 3 layers") end
  net[2].linear.weight:mul_(0.1)
  -- a deep one falls by itself too, which is told behind it
  d = net:probe(y):diagnose()[1]
  assert(d.kind == "scale_imbalance" and d.layer == 2 and d.text:find("^weights of layer 2 are 1/%d%d?%.?%d* of the size of the others' "), d.text)
  close(d.evidence.ratio, 0.1, 0.06)
end
for _, residual in ipairs{ "pre", "post" } do
  for _, factor in ipairs{ 10, 100 } do
    net = deep{ activation = "tanh", depth = 12, residual = residual, seed = 2 }
    net[1].linear.weight:mul_(factor)
    d = only(net:probe(y), "scale_imbalance")
    assert(d.layer == 1)
    close(d.evidence.ratio, factor, 0.06)
  end
end
local deepTanh = deep{ activation = "tanh", init = "normal(1)", bias = false }
assert(only(deepTanh:probe(y), "saturation").evidence.layers == 8)

-- A layer's fault is told before what the whole net shows, and an input's before both, alone where activations bend.
net = deep{ norm = "batch", depth = 60 }
net[30].linear.weight:copy_(ranked(2))
local list = net:probe(y):diagnose()
assert(#list == 2 and list[1].kind == "collapse" and list[1].layer == 30 and list[2].kind == "norm_gradient_growth", tostring(list))
for activation, init in pairs{ selu = "lecun_normal", gelu = "he_normal" } do
  net = deep{ activation = activation, init = init, depth = 12 }
  only(net:probe(y * 1000), "input_scale")
end
print("ok")
