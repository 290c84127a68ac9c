-- Residual layers, layers written in Lua and Flatten against PyTorch's numbers, which Fixtures/structures.py wrote.
local directory = arg[0]:match("^(.*/)") or "./"

-- The tensors by case and name: {shape=, values=}.
local goldens, order = {}, {}
for text in io.lines(directory .. "../Fixtures/structures.txt") do
  local case, name, extents, numbers = text:match("^([^/ ]+)/(%S+) ([%d,]*): (.*)$")
  if case then
    if not goldens[case] then
      goldens[case], order[#order + 1] = {}, case
    end
    local shape, values = {}, {}
    for extent in extents:gmatch("%d+") do shape[#shape + 1] = math.tointeger(extent) end
    for word in numbers:gmatch("%S+") do values[#values + 1] = tonumber(word) end
    goldens[case][name] = { shape = shape, values = values }
  end
end
assert(#order == 29, #order)

-- The layers written in Lua, as their modules in structures.py.
local function Scale(n)
  return nn.layer{ name = "Scale", parameters = { w = sonde.ones(n), b = sonde.ones(n) },
    forward = function(self, x) return (x * self.w):tanh() * x + self.b end }
end
local function Centre(n)
  return nn.layer{ name = "Centre", buffers = { middle = sonde.zeros(n) }, forward = function(self, x)
    if not self.training then return x - self.middle end
    local mean = x:mean{ dim = 1 }
    sonde.no_grad(function() self.middle:mul_(0.75):add_(mean * 0.25) end)
    return x - mean
  end }
end
local function Widen(n)
  return nn.layer{ name = "Widen", parameters = { w = sonde.ones(n, n) }, forward = function(self, x)
    local h = x:matmul(self.w)
    return sonde.cat({ h, h * h }, 2)
  end }
end
local Linear, BatchNorm, LayerNorm, RMSNorm, Residual = nn.Linear, nn.BatchNorm, nn.LayerNorm, nn.RMSNorm, nn.Residual
local function rms(n) return RMSNorm(n, { eps = 1e-5 }) end

local cases = {
  pre = function() return { Linear(4, 6), Residual{ BatchNorm(6), nn.ReLU(), Linear(6, 6) }, Linear(6, 3) } end,
  post = function()
    return { Linear(4, 6), Residual{ Linear(6, 6), BatchNorm(6), activation = "relu" }, Linear(6, 3) }
  end,
  scale = function()
    return { Linear(4, 6), nn.ReLU(), Residual{ LayerNorm(6), nn.GELU(), Linear(6, 6), scale = 0.3 },
      Residual({ Linear(6, 6) }, { scale = -2, activation = "tanh" }), Linear(6, 3) }
  end,
  shortcut = function()
    return { Residual{ Linear(4, 5), nn.Tanh(), Linear(5, 7), scale = 0.5, shortcut = Linear(4, 7) },
      Residual{ Linear(7, 3), BatchNorm(3), shortcut = true, activation = "prelu" } }
  end,
  narrow = function()
    return { Residual{ Linear(9, 2), nn.Sigmoid(), shortcut = Linear(2) }, Linear(2, 3) }
  end,
  nested = function()
    return { Linear(4, 6),
      Residual{ Linear(6, 6), Residual{ LayerNorm(6), nn.GELU(), Linear(6, 6), scale = 0.5 }, nn.ReLU(),
        Residual{ Residual{ Linear(6, 3), nn.ReLU(), Linear(3, 6) }, BatchNorm(6), activation = "silu" } },
      Linear(6, 3) }
  end,
  row = function()
    return { Residual{ Linear(5, 5), nn.Tanh() }, Residual{ nn.Tanh(), Linear(5, 5) },
      Residual{ rms(5), Linear(5, 5), nn.Dropout(0), activation = "sigmoid" } }
  end,
  alone = function() return { Residual{ Linear(5, 5), nn.ReLU(), activation = "tanh" } } end,
  bare = function() return { Linear(5, 5), nn.ReLU(), Residual{ nn.Sigmoid() }, Residual{ nn.Tanh() } } end,
  normlast = function()
    return { Residual{ nn.ReLU(), Linear(5, 5), BatchNorm(5, { eps = 1e-3, momentum = 0.3 }) }, BatchNorm(5), nn.ReLU(),
      Linear(5, 3), nn.Softplus() }
  end,
  named = function()
    return { Linear(4, 6, { name = "fc1" }), { "act", nn.ReLU() },
      Residual{ { "inside", Linear(6, 6) }, BatchNorm(6):named("bn"), name = "block" }, { "fc2", Linear(6, 3) } }
  end,
  custom = function()
    return { Scale(4), Linear(4, 6), BatchNorm(6), nn.ReLU(), Scale(6), Linear(6, 3), Scale(3) }
  end,
  buffers = function() return { Linear(4, 6), Centre(6), nn.ReLU(), Centre(6), Linear(6, 3) } end,
  widening = function() return { Linear(4, 3), Widen(3), nn.Tanh(), Linear(6, 2), Widen(2) } end,
  customresidual = function()
    return { Residual{ Scale(4), Centre(4), Linear(4, 4), Scale(4), scale = 0.5 },
      Residual{ Widen(4), Linear(8, 4), activation = "relu" }, Residual{ Residual{ Scale(4) } }, Linear(4, 3) }
  end,
  flatten = function() return { nn.Flatten(), Linear(6, 5), nn.ReLU(), Linear(5, 3) } end,
  flattenfirst = function()
    return { nn.Flatten(), nn.Identity(), Residual{ LayerNorm(6), Linear(6, 6) }, nn.Flatten(), Scale(6) }
  end,
}

local function build(case)
  local norm, position, form = case:match("^mlp%.(%a+)%.(%a+)%.(%a+)$")
  if not norm then return nn.Sequential(cases[case]()) end
  return nn.mlp{ inputs = 4, width = 6, depth = 3, outputs = 3, activation = "tanh", norm = norm, norm_position = position,
    residual = form, residual_scale = norm == "layer" and 0.5 or 1 }
end

local dtype, tolerance
local function tensor(golden) return sonde.tensor(golden.values, { dtype = dtype }):reshape(golden.shape) end

-- Within the tolerance times the largest number of a kind: a gradient may be 0 but for rounding.
local function near(got, want, largest, what)
  assert(want and table.concat(got.shape, ",") == table.concat(want.shape, ","), what .. ": another shape")
  local expected = sonde.tensor(want.values, { dtype = "float64" }):reshape(want.shape)
  local distance = (got:detach():to("float64") - expected):abs():max():item()
  assert(distance <= tolerance * math.max(largest, expected:abs():max():item()), what .. ": off by " .. distance)
end

local function near_gradients(case, net, kind)
  local largest, count = 0, 0
  for name, p in pairs(net.parameters) do largest = math.max(largest, p.grad:abs():max():item()) end
  for name, p in pairs(net.parameters) do
    count = count + 1
    near(p.grad, goldens[case][kind .. "/" .. name], largest, case .. " " .. kind .. " " .. name)
  end
  for name in pairs(goldens[case]) do if name:sub(1, #kind + 1) == kind .. "/" then count = count - 1 end end
  assert(count == 0, case .. ": another number of gradients")
end

local function fresh(case)
  local net, state = build(case), {}
  for name, golden in pairs(goldens[case]) do
    local key = name:match("^state/(.*)$")
    if key then state[key] = tensor(golden) end
  end
  local count = 0
  for name in pairs(net:state()) do
    assert(state[name], case .. ": PyTorch has no " .. name)
    count = count + 1
  end
  for name in pairs(state) do count = count - 1 end
  assert(count == 0, case .. ": PyTorch has other names")
  return net:load_state(state)
end

-- What a row gave and the gradient there, as PyTorch's hooks saw them.
local function check_probe(case, net, x, dy)
  local before, report = net:state(), net:probe(x, { upstream = dy })
  for i = 1, #net do
    local want = goldens[case]["probe/" .. i].values
    local largest = math.max(want[3], want[8])
    for place, stats in ipairs{ report[i].activation, report[i].gradient } do
      for j, name in ipairs{ "mean", "std", "norm", "min", "max" } do
        local distance = math.abs(stats[name] - want[(place - 1) * 5 + j])
        assert(distance <= tolerance * largest, case .. " probe " .. i .. " " .. name .. ": off by " .. distance)
      end
    end
  end
  for name, t in pairs(net:state()) do assert(t:eq(before[name]):all():item(), case .. ": the probe changed " .. name) end
  for name, p in pairs(net.parameters) do assert(p.grad == nil, case .. ": the probe left a gradient at " .. name) end
end

-- The gradients of a net, some of whose parameters are frozen: none there, the same elsewhere.
local function check_frozen(case, x, dy)
  local net = fresh(case)
  local rows, frozen = #net, {}
  for i = 1, rows, 2 do net:freeze(i) end
  for name, p in pairs(net.parameters) do frozen[name] = not p.requires_grad end
  net(x)
  near(net:backward(dy), goldens[case].dx, 0, case .. " frozen dx")
  for name, p in pairs(net.parameters) do
    if frozen[name] then
      assert(p.grad == nil, case .. ": frozen " .. name .. " has a gradient")
    else
      near(p.grad, goldens[case]["grad/" .. name], 10, case .. " beside frozen " .. name)
    end
  end
end

local function check(case)
  local golden, net = goldens[case], fresh(case)
  local x, dy = tensor(golden.x), tensor(golden.dy)
  check_probe(case, net, x, dy)
  near(net:clone()(x), golden.y, 0, case .. " y of a clone")
  near(net(x), golden.y, 0, case .. " y")
  near(net:backward(dy), golden.dx, 0, case .. " dx")
  near_gradients(case, net, "grad")
  net:zero_grad()
  x:requires_grad_()
  local first, second = net(x), net(x * 2 - 1)
  second:backward(dy);
  (first * dy * 3):sum():backward()
  near(x.grad, golden.twicedx, 0, case .. " dx of two forwards")
  near_gradients(case, net, "twice")
  for name, t in pairs(net:state()) do
    if golden["running/" .. name] then near(t, golden["running/" .. name], 0, case .. " " .. name) end
  end
  net:zero_grad():eval()
  x:zero_grad()
  near(sonde.no_grad(function() return net(x) end), golden.eval, 0, case .. " eval off the tape")
  net(x):backward(dy)
  near(x.grad, golden.evaldx, 0, case .. " eval dx")
  near_gradients(case, net, "evalgrad")
  check_frozen(case, x:detach(), dy)
end

-- float32 results are compared with float64 numbers of the same weights: 5e-5 of the largest covers a few hundred roundings.
for kind, relative in pairs{ float64 = 1e-12, float32 = 5e-5 } do
  dtype, tolerance = kind, relative
  sonde.default_dtype(kind)
  for _, case in ipairs(order) do
    local good, message = xpcall(check, debug.traceback, case)
    if not good then error(dtype .. " " .. case .. ": " .. message, 0) end
  end
end

-- Residual layers inside one another, as many as may be: what is asked of them takes steps in proportion, not 2^40.
do
  local layer = nn.Linear(3, 3, { dtype = "float64", init = "normal(0.01)" })
  for _ = 1, 40 do layer = nn.Residual{ layer } end
  local net = nn.Sequential{ layer, nn.Linear(3, 2, { dtype = "float64" }) }
  local x = sonde.randn({ 5, 3 }, { dtype = "float64" })
  local innermost = ("0."):rep(41)
  -- x + (x + ... (x + (W x + b))) is 40 x + W x + b
  local inner = x * 40 + x:mm(net.parameters[innermost .. "weight"]:t()) + net.parameters[innermost .. "bias"]
  assert(net(x):allclose(inner:mm(net[2].weight:t()) + net[2].bias, { rtol = 1e-10 }))
  assert(net:clone()(x):eq(net(x)):all():item())
  local path = os.tmpname()
  net:save(path .. ".safetensors")
  assert(nn.load(path .. ".safetensors")(x):eq(net(x)):all():item())
  local report = net:probe(x)
  report:save(path .. ".json")
  assert(sonde.load_report(path .. ".json")[1].activation.std == report[1].activation.std and report:theory()[2].activation)
  for _, ending in ipairs{ "", ".safetensors", ".json" } do os.remove(path .. ending) end
end
print("ok")
