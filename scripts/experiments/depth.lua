-- How deep can a plain net be? 10 to 100 layers, with and without what was invented for depth, a short training each.
--
-- For every combination: how the activations' std changes from the first to the last hidden layer at initialisation, in decades,
-- how large the gradient at the first layer is beside that at the last, and the accuracy on the training digits afterwards.
-- A net learns here when it gets at least half of them right: chance is a tenth.
--
--   sonde scripts/experiments/depth.lua            10, 20, 50 and 100 layers of 100 units, 10 epochs of the digits
--   sonde scripts/experiments/depth.lua --short    10 and 30 layers of 50 units, 2 epochs

local short = arg[1] == "--short"
if arg[1] and not short then
  io.stderr:write("depth.lua: unknown option '", arg[1], "'; there is --short\n")
  os.exit(1)
end

local DEPTHS = short and { 10, 30 } or { 10, 20, 50, 100 }
local WIDTH, EPOCHS = short and 50 or 100, short and 2 or 10

local COMBINATIONS = {
  { "normal(0.01)", init = "normal(0.01)" },
  { "normal(0.01), batch norm", init = "normal(0.01)", norm = "batch" },
  { "he_normal", init = "he_normal" },
  { "he_normal, batch norm", init = "he_normal", norm = "batch" },
  { "he_normal, layer norm", init = "he_normal", norm = "layer" },
  { "he_normal, residual", init = "he_normal", residual = true, scaled = true },
  { "he_normal, residual, batch norm", init = "he_normal", residual = true, norm = "batch" },
  { "tanh, orthogonal", activation = "tanh", init = "orthogonal" },
  { "tanh, xavier_normal", activation = "tanh", init = "xavier_normal" },
}

local function build(combination, depth)
  return nn.mlp{
    inputs = 64, width = WIDTH, depth = depth, outputs = 10, seed = 1, init = combination.init,
    activation = combination.activation or "relu", norm = combination.norm, residual = combination.residual,
    residual_scale = combination.scaled and math.sqrt(1 / depth) or nil,
  }
end

--- Decades between two sizes; 'ended' where one of them is 0 or no number.
local function decades(from, to)
  local ratio = to / from
  if ratio ~= ratio or ratio <= 0 or ratio == math.huge then return "ended" end
  return ("%+.1f"):format(math.log(ratio, 10))
end

--- The signal and the gradient of a fresh net on a batch, in words.
local function survey(net, batch, depth)
  local report = net:probe(batch.inputs, { target = batch.targets, loss = "cross_entropy", percentiles = {}, bins = 8 })
  return decades(report[1].activation.std, report[depth].activation.std),
    decades(report[depth].gradient.rms, report[1].gradient.rms)
end

--- The accuracy on the training part after a training; a net whose loss has left the numbers has learned nothing.
local function train(net, digits)
  local optimiser = optim.SGD(net, { lr = 0.01, momentum = 0.9 })
  local ok = pcall(net.fit, net, { train = digits, optimizer = optimiser, batch = 60, epochs = EPOCHS, progress = false })
  return ok and net:evaluate(digits).accuracy or 0
end

sonde.seed(1)
local digits, rest = data.digits()
local batch = rest
print(("%-33s %6s  %8s  %8s  %8s"):format("", "layers", "std h", "gradient", "accuracy"))
local learned = {}
for _, combination in ipairs(COMBINATIONS) do
  for place, depth in ipairs(DEPTHS) do
    local net = build(combination, depth)
    local signal, gradient = survey(net, batch, depth)
    local accuracy = train(net, digits)
    local name = place == 1 and combination[1] or ""
    print(("%-33s %6d  %8s  %8s  %8.3f%s"):format(name, depth, signal, gradient, accuracy, accuracy >= 0.5 and "  learns" or ""))
    if accuracy >= 0.5 then learned[combination[1]] = depth end
  end
end
print("\nstd h: decades from the first hidden layer to the last; gradient: decades from the last to the first.")
print("\nDeepest net that learns:")
for _, combination in ipairs(COMBINATIONS) do
  print(("  %-33s %s"):format(combination[1], learned[combination[1]] or "none of these"))
end
