-- Auxiliary classifiers: what they do to the gradients of early layers, and to training.
--
-- In a deep net with small weights the gradient of the loss dies on its way down. A classifier in the middle (Szegedy et al.
-- 2015, section 5) has a loss of its own, added with a weight: the layers below it get a gradient that has come through fewer
-- layers. It does not help the layers above, and says nothing on whether the last output learns.
--
--   sonde scripts/experiments/auxiliary.lua            20 layers of 100 units, training on the digits
--   sonde scripts/experiments/auxiliary.lua --short    12 layers of 50 units; status 1 where early gradients don't come back

local short = arg[1] == "--short"
if arg[1] and not short then
  io.stderr:write("auxiliary.lua: unknown option '", arg[1], "'; there is --short\n")
  os.exit(1)
end

local DEPTH, WIDTH, EPOCHS = short and 12 or 20, short and 50 or 100, short and 2 or 10
local PLACES = short and { 4, 8 } or { 5, 10, 15 }
local WEIGHT = 0.3

local function say(...) print(string.format(...)) end

local function build(init, places)
  local net = nn.mlp{ inputs = 64, width = WIDTH, depth = DEPTH, outputs = 10, init = init, seed = 1 }
  for _, place in ipairs(places) do net:add_auxiliary(place, nn.Linear(WIDTH, 10), { weight = WEIGHT }) end
  return net
end

-- MARK: Gradients

--- The rms of dL/dh behind every hidden layer, for the loss with the auxiliary losses.
local function gradients(net, batch)
  return net:probe(batch.inputs, { target = batch.targets, loss = "cross_entropy", percentiles = {}, bins = 8 })
    :column("gradient.rms")
end

--- Prints both lists, and answers how many times larger the gradient of the first layer has become.
local function compare(init, batch)
  local without, with = gradients(build(init, {}), batch), gradients(build(init, PLACES), batch)
  say("\n%s: rms of dL/dh", init)
  print("layer     without        with       times")
  for layer = 1, DEPTH do
    if layer <= 3 or layer % 2 == 0 then
      local mark = ""
      for _, place in ipairs(PLACES) do if place == layer then mark = "  classifier" end end
      say("%5d  %10.3g  %10.3g  %10.3g%s", layer, without[layer], with[layer], with[layer] / without[layer], mark)
    end
  end
  return with[1] / without[1]
end

-- MARK: Training

local function accuracy(net, train, test)
  local optimiser = optim.SGD(net, { lr = 0.02, momentum = 0.9 })
  net:fit{ train = train, optimizer = optimiser, batch = 60, epochs = EPOCHS, progress = false }
  return net:evaluate(test).accuracy
end

sonde.seed(1)
local train, test = data.digits()
say("%d hidden layers of %d units; classifiers after %s, each of weight %g", DEPTH, WIDTH, table.concat(PLACES, ", "), WEIGHT)
local gain = compare("normal(0.05)", test)
compare("he_normal", test)
say("\nAccuracy on the test digits after %d epochs:", EPOCHS)
for _, init in ipairs{ "normal(0.05)", "he_normal" } do
  say("  %-14s without %.3f   with %.3f", init, accuracy(build(init, {}), train, test),
    accuracy(build(init, PLACES), train, test))
end
if not (gain > 100) then
  say("\nThe gradient of the first layer has become %g times larger; more than 100 was expected.", gain)
  os.exit(1)
end
