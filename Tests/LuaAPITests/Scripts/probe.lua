-- The probe: what it measures, what it says, and that it leaves the net alone.
local function close(a, b, tolerance)
  assert(math.abs(a - b) <= tolerance * math.abs(b), a .. " is not close to " .. b)
end
local function same(a, b) return a:eq(b):all():item() end

sonde.seed(11)
local net = nn.mlp{ inputs = 100, width = 100, depth = 40, bias = false, init = "normal(0.01)" }
local x = sonde.randn(120, 100)
local weight = net[1].linear.weight:clone()
local y = net(x)
local r = net:probe(x, { upstream = "ones" })
assert(#r == 40 and r[41] == nil and r[1].name and r[-1].kind == "Block")
assert(same(weight, net[1].linear.weight) and net[1].linear.weight.grad == nil and net.training)
-- What the user's own forward keeps for its backward is still there.
y:backward(sonde.ones(120, 100))
assert(net[40].linear.weight.grad)

-- Vanishing float32 signals have their right std, which squares in float32 would lose: 0.01 sqrt(100/2) a layer.
local std = r:column("activation.std")
assert(std[20] > 1e-24 and std[20] < 1e-22)
close((std[20] / std[1]) ^ (1 / 19), 0.0707, 0.12)
assert(r[1].activation.zeros > 0.4 and r[1].activation.zeros < 0.6)
assert(r[40].activation.underflow > 0 or r[40].activation.zeros == 1)
local found = {}
for _, finding in ipairs(r.findings) do found[finding.kind] = finding end
assert(found.underflow and found.underflow.text:find("underflow", 1, true) and found.underflow.layer > 20)

-- Stats are Lua numbers, and agree with the definitions.
local s = sonde.tensor({ { 1, 2 }, { 3, 4 }, { 0, 0 } }, { dtype = "float64" }):stats{ percentiles = { 50 }, bins = 4 }
close(s.mean, 10 / 6, 1e-15)
close(s.variance, 30 / 6 - (10 / 6) ^ 2, 1e-14)
assert(s.count == 6 and math.type(s.count) == "integer" and s.min == 0 and s.max == 4 and s.zeros == 2 / 6)
assert(s.percentiles[50] == 1.5 and #s:histogram().counts == 4)
close(s.cosine, (1 * 3 + 2 * 4) / (math.sqrt(5) * 5), 1e-14)
assert(sonde.tensor{ 1, 0 / 0 }:stats().nan == 1)
assert(not pcall(function() return s.mena end))

-- Batch normalisation holds the signal, whatever its running statistics, and the mode.
net:batchnorm("after", { eps = 0, affine = false }):eval()
local mean = net[1].norm.running_mean:clone()
local normalised = net:probe(x)
close(normalised[40].activation.std, 1, 1e-4)
assert(not net.training and same(mean, net[1].norm.running_mean))

-- A table never exceeds a screen; a loss begins the backward pass where a target is given.
local lines = 0
for _ in (tostring(normalised) .. "\n"):gmatch("\n") do lines = lines + 1 end
assert(lines <= 45, lines)
local classifier = nn.mlp{ inputs = 4, width = 8, depth = 2, outputs = 3 }
local report = classifier:probe(sonde.randn(10, 4), { target = sonde.randint(1, 3, { 10 }) })
assert(report.loss > 0 and #report == 3)

-- The sample cosine of BN before ReLU stays at 1/pi (Yang et al. 2019).
local wide = nn.mlp{ inputs = 300, width = 300, depth = 4, norm = "batch", bias = false }
close(wide:probe(sonde.randn(200, 300), { percentiles = {} })[4].activation.cosine, 1 / math.pi, 0.03)

-- a net that was probed before a surgery is seen as it is after it, as a copy is that never was
do
  local function same(net, x)
    local report, twin = net:probe(x), net:clone():probe(x)
    assert(#report == #net and #twin == #net)
    for i = 1, #net do
      for _, quantity in ipairs{ "preactivation", "activation" } do
        assert(report[i].kind == twin[i].kind and report[i][quantity].std == twin[i][quantity].std, quantity .. " of " .. i)
      end
    end
    return report
  end
  for _, make in ipairs{
    function() return nn.mlp{ inputs = 6, width = 5, depth = 3, outputs = 2 } end,
    function()
      return nn.Sequential{ nn.Linear(6, 5), nn.Residual{ nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 5) }, nn.ReLU(), nn.Linear(5, 2) }
    end,
  } do
    local net, x = make(), sonde.randn(16, 6)
    local plain = same(net, x)
    local before = same(net:batchnorm("before"), x)
    assert(before[2].activation.std ~= plain[2].activation.std)
    same(net:batchnorm("after"), x)
    same(net:batchnorm(true, { eps = 0.5 }), x)
    same(net:batchnorm(false), x)
    while #net:history() > 0 do same(net:undo(), x) end
    assert(net:probe(x)[2].activation.std == plain[2].activation.std)
  end
end

print("ok")
