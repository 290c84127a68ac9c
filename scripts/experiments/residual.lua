-- Residual connections: how the signal grows through blocks, as De & Smith 2020 predict, and what depth they let learn.
--
-- A block adds its branch to its input: y = x + scale f(x). At initialisation input and branch are uncorrelated, so that their
-- variances add up. With batch normalisation on the branch, f has variance 1 whatever comes in: after l blocks the variance
-- is 1 + l, and block l adds a share of 1/(l + 1), less and less: the net begins as a shallow one. Without, f has the
-- variance of its input, which doubles with each block. A scale of sqrt(1/L) on each of L branches holds it below e.
--
--   sonde scripts/experiments/residual.lua            variances at width 512, then training on the digits
--   sonde scripts/experiments/residual.lua --short    the same, smaller; status 1 where prediction and measurement differ

local short = arg[1] == "--short"
if arg[1] and not short then
  io.stderr:write("residual.lua: unknown option '", arg[1], "'; there is --short\n")
  os.exit(1)
end

local WIDTH, BLOCKS, SAMPLES = short and 256 or 512, short and 8 or 16, 512
-- of a variance at this width, by its own scatter
local TOLERANCE = short and 0.2 or 0.15

local function say(...) print(string.format(...)) end

--- A stack of residual blocks of [norm], ReLU, Linear on an input of that width.
local function stack(settings)
  local layers = {}
  for block = 1, settings.blocks do
    local branch = settings.norm and { nn.BatchNorm(settings.width) } or {}
    branch[#branch + 1] = nn.ReLU()
    branch[#branch + 1] = nn.Linear(settings.width, settings.width, { init = "he_normal", bias = false })
    layers[block] = nn.Residual(branch, { scale = settings.scale or 1 })
  end
  return layers
end

-- MARK: Variances

local CASES = {
  { name = "batch norm on the branch", norm = true, predict = function(l) return 1 + l end, law = "1 + l" },
  { name = "no normalisation", predict = function(l) return 2 ^ l end, law = "2^l" },
  {
    name = "branches times sqrt(1/L)", scale = math.sqrt(1 / BLOCKS),
    predict = function(l) return (1 + 1 / BLOCKS) ^ l end, law = "(1 + 1/L)^l",
  },
}

--- The variance of the output of each block of a fresh stack.
local function variances(case)
  local net = nn.Sequential(stack{ blocks = BLOCKS, width = WIDTH, norm = case.norm, scale = case.scale })
  return net:probe(sonde.randn(SAMPLES, WIDTH), { percentiles = {}, bins = 8 }):column("activation.variance")
end

local function compare(case)
  say("\n%s: the variance after l blocks is %s", case.name, case.law)
  print("  l    measured   predicted   share of block l")
  local measured, worst, before = variances(case), 0, 1
  for l, variance in ipairs(measured) do
    worst = math.max(worst, math.abs(variance / case.predict(l) - 1))
    if l <= 4 or l % 4 == 0 then
      say("%3d  %10.4g  %10.4g   %.3f", l, variance, case.predict(l), 1 - before / variance)
    end
    before = variance
  end
  say("largest difference %.1f %%", 100 * worst)
  return worst <= TOLERANCE
end

-- MARK: Training

--- Trains a net on the digits; its accuracy on the test part.
local function accuracy(net, train, test)
  local optimiser = optim.SGD(net, { lr = 0.05, momentum = 0.9 })
  net:fit{ train = train, test = test, optimizer = optimiser, batch = 60, epochs = short and 2 or 10, progress = false }
  return net:evaluate(test).accuracy
end

local function training()
  local train, test = data.digits()
  local depth = short and 12 or 40
  say("\nAccuracy on the digits, %d layers of 64 units, he_normal, SGD of momentum 0.9:", depth)
  for _, row in ipairs{
    { "plain" }, { "residual", residual = true, residual_scale = math.sqrt(1 / depth) },
    { "plain, batch norm", norm = "batch" }, { "residual, batch norm", residual = true, norm = "batch" },
  } do
    local net = nn.mlp{
      inputs = 64, width = 64, depth = depth, outputs = 10, seed = 1, norm = row.norm, residual = row.residual,
      residual_scale = row.residual_scale,
    }
    say("  %-22s %.3f", row[1], accuracy(net, train, test))
  end
end

sonde.seed(1)
say("%d residual blocks of width %d at initialisation, %d samples", BLOCKS, WIDTH, SAMPLES)
local agrees = true
for _, case in ipairs(CASES) do agrees = compare(case) and agrees end
training()
if not agrees then
  say("\nA variance is more than %.0f %% from its prediction.", 100 * TOLERANCE)
  os.exit(1)
end
