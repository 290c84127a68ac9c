-- net:fit and net:evaluate: data in every form, losses, callbacks, histories, limits, and what they say to bad input.
local train, test = data.digits()

local function digits(seed)
  local net = nn.mlp{ inputs = 64, width = 16, depth = 2, outputs = 10, norm = "batch", seed = seed or 1 }
  return net, optim.SGD(net, { lr = 0.1, momentum = 0.9 })
end

local function same(a, b)
  assert(#a == #b, ("%d and %d"):format(#a, #b))
  for i = 1, #a do assert(a[i] == b[i], i) end
end

local function fails(wanted, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error, expected: " .. wanted)
  message = tostring(message):gsub("^[^:]*:%d+: ", "")
  assert(message == wanted, message)
end

-- A history: by epoch, by step, as rows, in words.
local net, opt = digits()
local h = net:fit{ train = train, test = test, optimizer = opt, epochs = 3, batch = 100, clip_norm = 5, generator = sonde.generator(1), progress = false }
assert(#h == 3 and #h.loss == 3 and #h.test_loss == 3 and #h.test_accuracy == 3 and #h.train_accuracy == 3 and #h.lr == 3)
assert(h.steps == 45 and #h.step_loss == 45 and #h.step_lr == 45 and #h.step_norm == 45 and h.losses[45] == h.step_loss[45])
assert(h.stopped == "completed" and not h.interrupted and h.diverged == nil and h.warning == nil and h.best_epoch == nil)
same(h.accuracy, h.test_accuracy)
assert(h.lr[3] == 0.1 and h.step_norm[1] > 0 and net.last_fit.steps == 45)
local sum, samples = 0, 0
for i = 31, 45 do
  local n = i == 45 and 37 or 100
  sum, samples = sum + n * h.step_loss[i], samples + n
end
assert(math.abs(h.loss[3] - sum / samples) < 1e-12 and samples == #train)
local rows = h:table()
assert(#rows == 3 and rows[2].epoch == 2 and rows[2].step == 30 and rows[3].loss == h.loss[3])
assert(rows[1].train_accuracy == h.train_accuracy[1] and rows[1].accuracy == h.test_accuracy[1] and rows[1].lr == 0.1)
assert(tostring(h):find("^3 epochs, 45 steps, completed, loss [%d.]+, test loss [%d.]+, accuracy [%d.]+\nloss "))
fails("history: no field 'acuracy', did you mean 'accuracy'?", function() return h.acuracy end)

-- An evaluation, by class too.
local e = net:evaluate(test, { per_class = true, batch = 7 })
assert(e.accuracy == h.accuracy[3] and math.abs(e.loss - h.test_loss[3]) < 1e-6 and #e.per_class == 10)
local right = 0
for class = 1, 10 do
  local row = e.confusion[class]
  right = right + row[class]
  assert(math.abs(e.per_class[class] - row[class] / row:sum():item()) < 1e-12)
end
assert(e.confusion:sum():item() == #test and right / #test == e.accuracy)
local part = { train.inputs[{ { 1, 4 } }], sonde.tensor{ 2, 2, 2, 5 } }
local some = net:evaluate(part, { per_class = true })
assert(some.per_class[1] ~= some.per_class[1] and some.per_class[2] == some.per_class[2])
assert(net:evaluate(part).per_class == nil and net.training)

-- The same batches give the same training, whatever they come from.
local function losses(options)
  local own, sgd = digits(7)
  options.optimizer, options.epochs, options.progress = sgd, 2, false
  return own:fit(options).step_loss
end
local plain = losses{ train = train, batch = 100, shuffle = false }
same(plain, losses{ train = { train.inputs, train.targets }, batch = 100, shuffle = false })
same(plain, losses{ train = function() return train:batches(100) end })
same(plain, losses{ train = function() local b = train:batches(100) return function() return b() end end })
local first
same(plain, losses{ train = function()
  first = first or train:batches(100)
  local x, y = first()
  if not x then first = nil end
  return x, y
end })
same(plain, losses{ train = train, batch = 100, shuffle = false, loss = nn.cross_entropy })
local by_function = net:evaluate(function() return test:batches(50) end)
assert(by_function.accuracy == e.accuracy and math.abs(by_function.loss - e.loss) < 1e-6)

-- drop_last leaves a smaller batch out.
assert(#losses{ train = train, batch = 100, drop_last = true } == 28)

-- Values instead of classes; a loss written in Lua; half the samples at a time.
sonde.seed(5)
local x = sonde.randn(90, 4, { dtype = "float64" })
local y = x:matmul(sonde.randn(4, 2, { dtype = "float64" }))
local function regression(options)
  local own = nn.mlp{ inputs = 4, width = 8, depth = 1, outputs = 2, activation = "tanh", dtype = "float64", seed = 2 }
  options.train, options.test, options.optimizer = { x, y }, { x, y }, optim.SGD(own, { lr = 0.05 })
  options.epochs, options.progress, options.shuffle = 4, false, false
  return own:fit(options), own
end
local whole = regression{ loss = "mse", batch = 30 }
assert(whole.loss[4] < whole.loss[1] and #whole.accuracy == 0 and #whole.test_loss == 4)
local function close(a, b)
  assert(#a == #b)
  -- other orders of the same sums, over 12 steps
  for i = 1, #a do assert(math.abs(a[i] - b[i]) < 1e-11 * math.abs(a[i])) end
end
close(whole.loss, regression{ loss = function(o, t) return (o - t):pow(2):mean() end, batch = 30 }.loss)
close(whole.loss, regression{ loss = "mse", batch = 10, accumulate = 3 }.loss)
close(regression{ loss = "squared_error", batch = 30 }.loss, regression{ loss = "squared_error", batch = 15, accumulate = 2 }.loss)

-- Callbacks: what they are told, how they stop a training, and what becomes of their errors.
net, opt = digits()
local seen = {}
h = net:fit{ train = train, optimizer = opt, epochs = 2, batch = 500, clip_norm = 1, progress = false, on_step = function(s)
  seen[#seen + 1] = s
  assert(s.net == net and s.net.training)
  return s.step < 5
end }
assert(h.stopped == "stopped" and h.steps == 5 and #h == 2 and #seen == 5)
local s = seen[4]
assert(s.step == 4 and s.steps == 6 and s.epoch == 2 and s.loss == h.step_loss[4] and s.lr == 0.1 and s.grad_norm == h.step_norm[4])
assert(s.accuracy >= 0 and s.accuracy <= 1)
h = net:fit{ train = train, optimizer = opt, epochs = 9, progress = false, on_epoch = function(e)
  assert(e.net == net and e.train_accuracy == e.accuracy and e.test_loss == nil and e.lr == 0.1)
  return e.epoch < 2
end }
assert(h.stopped == "stopped" and #h == 2)
net:eval()
local marker = {}
local ok, value = pcall(net.fit, net, { train = train, optimizer = opt, steps = 9, progress = false, on_step = function(t)
  if t.step == 4 then error(marker) end
end })
assert(not ok and value == marker and not net.training)
assert(net.last_fit.stopped == "failed" and net.last_fit.steps == 4 and #net.last_fit.step_loss == 4)
net:train()

-- Rates: the schedule of the call, then the optimizer's own again.
h = net:fit{ train = train, optimizer = opt, steps = 3, progress = false, schedule = function(step, base) return base / (1 + step) end }
same(h.step_lr, { 0.1, 0.1 / 2, 0.1 / 3 })
assert(opt.schedule == nil and opt.lr == 0.1)
local fresh = optim.SGD(net, { lr = 0.5 })
h = net:fit{ train = train, optimizer = fresh, steps = 4, progress = false, schedule = optim.schedule.step{ step_size = 2, gamma = 0.5 } }
same(h.step_lr, { 0.5, 0.5, 0.25, 0.25 })

-- clip_value cuts every number.
h = net:fit{ train = train, optimizer = optim.SGD(net, { lr = 0.1 }), steps = 2, clip_value = 2 ^ -10, progress = false }
for _, parameter in pairs(net.parameters) do assert(parameter.grad:abs():max():item() <= 2 ^ -10) end

-- Early stopping: a metric that can't get better ends it, the best epoch's weights come back.
net = digits()
local still = optim.SGD(net, { lr = 0 })
h = net:fit{ train = train, test = test, optimizer = still, epochs = 20, progress = false, early_stopping = { metric = "loss", patience = 2, min_delta = 10 } }
assert(h.stopped == "early" and #h == 3 and h.best_epoch == 1)
net, opt = digits()
local best
h = net:fit{ train = train, test = test, optimizer = opt, epochs = 4, progress = false, early_stopping = { patience = 4, restore_best = true },
  on_epoch = function(t)
    if t.epoch == 2 then best = net:state() end
    if t.epoch >= 2 then opt.lr = 30 end
  end }
assert(h.best_epoch == 2 and #h == 4, h.best_epoch)
for name, tensor in pairs(net:state()) do assert(tensor:eq(best[name]):all():item(), name) end

-- A loss that is not finite ends it with the layer's name and the network in order.
net = nn.mlp{ inputs = 64, width = 16, depth = 2, outputs = 10, seed = 1 }
local before = net:state()
local wild = net:fit{ train = train, optimizer = optim.SGD(net, { lr = 1e30 }), steps = 9, progress = false }
assert(wild.stopped == "diverged" and wild.diverged.step == 2 and wild.diverged.kept_step == 1 and wild.diverged.cause == "output")
assert(wild.diverged.layer == "2 Block(Linear(16 -> 16), ReLU)" and wild.steps == 1)
assert(wild.warning:find("^fit: the loss became NaN at step 2: the output of layer 2 Block"))
for name, tensor in pairs(net:state()) do assert(tensor:eq(before[name]):all():item(), name) end

-- Bad input: one sentence each, before anything has changed.
net, opt = digits()
before = net:state()
local other = optim.SGD(digits(), { lr = 1 })
local function refuses(wanted, options)
  for name, default in pairs{ train = train, optimizer = opt, progress = false } do
    if options[name] == nil then options[name] = default end
  end
  fails(wanted, net.fit, net, options)
end
refuses("network:fit: expected epochs or steps, got neither; say how long to train", {})
refuses("network:fit: expected epochs or steps, got both; one of them decides", { epochs = 1, steps = 1 })
refuses("network:fit: unknown option 'epoch', did you mean 'epochs'?", { epoch = 1 })
refuses("network:fit: unknown option 'lr'; ?network:fit lists what it takes", { lr = 1 })
refuses("network:fit: unknown option 'patiance' in 'early_stopping', did you mean 'patience'?", { epochs = 1, early_stopping = { patiance = 1 } })
refuses(
  'network:fit: option \'early_stopping.metric\' expected "loss", "accuracy", "test.loss" or "test.accuracy", got \'test.los\', did you mean \'test.loss\'?',
  { epochs = 1, early_stopping = { metric = "test.los" } })
refuses("network:fit: expected test data to watch 'test.loss', got none; give test=", { epochs = 1, early_stopping = { metric = "test.loss" } })
refuses("network:fit: option 'optimizer' belongs to another network", { epochs = 1, optimizer = other })
refuses("network:fit: expected a batch of at most 1437, the number of samples, got 5000", { epochs = 1, batch = 5000 })
refuses(
  "network:fit: expected batches of at least 2 samples for layer 1 Block(Linear(64 -> 16), BatchNorm(16), ReLU), got 1: its variance is 0; use a larger batch or normalize(\"layer\")",
  { epochs = 1, batch = 1 })
refuses("network:fit: expected no batch= where a function gives the batches, got 10", { epochs = 1, batch = 10, train = function() end })
refuses(
  "network:fit: expected at least one batch in epoch 1, got none; a function begins again after nil, or returns a new iterator for each epoch",
  { epochs = 1, train = function() end })
refuses("network:fit: option 'train' expected its function to give tensors x, y or nil, got 3, nil", { epochs = 1, train = function() return 3 end })
refuses("network:fit: option 'train' expected tensors {x, y}, got {}", { epochs = 1, train = {} })
refuses("layer 1 Block(Linear(64 -> 16), BatchNorm(16), ReLU): expected input [batch, 64], got [3, 7]", { epochs = 1, train = { sonde.randn(3, 7), sonde.tensor{ 1, 2, 3 } } })
refuses("network:fit: expected targets that are classes from 1 to 10, the network's outputs, got 11 at row 3", { epochs = 1, train = { sonde.randn(3, 64), sonde.tensor{ 1, 2, 11 } } })
refuses("network:fit: expected targets that are classes from 1 to 10, the network's outputs, got 1.5 at row 2", { epochs = 1, train = { sonde.randn(3, 64), sonde.tensor{ 1, 1.5, 2 } } })
refuses("network:fit: expected inputs [samples, features], got [0, 64], which is an empty set", { epochs = 1, train = { sonde.zeros(0, 64), sonde.zeros(0) } })
refuses("network:fit: expected 3 targets, one a sample, got [2]", { epochs = 1, train = { sonde.randn(3, 64), sonde.tensor{ 1, 2 } } })
refuses("network:fit: expected finite test inputs, got inf at row 1, column 1", { epochs = 1, test = { sonde.full({ 3, 64 }, math.huge), sonde.tensor{ 1, 2, 3 } } })
refuses("network:fit: loss function: expected a tensor of one number, got 3", { epochs = 1, loss = function() return 3 end })
refuses("network:fit: expected the function loss to be computed from the output, on the tape, got a tensor without history", { epochs = 1, loss = function() return sonde.tensor{ 1 }:sum() end })
refuses("network:fit: option 'checkpoint.path' is missing: the file", { epochs = 1, checkpoint = {} })
refuses("network:fit: '/dev/full': expected a regular file to replace, got a device, pipe or socket", { epochs = 1, checkpoint = { path = "/dev/full" } })
for name, tensor in pairs(net:state()) do assert(tensor:eq(before[name]):all():item(), name) end
fails("network:evaluate: expected finite inputs, got nan at row 2, column 1", function()
  local bad = sonde.ones(3, 64)
  bad[{ 2, 1 }] = 0 / 0
  net:evaluate({ bad, sonde.tensor{ 1, 2, 3 } })
end)
assert(net.training)
-- a data set's maps run on every batch of fit and evaluate
do
  local rows = 0
  local ds = data.dataset{ inputs = sonde.randn(30, 4), targets = sonde.randint(1, 2, { 30 }) }
  local mapped = ds:map(function(x, y)
    rows = rows + #x
    return x:narrow(2, 1, 3) * 2, y
  end)
  local net = nn.Sequential{ nn.Linear(3, 2) }
  local h = net:fit{ train = mapped, optimizer = optim.SGD(net, { lr = 0.1 }), batch = 8, epochs = 2, progress = false }
  assert(rows == 60 and #h.loss == 2)
  local expected = net:evaluate{ ds.inputs:narrow(2, 1, 3) * 2, ds.targets }
  local found = net:evaluate(mapped)
  assert(rows == 90 and math.abs(found.loss - expected.loss) < 1e-6 and found.accuracy == expected.accuracy)
end

-- one value a sample fits an output of one unit: least squares by gradient descent
do
  local ds, teacher = data.normal{ samples = 64, features = 3, dtype = "float64", seed = 1 }
  local net = nn.Sequential{ nn.Linear(3, 1, { dtype = "float64" }) }
  local h = net:fit{
    train = ds, loss = "mse", optimizer = optim.SGD(net, { lr = 0.1 }), batch = 64, epochs = 400, progress = false }
  assert(h.loss[400] < 1e-12)
  assert((net[1].weight:reshape(-1) - teacher:reshape(-1)):abs():max():item() < 1e-6)
end

-- The best epoch of a structure that surgery has changed can't come back: nothing is half restored, and the history says so.
for _, surgery in ipairs{
  function(net) net:replace(3, nn.Linear(8, 7)) end, function(net) net:insert(2, nn.LayerNorm(8)) end,
} do
  local set = data.blobs{ samples = 300, seed = 1 }
  local changed = nn.Sequential{ nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 3) }
  local before
  local run = changed:fit{
    train = set, test = set, optimizer = optim.SGD(changed, { lr = 0.05 }), batch = 30, epochs = 6, progress = false,
    early_stopping = { metric = "test.loss", patience = 9, restore_best = true },
    on_epoch = function(s)
      if s.epoch == 3 then surgery(changed) end
      if s.epoch >= 3 then changed:init("normal(50)") end
      if s.epoch == 6 then before = changed:state() end
    end,
  }
  for name, tensor in pairs(changed:state()) do assert(tensor:equal(before[name]), name) end
  assert(run.warning:find("fit: restore_best: expected the layers of epoch %d, the best, got others after surgery"), run.warning)
end

print("ok")
