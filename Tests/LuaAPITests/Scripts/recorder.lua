-- The recorder: around a loop of one's own and in fit, what it gives back, and what it refuses.
local function close(a, b, tolerance)
  assert(math.abs(a - b) <= tolerance * math.abs(b), a .. " is not close to " .. b)
end
local function refuses(text, f, ...)
  local fine, message = pcall(f, ...)
  assert(not fine and message:gsub("^[^:]*:%d+: ", "") == text, tostring(message))
end

sonde.seed(5)
local function step(net, opt, x, t, rec)
  net:zero_grad()
  nn.cross_entropy(net(x), t):backward()
  if rec then rec:before(net, x, t) end
  opt:step()
  if rec then rec:after() end
end
local function make()
  return nn.mlp{ inputs = 64, width = 20, depth = 2, outputs = 10, norm = "batch", dropout = 0.2, seed = 3 }
end
local ds = data.digits()
local batch = { ds.inputs[{ { 1, 50 } }], ds.targets[{ { 1, 50 } }] }

-- By hand: the net trains as it would without a recorder, bit for bit.
local net, twin = make(), make()
local rec = sonde.recorder{
  every = 2, layers = { 1, "head" }, percentiles = { 10, 90 },
  stats = { "preactivation.percentiles", "weight_gradient.norm", "update_ratio", "shift", "gradient_shift" },
}
assert(#rec == 0 and rec.due and rec.seen == 0 and #rec.layers == 0 and rec[1] == nil and #rec:column("shift.mean", 1) == 0)
local opts = { optim.SGD(net, { lr = 0.1, momentum = 0.9 }), optim.SGD(twin, { lr = 0.1, momentum = 0.9 }) }
local weights, gradient = {}, nil
for i = 1, 5 do
  local before = net.parameters["head.weight"]:clone()
  step(net, opts[1], batch[1], batch[2], rec)
  step(twin, opts[2], batch[1], batch[2])
  weights[i] = ((net.parameters["head.weight"] - before):norm() / before:norm()):item()
end
for name, tensor in pairs(twin:state()) do assert(net:state()[name]:eq(tensor):all():item(), name) end
for name, tensor in pairs(twin.parameters) do assert(net.parameters[name].grad:eq(tensor.grad):all():item(), name) end
assert(#rec == 3 and table.concat(rec.steps, " ") == "1 3 5" and rec.seen == 5 and not rec.due and rec.every == 2)
assert(rec.layers[2].name == "head" and rec.layers[2].position == 3 and rec.layers[2].kind == "Linear")
assert(table.concat(rec.columns, " ") == "preactivation.percentiles.10 preactivation.percentiles.90 weight_gradient.norm "
  .. "update_ratio shift.mean shift.std gradient_shift.cosine gradient_shift.distance gradient_shift.relative")

-- Columns, records and rows are the same numbers.
local ratio = rec:column("update_ratio", "head")
for i = 1, 3 do close(ratio[i], weights[2 * i - 1], 1e-4) end
assert(rec:column("update_ratio", 3)[2] == ratio[2] and rec:column("update_ratio", -1)[2] == ratio[2])
assert(rec:column("update_ratio")[2][3] == ratio[3] and rec["update_ratio"][2][3] == ratio[3])
assert(rec[2].step == 3 and rec[-1].step == 5 and rec[2].update_ratio[2] == ratio[2])
assert(#rec:column("preactivation.percentiles[10]", 1) == 3)
local rows, count = rec:table(), 0
assert(#rows == 6 and rows[4].step == 3 and rows[4].layer == 3 and rows[4].name == "head" and rows[4].update_ratio == ratio[2])
for i, record in ipairs(rec) do
  assert(record.step == rec.steps[i])
  count = count + 1
end
local names = {}
for name, values in pairs(rec) do
  assert(#values == 2 and #values[1] == 3)
  names[#names + 1] = name
end
assert(count == 3 and table.concat(names, " ") == table.concat(rec.columns, " "))

-- The input itself never drifts; what stands behind a layer that trains does.
for i = 1, 3 do
  assert(rec["shift.mean"][1][i] == 0 and rec["shift.mean"][2][i] > 0 and rec["shift.std"][2][i] > 0)
  assert(rec["gradient_shift.cosine"][1][i] == 1 and rec["gradient_shift.cosine"][2][i] < 1)
  close(rec["gradient_shift.relative"][2][i], rec["gradient_shift.distance"][2][i] / rec["weight_gradient.norm"][2][i], 1e-9)
end

-- A loss that is a function, with the target or without; what it takes, it may close over.
local own = sonde.recorder{ every = 1, stats = { "gradient.rms" } }
own:before(net, batch[1], batch[2], { loss = function(y, t) return nn.cross_entropy(y, t) end }):after()
own:before(net, batch[1], { loss = function(y, ...) assert(select("#", ...) == 0); return nn.cross_entropy(y, batch[2]) end }):after()
own:before(net, batch[1], batch[2]):after()
assert(own[1]["gradient.rms"][2] == own[2]["gradient.rms"][2] and own[1]["gradient.rms"][2] == own[3]["gradient.rms"][2])
refuses("my loss", function()
  own:before(net, batch[1], { loss = function() error("my loss", 0) end })
end)
refuses("recorder:before: loss function: expected a tensor of one number, got 3", own.before, own, net, batch[1],
  { loss = function() return 3 end })
refuses("recorder:before: expected a loss that depends on the network's output, got one without a tape; compute it from the output, "
  .. "outside no_grad", own.before, own, net, batch[1], { loss = function() return sonde.ones(1) end })
-- What a loss is computed from beside the output gathers no gradient, and keeps its tape for a backward of its own.
local head, penalty = net.parameters["head.weight"], net.parameters["head.weight"]:pow(2):sum()
local held = head.grad:clone()
local penalised = sonde.recorder{ stats = { "gradient.rms" } }
penalised:before(net, batch[1], { loss = function(y) return nn.cross_entropy(y, batch[2]) + penalty end }):after()
assert(head.grad:eq(held):all():item() and penalised[1]["gradient.rms"][3] == own[1]["gradient.rms"][3])
penalty:backward()
assert(not head.grad:eq(held):all():item())
assert(own.seen == 3 and #own == 3)

-- In fit: the same training with and without; capacity doubles the cadence.
local function train(record)
  local net = make()
  sonde.seed(9)
  net:fit{ train = ds, optimizer = optim.SGD(net, { lr = 0.1 }), steps = 20, record = record, progress = false }
  return net
end
local fitted = sonde.recorder{ every = 3, capacity = 4 }
local plain, recorded = train(), train(fitted)
for name, tensor in pairs(plain:state()) do assert(recorded:state()[name]:eq(tensor):all():item(), name) end
assert(fitted.seen == 20 and fitted.every == 6 and table.concat(fitted.steps, " ") == "1 7 13 19")
assert(fitted.columns[1] == "preactivation.percentiles.15" and #fitted:column("shift.std", 3) == 4)
assert(tostring(fitted):find(
  "recorder: 4 of 20 steps, every 6th (at first every 3rd: thinned to at most 4), 704 B of at most 704 B\ncolumn ", 1, true) == 1)
assert(tostring(sonde.recorder()) == "recorder: 0 of 0 steps, every 100th; nothing yet: net:fit{record=rec}, "
  .. "or rec:before(net, x, t) and rec:after() around opt:step()")

-- Auxiliary classifiers and frozen normalisations take part as they do in training.
local beside = nn.mlp{ inputs = 64, width = 20, depth = 3, outputs = 10, norm = "batch", dtype = "float64", seed = 3 }
beside:add_auxiliary(1, nn.Linear(20, 10, { dtype = "float64" }), { weight = 0.5 })
beside[2].norm.mode = "frozen"
local watched = sonde.recorder{ every = 1, stats = { "weight_gradient.norm" } }
beside:fit{ train = { ds.inputs[{ { 1, 60 } }]:to("float64"), ds.targets[{ { 1, 60 } }] }, steps = 1, batch = 60, record = watched,
  optimizer = optim.SGD(beside, { lr = 0.1 }), progress = false }
for i, name in ipairs{ "0.linear.weight", "1.linear.weight", "2.linear.weight", "head.weight" } do
  close(watched:column("weight_gradient.norm", i)[1], beside.parameters[name].grad:norm():item(), 1e-12)
end

-- Surgery between two steps: a layer that is gone gives NaN.
local chain = nn.Sequential{ nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2) }
local followed = sonde.recorder{ every = 1, stats = { "weight.norm" } }
local x = sonde.randn(9, 4)
followed:before(chain, x):after()
chain:remove(1)
followed:before(chain, x):after()
local gone, stays = followed:column("weight.norm", 1), followed:column("weight.norm", 3)
assert(gone[1] > 0 and gone[2] ~= gone[2] and stays[1] == stays[2] and followed:column("weight.norm", 2)[1] ~= 0)

-- Files.
local path = os.tmpname()
rec:save(path .. ".csv")
local loaded = sonde.load(path .. ".csv", { dtype = "float64" })
assert(loaded.shape[1] == 6 and loaded.shape[2] == 11 and loaded[4][1] == 3 and loaded[4][2] == 3 and loaded[4][6] == ratio[2])
followed:save(path .. ".json")
local file = io.open(path .. ".json")
local text = file:read("a")
file:close()
assert(text:find('{"every": 1, "steps": [1, 2], "layers": [{"position": 1, "name": "0", "kind": "Linear"}, ', 1, true) == 1, text)
assert(text:find('"columns": {\n"weight.norm": [[' .. string.format("%.17g", gone[1]):sub(1, 10), 1, true) and text:find(", null]", 1, true))
os.remove(path .. ".csv")
os.remove(path .. ".json")
os.remove(path)

-- What is refused.
refuses("sonde.recorder: expected every of at least 1, got 0", sonde.recorder, { every = 0 })
refuses("sonde.recorder: expected capacity of at least 2, got 1", sonde.recorder, { capacity = 1 })
refuses("sonde.recorder: unknown stat 'activation.sdt', did you mean 'activation.std'?", sonde.recorder, { stats = { "activation.sdt" } })
refuses("sonde.recorder: unknown stat 'gradient_shfit', did you mean 'gradient_shift'?", sonde.recorder, { stats = { "gradient_shfit" } })
refuses("sonde.recorder: unknown stat 'x'; a stat is a quantity and a figure, as in 'activation.std', or 'update_ratio', 'shift', "
  .. "'gradient_shift'", sonde.recorder, { stats = { "x" } })
refuses("sonde.recorder: expected at least one of stats, got none; leave it out for the default", sonde.recorder, { stats = {} })
refuses("sonde.recorder: expected at least one of layers, got none; leave it out for the default", sonde.recorder, { layers = {} })
refuses("sonde.recorder: option 'stats' expected names, got 3", sonde.recorder, { stats = { 3 } })
refuses("sonde.recorder: option 'layers' expected positions or names, got a table", sonde.recorder, { layers = { {} } })
refuses("sonde.recorder: unknown option 'evrey', did you mean 'every'?", sonde.recorder, { evrey = 3 })
refuses("recorder:before: expected a layer from 1 to 3, got 7", sonde.recorder{ layers = { 7 } }.before, sonde.recorder{ layers = { 7 } }, net, batch[1])
local named = sonde.recorder{ layers = { "haed" } }
refuses("recorder:before: unknown layer 'haed', did you mean 'head'?", named.before, named, net, batch[1])
refuses("recorder:before: expected the network recorded so far, got another; make a recorder for each network", rec.before, rec, twin, batch[1], batch[2])
refuses("recorder:before: 'weight_gradient.norm' needs the gradient of a loss, got no target; give rec:before(net, x, t)",
  rec.before, rec, net, batch[1])
refuses("recorder:before: argument 3 't' expected a tensor, got 3; another target needs a function as loss", rec.before, rec, net, batch[1], 3)
refuses("layer 1 Block(Linear(64 -> 20), BatchNorm(20), ReLU, Dropout(0.2)): expected input [batch, 64], got [4, 3]",
  function() rec:before(net, sonde.randn(4, 3), batch[2]); rec:after(); rec:before(net, sonde.randn(4, 3), batch[2]) end)
refuses("recorder:after: expected a step to end, got none; call rec:before(net, x, t) before opt:step()", rec.after, rec)
rec:before(net, batch[1], batch[2])
refuses("recorder:before: expected rec:after() for the step before, got none; call it after opt:step()", rec.before, rec, net, batch[1], batch[2])
rec:before(net, batch[1], batch[2]):after()
local cut = sonde.recorder{ stats = { "shift" } }:before(chain, x)
chain:insert(1, nn.Linear(4, 4))
refuses("recorder:after: expected the network as before its update, got other layers or parameters; do surgery between two steps", cut.after, cut)
refuses("recorder:column: expected one column, got 'shift'; ask for one of shift.mean, shift.std", rec.column, rec, "shift")
refuses("recorder:column: no column 'shift.maen', did you mean 'shift.mean'?", rec.column, rec, "shift.maen", 1)
refuses("recorder: no column 'shift.maen', did you mean 'shift.mean'?", function() return rec["shift.maen"] end)
refuses("recorder:column: layer 2 is not recorded, only 1, 3", rec.column, rec, "shift.mean", 2)
refuses("recorder: no field 'step', did you mean 'steps'?", function() return rec.step end)
refuses("recorder: record 99 is outside 1 to " .. #rec, function() return rec[99] end)
refuses("recorder:save: expected a name that ends in .csv or .json, got 'x.txt'", rec.save, rec, "x.txt")
refuses("recorder:save: expected a name that ends in .csv or .json, got 'json'", rec.save, rec, "json")
local wrong = sonde.recorder{ layers = { 12 } }
local kept = net:state()
refuses("network:fit: recorder: expected a layer from 1 to 3, got 12", net.fit, net, { train = ds, optimizer = opts[1], steps = 1, record = wrong })
for name, tensor in pairs(net:state()) do assert(kept[name]:eq(tensor):all():item(), name) end

-- Saturation that rises by more than 0.3 is told, of the layer where it rises most; less, a fall, and what was so all along is not.
local function saturate(activation, changes)
  local tight = nn.mlp{ inputs = 10, width = 10, depth = 3, seed = 1, activation = activation, init = "zeros" }
  local watch, x = sonde.recorder{ every = 1, stats = { "activation.saturated" } }, sonde.randn(20, 10)
  for index = 1, #changes do
    watch:before(tight, x)
    for layer, units in pairs(changes[index]) do
      local bias = tight[layer].linear.bias
      bias:zero_()
      if units > 0 then bias[{ { 1, units } }] = 50 end
    end
    watch:after()
  end
  return watch:diagnose(), watch
end
for _, activation in ipairs{ "tanh", "sigmoid", "hardtanh" } do
  local found, watch = saturate(activation, { { [1] = 3, [2] = 4 }, { [2] = 6 }, {} })
  local rise = watch:column("activation.saturated", 2)
  assert(rise[1] == 0 and rise[2] == 0.4 and rise[3] == 0.6, activation)
  assert(#found == 1 and found[1].kind == "saturation" and found[1].layer == 2)
  assert(found[1].evidence.from == 0 and found[1].evidence.to == 0.6)
  assert(found[1].text == "activation.saturated of layer 2 rises from 0.0 % to 60.0 % over the recorded steps: updates have driven units "
    .. "to where they have no slope. A smaller learning rate would leave them.", found[1].text)
end
assert(#saturate("tanh", { { [2] = 3 }, {} }) == 0, "a rise of 0.3 alone")
assert(#saturate("tanh", { { [2] = 8 }, { [2] = 0 }, {} }) == 0, "back where it was")
assert(#saturate("tanh", { { [2] = 5 } }) == 0, "one record shows no rise")
assert(#saturate("relu", { { [2] = 9 }, {} }) == 0, "relu does not saturate")
-- Whatever the capacity, the most that records take is told as a number of bytes above 0.
do
  local net, rec = nn.mlp{ inputs = 2, width = 4, depth = 1 }, sonde.recorder{ every = 1, capacity = math.maxinteger }
  rec:before(net, sonde.ones(3, 2))
  rec:after()
  assert(tostring(rec):find(" of at most %d"), tostring(rec))
end

print("ok")
