-- Operations that C does without a record say and do what the record does.
local function fails(body, message)
  local ok, got = pcall(body)
  assert(not ok, "expected: " .. message)
  got = tostring(got):gsub("^[^:]+:%d+: ", "")
  assert(got == message, "expected: " .. message .. "\ngot:      " .. got)
end

local function list(t)
  local numbers = {}
  for _, number in ipairs(t) do numbers[#numbers + 1] = tostring(number) end
  return table.concat(numbers, " ")
end

-- The tensor itself comes back from a change in place, a new one otherwise.
local t = sonde.tensor{ 1, 2, 3 }
assert(t:add_(1) == t and list(t) == "2.0 3.0 4.0")
assert(t:sub_(t) == t and list(t) == "0.0 0.0 0.0")
local u = t:add(2.5)
assert(u ~= t and list(u) == "2.5 2.5 2.5" and list(t) == "0.0 0.0 0.0")
assert(list(7 - u) == "4.5 4.5 4.5" and list(-u) == "-2.5 -2.5 -2.5" and list(u // 2) == "1.0 1.0 1.0")
assert(list(sonde.tensor{ -1, 2 }:relu_()) == "0.0 2.0" and list(sonde.tensor{ 4, 9 }:sqrt()) == "2.0 3.0")
assert(t:add_(1):mul_(3) == t and list(t) == "3.0 3.0 3.0")
assert(sonde.add == nil and t.add_ == t.add_)

-- What is unusual goes the ordinary way.
assert((t + sonde.ones(2, 3)).shape[1] == 2 and (t + sonde.ones(3, { dtype = "float64" })).dtype == "float64")
assert((t + true)[1] == 4 and t:add(true)[1] == 4)
local whole = sonde.tensor({ 1, 2, 3 }, { dtype = "int64" })
assert((whole + 1).dtype == "int64" and whole:add_(1)[3] == 4 and whole:neg()[1] == -2)
local line = sonde.tensor{ 1, 2, 3, 4 }
line[{ { 2, 4 } }]:add_(line[{ { 1, 3 } }])
assert(list(line) == "1.0 3.0 5.0 7.0")
assert(#(sonde.zeros(0) + 1) == 0 and sonde.zeros(0):add_(1):numel() == 0)
assert(sonde.tensor(3):add_(1):item() == 4 and (sonde.tensor(3) * sonde.tensor(2)):item() == 6)

-- Errors.
fails(function() t:add_("x") end, "tensor:add_: argument 1 'other' expected a tensor, a number or a boolean, got 'x'")
fails(function() t:add_() end, "tensor:add_: argument 1 'other' expected a tensor, a number or a boolean, got nothing")
fails(function() t:add_(1, 2) end, "tensor:add_: takes 1 argument, got 2 as argument 2")
fails(function() t.add_(1, 2) end, "tensor:add_: expected a tensor as self, got 1; call it with a colon")
fails(function() t.add_() end, "tensor:add_: expected a tensor as self, got nil; call it with a colon")
fails(function() t:exp_(1) end, "tensor:exp_: takes no arguments, got 1 as argument 1")
fails(function() return t + {} end, "add: expected a tensor or a number, got a table")
fails(function() t:add_(sonde.ones(2)) end,
  "tensor:add_: shapes [2] and [3] do not broadcast; extents must be equal or 1, counted from the last")
fails(function() return t + sonde.ones(2) end,
  "add: shapes [3] and [2] do not broadcast; extents must be equal or 1, counted from the last")
fails(function() sonde.ones(1, 3):expand(2, 3):add_(1) end,
  "tensor:add_: expected a tensor with an element of its own at every index, got an expanded view [2, 3]; clone() it first")
fails(function() return t[5] end, "tensor: index 5 is outside dimension 1 of shape [3]: expected 1 to 3 or -3 to -1")
fails(function() return t[0] end, "tensor: index 0 is outside dimension 1 of shape [3]: expected 1 to 3 or -3 to -1")
fails(function() return sonde.tensor(3)[1] end, "tensor: a 0-dim tensor has no index 1; t:item() gives its number")
assert(t[4] == nil)
do
  local closed
  do
    local open <close> = sonde.ones(3)
    closed = open
  end
  fails(function() closed:add_(1) end, "tensor:add_: this tensor was closed")
  fails(function() return closed + 1 end, "tensor: expected a tensor or a number, got a closed tensor")
  fails(function() t:add_(closed) end,
    "tensor:add_: argument 1 'other' expected a tensor, a number or a boolean, got a closed tensor")
end

-- The tape sees what is done directly.
local x = sonde.tensor({ 1, 2 }):requires_grad_()
local y = x:exp()
y:add_(1)
local z = x:exp()
local loss = z:sum()
sonde.no_grad(function() z:mul_(2) end)
local ok, message = pcall(function() loss:backward() end)
assert(not ok and message:match("exp needs this tensor for its backward; it was changed in place at line %d+ of "), message)
local w = sonde.tensor({ 1, 2 })
local product = x * w
w:add_(1)
ok, message = pcall(function() product:sum():backward() end)
assert(not ok and message:match("mul needs this tensor for its backward; it was changed in place at line (%d+) of "), message)
local both = (x + x):sum()
both:backward()
assert(list(x.grad) == "2.0 2.0")
local leaf = x[1]
assert(leaf == 1 or leaf:item() == 1)

-- Anomalies are looked for in what would be done directly.
sonde.anomaly(true)
ok, message = pcall(function() return sonde.tensor{ 1 } / 0 end)
sonde.anomaly(false)
assert(not ok and message:match("div"), message)
assert((sonde.tensor{ 1 } / 0)[1] == math.huge)

-- What is counted comes back.
collectgarbage()
collectgarbage()
local before = sonde.memory()
do
  local c = sonde.ones(1000)
  for _ = 1, 100 do c = c + 1; c:add_(1) end
  local now = sonde.memory()
  assert(now.live > before.live and now.allocated >= before.allocated + 100 * 4000)
end
collectgarbage()
collectgarbage()
local after = sonde.memory()
assert(after.live == before.live and after.tensors == before.tensors and after.objects == before.objects)
print("ok")
