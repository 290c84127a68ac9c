-- Auxiliary classifiers: values and gradients against the same network written out on the tape, and what is told of mistakes.
local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "expected an error: " .. text)
  assert(tostring(message):find(text, 1, true), tostring(message))
end

sonde.seed(3)
for _, dtype in ipairs{ "float32", "float64" } do
  local tolerance = dtype == "float32" and 1e-6 or 1e-14
  local net = nn.mlp{ inputs = 4, width = 8, depth = 3, outputs = 2, dtype = dtype }
  net:add_auxiliary(1, nn.Linear(8, 2, { dtype = dtype }), { weight = 0.3 })
  net:add_auxiliary(-2, { nn.Linear(8, 4, { dtype = dtype }), nn.ReLU(), nn.Linear(4, 2, { dtype = dtype }) }, { weight = -2 })
  assert(#net == 4 and net:count() == 40 + 72 + 72 + 18 + 18 + 36 + 10)

  local x = sonde.randn(16, 4, { dtype = dtype }):requires_grad_()
  local t = sonde.randint(1, 2, { 16 })
  local function loss(y) return nn.cross_entropy(y, t) end
  local total = loss(net(x)) + net:auxiliary_loss(loss)
  total:backward()

  local p = net:state()
  for _, tensor in pairs(p) do tensor:requires_grad_() end
  local leaf = x:detach():requires_grad_()
  local function linear(h, name) return h:matmul(p[name .. ".weight"]:t()) + p[name .. ".bias"] end
  local h1 = linear(leaf, "0.linear"):relu()
  local h3 = linear(linear(h1, "1.linear"):relu(), "2.linear"):relu()
  local side = linear(linear(h3, "auxiliary.1.0"):relu(), "auxiliary.1.2")
  local expected = loss(linear(h3, "head")) + 0.3 * loss(linear(h1, "auxiliary.0")) - 2 * loss(side)
  expected:backward()

  assert((total - expected):abs():item() < tolerance)
  assert((x.grad - leaf.grad):abs():max():item() < tolerance)
  local count = 0
  for name, tensor in pairs(net.parameters) do
    count = count + 1
    assert((tensor.grad - p[name].grad):abs():max():item() < tolerance, name)
  end
  assert(count == 14)

  -- what each gave is there by itself too
  assert(net.auxiliaries[1].row == 1 and net.auxiliaries[2].row == 3 and net.auxiliaries[2].weight == -2)
  assert((net.auxiliaries[1].output - linear(h1, "auxiliary.0")):abs():max():item() < tolerance)
  assert(#net.auxiliaries[2].layers == 3 and net.auxiliaries[2].layers[2].kind == "ReLU")

  -- a backward from the output alone leaves them without gradients
  net:zero_grad()
  net(x)
  net:backward(sonde.ones(16, 2, { dtype = dtype }))
  assert(net.parameters["auxiliary.0.weight"].grad:abs():sum():item() == 0)
  assert(net.parameters["0.linear.weight"].grad:abs():sum():item() > 0)

  -- out of the way in evaluation and without gradients: the same output as before they came
  net:eval()
  local y = net(x)
  assert(net.auxiliaries[1].output == nil and net:auxiliary_loss(loss):item() == 0)
  assert((y - net:clone():remove_auxiliary()(x)):abs():max():item() == 0)
  net:train()
  sonde.no_grad(function() net(x) end)
  assert(net:auxiliary_loss(loss):item() == 0)
end

-- two forwards before one backward keep what each needs; accumulation adds up
do
  local net = nn.mlp{ inputs = 4, width = 8, depth = 2, outputs = 2 }:add_auxiliary(1, nn.Linear(8, 2))
  local x1, x2 = sonde.randn(6, 4), sonde.randn(6, 4)
  local function total(x)
    local y = net(x)
    return y:sum() + net:auxiliary_loss(function(a) return a:pow(2):sum() end)
  end
  local l1 = total(x1)
  local l2 = total(x2)
  l1:backward()
  l2:backward()
  local both = net.parameters["0.linear.weight"].grad:clone()
  net:zero_grad()
  total(x1):backward()
  total(x2):backward()
  assert((both - net.parameters["0.linear.weight"].grad):abs():max():item() < 1e-5)
end

-- a probe with a loss tells what they do to early gradients: in a net whose signal dies they bring them back
do
  local net = nn.mlp{ inputs = 30, width = 30, depth = 20, outputs = 3, init = "normal(0.05)", bias = false }
  local x, t = sonde.randn(64, 30), sonde.randint(1, 3, { 64 })
  local without = net:probe(x, { target = t, loss = "cross_entropy" })[1].gradient.rms
  net:add_auxiliary(2, nn.Linear(30, 3))
  local with = net:probe(x, { target = t, loss = "cross_entropy" })[1].gradient.rms
  assert(with > 1e6 * without, with .. " " .. without)
  assert(net.auxiliaries[1].output == nil)
  -- a gradient of the user's own reaches the output only
  local upstream = sonde.randn(64, 3)
  local a = net:probe(x, { upstream = upstream })[1].gradient.rms
  local b = net:clone():remove_auxiliary():probe(x, { upstream = upstream })[1].gradient.rms
  assert(a == b)
end

-- surgery, undo, clone, state
do
  local net = nn.mlp{ inputs = 4, width = 8, depth = 2, outputs = 2 }
  net:add_auxiliary(1, nn.Linear(8, 2)):add_auxiliary(2, nn.Linear(2))
  assert(net:history()[1] == "add_auxiliary(1, Linear(8 -> 2))")
  local state = net:state()
  assert(state["auxiliary.1.weight"].shape[2] == 8)
  local copy = net:clone():load_state(state)
  assert(#copy.auxiliaries == 2 and copy.auxiliaries[1].layers[1] ~= net.auxiliaries[1].layers[1])
  net:replace(1, nn.Linear(4, 8))
  assert(#net.auxiliaries == 1 and net.auxiliaries[1].row == 2, "goes with its row")
  assert(net.parameters["auxiliary.0.weight"].shape[1] == 2)
  net:undo()
  assert(#net.auxiliaries == 2)
  net:remove_auxiliary(1)
  assert(#net.auxiliaries == 1)
  net:undo():undo():undo()
  assert(#net.auxiliaries == 0 and #net.parameters == 6)

  fails("network:add_auxiliary: expected a layer from 1 to 3, got 9", net.add_auxiliary, net, 9, nn.Linear(8, 2))
  fails("auxiliary classifier after layer 2, layer 1 Linear(9 -> 2): expected input [batch, 9], got [batch, 8]",
    net.add_auxiliary, net, 2, nn.Linear(9, 2))
  fails("network:add_auxiliary: expected at least one layer, got none", net.add_auxiliary, net, 2, {})
  fails("network:add_auxiliary: expected a finite weight, got inf", net.add_auxiliary, net, 2, nn.Linear(8, 2), { weight = 1 / 0 })
  fails("network:add_auxiliary: expected layers of one dtype, got float32 and float64",
    net.add_auxiliary, net, 2, nn.Linear(8, 2, { dtype = "float64" }))
  local head = nn.Linear(8, 2)
  net:add_auxiliary(2, head)
  fails("network:add_auxiliary: expected a layer without an auxiliary classifier, got layer 2, which has one; remove_auxiliary takes it away",
    net.add_auxiliary, net, 2, nn.Linear(8, 2))
  fails("network:add_auxiliary: expected layers that are not in the network yet, got one that is", net.add_auxiliary, net, 1, head)
  fails("network:remove_auxiliary: expected an auxiliary classifier, got none after layer 1", net.remove_auxiliary, net, 1)
  fails("network:auxiliary_loss: expected the function to return a tensor of one element, got", function()
    net(sonde.randn(3, 4))
    net:auxiliary_loss(function(y) return y end)
  end)
  -- the failed ones have left nothing
  assert(#net:history() == 1 and #net.auxiliaries == 1)
end
print("ok")
