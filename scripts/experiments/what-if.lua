-- The tour: a net that dies, what is wrong with it, what theory says, what would help, and the cure on the living net.
--
-- A plain net of 20 layers of 100 ReLU units with weights 0.01*randn loses its signal on the way up and its gradient on the way
-- down. The probe shows it, the diagnosis says it in words, the theory predicts it, and net:whatif tries every cure on copies
-- under the same random numbers before one is put into the net itself, from where undo takes it back bit for bit.
--
--   sonde scripts/experiments/what-if.lua                      20 layers of 100 units, 1000 samples
--   sonde scripts/experiments/what-if.lua --short              10 layers of 64 units, 200 samples
--   sonde scripts/experiments/what-if.lua --plot figure.svg    the variants as curves as well, into a file
--
-- Each step is held to what it claims; status 1 where one does not hold.

local short, picture = false, nil
do
  local place = 1
  while arg[place] do
    if arg[place] == "--short" then
      short = true
    elseif arg[place] == "--plot" and arg[place + 1] then
      place = place + 1
      picture = arg[place]
    else
      io.stderr:write("what-if.lua: unknown option '", arg[place], "'; there are --short and --plot file\n")
      os.exit(1)
    end
    place = place + 1
  end
end

local DEPTH, WIDTH, SAMPLES = short and 10 or 20, short and 64 or 100, short and 200 or 1000
local holds = true

local function say(...) print(string.format(...)) end

--- Tells a claim and whether it holds.
local function claim(what, is_so)
  say("  %s %s", is_so and "holds:" or "DOES NOT HOLD:", what)
  holds = holds and is_so
end

--- The factor per layer between the first and the last hidden layer.
local function factor(column) return (column[DEPTH] / column[1]) ^ (1 / (DEPTH - 1)) end

sonde.seed(1)
local x = sonde.randn(SAMPLES, WIDTH)
local net = nn.mlp{ inputs = WIDTH, width = WIDTH, depth = DEPTH, bias = false, init = "normal(0.01)" }

-- MARK: What is wrong

print("1. One forward and one backward, measured at every layer:\n")
local report = net:probe(x)
print(report)
local first = report:diagnose()[1]
claim("the diagnosis names vanishing activations, and he_normal as the cure",
  first and first.kind == "vanishing_activations" and first.text:find("he_normal", 1, true) ~= nil)

print("\n2. What theory says of the std of h, and what was measured:\n")
local prediction = report:theory()
local expected = 0.01 * math.sqrt(WIDTH / 2)
say("  factor per layer: measured %.4f, predicted sigma*sqrt(n/2) = %.4f", factor(report:column("activation.std")), expected)
say("  last layer: measured %.2e, predicted %.2e", report[DEPTH].activation.std, prediction[DEPTH].activation.std)
-- a product of random layers scatters: the tolerances are those of one net of this width and depth
claim("the factor is within 10 %", math.abs(factor(report:column("activation.std")) / expected - 1) < 0.1)
claim("the last layer is within 1.1 decades", math.abs(math.log(report[DEPTH].activation.std / prediction[DEPTH].activation.std, 10)) < 1.1)

-- MARK: What if

print("\n3. What if? Every cure on a copy, under the same random numbers:\n")
local w = net:whatif(x, {
  batchnorm = { "off", "before", "after" }, init = { "normal(0.01)", "xavier_normal", "he_normal", "orthogonal" },
})
print(w)
w:plot{ variants = { 1, w["batchnorm=off init=he_normal"].number, w["batchnorm=after init=normal(0.01)"].number } }
if picture then w:plot(picture) end

local after = w["batchnorm=after init=normal(0.01)"].report
local before = w["batchnorm=before init=normal(0.01)"].report
claim("without a cure the std of h falls by more than 8 decades", w:column("activation.flatness")[1] > 8)
claim("he_normal holds it within one decade", w:column("activation.flatness")[w["batchnorm=off init=he_normal"].number] < 1)
local least, most = math.huge, 0
for _, std in ipairs(after:column("activation.std")) do least, most = math.min(least, std), math.max(most, std) end
claim("batch norm after the ReLU holds it at 1, whatever the weights", least > 0.9 and most < 1.1)

local growth = (before[1].gradient.rms / before[DEPTH].gradient.rms) ^ (2 / (DEPTH - 1))
local predicted = theory.growth("relu", { batch = SAMPLES })
say("\n  |dL/dh|^2 grows towards the input under batch norm: measured %.3f a layer, predicted %.3f (pi/(pi-1) = 1.467)", growth, predicted)
claim("batch norm makes gradients grow by that factor, within 6 %", math.abs(growth / predicted - 1) < 0.06)
local best = w:best("gradient.flatness")
say("\n  flattest gradients: %s", best.name)
claim("they are those of a net without batch norm", best.settings.batchnorm == "off")
claim("he_normal's gradients stay within one decade", w:column("gradient.flatness")[w["batchnorm=off init=he_normal"].number] < 1)

-- MARK: The cure

print("\n4. The cure on the living net, beside what it was:\n")
local weights = net:state()
net:init("he_normal", { seed = w.seed })
sonde.compare({ before = report, after = net:probe(x) }, { base = "before" })
say("\nhistory: %s", table.concat(net:history(), ", "))
net:undo()
local same = true
for name, tensor in pairs(weights) do same = same and tensor:eq(net:state()[name]):all():item() end
claim("undo brings every weight back, bit for bit", same and #net:history() == 0)

if not holds then
  print("\nA step does not do what it claims.")
  os.exit(1)
end
print("\nEvery step does what it claims.")
