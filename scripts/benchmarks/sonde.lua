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

-- forward and backward from an upstream gradient: 20 x [Linear 100 -> 100 without bias, ReLU, batch norm], batch 1000
for suffix, dtype in pairs{ f32 = "float32", f64 = "float64" } do
  workloads["relu_batchnorm_" .. suffix] = function(name)
    local net = nn.mlp{ depth = 20, bias = false, norm = "batch", norm_position = "after", dtype = dtype }
    local x, upstream = sonde.randn(1000, 100, { dtype = dtype }), sonde.randn(1000, 100, { dtype = dtype })
    measure(name, 1, function()
      net:zero_grad()
      net(x)
      net:backward(upstream)
    end)
  end
end

--- One step of SGD on a net, forward, loss, backward and update.
local function training_step(name, net, batch, momentum)
  local x, classes = sonde.randn(batch, net.inputs), sonde.randint(1, 10, { batch })
  local optimiser = optim.SGD(net, { lr = 0.01, momentum = momentum })
  measure(name, 1, function()
    net:zero_grad()
    nn.cross_entropy(net(x), classes):backward()
    optimiser:step()
  end)
end

function workloads.sigmoid_step(name)
  local net = nn.mlp{ inputs = 784, depth = 3, outputs = 10, activation = "sigmoid", norm = "batch" }
  training_step(name, net, 60, 0)
end

function workloads.deep_step(name)
  local net = nn.mlp{ inputs = 512, width = 512, depth = 50, outputs = 10, norm = "batch" }
  training_step(name, net, 256, 0.9)
end

-- all Stats of a tensor, which are more than the peers' figures: those of the batch and the histogram of decades come with them
for name, shape in pairs{ stats_small = { 1000, 100 }, stats_large = { 4096, 1024 } } do
  workloads[name] = function(workload)
    local x = sonde.randn(shape[1], shape[2])
    measure(workload, 1, function() return x:stats() end)
  end
end

print("version", sonde.version)
for i = 3, #arg do
  local workload = workloads[arg[i]]
  if workload then workload(arg[i]) end
end
