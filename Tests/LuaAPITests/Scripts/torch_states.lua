-- Trains the network of Fixtures/torch_states.py a step from PyTorch's state and saves it with an output, for PyTorch to load.
local theirs, folder = arg[1], arg[2]
local f64 = { dtype = "float64" }
local net = nn.Sequential{ nn.Linear(3, 5, f64), nn.BatchNorm(5, { eps = 1e-3, dtype = "float64" }), nn.ReLU(),
  nn.Linear(5, 4, { bias = false, dtype = "float64" }), nn.LeakyReLU(0.2), nn.LayerNorm(4, f64), nn.Dropout(0.5),
  nn.Linear(4, 4, f64), nn.PReLU(0.25, f64), nn.RMSNorm(4, { eps = 1e-6, dtype = "float64" }), nn.Linear(4, 2, f64) }
net:load_state(theirs)
sonde.seed(1)
nn.mse(net(sonde.randn(8, 3, f64)), sonde.zeros(8, 2, f64)):backward()
optim.SGD(net, { lr = 0.1 }):step()
local x = sonde.randn(6, 3, f64)
net:save(folder .. "/ours.safetensors")
sonde.save(folder .. "/output.safetensors", { x = x, y = net:eval()(x):detach() })
print("saved")
