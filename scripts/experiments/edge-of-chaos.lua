-- The phase diagram of tanh (Poole et al. 2016; Schoenholz et al. 2017): what theory predicts, and what nets measure.
--
-- With weights of variance sw2/n and biases of variance sb2 the variance of preactivations settles at q*, and a gradient's mean
-- square is multiplied by chi with each layer on its way back. chi < 1 is order: all inputs become one, gradients vanish. chi > 1
-- is chaos: near inputs part, gradients explode. Between them lies the edge, chi = 1, where signals go deepest.
--
--   sonde scripts/experiments/edge-of-chaos.lua            a grid of 12 by 4 nets of 20 layers of 500 units, with a picture
--   sonde scripts/experiments/edge-of-chaos.lua --short    a smaller grid; status 1 where prediction and measurement differ

local short = arg[1] == "--short"
if arg[1] and not short then
  io.stderr:write("edge-of-chaos.lua: unknown option '", arg[1], "'; there is --short\n")
  os.exit(1)
end

local WIDTH, DEPTH, SAMPLES = short and 250 or 500, short and 12 or 20, short and 50 or 100
local WEIGHTS = short and { 0.5, 1.761, 4 } or { 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.761, 2, 2.5, 3, 4, 5 }
local BIASES = short and { 0.05, 0.3 } or { 0.01, 0.05, 0.15, 0.3 }
-- of q* (6 %, and 8 % at the smaller width), and of the gradient's factor per layer (1.5 % of its root, by its scatter over layers)
local Q_TOLERANCE, CHI_TOLERANCE = short and 0.08 or 0.06, short and 0.06 or 0.04

local function say(...) print(string.format(...)) end

--- A net of tanh layers with normal weights of variance sw2/n and normal biases of variance sb2.
local function build(sw2, sb2)
  local net = nn.mlp{
    inputs = WIDTH, width = WIDTH, depth = DEPTH, activation = "tanh", init = ("normal(%.17g)"):format(math.sqrt(sw2 / WIDTH)),
  }
  for layer = 1, DEPTH do net[layer].linear.bias:copy_(sonde.randn(WIDTH) * math.sqrt(sb2)) end
  return net
end

--- The variance of preactivations in the second half, and the factor of the gradient's mean square per layer there.
local function measure(sw2, sb2, q)
  -- the input begins at the fixed point, so that few layers are enough
  local x = sonde.randn(SAMPLES, WIDTH) * math.sqrt(math.max(q - sb2, 1e-12) / sw2)
  local report = build(sw2, sb2):probe(x, { percentiles = {}, bins = 4 })
  local half, sum = DEPTH // 2, 0
  for layer = half + 1, DEPTH do sum = sum + report[layer].preactivation.rms ^ 2 end
  local growth = (report[half].gradient.rms / report[DEPTH].gradient.rms) ^ (2 / (DEPTH - half))
  return sum / (DEPTH - half), growth, report[DEPTH].activation.cosine
end

sonde.seed(1)
say("tanh, %d layers of %d units; measured / predicted", DEPTH, WIDTH)
print("  sw2    sb2   q*                  chi                 xi_c    phase     cosine at the end")
local agrees, chi = true, {}
for row, sb2 in ipairs(BIASES) do
  chi[row] = {}
  for column, sw2 in ipairs(WEIGHTS) do
    local point = theory.fixed_point("tanh", { sigma_w2 = sw2, sigma_b2 = sb2 })
    local q, growth, cosine = measure(sw2, sb2, point.q)
    local right = math.abs(q / point.q - 1) <= Q_TOLERANCE and math.abs(growth / point.chi - 1) <= CHI_TOLERANCE
    local phase = math.abs(point.chi - 1) < 0.005 and "edge" or point.chi < 1 and "order" or "chaos"
    say("%5.3f  %5.2f   %7.4f / %7.4f   %7.4f / %7.4f   %6.1f  %-6s  %.3f%s", sw2, sb2, q, point.q, growth, point.chi,
      math.min(point.xi_c, 9999), phase, cosine, right and "" or "   DIFFERS")
    chi[row][column] = growth
    agrees = agrees and right
  end
end

print("\nThe edge, chi = 1, by root finding:")
for _, sb2 in ipairs(BIASES) do
  local edge = theory.edge_of_chaos("tanh", { sigma_b = math.sqrt(sb2) })
  say("  sb2 %.2f: sw2 %.5f, q* %.4f, %s", sb2, edge.sigma_w ^ 2, edge.q, edge.stable and "stable" or "unstable")
end

-- Schoenholz et al. 2017, figure 1: the boundary at sb2 = 0.05.
local known = theory.edge_of_chaos("tanh", { sigma_b = math.sqrt(0.05) })
agrees = agrees and math.abs(known.sigma_w ^ 2 - 1.76095) < 1e-4 and math.abs(known.q - 0.57005) < 1e-4

if not short and plot and plot.heatmap then
  plot.heatmap(sonde.tensor(chi), { title = "chi measured: rows sb2, columns sw2" })
end
if not agrees then
  print("\nPrediction and measurement DIFFER.")
  os.exit(1)
end
print("\nPrediction and measurement agree.")
