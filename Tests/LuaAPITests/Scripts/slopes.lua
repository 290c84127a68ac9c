-- The derivatives of the functions of every element, and of what is composed of them, against central differences.
local function exact(values) return sonde.tensor(values, { dtype = "float64" }) end

local any, positive, inside, above = exact{ -2.3, -0.7, 0.4, 1.8 }, exact{ 0.3, 0.9, 2.1, 4.5 }, exact{ -0.8, -0.1, 0.3, 0.7 }, exact{ 1.2, 2.5, 3, 7 }
local arguments = {
  rsqrt = positive, expm1 = any, exp2 = any, log1p = inside, log2 = positive, log10 = positive, tan = inside, asin = inside,
  acos = inside, atan = any, sinh = any, cosh = any, asinh = any, acosh = above, atanh = inside, frac = any, trunc = any,
  erfc = any, softplus = any, elu = any, selu = any, hardtanh = any, leaky_relu = any,
}
for name, x in pairs(arguments) do
  assert(sonde.gradcheck(function(t) return t[name](t):sum() end, x), name)
  local twice = function(t) return (t[name](t) * t):sum() end
  assert(sonde.gradcheck(twice, x), name)
end

local a, b = exact{ { -2.3, 0.7, 1.4 }, { 0.6, -1.8, 2.2 } }, exact{ 0.5, -1.1, 0.9 }
for _, name in ipairs{ "fmod", "remainder", "atan2", "hypot" } do
  assert(sonde.gradcheck(function(x, y) return x[name](x, y):sum() end, a, b), name)
  assert(sonde.gradcheck(function(x) return x[name](x, 1.3):sum() end, a), name)
end
local weights = exact{ { 1, -2, 3 }, { 0.5, 4, -1 } }
local functions = {
  lerp = function(x, y) return (x:lerp(y, 0.3) * weights):sum() end,
  where = function(x, y) return (x:where(weights:gt(0), y) * weights):sum() end,
  flatten = function(x) return (x:flatten() * weights:flatten()):sum() end,
  movedim = function(x) return (x:movedim(1, 2) * weights:t()):sum() end,
  swapaxes = function(x) return (x:swapaxes(1, 2) * weights:t()):sum() end,
  chunk = function(x) local p = x:chunk(2, 2) return (p[1] * 2):sum() + (p[2] ^ 2):sum() end,
  split = function(x) local p = x:split({ 1, 2 }, 2) return (p[1] * 2):sum() + (p[2] ^ 2):sum() end,
  unbind = function(x) local p = x:unbind() return (p[1] * p[2]):sum() end,
  expand_as = function(x, y) return (y:expand_as(x) * weights):sum() end,
  amax = function(x) return x:amax{ dim = 2 }:sum() end,
}
for name, f in pairs(functions) do assert(sonde.gradcheck(f, a, b), name) end
print("ok")
