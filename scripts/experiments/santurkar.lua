-- Santurkar et al. 2018, 'How does batch normalization help optimization?', figure 4: the loss along the gradient's direction.
--
-- At points of a training, the gradient g of the loss on one batch is followed for several step sizes s. Told are the range
-- of the losses L(W - s g), the range of |g(W - s g) - g|, and the effective smoothness: the largest |g(W - s g) - g| / (s |g|),
-- which bounds how fast the gradient changes. With batch normalisation the landscape is smoother along the way: the gradient
-- still points downhill after a larger step.
--
--   sonde scripts/experiments/santurkar.lua            10 ReLU layers of 100 units on the digits, 400 steps
--   sonde scripts/experiments/santurkar.lua --short    60 steps; status 1 where batch normalisation is not smoother

local short = arg[1] == "--short"
if arg[1] and not short then
  io.stderr:write("santurkar.lua: unknown option '", arg[1], "'; there is --short\n")
  os.exit(1)
end

local DEPTH, WIDTH, BATCH, RATE = 10, 100, 128, 0.05
local STEPS, EVERY = short and 60 or 400, short and 15 or 40
-- in units of the learning rate
local SIZES = { 0.5, 1, 2, 4 }

local function build(norm)
  return nn.mlp{ inputs = 64, width = WIDTH, depth = DEPTH, outputs = 10, init = "he_normal", norm = norm, seed = 1 }
end

--- The loss of a batch and its gradient, one tensor a parameter.
local function slope(net, x, t)
  net:zero_grad()
  local loss = nn.cross_entropy(net(x), t)
  loss:backward()
  local gradient = {}
  for name, parameter in pairs(net.parameters) do gradient[name] = parameter.grad:clone() end
  return loss:item(), gradient
end

--- The norm of a gradient, or of the difference of two.
local function norm(a, b)
  local sum = 0
  for name, tensor in pairs(a) do sum = sum + (b and tensor - b[name] or tensor):pow(2):sum():item() end
  return math.sqrt(sum)
end

--- Follows the gradient from where the net stands; the net itself is left alone.
local function survey(net, x, t)
  local loss, gradient = slope(net:clone(), x, t)
  local size = norm(gradient)
  local result = { loss = loss, lowest = loss, highest = loss, change = 0, smoothness = 0 }
  for _, factor in ipairs(SIZES) do
    local step = factor * RATE
    local moved = net:clone()
    for name, parameter in pairs(moved.parameters) do parameter:sub_(gradient[name] * step) end
    local there, other = slope(moved, x, t)
    local change = norm(other, gradient)
    result.lowest, result.highest = math.min(result.lowest, there), math.max(result.highest, there)
    result.change = math.max(result.change, change)
    result.smoothness = math.max(result.smoothness, change / (step * size))
  end
  return result
end

--- Trains a net and surveys it on the way.
local function train(kind, digits)
  sonde.seed(2)
  local net = build(kind)
  local optimiser = optim.SGD(net, { lr = RATE })
  local surveys, step = {}, 0
  while step < STEPS do
    for x, t in digits:batches(BATCH, { shuffle = true }) do
      if step % EVERY == 0 then surveys[#surveys + 1] = survey(net, x, t) end
      slope(net, x, t)
      optimiser:step()
      step = step + 1
      if step == STEPS then break end
    end
  end
  return surveys
end

--- The mean over the training, without the fresh net at its start.
local function mean(surveys, field)
  local sum = 0
  for i = 2, #surveys do sum = sum + surveys[i][field] end
  return sum / (#surveys - 1)
end

local digits = data.digits()
local plain, normalised = train("none", digits), train("batch", digits)
print(("%d ReLU layers of %d units on the digits, SGD of rate %g, batches of %d; along g by up to %g rates"):format(
  DEPTH, WIDTH, RATE, BATCH, SIZES[#SIZES]))
print("\n        without                                   with batch norm")
print("  step  loss along g       change of g   smooth.  loss along g       change of g   smooth.")
for i, a in ipairs(plain) do
  local b = normalised[i]
  print(("%6d  %6.3f to %-8.4g  %10.3g  %8.3g  %6.3f to %-8.4g  %10.3g  %8.3g"):format(
    (i - 1) * EVERY, a.lowest, a.highest, a.change, a.smoothness, b.lowest, b.highest, b.change, b.smoothness))
end
print("\nmeans from the second row on     without      with")
print(("  range of the loss           %10.4g%10.4g"):format(
  mean(plain, "highest") - mean(plain, "lowest"), mean(normalised, "highest") - mean(normalised, "lowest")))
print(("  largest change of g         %10.4g%10.4g"):format(mean(plain, "change"), mean(normalised, "change")))
print(("  effective smoothness        %10.4g%10.4g"):format(mean(plain, "smoothness"), mean(normalised, "smoothness")))
if mean(normalised, "smoothness") >= mean(plain, "smoothness") then
  print("\nBatch normalisation is not smoother here.")
  os.exit(1)
end
