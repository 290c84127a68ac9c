# Exchanges states with PyTorch by the safetensors package.
# Run: python3 Tests/LuaAPITests/Fixtures/torch_states.py write Tests/LuaAPITests/Fixtures/torch
# `write` makes a state dict in each dtype with an input and PyTorch's output in evaluation; `read` takes what
# Scripts/torch_states.lua wrote, and holds its output against PyTorch's.
import sys

import torch
from safetensors.torch import load_file, save_file
from torch import nn

torch.manual_seed(3)
torch.set_num_threads(1)
net = nn.Sequential(
    nn.Linear(3, 5), nn.BatchNorm1d(5, eps=1e-3), nn.ReLU(), nn.Linear(5, 4, bias=False), nn.LeakyReLU(0.2),
    nn.LayerNorm(4), nn.Dropout(0.5), nn.Linear(4, 4), nn.PReLU(), nn.RMSNorm(4, eps=1e-6), nn.Linear(4, 2)).double()


def write(folder):
    with torch.no_grad():
        for parameter in net.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
        for _ in range(3):
            net(torch.randn(8, 3, dtype=torch.float64))
    x = torch.randn(6, 3, dtype=torch.float64)
    for name, dtype in [("float64", torch.float64), ("float32", torch.float32), ("float16", torch.float16)]:
        state = {key: value.to(dtype) if value.is_floating_point() else value for key, value in net.state_dict().items()}
        save_file(state, f"{folder}/{name}.safetensors")
        net.load_state_dict({key: value.double() if value.is_floating_point() else value for key, value in state.items()})
        save_file({"x": x, "y": net.eval()(x).detach()}, f"{folder}/{name}-output.safetensors")


def read(folder):
    net.load_state_dict(load_file(f"{folder}/ours.safetensors"))
    expected = load_file(f"{folder}/output.safetensors")
    y = net.eval()(expected["x"]).detach()
    assert torch.allclose(y, expected["y"], rtol=1e-12, atol=1e-12), (y, expected["y"])
    print("exchanged")


{"write": write, "read": read}[sys.argv[1]](sys.argv[2])
