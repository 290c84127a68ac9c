-- Finite width: the mean field is the limit of wide layers; n units make the signal's size drift and scatter (Hanin & Rolnick 2018).
--
-- A layer of n ReLU units has the mean of n squares for E phi^2, whose kurtosis is 6: the logarithm of one sample's mean square falls
-- behind by 5/(2n) nats a layer on the mean, and scatters from draw to draw of the weights with a variance of 5/n a layer. So depth
-- over width, L/n, says how far a net is from its prediction.
--
--   sonde scripts/experiments/width.lua            widths 25 to 400, 10 and 20 layers, 400 draws each
--   sonde scripts/experiments/width.lua --short    fewer; status 1 where drift or scatter differ from the law

local short = arg[1] == "--short"
if arg[1] and not short then
  io.stderr:write("width.lua: unknown option '", arg[1], "'; there is --short\n")
  os.exit(1)
end

local CASES = short and { { 50, 10, 150 }, { 100, 10, 100 } }
  or { { 25, 10, 400 }, { 50, 10, 400 }, { 100, 10, 400 }, { 200, 10, 400 }, { 400, 10, 200 }, { 100, 20, 400 }, { 200, 20, 400 } }

local function say(...) print(string.format(...)) end

--- The logarithm of the mean square of the last layer for one sample, less that of the mean field, for draws of the weights.
local function draw(width, depth, count)
  local net = nn.mlp{ inputs = width, width = width, depth = depth, bias = false, init = "he_normal" }
  local x = sonde.randn(1, width)
  -- he_normal keeps the mean square of preactivations at twice that of the input
  local start = x:pow(2):mean():item()
  local logs = {}
  for i = 1, count do
    net:init("he_normal")
    logs[i] = math.log(net(x):pow(2):mean():item() / start)
  end
  return sonde.tensor(logs, { dtype = "float64" })
end

sonde.seed(1)
print("            ln of the mean square: mean              standard deviation")
print("width depth   measured          law        measured  law     5L/2n")
local agrees = true
for _, case in ipairs(CASES) do
  local width, depth, count = table.unpack(case)
  local prediction = theory.predict{ inputs = width, width = width, depth = depth, init = "he_normal" }
  local logs = sonde.no_grad(function() return draw(width, depth, count) end)
  local mean, sd = logs:mean():item(), logs:std():item()
  -- the mean of so many draws, and what is beyond the first order in 1/n: a tenth for these widths, a fifth below 50
  local margin = width < 50 and 0.2 or 0.1
  local error = sd / math.sqrt(count)
  local right = math.abs(mean - prediction.drift) <= 3.5 * error + margin * math.abs(prediction.drift)
    and math.abs(sd / prediction.drift_spread - 1) <= 3.5 / math.sqrt(2 * count) + margin
  say("%5d %5d   %7.3f +- %.3f  %7.3f   %6.3f  %6.3f   %.3f%s", width, depth, mean, error, prediction.drift, sd,
    prediction.drift_spread, 5 * depth / (2 * width), right and "" or "   DIFFERS")
  agrees = agrees and right
end
if not agrees then
  print("\nDrift and scatter DIFFER from the law.")
  os.exit(1)
end
print("\nDrift and scatter agree with the law.")
