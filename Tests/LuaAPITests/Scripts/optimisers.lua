-- Optimisers: settings, groups, schedules, clipping, states, surgery, and optimisers written in Lua.
local function fails(f, text)
  local ok, message = pcall(f)
  assert(not ok, "did not fail: " .. text)
  local rest = tostring(message):match("^[^:]+:%d+: (.*)$")
  assert(rest == text, "\n   got: " .. tostring(message) .. "\nwanted: " .. text)
end

local function same(a, b) return a:eq(b):all():item() end

-- A net with two batches, and a backward for its step.
local function make(seed, dtype)
  return nn.mlp{ inputs = 4, width = 5, depth = 2, outputs = 3, seed = seed, dtype = dtype }
end
local x = sonde.randn(8, 4, { generator = sonde.generator(1) })
local t = sonde.tensor{ 1, 2, 3, 1, 2, 3, 1, 2 }
local function learn(net, x, t)
  net:zero_grad()
  local loss = nn.cross_entropy(net(x), t)
  loss:backward()
  return loss:item()
end
local function equal(net, other)
  for name, p in pairs(net.parameters) do
    if not same(p, other.parameters[name]) then return false end
  end
  return true
end
local function near(net, other, tolerance)
  for name, p in pairs(net.parameters) do
    local gap = (p:detach() - other.parameters[name]:detach()):abs():max():item()
    assert(gap <= tolerance, name .. " differs by " .. gap)
  end
end

-- Defaults are PyTorch's, and every setting can be read and set.
local net = make(1)
local adam = optim.Adam(net)
assert(adam.lr == 0.001 and adam.betas[1] == 0.9 and adam.betas[2] == 0.999 and adam.eps == 1e-8)
assert(adam.weight_decay == 0 and adam.amsgrad == false and adam.maximize == false and adam.steps == 0)
assert(optim.AdamW(net).weight_decay == 0.01 and optim.RMSprop(net).lr == 0.01 and optim.RMSprop(net).alpha == 0.99)
assert(optim.Adagrad(net).lr == 0.01 and optim.Adagrad(net).eps == 1e-10)
adam.lr, adam.betas, adam.amsgrad = 0.5, { 0.8, 0.9 }, true
assert(adam.lr == 0.5 and adam.betas[1] == 0.8 and adam.amsgrad)
assert(tostring(adam) == "Adam(lr=0.5, betas={0.8, 0.9}, eps=1e-08, weight_decay=0, amsgrad=true, maximize=false)")
assert(optim.SGD(net.parameters, { lr = 1, momentum = 0.5, nesterov = true }).nesterov)

-- All of them learn.
for _, name in ipairs{ "SGD", "Adam", "AdamW", "RMSprop", "Adagrad" } do
  local net = make(3)
  local opt = optim[name](net, { lr = 0.05 })
  local first, last
  for _ = 1, 60 do
    last = learn(net, x, t)
    first = first or last
    opt:step()
  end
  assert(last < 0.8 * first and opt.steps == 60, name)
end

-- Plain tensors, in a sequence or by name; one alone.
local w, b = sonde.zeros(3):requires_grad_(), sonde.zeros(1):requires_grad_()
local fit = optim.SGD({ w, b }, { lr = 0.1 })
local inputs = sonde.randn(50, 3, { generator = sonde.generator(2) })
local targets = inputs:matmul(sonde.tensor{ 1, -2, 3 }) + 0.5
for _ = 1, 300 do
  fit:zero_grad();
  ((inputs:matmul(w) + b - targets) ^ 2):mean():backward()
  fit:step()
end
assert(math.abs(w[2]:item() + 2) < 1e-3 and math.abs(b:item() - 0.5) < 1e-3)
local named = optim.Adam({ w = w, b = b }, { lr = 0.1 })
named:step()
assert(named:state()["w.exp_avg"].shape[1] == 3 and named:state()["b.step"] == 1)
assert(optim.Adam({ w = w }).lr == 0.001 and #optim.Adam(w).groups[1].params == 1)

-- Groups: by pattern, names, tensors, or a function; the rest is the last.
local grouped = make(4)
local opt = optim.SGD(grouped, {
  lr = 0.1, momentum = 0.9, weight_decay = 0.01,
  groups = {
    { params = "bias$", weight_decay = 0 },
    { params = { "head.weight" }, lr = 0.5 },
    { params = function(name, p) return name:find("^1") and p:dim() == 2 end, nesterov = true },
  },
})
assert(#opt.groups == 4 and opt.groups[1].weight_decay == 0 and opt.groups[2].lr == 0.5 and opt.lr == 0.1)
assert(opt.groups[3].nesterov and not opt.groups[4].nesterov and opt.groups[3].momentum == 0.9)
assert(table.concat(opt.groups[1].params, " ") == "0.linear.bias 1.linear.bias head.bias")
assert(table.concat(opt.groups[2].params, " ") == "head.weight")
assert(table.concat(opt.groups[3].params, " ") == "1.linear.weight")
assert(table.concat(opt.groups[4].params, " ") == "0.linear.weight")
assert(tostring(opt):find("\n  groups[1]: 3 parameters, lr=0.1, momentum=0.9, dampening=0, weight_decay=0, nesterov=false", 1, true))
assert(tostring(opt):find("\n  groups[2]: 1 parameter, lr=0.5", 1, true))
opt.groups[1].lr = 0
local bias, weight = grouped.parameters["0.linear.bias"]:clone(), grouped.parameters["0.linear.weight"]:clone()
learn(grouped, x, t)
opt:step()
assert(same(bias, grouped.parameters["0.linear.bias"]) and not same(weight, grouped.parameters["0.linear.weight"]))
opt.lr = 0.2
assert(opt.groups[1].lr == 0.2 and opt.groups[2].lr == 0.2)
local exact = optim.SGD(grouped, { lr = 1, groups = { { params = grouped.parameters["0.linear.bias"] }, { params = "0.linear.weight" } } })
assert(exact.groups[1].params[1] == "0.linear.bias" and exact.groups[2].params[1] == "0.linear.weight")

-- Surgery: what appears joins its group with fresh state, what comes back has its state.
local living = make(5)
local follower = optim.Adam(living, { lr = 0.01, groups = { { params = "norm", lr = 0.1 } } })
assert(#follower.groups[1].params == 0)
learn(living, x, t); follower:step()
living:batchnorm("before")
assert(#follower.groups[1].params == 4 and follower:state()["0.norm.weight.step"] == 0)
learn(living, x, t); follower:step()
living:batchnorm("off")
learn(living, x, t); follower:step()
assert(follower:state()["0.norm.weight.step"] == nil and follower:state()["0.linear.weight.step"] == 3)
living:batchnorm(true)
learn(living, x, t); follower:step()
assert(follower:state()["0.norm.weight.step"] == 2 and follower.steps == 4)

-- A state goes on bit for bit, in another optimiser of another net with the same weights.
for _, name in ipairs{ "SGD", "Adam", "AdamW", "RMSprop", "Adagrad" } do
  local options = { lr = 0.05, weight_decay = 0.1 }
  if name == "SGD" or name == "RMSprop" then options.momentum = 0.9 end
  local one = make(6)
  local first = optim[name](one, options)
  for _ = 1, 5 do learn(one, x, t); first:step() end
  local two, kept = one:clone(), first:state()
  for _ = 1, 5 do learn(one, x, t); first:step() end
  local second = optim[name](two, { lr = 1 }):load_state(kept)
  assert(second.steps == 5 and second.lr == 0.05 and second.weight_decay == 0.1)
  for _ = 1, 5 do learn(two, x, t); second:step() end
  assert(equal(one, two), name)
end

-- Schedules: functions of the steps taken; a Lua function is as good.
local cosine = optim.schedule.cosine{ steps = 10, lr = 0.1, min = 0.02 }
assert(cosine(0) == 0.1 and math.abs(cosine(5) - 0.06) < 1e-15 and cosine(10) == 0.02 and cosine(99) == 0.02)
assert(optim.schedule.step{ step_size = 3, gamma = 0.5 }(6, 8) == 2)
assert(optim.schedule.exponential{ gamma = 0.5 }(2) == 0.25)
assert(math.abs(optim.schedule.linear{ steps = 4 }(2, 3) - 2) < 1e-15)
local warm = optim.schedule.warmup{ steps = 4, start_factor = 0.2, after = function(n, lr) return lr / (n + 1) end }
assert(math.abs(warm(0) - 0.2) < 1e-15 and warm(4) == 1 and warm(5) == 0.5)
assert(tostring(optim.schedule.warmup{ steps = 4, after = cosine, lr = 2 })
  == "warmup{steps=4, start_factor=0.01, after=cosine{steps=10, min=0.02, lr=0.1}, lr=2}")
local timed = optim.SGD(make(7), { lr = 0.1, groups = { { params = "bias", lr = 1 } } })
timed.schedule = optim.schedule.multistep{ milestones = { 1, 3 }, gamma = 0.5 }
assert(tostring(timed.schedule) == "multistep{milestones={1, 3}, gamma=0.5}")
timed:step()
assert(timed.lr == 0.1)
timed:step()
assert(timed.lr == 0.05 and timed.groups[1].lr == 0.5)
local seen = {}
timed.schedule = function(step, lr)
  seen[#seen + 1] = step .. " " .. lr
  return 1 / step
end
timed:step()
assert(timed.lr == 0.5 and timed.groups[1].lr == 0.5 and table.concat(seen, ", ") == "2 1.0, 2 0.1")
assert(type(timed.schedule) == "function")
timed.schedule = nil
timed:step()
assert(timed.lr == 0.5 and timed.schedule == nil)

-- Clipping.
local p, q = sonde.zeros(2):requires_grad_(), sonde.zeros(1):requires_grad_();
((p * sonde.tensor{ 2, -3 }):sum() + (q * 6):sum()):backward()
assert(nn.clip_grad_norm({ p, q }, math.huge) == 7 and p.grad[1] == 2)
assert(nn.clip_grad_norm({ p, q }, math.huge, { norm_type = 1 }) == 11)
assert(nn.clip_grad_norm({ p, q }, math.huge, { norm_type = "inf" }) == 6)
assert(nn.clip_grad_norm({ p = p, q = q }, 3.5) == 7 and math.abs(q.grad[1] - 3) < 1e-5)
assert(math.abs(nn.clip_grad_norm({ p, q }, 1) - 3.5) < 1e-5)
nn.clip_grad_value({ p, q }, 0.25)
assert(p.grad[2] == -0.25 and q.grad[1] == 0.25)
local clipped = make(8)
learn(clipped, x, t)
local norm = nn.clip_grad_norm(clipped, 0.01)
assert(norm > 0.01 and math.abs(nn.clip_grad_norm(clipped.parameters, 1) - 0.01) < 1e-6)

-- Gradients of several backwards make one step.
local whole, parts = make(9, "float64"), make(9, "float64")
local wide = x:to("float64")
local one, two = optim.Adam(whole, { lr = 0.1 }), optim.Adam(parts, { lr = 0.1 })
for _ = 1, 3 do
  learn(whole, wide, t)
  one:step()
  parts:zero_grad()
  for part = 0, 3 do
    local rows = { { 2 * part + 1, 2 * part + 2 } };
    (nn.cross_entropy(parts(wide[rows]), t[rows]) / 4):backward()
  end
  two:step()
end
near(whole, parts, 1e-9)

-- Optimisers written in Lua over net.parameters.
local function lua_sgd(net, lr, momentum)
  local moved = {}
  return function()
    for name, p in pairs(net.parameters) do
      if moved[name] then moved[name]:mul_(momentum):add_(p.grad) else moved[name] = p.grad:clone() end
      p:sub_(moved[name] * lr)
    end
  end
end
local function lua_adam(net, lr, beta1, beta2, eps)
  local means, squares, time = {}, {}, 0
  return function()
    time = time + 1
    for name, p in pairs(net.parameters) do
      local g = p.grad
      local m = means[name] or sonde.zeros_like(g)
      local v = squares[name] or sonde.zeros_like(g)
      m:add_((g - m) * (1 - beta1))
      v:mul_(beta2):add_(g * g * (1 - beta2))
      means[name], squares[name] = m, v
      p:sub_(m * (lr / (1 - beta1 ^ time)) / (v:sqrt() / math.sqrt(1 - beta2 ^ time) + eps))
    end
  end
end
local function race(ours, theirs)
  local net, other = make(10, "float64"), make(10, "float64")
  local opt, step = ours(net), theirs(other)
  for _ = 1, 50 do
    learn(net, wide, t)
    opt:step()
    learn(other, wide, t)
    step()
  end
  near(net, other, 1e-10)
end
race(function(net) return optim.SGD(net, { lr = 0.1, momentum = 0.9 }) end, function(net) return lua_sgd(net, 0.1, 0.9) end)
race(function(net) return optim.Adam(net, { lr = 0.02, betas = { 0.8, 0.95 } }) end, function(net)
  return lua_adam(net, 0.02, 0.8, 0.95, 1e-8)
end)

-- Mistakes.
local who = "optim.Adam: "
fails(function() optim.SGD(net) end, "optim.SGD: option 'lr' is missing: the learning rate")
fails(function() optim.Adam(net, { lr = -1 }) end, who .. "expected lr of 0 or more, got -1.0")
fails(function() optim.Adam(net, { lr = 0 / 0 }) end, who .. "expected lr of 0 or more, got " .. (tostring(0 / 0):find("-", 1, true) and "-nan" or "nan"))
fails(function() optim.Adam(net, { learning_rate = 1 }) end, who ..
  "unknown option 'learning_rate'; there are lr, betas, eps, weight_decay, amsgrad, maximize and groups")
fails(function() optim.Adam(net, { wieght_decay = 1 }) end, who .. "unknown option 'wieght_decay', did you mean 'weight_decay'?")
fails(function() optim.Adam(net, { betas = { 0.9, 1 } }) end, who .. "expected beta2 of at least 0 and below 1, got 1.0")
fails(function() optim.Adam(net, { betas = { 0.9 } }) end, who .. "option 'betas' expected two numbers such as {0.9, 0.999}, got 1 values")
fails(function() optim.Adam(net, { betas = { 0.9, "x" } }) end, who .. "option 'betas' expected two numbers such as {0.9, 0.999}, got 'x'")
fails(function() optim.RMSprop(net, { alpha = 1.5 }) end, "optim.RMSprop: expected alpha from 0 to 1, got 1.5")
fails(function() optim.SGD(net, { lr = 1, nesterov = true }) end,
  "optim.SGD: expected momentum above 0 and dampening 0 with nesterov, got momentum 0.0 and dampening 0.0")
fails(function() optim.SGD(net, { lr = 1, groups = { { params = "bias", nesterov = true } } }) end,
  "optim.SGD: expected momentum above 0 and dampening 0 with nesterov, got momentum 0.0 and dampening 0.0")
fails(function() optim.Adam(net, { groups = { { lr = 1 } } }) end, who .. "groups[1]: option 'params' is missing: which parameters belong to it")
fails(function() optim.Adam(net, { groups = { { params = "bias", lrr = 1 } } }) end, who .. "groups[1]: unknown option 'lrr', did you mean 'lr'?")
fails(function() optim.Adam(net, { groups = { { params = "bias", lr = "x" } } }) end, who .. "groups[1].lr expected a number, got 'x'")
fails(function() optim.Adam(net, { groups = { 3 } }) end, who .. "groups[1] expected a table such as {params=\"bias$\", lr=0.1}, got 3")
fails(function() optim.Adam(net, { groups = { params = "bias" } }) end, who .. "option 'groups' expected a sequence of tables, got the key 'params'")
fails(function() optim.Adam(net, { groups = { { params = { "head.wieght" } } } }) end, who .. "unknown parameter 'head.wieght', did you mean 'head.weight'?")
fails(function() optim.Adam(net, { groups = { { params = {} } } }) end, who .. "groups[1].params expected names or tensors, got an empty table")
fails(function() optim.Adam(net, { groups = { { params = 4 } } }) end, who .. "groups[1].params expected a pattern, a function, or a table of names or tensors, got 4")
fails(function() optim.Adam(net, { groups = { { params = { "head.bias" } }, { params = { "head.bias" } } } }) end,
  who .. "expected each parameter in one group, got 'head.bias' in groups[1] and groups[2]")
fails(function() optim.Adam(net, { groups = { { params = { sonde.ones(2) } } } }) end,
  who .. "expected parameters of the optimizer in groups[1], got another tensor of shape [2]")
fails(function() optim.Adam(net, { groups = { { params = "[a" } } }) end,
  who .. "groups[1].params expected a Lua pattern, got '[a': malformed pattern (missing ']')")
fails(function() optim.Adam(net, { groups = { { params = "(" } } }) end,
  who .. "groups[1].params expected a Lua pattern, got '(': unfinished capture")
fails(function() optim.Adam(3) end, who .. "argument 1 'net' expected a network, parameters, a tensor or a table of tensors, got 3")
fails(function() optim.Adam({}) end, who .. "expected at least one tensor, got none")
fails(function() optim.Adam({ w, 3 }) end, who .. "argument 1 expected a table of tensors, got 3 at 2")
fails(function() optim.Adam({ w, w }) end, who .. "expected each tensor once, got the tensor '1' again as '2'")
fails(function() optim.Adam({ w, sonde.ones(2) }) end,
  who .. "expected tensors that require gradients, got '2', which doesn't; call requires_grad_() on it first")
fails(function() optim.Adam({ w * 2 }) end,
  who .. "expected leaves of the tape, got '1', which an operation has made; detach() it and call requires_grad_()")
fails(function() adam.lr = -1 end, who .. "expected lr of 0 or more, got -1.0")
fails(function() adam.lr = "x" end, "optimizer: lr expected a number, got 'x'")
fails(function() adam.momentum = 1 end, "optimizer: Adam has no 'momentum'; it has lr, betas, eps, weight_decay, amsgrad, maximize")
fails(function() return adam.groups[1].alpha end, "parameter group: Adam has no 'alpha'; it has lr, betas, eps, weight_decay, amsgrad, maximize")
fails(function() return adam.lrr end, "optimizer: no field 'lrr', did you mean 'lr'?")
fails(function() adam.schedule = 3 end, "optimizer: schedule expected a schedule, a function or nil, got 3")
fails(function() adam.steps = 3 end, "optimizer: field 'steps' can't be assigned")
fails(function() adam:load_state{ algorithm = "Adam" } end, "optimizer:load_state: expected 'steps', got none")
fails(function() adam:load_state{ algorithm = {} } end,
  "optimizer:load_state: expected names with tensors, numbers and strings, got 'algorithm' = a table")
fails(function() adam:load_state(optim.AdamW(net):state()) end, "optimizer:load_state: expected the state of Adam, got of AdamW")
fails(function() optim.schedule.cosine{ lr = 1 } end, "optim.schedule.cosine: option 'steps' is missing: how many steps the fall takes")
fails(function() optim.schedule.cosine{ steps = 0 } end, "optim.schedule.cosine: expected steps of at least 1, got 0")
fails(function() optim.schedule.step{ step_size = 3, gamma = -1 } end, "optim.schedule.step: expected a finite gamma of 0 or more, got -1.0")
fails(function() optim.schedule.multistep{ milestones = { 3, 3 } } end,
  "optim.schedule.multistep: expected milestones that rise from 1 or more, got 3 behind 3")
fails(function() cosine(-1) end, "schedule: expected the number of steps taken, 0 or more, got -1")
fails(function() nn.clip_grad_norm({ w }, -1) end, "nn.clip_grad_norm: expected a norm of 0 or more, got -1.0")
fails(function() nn.clip_grad_norm({ w }, 1, { norm_type = 0 }) end, "nn.clip_grad_norm: expected norm_type above 0, got 0.0")
fails(function() nn.clip_grad_value({ w }, -1) end, "nn.clip_grad_value: expected a value of 0 or more, got -1.0")

-- What fails changes nothing: a schedule that errs, a setting out of range in one group.
local steady = make(11)
local careful = optim.SGD(steady, { lr = 0.1, momentum = 0.5, groups = { { params = "bias", momentum = 0 } } })
learn(steady, x, t)
local before = steady:clone()
careful.schedule = function() return "fast" end
fails(function() careful:step() end, "schedule: expected a number from the function at step 0, got 'fast'")
careful.schedule = function() return -1 end
fails(function() careful:step() end, "optim.SGD: expected a finite rate of 0 or more from the schedule at step 0, got -1.0")
careful.schedule = function() error("own words", 0) end
assert(select(2, pcall(careful.step, careful)) == "own words")
fails(function() careful.nesterov = true end,
  "optim.SGD: expected momentum above 0 and dampening 0 with nesterov, got momentum 0.0 and dampening 0.0")
assert(equal(steady, before) and careful.steps == 0 and careful.lr == 0.1 and not careful.groups[2].nesterov)
-- A count of steps that a state brings may be any: there is none after the greatest.
do
  local w = sonde.ones(1):requires_grad_()
  local o = optim.Adam{ w }
  w:sum():backward()
  o:step()
  local s = o:state()
  s["1.step"], s.steps = math.maxinteger, math.maxinteger
  o:load_state(s)
  o:step()
  assert(o:state()["1.step"] == math.maxinteger and o:state().steps == math.maxinteger and w[1] < 1)
end

print("ok")
