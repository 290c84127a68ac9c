-- Networks as Lua sees them: building, calling, surgery, state.
local function close(a, b, tolerance)
  assert(math.abs(a - b) <= (tolerance or 1e-5) * math.max(1, math.abs(b)), a .. " is not close to " .. b)
end
local function same(a, b) return a:eq(b):all():item() end

sonde.seed(5)
local net = nn.mlp{ inputs = 4, width = 6, depth = 3, outputs = 2, norm = "batch", dtype = "float64" }
assert(#net == 4 and net[4].kind == "Linear" and net[5] == nil)
assert(net[-1] == net[4])
assert(net:count() == 6 * 4 + 6 + 2 * (36 + 6) + 3 * 12 + 12 + 2)
local names = {}
for name in pairs(net.parameters) do names[#names + 1] = name end
assert(table.concat(names, " ") == "0.linear.weight 0.linear.bias 0.norm.weight 0.norm.bias 1.linear.weight 1.linear.bias "
  .. "1.norm.weight 1.norm.bias 2.linear.weight 2.linear.bias 2.norm.weight 2.norm.bias head.weight head.bias")
assert(net.parameters["0.linear.weight"] == net[1].linear.weight)
assert(net[1].norm.eps == 1e-5 and net[1].norm.momentum == 0.1)

-- By hand: one Linear, set from outside.
local line = nn.Sequential{ nn.Linear(2, 2, { dtype = "float64" }) }
line.parameters["0.weight"]:copy_{ { 1, 2 }, { 3, 4 } }
line.parameters["0.bias"]:copy_{ 10, 20 }
local x = sonde.tensor({ { 1, 1 }, { 2, 0 } }, { dtype = "float64" })
local result = line(x)
local y = result:detach()
assert(y[{ 1, 1 }] == 13 and y[{ 1, 2 }] == 27 and y[{ 2, 2 }] == 26)
local dx = line:backward(sonde.ones(2, 2, { dtype = "float64" }))
assert(dx[{ 1, 1 }] == 4 and dx[{ 2, 2 }] == 6)
assert(line.parameters["0.weight"].grad[{ 1, 1 }] == 3 and line.parameters["0.bias"].grad[2] == 2)
local kept = y:clone()
line(x * 5)
assert(same(y, kept), "a result is never a reused buffer")

-- A Linear between Linears: the gradient is the product of the weights.
local chain = nn.Sequential{ nn.Linear(1, 1, { bias = false }), nn.Linear(1, 1, { bias = false }),
  nn.Linear(1, 1, { bias = false }) }
for i = 1, 3 do chain[i].weight:fill_(i + 1) end
chain(sonde.ones(2, 1))
assert(chain:backward(sonde.ones(2, 1))[{ 1, 1 }] == 2 * 3 * 4)
assert(chain[1].weight.grad:item() == 2 * 3 * 4 and chain[3].weight.grad:item() == 2 * 2 * 3)
local r = chain:probe(sonde.ones(2, 1), { upstream = "ones" })
assert(r[1].gradient.mean == 12 and r[2].gradient.mean == 4 and r[3].gradient.mean == 1)

-- Equal numbers have no spread: layer normalisation gives exactly beta.
assert(nn.Sequential{ nn.LayerNorm(3) }(sonde.full({ 2, 3 }, 3.3)):abs():max():item() == 0)
assert(nn.mlp{ inputs = 4, width = 4, depth = 1 }:normalize("rms")[1].norm.eps == 1e-5)
assert(select(2, pcall(nn.mlp, { inputs = 4, width = 4, depth = 10 ^ 9 // 1 | 0 })):find("nn.mlp: expected depth of at most 100000, got 1000000000", 1, true))
assert(select(2, pcall(net.rebuild, net, { depth = 10 ^ 9 // 1 | 0 })):find("rebuild: expected depth of at most 100000, got 1000000000", 1, true))

-- Two forwards before two backwards.
line:zero_grad()
local first, second = line(x), line(x * 2)
second:backward(sonde.ones(2, 2, { dtype = "float64" }))
assert(line.parameters["0.weight"].grad[{ 1, 1 }] == 6)
first:backward(sonde.ones(2, 2, { dtype = "float64" }))
assert(line.parameters["0.weight"].grad[{ 1, 1 }] == 9)

-- Surgery: weights untouched, gamma and statistics come back.
net[1].norm.weight:fill_(3)
local weight = net[1].linear.weight:clone()
net(sonde.randn(8, 4, { dtype = "float64" }))
local mean = net[1].norm.running_mean:clone()
assert(net:batchnorm() == "before")
assert(net:batchnorm("off") == net and net:batchnorm() == "off" and net[1].norm == nil)
assert(same(net[1].linear.weight, weight))
net:batchnorm(true)
assert(net:batchnorm() == "before" and net[1].norm.weight[1]:item() == 3 and same(net[1].norm.running_mean, mean))
net:batchnorm("after", { eps = 0, affine = false })
assert(net[2]:batchnorm("off") and net:batchnorm() == "mixed")
assert(#net:history() == 4)
net:undo():undo()
assert(net:batchnorm() == "before" and #net:history() == 2)
assert(net:activation() == "relu" and net:activation("tanh"):activation() == "tanh")
local before = net[1].linear.weight:clone()
net:init("normal(0.01)", { seed = 3 })
assert(not same(net[1].linear.weight, before))
net:undo()
assert(same(net[1].linear.weight, before))

-- An initialiser in Lua sees shape and fans.
net:init(function(shape, fan_in, fan_out, generator)
  assert(shape[1] == fan_out and shape[2] == fan_in)
  return sonde.full(shape, fan_in, { dtype = "float64" })
end)
assert(net[1].linear.weight:detach()[{ 6, 4 }] == 4 and net[2].linear.weight:detach()[{ 1, 1 }] == 6)

-- State goes out and comes back; a wrong one changes nothing.
local state = net:state()
net:init("zeros")
net:load_state(state)
assert(net[1].linear.weight:detach()[{ 1, 1 }] == 4)
state["head.bias"] = nil
assert(not pcall(net.load_state, net, state))
local copy = net:clone()
copy:init("zeros")
assert(net[1].linear.weight:detach()[{ 1, 1 }] == 4)

-- Batch of one in training mode: an error that says why; evaluation works.
local ok, message = pcall(net, sonde.ones(1, 4, { dtype = "float64" }))
assert(not ok and message:find("more than 1 sample", 1, true), message)
assert(#net:eval()(sonde.ones(1, 4, { dtype = "float64" })) == 1)

-- Cross-entropy against its closed form.
local logits = sonde.tensor({ { 1, 2, 3 } }, { dtype = "float64" })
local loss = nn.cross_entropy(logits, sonde.tensor{ 3 })
close(loss:item(), math.log(math.exp(1) + math.exp(2) + math.exp(3)) - 3, 1e-14)
-- Logits of 1e4 in float32 stay finite.
assert(nn.cross_entropy(sonde.tensor{ { 1e4, -1e4 } }, sonde.tensor{ 2 }):item() == 2e4)

-- What a net takes of memory: counted sizes, in blocks of 64 bytes.
do
  local net = nn.mlp{ inputs = 32, width = 16, depth = 2, outputs = 16, norm = "batch" }
  local opt = optim.Adam(net)
  local before = net:memory(opt)
  assert(before.parameters == 4 * (32 * 16 + 2 * 16 * 16 + 7 * 16) and before.buffers == 4 * 4 * 16)
  assert(before.gradients == 0 and before.workspaces == 0 and before.optimizer == 0)
  assert(before.total == before.parameters + before.buffers)
  nn.mse(net(sonde.randn(8, 32)), sonde.zeros(8, 16)):backward()
  opt:step()
  local after = net:memory(opt)
  assert(after.gradients == after.parameters and after.optimizer == 2 * after.parameters)
  local sum, names = 0, {}
  for i, layer in ipairs(after.layers) do
    sum, names[i] = sum + layer.workspace, layer.layer
    assert(layer.gradients == layer.parameters and layer.workspace > 0)
  end
  assert(#names == #net and after.workspaces > sum and net:memory().optimizer == 0)
  local ok, message = pcall(net.memory, net, 3)
  assert(not ok and message:find("expected an optimizer", 1, true), message)
end
print("ok")
