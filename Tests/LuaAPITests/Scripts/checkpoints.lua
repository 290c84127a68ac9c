-- Checkpoints: a training that goes on from one has every bit of one that never stopped, and a file that does not fit changes nothing.
local train, test = data.digits()
local path, kept = os.tmpname() .. ".safetensors", os.tmpname() .. ".safetensors"

local function same(a, b, what)
  assert(#a == #b, ("%s: %d and %d"):format(what, #a, #b))
  for i = 1, #a do assert(a[i] == b[i], what .. " " .. i) end
end

local function fails(wanted, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error, expected: " .. wanted)
  message = tostring(message):gsub("^[^:]*:%d+: ", "")
  assert(message == wanted, message)
end

local rules = {
  SGD = function(net) return optim.SGD(net, { lr = 0.05, momentum = 0.9 }) end,
  Adam = function(net) return optim.Adam(net, { lr = 0.01 }) end,
}

local function make(rule, dtype)
  sonde.seed(3)
  local net = nn.mlp{ inputs = 64, width = 16, depth = 2, outputs = 10, norm = "batch", dropout = 0.2, dtype = dtype, seed = 1 }
  return net, rules[rule](net)
end

local function options(opt, more)
  local result = {
    train = train, test = test, optimizer = opt, batch = 100, epochs = 3, progress = false, clip_norm = 1,
    schedule = optim.schedule.cosine{ steps = 45 }, early_stopping = { patience = 2, restore_best = true },
  }
  for name, value in pairs(more or {}) do result[name] = value end
  return result
end

local function compare(net, whole, again, rest)
  for _, name in ipairs{ "loss", "step_loss", "step_lr", "step_norm", "test_loss", "test_accuracy", "train_accuracy", "lr" } do
    same(whole[name], rest[name], name)
  end
  for name, tensor in pairs(net:state()) do assert(again:state()[name]:eq(tensor):all():item(), name) end
  assert(whole.best_epoch == rest.best_epoch and whole.stopped == rest.stopped)
end

-- In the middle of an epoch, at its end, at the beginning of the next, and after a callback has stopped it.
for rule, dtype in pairs{ SGD = "float32", Adam = "float64" } do
  local net, opt = make(rule, dtype)
  local whole = net:fit(options(opt))
  for _, at in ipairs{ 7, 15, 16, 44 } do
    local first, before = make(rule, dtype)
    first:fit(options(before, { checkpoint = { path = path, every = at }, on_step = function(s)
      if s.step > at then
        os.rename(path, kept)
        return false
      end
    end }))
    for _, file in ipairs{ kept, path } do
      local again, opt2 = make(rule, dtype)
      -- whatever this session has drawn meanwhile
      sonde.seed(99)
      compare(net, whole, again, again:fit(options(opt2, { resume = file })))
    end
  end
  -- A function that draws its batches gives the same ones again.
  local function draw() return train:batches(100, { shuffle = true }) end
  net, opt = make(rule, dtype)
  local o = options(opt, { train = draw })
  o.batch = nil
  whole = net:fit(o)
  local first, before = make(rule, dtype)
  o = options(before, { train = draw, checkpoint = { path = kept, every = 20 }, on_step = function(s) return s.step < 20 end })
  o.batch = nil
  first:fit(o)
  local again, opt2 = make(rule, dtype)
  o = options(opt2, { train = draw, resume = kept })
  o.batch = nil
  compare(net, whole, again, again:fit(o))
end

-- resume=true starts afresh where there is no file, and goes on where there is one; more epochs go on from the end.
os.remove(path)
local net, opt = make("Adam")
local whole = net:fit(options(opt, { epochs = 3 }))
for epochs = 1, 3 do
  local again, opt2 = make("Adam")
  local h = again:fit(options(opt2, { epochs = epochs, checkpoint = { path = path, resume = true } }))
  assert(#h == epochs and h.steps == 15 * epochs)
  if epochs == 3 then compare(net, whole, again, h) end
end

-- The file is a network, too.
local loaded = nn.load(path)
assert(loaded:count() == net:count())

-- A file that does not fit: one error, and the network, the optimizer and the generator as they were.
local function refuses(wanted, n, o, more)
  local state, drawn = n:state(), sonde.generator(3).state
  sonde.seed(8)
  fails(wanted, n.fit, n, options(o, more))
  for name, tensor in pairs(n:state()) do assert(tensor:eq(state[name]):all():item(), name) end
  local next = sonde.rand(1):item()
  sonde.seed(8)
  assert(next == sonde.rand(1):item())
end
local function at(text) return ("network:fit: '%s': %s"):format(path, text) end
net, opt = make("Adam")
refuses(
  at("expected a checkpoint of this optimizer, got another: optimizer:load_state: expected the state of SGD, got of Adam"),
  net, rules.SGD(net), { resume = path })
refuses(
  at("expected a checkpoint of this training (loss cross_entropy, accumulate 1, 1437 samples, 29 batches of 50, shuffled), "
    .. "got (loss cross_entropy, accumulate 1, 1437 samples, 15 batches of 100, shuffled)"),
  net, opt, { resume = path, batch = 50 })
local wider = nn.mlp{ inputs = 64, width = 17, depth = 2, outputs = 10, norm = "batch" }
refuses(
  at("expected a checkpoint of this network with '0.linear.weight' float32 [17, 64], got float32 [16, 64]"),
  wider, optim.Adam(wider), { resume = path })
net:save(kept)
refuses(
  ("network:fit: '%s': expected 'fit.version' in a checkpoint of a training, got none; it is another kind of file"):format(kept), net, opt,
  { resume = kept })
refuses("network:fit: 'no such file': cannot open it: No such file or directory", net, opt, { resume = "no such file" })

-- Cut short at every kind of place.
local file = assert(io.open(path, "rb"))
local bytes = file:read("a")
file:close()
for _, length in ipairs{ 0, 5, 300, #bytes // 2, #bytes - 1 } do
  file = assert(io.open(kept, "wb"))
  file:write(bytes:sub(1, length))
  file:close()
  local state = net:state()
  local ok, message = pcall(net.fit, net, options(opt, { resume = kept }))
  assert(not ok and message:find("network:fit: '" .. kept .. "': expected ", 1, true) and message:find("at byte %d+%)"), message)
  for name, tensor in pairs(net:state()) do assert(tensor:eq(state[name]):all():item(), name) end
end

-- A disk that is full: one error, the history and the checkpoint before stay.
os.remove(path)
local program = ([[
  local net = nn.mlp{ inputs = 64, width = 16, depth = 2, outputs = 10, seed = 1 }
  local opt = optim.SGD(net, { lr = 0.1 })
  local function fit(more)
    local options = { train = data.digits(), optimizer = opt, batch = 100, progress = false, checkpoint = { path = %q, every = 5 } }
    for name, value in pairs(more) do options[name] = value end
    return net:fit(options)
  end
  fit{ steps = 5 }
  local file = assert(io.open(%q, "rb"))
  local bytes = file:read("a")
  file:close()
  -- the history outgrows what is left
  local ok, message = pcall(fit, { steps = 5000, epochs = nil })
  file = assert(io.open(%q, "rb"))
  local size = #file:read("a")
  print(ok, message:match("network:fit: .*"), net.last_fit.stopped, net.last_fit.steps > 5, size >= #bytes and size <= 64 * 1024)
]]):format(path, path, path)
local shell = io.popen("trap '' XFSZ; ulimit -f 64; exec '" .. arg[-1] .. "' -e '" .. program:gsub("'", "'\\''") .. "'")
local told = shell:read("a")
shell:close()
assert(told == ("false\tnetwork:fit: '%s': cannot write it: File too large\tfailed\ttrue\ttrue\n"):format(path), told)
local survivor = nn.load(path)
assert(survivor:count() > 0)

os.remove(path)
os.remove(kept)
print("ok")
