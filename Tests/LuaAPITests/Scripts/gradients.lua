-- The tape as a user meets it: leaves, results, changes in place, functions of functions, and every mistake.
local function same(a, b) return a.dtype == b.dtype and a:equal(b) end
local function near(a, b) return a:allclose(b, { rtol = 1e-5, atol = 1e-6 }) end
local function leaf(values) return sonde.tensor(values):requires_grad_() end
local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "expected an error: " .. text)
  message = message:gsub("^[^:]+:%d+: ", "", 1)
  assert(message == text, message)
end

-- Gradients gather in leaves, over paths and over passes; zeros come where there is no slope.
local x = leaf{ 1, 2, 3 }
local loss = (x * x + x):sum()
assert(loss.requires_grad and not loss:is_leaf() and x:is_leaf() and x.grad == nil and loss.dtype == "float32")
loss:backward()
assert(same(x.grad, sonde.tensor{ 3, 5, 7 }))
x:exp():floor():sum():backward()
assert(same(x.grad, sonde.tensor{ 3, 5, 7 }))
;(x * 2):backward(sonde.tensor{ 1, 0, -1 })
assert(same(x.grad, sonde.tensor{ 5, 5, 5 }))
x.grad = nil
assert(x.grad == nil and x:zero_grad() == x)
x.grad = sonde.ones(3)
x:sum():backward()
assert(same(x.grad, sonde.full({ 3 }, 2)))
fails("tensor: expected nil or a tensor of shape [3] and dtype float32 as grad, got a tensor of shape [2]",
  function() x.grad = sonde.ones(2) end)

-- A full index is a number, or a 0-dim tensor where the tensor needs gradient, also inside no_grad.
x.grad = nil
assert(type(sonde.ones(3)[1]) == "number" and type(x[1]) == "userdata" and x[1]:dim() == 0 and x[{ 2 }]:item() == 2)
assert(x[4] == nil and x[-1]:item() == 3)
assert(type(sonde.no_grad(function() return x[1] end)) == "userdata")
local total = 0
for _, value in ipairs(x) do total = total + value * value end
total:backward()
assert(same(x.grad, sonde.tensor{ 2, 4, 6 }) and x[1] < x[2] and x[2] <= 2)

-- detach, no_grad and enable_grad; integers and masks have no gradient.
local y = x * 2
assert(not y:detach().requires_grad and y.requires_grad and not y:clone():detach_().requires_grad)
assert(not sonde.no_grad(function(a, b) return a * b end, x, 3).requires_grad)
assert(sonde.no_grad(function() return sonde.enable_grad(function() return x * 2 end) end).requires_grad)
local ok, message = pcall(sonde.no_grad, function() error("mine", 0) end)
assert(not ok and message == "mine" and (x * 2).requires_grad)
assert(not x:gt(1).requires_grad and not x:argmax().requires_grad and not x:to("int64").requires_grad)
assert(x:to("float64").requires_grad)
fails("tensor:requires_grad_: expected dtype float32 or float64, got int64; only floats have gradients",
  function() sonde.arange(3):to("int64"):requires_grad_() end)
fails("tensor:requires_grad_: only a leaf can do without its gradient, this tensor is a result; use detach()",
  function() (x * 2):requires_grad_(false) end)
assert(not leaf{ 1 }:requires_grad_(false).requires_grad)

-- The gradient of a result, when it asks for it.
x.grad = nil
local middle = (x * 3):retain_grad()
middle:square():sum():backward()
assert(same(middle.grad, sonde.tensor{ 6, 12, 18 }) and same(x.grad, sonde.tensor{ 18, 36, 54 }))
fails("tensor:retain_grad: expected a tensor on the tape, got one without a tape", function() sonde.ones(1):retain_grad() end)

-- What backward refuses.
fails("tensor:backward: expected a result of one element, got shape [3]; pass the gradient to start from",
  function() (x * 2):backward() end)
fails("tensor:backward: expected a gradient of shape [3] and dtype float32, got [2] and float32",
  function() (x * 2):backward(sonde.ones(2)) end)
fails("tensor:backward: expected a result computed from parameters or from a tensor that requires gradients, got one without a tape",
  function() sonde.ones(1):backward() end)
local once = (x * x):sum()
once:backward()
fails("tensor:backward: this result's tape has been used; run the forward again", function() once:backward() end)
x.grad = nil
local twice = (x * x):sum()
twice:backward{ retain_graph = true }
twice:backward()
assert(same(x.grad, sonde.tensor{ 4, 8, 12 }))

-- Changes in place are recorded; the tensor's own history goes on.
local function recorded(f)
  local a = leaf{ 1, 2, 3 }
  f(a):sum():backward()
  return a.grad
end
assert(same(recorded(function(a) local b = a * 2; b:add_(1):mul_(a) return b end), sonde.tensor{ 5, 9, 13 }))
assert(same(recorded(function(a) local b = sonde.zeros(3); for i = 1, 3 do b[i] = a[i] * i end return b end), sonde.tensor{ 1, 2, 3 }))
assert(same(recorded(function(a) local b = sonde.zeros(2, 3); b[1] = a; b[2][3] = a[1]; b:fill_(0); b[2] = a return b end), sonde.ones(3)))
-- views see what happens to their base, and the base what happens to its views, whichever came first
assert(same(recorded(function(a) local b = a * 1; local v = b[{ { 2, 3 } }]; b:mul_(3) return v end), sonde.tensor{ 0, 3, 3 }))
assert(same(recorded(function(a) local b = a * 1; local v, w = b:view(3, 1), b[{ { 1, 2 } }]; v:mul_(3); w:mul_(2) return v end), sonde.tensor{ 6, 6, 3 }))

-- Leaves change without a trace, but not by what needs a gradient.
local w = leaf{ 1, 2 }
w:sub_(0.5):mul_(2)
w[1] = 7
assert(w:is_leaf() and w.requires_grad and same(w:detach(), sonde.tensor{ 7, 3 }))
for name, change in pairs{
  add_ = function() w:add_(x[1]) end, index = function() w[2] = x[1] end, copy_ = function() w:copy_(x[{ { 1, 2 } }]) end,
} do
  fails((name == "index" and name or "tensor:" .. name) .. ": expected a value that needs no gradient, because this tensor is a leaf that requires one, got one on the tape;"
    .. " use detach() on the value or clone() the leaf first", change)
end
assert(same(w:detach(), sonde.tensor{ 7, 3 }))

-- A tensor that a backward needs was changed: the operation, and the line.
local here = "line %d of " .. debug.getinfo(1, "S").short_src
local function line() return debug.getinfo(2, "l").currentline end
local a, b = leaf{ 1, 2 }, sonde.tensor{ 3, 4 }
local changed
for name, make in pairs{
  exp = function() local r = a:exp(); r:add_(1) changed = line() return r end,
  mul = function() local r = a * b; b:fill_(0) changed = line() return r end,
  tanh = function() local r = a:tanh(); r[1] = 5 changed = line() return r end,
  matmul = function() local r = a:matmul(b); b[1] = 2 changed = line() return r end,
  log = function() local r = a:log(); a:mul_(2) changed = line() return r end,
  sin = function() local s = a * 1; local r = s:sin(); s:view(2, 1):zero_() changed = line() return r end,
} do
  local result = make()
  fails("tensor:backward: " .. name .. " needs this tensor for its backward; it was changed in place at " .. here:format(changed), function() result:sum():backward() end)
end
-- what no backward needs may change, and what was needed may change afterwards
local sum = a + b
b:zero_(); a:add_(1)
sum:sum():backward()
local product = (a * b):sum()
product:backward()
b:add_(1); a:zero_()
-- a layer's weights too
local net = nn.Sequential{ nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1) }
local out = net(sonde.ones(3, 2)):sum()
net.parameters["2.weight"]:mul_(2) changed = line()
fails("layer 3 Linear(2 -> 1) needs this tensor for its backward; it was changed in place at " .. here:format(changed),
  function() out:backward() end)
out = net(sonde.ones(3, 2)):sum()
net.parameters["2.bias"]:mul_(2)
out:backward()

-- A net inside other operations.
local inputs = sonde.randn(3, 2):requires_grad_()
net:zero_grad()
local target = sonde.randn(3, 1)
;((net(inputs * 2) - target) ^ 2):mean():backward()
local plain = inputs:detach():clone():requires_grad_()
local kept = net.parameters["0.weight"].grad:clone()
net:zero_grad()
nn.mse(net(plain * 2), target):backward()
assert(near(inputs.grad, plain.grad) and near(net.parameters["0.weight"].grad, kept) and kept:abs():sum():item() > 0)

-- Gradients of functions: of each argument, of tables, none of what is no float tensor.
local g = sonde.grad(function(p, n, q) return (p.w * q):sum() * n + p.deep[1]:sum() end)
local gp, gn, gq = g({ w = sonde.tensor{ 1, 2 }, deep = { sonde.ones(2), 5 }, name = "p" }, 3, sonde.tensor{ 4, 5 })
assert(same(gp.w, sonde.tensor{ 12, 15 }) and same(gp.deep[1], sonde.ones(2)) and gp.deep[2] == nil and gp.name == nil)
assert(gn == nil and same(gq, sonde.tensor{ 3, 6 }))
local constant = leaf{ 2 }
local gx = sonde.grad(function(t) return (t * constant):sum() end)(sonde.ones(1))
assert(gx[1] == 2 and not gx.requires_grad and constant.grad == nil)
assert(same(sonde.grad(function(t, u) return u:sum() end)(sonde.ones(2), sonde.ones(1)), sonde.zeros(2)))
local value, slope = sonde.value_and_grad(function(t) return (t ^ 3):sum() end)(sonde.tensor{ 2 })
assert(value:item() == 8 and slope[1] == 12 and not value.requires_grad)
local weights = nn.Sequential{ nn.Linear(2, 1) }
weights:zero_grad()
assert(#sonde.grad(function(t) return weights(t):sum() end)(sonde.ones(3, 2)) == 3 and not weights.parameters["0.weight"].grad)
-- inside each other
local third = sonde.grad(sonde.grad(sonde.grad(function(t) return t ^ 4 end)))
assert(third(sonde.tensor(2)):item() == 48)
local cross = sonde.tensor{ 3 }:requires_grad_()
sonde.grad(function(t) return (t * t * cross):sum() end, { create_graph = true })(sonde.tensor{ 5 }):sum():backward()
assert(cross.grad[1] == 10)
fails("sonde.grad(f): expected at least one float tensor among the arguments, got none", sonde.grad(function() end), 3)
fails("sonde.grad(f): expected the function to return one number on the tape, a 0-dim float tensor, got a tensor of shape [2]",
  sonde.grad(function(t) return t end), sonde.ones(2))
fails("sonde.grad(f): expected the function to return one number on the tape, a 0-dim float tensor, got nil",
  sonde.grad(function() end), sonde.ones(2))
local cycle = {}
cycle.self = cycle
fails("sonde.grad(f): expected tables at most 64 deep, got a deeper one (or a cycle)", sonde.grad(function() end), cycle)
fails("sonde.grad(f): backward: network can't keep its tape for a second backward or for gradients of gradients; run its forward again",
  sonde.grad(function(t) return weights(t):sum() end, { create_graph = true }), sonde.ones(3, 2))

-- An operation with a backward of its own.
local calls = 0
local scale = sonde.func{
  name = "scale",
  forward = function(ctx, t, factor) ctx.factor = factor; ctx.input = t return t * factor, t:sum() end,
  backward = function(ctx, first, second)
    calls = calls + 1
    assert(first.shape[1] == 2 and second:dim() == 0)
    return first * ctx.factor * 10 + second
  end,
}
local s = leaf{ 1, 2 }
local left, right = scale(s, 3)
assert(same(left:detach(), sonde.tensor{ 3, 6 }) and right:item() == 3 and left.requires_grad and calls == 0)
left:sum():backward()
assert(calls == 1 and same(s.grad, sonde.tensor{ 30, 30 }))
s.grad = nil
left, right = scale(s, 3)
;(left:sum() + right):backward()
assert(calls == 2 and same(s.grad, sonde.tensor{ 31, 31 }) and not scale(sonde.ones(2), 3).requires_grad)
left = scale(s, 3)
s:add_(1) changed = line()
fails("tensor:backward: scale needs this tensor for its backward; it was changed in place at " .. here:format(changed), function() left:sum():backward() end)
local wrong = sonde.func{ forward = function(_, t) return t * 2 end, backward = function() return sonde.ones(3) end }
fails("sonde.func 'func': expected backward to return a float tensor of shape [2] for argument 1, got a tensor of shape [3]",
  function() wrong(s):sum():backward() end)
local raises = sonde.func{ forward = function(_, t) return t * 2 end, backward = function() error("mine", 0) end }
fails("mine", function() raises(s):sum():backward() end)
fails("sonde.gradcheck: input 1 of shape [1], element 1: backward gives 1.0, central differences give 2.0", function()
  local rough = sonde.func{ forward = function(_, t) return t * 2 end, backward = function(_, d) return d end }
  sonde.gradcheck(function(t) return (rough(t):sum() / 1.0 - 0) * 1 end, sonde.tensor{ 0 }, { eps = 0.5 })
end)
assert(sonde.gradcheck(sonde.func{ forward = function(c, t) c.t = t return t:sin() end, backward = function(c, d) return d * c.t:cos() end }, sonde.randn(3)))
assert(sonde.gradcheck(function(p) return p.a * p.b:sum() end, { a = sonde.randn(2), b = sonde.randn(3) }))

-- The first operation that makes a NaN or an infinity, forward or backward, with its line.
assert(sonde.anomaly() == false and sonde.anomaly(true) == true)
local at
fails("anomaly: the forward of log made an infinity of finite numbers, at " .. here:format(line() + 1),
  function() return (sonde.zeros(2) + 0):log():exp() end)
local root = sonde.zeros(2):requires_grad_()
local first = root:sqrt() at = line()
fails("anomaly: the backward of sqrt made an infinity of finite numbers, at " .. here:format(at), function() first:sum():backward() end)
fails("anomaly: the forward of sqrt made NaN of finite numbers, at " .. here:format(line() + 1),
  function() return sonde.tensor{ -1 }:sqrt() end)
assert(sonde.tensor{ math.huge }:exp()[1] == math.huge, "infinite input is nobody's anomaly")
assert(sonde.anomaly(false) == false and sonde.zeros(1):log()[1] == -math.huge)

-- A long tape, and many short ones, in bounded memory.
local start = leaf{ 1, -1 }
local long = start
for _ = 1, 100000 do long = long * 1 end
long:sum():backward()
assert(same(start.grad, sonde.ones(2)))
long = start
for _ = 1, 100000 do long = long + 1 end
long = nil
collectgarbage()
collectgarbage()
local before = sonde.memory().live
for _ = 1, 100000 do
  local step = (start * start):sum()
  step:backward()
  start:sub_(start.grad * 0)
  start.grad = nil
end
collectgarbage()
collectgarbage()
assert(sonde.memory().live - before < 1 << 16)
for _ = 1, 100000 do local dropped = (start * start):sum() end
collectgarbage()
collectgarbage()
assert(sonde.memory().live - before < 1 << 16)

-- No operation holds what it was computed from: a long tape of each is dropped without recursion, and leaves nothing.
local links = {
  function(t) return t * t end, function(t) return 1 / t end, function(t) return t:exp():log() end, function(t) return t:t() end,
  function(t) return t:reshape(2, 2) end, function(t) return t:mm(t) end, function(t) return (t:sort(1)) end,
  function(t) return sonde.where(t:gt(0), t, 1) end, function(t) return sonde.cat({ t[1], t[2] }):view(2, 2) end,
  function(t) local u = t * 1; u[1] = t[2] return u end, function(t) local u = t * 1; u:add_(t) return u end,
  function(t) return t:index_add(1, { 1 }, t[{ { 1, 1 } }]) end, function(t) return t:scatter(2, { { 1 }, { 1 } }, t) end,
  function(t) return (sonde.meshgrid(t[1], t[2])) end, function(t) return t:masked_fill(t:gt(1), t:sum()) end,
  function(t) return t:max(1):expand(2, 2) end, function(t) return t:quantile(0.5):expand(2, 2) end,
  function(t) return sonde.linalg.inv(t * 0 + sonde.eye(2)) end, function(t) return t:cumsum(1):clamp(-1, 1) end,
  function(t) return sonde.linalg.qr(t * 0 + sonde.eye(2)) end, function(t) return t[t:gt(-9)]:view(2, 2) end,
}
for index, link in ipairs(links) do
  local held = sonde.memory().tensors
  local chain = sonde.eye(2):requires_grad_()
  for _ = 1, 10000 do chain = link(chain) end
  assert(chain.requires_grad, index)
  chain = nil
  collectgarbage()
  collectgarbage()
  assert(sonde.memory().tensors - held <= 1, index .. " leaves " .. sonde.memory().tensors - held)
end
print("ok")
