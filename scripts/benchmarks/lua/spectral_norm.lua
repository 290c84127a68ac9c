-- Loops over sequences of floating-point numbers: the spectral norm of an infinite matrix.
local n = 180

local function entry(i, j) return 1 / ((i + j) * (i + j + 1) / 2 + i + 1) end

local function multiply(x, y, transposed)
  for i = 1, n do
    local sum = 0
    for j = 1, n do sum = sum + x[j] * (transposed and entry(j - 1, i - 1) or entry(i - 1, j - 1)) end
    y[i] = sum
  end
end

local u, v, between = {}, {}, {}
for i = 1, n do u[i] = 1 end
for _ = 1, 10 do
  multiply(u, between, false)
  multiply(between, v, true)
  multiply(v, between, false)
  multiply(between, u, true)
end
local uv, vv = 0, 0
for i = 1, n do
  uv = uv + u[i] * v[i]
  vv = vv + v[i] * v[i]
end

return string.format("%.9f", (uv / vv) ^ 0.5)
