-- Writes networks of every kind as files of format 1, and with each an input and the output that it gave in evaluation.
-- Run: sonde Tests/LuaAPITests/Fixtures/saved_networks.lua Tests/LuaAPITests/Fixtures/saved-1
-- The files of a format are made once, by the program that brought it, and stay: they are what users have on their disks.
local folder = assert(arg[1], "a folder")
sonde.seed(11)
local f64 = { dtype = "float64" }

local function wide(options)
  options.dtype = "float64"
  return options
end

-- A layer of the user's own; saving.lua has its constructor.
local function gate()
  return nn.layer{ name = "Gate", parameters = { weight = sonde.full({ 4 }, 0.7, f64) }, forward = function(self, x)
    return x * self.weight
  end }
end

local nets = {
  residual = nn.mlp(wide{
    inputs = 3, width = 3, depth = 3, outputs = 2, norm = "batch", residual = true, residual_scale = 0.5, seed = 6 }),
  post = nn.mlp(wide{ inputs = 3, width = 3, depth = 2, norm = "layer", residual = "post", activation = "tanh", seed = 7 }),
  nested = nn.Sequential{
    nn.Flatten(), nn.Linear(3, 4, f64):named("first"),
    nn.Residual{
      nn.BatchNorm(4, f64), nn.ReLU(),
      nn.Residual{ nn.Linear(4, wide{ bias = false }), nn.GELU(), nn.Linear(4, 5, f64), shortcut = nn.Linear(4, 5, f64) },
      nn.Linear(5, 4, f64), scale = 0.25, activation = "relu", name = "middle" },
    nn.Linear(4, 2, f64):named("last"),
  },
  custom = nn.Sequential{ nn.Linear(3, 4, f64), gate(), nn.Residual{ gate(), nn.Linear(4, 4, f64) }, nn.Linear(4, 2, f64) },
  plain = nn.mlp(wide{ inputs = 3, width = 4, depth = 2, seed = 1 }),
  mlp = nn.mlp(wide{
    inputs = 3, width = 4, depth = 3, outputs = 2, norm = "batch", activation = "tanh", dropout = 0.25, seed = 2,
    init = { "xavier_normal", gain = 1.5 } }),
  after = nn.mlp(wide{
    inputs = 3, width = 4, depth = 2, outputs = 2, norm = "layer", norm_position = "after", activation = "prelu",
    bias = false, affine = false, eps = 0, seed = 3 }),
  mixed = nn.mlp(wide{
    inputs = 3, width = 4, depth = 3, norm = "batch", momentum = "cumulative", activation = "leaky_relu", seed = 4 }),
  single = nn.mlp{ inputs = 3, width = 4, depth = 2, norm = "rms", activation = "gelu", init = "normal(0.3)", seed = 5 },
  sequential = nn.Sequential{
    nn.Linear(3, 5, f64), nn.BatchNorm(5, wide{ eps = 1e-3, momentum = 0.3 }), nn.ReLU(), nn.Linear(4, wide{ bias = false }),
    nn.LeakyReLU(0.2), nn.LayerNorm(4, f64), nn.Dropout(0.5), nn.Identity(), nn.Linear(4, wide{ init = "orthogonal" }),
    nn.PReLU(0.1, f64), nn.RMSNorm(4, f64), nn.ELU(), nn.Linear(3, f64), nn.Softplus(), nn.LayerNorm(3, wide{ affine = false }),
  },
}
nets.mixed[2]:batchnorm("after", { affine = false })
nets.mixed[3]:batchnorm("off")
nets.mixed:activation("silu")
nets.nested:batchnorm("after", { eps = 0.1 })
nets.nested:freeze("first")
nets.sequential.parameters["0.bias"]:requires_grad_(false)

local kept = {}
local generator = sonde.generator(7)
local names = {}
for name in pairs(nets) do names[#names + 1] = name end
table.sort(names)
for _, name in ipairs(names) do
  local net = nets[name]
  local dtype = net.dtype
  -- moves the running statistics
  for _ = 1, 3 do net(sonde.randn(6, 3, { dtype = dtype, generator = generator })) end
  if name == "mixed" then net:eval() end
  net:save(folder .. "/" .. name .. ".safetensors")
  local training = net.training
  local x = sonde.randn(5, 3, { dtype = dtype, generator = generator })
  kept[name .. ".x"], kept[name .. ".y"] = x, net:eval()(x):detach()
  if training then net:train() end
end
sonde.save(folder .. "/outputs.safetensors", kept)
