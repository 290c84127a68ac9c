-- Initialisers: moments and bounds at fixed seeds, gains, orthogonality, lsuv, and that they are the same wherever they are named.
local directory = arg[0]:match("^(.*/)") or "./"

local function close(a, b, tolerance, what)
  assert(math.abs(a - b) <= tolerance * math.max(1e-300, math.abs(b)), (what or "") .. ": " .. a .. " ~= " .. b)
end
local function same(a, b) return (a - b):abs():max():item() == 0 end
local function fails(message, f, ...)
  local ok, text = pcall(f, ...)
  assert(not ok, "no error: " .. message)
  text = text:gsub("^[^ ]+: ", "", 1)
  assert(text == message, text .. "\ninstead of\n" .. message)
end

-- 200 000 numbers: a mean is within 5 standard errors of 0, std/447; a normal's std within 5 of its own, 0.8 %; a uniform's
-- kurtosis is 1.8 and its largest numbers are at the bounds; a normal's kurtosis is 3 within 5 times sqrt(24/n).
local fan_in, fan_out = 500, 400
local two = math.sqrt(2)
local schemes = {
  { "normal(0.01)", 0.01 }, { "uniform(-0.05,0.05)", 0.05 / math.sqrt(3), 0.05 },
  { "xavier_normal", math.sqrt(2 / 900) }, { "xavier_uniform", math.sqrt(2 / 900), math.sqrt(6 / 900) },
  { "glorot_normal", math.sqrt(2 / 900) }, { "glorot_uniform", math.sqrt(2 / 900), math.sqrt(6 / 900) },
  { "he_normal", math.sqrt(2 / 500) }, { "he_uniform", math.sqrt(2 / 500), math.sqrt(6 / 500) },
  { "kaiming_normal", math.sqrt(2 / 500) }, { "kaiming_uniform", math.sqrt(2 / 500), math.sqrt(6 / 500) },
  { "lecun_normal", math.sqrt(1 / 500) },
}
local function moments(w)
  local d = w:to("float64")
  local mean, std = d:mean():item(), d:std():item()
  return mean, std, (((d - mean) / std) ^ 4):mean():item()
end
for _, dtype in ipairs{ "float32", "float64" } do
  for place, scheme in ipairs(schemes) do
    for _, gain in ipairs(dtype == "float32" and { 1, 1.5 } or { 1 }) do
      local name, std, bound = scheme[1], scheme[2], scheme[3]
      -- a number replaces He's own gain
      if gain ~= 1 then std = name:find("^he_") and std / two * gain or name:find("^kaiming") and std / two * gain or std * gain end
      if gain ~= 1 and bound then bound = (name:find("^he_") or name:find("^kaiming")) and bound / two * gain or bound * gain end
      local w = nn.Linear(fan_in, fan_out, { init = gain == 1 and name or { name, gain = gain }, dtype = dtype,
        generator = sonde.generator(40 + place) }).weight
      assert(w.shape[1] == fan_out and w.shape[2] == fan_in and w.dtype == dtype)
      local mean, found, kurtosis = moments(w)
      assert(math.abs(mean) < 5 * std / 447, name .. " mean " .. mean)
      close(found, std, 0.008, name .. " std")
      if bound then
        local largest = w:abs():max():item()
        assert(largest <= bound * (1 + 1e-7) and largest > 0.999 * bound, name .. " bound " .. largest)
        close(kurtosis, 1.8, 0.01, name .. " kurtosis")
      else
        close(kurtosis, 3, 0.02, name .. " kurtosis")
      end
    end
  end
end
assert(nn.Linear(3, 2, { init = "zeros" }).weight:abs():max():item() == 0)
assert(nn.Linear(3, 2, { init = "constant(-2.5)" }).weight:detach()[{ 2, 3 }] == -2.5)
-- PyTorch's default: weight and bias uniform within 1/sqrt(fan_in).
local default = nn.Linear(400, 500, { generator = sonde.generator(2) })
assert(default.weight:abs():max():item() <= 0.05 and default.weight:abs():max():item() > 0.0499)
assert(default.bias:abs():max():item() <= 0.05 and default.bias:abs():max():item() > 0.045)

-- Orthogonal: W W^T or W^T W is gain^2 times the identity, in both dtypes.
for _, shape in ipairs{ { 7, 4 }, { 4, 7 }, { 30, 30 }, { 1, 9 }, { 9, 1 } } do
  for dtype, tolerance in pairs{ float32 = 1e-6, float64 = 1e-13 } do
    local w = nn.Linear(shape[1], shape[2], { init = { "orthogonal", gain = 3 }, dtype = dtype }).weight:to("float64")
    local gram = shape[2] <= shape[1] and w:mm(w:t()) or w:t():mm(w)
    assert((gram / 9 - sonde.eye(#gram, { dtype = "float64" })):abs():max():item() < tolerance)
  end
end
-- Uniformly distributed: the trace of a random rotation of n dimensions has mean 0 and variance 1 (Diaconis & Shahshahani
-- 1994), which the Q of a plain QR factorisation misses. 400 traces: within 5 standard errors.
local traces = {}
local stream = sonde.generator(5)
for i = 1, 400 do
  local w = nn.Linear(6, 6, { init = "orthogonal", generator = stream, dtype = "float64" }).weight
  traces[i] = (w * sonde.eye(6, { dtype = "float64" })):sum():item()
end
local mean, std = moments(sonde.tensor(traces))
assert(math.abs(mean) < 0.25 and math.abs(std ^ 2 - 1) < 0.4, mean .. " " .. std)

-- Gains against integration and calculate_gain: a constant weight is its gain.
for line in io.lines(directory .. "../Fixtures/gains.txt") do
  local name, unit, torch = line:match("^([%w_]+)\t(%S+)\t(%S+)$")
  if name then
    local net = nn.mlp{ inputs = 3, width = 3, depth = 1, activation = name, dtype = "float64" }
    close(net:init("constant(1)", { gain = "unit" })[1].linear.weight:detach()[{ 1, 1 }], tonumber(unit), 1e-11, name .. " unit")
    close(net:init({ "constant(1)", gain = "torch" })[1].linear.weight:detach()[{ 1, 1 }], tonumber(torch), 1e-15, name .. " torch")
    net:init("constant(1)")
    assert(net[1].linear.weight:detach()[{ 1, 1 }] == 1)
  end
end
-- He's own gain follows the slope of a leaky ReLU.
local leaky = nn.Sequential{ nn.Linear(500, 400, { init = "he_normal", generator = sonde.generator(3) }), nn.LeakyReLU(0.5) }
close(select(2, moments(leaky[1].weight)), math.sqrt(2 / 1.25 / 500), 0.008, "leaky")

-- The same wherever it is named: mlp, Linear of known and of inferred inputs, net:init, one row, second names, spaces.
local function weights(net, i) local row = net[i]; return row.kind == "Block" and row.linear.weight or row.weight end
local ways = { "xavier_normal", "normal(0.02)", "uniform(-0.1, 0.2)", "he_uniform", "lecun_normal", "orthogonal", "lsuv",
  "constant(0.5)", "zeros" }
-- Where the weights of a seed begin: apart from what a session or a generator of that seed draws first.
local function ofWeights(seed)
  return sonde.generator(seed):set_state(("philox4x32-10 %016x 8000000000000000"):format(seed))
end
for _, init in ipairs(ways) do
  for _, gain in ipairs{ 1.5, "unit", "torch" } do
    local asked = { init, gain = gain }
    local function sequential(inferred)
      -- where the weights of a seed begin
      local g = ofWeights(9)
      return nn.Sequential{ inferred and nn.Linear(5, { init = asked, generator = g }) or nn.Linear(4, 5, { init = asked, generator = g }),
        nn.Tanh() }
    end
    local first = sequential()
    local inferred = sequential(true)
    inferred(sonde.zeros(2, 4))
    local mlp = nn.mlp{ inputs = 4, width = 5, depth = 1, activation = "tanh", init = asked, seed = 9 }
    local later = nn.mlp{ inputs = 4, width = 5, depth = 1, activation = "tanh" }
    local one = nn.mlp{ inputs = 4, width = 5, depth = 1, activation = "tanh" }
    later:init(asked, { seed = 9 })
    one[1]:init(init, { gain = gain, seed = 9 })
    local expected = weights(later, 1)
    for _, net in ipairs{ first, inferred, mlp, one } do
      assert((weights(net, 1) - expected):abs():max():item() <= 1e-6 * math.max(1, expected:abs():max():item()), init .. " " .. gain)
    end
    assert(same(weights(mlp, 1), expected) and same(weights(one, 1), expected))
  end
end
assert(same(nn.mlp{ depth = 1, init = "glorot_normal", seed = 1 }[1].linear.weight, nn.mlp{ depth = 1, init = "xavier_normal", seed = 1 }[1].linear.weight))
-- A weight that was changed before its Sequential came to be is the user's own.
local own = nn.Linear(4, 5, { init = { "lecun_normal", gain = "unit" } })
own.weight:copy_(sonde.ones(5, 4))
assert(nn.Sequential{ own, nn.Tanh() }[1].weight:detach()[{ 1, 1 }] == 1)
-- A function sees shape, fans and generator, wherever it is named.
local function fill(shape, into, out, g) assert(into == shape[2] and out == shape[1]); return sonde.rand(shape, { generator = g }) end
assert(same(nn.mlp{ inputs = 3, width = 2, depth = 1, init = fill, seed = 4 }[1].linear.weight,
  nn.Linear(3, 2, { init = fill, generator = ofWeights(4) }).weight))

-- print tells each layer's scheme, through clone and undo.
local net = nn.mlp{ inputs = 4, width = 5, depth = 3, outputs = 2, init = "he_uniform" }
net[2]:init("orthogonal", { gain = "unit" })
net[3]:init(fill)
local function told(net)
  local list = {}
  for line in tostring(net):gmatch("[^\n]+") do list[#list + 1] = line:match("%]%s+%d+%s+(.-)%s*$") end
  return table.concat(list, " | ")
end
local all = 'he_uniform | orthogonal, gain="unit" | a function | he_uniform'
assert(told(net) == all, told(net))
assert(told(net:clone()) == all)
assert(net:history()[1] == '[2]:init({"orthogonal", gain="unit"})', net:history()[1])
net:init("zeros"):undo()
assert(told(net) == all)
assert(told(nn.Sequential{ nn.Linear(2, 2), nn.Linear(2, 2, { init = { "lecun_normal", gain = 0.5 } }) }) == "default | lecun_normal, gain=0.5")

-- lsuv: orthogonal and due at first; then every Linear's outputs on the data have variance 1.
local x = sonde.randn(300, 20, { generator = sonde.generator(1) }) * 3 + 1
for _, activation in ipairs{ "relu", "tanh", "sigmoid", "gelu", "selu" } do
  for dtype, tolerance in pairs{ float32 = 1e-5, float64 = 1e-12 } do
    local net = nn.mlp{ inputs = 20, width = 30, depth = 6, outputs = 4, activation = activation, init = "lsuv", dtype = dtype,
      dropout = 0.4, seed = 2 }
    local data = x:to(dtype)
    assert(told(net):match("^lsuv %(due%) | "), told(net))
    assert(tostring(net):find("lsuv is due: net:lsuv(x)", 1, true))
    local w = net[2].linear.weight:detach()
    assert((w:mm(w:t()) - sonde.eye(30, { dtype = dtype })):abs():max():item() < 1e-5)
    local before, mode = net:state(), net.training
    assert(net:lsuv(data, { seed = 3, tolerance = 1e-3 }) == net and net.training == mode)
    local report = net:probe(data)
    for i = 1, #net do close(report[i].preactivation.variance, 1, 1e-3, activation .. " " .. i) end
    -- still orthogonal, up to the scale
    w = net[2].linear.weight:detach():to("float64")
    local gram = w:mm(w:t())
    assert((gram / gram[{ 1, 1 }] - sonde.eye(30, { dtype = "float64" })):abs():max():item() < 1e-5)
    assert(told(net) == "lsuv | lsuv | lsuv | lsuv | lsuv | lsuv | lsuv" and not tostring(net):find("due"))
    assert(told(net:clone()) == told(net))
    assert(#net:history() == 1 and net:history()[1] == "lsuv(x, {tolerance=0.001, seed=3})", net:history()[1])
    net:undo()
    assert(told(net):match("^lsuv %(due%) | ") and #net:history() == 0)
    for name, value in pairs(before) do assert(same(net:state()[name], value), name) end
  end
end
-- The same data and seed give the same weights; a wide tolerance leaves what is near enough, one pass is enough.
local function made(options)
  local net = nn.mlp{ inputs = 20, width = 30, depth = 3, activation = "tanh", seed = 2 }
  return net:lsuv(x, options)
end
assert(same(made{ seed = 3 }[3].linear.weight, made{ generator = ofWeights(3) }[3].linear.weight))
assert(same(made{ seed = 3 }[3].linear.weight, made{ seed = 3, iterations = 1 }[3].linear.weight))
local wide = made{ seed = 3, tolerance = 1e9 }[2].linear.weight
assert((wide:mm(wide:t()) - sonde.eye(30)):abs():max():item() < 1e-5)
-- Batch normalisation: running statistics, mode and gradients stay; a Sequential; biases become 0.
local normed = nn.Sequential{ nn.Linear(20, 16), nn.BatchNorm(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8), nn.Tanh(), nn.Linear(3) }
normed(x):sum():backward()
local mean_before = normed[2].running_mean:clone()
local slope = normed[5].weight.grad:clone()
normed:eval()
normed:lsuv(x)
assert(not normed.training and same(normed[2].running_mean, mean_before) and same(normed[5].weight.grad, slope))
assert(normed[5].bias:abs():max():item() == 0)
local r = normed:probe(x)
close(r[1].activation.variance, 1, 1e-5); close(r[5].activation.variance, 1, 1e-5); close(r[7].activation.variance, 1, 1e-5)

-- Inside residual layers, too.
local residual = nn.Sequential{ nn.Linear(20, 16), nn.ReLU(), nn.Residual{ nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 16) } }
residual:lsuv(x)
assert(told(residual) == "lsuv | lsuv", told(residual))
local inner = residual[1].weight:detach()
close(x:mm(inner:t()):var():item(), 1, 1e-5)
local h = x:mm(inner:t()):relu()
close(h:mm(residual[3][1].weight:detach():t()):var():item(), 1, 1e-5)

-- Whole error texts; nothing is changed by them.
local plain = nn.mlp{ inputs = 4, width = 5, depth = 2, seed = 1 }
local before = plain:state()
local stuck = "network:lsuv: expected outputs of layer 1 Linear(4 -> 5) that are finite and vary over the batch, got a variance of "
fails(stuck .. "0", plain.lsuv, plain, sonde.zeros(10, 4))
fails(stuck .. "nan", plain.lsuv, plain, sonde.full({ 10, 4 }, 0 / 0))
fails("layer 1 Block(Linear(4 -> 5), ReLU): expected input [batch, 4], got [10, 3]", plain.lsuv, plain, sonde.zeros(10, 3))
fails("network:lsuv: expected a positive tolerance, got 0", plain.lsuv, plain, sonde.randn(10, 4), { tolerance = 0 })
fails("network:lsuv: expected iterations of at least 1, got 0", plain.lsuv, plain, sonde.randn(10, 4), { iterations = 0 })
fails("network:lsuv: expected a seed of 0 or more, got -1", plain.lsuv, plain, sonde.randn(10, 4), { seed = -1 })
fails("network:lsuv: expected a Linear that knows its inputs, got none; run a forward first", function() nn.Sequential{ nn.ReLU() }:lsuv(sonde.randn(3, 3)) end)
fails("network:init: unknown initialiser 'orthogonl', did you mean 'orthogonal'?", plain.init, plain, "orthogonl")
fails("network:init: expected lsuv without arguments, got lsuv(2)", plain.init, plain, "lsuv(2)")
fails("network:init: a function draws the weights as they are, without a gain, got 2", plain.init, plain, fill, { gain = 2 })
fails("network:init: a function draws the weights as they are, without a gain, got 'unit'", plain.init, plain, { fill, gain = "unit" })
fails("network:init: unknown option 'gian' of an initialiser, did you mean 'gain'?", plain.init, plain, { "lsuv", gian = 2 })
fails("nn.Linear: option 'gain' needs init: PyTorch's default has none", nn.Linear, 2, 2, { gain = 2 })
fails("network:init: init function: expected a tensor of shape [5, 4], got 3", plain.init, plain, function() return 3 end)
for name, value in pairs(before) do assert(same(plain:state()[name], value), name) end
assert(#plain:history() == 0)
print("ok")
