-- Losses: values, gradients and gradients of gradients against PyTorch's (Fixtures/losses.txt), limits, error texts.
local directory = arg[0]:match("^(.*/)") or "./"
local path = arg[1] or directory .. "../Fixtures/losses.txt"

local bases = {}

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do
    list[#list + 1] = word == "inf" and math.huge or word == "-inf" and -math.huge or tonumber(word)
  end
  return list
end

local function leaf(name, dtype)
  if name == "classes" then return bases[name].tensor end
  local base = bases[name]
  return sonde.tensor(base.numbers, { dtype = dtype }):reshape(base.shape)
end

-- The largest difference, as a part of the largest expected number.
local function distance(tensor, expected)
  local actual = tensor:to("float64"):reshape(-1):totable()
  assert(#actual == #expected, #actual .. " numbers instead of " .. #expected)
  local largest, worst = 1e-300, 0
  for i, e in ipairs(expected) do
    if math.abs(e) < math.huge then largest = math.max(largest, math.abs(e)) end
    if actual[i] ~= e then worst = math.max(worst, math.abs(actual[i] - e)) end
    if actual[i] ~= actual[i] then worst = math.huge end
  end
  return worst / largest
end

local function scalarised(value, dtype)
  if value:dim() == 0 then return value * 0.5 end
  local n = value:numel()
  return (value * (sonde.arange(1, n, { dtype = dtype }) / n):reshape(value.shape)):sum()
end

-- What an expression gives: its value, and the gradients at its first two arguments.
local function run(dtype, expression, of_target, second)
  local y_name, t_name = expression:match("%(([%w_]+), ([%w_]+)")
  local y, t = leaf(y_name, dtype):requires_grad_(), leaf(t_name, dtype)
  if of_target then t = t:clone():requires_grad_() end
  local places = { nn = nn, [y_name] = y, [t_name] = t }
  setmetatable(places, { __index = function(_, name) return leaf(name, dtype) end })
  local f = load("return " .. expression, expression, "t", places)
  local value = f()
  scalarised(value, dtype):backward()
  local dt = of_target and t.grad:clone()
  local again
  if second then
    again = leaf(y_name, dtype):requires_grad_()
    local slope = sonde.grad(function(x)
      places[y_name] = x
      return scalarised(f(), dtype)
    end, { create_graph = true })(again)
    -- a constant slope depends on nothing
    if slope.requires_grad then
      (slope * leaf("v", dtype)):sum():backward()
    end
    again = again.grad or again:detach() * 0
  end
  return value, y.grad, dt, again
end

local tolerances = { float32 = 1e-6, float64 = 1e-12 }
-- What PyTorch adds to, or rounds in, the denominators of binary cross-entropy: 1e-12 of numbers down to 0.02, and 1e-12 as a
-- float32 itself.
local function tolerance(dtype, expression, what)
  if expression:find("nn.bce(", 1, true) and what == "second" then return 1e-9 end
  if expression:find("nn.bce(ends", 1, true) and what == "dL/dy" then return math.max(1e-8, tolerances[dtype]) end
  return tolerances[dtype]
end
local cases, failures = 0, {}
for line in io.lines(path) do
  local fields = {}
  for field in (line .. "\t"):gmatch("([^\t]*)\t") do fields[#fields + 1] = field end
  if fields[1] == "tensor" then
    local shape = {}
    for extent in fields[3]:gmatch("%d+") do shape[#shape + 1] = math.tointeger(extent) end
    bases[fields[2]] = { shape = shape, numbers = words(fields[4]) }
    if fields[2] == "classes" then bases.classes.tensor = sonde.tensor(bases.classes.numbers, { dtype = "int64" }) end
  elseif fields[1] == "case" then
    cases = cases + 1
    local dtype, expression = fields[2], fields[3]
    local of_target, second = (fields[6] or "") ~= "", fields[7] ~= nil
    local value, dy, dt, again = run(dtype, expression, of_target, second)
    assert(value.dtype == dtype and dy.dtype == dtype)
    local found = { distance(value, words(fields[4])), distance(dy, words(fields[5])), 0, 0 }
    if of_target then found[3] = distance(dt, words(fields[6])) end
    if second then found[4] = distance(again, words(fields[7])) end
    for i, what in ipairs{ "value", "dL/dy", "dL/dt", "second" } do
      if not (found[i] <= tolerance(dtype, expression, what)) then
        failures[#failures + 1] = ("%s %s: %s is %g off"):format(dtype, expression, what, found[i])
      end
    end
  end
end
if arg[1] then print(cases .. " cases, " .. #failures .. " failures") end
assert(cases >= 440, cases)
assert(#failures == 0, table.concat(failures, "\n"))

-- Options that the file leaves out, and limits.
local function close(a, b, tolerance) assert(math.abs(a - b) <= (tolerance or 1e-12) * math.max(1, math.abs(b)), a .. " ~= " .. b) end
local f64 = { dtype = "float64" }
for _, dtype in ipairs{ "float32", "float64" } do
  local function T(list) return sonde.tensor(list, { dtype = dtype }) end
  -- Logits of 1e4 on the wrong and the right side.
  local x = T{ { 1e4, -1e4 }, { -1e4, 1e4 } }:requires_grad_()
  local loss = nn.cross_entropy(x, sonde.tensor{ 2, 2 }, { reduction = "none" })
  assert(loss[1] == 2e4 or loss[1]:item() == 2e4)
  loss:sum():backward()
  assert(x.grad[{ 1, 1 }] == 1 and x.grad[{ 1, 2 }] == -1 and x.grad[{ 2, 1 }] == 0 and x.grad[{ 2, 2 }] == 0)
  x = T{ -1e4, 1e4, 1e4, -1e4 }:requires_grad_()
  loss = nn.bce_with_logits(x, T{ 1, 0, 1, 0 }, { reduction = "none" })
  assert(loss:totable()[1] == 1e4 and loss:totable()[2] == 1e4 and loss:totable()[3] == 0 and loss:totable()[4] == 0)
  loss:sum():backward()
  assert(table.concat(x.grad:to("int64"):totable(), " ") == "-1 1 0 0")
  -- Probabilities of exactly 0 and 1.
  x = T{ 0, 1, 0, 1 }:requires_grad_()
  loss = nn.bce(x, T{ 0, 1, 1, 0 }, { reduction = "none" })
  assert(table.concat(loss:to("int64"):totable(), " ") == "0 0 100 100")
  loss:sum():backward()
  for _, slope in ipairs(x.grad:totable()) do assert(slope == slope and math.abs(slope) < math.huge) end
  -- Log-probabilities of what is impossible count nothing where the target is impossible, too.
  local y = T{ -math.huge, 0 }
  assert(nn.kl(y, T{ 0, 1 }, { reduction = "sum" }):item() == 0)
  assert(nn.kl(y, T{ -math.huge, 0 }, { reduction = "sum", log_target = true }):item() == 0)
  assert(nn.nll(T{ { -math.huge, 0 } }, sonde.tensor{ 2 }):item() == 0)
  assert(nn.cross_entropy(T{ { -math.huge, 0 } }, sonde.tensor{ 2 }):item() == 0)
end
-- Sums are taken in double: a million numbers of 0.1 in float32.
local million = sonde.full({ 1000000 }, 0.1)
close(nn.l1(million, million * 0, { reduction = "sum" }):item(), 1e6 * million[1], 1e-7)
-- Classes of any dtype, from 1; all left out is a sum of 0; targets of another dtype are converted.
local two = sonde.tensor({ { 1, 2, 3 }, { 3, 2, 1 } }, f64)
for _, dtype in ipairs{ "float32", "float64", "int64" } do
  assert(nn.cross_entropy(two, sonde.tensor({ 3, 1 }, { dtype = dtype })):item()
    == nn.cross_entropy(two, sonde.tensor{ 3, 1 }):item())
end
assert(nn.cross_entropy(two, sonde.tensor{ 0, 0 }, { ignore_index = 0, reduction = "sum" }):item() == 0)
close(nn.cross_entropy(two, sonde.tensor{ 3, -100 }, { ignore_index = -100 }):item(), nn.cross_entropy(two[{ { 1, 1 } }], sonde.tensor{ 3 }):item())
assert(nn.mse(two, sonde.ones(2, 3)).dtype == "float64")
-- Views: a transposed output against its copy.
local view = sonde.randn(3, 4, f64):requires_grad_()
local t = sonde.randn(4, 3, f64)
nn.huber(view:t(), t):backward()
local copy = view:detach():t():clone():requires_grad_()
nn.huber(copy, t):backward()
assert((view.grad - copy.grad:t()):abs():max():item() == 0)
-- Without gradient nothing is recorded; outputs of NaN give NaN, so that a training can tell.
assert(not nn.l1(two, two).requires_grad and nn.mse(two:requires_grad_(), two:detach()).requires_grad)
assert(not sonde.no_grad(function() return nn.mse(two, two:detach()) end).requires_grad)
for _, name in ipairs{ "mse", "squared_error", "l1", "huber", "smooth_l1", "bce", "bce_with_logits", "kl" } do
  local loss = nn[name](sonde.tensor{ 0 / 0, 0.5 }, sonde.tensor{ 1, 0 }):item()
  assert(loss ~= loss, name)
end

-- Whole error texts.
local function fails(message, f, ...)
  local ok, text = pcall(f, ...)
  assert(not ok, "no error: " .. message)
  text = text:gsub("^[^ ]+: ", "", 1)
  assert(text == message, text .. "\ninstead of\n" .. message)
end
local x, nan, inf = sonde.randn(2, 3), 0 / 0, 1 / 0
fails("nn.cross_entropy: expected classes that are whole numbers from 1 to 3, got 4 at row 2", nn.cross_entropy, x, sonde.tensor{ 1, 4 })
fails("nn.cross_entropy: expected classes that are whole numbers from 1 to 3, got 0 at row 1; classes count from 1, as indices do", nn.cross_entropy, x, sonde.tensor{ 0, 1 })
fails("nn.cross_entropy: expected classes that are whole numbers from 1 to 3, got 1.5 at row 1", nn.cross_entropy, x, sonde.tensor{ 1.5, 1 })
fails("nn.cross_entropy: expected classes that are whole numbers from 1 to 3, got nan at row 1", nn.cross_entropy, x, sonde.tensor{ nan, 1 })
fails("nn.nll: expected classes that are whole numbers from 1 to 3, got inf at row 2", nn.nll, x, sonde.tensor{ 1, inf })
fails("nn.cross_entropy: expected classes [2], one a row of the logits, or probabilities [2, 3], got [3]", nn.cross_entropy, x, sonde.ones(3))
fails("nn.cross_entropy: expected classes [2] or probabilities [2, 3], got [2, 4]", nn.cross_entropy, x, sonde.ones(2, 4))
fails("nn.cross_entropy: expected finite probabilities, got nan at [2,1]", nn.cross_entropy, x, sonde.tensor{ { 1, 0, 0 }, { nan, 0, 1 } })
fails("nn.cross_entropy: expected classes as targets, for ignore_index, got probabilities [2, 3]", nn.cross_entropy, x, sonde.ones(2, 3), { ignore_index = 1 })
fails("nn.cross_entropy: expected a class that is not ignore_index, got 2 rows without one", nn.cross_entropy, x, sonde.ones(2), { ignore_index = 1 })
fails("nn.cross_entropy: expected weights of the classes at hand whose sum is not 0, got a sum of 0", nn.cross_entropy, x, sonde.ones(2), { weight = sonde.tensor{ 0, 1, 1 } })
fails("nn.cross_entropy: expected weights [3], one a class, got [2]", nn.cross_entropy, x, sonde.ones(2), { weight = sonde.ones(2) })
fails("nn.cross_entropy: expected finite weights, got inf at [3]", nn.cross_entropy, x, sonde.ones(2), { weight = sonde.tensor{ 0, 1, inf } })
fails("nn.cross_entropy: expected weights without gradient, got a tensor on the tape; use its :detach()", nn.cross_entropy, x, sonde.ones(2), { weight = sonde.ones(3):requires_grad_() })
fails("nn.cross_entropy: expected a label_smoothing from 0 to 1, got 1.5", nn.cross_entropy, x, sonde.ones(2), { label_smoothing = 1.5 })
fails("nn.cross_entropy: expected logits [batch, classes], got [3]", nn.cross_entropy, x[1], sonde.ones(3))
fails("nn.nll: expected log-probabilities of dtype float32 or float64, got int64", nn.nll, x:to("int64"), sonde.ones(2))
fails("nn.nll: expected classes [2], one a row of the logits, got [2, 3]", nn.nll, x, sonde.ones(2, 3))
for _, name in ipairs{ "mse", "squared_error", "l1", "huber", "smooth_l1" } do
  fails("nn." .. name .. ": expected a target of the output's shape [2, 3], got [3]", nn[name], x, sonde.zeros(3))
  fails("nn." .. name .. ": expected finite targets, got nan at [2,1]", nn[name], x, sonde.tensor{ { 1, 2, 3 }, { nan, 2, 3 } })
  fails("nn." .. name .. ": expected finite targets, got -inf at [1,3]", nn[name], x, sonde.tensor{ { 1, 2, -inf }, { 4, 2, 3 } })
  fails("nn." .. name .. ": expected an output of dtype float32 or float64, got int64", nn[name], x:to("int64"), x)
  fails("nn." .. name .. [[: option 'reduction' expected "mean", "sum" or "none", got 'batchmean']], nn[name], x, x, { reduction = "batchmean" })
end
fails("nn.mse: expected at least one number, got [0]", nn.mse, sonde.zeros(0), sonde.zeros(0))
fails("nn.mse: expected weights that broadcast to [2, 3], got [2]", nn.mse, x, x, { weight = sonde.ones(2) })
fails("nn.l1: expected weights whose sum is not 0, to divide by, got a sum of 0", nn.l1, x, x, { weight = sonde.zeros(3) })
fails("nn.huber: expected a positive delta, got 0", nn.huber, x, x, { delta = 0 })
fails("nn.huber: expected a positive delta, got nan", nn.huber, x, x, { delta = nan })
fails("nn.smooth_l1: expected a beta of at least 0, got -1", nn.smooth_l1, x, x, { beta = -1 })
fails("nn.bce: expected probabilities from 0 to 1 (for logits there is nn.bce_with_logits), got 1.5 at [1]", nn.bce, sonde.tensor{ 1.5 }, sonde.ones(1))
fails("nn.bce: expected targets from 0 to 1, got 2 at [2]", nn.bce, sonde.tensor{ 0.5, 0.5 }, sonde.tensor{ 1, 2 })
fails("nn.bce_with_logits: expected targets from 0 to 1, got -1 at [1]", nn.bce_with_logits, sonde.tensor{ 0.5, 0.5 }, sonde.tensor{ -1, 1 })
fails("nn.bce_with_logits: expected pos_weight that broadcast to [2, 3], got [2]", nn.bce_with_logits, x, sonde.ones(2, 3), { pos_weight = sonde.ones(2) })
fails("nn.kl: expected finite targets of at least 0 (for logarithms there is log_target=true), got -1 at [1]", nn.kl, sonde.zeros(1), sonde.tensor{ -1 })
fails("nn.kl: expected log-probabilities as targets, got inf at [1]", nn.kl, sonde.zeros(1), sonde.tensor{ inf }, { log_target = true })
fails("nn.kl: expected samples to take a mean over, got []", nn.kl, sonde.zeros(2):sum(), sonde.zeros(2):sum(), { reduction = "batchmean" })

-- Every name, and a function, begins a probe.
local net = nn.mlp{ inputs = 4, width = 3, depth = 1, activation = "sigmoid" }
local batch = sonde.randn(5, 4)
for _, name in ipairs{ "mse", "squared_error", "l1", "huber", "smooth_l1", "bce", "bce_with_logits", "kl" } do
  local target = sonde.full({ 5, 3 }, 0.25)
  local report = net:probe(batch, { target = target, loss = name })
  close(report.loss, nn[name](net(batch), target):item(), 1e-6)
end
close(net:probe(batch, { target = sonde.ones(5), loss = "nll" }).loss, nn.nll(net(batch), sonde.ones(5)):item(), 1e-6)
local target = sonde.zeros(5, 3)
close(net:probe(batch, { target = target, loss = function(y, t) return ((y - t) ^ 2):mean() end }).loss,
  nn.mse(net(batch), target):item(), 1e-6)
fails("network:probe: loss function: expected a tensor of one number, got 3", net.probe, net, batch,
  { target = target, loss = function() return 3 end })
fails("network:probe: loss function: expected a tensor of one number, got [5, 3]", net.probe, net, batch,
  { target = target, loss = function(y) return y end })
print("ok")
