-- undo takes every surgery back bit for bit, whatever came between; history lists what a user would type.
local function same(a, b) return a:eq(b):all():item() end

local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error: " .. text)
  message = message:gsub("^[^:]+%.lua:%d+: ", "")
  if message ~= text then error("expected: " .. text .. "\n     got: " .. message, 2) end
end

--- All that a net is: its print, rows, settings, flags, numbers, and what it computes.
local function portrait(net, x)
  local parts = { tostring(net) }
  net:apply(function(layer, name)
    local kind = layer.kind
    local isNorm = kind == "BatchNorm" or kind == "LayerNorm" or kind == "RMSNorm"
    local setting = isNorm and ("%s %s %s"):format(layer.eps, layer.momentum, layer.mode) or ""
    parts[#parts + 1] = ("%s %s %s %s"):format(name, tostring(layer), tostring(layer.frozen), setting)
  end)
  for name, parameter in pairs(net.parameters) do parts[#parts + 1] = name .. tostring(parameter.requires_grad) end
  local training = net.training
  local report = net:probe(x, { upstream = "ones" })
  return {
    text = table.concat(parts, "\n"), state = net:state(), h = report:column("activation.mean"),
    g = report:column("gradient.std"), y = net:clone():eval()(x), training = training,
    history = table.concat(net:history(), " "),
  }
end

local function unchanged(net, x, before, what)
  local now = portrait(net, x)
  assert(now.text == before.text, what .. ": expected\n" .. before.text .. "\ngot\n" .. now.text)
  assert(now.history == before.history, what .. ": " .. now.history)
  local count = 0
  for name, tensor in pairs(before.state) do
    assert(now.state[name] and same(tensor, now.state[name]), what .. ": " .. name)
    count = count + 1
  end
  for _ in pairs(now.state) do count = count - 1 end
  assert(count == 0, what)
  for i, value in ipairs(before.h) do assert(now.h[i] == value and now.g[i] == before.g[i], what .. " row " .. i) end
  assert(same(now.y, before.y) and now.training == before.training, what)
end

local function mlp()
  return nn.mlp{ inputs = 6, width = 6, depth = 3, outputs = 4, norm = "batch", dropout = 0.2, residual = true, seed = 3 }
end

local function sequential()
  return nn.Sequential{
    nn.Linear(6, 6, { name = "first" }), nn.BatchNorm(6), nn.PReLU(), nn.Dropout(0.1),
    nn.Residual{ nn.Linear(6, 6), nn.LayerNorm(6), nn.ReLU(), activation = "tanh" }, nn.Linear(6, 4),
  }
end

-- Every verb, what it writes into the history, and whether it is for nets with blocks alone.
local VERBS = {
  { 'batchnorm("off")', function(net) net:batchnorm("off") end },
  { 'batchnorm("off")', function(net) net:batchnorm(false) end },
  { "batchnorm(true)", function(net) net:batchnorm(true) end },
  { 'batchnorm("after", {eps=0, affine=false, momentum=0.5, mode="batch"})', function(net)
    net:batchnorm("after", { eps = 0, affine = false, momentum = 0.5, mode = "batch" })
  end },
  { '[1]:batchnorm("after")', function(net) net[1]:batchnorm("after") end },
  { 'normalize("layer", {position="after", eps=0.001})', function(net) net:normalize("layer", { position = "after", eps = 1e-3 }) end },
  { 'normalize("rms")', function(net) net:normalize("rms") end },
  { 'normalize("none")', function(net) net:normalize("none") end },
  { 'batchnorm_mode("frozen")', function(net) net:batchnorm_mode("frozen") end },
  { '[2]:batchnorm_mode("running")', function(net) net[2]:batchnorm_mode("running") end },
  { 'activation("tanh")', function(net) net:activation("tanh") end },
  { 'activation("leaky_relu", 0.2)', function(net) net:activation("leaky_relu", 0.2) end },
  { '[1]:activation("prelu")', function(net) net[1]:activation("prelu") end },
  { 'init("he_normal", {seed=7})', function(net) net:init("he_normal", { seed = 7 }) end },
  { 'init({"orthogonal", gain="unit"})', function(net) net:init({ "orthogonal", gain = "unit" }) end },
  { "init(a function)", function(net)
    net:init(function(shape, _, _, g) return sonde.rand(shape[1], shape[2], { generator = g }) end)
  end },
  { '[1]:init("zeros")', function(net) net[1]:init("zeros") end },
  { "lsuv(x)", function(net, x) net:lsuv(x) end },
  { "lsuv(x, {tolerance=0.1, iterations=3, seed=5})", function(net, x) net:lsuv(x, { tolerance = 0.1, iterations = 3, seed = 5 }) end },
  { "insert(2, Tanh)", function(net) net:insert(2, nn.Tanh()) end },
  { "insert(1, Linear(6 -> 6))", function(net) net:insert(1, nn.Linear(6, 6)) end },
  { "remove(2)", function(net) net:remove(2) end },
  { "replace(1, Linear(6 -> 6))", function(net) net:replace(1, nn.Linear(6, 6)) end },
  { "freeze()", function(net) net:freeze() end },
  { "freeze(1)", function(net) net:freeze(1) end },
  { "unfreeze()", function(net) net:unfreeze() end },
  { "unfreeze(2)", function(net) net:unfreeze(2) end },
  { "[1]:freeze()", function(net) net[1]:freeze() end },
  { "add_auxiliary(1, Linear(6 -> 4))", function(net) net:add_auxiliary(1, nn.Linear(6, 4)) end },
}

sonde.seed(5)
local x = sonde.randn(12, 6)
for _, make in ipairs{ mlp, sequential } do
  for _, verb in ipairs(VERBS) do
    local net = make()
    -- running statistics and weights of its own
    net(x)
    net:freeze(2)
    local before = portrait(net, x)
    local count = #net:history()
    verb[2](net, x)
    local history = net:history()
    assert(#history == count + 1 and history[#history] == verb[1], ("expected %s, got %s"):format(verb[1], history[#history]))
    net:undo()
    unchanged(net, x, before, verb[1])
  end
end

-- Random sequences, taken back one by one or all at once.
local generator = sonde.generator(11)
local function draw(n) return sonde.randint(1, n, { 1 }, { generator = generator, dtype = "int64" })[1] end
for round = 1, 12 do
  local net = (round % 2 == 0 and mlp or sequential)()
  net(x)
  local portraits = {}
  for _ = 1, 10 do
    local before = portrait(net, x)
    if pcall(VERBS[draw(#VERBS)][2], net, x) then portraits[#portraits + 1] = before else unchanged(net, x, before, "refused") end
  end
  assert(#portraits == #net:history() and #portraits > 2)
  if round % 3 == 0 then
    net:undo(#portraits)
    unchanged(net, x, portraits[1], "undo(n)")
  else
    for place = #portraits, 1, -1 do
      local what = net:history()[place]
      net:undo()
      unchanged(net, x, portraits[place], what)
    end
  end
end

-- remove_auxiliary, layers inside others.
local net = mlp():add_auxiliary(1, nn.Linear(6, 4))
local before = portrait(net, x)
net:remove_auxiliary(1)
assert(net:history()[2] == "remove_auxiliary(1)")
unchanged(net:undo(), x, before, "remove_auxiliary")
net[2].linear:freeze()
net[-1]:freeze()
assert(net:history()[2] == "[2].linear:freeze()" and net:history()[3] == "[4]:freeze()")
assert(net[2].linear.frozen and not net[1].linear.frozen)
unchanged(net:undo(2), x, before, "a layer inside another")
net = sequential()
net[5][1]:freeze()
assert(net:history()[1] == "[5][1]:freeze()")
assert(not net:undo()[5][1].frozen and #net:history() == 0)

-- What is no surgery is not listed: training, modes, loading, names.
net = mlp()
net:eval():train():load_state(net:state())
net[1]:named("one")
assert(#net:history() == 0)

-- Counts.
fails("network:undo: expected a surgery to take back, got none", net.undo, net)
net:batchnorm("off"):batchnorm(true)
fails("network:undo: expected 1 to 2 surgeries to take back, got 3", net.undo, net, 3)
fails("network:undo: expected 1 to 2 surgeries to take back, got 0", net.undo, net, 0)
fails("network:undo: expected 1 to 2 surgeries to take back, got -1", net.undo, net, -1)
fails("network:undo: argument 1 'n' expected an integer, got 'all'", net.undo, net, "all")
assert(#net:history() == 2 and #net:undo(2):history() == 0)

-- Of all nets, the surgery that was done last; what a what-if does to its copies is none.
local first, second = mlp(), mlp()
first:batchnorm("after")
second:activation("tanh")
first[1]:batchnorm("off")
first:whatif(x, { batchnorm = { "off", "before" } })
local text, patient = sonde.undo()
assert(text == '[1]:batchnorm("off")' and patient == first and first:batchnorm() == "after")
text, patient = sonde.undo()
assert(text == 'activation("tanh")' and patient == second and second:activation() == "relu")
-- one that is gone has nothing to take back
local third = mlp():batchnorm("before")
third = nil
collectgarbage()
assert(select(2, sonde.undo()) == first and first:batchnorm() == "before")

-- Gradients of what froze are dropped, and what is no longer frozen trains again.
net = mlp()
net(x):sum():backward()
net:freeze(1)
assert(net[1].linear.weight.grad == nil and net[2].linear.weight.grad)
net:undo():zero_grad()
net(x):sum():backward()
assert(net[1].linear.weight.grad)

-- A surgery that fails half way, for want of memory, leaves everything as it was.
local program = [[
  local net = nn.Sequential{ nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 200000), nn.ReLU(), nn.Linear(200000, 2) }
  local x = sonde.randn(8, 6)
  net(x)
  net:probe(x)
  local memory = sonde.memory()
  -- the first normalisation fits and the second does not
  local held = sonde.zeros((memory.limit - memory.live - 1000000) // 4)
  local worked, message = pcall(net.batchnorm, net, "before")
  assert(not worked and tostring(message):find("memory"), tostring(message))
  held = nil
  collectgarbage()
  assert(#net == 5 and #net:history() == 0)
  local report, twin = net:probe(x), net:clone():probe(x)
  assert(#report == 5 and #twin == 5)
  for i = 1, 5 do
    assert(report[i].kind == twin[i].kind and report[i].activation.count == twin[i].activation.count)
    assert(report[i].activation.std == twin[i].activation.std)
  end
  assert(#net:batchnorm("before") == 7 and #net:probe(x) == 7 and #net:undo() == 5)
  print("as it was")
]]
local child = io.popen("exec '" .. arg[-1] .. "' --memory-limit 256M -e '" .. program:gsub("'", "'\\''") .. "' 2>&1")
local said = child:read("a")
assert(child:close() and said == "as it was\n", said)

print("ok")
