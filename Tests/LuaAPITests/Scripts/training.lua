-- Training: fit, evaluate, optimisers that follow surgery, data.
local train, test = data.digits()
assert(#train == 1437 and #test == 360 and train.classes == 10)
local pair = train[1]
assert(pair[1].shape[1] == 64 and pair[2] >= 1 and pair[2] <= 10)
assert(train.inputs:max():item() == 1 and train.inputs:min():item() == 0)

local net = nn.mlp{ inputs = 64, width = 32, depth = 2, outputs = 10, norm = "batch", seed = 1 }
local optimizer = optim.SGD(net, { lr = 0.1, momentum = 0.9 })
local steps, epochs = 0, 0
local h = net:fit{
  train = train, test = test, optimizer = optimizer, epochs = 3, generator = sonde.generator(1), progress = false,
  on_step = function(s)
    steps = steps + 1
    assert(s.step == steps and s.loss > 0)
  end,
  on_epoch = function(e)
    epochs = epochs + 1
    assert(e.epoch == epochs and e.accuracy > 0.5)
  end,
}
assert(steps == 3 * 24 and epochs == 3 and #h.losses == steps and #h.loss == 3 and h.stopped == "completed")
assert(h.accuracy[3] > 0.9 and h.loss[3] < h.loss[1])
local measured = net:evaluate(test)
assert(measured.accuracy == h.accuracy[3] and net.training)

-- false from a callback ends the training.
local short = net:fit{ train = train, optimizer = optimizer, steps = 50, progress = false, on_step = function(s) return s.step < 5 end }
assert(#short.losses == 5 and short.stopped == "stopped")

-- The optimiser follows surgery: momentum of what stays is kept, parameters that go are left alone.
local frozen = net[1].norm.weight:clone()
net:batchnorm("off")
net:fit{ train = train, optimizer = optimizer, steps = 3, progress = false }
net:batchnorm(true)
assert(net[1].norm.weight:eq(frozen):all():item())

-- The same seeds give the same training, bit for bit.
local function once()
  local same = nn.mlp{ inputs = 64, width = 16, depth = 2, outputs = 10, norm = "batch", seed = 4 }
  local losses = same:fit{ train = train, optimizer = optim.SGD(same, { lr = 0.1 }), steps = 20, generator = sonde.generator(2), progress = false }.losses
  return losses[20]
end
assert(once() == once())

-- A loop of the user's own.
local loop = nn.mlp{ inputs = 64, width = 16, depth = 1, outputs = 10, seed = 2 }
local sgd = optim.SGD(loop, { lr = 0.5 })
local first, last
for x, y in train:batches(100, { shuffle = true, generator = sonde.generator(3) }) do
  loop:zero_grad()
  local loss = nn.cross_entropy(loop(x), y)
  loss:backward()
  sgd:step()
  first, last = first or loss:item(), loss:item()
end
assert(last < first)

-- NaN in the data is told, not trained on.
local bad = sonde.randn(10, 64)
bad[{ 3, 7 }] = 0 / 0
local ok, message = pcall(data.dataset, bad, sonde.randint(1, 10, { 10 }))
assert(not ok and message:find("NaN", 1, true), message)
local a, b = train:split(0.8)
assert(#a + #b == #train and math.abs(#a - 0.8 * #train) <= 1)
print("ok")
