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
fails(function() return t.quite_different_name end, "tensor: no field 'quite_different_name'")
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
  "sonde.zeros: option 'dtype' expected \"float32\", \"float64\", \"int64\" or \"bool\", got 'float23'")
fails(function() return sonde.zeros("two") end,
  "sonde.zeros: argument 1 'shape' expected an integer or a table, got 'two'")
fails(function() return nn.mlp{ activaton = "relu" } end, "nn.mlp: unknown option 'activaton', did you mean 'activation'?")
fails(function() return nn.mlp{ activation = "rellu" } end,
  "nn.mlp: option 'activation' expected \"linear\", \"relu\", \"leaky_relu\", \"prelu\", \"elu\", \"selu\", \"gelu\", "
    .. "\"silu\", \"tanh\", \"sigmoid\", \"softplus\" or \"hardtanh\", got 'rellu'")
fails(function() return t.sum(3) end, "tensor:sum: expected a tensor as self, got 3; call it with a colon")
fails(function() return t:sum(5) end, "tensor:sum: expected a dimension from 1 to 2 (or negative), got 5")
fails(function() return t < t end,
  "tensor: < and <= compare one-element tensors and numbers, got a tensor of shape [2, 3]; t:lt(u) compares element by element")
fails(function() return data.idx("/no/such/file") end, "data.idx: '/no/such/file': cannot open it: No such file or directory")
fails(function() return data.idx("/") end, "data.idx: '/': expected a file, got a directory")

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
fails(inside, "tensor: no field 'nothing'")

-- Huge requests are refused, and nothing is lost.
local refused, message = pcall(sonde.zeros, 1 << 40, 1 << 40)
assert(not refused and message:find("not enough memory", 1, true), message)
assert(t:sum():item() == 0)
print("ok")
