-- Names, freezing, insert, remove and replace, and layers written in Lua that go wrong.
local Linear, Sequential, Residual = nn.Linear, nn.Sequential, nn.Residual
local function same(a, b) return a:eq(b):all():item() end

-- The whole text of the error, without the place it is blamed on.
local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error: " .. text)
  message = type(message) == "string" and message:gsub("^[^:]+%.lua:%d+: ", "") or message
  if message ~= text then error("expected: " .. text .. "\n     got: " .. tostring(message), 2) end
end

local function names(net)
  local list = {}
  for name in pairs(net.parameters) do list[#list + 1] = name end
  return table.concat(list, " ")
end

local function make() return Sequential{ Linear(4, 3, { name = "fc1" }), nn.ReLU(), { "fc2", Linear(3, 2) } } end

-- What a net is: rows, names and numbers.
local function portrait(net)
  local state, kinds = net:state(), {}
  for i = 1, #net do kinds[i] = tostring(net[i]) .. "=" .. tostring(net[i].name) end
  return { state = state, text = table.concat(kinds, " "), names = names(net), history = table.concat(net:history(), " ") }
end
local function unchanged(net, before)
  local now = portrait(net)
  assert(now.text == before.text and now.names == before.names and now.history == before.history, now.text)
  for name, t in pairs(before.state) do assert(same(t, now.state[name]), name) end
end

-- Names.
local net = make()
assert(names(net) == "fc1.weight fc1.bias fc2.weight fc2.bias")
assert(net.fc1 == net[1] and net.fc2.name == "fc2" and net[2].name == nil and #net:find("fc2") == 1)
net[2].name = "act"
assert(net.act.kind == "ReLU" and net.act:named("phi") == net[2] and net.phi.kind == "ReLU")
for _, name in ipairs{ "parameters", "forward", "find", "undo", "training" } do
  fails("layer:named: expected a name that is no field or method of a network, got '" .. name .. "'",
    net[2].named, net[2], name)
end
for _, name in ipairs{ "weight", "kind", "norm", "shortcut", "named" } do
  fails("nn.ReLU: expected a name that is no field or method of a layer, got '" .. name .. "'", nn.ReLU, { name = name })
end
fails("nn.Sequential: expected a name that is no field or method of a layer, got 'weight'", Sequential,
  { { "weight", Linear(2, 2) } })
fails("nn.Residual: expected a name that is no field or method of a network, got 'fit'", Residual,
  { Linear(2, 2), name = "fit" })
fails("layer: expected a name that is no field or method of a network, got 'probe'", function() net[1].name = "probe" end)
fails("layer: expected a name, got nil", function() net[1].name = nil end)
for _, name in ipairs{ "", "0a", "a b", "a.b", "ä" } do
  fails("layer:named: expected letters, digits and _ that don't begin with a digit, got '" .. name .. "'",
    net[2].named, net[2], name)
end
local twice = "expected a name of its own for each layer, got two layers named 'fc1'"
fails("layer:named: " .. twice, net[2].named, net[2], "fc1")
fails("nn.Sequential: " .. twice, Sequential, { { "fc1", nn.ReLU() }, { "fc1", nn.Tanh() } })
fails("network:insert: " .. twice, net.insert, net, 2, nn.Tanh{ name = "fc1" })
assert(#net == 3 and #net:history() == 0)
fails("network: no field 'fc3'; ?network lists what it has", function() return net.fc3 end)
local headed = nn.mlp{ inputs = 3, width = 3, depth = 1, outputs = 2 }
fails("network:insert: expected a name of its own for each layer, got two layers named 'head'", headed.insert, headed, 1,
  Linear(3, 3, { name = "head" }))

-- Names inside residual layers, also those given later.
local a, b = Linear(3, 3, { name = "a" }), Linear(3, 3, { name = "b" })
local inside = Residual{ a, b, name = "block" }
b:named("a")
fails("nn.Sequential: expected a name of its own for each layer, got two layers named 'a'", Sequential, { inside })
b:named("b")
local outer = Sequential{ inside }
fails("layer:named: expected a name of its own for each layer, got two layers named 'a'", b.named, b, "a")
assert(names(outer) == "block.a.weight block.a.bias block.b.weight block.b.bias")
assert(outer.block.a == a and outer.block[2] == b and outer.block[-1] == b and outer.block[3] == nil)
fails("nn.Residual: expected a name of its own for each layer, got two layers named 'a'", Residual,
  { { "a", nn.ReLU() }, { "a", nn.Tanh() } })

-- insert, remove, replace, undo.
net = make()
local before = portrait(net)
local norm = nn.BatchNorm(3)
assert(net:insert(2, norm) == net and net[2] == norm and #net == 4)
net:insert(#net + 1, nn.Tanh()):insert("fc2", nn.Dropout(0.5)):insert(-1, nn.Identity())
local kinds = {}
for i, layer in ipairs(net) do kinds[i] = layer.kind end
assert(table.concat(kinds, " ") == "Linear BatchNorm ReLU Dropout Linear Identity Tanh")
assert(names(net) == "fc1.weight fc1.bias 1.weight 1.bias fc2.weight fc2.bias")
fails("network:remove: no layer named 'fc22', did you mean 'fc2'?", net.remove, net, "fc22")
net:replace("fc2", Linear(3, 7)):remove(-1):remove("fc1")
assert(net.fc2.weight.shape[1] == 7 and #net == 5)
fails("network: no field 'fc1'; ?network lists what it has", function() return net.fc1 end)
local history = table.concat(net:history(), " ")
assert(history == "insert(2, BatchNorm(3)) insert(5, Tanh) insert(4, Dropout(0.5)) insert(6, Identity) "
  .. "replace(5, Linear(3 -> 7)) remove(7) remove(1)", history)
while #net:history() > 0 do net:undo() end
unchanged(net, before)
fails("network:undo: expected a surgery to take back, got none", net.undo, net)

-- What doesn't fit changes nothing: not the net, not the layer, not the generator.
before = portrait(net)
local wide, open = Linear(9, 9), Linear(5)
fails("layer 2 Linear(9 -> 9): expected input [batch, 9], got [batch, 3] from layer 1 Linear(4 -> 3)", net.insert, net, 2,
  wide)
assert(#Sequential{ wide } == 1, "a refused layer is free")
fails("layer 4 Linear(3 -> 2): expected input [batch, 3], got [batch, 5] from layer 3 ReLU", net.insert, net, 2, open)
assert(open.inputs == nil and tostring(open) == "Linear(? -> 5)")
fails("layer 3 Linear(3 -> 2): expected input [batch, 3], got [batch, 5] from layer 2 ReLU", net.replace, net, "fc1", open)
unchanged(net, before)
fails("network:insert: expected a layer that is not in the network yet, got Linear(4 -> 3), which is", net.insert, net, 1, net[1])
fails("network:replace: expected a layer that is not in the network yet, got ReLU, which is", net.replace, net, 2, net[2])
local side = Linear(3, 2)
net:add_auxiliary(2, side)
fails("network:replace: expected a layer that is not in the network yet, got Linear(3 -> 2), which is", net.replace, net, 3, side)
net:undo()
fails("network:insert: expected layers of one dtype, got float32 and float64", net.insert, net, 1, Linear(4, 4, { dtype = "float64" }))
fails("network:insert: expected a place from 1 to 4, got 5", net.insert, net, 5, nn.Tanh())
fails("network:insert: expected a place from 1 to 4, got 0", net.insert, net, 0, nn.Tanh())
for _, place in ipairs{ math.mininteger, math.maxinteger } do
  assert(not pcall(net.insert, net, place, nn.Tanh()) and not pcall(net.remove, net, place) and #net == 3)
end
fails("network:remove: expected a layer from 1 to 3, got 4", net.remove, net, 4)
fails("network:freeze: expected a layer from 1 to 3, got -4", net.freeze, net, -4)
fails("network:insert: argument 2 'layer' expected a layer, got nothing", net.insert, net, 1)
fails("network:insert: argument 2 'layer' expected a layer, got 3", net.insert, net, 1, 3)
fails("network:insert: argument 2 'layer' expected a layer, got a network", net.insert, net, 1, make())
fails("network:remove: argument 1 'place' expected an integer or a string, got 1.5", net.remove, net, 1.5)
fails("network:remove: expected a network that keeps at least one layer, got its only one", Sequential{ nn.ReLU() }.remove,
  Sequential{ nn.ReLU() }, 1)
unchanged(net, before)

-- One layer twice, in another net, in two branches.
local shared = nn.ReLU()
fails("nn.Sequential: expected each layer once, got one layer twice", Sequential, { shared, shared })
local first, second = Residual{ shared }, Residual{ shared }
fails("nn.Sequential: expected each layer once, got one layer twice", Sequential, { first, second })
fails("nn.Residual: expected each layer once, got one layer twice", Residual, { first, second })
local owner = Sequential{ first, Linear(3, 3) }
fails("network:insert: expected a layer that is not in the network yet, got Residual(x + ReLU), which is", owner.insert, owner, 1,
  first)
fails("network:insert: expected layers of no other network (net:clone() copies them), got ReLU of another", net.insert, net, 1,
  second)
local around = Linear(3, 3)
fails("nn.Residual: expected each layer once, got one layer twice", Residual, { around, shortcut = around })

-- A name taken since is in the way of undo, which then changes nothing.
net:remove("fc1")
net:insert(1, Linear(4, 3, { name = "fc1" }))
net:undo()
net[1].name = "fc1"
before = portrait(net)
fails("network:undo: expected a name of its own for each layer, got two layers named 'fc1'", net.undo, net)
unchanged(net, before)
net[1].name = "phi"
net:undo()
assert(net.fc1 == net[1] and net.phi == net[2])
local heir = Linear(4, 3)
net:replace("fc1", heir):undo()
assert(heir.name == nil and net:insert(1, Linear(4, 4)):insert(2, nn.Tanh()) and #net == 5)

-- An open layer learns its inputs when it has a place.
net = make():insert(4, Linear(6)):insert(2, Linear(3))
assert(net[2].weight.shape[2] == 3 and net[-1].weight.shape[2] == 2 and net(sonde.randn(5, 4)).shape[2] == 6)

-- The dtype is that of the layers.
local plain = Sequential{ nn.ReLU() }
plain:insert(1, Linear(3, 3, { dtype = "float64" }))
assert(plain.dtype == "float64" and plain(sonde.randn(2, 3, { dtype = "float64" })).dtype == "float64")
plain:undo()
assert(plain(sonde.randn(2, 3)).dtype == "float32")

-- An optimiser follows.
local function step(net, opt, x)
  net:zero_grad()
  nn.mse(net(x), sonde.zeros(5, 2)):backward()
  opt:step()
end
sonde.seed(3)
net = make()
local x = sonde.randn(5, 4)
local opt = optim.SGD(net, { lr = 0.1, momentum = 0.9 })
step(net, opt, x)
local added = Linear(3, 3)
local was = added.weight:clone()
net:insert(2, added)
step(net, opt, x)
assert(not same(added.weight, was), "a new parameter moves")
was = added.weight:clone()
net:remove(2)
step(net, opt, x)
assert(same(added.weight, was), "one that has gone stays")
net:undo():freeze("fc1")
local frozen = net.fc1.weight:clone()
step(net, opt, x)
assert(not same(added.weight, was) and same(net.fc1.weight, frozen) and net.fc1.weight.grad == nil)

-- Freezing, counting, apply.
assert(net:count() == 12 + 8 and net.fc1.frozen and not net.fc2.frozen and not net[3].frozen)
assert(net[1]:unfreeze() == net[1] and net:count() == 15 + 12 + 8 and net:freeze():count() == 0)
net:unfreeze()
local nested = Sequential{ Linear(4, 3), Residual{ { "inner", Linear(3, 3) }, Residual{ nn.ReLU() }, shortcut = Linear(3, 3) } }
nested[2]:freeze()
assert(nested:count() == 15 and nested[2].frozen and nested[2].shortcut.frozen and nested[2].inner.frozen)
local visited = {}
assert(nested:apply(function(layer, name) visited[#visited + 1] = name .. "=" .. layer.kind end) == nested)
assert(table.concat(visited, " ")
  == "0=Linear 1=Residual 1.inner=Linear 1.1=Residual 1.1.0=ReLU 1.shortcut=Linear", table.concat(visited, " "))
visited = {}
headed:apply(function(layer, name) visited[#visited + 1] = name end)
assert(table.concat(visited, " ") == "0 0.linear 0.activation head")
fails("stop", headed.apply, headed, function() error("stop", 0) end)

-- Surgery reaches the branches, also those inside branches, and undo brings all back.
nested = Sequential{ Linear(4, 3), Residual{ nn.BatchNorm(3), nn.ReLU(), Residual{ Linear(3, 3), nn.ReLU() } },
  Residual{ Linear(3, 3), activation = "relu" } }
before = portrait(nested)
assert(nested:batchnorm() == "mixed")
nested:batchnorm("after")
assert(nested[2][2].kind == "BatchNorm" and nested[2][3][3].kind == "BatchNorm" and nested[3].layers[3].kind == "BatchNorm")
nested:activation("tanh")
assert(nested[2][1].kind == "Tanh" and nested[2][3][2].kind == "Tanh")
nested:undo():undo()
unchanged(nested, before)

-- A clone has layers, parameters, buffers and a self of its own.
local selves = {}
local function counting()
  return nn.layer{ name = "Counting", parameters = { w = sonde.ones(3) }, buffers = { seen = sonde.zeros(1) },
    forward = function(self, x)
      selves[self] = true
      if self.training then self.seen = self.seen + 1 end
      return x * self.w
    end }
end
net = Sequential{ Linear(4, 3), { "tally", counting() }, Residual{ counting() } }
net(x)
local copy = net:clone()
copy(x)
copy(x)
assert(net.tally.seen[1] == 1 and copy.tally.seen[1] == 3 and copy:state()["2.0.seen"][1] == 3)
copy.tally.w:fill_(7)
assert(net.tally.w[1]:item() == 1 and copy.parameters["tally.w"][1]:item() == 7 and copy.tally ~= net.tally)
local tables = 0
for _ in pairs(selves) do tables = tables + 1 end
assert(tables == 4, tables)
net:load_state(copy:state())
assert(net.tally.w[1]:item() == 7 and net.tally.seen[1] == 3)
net:probe(x)
net:eval()
net(x)
assert(net.tally.seen[1] == 3, "nothing counts in a probe")

-- Layers written in Lua that can't be made.
local function through(self, x) return x end
local function layer(options)
  options.forward = options.forward or through
  return nn.layer(options)
end
local one = sonde.ones(3)
local whole = "nn.layer 'layer': expected names without dots, other than 'name' and 'training', for its tensors, got "
for _, name in ipairs{ "name", "training", "a.b", "" } do
  fails(whole .. "'" .. name .. "'", layer, { parameters = { [name] = one } })
end
fails("nn.layer 'layer': expected a name of its own for each tensor, got two tensors named 'a'", layer,
  { parameters = { a = one }, buffers = { a = sonde.ones(3) } })
fails("nn.layer 'L': expected 'a' as a float tensor that is not the result of something on the tape, got int64", layer,
  { name = "L", parameters = { a = sonde.ones(3, { dtype = "int64" }) } })
fails("nn.layer 'layer': expected 'a' as a float tensor that is not the result of something on the tape, got such a result; "
  .. "detach() it", layer, { parameters = { a = sonde.ones(3):requires_grad_() * 2 } })
fails("nn.layer 'layer': expected 'a' as a tensor with memory of its own, got a view with gaps or repetitions; clone() it",
  layer, { parameters = { a = sonde.ones(1):expand(3) } })
fails("nn.layer 'layer': expected parameters of one dtype, got float32 and float64", layer,
  { parameters = { a = one, b = sonde.ones(3, { dtype = "float64" }) } })
assert(not one.requires_grad, "a refused parameter is as it was")
fails("nn.layer: expected names and tensors in parameters, got 1 = 2", layer, { parameters = { 2 } })
fails("nn.layer: option 'forward' is missing: "
  .. "function(self, x) that returns [batch, features] for x [batch, features]; self has the parameters and buffers by name, "
  .. "and training, which is false in a probe and in the trial; a buffer may be assigned to", nn.layer, {})

-- A parameter shared by two layers counts and moves once.
local tie = sonde.ones(3)
net = Sequential{ layer{ parameters = { w = tie }, forward = function(self, x) return x * self.w end },
  layer{ parameters = { w = tie }, forward = function(self, x) return x + self.w end } }
assert(net:count() == 3 and names(net) == "0.w 1.w")
net(sonde.full({ 1, 3 }, 2)):sum():backward()
optim.SGD(net, { lr = 1 }):step()
assert(tie[1]:item() == 1 - 3)

-- What goes wrong in a forward leaves a net that computes.
local mode = "good"
local wrongs = {
  ["oops"] = function() error("oops", 0) end,
  ["nn.layer 'Odd': expected forward to return a tensor, got nil"] = function() end,
  ["nn.layer 'Odd': expected forward to return a tensor, got 3"] = function() return 3 end,
  ["layer 3 Odd: expected [5, 3] float32 from its forward, got [3] float32"] = function(_, x) return x:sum{ dim = 1 } end,
  ["layer 3 Odd: expected [5, 3] float32 from its forward, got [2, 3] float32"] = function(_, x) return x[{ { 1, 2 }, {} }] end,
  ["layer 3 Odd: expected [5, 3] float32 from its forward, got [5, 3] float64"] = function(_, x) return x:to("float64") end,
  ["attempt to yield from outside a coroutine"] = function(_, x) coroutine.yield() return x end,
  ["forward: expected a network that is not computing, got one from inside its own forward"] = function(_, x) return net(x) end,
  ["network:insert: expected a network that is not computing, got one from inside its own forward"] = function(_, x)
    net:insert(1, nn.Tanh())
    return x
  end,
  ["network:undo: expected a network that is not computing, got one from inside its own forward"] = function(_, x)
    net:undo()
    return x
  end,
  ["network:batchnorm: expected a network that is not computing, got one from inside its own forward"] = function(_, x)
    net:batchnorm("before")
    return x
  end,
}
net = Sequential{ Linear(4, 3), nn.ReLU(), nn.layer{ name = "Odd", outputs = 3, forward = function(self, x)
  return (wrongs[mode] or through)(self, x)
end }, Linear(3, 2) }
net:insert(1, nn.Identity()):remove(1)
local right = net(x):clone():detach()
before = portrait(net)
for text in pairs(wrongs) do
  mode = text
  fails(text, net, x)
  fails(text, net.probe, net, x)
  fails(text, sonde.no_grad, function() return net(x) end)
  mode = "good"
  unchanged(net, before)
  assert(same(net(x), right) and net:backward(sonde.ones(5, 2)).shape[2] == 4)
end
local thrown = {}
wrongs.object = function() error(thrown) end
mode = "object"
local ok, caught = pcall(net, x)
assert(not ok and caught == thrown)
mode = "good"
fails("attempt to yield across a C-call boundary", coroutine.wrap(function()
  mode = "attempt to yield from outside a coroutine"
  local _ = net(x)
end))
mode = "good"
assert(same(net(x), right))

-- And in a backward.
local broken = true
local rule = sonde.func{ forward = function(_, x) return x * 2 end, backward = function(_, g)
  if broken then error("no slope", 0) end
  return g * 2
end }
net = Sequential{ Linear(4, 3), layer{ forward = function(_, x) return rule(x) end }, Linear(3, 2) }
net(x)
fails("no slope", net.backward, net, sonde.ones(5, 2))
fails("network:backward: this result's tape has been used; run the forward again", net.backward, net, sonde.ones(5, 2))
broken = false
net(x)
assert(net:backward(sonde.ones(5, 2)).shape[1] == 5)

-- Parameters stay the layer's: assigning one is refused, and forgotten.
local spoil = false
net = Sequential{ layer{ parameters = { w = sonde.ones(4) }, buffers = { m = sonde.zeros(4) }, outputs = 4,
  forward = function(self, x)
    local y = x * self.w + self.m
    if spoil == "w" then self.w = self.w * 2 end
    if spoil == "m" then self.m = 3 end
    if spoil == "shape" then self.m = sonde.zeros(2) end
    return y
  end } }
for what, text in pairs{
  w = "nn.layer 'layer': expected self.w to stay the parameter, got it assigned; change it in place, with copy_",
  m = "nn.layer 'layer': expected self.m to stay a tensor, got 3",
  shape = "nn.layer 'layer': expected self.m of shape [4] and dtype float32, got [2] and float32",
} do
  spoil = what
  fails(text, net, x)
  spoil = false
  assert(same(net(x), x))
end

-- The input itself, changes of it in place, tensors and nets from outside.
local function slope(forward)
  local net = Sequential{ layer{ forward = forward } }
  local x = sonde.tensor{ { -2, 0.5, 3 } }
  local y = net(x)
  return net:backward(sonde.ones(1, 3)):totable()[1], y:detach():totable()[1], x:totable()[1]
end
local g, y, kept = slope(through)
assert(g[1] == 1 and y[1] == -2)
g, y, kept = slope(function(_, x) return x:clamp_(0, 1) * 3 end)
assert(g[1] == 0 and g[2] == 3 and g[3] == 0 and y[3] == 3 and kept[1] == -2)
g, y, kept = slope(function(_, x) return x:mul_(2):add_(x) end)
assert(g[1] == 4 and y[1] == -8 and kept[1] == -2)
g = slope(function(_, x) return x:detach() end)
assert(g[1] == 0 and g[3] == 0)
g, y = slope(function(_, x) return x / 0 - x / 0 end)
assert(y[1] ~= y[1])
local outside, other = sonde.ones(3):requires_grad_(), Sequential{ Linear(3, 3) }
net = Sequential{ layer{ forward = function(_, x) return other(x) * outside end } }
local input = sonde.randn(5, 3):requires_grad_()
net(input):sum():backward()
local weight, entering = other[1].weight.grad:clone(), input.grad:clone()
other:zero_grad()
input.grad = nil;
(other(input) * outside):sum():backward()
assert(same(other[1].weight.grad, weight) and same(input.grad, entering) and outside.grad)
local gathered = outside.grad:clone()
net:probe(input:detach())
assert(same(other[1].weight.grad, weight) and same(outside.grad, gathered), "a probe adds to no gradient")

-- Sizes: deep nesting, one sample, nothing, a huge scale.
local deep = nn.ReLU()
for _ = 1, 40 do deep = Residual{ deep } end
fails("nn.Residual: expected at most 40 residual layers inside one another, got 41", Residual, { deep })
deep = Sequential{ deep, Residual{ Residual{ Residual{ Linear(2, 2) } } } }
local path = os.tmpname() .. ".safetensors"
deep:save(path)
assert(same(nn.load(path)(sonde.ones(1, 2)), deep(sonde.ones(1, 2))), "what can be made can be saved")
os.remove(path)
local many = {}
for i = 1, 1000 do many[i] = Residual{ nn.Tanh() } end
assert(Sequential(many)(sonde.ones(1, 2)).shape[2] == 2)
net = Sequential{ Residual{ Linear(3, 3), nn.ReLU(), scale = 1e38 }, Residual{ nn.ReLU(), scale = 0 } }
assert(net(sonde.randn(1, 3)).shape[1] == 1 and net:backward(sonde.ones(1, 3)).shape[2] == 3)
fails("nn.Residual: expected a finite scale of the branch, got inf", Residual, { nn.ReLU(), scale = math.huge })
fails("nn.mlp: expected a finite scale of the branch, got -inf", nn.mlp, { residual = true, residual_scale = -math.huge })
fails("layer 1 Residual(x + ReLU): expected input [batch, features], got [2, 0]", Sequential{ Residual{ nn.ReLU() } },
  sonde.zeros(2, 0))
fails("layer 1 Residual(x + ReLU): expected a batch of at least 1 sample, got [0, 2]", Sequential{ Residual{ nn.ReLU() } },
  sonde.zeros(0, 2))
net = Sequential{ Linear(4, 3), Residual{ nn.BatchNorm(3), nn.ReLU() } }
fails("layer 2 BatchNorm(3): expected more than 1 sample in training mode, got batch of 1: its variance is 0; "
  .. "use eval mode or a larger batch", net, sonde.randn(1, 4))
assert(net:eval()(sonde.randn(1, 4)).shape[1] == 1)

-- Residual layers that can't be.
fails("nn.Residual: expected at least one layer, got none", Residual, {})
fails("nn.Residual: expected a branch that gives as many features as it takes, 4, got 3 from Linear(4 -> 3); "
  .. "a shortcut = nn.Linear(4, 3) adds them up", Residual, { Linear(4, 3) })
fails("nn.Residual: expected a shortcut Linear(4 -> 3) beside its branch, got Linear(4 -> 2)", Residual,
  { Linear(4, 3), shortcut = Linear(4, 2) })
fails("nn.Residual: expected an nn.Linear as shortcut, got ReLU", Residual, { Linear(4, 3), shortcut = nn.ReLU() })
fails("nn.Residual: expected a branch that knows its features for shortcut=true, got one without; give it an nn.Linear",
  Residual, { nn.ReLU(), shortcut = true })
fails("nn.Residual: unknown option 'scal', did you mean 'scale'?", Residual, { nn.ReLU(), scal = 1 })
local unsettled = Linear(5)
fails("nn.Residual: expected a branch that gives as many features as it takes, 3, got 5 from Linear(3 -> 5); "
  .. "a shortcut = nn.Linear(3, 5) adds them up", Residual, { nn.LayerNorm(3), unsettled })
assert(unsettled.inputs == nil)
fails("nn.mlp: expected residual=true, 'pre' or 'post' with residual_scale, got none", nn.mlp, { residual_scale = 2 })

-- Forwards and backwards leave memory as it was, whether the backward runs or not, but for workspaces kept for later, whose
-- number depends on when the collector comes. A leak of the least tensor in each turn would be ten times as much.
sonde.seed(1)
net = Sequential{ Residual{ counting(), Linear(3, 3), nn.ReLU(), Residual{ counting() }, scale = 0.5 }, Linear(3, 2) }
x = sonde.randn(4, 3)
local function turn(i)
  net(x)
  if i % 2 == 0 then net:backward(sonde.ones(4, 2)) end
  if i % 50 == 0 then sonde.no_grad(function() net(x) end) end
end
for i = 1, 200 do turn(i) end
collectgarbage()
collectgarbage()
local memory = sonde.memory()
for i = 1, 10000 do turn(i) end
collectgarbage()
collectgarbage()
local now = sonde.memory()
assert(now.objects == memory.objects, now.objects - memory.objects .. " objects")
assert(now.tensors - memory.tensors < 1000, now.tensors - memory.tensors .. " tensors")
assert(now.live - memory.live < 300000, now.live - memory.live .. " bytes")

fails("nn.Linear: expected a name of at most 200 characters, got one of 201", Linear, 2, 3, { name = ("x"):rep(201) })
assert(Linear(2, 3, { name = ("x"):rep(200) }).name == ("x"):rep(200))
print("ok")
