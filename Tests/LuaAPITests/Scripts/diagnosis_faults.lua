-- Faults of single layers: nets with one each, told by one sentence that names the layer, whatever follows from it in the others; nets
-- near by, of which nothing is said.
local directory = arg[0]:match("^(.*/)") or ""
local telling = dofile(directory .. "Support/telling.lua")
local close, only = telling.close, telling.only
local d, n

-- Nets of 16 layers of 64 units, unless said.
sonde.seed(17)
local y = sonde.randn(128, 64)
local function deep(options)
  local o = { inputs = 64, width = 64, depth = 16, seed = 7 }
  for name, value in pairs(options or {}) do o[name] = value end
  return nn.mlp(o)
end
local function silent(net, options, what)
  local list = net:probe(y, options):diagnose()
  assert(#list == 0, (what or "") .. (list[1] and list[1].kind .. ": " .. list[1].text or ""))
end

-- Biases: of tanh and sigmoid they stand at the ends, artanh(0.98) = 2.2976 and ln 99 = 4.595; of ReLU they hide what tells samples apart.
local ends = "# %% of the outputs of layer # are within # %% of the ends of %s, where it has no slope, for %s %s # beside a std of # of what "
  .. "its weights make of its input. Biases of # would leave %s of them there."
for _, bias in ipairs{ 6, -6 } do
  local net = deep{ activation = "tanh" }
  local r = net:probe(y)
  net[5].linear.bias:fill_(bias)
  d, n = only(net:probe(y), "saturation", ends:format("tanh", "its biases", "are", "<# %"))
  assert(d.layer == 5 and n[1] == 100 and n[2] == 5 and n[4] == 6)
  close(n[5], r[5].preactivation.std, 0.05)
  assert(d.evidence.saturated == 1 and d.evidence.predicted < 1e-6 and d.evidence.shift == 6)
end
local sigmoid = deep{ activation = "sigmoid", depth = 3 }
silent(sigmoid)
sigmoid[2].linear.bias:fill_(8)
d, n = only(sigmoid:probe(y), "saturation", ends:format("sigmoid", "its biases", "are", "<# %"))
assert(d.layer == 2 and n[4] == 8)
local positive = deep()
local size = positive:probe(y)[5].activation.rms
positive[5].linear.bias:fill_(200)
d, n = only(positive:probe(y), "hidden_signal_death",
  "what tells samples apart is # % of h in layer #, for its biases are # beside a std of # of what its weights make of its input: samples "
  .. "look alike behind it. Biases of # would bring the root mean square of h from # to #.")
assert(d.layer == 5 and n[2] == 5 and n[3] == 200 and n[5] == 0)
close(n[6], 200, 0.01)
close(n[7], size, 0.2, "the size without biases") -- in one draw of 64 units, sqrt(5/64)/2 is one standard deviation
assert(d.evidence.share < 0.01)
for _, bias in ipairs{ 0.5, 2 } do
  positive[5].linear.bias:fill_(bias)
  silent(positive, nil, "a bias of " .. bias .. ": ")
end
local all = deep{ activation = "tanh" }
for i = 1, #all do all[i].linear.bias:fill_(6) end
assert(only(all:probe(y), "saturation").text:find("; so it is in 16 layers, from layer 1 on. Biases of 0", 1, true))
-- below 0 they kill the units of ReLU
local dead = deep()
dead[5].linear.bias:fill_(-200)
d = only(dead:probe(y), "zero", "activations are exactly # from layer # on: no preactivation is above #, for its biases are down to -# beside a "
  .. "std of # of what its weights make of its input. Everything before it gets no gradient. Biases of # would leave about # %; "
  .. "net:activation(\"leaky_relu\") leaves none; in training, a smaller learning rate.")
assert(d.layer == 5)
local branches = deep{ residual = true, depth = 6 }
silent(branches)
branches[3].linear.bias:fill_(-200)
d = only(branches:probe(y), "dead_units")
assert(d.layer == 3 and d.evidence.dead == 1 and d.text:find("100.0 % of the units of the branch of layer 3 are 0 on every sample", 1, true), d.text)
-- batch norm takes biases in front of it away
local absorbed = deep{ norm = "batch" }
absorbed[5].linear.bias:fill_(200)
silent(absorbed)

-- Gamma and beta. A gamma of g times 1 has h of g times the size, 1/g of the gradient behind it, and a norm behind takes it away again.
for norm, gammas in pairs{ batch = { 0.01, 100 }, layer = { 0.01, 50 } } do
  for _, gamma in ipairs(gammas) do
    local net = deep{ norm = norm }
    local std = net:probe(y)[4].activation.std
    net[4].norm.weight:fill_(gamma)
    local large = gamma > 1
    d, n = only(net:probe(y), "scale_imbalance", ("gamma of the norm of layer # is #, %s the others' (median #): std of h is # there, and "
      .. "dL/dh %s that of the layer behind. A gamma of # would bring std of h to #."):format(
        large and "# times" or "#/# of", large and "#/# of" or "# times"))
    assert(d.layer == 4 and n[2] == gamma)
    close(d.evidence.gamma, gamma, 1e-6)
    close(d.evidence.ratio, gamma, 1e-6)
    close(n[#n], std, 0.01)
    close(d.evidence.predicted, std, 0.01)
  end
  for _, gamma in ipairs{ 0.1, 10, -1 } do
    local net = deep{ norm = norm }
    net[4].norm.weight:fill_(gamma)
    silent(net, nil, norm .. " gamma " .. gamma .. ": ")
  end
  local off = deep{ norm = norm }
  off[4].norm.weight:zero_()
  d = only(off:probe(y), "zero")
  assert(d.layer == 4 and d.text == "gamma of the norm of layer 4 is 0 in all 64 units: nothing but its beta gets through it, every sample "
    .. "looks the same behind it, and no gradient comes back through it. A gamma of 1 would bring it back.", d.text)
end
-- a branch whose gamma is 0 leaves its input, and learns where the nonlinearity has a slope at 0
local branch = deep{ norm = "batch", residual = true, activation = "tanh" }
branch[4].norm.weight:zero_()
silent(branch)
branch = deep{ norm = "batch", residual = true }
branch[4].norm.weight:zero_()
assert(only(branch:probe(y), "zero").text:find("its branch adds nothing, and gets no gradient, for relu has no slope at 0", 1, true))
local lowered = deep{ norm = "layer" }
lowered[4].norm.bias:fill_(-2)
d, n = only(lowered:probe(y), "dead_units")
assert(d.layer == 4 and d.text:find(", for its norm's beta is down to -2 beside a gamma of 1: no gradient", 1, true), d.text)
lowered[4].norm.bias:fill_(50)
d = only(lowered:probe(y), "hidden_signal_death")
assert(d.layer == 4 and d.text:find(", for its norm's beta is 50 beside a gamma of 1: samples look alike behind it. A norm's beta of 0", 1, true))
close(d.evidence.predicted, math.sqrt(0.5), 1e-6) -- E relu(z)^2
for _, beta in ipairs{ -0.5, 1 } do
  lowered[4].norm.bias:fill_(beta)
  silent(lowered, nil, "beta " .. beta .. ": ")
end
local shiftedUp = deep{ norm = "batch" }
shiftedUp[4].norm.bias:fill_(50) -- the next batch norm takes it away
silent(shiftedUp)

-- What a gamma of 1 makes of h: of a bounded activation what it makes of normal numbers, known where no branch is added to it.
local gammaText = "gamma of the norm of layer # is #, %s the others' (median #): std of h is # there%s. A gamma of # would "
for activation, std in pairs{ tanh = 0.6279, sigmoid = 0.2083, selu = 1, relu = 0.5838 } do
  local measured = deep{ norm = "batch", activation = activation }:probe(y)[4].activation.std
  for _, gamma in ipairs{ 0.01, 100 } do
    local net = deep{ norm = "batch", activation = activation }
    net[4].norm.weight:fill_(gamma)
    d = only(net:probe(y), "scale_imbalance")
    assert(d.layer == 4)
    close(d.evidence.predicted, measured, 0.06, activation)
    if activation ~= "relu" then close(d.evidence.predicted, std, 0.001, activation) end
  end
end
for gamma, words in pairs{ [0.01] = { "#/# of", ", and its branch adds next to nothing" }, [100] = { "# times", "" } } do
  local net = deep{ norm = "batch", residual = true, depth = 8 }
  net[5].norm.weight:fill_(gamma)
  d = only(net:probe(y), "scale_imbalance", gammaText:format(table.unpack(words)) .. "make it as the others.")
  assert(d.layer == 5 and d.evidence.predicted == nil)
end
local begun = deep{ norm = "batch", residual = true, depth = 8 }
for _, i in ipairs{ 1, 3, 5 } do begun[i].norm.weight:fill_(0.01) end
silent(begun)
-- gammas that are all alike, where they drive an activation to its ends or leave it where it is one number
for activation, share in pairs{ tanh = "# %%", sigmoid = "<# %%" } do
  local net = deep{ norm = "batch", activation = activation, depth = 8 }
  for i = 1, 8 do net[i].norm.weight:fill_(100) end
  d, n = only(net:probe(y), "saturation", ("# %% of the outputs of layer # are within # %% of the ends of %s, where it has no slope, for gamma "
    .. "of its norm is #; so it is in # layers, from layer # on. A gamma of # would leave " .. share .. " of them there."):format(activation))
  assert(d.layer == 1 and n[4] == 100 and n[5] == 8)
  if activation == "tanh" then assert(n[8] == 2.2) end -- erfc(2.2976 / sqrt 2) = 0.0216
end
local flatSigmoid = deep{ norm = "batch", activation = "sigmoid", depth = 8 }
for i = 1, 8 do flatSigmoid[i].norm.weight:fill_(0.01) end
d, n = only(flatSigmoid:probe(y), "collapse", "what tells samples apart is # % of h in layer #, for gamma of its norm is #: of numbers so near "
  .. "to # sigmoid makes one; so it is in # layers, from layer # on. A gamma of # would make it # %.")
assert(n[1] == 0.5 and n[#n] == 38.5) -- 0.01 / 4 beside 1/2; 0.2083 / sqrt(0.2083^2 + 1/4)
close(d.evidence.predicted, 0.3845, 0.001)

-- Biases and beta that push gelu's units to where it passes nothing: E gelu^2 - (E gelu)^2 over normal numbers is 0.588^2.
local silenced = "std of h is %s in layer #, for %s -# beside %s, where gelu passes next to nothing on, nor back. %s of # would bring std of "
  .. "h to #."
for _, norm in ipairs{ "batch", "layer" } do
  local net = deep{ norm = norm, activation = "gelu", depth = 8 }
  net[5].norm.bias:fill_(-6)
  d = only(net:probe(y), "vanishing_activations", silenced:format("#", "its norm's beta is", "a gamma of #", "A norm's beta"))
  assert(d.layer == 5)
  close(d.evidence.predicted, 0.588, 0.001)
end
local pushed = deep{ activation = "gelu", depth = 8 }
local free = pushed:probe(y)[5].activation.std
pushed[5].linear.bias:fill_(-6)
d = only(pushed:probe(y), "vanishing_activations", silenced:format("#", "its biases are",
  "a std of # of what its weights make of its input", "Biases"))
assert(d.layer == 5)
close(d.evidence.predicted, free, 0.2) -- one draw of 64 units
for i = 1, 8 do pushed[i].linear.bias:fill_(-6) end
assert(only(pushed:probe(y), "vanishing_activations").text:find("nor back; so it is in 8 layers, from layer 1 on. Biases of 0 would", 1, true))
-- behind the nonlinearity a norm does not take biases away
for norm, what in pairs{ batch = "the units of layer 5 are 0 on every sample", layer = "all 64 units of layer 5 are 0 on every sample" } do
  local net = deep{ norm = norm, norm_position = "after", depth = 8 }
  net[5].linear.bias:fill_(-6)
  d = only(net:probe(y), "dead_units")
  assert(d.layer == 5 and d.text:find(what, 1, true) and d.text:find(", for its biases are down to -6 beside a std of ", 1, true)
    and d.text:find(". Biases of 0 would leave", 1, true), d.text)
end
for _, found in ipairs((function()
  local net = deep{ activation = "sigmoid", depth = 8 }
  net[4].linear.bias:fill_(-6)
  return net:probe(y):diagnose()
end)()) do assert(found.kind ~= "exploding_activations", found.text) end
local lifted = deep{ depth = 8 }
for i = 1, 8 do lifted[i].linear.bias:fill_(6) end
assert(only(lifted:probe(y), "hidden_signal_death").layer == 1)

-- Behind weights as good as 0 a norm takes some layers to bring the size back: no growth to tell of.
for _, norm in ipairs{ "batch", "layer" } do
  local net = deep{ norm = norm, depth = 8 }
  net[5].linear.weight:mul_(1e-12)
  d = only(net:probe(y), "scale_imbalance")
  assert(d.layer == 5)
  close(d.evidence.ratio, 1e-12, 0.1)
  -- branches as good as 0 are named with the layers
  d = only(deep{ norm = norm, residual = true, depth = 8, init = "normal(1e-25)" }:probe(y), "scale_imbalance", "weights of layers #, #, #, #, "
    .. "#, #, # and # are as good as #: what their branches add to what goes around is lost beside it, and no step that suits other weights "
    .. "suits theirs. Its weights' rms*sqrt(n) is #, that of he_normal is #.")
  assert(d.layer == 1)
  close(d.evidence.scale, 8e-25, 0.02) -- sqrt 64
end

-- Of a Sequential the layers are counted as people count, with their rows, and rows of weights of 0 are named.
local function pairsOfLayers()
  local parts = {}
  for _ = 1, 8 do
    parts[#parts + 1] = nn.Linear(64, 64, { init = "he_normal" })
    parts[#parts + 1] = nn.ReLU()
  end
  return nn.Sequential(parts)
end
local sequence = pairsOfLayers()
sequence[5].weight[{ { 1, 40 }, {} }] = 0
d = only(sequence:probe(y), "dead_units", "# % of the units of layer # (row #) are # on every sample (the samples' likeness explains # %), for the "
  .. "weights of # of its # units are all #: no gradient reaches their weights. Drawn anew, they are alive.")
assert(d.layer == 5 and d.evidence.zero_rows == 40)
sequence = pairsOfLayers()
sequence[5].weight[{ 1, 1 }] = 0 / 0
assert(only(sequence:probe(y), "nan").text:find("NaN first at layer 3 (row 5) (weights): ", 1, true))
sequence = pairsOfLayers()
sequence[5].bias:fill_(-1000)
assert(only(sequence:probe(y), "zero").text:find("activations are exactly 0 from layer 3 (row 6) on: no preactivation", 1, true))

-- Weights of one layer, or of every second one: one statement with the factor, whatever the activation does with it.
for _, factor in ipairs{ 10, 0.1 } do
  local net = deep()
  for i = 2, 16, 2 do net[i].linear.weight:mul_(factor) end
  local large = factor > 1
  d, n = only(net:probe(y), "scale_imbalance", ("weights of layers #, #, #, #, #, #, # and # are %s the size of the others' (rms*sqrt(n) #, "
    .. "median #): by homogeneity their dL/dW is %s beside that of the others, and no learning rate suits both; h %s through them. Drawn as "
    .. "the others, each would be #."):format(large and "# times" or "#/# of", large and "small" or "large",
      large and "grows # times" or "falls to #/#"))
  assert(d.layer == 2 and d.evidence.layers == 8)
  close(d.evidence.ratio, factor, 0.05)
  -- eight layers by it, and each halves the mean square of a signal of no common part by He's law less what 64 units drift
  close(math.log(n[#n - 1]), 8 * math.log(10), 0.1)
end
-- of a normal z of the std by which weights were multiplied: |tanh z| > 0.98 where |z| > 2.3
for factor, share in pairs{ [100] = 98, [10] = 53 } do
  local net = deep{ activation = "tanh" }
  net[5].linear.weight:mul_(factor)
  d = only(net:probe(y), "scale_imbalance")
  local measured = tonumber(d.text:match("; ([%d.]+) %% of the outputs of layer 5 are within 1 %% of the ends of tanh%. Drawn as"))
  assert(d.layer == 5 and math.abs(measured - share) <= 8, d.text)
  close(d.evidence.ratio, factor, 0.05)
end
local strong = deep{ activation = "tanh" }
for i = 1, #strong do strong[i].linear.weight:mul_(5) end
d = only(strong:probe(y), "saturation")
assert(d.evidence.layers == 16 and d.text:find("Its weights' rms%*sqrt%(n%) is [45]%.?%d* ?%.") and not d.text:find("unit size already", 1, true), d.text)
local weak = deep{ activation = "sigmoid", depth = 3 }
weak[2].linear.weight:mul_(1e-3)
assert(only(weak:probe(y), "scale_imbalance").layer == 2)

local alternating = deep()
for i = 2, 16, 2 do alternating[i].linear.weight:mul_(i % 4 == 0 and 0.1 or 10) end
d = only(alternating:probe(y), "scale_imbalance")
assert(d.layer == 2 and d.text:find("^weights of layers 2, 6, 10 and 14 are ") and d.text:find("; those of layer 4 are 1/", 1, true), d.text)

-- Weights of rank 1 leave one number of a sample; equal rows make all units one.
local flat = deep()
local row = sonde.randn(1, 64)
flat[5].linear.weight:copy_(sonde.randn(64, 1):mm(row) * 0.17)
d = only(flat:probe(y), "collapse", "samples collapse to one direction: the weights of layer # have rank # (<# % of their size lies outside one "
  .. "direction), so its # units are multiples of one number, which is all that is left of a sample. An initialiser that draws, such as "
  .. "he_normal or orthogonal, has full rank.")
assert(d.layer == 5)
for _, norm in ipairs{ "none", "batch", "layer" } do
  flat = deep{ norm = norm }
  flat[5].linear.weight:copy_((row * 0.17):expand(64, 64))
  d = only(flat:probe(y), "equal_units", "all # units of layer # compute the same, for all its weights are the same in each unit: of a sample "
    .. "they pass on one number. An initialiser that draws, such as he_normal, tells units apart.")
  assert(d.layer == 5)
end

-- What is not finite is named, wherever it is.
for name, where in pairs{ ["4.linear.bias"] = "biases", ["4.norm.weight"] = "its norm's gamma", ["4.norm.bias"] = "its norm's beta" } do
  for value, word in pairs{ [1 / 0] = "infinity", nan = "NaN" } do
    local net = deep{ norm = "layer" }
    net.parameters[name][3] = value == "nan" and 0 / 0 or value
    d = only(net:probe(y), word == "NaN" and "nan" or "inf")
    assert(d.layer == 5 and d.text == word .. " first at layer 5 (" .. where .. "): 1 of its 64 values; what else is NaN or infinite follows "
      .. "from it. Go back to weights from before, and train with a smaller learning rate or nn.clip_grad_norm.", d.text)
  end
end
local unbounded = deep{ activation = "tanh" }
unbounded[5].linear.bias[3] = 1 / 0
assert(only(unbounded:probe(y), "inf").text:find("infinity first at layer 5 (biases): 1 of its 64 values. Go back", 1, true))

-- Auxiliary heads are told by their name.
local classes = { target = sonde.randint(1, 10, { 128 }) }
local function headed(at, change)
  local net = deep{ outputs = 10 }
  sonde.seed(4)
  net:add_auxiliary(5, nn.Linear(64, 10))
  net:add_auxiliary(10, nn.Linear(64, 10))
  change(net.parameters["auxiliary." .. (at == 5 and 0 or 1) .. ".weight"])
  return net
end
silent(headed(5, function() end), classes)
for _, at in ipairs{ 5, 10 } do
  local behind = "the auxiliary head behind layer " .. at
  d, n = only(headed(at, function(w) w:mul_(1000) end):probe(y, classes), "scale_imbalance")
  assert(d.layer == at and d.text:find("weights of " .. behind .. " are ", 1, true) and d.text:find("where its gradient enters", 1, true), d.text)
  close(d.evidence.ratio, 1000, 0.05) -- uniform within 1/sqrt(n): 1/sqrt(3) of rms*sqrt(n)
  d = only(headed(at, function(w) w:mul_(0.001) end):probe(y, classes), "scale_imbalance")
  assert(d.layer == at and d.text:find("the gradient that it sends back is as small", 1, true), d.text)
  d = only(headed(at, function(w) w:zero_() end):probe(y, classes), "zero_weights")
  assert(d.layer == at and d.text:find("all weights of " .. behind .. " are 0: no gradient of its loss", 1, true), d.text)
  d = only(headed(at, function(w) w[{ 1, 1 }] = 0 / 0 end):probe(y, classes), "nan")
  assert(d.layer == at and d.text:find("NaN first at " .. behind .. " (weights): 1 of its 640 values", 1, true), d.text)
end

-- Weights so small that the second layer is 0 already.
for activation, cure in pairs{ relu = "he_normal", tanh = "xavier_normal" } do
  d = only(deep{ init = "normal(1e-25)", depth = 8, activation = activation }:probe(y), "vanishing_activations")
  assert(d.text:find("float32 ends: h is exactly 0 from layer 2 on. " .. cure, 1, true) and not d.text:find("leaky", 1, true), d.text)
end

-- An input that is ill is told alone, whatever the layers make of it; of few large numbers not their root mean square is to blame.
for _, options in ipairs{ { activation = "tanh", depth = 6 }, { norm = "batch", depth = 8 }, { norm = "layer", depth = 6 },
  { residual = true, depth = 6 }, { activation = "sigmoid", depth = 3 } } do
  only(deep(options):probe(y * 1e6), "input_scale")
  only(deep(options):probe(y * 1e-6), "input_scale")
  only(deep(options):probe(y + 30), "input_offset")
  only(deep(options):probe(y + 100), "input_offset", "the input's samples are alike (cosine #): what tells them apart is # % of their size. Take "
    .. "each feature's mean away, as ds:normalize() does.")
  local constant = y:clone()
  constant[{ {}, { 1, 1 } }] = 1e6
  only(deep(options):probe(constant), "input_scale")
  only(deep(options):probe(sonde.ones(128, 64)), "constant_input")
  local outlying = y:clone()
  outlying[9] = outlying[9] * 1e6
  d = only(deep(options):probe(outlying), "input_scale")
  assert(d.text:find("few numbers of the input are far larger than the others: 70 % lie between -1.0", 1, true), d.text)
  close(d.evidence.bulk, 1.036, 0.02) -- the 85th percentile of a normal number
end

local features = y:clone()
features[{ {}, { 2, 64 } }] = 0
for _, norm in ipairs{ "none", "batch", "layer" } do only(deep{ norm = norm, depth = 8 }:probe(features), "dead_inputs") end

-- Narrow nets leave units that never fire: of samples in a cone of d directions 2^-d and more, whatever their number.
for width, seeds in pairs{ [16] = 16, [32] = 4 } do
  for seed = 1, seeds do
    local net = nn.mlp{ inputs = width, width = width, depth = 16, seed = seed }
    local list = net:probe(sonde.randn(128, width, { generator = sonde.generator(seed) })):diagnose()
    assert(#list == 0, width .. " " .. seed .. ": " .. (list[1] and list[1].text or ""))
  end
end
print("ok")
