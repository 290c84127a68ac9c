-- Networks in files: what is loaded is what was saved, from today's files, older ones and PyTorch's; files made to deceive
-- end in one sentence.
local here = arg[0]:match("^(.*)/Scripts/")
local folder = os.tmpname()
os.remove(folder)
local made = {}

local function path(name)
  made[#made + 1] = folder .. name
  return folder .. name
end

local function read(name)
  local file = assert(io.open(name, "rb"))
  local bytes = file:read("a")
  file:close()
  return bytes
end

local function write(name, bytes)
  local file = assert(io.open(name, "wb"))
  file:write(bytes)
  file:close()
end

local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "did not fail: " .. text)
  message = tostring(message):gsub("^[^:]+:%d+: ", "")
  assert(message == text, "\n   got: " .. message .. "\nwanted: " .. text)
end

local function same(a, b)
  assert(a.dtype == b.dtype and table.concat(a.shape, ",") == table.concat(b.shape, ","))
  assert(a:numel() == 0 or a:eq(b):all():item(), tostring(a) .. tostring(b))
end

local function same_state(a, b)
  local left, right = a:state(), b:state()
  for name, tensor in pairs(left) do same(tensor, right[name]) end
  for name in pairs(right) do assert(left[name], name) end
end

local function structure(file)
  local _, notes = sonde.load(file, { metadata = true })
  return notes["sonde.network"], notes["sonde.version"]
end

-- Every kind of net comes back bit for bit, in its mode, and saves as the same bytes.
local f64 = { dtype = "float64" }
sonde.seed(3)
local nets = {}
for _, activation in ipairs{ "linear", "relu", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid",
  "softplus", "hardtanh" } do
  nets[#nets + 1] = nn.mlp{ inputs = 3, width = 5, depth = 2, outputs = 2, activation = activation }
end
for _, norm in ipairs{ "none", "batch", "layer", "rms" } do
  for _, position in ipairs{ "before", "after" } do
    for _, affine in ipairs{ true, false } do
      nets[#nets + 1] = nn.mlp{ inputs = 3, width = 5, depth = 2, norm = norm, norm_position = position, affine = affine,
        eps = 0.1, momentum = affine and 0.3 or "cumulative", dropout = affine and 0.5 or 0, bias = affine,
        dtype = affine and "float32" or "float64" }
    end
  end
end
for _, init in ipairs{ "normal(0.01)", "uniform(-0.5,0.5)", "zeros", "constant(0.1)", "glorot_normal", "he_uniform",
  "orthogonal", { "xavier_normal", gain = "unit" }, { "lecun_normal", gain = "torch" }, { "he_normal", gain = 0.1 } } do
  nets[#nets + 1] = nn.mlp{ inputs = 3, width = 5, depth = 1, init = init, activation = "tanh" }
end
nets[#nets + 1] = nn.mlp{ inputs = 3, depth = 0, outputs = 2 }
nets[#nets + 1] = nn.Sequential{ nn.ReLU(), nn.Dropout(1), nn.Identity(), nn.Tanh() }
nets[#nets + 1] = nn.Sequential{ nn.LayerNorm(3, { affine = false }) }
nets[#nets + 1] = nn.Sequential{ nn.Linear(3, 4), nn.LeakyReLU(-0.5), nn.BatchNorm(4), nn.Linear(2, { init = function(shape)
  return sonde.ones(shape)
end }) }
local surgery = nn.mlp{ inputs = 3, width = 4, depth = 3, norm = "batch" }
surgery[1]:batchnorm("off")
surgery[2]:normalize("rms", { position = "after", eps = 0 })
surgery:activation("leaky_relu", 0.3)
nets[#nets + 1] = surgery
for _, residual in ipairs{ "pre", "post" } do
  for _, norm in ipairs{ "none", "batch", "layer" } do
    nets[#nets + 1] = nn.mlp{ inputs = 3, width = 3, depth = 3, outputs = 2, norm = norm, residual = residual,
      residual_scale = 0.5, activation = "prelu" }
  end
end
nets[#nets + 1] = nn.Sequential{ nn.Flatten(), nn.Linear(3, 4):named("first"),
  nn.Residual{ nn.BatchNorm(4), nn.ReLU(), nn.Residual{ nn.Linear(4, 5):named("inside"), shortcut = true }, nn.Linear(5, 4),
    scale = -1, activation = "leaky_relu", name = "middle" }, nn.Linear(4, 2):named("last") }
nets[#nets]:batchnorm("after", { affine = false })
for index, mode in ipairs{ "batch", "running", "frozen" } do
  local net = nn.mlp{ inputs = 3, width = 3, depth = 3, outputs = 2, norm = "batch" }
  net[index].norm.mode = mode
  net:add_auxiliary(2, nn.Linear(3, 4), { weight = 0.25 })
  net:add_auxiliary(1, nn.Linear(3, 2))
  nets[#nets + 1] = net
end
nets[#nets + 1] = nn.Sequential{ nn.Residual{ nn.ReLU() }, nn.Linear(3, 2) }
local file, again = path("a.safetensors"), path("b.safetensors")
for index, net in ipairs(nets) do
  local x = sonde.randn(6, 3, { dtype = net.dtype })
  net(x)
  if index % 2 == 0 then net:eval() end
  assert(net:save(file) == net)
  local generator = sonde.generator(1)
  local copy = nn.load(file, { generator = generator })
  same(sonde.randn(3, { generator = generator }), sonde.randn(3, { generator = sonde.generator(1) }))
  assert(copy.training == net.training and copy.dtype == net.dtype and #copy == #net)
  assert(tostring(copy) == tostring(net), tostring(copy) .. tostring(net))
  same_state(copy, net)
  copy:save(again)
  assert(read(file) == read(again))
  -- a step on, so that momentum and the number of batches count
  local y = sonde.randn(6, 3, { dtype = net.dtype })
  if not tostring(net):find("Dropout", 1, true) then same(copy:train()(y):detach(), net:train()(y):detach()) end
  same(copy:eval()(x):detach(), net:eval()(x):detach())
  same_state(copy, net)
end

-- What was trained stays trainable, what was frozen frozen; gradients are the copy's own.
local net = nn.mlp{ inputs = 3, width = 4, depth = 2, outputs = 2, norm = "batch", seed = 1 }
net.parameters["0.linear.weight"]:requires_grad_(false)
net:save(file)
local copy = nn.load(file)
for name, tensor in pairs(copy.parameters) do assert(tensor.requires_grad == (name ~= "0.linear.weight"), name) end
assert(copy:batchnorm("off"):batchnorm(true):batchnorm() == "before" and #copy:history() == 2)
assert(select(2, structure(file)) == sonde.version)

-- Names and what was frozen.
local named = nn.Sequential{ nn.Linear(3, 4):named("fc1"), nn.ReLU(), nn.Linear(4, 2):named("fc2") }:freeze("fc1")
named:save(file)
copy = nn.load(file)
assert(copy.fc1.frozen and not copy.fc2.frozen and copy:count() == 10 and copy.parameters["fc2.weight"])

-- Files of format 1, as users have them; one has layers written in Lua.
local function gate(saved)
  local shape = saved.parameters.weight
  assert(saved.type == "Gate" and #shape == 1 and next(saved.buffers) == nil and saved.outputs == nil)
  return nn.layer{ name = "Gate", parameters = { weight = sonde.zeros(shape, { dtype = "float64" }) },
    forward = function(self, x) return x * self.weight end }
end
local outputs = sonde.load(here .. "/Fixtures/saved-1/outputs.safetensors")
for _, name in ipairs{ "plain", "mlp", "after", "mixed", "single", "sequential", "residual", "post", "nested", "custom" } do
  local old = here .. "/Fixtures/saved-1/" .. name .. ".safetensors"
  local loaded = nn.load(old, { layers = { Gate = gate } })
  local tensors = sonde.load(old)
  local count = 0
  for key, tensor in pairs(loaded:state()) do
    same(tensor, tensors[key])
    count = count + 1
  end
  for _ in pairs(tensors) do count = count - 1 end
  assert(count == 0)
  assert(loaded.training == (name ~= "mixed"))
  local expected = outputs[name .. ".y"]
  local difference = (loaded:eval()(outputs[name .. ".x"]):detach() - expected):abs():max():item()
  assert(difference <= (loaded.dtype == "float64" and 1e-12 or 1e-5), name .. " " .. difference)
end
assert(not nn.load(here .. "/Fixtures/saved-1/sequential.safetensors").parameters["0.bias"].requires_grad)
assert(nn.load(here .. "/Fixtures/saved-1/nested.safetensors").first.frozen)
local custom = here .. "/Fixtures/saved-1/custom.safetensors"
fails("nn.load: '" .. custom .. "': expected a constructor of the custom layer 'Gate', got none; "
  .. "nn.load(path, {layers={Gate=constructor}}) makes it (at layers[1] of 'sonde.network')", nn.load, custom)

-- State dicts that PyTorch saved, from the path or the table; float16 has become float32.
local function twin(dtype)
  local options = { dtype = dtype }
  local function with(more)
    more.dtype = dtype
    return more
  end
  return nn.Sequential{ nn.Linear(3, 5, options), nn.BatchNorm(5, with{ eps = 1e-3 }), nn.ReLU(),
    nn.Linear(5, 4, with{ bias = false }), nn.LeakyReLU(0.2), nn.LayerNorm(4, options), nn.Dropout(0.5),
    nn.Linear(4, 4, options), nn.PReLU(0.25, options), nn.RMSNorm(4, with{ eps = 1e-6 }), nn.Linear(4, 2, options) }:eval()
end
for _, dtype in ipairs{ "float64", "float32", "float16" } do
  local theirs = here .. "/Fixtures/torch/" .. dtype
  local expected = sonde.load(theirs .. "-output.safetensors")
  for _, state in ipairs{ theirs .. ".safetensors", sonde.load(theirs .. ".safetensors") } do
    local loaded = twin("float64")
    assert(loaded:load_state(state) == loaded)
    assert((loaded(expected.x):detach() - expected.y):abs():max():item() < 1e-12, dtype)
    local single = twin("float32"):load_state(state)
    assert((single(expected.x:to("float32")):detach():to("float64") - expected.y):abs():max():item() < 1e-5, dtype)
  end
  fails("nn.load: '" .. theirs .. ".safetensors': expected a network as net:save writes it, got a file without "
    .. "'sonde.network' in its metadata; net:load_state(path) takes the tensors of a network of the same structure",
    nn.load, theirs .. ".safetensors")
end

-- An archive of NumPy's, and the state in another order: the own tensors of the net.
local archive = path("state.npz")
sonde.save(archive, net:state())
local other = nn.mlp{ inputs = 3, width = 4, depth = 2, outputs = 2, norm = "batch", seed = 2 }
same_state(other:load_state(archive), net)
local swap = nn.Sequential{ nn.Linear(2, 2), nn.Linear(2, 2) }
local before = swap:state()
swap:load_state{ ["0.weight"] = swap[2].weight, ["1.weight"] = swap[1].weight, ["0.bias"] = swap[2].bias,
  ["1.bias"] = swap[1].bias }
same(swap[1].weight:detach(), before["1.weight"])
same(swap[2].weight:detach(), before["0.weight"])

-- A state that doesn't fit: everything is told, nothing is changed.
local line = nn.Sequential{ nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1) }
local kept = line:clone()
local state = line:state()
state["0.weight"], state["0.bias"], state["2.weight"] = sonde.ones(3, 2), sonde.tensor({ 1, 2 }, { dtype = "int64" }), nil
state["2.wieght"], state["2.bias"], state["x\27"] = sonde.ones(1, 2), sonde.ones(1), sonde.ones(1)
state["9.num_batches_tracked"] = sonde.tensor(3)
fails("network:load_state: expected '0.weight' [2, 3], got [3, 2]; expected '0.bias' of dtype float32, got int64; "
  .. "expected '2.weight' [1, 2], got none; unknown name '2.wieght', did you mean '2.weight'?; unknown name 'x?'",
  line.load_state, line, state)
same_state(line, kept)
local same_net, told = line:load_state(state, { strict = false })
assert(same_net == line and told.loaded == 1 and line[3].bias:item() == 1)
assert(table.concat(told.missing, " ") == "2.weight" and table.concat(told.mismatched, " ") == "0.weight 0.bias"
  and table.concat(told.unknown, " ") == "2.wieght x\27")
same(line[1].weight:detach(), kept[1].weight:detach())
local deep = nn.mlp{ inputs = 4, width = 4, depth = 23, outputs = 1 }
local ok, message = pcall(deep.load_state, deep, {})
assert(not ok and message:find("; and 38 more", 1, true) and #message < 1000, message)
fails("network:load_state: argument 1 'state' expected a table of tensors or a path, got 3", line.load_state, line, 3)
fails("network:load_state: expected names and tensors, got 'strict' = false", line.load_state, line, { strict = false })
fails("network:load_state: 'a.csv': expected a .safetensors or .npz file, whose tensors have names",
  line.load_state, line, "a.csv")
local open = nn.Sequential{ nn.Linear(2) }
fails("network:load_state: expected a network that knows its sizes, got layer 1 Linear(? -> 2); run a forward first, or give its "
  .. "inputs", open.load_state, open, {})

-- What can't be saved leaves the old file.
net:save(file)
local bytes = read(file)
fails("network:save: expected a network that knows its sizes, got layer 1 Linear(? -> 2); run a forward first, or give its inputs",
  open.save, open, file)
fails("network:save: 'a.npz': expected a name that ends in .safetensors", net.save, net, "a.npz")
fails("nn.load: 'a': expected a name that ends in .safetensors", nn.load, "a")
fails("nn.load: '/nowhere/a.safetensors': cannot open it: No such file or directory", nn.load, "/nowhere/a.safetensors")
fails("network:save: '/nowhere/a.safetensors': cannot create it: No such file or directory", net.save, net,
  "/nowhere/a.safetensors")
assert(read(file) == bytes)

-- A disk that is full: a limit on the size of files has the same effect.
local big = path("big.safetensors")
nn.mlp{ inputs = 4, width = 4, depth = 1 }:save(big)
local old = read(big)
local program = string.format("local ok, text = pcall(function() nn.mlp{inputs=400, width=400, depth=1}:save(%q) end) "
  .. "io.write(text)", big)
local shell = io.popen("trap '' XFSZ; ulimit -f 64; exec '" .. arg[-1] .. "' -e '" .. program:gsub("'", "'\\''") .. "'")
local printed = shell:read("a")
shell:close()
assert(printed:find("network:save: '" .. big .. "': cannot write it: File too large", 1, true), printed)
assert(read(big) == old)

-- Structures that were made to deceive.
local function deceive(text, problem, options)
  sonde.save(again, { ["0.weight"] = sonde.ones(2, 3), ["0.bias"] = sonde.ones(2) }, { metadata = { ["sonde.network"] = text } })
  fails("nn.load: '" .. again .. "': " .. problem, nn.load, again, options)
end
local function layers(text, more)
  return '{"version":1,"dtype":"float32","training":true,"frozen":[' .. (more or "") .. '],"layers":[' .. text .. "]}"
end
local linear = '{"kind":"Linear","inputs":3,"outputs":2,"bias":true,"init":null}'
-- Puts other settings into a description, the first place of each.
local function but(text, ...)
  local changes = { ... }
  for i = 1, #changes, 2 do text = text:gsub(changes[i], changes[i + 1], 1) end
  return text
end
local function norm(kind, features, affine)
  return string.format('{"kind":"%s","features":%d,"eps":0,"affine":%s}', kind, features, affine)
end
local nested = linear
for _ = 1, 100 do nested = '{"kind":"Residual","layers":[' .. nested .. "]}" end
for _, case in ipairs{
  { "", "expected a value, got the end of the text (at byte 0 of the entry 'sonde.network')" },
  { '{"version":1', "expected ',' or '}', got the end of the text (at byte 12 of the entry 'sonde.network')" },
  { "[]", "expected an object with settings, got a list" },
  { "{}", "expected a setting 'version', got nothing (at version of 'sonde.network')" },
  { '{"version":2,"what":1}', "expected at most 1, the newest that this program reads, got 2; update the program "
    .. "(at version of 'sonde.network')" },
  { '{"version":1.5}', "expected an integer of at least 1, got 1.5 (at version of 'sonde.network')" },
  { '{"version":1,"dtype":"int64"}', "expected 'float32' or 'float64', got 'int64' (at dtype of 'sonde.network')" },
  { layers(""), "expected at least one layer, got none (at layers of 'sonde.network')" },
  { layers("3"), "expected an object with settings, got 3 (at layers[0] of 'sonde.network')" },
  { layers(but(linear, "3", "4000000000")), "expected sizes that the file's 8 numbers can fill, got 2 x 4000000000 "
    .. "(at layers[0] of 'sonde.network')" },
  { layers(but(linear, "3", "9223372036854775807", '"outputs":2', '"outputs":9223372036854775807')),
    "expected sizes that the file's 8 numbers can fill, got 9223372036854775807 x 9223372036854775807 "
    .. "(at layers[0] of 'sonde.network')" },
  { layers(linear .. "," .. linear), "expected sizes that the file's 8 numbers can fill, got 2 x 3 "
    .. "(at layers[1] of 'sonde.network')" },
  { layers(norm("LayerNorm", 1 << 40, false)), "expected sizes that the file's 8 numbers can fill, got 2 x 1099511627776 "
    .. "(at layers[0] of 'sonde.network')" },
  { layers(but(linear, "3", "-3")), "expected an integer of at least 1, got -3 (at layers[0].inputs of 'sonde.network')" },
  { layers(but(linear, "3", "1e999")),
    "expected a number that float64 can hold, got '1e999' (at byte 95 of the entry 'sonde.network')" },
  { layers(but(linear, "true", '"yes"')), "expected true or false, got 'yes' (at layers[0].bias of 'sonde.network')" },
  { layers(but(linear, "inputs", "imputs")), "expected a setting 'inputs', got nothing (at layers[0].inputs of 'sonde.network')" },
  { layers(but(linear, "}", ',"depth":1}')), "expected settings that this program knows, got 'depth'; a newer version may "
    .. "have written it (at layers[0] of 'sonde.network')" },
  { layers(but(linear, "Linear", "Lineal")), "unknown kind of layer 'Lineal', did you mean 'Linear'?; a newer version "
    .. "wrote the file, or nn.load(path, {layers={Lineal=constructor}}) makes it (at layers[0] of 'sonde.network')" },
  { layers('{"kind":"Custom","type":"my gate"}'), "expected a constructor of the custom layer 'my gate', got none; "
    .. "nn.load(path, {layers={[name]=constructor}}) makes it (at layers[0] of 'sonde.network')" },
  { layers('{"kind":"a\\u001bb"}'), "expected a string of at most 200 printable characters, got 'a?b' "
    .. "(at layers[0].kind of 'sonde.network')" },
  { layers('{"kind":"Dropout","p":2}'), "nn.Dropout: expected a probability from 0 to 1, got 2.0 (at layers[0] of 'sonde.network')" },
  { layers('{"kind":"Activation","function":"rely"}'), "expected the name of an activation, got 'rely', did you mean 'relu'? "
    .. "(at layers[0].function of 'sonde.network')" },
  { layers(linear .. "," .. norm("LayerNorm", 3, false)), "layer 2 LayerNorm(3): expected input [batch, 3], got [batch, 2] "
    .. "from layer 1 Linear(3 -> 2)" },
  { layers(but(linear, "inputs\":3", 'inputs":2')), "expected '0.weight' [2, 2], got [2, 3]" },
  { layers('{"kind":"Dropout","p":0}'), "unknown name '0.bias'; unknown name '0.weight'" },
  { layers(linear, '"1.weight"'), "expected the name of a parameter, got '1.weight' (at frozen[0] of 'sonde.network')" },
  { layers(linear, "1"), "expected a name, got 1 (at frozen[0] of 'sonde.network')" },
  { layers('{"kind":"Residual","layers":[' .. linear .. '],"scale":1,"shortcut":null,"activation":null,"norm":null}'),
    "nn.Residual: expected a branch that gives as many features as it takes, 3, got 2 from Linear(3 -> 2); a shortcut = "
    .. "nn.Linear(3, 2) adds them up (at layers[0] of 'sonde.network')" },
  { layers('{"kind":"Residual","layers":[{"kind":"Dropout","p":0}],"scale":1,"shortcut":null,"activation":null,"norm":'
    .. norm("RMSNorm", 2, false) .. "}"),
    "expected a normalisation of the branch's features behind an activation, got RMSNorm(2) (at layers[0].norm of 'sonde.network')" },
  { layers(but(linear, "}", ',"name":"a b"}')), "layer name: expected letters, digits and _ that don't begin with a digit, "
    .. "got 'a b' (at layers[0] of 'sonde.network')" },
  { layers('{"kind":"Dropout","p":0,"name":"a"},{"kind":"Dropout","p":0,"name":"a"}'),
    "nn.load: expected a name of its own for each layer, got two layers named 'a'" },
  { but(layers('{"kind":"Dropout","p":0}'), "}$", ',"auxiliaries":[{"after":1,"weight":1,"layers":[' .. linear .. "]}]}"),
    "expected a layer from 0 to 0, got 1 (at auxiliaries[0].after of 'sonde.network')" },
  { layers(nested), "expected at most 100 levels, got more (at byte 1490 of the entry 'sonde.network')" },
  { layers(but(linear, "null", '{"name":"evil","gain":"standard","function":false}')),
    "init: unknown initialiser 'evil' (at layers[0] of 'sonde.network')" },
} do
  deceive(case[1], case[2])
end
local head = '{"kind":"Block","linear":{"kind":"Linear","inputs":1,"outputs":1,"bias":false,"init":null},"activation":null,'
  .. '"norm":null,"norm_position":"before","dropout":null,"residual":null}'
deceive(layers(head .. "," .. head), "nn.load: expected a name of its own for each layer, got two layers named 'head'")
deceive(layers(but(head, '"norm":null', '"norm":' .. norm("RMSNorm", 2, false))),
  "expected a normalisation of 1 features, got RMSNorm(2) (at layers[0].norm of 'sonde.network')")
deceive(layers(but(head, '"linear":{.-}', '"linear":{"kind":"Identity"}')),
  "expected a layer that can stand there, got Identity (at layers[0].linear of 'sonde.network')")

-- Layers of the user's own: a function makes each of what the file says.
local gate = '{"kind":"Custom","type":"Gate","parameters":{"weight":[2,3]},"slope":0.5,"rest":null}'
sonde.save(again, { ["0.weight"] = sonde.full({ 2, 3 }, 7), ["0.bias"] = sonde.ones(2) },
  { metadata = { ["sonde.network"] = layers(gate .. ',{"kind":"Dropout","p":0}') } })
local seen
local loaded = nn.load(again, { layers = { Gate = function(saved)
  seen = saved
  return nn.Linear(saved.parameters.weight[2], saved.parameters.weight[1])
end } })
assert(seen.type == "Gate" and seen.slope == 0.5 and seen.rest == nil and loaded[1].weight[{ 1, 1 }]:item() == 7)
local used = nn.Sequential{ nn.Linear(3, 2) }
local once = nn.Linear(3, 2)
for _, case in ipairs{
  { function() return 3 end, "expected a layer of the function layers['Gate'], got 3", true },
  { function() return used[1] end, "expected a new layer of 'Gate', got one of another network (at layers[0] of 'sonde.network')" },
  { function() return nn.Linear(3, 2, f64) end,
    "expected a layer of float32 of 'Gate', got one of float64 (at layers[0] of 'sonde.network')" },
  { function() return once end, "expected each layer once, got one layer twice (at layers[1] of 'sonde.network')" },
} do
  sonde.save(again, { ["0.weight"] = sonde.ones(2, 3), ["0.bias"] = sonde.ones(2) },
    { metadata = { ["sonde.network"] = layers(gate .. "," .. gate) } })
  fails("nn.load: " .. (case[3] and "" or "'" .. again .. "': ") .. case[2], nn.load, again, { layers = { Gate = case[1] } })
end
fails("oops", nn.load, again, { layers = { Gate = function() error("oops", 0) end } })
fails("nn.load: option 'layers' expected functions by the names of layers, got 3 at 'Gate'", nn.load, again,
  { layers = { Gate = 3 } })

-- Every file cut short, and thousands changed at random: a network, or one sentence that names the file.
bytes = read(here .. "/Fixtures/saved-1/nested.safetensors")
for length = 0, #bytes - 1, 7 do
  write(again, bytes:sub(1, length))
  ok, message = pcall(nn.load, again)
  assert(not ok and message:find(": nn.load: '", 1, true) and message:find("at byte", 1, true), message)
end
math.randomseed(5)
collectgarbage()
local start = sonde.memory().live
local refused = 0
for _ = 1, 2000 do
  local changed = { bytes:byte(1, -1) }
  for _ = 1, math.random(3) do
    -- mostly in the header, where the structure is
    changed[math.random(math.random(4) == 1 and #changed or #bytes * 2 // 3)] = math.random(0, 255)
  end
  for i = 1, #changed do changed[i] = string.char(changed[i]) end
  write(again, table.concat(changed))
  ok, message = pcall(nn.load, again)
  if ok then
    -- what was believed computes, or says why not
    pcall(message, sonde.ones(2, 3, { dtype = message.dtype }))
  else
    refused = refused + 1
    assert(message:find(": nn.load: '", 1, true) and #message < 2000, message)
  end
  message = nil
end
collectgarbage()
assert(refused > 1500 and refused < 2000, refused)
assert(sonde.memory().live == start, sonde.memory().live - start)

-- a count of batches as large as a number can be
do
  nn.mlp{ inputs = 2, width = 3, depth = 1, norm = "batch" }:save(again)
  local file <close> = assert(io.open(again, "rb"))
  local whole = file:read("a")
  local length = string.unpack("<I8", whole)
  local header, count = whole:sub(9, 8 + length):gsub("(batches_seen[^:]-:)%d+", "%1" .. math.maxinteger)
  assert(count == 1)
  write(again, string.pack("<I8", #header) .. header .. whole:sub(9 + length))
  local net = nn.load(again)
  assert(net[1].norm.num_batches_tracked == math.maxinteger)
  net(sonde.randn(5, 2))
  assert(net[1].norm.num_batches_tracked == math.maxinteger)
end

for _, name in ipairs(made) do os.remove(name) end
print("ok")
