-- Where the tape follows PyTorch to the letter: ties and bounds, what may change after it was used, losses on the tape,
-- gradients of gradients beside zeros. The numbers are PyTorch 2.15's, of the same lines in Python.
local function leaf(values, dtype) return sonde.tensor(values, { dtype = dtype or "float64" }):requires_grad_() end
local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "expected an error: " .. text)
  message = message:gsub("^[^:]+:%d+: ", "", 1)
  assert(message == text, message)
end
local function is(tensor, values)
  local wanted = sonde.tensor(values, { dtype = tensor.dtype })
  assert(tensor:allclose(wanted, { rtol = 1e-12, atol = 1e-14 }), tostring(tensor))
end
local function slope(values, f)
  local x = leaf(values)
  f(x):sum():backward()
  return x.grad
end
-- The gradient of the sum of the squares of the gradient.
local function second(values, f)
  local x = leaf(values)
  local g = sonde.grad(f, { create_graph = true })(x)
  g:square():sum():backward()
  return x.grad
end

-- requires_grad can be set, with the same refusals as requires_grad_.
local w = sonde.ones(2)
w.requires_grad = true
assert(w:is_leaf() and (w * 2).requires_grad)
fails("tensor: only a leaf can do without its gradient, this tensor is a result; use detach()",
  function() (w * 2).requires_grad = false end)
fails("tensor: expected true or false as requires_grad, got 1", function() w.requires_grad = 1 end)
fails("requires_grad_: expected dtype float32 or float64, got int64; only floats have gradients",
  function() sonde.arange(3):to("int64").requires_grad = true end)
w.requires_grad = false
assert(not (w * 2).requires_grad)

-- An expanded view without elements has none twice, and may change.
assert((sonde.zeros(0, 3):expand(2, 0, 3):add_(1)):numel() == 0)

-- At the bounds of clamp the gradient passes, beyond them and of NaN it is 0; at those of hardtanh it is 0. By PyTorch 2.13:
-- x = torch.tensor([-.5, 0, 1, 2, nan], requires_grad=True); x.clamp(-.5, 1).nansum().backward(); x.grad
is(slope({ -0.5, 0, 1, 2, 0 / 0 }, function(x) return x:clamp(-0.5, 1) end), { 1, 1, 1, 0, 0 })
is(slope({ -0.5, 0, 1, -0.6 }, function(x) return x:clamp(-0.5) end), { 1, 1, 1, 0 })
is(slope({ -1, 0, 1, 2 }, function(x) return x:hardtanh() end), { 0, 1, 0, 0 })
is(slope({ 0, 0.5, 2 }, function(x) local y = x * 1; y:clamp_(0, 1) return y end), { 1, 1, 0 })

-- Equal elements share the gradient of a whole reduction; along a dimension the first found has it.
is(slope({ 1, 1, 0, 0, 1 }, function(x) return x:median() end), { 1 / 3, 1 / 3, 0, 0, 1 / 3 })
is(slope({ 1, 4, 0, 3 }, function(x) return x:median() end), { 0.5, 0, 0, 0.5 })
is(slope({ 1, 1, 0, 0, 1 }, function(x) return x:max() end), { 1 / 3, 1 / 3, 0, 0, 1 / 3 })
is(slope({ { 1, 1, 0 }, { 2, 2, 2 } }, function(x) return (x:max(2)) end), { { 1, 0, 0 }, { 1, 0, 0 } })
is(slope({ { 1, 1, 0 }, { 2, 2, 2 } }, function(x) return x:amax{ dim = 2 } end), { { 0.5, 0.5, 0 }, { 1 / 3, 1 / 3, 1 / 3 } })
is(slope({ 0, 0 }, function(x) return x[1]:atan2(x[2]) end), { 0, 0 })
is(slope({ { 0, 3 }, { 0, 4 } }, function(x) return x[1]:atan2(x[2]) end), { { 0, 4 / 25 }, { 0, -3 / 25 } })

-- A matrix times a vector by PyTorch's name.
is(slope({ 1, 2 }, function(x) return sonde.tensor({ { 3, 5 }, { 7, 11 } }, { dtype = "float64" }):mv(x) end), { 10, 16 })

-- A leaf copied whole into a result passes its gradient on; the result stays a result.
local x, y = leaf{ 1, 2 }, nil
y = x * 2
y:copy_(x)
assert(not y:is_leaf())
y:add_(x)
;(y * sonde.tensor{ 3, 5 }):sum():backward()
is(x.grad, { 6, 10 })
local buffer = sonde.zeros(2, { dtype = "float64" })
buffer:copy_(x)
assert(not buffer:is_leaf() and buffer.requires_grad)

-- A backward that needs no result or argument lets them change: quotients, steps, signs, products of many.
for name, f in pairs{
  div = function(t) return t / (t + 1) end, neg = function(t) return -t end, floor = function(t) return t:floor() end,
  sign = function(t) return t:sign() end, frac = function(t) return t:frac() end, prod = function(t) return t:prod() end,
} do
  local argument = leaf{ 1.5, 2.5 } * 1
  local result = f(argument)
  result:add_(1)
  if name ~= "div" and name ~= "prod" then argument:zero_() end
  assert(pcall(result.backward, result, sonde.ones(result.shape, { dtype = "float64" })), name)
end

-- What shares memory with what a backward needs may not change either, under whatever name, inside no_grad too.
local line = debug.getinfo(1, "l").currentline
local changes = {
  function(t) t:detach():zero_() end, function(t) t:detach()[1] = 0 end, function(t) sonde.no_grad(function() t:view(2, 1):zero_() end) end,
}
for place, change in ipairs(changes) do
  y = leaf{ 1, 2 }:exp()
  change(y)
  fails(("tensor:backward: exp needs this tensor for its backward; it was changed in place at line %d of %s"):format(
    line + 2, debug.getinfo(1, "S").short_src), function() y:sum():backward() end)
end

-- Losses: gradients of gradients, a second backward, targets on the tape.
local logits = { { 0.5, -1, 2 }, { 1, 0, -0.5 } }
local classes = sonde.tensor{ 3, 1 }
is(second(logits, function(t) return nn.cross_entropy(t, classes) end), {
  { 0.027298692423495474, 0.0034280291531123596, -0.03072672157660784 },
  { -0.06634833042422905, 0.04527023056009302, 0.02107809986413602 },
})
x = leaf(logits)
local d = sonde.grad(function(t) return nn.mse(t, sonde.ones(2, 3)) end, { create_graph = true })(x)
d:pow(3):sum():backward()
is(x.grad, { { 1 / 36, 4 / 9, 1 / 9 }, { 0, 1 / 9, 0.25 } })
x = leaf(logits)
local target = leaf{ { 1, 2, 3 }, { 4, 5, 6 } }
nn.mse(x, target * x:detach()):backward()
is(x.grad, { { 0, 1 / 3, -4 / 3 }, { -1, 0, 2.5 / 3 } })
is(target.grad, { { 0, 1 / 3, 8 / 3 }, { 1, 0, 1.25 / 3 } })
for _, loss in ipairs{ function(t) return nn.cross_entropy(t, classes) end, function(t) return nn.squared_error(t, target:detach()) end } do
  x = leaf(logits)
  local value = loss(x)
  value:backward{ retain_graph = true }
  local once = x.grad:clone()
  value:backward()
  is(x.grad, (once * 2):totable())
  assert(sonde.gradcheck(loss, sonde.tensor(logits)))
end

-- Functions of parameters: with create_graph=false the gradients are off the tape, though the arguments are on it.
w = leaf{ 1, 2 }
local f = function(t) return nn.squared_error(t * 2, sonde.ones(2, { dtype = "float64" })) end
w:sub_(0.25 * sonde.grad(f, { create_graph = false })(w))
is(w:detach(), { 0.5, 0.5 })
assert(sonde.grad(f)(w).requires_grad and not sonde.grad(f)(w:detach()).requires_grad)

-- Gradients of gradients beside zeros: powers, products.
is(second({ 0, 2 }, function(t) return (t ^ 0 + t ^ 1 + t ^ 2 * 3):sum() end), { 12, 156 })
-- PyTorch gives NaN for the 0 here; the function is 1 everywhere
is(second({ 0, 2 }, function(t) return (t ^ sonde.tensor({ 0, 3 }, { dtype = "float64" })):sum() end), { 0, 288 })
is(second({ 0, 2, 3 }, function(t) return t:prod() end), { 0, 36, 24 })
is(second({ { 0, 2 }, { 3, 0 } }, function(t) return t:prod(1):sum() + t:prod() end), { { 24, 4 }, { 6, 36 } })
print("ok")
