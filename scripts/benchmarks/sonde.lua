-- The workloads in Sonde. Arguments: threads, seconds for each workload, names of workloads.
local budget = tonumber(arg[2])

-- Prints samples of the seconds that one call takes; a sample lasts at least a few milliseconds, garbage collection included.
local function measure(name, calls, run)
  -- twice: the first large results wait for the system to find their pages
  run(calls)
  run(calls)
  local start = sonde.time()
  repeat
    local from = sonde.time()
    run(calls)
    local now = sonde.time()
    print(name, (now - from) / calls)
  until now - start > budget
end

local workloads = {}

local small = {}
for _, name in ipairs{ "t", "a", "b" } do small[name] = sonde.ones(10) end

function workloads.add_in_place(name)
  local t = small.t
  measure(name, 10000, function(n) for _ = 1, n do t:add_(1) end end)
end

function workloads.element(name)
  local t = small.t
  measure(name, 50000, function(n) for _ = 1, n do local x = t[3] end end)
end

function workloads.add(name)
  local a, b = small.a, small.b
  measure(name, 10000, function(n) for _ = 1, n do local c = a + b end end)
end

-- The large tensors of a dtype, made once.
local made = {}
local function large(dtype)
  if not made[dtype] then
    local options = { dtype = dtype }
    local a, b = sonde.rand(10000000, options), sonde.rand(10000000, options)
    made[dtype] = { t = a:clone(), a = a, b = b, mask = a:gt(b) }
  end
  return made[dtype]
end

local elementwise = {
  copy = function(x) x.t:copy_(x.a) end,
  fill = function(x) x.t:fill_(1) end,
  addi = function(x) x.t:add_(x.b) end,
  add = function(x) return x.a + x.b end,
  muli = function(x) x.t:mul_(x.b) end,
  mul = function(x) return x.a * x.b end,
  relui = function(x) x.t:relu_() end,
  relu = function(x) return x.a:relu() end,
  gt = function(x) return x.a:gt(x.b) end,
  where = function(x) return sonde.where(x.mask, x.a, x.b) end,
  -- at most 1 again and again, so that the numbers stay where they are
  expi = function(x) x.b:exp_(); x.b:copy_(x.a) end,
  tanhi = function(x) x.t:tanh_() end,
  sum = function(x) return x.a:sum() end,
}

for suffix, dtype in pairs{ f32 = "float32", f64 = "float64" } do
  for kind, body in pairs(elementwise) do
    workloads[kind .. "_" .. suffix] = function(name)
      local x = large(dtype)
      measure(name, 1, function() body(x) end)
    end
  end
end

-- a pass: forward, and backward from an upstream gradient
local function pass(name, net, x, upstream)
  measure(name, 1, function()
    net:zero_grad()
    net(x)
    net:backward(upstream)
  end)
end

--- A pass of [Linear without bias, ReLU, batch norm], again and again.
local function relu_batchnorm(name, depth, width, batch, dtype)
  local net = nn.mlp{ inputs = width, width = width, depth = depth, bias = false, norm = "batch", norm_position = "after", dtype = dtype }
  pass(name, net, sonde.randn(batch, width, { dtype = dtype }), sonde.randn(batch, width, { dtype = dtype }))
end

for suffix, dtype in pairs{ f32 = "float32", f64 = "float64" } do
  workloads["relu_batchnorm_" .. suffix] = function(name) relu_batchnorm(name, 20, 100, 1000, dtype) end
end

--- One step: forward, loss, backward and update.
local function step(net, optimiser, x, classes)
  net:zero_grad()
  nn.cross_entropy(net(x), classes):backward()
  optimiser:step()
end

--- One step of SGD on a net, again and again on one batch.
local function training_step(name, net, batch, momentum)
  local x, classes = sonde.randn(batch, net.inputs), sonde.randint(1, 10, { batch })
  local optimiser = optim.SGD(net, { lr = 0.01, momentum = momentum })
  measure(name, 1, function() step(net, optimiser, x, classes) end)
end

local function sigmoid_net()
  return nn.mlp{ inputs = 784, depth = 3, outputs = 10, activation = "sigmoid", norm = "batch" }
end

local function deep_net() return nn.mlp{ inputs = 512, width = 512, depth = 50, outputs = 10, norm = "batch" } end

function workloads.sigmoid_step(name) training_step(name, sigmoid_net(), 60, 0) end

function workloads.deep_step(name) training_step(name, deep_net(), 256, 0.9) end

for name, shape in pairs{ norm_small = { 256, 512 }, norm_large = { 4096, 1024 } } do
  workloads[name] = function(workload)
    pass(workload, nn.Sequential{ nn.BatchNorm(shape[2]) }, sonde.randn(shape[1], shape[2]), sonde.randn(shape[1], shape[2]))
  end
end

-- what the instrument costs, beside the pass it looks at
local probed = {
  w1 = function()
    return nn.mlp{ depth = 20, bias = false, norm = "batch", norm_position = "after" }, sonde.randn(1000, 100)
  end,
  w2 = function() return sigmoid_net(), sonde.randn(60, 784) end,
  w3 = function() return deep_net(), sonde.randn(256, 512) end,
}
for suffix, make in pairs(probed) do
  workloads["pass_" .. suffix] = function(name)
    local net, x = make()
    pass(name, net, x, sonde.randn(net(x).shape))
  end
  workloads["probe_" .. suffix] = function(name)
    local net, x = make()
    measure(name, 1, function() net:probe(x) end)
  end
end

--- The moments of the five quantities and nothing else, as a recorder takes them: before the step, with a pass beside the net.
local moments = {}
for _, quantity in ipairs{ "preactivation", "activation", "gradient", "weight", "weight_gradient" } do
  moments[#moments + 1] = quantity .. ".std"
end
for suffix, make in pairs(probed) do
  workloads["moments_" .. suffix] = function(name)
    local net, x = make()
    local recorder = sonde.recorder{ every = 1, capacity = 1000000, stats = moments }
    local classes = sonde.randint(1, 10, { x.shape[1] })
    measure(name, 1, function()
      recorder:before(net, x, classes)
      recorder:after()
    end)
  end
end

--- The steps of `fit` in a loop of the user's own, to compare with: a hundred a sample, each on another of ten batches.
function workloads.steps_by_hand(name)
  local net = sigmoid_net()
  local optimiser = optim.SGD(net, { lr = 0.01 })
  local batches = {}
  for i = 1, 10 do batches[i] = { sonde.randn(60, 784), sonde.randint(1, 10, { 60 }) } end
  measure(name, 100, function(steps)
    for i = 1, steps do
      local x, classes = table.unpack(batches[i % 10 + 1])
      step(net, optimiser, x, classes)
    end
  end)
end

--- W2's steps by net:fit, a hundred a sample.
local function fit(name, record)
  local net = sigmoid_net()
  local train = data.dataset(sonde.randn(600, 784), sonde.randint(1, 10, { 600 }))
  local optimiser = optim.SGD(net, { lr = 0.01 })
  measure(name, 100, function(steps)
    net:fit{ train = train, optimizer = optimiser, batch = 60, steps = steps, record = record, progress = false }
  end)
end

function workloads.fit(name) fit(name) end

function workloads.recorded_fit(name) fit(name, sonde.recorder{ every = 100 }) end

-- all Stats of a tensor, which are more than the peers' figures: those of the batch and the histogram of decades come with them
for name, shape in pairs{ stats_small = { 1000, 100 }, stats_large = { 4096, 1024 } } do
  workloads[name] = function(workload)
    local x = sonde.randn(shape[1], shape[2])
    measure(workload, 1, function() return x:stats() end)
  end
end

--- The most memory the process has held so far, in MB.
local function peak()
  for line in io.lines("/proc/self/status") do
    local kilobytes = line:match("VmHWM:%s*(%d+)")
    if kilobytes then return kilobytes / 1024 end
  end
end

print("version", sonde.version)
for i = 3, #arg do
  local depth, width, batch = arg[i]:match("^net_(%d+)_(%d+)_(%d+)$")
  if depth then
    relu_batchnorm(arg[i], depth // 1, width // 1, batch // 1)
  elseif arg[i] == "memory" then
    print("memory", peak())
  elseif workloads[arg[i]] then
    workloads[arg[i]](arg[i])
  end
end
