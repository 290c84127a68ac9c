-- Ioffe & Szegedy 2015, figure 1: batch normalisation on a small net of sigmoids.
--
-- 784-100-100-100-10, weights small and Gaussian, batches of 60 of MNIST (here the part that ships with Sonde), cross-entropy,
-- plain SGD, with and without batch normalisation before each sigmoid. Two things are told as training goes on: the accuracy on
-- the test part, and the {15, 50, 85} percentiles over the batch of one typical input to the last sigmoid. With batch
-- normalisation training is faster and the distribution stands; without, it drifts.
--
--   sonde scripts/experiments/ioffe-szegedy.lua              10 000 steps
--   sonde scripts/experiments/ioffe-szegedy.lua --steps n    so many; the paper has 50 000
--   sonde scripts/experiments/ioffe-szegedy.lua --short      600 steps; status 1 if batch normalisation does not help

local STEPS = 10000
local short = arg[1] == "--short"
if short then
  STEPS = 600
elseif arg[1] == "--steps" and math.tointeger(tonumber(arg[2] or "")) and tonumber(arg[2]) >= 20 then
  STEPS = math.tointeger(tonumber(arg[2]))
elseif arg[1] then
  io.stderr:write(
    "ioffe-szegedy.lua: expected --short or --steps with a whole number from 20, got ", table.concat(arg, " "), "\n")
  os.exit(1)
end

local BATCH, RATE, STD, UNIT = 60, 0.1, 0.1, 1
local MARKS = 20

--- The net; `tap.input` is what enters the last sigmoid in every forward.
local function build(norm, tap)
  local layers, width = {}, 784
  local function hidden(last)
    layers[#layers + 1] = nn.Linear(width, 100, { init = ("normal(%g)"):format(STD) })
    if norm then layers[#layers + 1] = nn.BatchNorm(100) end
    if last then
      layers[#layers + 1] = nn.layer{
        name = "Tap", outputs = 100, forward = function(_, x)
          tap.input = x:detach()
          return x
        end,
      }
    end
    layers[#layers + 1] = nn.Sigmoid()
    width = 100
  end
  for layer = 1, 3 do hidden(layer == 3) end
  layers[#layers + 1] = nn.Linear(100, 10, { init = ("normal(%g)"):format(STD) })
  return nn.Sequential(layers)
end

--- Trains a net and tells at each mark how it stands: step, accuracy, and the three percentiles.
local function train(norm, digits, test)
  sonde.seed(1)
  local tap = {}
  local net = build(norm, tap)
  local optimiser = optim.SGD(net, { lr = RATE })
  local marks, step = {}, 0
  while step < STEPS do
    for x, t in digits:batches(BATCH, { shuffle = true }) do
      net:zero_grad()
      nn.cross_entropy(net(x), t):backward()
      optimiser:step()
      step = step + 1
      if step % (STEPS // MARKS) == 0 then
        local unit = tap.input[{ {}, UNIT }]
        local accuracy = net:evaluate(test).accuracy
        marks[#marks + 1] = { step = step, accuracy = accuracy, percentiles = unit:quantile{ 0.15, 0.5, 0.85 }:totable() }
      end
      if step == STEPS then break end
    end
  end
  return marks
end

--- How far the median has moved between the marks, on average, in units of the mean distance of the outer percentiles.
local function drift(marks)
  local moved, spread = 0, 0
  for i, mark in ipairs(marks) do
    spread = spread + mark.percentiles[3] - mark.percentiles[1]
    if i > 1 then moved = moved + math.abs(mark.percentiles[2] - marks[i - 1].percentiles[2]) end
  end
  return moved / (#marks - 1) / (spread / #marks)
end

local digits, test = data.mnist()
print(("784-100-100-100-10 sigmoids, normal(%g), SGD of rate %g, batches of %d of %d digits, %d for testing"):format(
  STD, RATE, BATCH, #digits, #test))
local without, with = train(false, digits, test), train(true, digits, test)

print("\n          test accuracy         one input to the last sigmoid: 15, 50, 85 %")
print("   step   without    with       without                  with batch norm")
for i, mark in ipairs(without) do
  local other = with[i]
  print(("%7d    %.3f     %.3f    %6.2f %6.2f %6.2f     %6.2f %6.2f %6.2f"):format(
    mark.step, mark.accuracy, other.accuracy, mark.percentiles[1], mark.percentiles[2], mark.percentiles[3],
    other.percentiles[1], other.percentiles[2], other.percentiles[3]))
end
print(("\nMean step of the median from mark to mark, beside the width from 15 to 85 %%: without %.3f, with %.3f"):format(
  drift(without), drift(with)))

--- The mean accuracy over the marks: who learns faster has more of it, though both may end alike.
local function mean_accuracy(marks)
  local sum = 0
  for _, mark in ipairs(marks) do sum = sum + mark.accuracy end
  return sum / #marks
end

print(("Mean test accuracy over the marks: without %.3f, with %.3f"):format(mean_accuracy(without), mean_accuracy(with)))
if mean_accuracy(without) >= mean_accuracy(with) then
  print("\nBatch normalisation has not helped.")
  os.exit(1)
end
