-- The diagnosis: nets built to have one illness each, told by one sentence whose numbers are those of closed forms; healthy nets,
-- of which nothing is said.
local directory = arg[0]:match("^(.*/)") or ""
local telling = dofile(directory .. "Support/telling.lua")
local close, only = telling.close, telling.only

local function mlp(options, seed)
  local o = { inputs = 100, width = 100, depth = 20, bias = false, seed = seed or 5 }
  for name, value in pairs(options) do o[name] = value end
  return nn.mlp(o)
end

sonde.seed(3)
local x = sonde.randn(200, 100)
local few = x[{ { 1, 60 } }] -- where fewer samples do

-- Vanishing activations: sigma*sqrt(n/2) = 0.01*sqrt(50) = 0.0707 a layer; float32's least number is 1.4e-45, so its layer is
-- log(1.4e-45/1)/log(0.0707) = 39, float64's 4.94e-324 at 281; He's weights have std sqrt(2/100), and std of h is sqrt(1 - 1/pi).
local small = mlp{ init = "normal(0.01)" }
local d, n = only(small:probe(x), "vanishing_activations",
  "std of h falls by # per layer, as sigma*sqrt(n/#) predicts for normal(#); dL/dh falls alike on its way back (# per layer); "
  .. "float32 ends near layer #, float64 near layer #. he_normal (#) would hold it: std # in the last layer.")
assert(d.layer == 1)
close(n[1], 0.0707, 0.04, "factor")
assert(n[2] == 2 and n[3] == 0.01)
close(n[4], 0.0707, 0.04, "factor of gradients")
assert(math.abs(n[5] - 39) <= 1 and math.abs(n[6] - 281) <= 4, n[5] .. " " .. n[6])
assert(n[7] == 0.1414)
close(n[8], math.sqrt(1 - 1 / math.pi), 0.001)
close(d.evidence.factor, n[1], 0.001)
close(d.evidence.predicted, 0.01 * math.sqrt(50), 1e-6)

-- Deeper than float32 goes: where it has ended is measured, and one sentence tells of the zeros and of what lost digits.
d = only(mlp{ init = "normal(0.01)", depth = 45 }:probe(x), "vanishing_activations")
assert(d.text:find("; float32 ends: h is exactly 0 from layer " .. math.tointeger(d.evidence.float32_layer) .. " on", 1, true), d.text)
assert(math.abs(d.evidence.float32_layer - 40) <= 2)
local double = mlp({ init = "normal(0.01)", dtype = "float64" }):probe(x:to("float64"))
d = only(double, "vanishing_activations")
local ends = tonumber(d.text:match("; float64 ends near layer (%d+)"))
assert(math.abs(ends - 281) <= 4 and not d.text:find("float32", 1, true), d.text)

-- Glorot's init halves the variance of ReLU.
_, n = only(mlp{ init = "xavier_normal" }:probe(x), "vanishing_activations")
close(n[1], math.sqrt(0.5), 0.04)

-- Exploding: 0.3*sqrt(50) = 2.121 a layer.
d, n = only(mlp{ init = "normal(0.3)" }:probe(x), "exploding_activations",
  "std of h grows by # per layer, as sigma*sqrt(n/#) predicts for normal(#); dL/dh grows alike on its way back (# per layer); "
  .. "float32 overflows near layer #, float64 near layer #. he_normal (#) would hold it: std # in the last layer.")
close(n[1], 2.121, 0.04)
assert(math.abs(n[5] - math.log(2 ^ 128 / 4) / math.log(n[1])) <= 3, n[5])
d = only(mlp{ init = "normal(3)", depth = 60 }:probe(x), "exploding_activations")
assert(d.text:find("float32 overflows: h is infinite from layer 29 on", 1, true), d.text)

-- Weights that are no longer those of the init: theory has no law, the sentence claims none.
local loaded = mlp{ init = "he_normal" }
for name, weight in pairs(loaded.parameters) do weight:mul_(0.25) end
d = only(loaded:probe(x), "vanishing_activations")
close(d.evidence.factor, 0.25, 0.04)
assert(not d.evidence.predicted and d.text:find("(no law: its weights, of std 0.0", 1, true), d.text)

-- Sigmoid halves nothing but loses all: its slope is 1/4 at most, chi = E phi'^2 at sw2 = 1.
d, n = only(mlp{ activation = "sigmoid" }:probe(x), "vanishing_gradients",
  "dL/dh falls by # per layer towards the input, as theory predicts for xavier_normal; from layer # to # by #/# in all; "
  .. "what tells samples apart falls alike going up, to a batch_std of #; with about # layers float32 would end. "
  .. "net:batchnorm(\"before\") would hold it; dL/dh then grows by # per layer towards the input.")
assert(d.layer == 20 and n[2] == 20 and n[3] == 1 and n[1] < 0.25)
close(n[8], math.sqrt(1.03359), 0.001)

-- Biases that hide signal death: PyTorch's default has var W = 1/(3n), so 1/6 of the variance a layer is left.
local rows = {}
for i = 1, 20 do rows[#rows + 1] = nn.Linear(100, 100); rows[#rows + 1] = nn.ReLU() end
local hidden = nn.Sequential(rows):probe(x)
d, n = only(hidden, "hidden_signal_death")
close(n[2], math.sqrt(1 / 6), 0.06)
close(d.evidence.std, 0.045, 0.5)
assert(d.evidence.batch_std < 1e-6 and d.evidence.cosine > 0.999)
assert(d.text:find("only the biases are left, and every sample looks the same", 1, true))
assert(d.text:find("With biases of 0, he_normal (0.1414) would hold it: std 0.826 in the last layer.", 1, true), d.text)

-- Chaotic tanh: gradients explode alone where nothing saturates; where it does, that is the illness.
d = only(mlp{ activation = "tanh", init = "normal(0.2)", depth = 60 }:probe(x), "exploding_gradients")
assert(d.layer == 60 and d.evidence.factor > 1.05)
d = only(mlp{ activation = "tanh", init = "normal(1)" }:probe(x), "saturation")
close(d.evidence.saturated, 0.82, 0.03)   -- P(|10 z| > 2.2976) of a normal z
close(d.evidence.preactivation_std, 10, 0.05)
assert(d.text:find("of the outputs of layer 1 are within 1 % of the ends of tanh", 1, true) and d.layer == 1)
only(mlp{ activation = "sigmoid", init = "normal(3)", depth = 4 }:probe(x), "saturation")

-- Batch norm: growth by sqrt(pi/(pi-1)) is told where it is too much, which is beyond 37 layers for a factor of 1000.
d, n = only(mlp{ norm = "batch", depth = 60 }:probe(x), "norm_gradient_growth",
  "dL/dh grows by # per layer towards the input, as theory predicts for he_normal; from layer # to # by # in all: no learning rate "
  .. "suits both; up to # layers it stays below #, float32 overflows near #. Residual blocks with the norm on the branch keep it "
  .. "below sqrt(depth); fewer layers lessen it.")
close(n[1], math.sqrt(math.pi / (math.pi - 1)), 0.015)
assert(math.abs(n[5] - 37) <= 2 and n[6] == 1000)

-- Batches too small for it.
d, n = only(mlp{ norm = "batch", depth = 10 }:probe(sonde.randn(4, 100)), "small_batch",
  "a batch of # is too small for batch norm: dL/dh grows by # per layer towards the input instead of # as with large ones. "
  .. "At least # samples, better #; or net:normalize(\"layer\"), which needs no batch.")
close(n[2], math.sqrt(3.084), 0.001)
close(n[3], math.sqrt(1.46694), 0.001)
assert(only(mlp{ norm = "batch", depth = 10 }:probe(sonde.randn(3, 100)), "small_batch").text:find("grows without bound", 1, true))
assert(only(mlp{ norm = "batch", depth = 10 }:probe(sonde.randn(2, 100)), "small_batch").text:find("only the sign", 1, true))

-- One layer out of line.
local one = mlp{ depth = 10 }
one.parameters["3.linear.weight"]:mul_(1e-4)
d = only(one:probe(x), "scale_imbalance")
assert(d.layer == 4)
close(d.evidence.ratio, 1e-4, 0.05)
one = mlp{ depth = 10 }
one.parameters["3.linear.weight"]:mul_(100)
one.parameters["4.linear.weight"]:mul_(0.01)
d = only(one:probe(x), "scale_imbalance")
local below = tonumber(d.text:match("; those of layer 5 are 1/(%d+) of it%."))
assert(d.layer == 4 and math.abs(below - 100) <= 4 and d.text:find(" of it. Drawn as the others, it would be 1.4", 1, true), d.text)

-- Dead units and dead layers.
local dying = mlp{ depth = 5, bias = true }
dying.parameters["2.linear.bias"]:fill_(-3)
d = only(dying:probe(x), "dead_units")
assert(d.layer == 3 and d.evidence.dead > d.evidence.expected + 0.1)
dying.parameters["2.linear.bias"]:fill_(-30)
d = only(dying:probe(x), "zero")
assert(d.layer == 3 and d.text:find("activations are exactly 0 from layer 3 on: no preactivation is above 0", 1, true))
-- by a gradient alone: the upstream is 0
d = only(mlp{ depth = 3 }:probe(x, { upstream = sonde.zeros(200, 100) }), "zero")
assert(d.layer == nil and d.text:find("the upstream gradient is exactly 0", 1, true), d.text)

-- Weights that are all 0: a statement of their own, whatever follows from them.
local cure = ". An initialiser that draws, such as he_normal, tells units apart."
local function zeroed(net, text, layer, options)
  d = only(net:probe(few, options), "zero_weights")
  assert(d.layer == layer and d.text == "all weights of " .. text .. cure, d.text)
end
local behind = ", every sample looks the same behind it, and no gradient comes back through it"
for _, init in ipairs{ "zeros", "constant(0)" } do
  for _, activation in ipairs{ "relu", "sigmoid", "tanh" } do
    zeroed(mlp{ init = init, depth = 5, activation = activation }, "layers 1 to 5 are 0: nothing gets through the first" .. behind, 1)
  end
end
local function withZeros(options, rows)
  local net = mlp(options)
  for _, row in ipairs(rows) do net[row].linear.weight:zero_() end
  return net
end
zeroed(withZeros({ depth = 6 }, { 3 }), "layer 3 are 0: nothing gets through it" .. behind, 3)
zeroed(withZeros({ depth = 6 }, { 2, 5 }), "2 layers, the first of them layer 2, are 0: nothing gets through the first" .. behind, 2)
zeroed(withZeros({ depth = 6, norm = "batch" }, { 3 }), "layer 3 are 0: nothing but its norm's beta gets through it" .. behind, 3)
local biased = withZeros({ depth = 6, bias = true }, { 3 })
biased[3].linear.bias:fill_(0.5)
zeroed(biased, "layer 3 are 0: nothing but its biases gets through it" .. behind, 3)
zeroed(withZeros({ depth = 6, residual = true }, { 3 }), "layer 3 are 0: its branch adds the same to every sample, and gets no gradient", 3)
local scores = mlp{ depth = 3, outputs = 10 }
scores.parameters["head.weight"]:zero_()
zeroed(scores, "the head are 0: no gradient gets below it before an update has moved them", 4, { target = sonde.randint(1, 10, { 60 }) })
local apart = nn.Sequential{ nn.Linear(100, 100, { init = "he_normal" }), nn.ReLU(), nn.Linear(100, 100, { init = "zeros" }), nn.ReLU() }
zeroed(apart, "layer 2 (row 3) are 0: nothing gets through it" .. behind, 3)
-- Silent: one weight that is not 0, and branches that begin at 0 and learn at once.
local nearly = withZeros({ depth = 3 }, { 2 })
nearly[2].linear.weight:copy_(mlp{ depth = 1 }[1].linear.weight:detach())
assert(#nearly:probe(few):diagnose() == 0)
assert(#withZeros({ depth = 5, residual = true, activation = "tanh" }, { 1, 2, 3, 4, 5 }):probe(few):diagnose() == 0)
local branch = { nn.Linear(100, 100, { init = "he_normal" }), nn.ReLU(), nn.Linear(100, 100, { init = "zeros" }) }
assert(#nn.Sequential{ nn.Linear(100, 100, { init = "he_normal" }), nn.ReLU(), nn.Residual(branch) }:probe(few):diagnose() == 0)

-- NaN and infinity are told at their root alone.
local broken = mlp{ depth = 5 }
broken.parameters["2.linear.weight"][{ 1, 1 }] = 0 / 0
d = only(broken:probe(x), "nan")
assert(d.layer == 3 and d.text:find("NaN first at layer 3 (weights)", 1, true))
local ill = x:clone()
ill[{ 1, 1 }] = 0 / 0
d = only(mlp{ depth = 5 }:probe(ill), "nan")
assert(d.layer == nil and d.text:find("the input has NaN", 1, true))

-- Inputs.
only(mlp{ depth = 5 }:probe(sonde.ones(20, 100)), "constant_input")
d = only(mlp{ depth = 5 }:probe(x + 30), "input_offset")
close(d.evidence.share, 1 / math.sqrt(901), 0.02)
d = only(mlp{ depth = 5 }:probe(x * 120), "input_scale")
close(d.evidence.rms, 120, 0.02)
local sparse = sonde.zeros(50, 100)
sparse[{ {}, { 1, 5 } }] = sonde.randn(50, 5)
only(mlp{ depth = 3 }:probe(sparse), "dead_inputs")
assert(only(mlp{ depth = 5, norm = "batch", norm_position = "after" }:probe(x, { upstream = "ones" }), "vanishing_gradients")
  .text:find("probe with upstream=\"normal\"", 1, true))

-- A residual net without norm doubles its variance a block; with it, it grows by one.
d = only(mlp{ residual = true }:probe(x), "exploding_activations")
assert(d.text:find("to 4.58", 1, true), d.text)

-- Healthy nets: nothing to report.
local function healthy(name, net, input, options)
  local list = net:probe(input, options):diagnose()
  assert(#list == 0, name .. ": " .. (list[1] and list[1].kind .. ": " .. list[1].text or ""))
end
for seed = 1, tonumber(arg and arg[1] or 1) do
  local y = sonde.randn(60, 100, { generator = sonde.generator(seed) })
  healthy("he", mlp({}, seed), y)
  healthy("he with biases", mlp({ bias = true }, seed), y)
  healthy("he float64", mlp({ dtype = "float64" }, seed), y:to("float64"))
  healthy("batch norm before", mlp({ norm = "batch" }, seed), y)
  healthy("batch norm after", mlp({ norm = "batch", norm_position = "after" }, seed), y)
  healthy("layer norm", mlp({ norm = "layer" }, seed), y)
  healthy("tanh", mlp({ activation = "tanh" }, seed), y)
  healthy("selu", mlp({ activation = "selu", init = "lecun_normal" }, seed), y)
  healthy("orthogonal", mlp({ activation = "linear", init = "orthogonal", depth = 50 }, seed), y)
  healthy("residual with norm", mlp({ residual = true, norm = "batch", depth = 30 }, seed), y)
  healthy("residual", mlp({ residual = true, depth = 6 }, seed), y)
  healthy("hardtanh", mlp({ activation = "hardtanh", depth = 8 }, seed), y)
  healthy("leaky", mlp({ activation = "leaky_relu" }, seed), y)
  healthy("classifier", mlp({ outputs = 10, bias = true }, seed), y, { target = sonde.randint(1, 10, { 60 }) })
  for _, batch in ipairs{ 1, 2, 3, 8, 400 } do
    healthy("he, batch " .. batch, mlp({ depth = 6 }, seed), sonde.randn(batch, 100))
    if batch >= 8 then healthy("norm, batch " .. batch, mlp({ depth = 6, norm = "batch" }, seed), sonde.randn(batch, 100)) end
  end
  for _, width in ipairs{ 8, 30, 300 } do healthy("width " .. width, mlp({ depth = 4, width = width }, seed), y) end
  for depth = 1, 3 do healthy("depth " .. depth, mlp({ depth = depth }, seed), y) end
end
healthy("one unit", nn.Sequential{ nn.Linear(1, 1, { init = "constant(1)", bias = false }), nn.Tanh() }, sonde.randn(20, 1))

-- Printed: a row a layer, decades where the scale changes by many, the diagnosis below, at most a screen.
local text = tostring(small:probe(x))
local lines = {}
for line in (text .. "\n"):gmatch("(.-)\n") do lines[#lines + 1] = line end
assert(#lines <= 24, #lines)
assert(text:find("log10|h| %-2%d%.%.0"), text)
assert(text:find("predicted", 1, true) and text:find("\n- std of h falls by", 1, true))
for _, line in ipairs(lines) do assert(utf8.len(line) <= 80, line) end
assert(tostring(mlp{}:probe(x)):find("\nnothing to report$"))
assert(#small:probe(x):text() > #text)

-- What a recorder knows: updates beside the weights, inputs that move, figures that end.
local function record(stats, change, steps)
  local net, batch = nn.mlp{ inputs = 10, width = 10, depth = 2, seed = 1 }, sonde.randn(30, 10)
  local rec = sonde.recorder{ every = 1, stats = stats }
  for step = 1, steps or 3 do
    rec:before(net, batch)
    change(net, step)
    rec:after()
  end
  return rec:diagnose()
end
local list = record({ "update_ratio" }, function(net) for _, p in pairs(net.parameters) do p:mul_(1.5) end end)
assert(#list == 1 and list[1].kind == "update_too_large")
close(list[1].evidence.ratio, 0.5, 1e-5)
assert(list[1].text:find("by 50.0 %% of their norm %(median%), where about 0.1 %% is usual; so it is in 2 layers"), list[1].text)
list = record({ "update_ratio" }, function(net) for _, p in pairs(net.parameters) do p:mul_(1 + 2 ^ -19) end end)
assert(#list == 1 and list[1].kind == "update_too_small" and list[1].text:find("A larger learning rate would train it", 1, true))
close(list[1].evidence.ratio, 2 ^ -19, 0.01)
list = record({ "update_ratio" }, function(net) net.parameters["0.linear.weight"]:mul_(1.001) end)
assert(#list == 1 and list[1].layer == 2 and list[1].text:find("don't move at all", 1, true))
assert(#record({ "update_ratio" }, function(net) for _, p in pairs(net.parameters) do p:mul_(1.001) end end) == 0)
-- One large update that ends all others: the jump is told, not that the weights move no more.
list = record({ "update_ratio" }, function(net, step) if step == 1 then net.parameters["0.linear.weight"]:mul_(1.5) end end)
assert(#list == 1 and list[1].kind == "update_too_large" and list[1].layer == 1, list[1] and list[1].text)
close(list[1].evidence.ratio, 0.5, 1e-5)
assert(list[1].text:find("by 50.0 %% of their norm %(step 1%)") and list[1].text:find("don't move any more after it", 1, true), list[1].text)
list = record({ "shift" }, function(net, step) net.parameters["0.linear.bias"]:add_(step % 2 == 1 and 5 or -5) end)
assert(#list == 1 and list[1].kind == "input_shift" and list[1].layer == 2, list[1] and list[1].text)
list = record({ "activation.std" }, function(net, step) if step == 2 then net.parameters["0.linear.weight"]:fill_(0 / 0) end end)
assert(#list == 1 and list[1].kind == "nan" and list[1].evidence.step == 3 and list[1].layer == 1, list[1] and list[1].text)
list = record({ "activation.dead" }, function(net, step) net.parameters["1.linear.bias"]:fill_(-100) end)
assert(#list == 1 and list[1].kind == "dead_units" and list[1].layer == 2)
list = record({ "activation.std" }, function(net, step) net.parameters["1.linear.weight"]:mul_(100) end)
assert(#list == 1 and list[1].kind == "exploding_activations" and list[1].layer == 2)
assert(#sonde.recorder{}:diagnose() == 0)

-- Units killed by the biases of one layer are told whatever their share: what enters the layer explains few, 2^-200 of unlike samples.
local function kill(net, bias, share, at)
  bias[{ { 1, math.floor(share * 100) } }] = -50
  local found
  for _, entry in ipairs(net:probe(x):diagnose()) do
    if entry.kind == "dead_units" then found = entry end
  end
  assert(found and found.layer == at, "dead units of layer " .. at .. " are not told")
  assert(found.text:find(". Biases of 0 would leave", 1, true) or found.text:find("beta of 0 would leave", 1, true), found.text)
  return found
end
for _, share in ipairs{ 0.4, 0.6, 0.7, 0.8 } do
  for _, at in ipairs{ 1, 4 } do
    local net = mlp{ init = "he_normal", depth = 8, bias = true }
    local found = kill(net, net[at].linear.bias, share, at)
    assert(math.abs(found.evidence.dead - share) < 0.1 and found.evidence.expected < 0.1, found.text)
  end
end
local chain = {}
for i = 1, 5 do
  chain[#chain + 1] = nn.Linear(100, 100, { init = "he_normal" })
  chain[#chain + 1] = nn.ReLU()
end
chain = nn.Sequential(chain)
kill(chain, chain[5].bias, 0.6, 5)
assert(#mlp{ init = "he_normal", depth = 40 }:probe(x):diagnose() == 0)

-- In a Sequential a layer is its Linear and its ReLU: 0.01*sqrt(50) a layer. Rows are counted where numbers of layers are told.
chain = {}
for i = 1, 10 do
  chain[#chain + 1] = nn.Linear(100, 100, { init = "normal(0.01)", bias = false })
  chain[#chain + 1] = nn.ReLU()
end
d = only(nn.Sequential(chain):probe(x), "vanishing_activations")
assert(d.text:find("as sigma*sqrt(n/2) predicts for normal(0.01)", 1, true), d.text)
assert(math.abs(d.evidence.float32_layer - 39) <= 1 and d.text:find("float32 ends near layer 39, float64 near layer 28", 1, true)
  or d.text:find("float32 ends near layer 40, float64 near layer 28", 1, true), d.text)
close(d.evidence.predicted, 0.01 * math.sqrt(50), 1e-6)

-- A first layer of other inputs: factor and cure are those of the others, 0.02*sqrt(50) and sqrt(2/100).
d = only(mlp{ inputs = 784, init = "normal(0.02)" }:probe(sonde.randn(200, 784)), "vanishing_activations")
close(d.evidence.predicted, 0.02 * math.sqrt(50), 1e-6)
assert(d.text:find("he_normal (0.1414) would hold it", 1, true), d.text)

-- Weights of one number: all units compute the same, whatever follows from it.
for _, options in ipairs{ { init = "constant(0.01)" }, { init = "constant(0.05)", activation = "tanh" } } do
  options.depth = 5
  d = only(mlp(options):probe(x), "equal_units")
  assert(d.layer == 1 and d.evidence.layers == 5 and d.text:find("all 100 units of layer 1 compute the same", 1, true), d.text)
end

-- The cure of a saturation is never the initialiser that the weights have; the one told does what it says: P(|z| > ln(99)/2).
local residual = mlp{ depth = 10, activation = "tanh", init = "xavier_normal", norm = "layer", norm_position = "after", residual = true }
d = only(residual:probe(x), "saturation")
assert(d.text:find('net:batchnorm("before") would hold it at 1, and 2.2 % of the outputs there.', 1, true), d.text)
assert(not d.text:find("With xavier_normal", 1, true), d.text)
close(residual:batchnorm("before"):probe(x)[10].activation.saturated, 0.0216, 0.2)

-- A fall or a growth in some layers alone begins and ends where it does, and its factor is that of those layers: 0.05 and 5 times
-- what holds a scale. Their number of steps makes the change in all; nothing is said of where a dtype would end.
local function scaled(factor, from, to)
  local net = mlp{ init = "he_normal" }
  for row = from, to do net[row].linear.weight:mul_(factor) end
  return net:probe(few)
end
local why = " in all (no law: its weights, of std #, are no longer those of he_normal, of std #: trained, loaded or copied in; "
  .. "net:init(...) draws anew); dL/dh %s alike on its way back (# per layer). he_normal (#) drawn anew would hold it: std # in the "
  .. "last layer."
for _, range in ipairs{ { 9, 16 }, { 2, 5 }, { 1, 4 } } do
  local steps = range[2] - range[1] + 1
  d, n = only(scaled(0.05, range[1], range[2]), "vanishing_activations",
    "std of h falls by # per layer from layer # to #, #/#" .. why:format("falls"))
  assert(d.layer == range[1] and n[2] == range[1] and n[3] == range[2], d.text)
  close(n[1], 0.05, 0.08)
  close(math.log(n[5]), steps * math.log(20), 0.06)
  close(n[8], 0.05, 0.08, "factor of the gradient")
  assert(not d.evidence.float32_layer)
  d, n = only(scaled(5, range[1], range[2]), "exploding_activations",
    "std of h grows by # per layer from layer # to #, # times" .. why:format("grows"))
  assert(d.layer == range[1] and n[2] == range[1] and n[3] == range[2], d.text)
  close(n[1], 5, 0.08)
  close(math.log(n[4]), steps * math.log(5), 0.08)
  close(n[7], 5, 0.08, "factor of the gradient")
end
-- up to the last layer more of them would go on with it
d, n = only(scaled(0.05, 12, 20), "vanishing_activations")
assert(n[2] == 12 and n[3] == 20 and d.text:find("; float32 ends near layer 4", 1, true), d.text)
close(n[1], 0.05, 0.08)
-- one layer alone is out of balance, where it makes the activations jump
d = only(scaled(0.05, 7, 7), "scale_imbalance")
assert(d.layer == 7 and d.text:find("weights of layer 7 are 1/2", 1, true), d.text)
close(d.evidence.ratio, 0.05, 0.03)
assert(#scaled(1 / 4, 7, 7):diagnose() == 0 and #scaled(4, 7, 7):diagnose() == 0)

-- A gradient that an auxiliary head adds enters anew: no growth in a layer alone, and the fall on either side is told once.
for _, row in ipairs{ 5, 11 } do
  local helped = mlp{ init = "normal(0.01)", outputs = 10 }
  helped:add_auxiliary(row, nn.Linear(100, 10), { weight = 0.3 })
  d = only(helped:probe(few, { target = sonde.randint(1, 10, { 60 }) }), "vanishing_activations")
  assert(d.text:find("per layer) and enters anew at the auxiliary head behind layer " .. row .. "; float32 ends near layer", 1, true), d.text)
  assert(not helped:probe(few):diagnose()[1].text:find("auxiliary", 1, true))
end
local balanced = mlp{ outputs = 10 }
balanced:add_auxiliary(8, nn.Linear(100, 10))
assert(#balanced:probe(few, { target = sonde.randint(1, 10, { 60 }) }):diagnose() == 0)

-- Units that a norm's beta kills are told with the cause; at 0 and mildly below nothing is. All of a layer's are told as units too.
local function shifted(beta, share, options)
  local net = mlp{ depth = 6, norm = (options or {}).norm or "batch" }
  net[3].norm.bias[{ { 1, math.floor(share * 100) } }] = beta
  return net
end
for _, beta in ipairs{ -50, -5 } do
  d, n = only(shifted(beta, 0.5):probe(few), "dead_units",
    "# % of the units of layer # are # on every sample (the samples' likeness explains <# %), for its norm's beta is down to -# beside a "
    .. "gamma of #: no gradient reaches their weights. A norm's beta of # would leave about <# %; net:activation(\"leaky_relu\") leaves "
    .. "none; in training, a smaller learning rate.")
  assert(d.layer == 3 and n[5] == -beta and n[6] == 1)
  close(d.evidence.dead, 0.5, 0.02)
  d, n = only(shifted(beta, 1):probe(few), "dead_units",
    "all # units of layer # are # on every sample, for its norm's beta is down to -# beside a gamma of #: nothing gets through, and no "
    .. "gradient back. A norm's beta of # would leave about <# %; net:activation(\"leaky_relu\") leaves none; in training, a smaller "
    .. "learning rate.")
  assert(d.layer == 3 and n[1] == 100 and n[2] == 3 and n[4] == -beta and d.evidence.dead == 1 and d.evidence.beta == beta)
end
only(shifted(-9, 0.6, { norm = "layer" }):probe(few), "dead_units")
for _, beta in ipairs{ 0, -0.5, -1, 3 } do
  for _, share in ipairs{ 0.5, 1 } do assert(#shifted(beta, share):probe(few):diagnose() == 0, beta) end
  assert(#shifted(beta, 1):probe(sonde.randn(8, 100)):diagnose() == 0, beta)
end

-- In a Sequential layers are counted as in an mlp, and rows are told beside them.
chain = {}
for _ = 1, 60 do
  chain[#chain + 1] = nn.Linear(#chain == 0 and 100 or 50, 50, { init = "he_normal" })
  chain[#chain + 1] = nn.BatchNorm(50)
  chain[#chain + 1] = nn.ReLU()
end
chain = nn.Sequential(chain)
d, n = only(chain:probe(few), "norm_gradient_growth",
  "dL/dh grows by # per layer towards the input, as theory predicts for he_normal; from layer # to # (rows # to #) by # in all: no "
  .. "learning rate suits both; up to # layers it stays below #, float32 overflows near #. Residual blocks with the norm on the branch "
  .. "keep it below sqrt(depth); fewer layers lessen it.")
assert(n[2] == 60 and n[3] == 1 and n[4] == 178 and n[5] == 1 and math.abs(n[7] - 37) <= 4, d.text)
chain[8].bias:fill_(-10)
d = only(chain:probe(few), "dead_units")
assert(d.layer == 7 and d.text:find("all 50 units of layer 3 (row 7) are 0 on every sample", 1, true), d.text)

-- Samples that collapse although nothing falls: layer norm leaves ReLU its cosine map, whose 1 - c is 9 pi^2/(2 l^2), narrow nets faster.
d = only(mlp{ norm = "layer", depth = 300, width = 30 }:probe(few), "collapse")
assert(d.evidence.share < 0.01 and d.evidence.cosine > 0.999 and d.text:find("samples collapse to one direction: from layer ", 1, true), d.text)

-- Weights of two layers that are off, each its own way, are named although scales hold: behind a norm nothing else shows them.
local uneven = mlp{ depth = 10, norm = "batch" }
uneven[3].linear.weight:mul_(25)
uneven[6].linear.weight:mul_(1 / 25)
d = only(uneven:probe(few), "scale_imbalance")
assert(d.layer == 3 and d.evidence.layers == 2 and d.text:find("^weights of layer 3 are 2[45][%.%d]* times the size of the others' ")
  and d.text:find("; those of layer 6 are 1/2", 1, true), d.text)
close(d.evidence.ratio, 25, 0.05)
uneven[3].linear.weight:mul_(1 / 8)
uneven[6].linear.weight:mul_(8)
assert(#uneven:probe(few):diagnose() == 0)

-- Numbers that have lost digits: told at their root; an input as small as that is told with its cure alone.
d = only(mlp{ depth = 5 }:probe(few, { upstream = sonde.randn(60, 100) * 1e-40 }), "underflow")
assert(d.layer == nil and d.text:find("the upstream gradient has values that underflow float32: 100 %", 1, true), d.text)
only(mlp{ depth = 5 }:probe(few * 1e-39), "input_scale")
only(mlp{ depth = 5 }:probe(few / 0), "inf")
assert(#mlp{ depth = 5 }:probe(few * 0.01):diagnose() == 0)

-- A recorder of a training in good health says nothing; scales that fall and units that saturate are told.
assert(#record({ "update_ratio", "shift", "activation.std", "activation.dead", "activation.saturated" }, function(net)
  for _, p in pairs(net.parameters) do p:mul_(1.001) end
end) == 0)
list = record({ "activation.std" }, function(net) net.parameters["1.linear.weight"]:mul_(0.01) end)
assert(#list == 1 and list[1].kind == "vanishing_activations" and list[1].layer == 2, list[1] and list[1].text)
print("ok")
