-- Every mistake is one sentence: who, what was expected, what came, the cure; and it blames the caller's line.
local here = arg[0]

local function fails(f, text)
  local ok, message = pcall(f)
  assert(not ok, "did not fail: " .. text)
  local position, rest = tostring(message):match("^([^:]+:%d+): (.*)$")
  assert(rest == text, "\n   got: " .. tostring(message) .. "\nwanted: " .. text)
  assert(position:find("errors.lua", 1, true), "blames " .. position)
end

local t = sonde.zeros(2, 3)
fails(function() return t.shap end, "tensor: no field 'shap', did you mean 'shape'?")
fails(function() return t.quite_different_name end, "tensor: no field 'quite_different_name'; ?tensor lists what it has")
fails(function() return t[3 + 1] end,
  "tensor: index 4 is outside dimension 1 of shape [2, 3]: expected 1 to 2 or -2 to -1")
fails(function() return t[0] end,
  "tensor: index 0 is outside dimension 1 of shape [2, 3]: expected 1 to 2 or -2 to -1")
fails(function() t[3] = 1 end,
  "tensor: index 3 is outside dimension 1 of shape [2, 3]: expected 1 to 2 or -2 to -1")
fails(function() return t[{ 1, 4 }] end,
  "tensor: index 4 is outside dimension 2 of shape [2, 3]: expected 1 to 3 or -3 to -1")
fails(function() return t[{ { 1, 9 } }] end, "tensor: range {1, 9} does not fit dimension 1 of shape [2, 3]")
fails(function() return t[{ 1, 2, 3 }] end, "tensor: expected at most 2 indices for shape [2, 3], got 3")
fails(function() return sonde.tensor(1)[1] end, "tensor: a 0-dim tensor has no index 1; t:item() gives its number")
fails(function() return t + sonde.ones(7) end,
  "add: shapes [2, 3] and [7] do not broadcast; extents must be equal or 1, counted from the last")
fails(function() return t + {} end, "add: expected a tensor or a number, got a table")
fails(function() return "x" * t end, "tensor: expected a tensor or a number, got 'x'")
fails(function() return sonde.zeros(2, { dtyp = "float32" }) end,
  "sonde.zeros: unknown option 'dtyp', did you mean 'dtype'?")
fails(function() return sonde.zeros(2, { dtype = "float23" }) end,
  "sonde.zeros: option 'dtype' expected \"float32\", \"float64\", \"int64\" or \"bool\", got 'float23', did you mean 'float32'?")
fails(function() return sonde.zeros("two") end,
  "sonde.zeros: argument 1 'shape' expected an integer or a table, got 'two'")
fails(function() return nn.mlp{ activaton = "relu" } end, "nn.mlp: unknown option 'activaton', did you mean 'activation'?")
fails(function() return nn.mlp{ activation = "rellu" } end,
  "nn.mlp: option 'activation' expected \"linear\", \"relu\", \"leaky_relu\", \"prelu\", \"elu\", \"selu\", \"gelu\", "
    .. "\"silu\", \"tanh\", \"sigmoid\", \"softplus\" or \"hardtanh\", got 'rellu', did you mean 'relu'?")
fails(function() return sonde.recorder{}:before(3) end,
  "recorder:before: argument 1 'net' expected a network, got 3; nn.mlp{...} makes one")
fails(function() return sonde.randn(2, { generator = 3 }) end,
  "sonde.randn: option 'generator' expected a generator, got 3; sonde.generator(seed) makes one")
fails(function() return t.sum(3) end, "tensor:sum: expected a tensor as self, got 3; call it with a colon")
fails(function() return t:sum(5) end, "tensor:sum: expected a dimension from 1 to 2 (or negative), got 5")
fails(function() return t < t end,
  "tensor: < and <= compare one-element tensors and numbers, got a tensor of shape [2, 3]; t:lt(u) compares element by element")
fails(function() return data.idx("/no/such/file") end, "data.idx: '/no/such/file': cannot open it: No such file or directory")
fails(function() return data.idx("/") end, "data.idx: '/': expected a file, got a directory")

-- What once crashed, hung or was silently ignored.
fails(function() return nn.mlp{ init = { { "he_normal" } } } end,
  "nn.mlp: expected an initialiser's name or function in the table, got a table")
fails(function() return nn.Linear(2, 3, { init = { "he_normal", "x" } }) end,
  "nn.Linear: an initialiser's table holds one name and a gain, got a value at 2")
assert(#sonde.ones(3, 3)[{ { 1, 3, math.maxinteger } }] == 1 and #sonde.ones(3)[{ { 1, 3, 1 << 62 } }] == 1)
assert(not pcall(sonde.arange, math.mininteger, math.maxinteger, { dtype = "int64" }))
assert(not pcall(function() return sonde.ones(1):expand(1 << 40):totable() end))
assert(sonde.zeros(1 << 40, 0):softmax(2):numel() == 0)
fails(function() return t[("a"):rep(3000000)] end, "tensor: no field '" .. ("a"):rep(37) .. "...'; ?tensor lists what it has")
fails(function() return sonde.zeros({ 2, 3 }, 4) end,
  "sonde.zeros: expected one table of extents or several integers, got both")
fails(function() return sonde.zeros{ 2, dtype = "float64" } end,
  "sonde.zeros: expected extents in the table, got the key 'dtype'; options go into a table of their own")
fails(function() return optim.SGD(nn.mlp{ width = 100 }) end, "optim.SGD: option 'lr' is missing: the learning rate")
fails(function() return nn.mlp{}:fit() end, "network:fit: option 'train' is missing: what to train on")
fails(function() return nn.mlp{}:batchnorm("befor") end,
  "network:batchnorm: argument 1 'place' expected \"before\", \"after\" or \"off\" or a boolean, got 'befor', did you mean 'before'?")
fails(function() return nn.mlp{}:activation("tanh", 0.3) end, "network:activation: tanh has no slope, got 0.3")
fails(function() t.sum = 1 end, "tensor: 'sum' is a method and can't be assigned")
assert(#sonde.tensor{} == 0)
do
  local m = nn.mlp{ inputs = 4, width = 4, depth = 1 }
  fails(function() return nn.Sequential{ m[1] } end,
    "nn.Sequential: expected layers of no other network (net:clone() copies them), got Block(Linear(4 -> 4), ReLU) of another")
end

-- A callback's error comes back as it is, nil too.
do
  local raised, value = pcall(nn.mlp, { init = function() error() end })
  assert(not raised and value == nil)
end

-- A function that draws weights may hold its net without keeping it alive.
do
  local weak = setmetatable({}, { __mode = "v" })
  do
    local net
    net = nn.mlp{ inputs = 2, width = 2, depth = 1, init = function(shape)
      local _ = net
      return sonde.ones(shape)
    end }
    weak[1] = net
  end
  collectgarbage()
  collectgarbage()
  assert(weak[1] == nil)
end

do
  local closed
  do
    local u <close> = sonde.ones(3)
    closed = u
  end
  fails(function() return closed:sum() end, "tensor:sum: this tensor was closed")
  assert(tostring(closed) == "tensor (closed)")
end

-- An error inside a user's function comes back as it is, also when it is no string.
local marker = {}
local net = nn.mlp{ inputs = 64, width = 8, depth = 1, outputs = 10 }
local ok, value = pcall(net.fit, net, {
  train = data.digits(), optimizer = optim.SGD(net, { lr = 0.1 }), steps = 3, on_step = function() error(marker) end })
assert(not ok and value == marker)

-- A coroutine inside which everything works, and whose errors blame its lines.
local inside = coroutine.wrap(function()
  local u = sonde.ones(3)
  coroutine.yield(u:sum():item())
  return u.nothing
end)
assert(inside() == 3)
fails(inside, "tensor: no field 'nothing'; ?tensor lists what it has")

-- Huge requests are refused, and nothing is lost.
local refused, message = pcall(sonde.zeros, 1 << 40, 1 << 40)
assert(not refused and message:find("not enough memory", 1, true), message)
assert(t:sum():item() == 0)
print("ok")
