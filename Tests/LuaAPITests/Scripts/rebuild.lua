-- net:rebuild: nets of another depth or width after a living one, which stays as it is.
local function same(a, b) return a:eq(b):all():item() end
local function equal(a, b, what) assert(a == b, ("%s: %s, expected %s"):format(what or "value", tostring(a), tostring(b))) end

local function fails(text, f, ...)
  local ok, message = pcall(f, ...)
  assert(not ok, "no error: " .. text)
  message = message:gsub("^[^:]+%.lua:%d+: ", "")
  if message ~= text then error("expected: " .. text .. "\n     got: " .. message, 2) end
end

local function kinds(net)
  local list = {}
  for place, layer in ipairs(net) do list[place] = tostring(layer) end
  return table.concat(list, " | ")
end

sonde.seed(2)
local x = sonde.randn(30, 6)

-- Deeper: the first layers and the head keep their weights, those beyond are as the last one.
local net = nn.mlp{ inputs = 6, width = 8, depth = 3, outputs = 2, norm = "batch", dropout = 0.1, seed = 1 }
equal(net.depth, 3)
equal(net.width, 8)
net(x)
net:activation("tanh"):batchnorm("after", { eps = 0.5, momentum = 0.2 }):init("lecun_normal", { seed = 4 })
local before = net:state()
local deep = net:rebuild{ depth = 5, seed = 9 }
equal(#deep, 6)
equal(deep.depth, 5)
equal(kinds(net), kinds(net:rebuild()))
for name, tensor in pairs(before) do
  assert(same(net:state()[name], tensor), name)
  assert(same(deep:state()[name], tensor), name)
end
for place = 4, 5 do
  local block = deep[place]
  equal(tostring(block), "Block(Linear(8 -> 8), Tanh, BatchNorm(8), Dropout(0.1))")
  equal(block.norm.eps, 0.5)
  equal(block.norm.momentum, 0.2)
  assert(same(block.norm.running_mean, sonde.zeros(8)) and same(block.norm.weight, sonde.ones(8)))
  assert(same(block.linear.bias, sonde.zeros(8)))
end
assert(not same(deep[4].linear.weight, deep[5].linear.weight))
equal(#deep:history(), 0)
-- off and on again: the new blocks have their normalisation where it stood before it went off, too
equal(deep:batchnorm("off"):batchnorm(true):batchnorm(), "after")
equal(net:batchnorm("off"):rebuild{ depth = 4 }:batchnorm(true):batchnorm(), "after")
net:undo()

-- The copy is a net of its own: it trains, and the old one stays.
local opt = optim.SGD(deep, { lr = 0.1 })
nn.mse(deep(x), sonde.zeros(30, 2)):backward()
opt:step()
assert(same(net[1].linear.weight, before["0.linear.weight"]) and not same(deep[1].linear.weight, before["0.linear.weight"]))
assert(net[1].linear.weight.grad == nil)

-- Shallower: what goes, goes from the end.
local shallow = net:rebuild{ depth = 1 }
equal(#shallow, 2)
assert(same(shallow[1].linear.weight, net[1].linear.weight) and same(shallow[2].weight, net[4].weight))
equal(net:rebuild{ depth = 3 }:count(), net:count())

-- The n-th Linear draws the same numbers at any depth, the head too; another seed draws others.
local plain = nn.mlp{ inputs = 6, width = 8, depth = 2, outputs = 2, seed = 1 }
local four, seven = plain:rebuild{ depth = 4, seed = 5 }, plain:rebuild{ depth = 7, seed = 5 }
for place = 1, 4 do assert(same(four[place].linear.weight, seven[place].linear.weight), place) end
assert(not same(four[3].linear.weight, plain:rebuild{ depth = 3, seed = 6 }[3].linear.weight))
four, seven = plain:rebuild{ depth = 4, init = "orthogonal", seed = 5 }, plain:rebuild{ depth = 7, init = "orthogonal", seed = 5 }
for place = 1, 4 do assert(same(four[place].linear.weight, seven[place].linear.weight), place) end
assert(same(four[5].weight, seven[8].weight) and not same(four[1].linear.weight, plain[1].linear.weight))
local q = four[2].linear.weight:detach():to("float64")
assert((q:mm(q:t()) - sonde.eye(8, { dtype = "float64" })):abs():max():item() < 1e-6)
-- without a seed, the session's generator decides
sonde.seed(8)
local first = plain:rebuild{ depth = 3 }[3].linear.weight
assert(not same(first, plain:rebuild{ depth = 3 }[3].linear.weight))
sonde.seed(8)
assert(same(first, plain:rebuild{ depth = 3 }[3].linear.weight))

-- New weights have the variance that the initialiser says: He 2/n, Glorot 1/n, PyTorch's default 1/(3n).
local function variance(net) return net:rebuild{ depth = 2, seed = 3 }[-1].linear.weight:var():item() end
local function near(value, expected) assert(math.abs(value / expected - 1) < 0.03, value .. " " .. expected) end
near(variance(nn.mlp{ inputs = 200, width = 200, depth = 1 }), 2 / 200)
near(variance(nn.mlp{ inputs = 200, width = 200, depth = 1, activation = "tanh" }), 1 / 200)
near(variance(nn.mlp{ inputs = 200, width = 200, depth = 1, init = "normal(0.3)" }), 0.09)
near(variance(nn.mlp{ inputs = 200, width = 200, depth = 1, activation = "leaky_relu", init = { "lecun_normal", gain = "torch" } }),
  2 / (1 + 1e-4) / 200)
local torch = nn.Sequential{ nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 3) }:rebuild{ depth = 2, seed = 3 }
near(torch[3].weight:var():item(), 1 / 600)
assert(torch[3].bias:abs():max():item() > 0.05 and torch[3].bias:abs():max():item() <= 1 / math.sqrt(200))

-- Width: everything hidden anew, what goes in and out stays.
local wide = net:rebuild{ width = 20, seed = 1 }
equal(kinds(wide), "Block(Linear(6 -> 20), Tanh, BatchNorm(20), Dropout(0.1)) | Block(Linear(20 -> 20), Tanh, BatchNorm(20), "
  .. "Dropout(0.1)) | Block(Linear(20 -> 20), Tanh, BatchNorm(20), Dropout(0.1)) | Linear(20 -> 2)")
equal(wide.width, 20)
equal(wide[3].norm.eps, 0.5)
equal(wide(x).shape[2], 2)
assert(same(net:rebuild{ width = 8 }[2].linear.weight, net[2].linear.weight), "its own width")
local both = net:rebuild{ width = 4, depth = 6, seed = 1 }
equal(both.depth, 6)
equal(both.width, 4)
equal(tostring(both[7]), "Linear(4 -> 2)")
-- a head whose outputs happen to be as many as the units keeps them
equal(tostring(nn.mlp{ inputs = 3, width = 5, depth = 2, outputs = 5 }:rebuild{ width = 7 }[3]), "Linear(7 -> 5)")
-- without a head the last layer gives the output
equal(nn.mlp{ inputs = 3, width = 5, depth = 2 }:rebuild{ width = 7 }(sonde.randn(2, 3)).shape[2], 7)

-- Depth one, whose only block is of another shape than those after it.
local one = nn.mlp{ inputs = 6, width = 8, depth = 1, outputs = 2, residual = "post" }
equal(kinds(one:rebuild{ depth = 2 }),
  "Block(Linear(6 -> 8), ReLU) | Block(x + Linear(8 -> 8); ReLU) | Linear(8 -> 2)")

-- A Sequential: hidden layers are Linear or residual layers with what stands behind them.
local line = nn.Sequential{
  nn.Flatten(), nn.Linear(6, 5, { name = "first" }), nn.ReLU(), nn.Linear(5, 5), nn.LayerNorm(5, { eps = 0.1 }), nn.PReLU(),
  nn.Dropout(0.3), nn.Linear(5, 2, { name = "last" }),
}
equal(line.depth, 2)
equal(line.width, 5)
local longer = line:rebuild{ depth = 3, seed = 1 }
equal(kinds(longer), "Flatten | Linear(6 -> 5) | ReLU | Linear(5 -> 5) | LayerNorm(5) | PReLU | Dropout(0.3) | Linear(5 -> 5) | "
  .. "LayerNorm(5) | PReLU | Dropout(0.3) | Linear(5 -> 2)")
equal(longer[9].eps, 0.1)
assert(same(longer.last.weight, line.last.weight) and longer.first == longer[2])
equal(longer:batchnorm("before"):batchnorm(), "before")
equal(longer(sonde.randn(4, 2, 3)).shape[2], 2)
equal(kinds(line:rebuild{ depth = 1 }), "Flatten | Linear(6 -> 5) | ReLU | Linear(5 -> 2)")
equal(kinds(line:rebuild{ width = 3 }), "Flatten | Linear(6 -> 3) | ReLU | Linear(3 -> 3) | LayerNorm(3) | PReLU | Dropout(0.3) | "
  .. "Linear(3 -> 2)")
equal(line:rebuild{ width = 3 }.first.outputs, 3)
-- layers of different widths: depth goes, the head is drawn anew where it does not fit
local pyramid = nn.Sequential{ nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 4), nn.Tanh(), nn.Linear(4, 2) }
equal(pyramid.width, nil)
equal(kinds(pyramid:rebuild{ depth = 1, seed = 1 }), "Linear(6 -> 8) | Tanh | Linear(8 -> 2)")
equal(kinds(pyramid:rebuild{ depth = 3, seed = 1 }), "Linear(6 -> 8) | Tanh | Linear(8 -> 4) | Tanh | Linear(4 -> 4) | Tanh | "
  .. "Linear(4 -> 2)")
fails("network:rebuild: expected hidden layers of one width to change, got 8 and 4", pyramid.rebuild, pyramid, { width = 5 })

-- Residual layers, those inside others too; bottlenecks stay as narrow as they are.
local residual = nn.Sequential{
  nn.Linear(6, 8), nn.Residual{ nn.BatchNorm(8), nn.ReLU(), { "a", nn.Linear(8, 3) }, nn.Linear(3, 8), scale = 0.5 }, nn.Linear(8, 2),
}
equal(residual.depth, 2)
equal(kinds(residual:rebuild{ depth = 3, width = 10, seed = 1 }), "Linear(6 -> 10) | Residual(x + 0.5 BatchNorm(10), ReLU, "
  .. "Linear(10 -> 3), Linear(3 -> 10)) | Residual(x + 0.5 BatchNorm(10), ReLU, Linear(10 -> 3), Linear(3 -> 10)) | Linear(10 -> 2)")
equal(residual:rebuild{ depth = 3 }[3].a.weight.shape[1], 3)
local ends = nn.Sequential{ nn.Residual({ nn.Linear(6, 6), nn.ReLU() }, { shortcut = nn.Linear(6, 6), activation = "tanh" }) }
equal(kinds(ends:rebuild{ depth = 2 }), "Residual(Linear(6 -> 6) + Linear(6 -> 6), ReLU; Tanh) | "
  .. "Residual(Linear(6 -> 6) + Linear(6 -> 6), ReLU; Tanh)")

-- Frozen layers stay frozen, and so do layers after their pattern.
local frozen = plain:clone()
frozen[2]:freeze()
deep = frozen:rebuild{ depth = 3 }
assert(not deep[1].frozen and deep[2].frozen and deep[3].frozen and not deep[4].frozen)

-- float64, layers written in Lua, a mode.
local double = nn.mlp{ inputs = 3, width = 4, depth = 1, dtype = "float64" }:eval()
equal(double:rebuild{ depth = 2, width = 5 }(sonde.randn(2, 3, { dtype = "float64" })).dtype, "float64")
equal(double:rebuild{ depth = 2 }.training, false)
local function scale(n)
  return nn.layer{ name = "Scale", parameters = n and { w = sonde.ones(n) } or nil, forward = function(self, x)
    return n and x * self.w or x * 2
  end }
end
local lua = nn.Sequential{ nn.Linear(3, 4), nn.ReLU(), scale(), nn.Linear(4, 2) }
equal(kinds(lua:rebuild{ depth = 2, width = 6 }), "Linear(3 -> 6) | ReLU | Scale | Linear(6 -> 6) | ReLU | Scale | Linear(6 -> 2)")
lua = nn.Sequential{ nn.Linear(3, 4), nn.ReLU(), scale(4), nn.Linear(4, 2) }
equal(#lua:rebuild{ depth = 2 }, 7)
fails("network:rebuild: expected layers that other widths can be made of, got Scale(w [4]), written in Lua, with tensors of its own",
  lua.rebuild, lua, { width = 6 })

-- Auxiliary classifiers stay where their rows do.
local aided = nn.mlp{ inputs = 3, width = 4, depth = 3, outputs = 2 }:add_auxiliary(1, nn.Linear(4, 2)):add_auxiliary(3, nn.Linear(4, 2))
equal(#aided:rebuild{ depth = 5 }.auxiliaries, 2)
equal(#aided:rebuild{ depth = 2 }.auxiliaries, 1)
fails("network:rebuild: expected a network without auxiliary classifiers for another width, got 2; remove_auxiliary takes them away",
  aided.rebuild, aided, { width = 6 })

-- What can't be.
fails("network:rebuild: expected depth of at least 1, got 0", net.rebuild, net, { depth = 0 })
fails("network:rebuild: expected width of at least 1, got -3", net.rebuild, net, { width = -3 })
fails("network:rebuild: expected a seed of 0 or more, got -1", net.rebuild, net, { seed = -1 })
fails("network:rebuild: option 'gain' needs init", net.rebuild, net, { gain = 2 })
fails("network:rebuild: unknown option 'dept', did you mean 'depth'?", net.rebuild, net, { dept = 2 })
fails("network:rebuild: option 'depth' expected an integer, got 1.5", net.rebuild, net, { depth = 1.5 })
local bare = nn.Sequential{ nn.Linear(3, 2) }
fails("network:rebuild: expected a network with hidden layers: blocks, residual layers, or a Linear with another behind it, got 1 layers without",
  bare.rebuild, bare, { depth = 2 })
assert(same(bare:rebuild{ init = "zeros" }[1].weight, sonde.zeros(2, 3)) and not same(bare[1].weight, sonde.zeros(2, 3)))
local open = nn.Sequential{ nn.Linear(5), nn.ReLU() }
fails("network:rebuild: expected a network that knows its sizes, got layer 1 Linear(? -> 5); run a forward first, or give its inputs",
  open.rebuild, open, { depth = 2 })
local drawn = nn.mlp{ inputs = 3, width = 3, depth = 1, init = function(shape) return sonde.ones(shape[1], shape[2]) end }
fails("network:rebuild: init: expected the function to draw again with, got only its name", drawn.rebuild, drawn, { depth = 2 })
assert(same(drawn:rebuild{ depth = 2, init = function(shape) return sonde.full(shape, 2) end }[2].linear.weight, sonde.full({ 3, 3 }, 2)))
fails("stop", drawn.rebuild, drawn, { depth = 2, init = function() error("stop", 0) end })

-- A clone whose weights are yet to be drawn draws the same ones, and takes none of the original's numbers.
open = nn.Sequential{ nn.Linear(5), nn.ReLU(), nn.Linear(2) }
local z = sonde.randn(4, 3)
local copy = open:clone()
local y = copy(z)
assert(open[1].inputs == nil and same(open(z), y))
print("ok")
