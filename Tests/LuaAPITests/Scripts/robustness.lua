-- What once brought the process down, gave wrong numbers or an error that said nothing.
local here = arg[0]

local function fails(f, text)
  local ok, message = pcall(f)
  assert(not ok, "did not fail: " .. text)
  local position, rest = tostring(message):match("^([^:]+:%d+): (.*)$")
  assert(rest == text, "\n   got: " .. tostring(message) .. "\nwanted: " .. text)
  assert(position:find("robustness.lua", 1, true), "blames " .. position)
end

local function close(t, numbers)
  for i, number in ipairs(numbers) do assert(math.abs(t[i] - number) < 1e-5, tostring(t)) end
end

-- A pass inside a backward that goes through nodes the outer pass still needs.
do
  local x = sonde.ones(3):requires_grad_()
  local h = x:exp()
  local aside = h:sum()
  local f = sonde.func{
    forward = function(_, y) return y * 1 end, backward = function(_, g) aside:backward() return g end }
  local loss = f(h):sum()
  fails(function() loss:backward() end, "tensor:backward: this result's tape has been used; run the forward again")
end

-- What a backward that failed had gathered is forgotten; so is what an outer pass holds, for the time of an inner one.
do
  local x = sonde.tensor{ { 1, 2 }, { 3, 5 } }:requires_grad_()
  local failing, inner
  local f = sonde.func{
    forward = function(_, y) return y * 1 end,
    backward = function(_, g)
      if failing then error("no") end
      if inner then inner:backward{ retain_graph = true } end
      return g
    end }
  local u, s = sonde.linalg.svd(x)
  local function gradient(loss)
    x:zero_grad()
    loss:backward{ retain_graph = true }
    return x.grad
  end
  local losses = { u:sum() + f(x):sum() + s:sum(), s:sum() + f(x):sum() + u:sum(), f(x):sum() + u:sum() + s:sum() }
  local expected = gradient(losses[1])
  for _, loss in ipairs(losses) do
    failing = true
    for _ = 1, 3 do assert(not pcall(loss.backward, loss, { retain_graph = true })) end
    failing = false
    assert(gradient(loss):allclose(expected))
  end
  local alone = gradient(u:sum())
  inner = u:sum()
  for _, loss in ipairs(losses) do assert(gradient(loss):allclose(expected + alone, { atol = 1e-5 })) end
end

-- A backward that changes the gradient it is given would change what other operations and the user have of it.
do
  local f = sonde.func{
    name = "clip", forward = function(_, x) return x * 1 end, backward = function(_, g) return g:clamp_(0, 0.5) end }
  local x = sonde.ones(2):requires_grad_()
  fails(function() f(x):backward(sonde.ones(2)) end,
    "sonde.func 'clip': expected backward to leave the gradient it is given as it is, got it changed in place; clone() it first")
end

-- Gradients that two arguments share are two tensors, and a gradient of a sum can be changed.
do
  local f = sonde.grad(function(a, b) return ((a + b) ^ 2):sum() end)
  local a, b = f(sonde.ones(2), sonde.ones(2))
  a:fill_(7)
  close(b, { 4, 4 })
  close(sonde.grad(function(x) return x:sum() end)(sonde.ones(2)):add_(1), { 2, 2 })
end

-- An error is one line, whatever the names in it hold.
do
  local t = sonde.ones(2)
  fails(function() return t["a\nb\0c\27[2J"] end, "tensor: no field 'a\\nb\\000c\\027[2J'; ?tensor lists what it has")
  fails(function() return sonde.load("a\nb\0.npy") end,
    "sonde.load: 'a\\nb\\000.npy': expected a path without zero bytes, got one with a zero byte")
  fails(function() return sonde.zeros(2, { ["x\ny"] = 1 }) end, "sonde.zeros: unknown option 'x\\ny'; there is dtype")
  local ok, message = pcall(function() return t[("é"):rep(39) .. "x"] end)
  assert(not ok and utf8.len(message))
  local named = sonde.func{ name = ("ü\n"):rep(9000), forward = function(_, x) return x end, backward = function() return 1 end }
  ok, message = pcall(function() named(t:requires_grad_()):sum():backward() end)
  assert(not ok and utf8.len(message) and #message < 9000 and not message:find("\n", 1, true))
end

-- An error raised by a hook comes through as it is, wherever it strikes.
do
  local value = setmetatable({ 1, { 2, { x = 3 } }, y = { sonde.ones(2) }, [{}] = 1 }, { __name = "named" })
  local struck = 0
  for strike = 2, 400 do
    local calls, active = 0, true
    debug.sethook(function()
      calls = calls + 1
      if active and calls == strike then error("struck", 0) end
    end, "c")
    local ok, message = pcall(sonde.inspect, value)
    active = false
    debug.sethook()
    if not ok then
      struck = struck + 1
      assert(message == "struck", tostring(message))
    end
  end
  assert(struck > 20, struck)
end

-- Expanded views take the time and memory of what they show.
do
  local t = sonde.tensor{ 0, 2, 4, 0 / 0 }:unsqueeze(1):expand(1 << 58, 4)
  local text = t:describe()
  assert(text:find("zeros " .. (1 << 58) .. ", nan " .. (1 << 58) .. ", inf 0", 1, true), text)
  text = sonde.tensor{ 1, 2, 3 }:unsqueeze(2):expand(3, 1 << 58):describe()
  assert(text:find("mean 2.000, std 0.8165", 1, true), text)
  assert(sonde.ones(1):expand(0):describe():find("(no elements)", 1, true))
end

-- Extents of 0 hide no endless work.
fails(function() return sonde.zeros(1 << 50, 8, 0):totable() end,
  "tensor:totable: not enough memory for the tables of shape [1125899906842624, 8, 0]")
assert(#sonde.zeros(3, 0):totable() == 3)
fails(function() sonde.save("x.csv", sonde.zeros(1 << 60, 0)) end,
  "sonde.save: expected at least one column for the rows of a .csv, got shape [1152921504606846976, 0]")

-- Dimensions counted from the last, and mistakes in the function's own words.
assert(sonde.zeros(2, 3, 4):permute(-1, -3, -2).shape[1] == 4)
fails(function() return sonde.zeros(2, 3):permute(3, 1) end,
  "tensor:permute: expected a dimension from 1 to 2 (or negative), got 3")
fails(function() return sonde.zeros(2, 3):reshape({ 3, 2 }, 1) end,
  "tensor:reshape: expected one table or several integers, got both")
fails(function() return sonde.stack{ sonde.zeros(1, 1, 1, 1, 1, 1, 1, 1) } end,
  "sonde.stack: expected tensors of fewer than 8 dimensions, got [1, 1, 1, 1, 1, 1, 1, 1]")
fails(function() return sonde.ones(2, { dtype = "int64" }):bincount{ minlength = -5 } end,
  "tensor:bincount: expected int64 numbers and a minlength of at least 0, got int64 and -5")
print("ok")
