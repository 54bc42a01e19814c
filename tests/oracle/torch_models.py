"""Small PyTorch models: their weights as safetensors, inputs, outputs and gradients as JSON.
Run: python3 tests/oracle/torch_models.py tests/oracle/torch"""

import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(5)
OUT = pathlib.Path(sys.argv[1])
results = {"source": f"PyTorch {torch.__version__}, f32"}


def numbers(t):
    return [float(f"{v:.9g}") for v in t.detach().reshape(-1).tolist()]


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 8)
        self.fc2 = nn.Linear(8, 3)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.BatchNorm2d(4), nn.Conv2d(4, 6, (1, 2), groups=2)
        )
        self.up = nn.ConvTranspose2d(6, 4, 2, stride=2, groups=2, bias=False)
        self.classifier = nn.Linear(4 * 6 * 4, 5)

    def forward(self, x):
        return self.classifier(torch.relu(self.up(self.features(x))).flatten(1))


def record(name, model, x):
    x.requires_grad_()
    y = model(x)
    cotangent = torch.sin(torch.arange(y.numel(), dtype=torch.float32)).reshape(y.shape)
    y.backward(cotangent)
    results[name] = {"x": numbers(x), "y": numbers(y), "cotangent": numbers(cotangent), "dx": numbers(x.grad)}


mlp = Mlp()
save_file(mlp.state_dict(), OUT / "mlp.safetensors")
record("mlp", mlp, torch.randn(4, 6))

half = Mlp()
half.fc1.to(torch.bfloat16)
half.fc2.to(torch.float16)
save_file(half.state_dict(), OUT / "half.safetensors", metadata={"format": "pt"})
record("half", half.to(torch.float32), torch.randn(4, 6))

cnn = Cnn().eval()
norm = cnn.features[3]
with torch.no_grad():
    for values, low in ((norm.weight, 0.5), (norm.bias, -0.5), (norm.running_mean, -0.5), (norm.running_var, 0.5)):
        values.copy_(torch.rand(4) + low)
save_file(cnn.state_dict(), OUT / "cnn.safetensors")
record("cnn", cnn, torch.randn(2, 2, 6, 6))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.own = nn.MultiheadAttention(4, 2, batch_first=True)
        self.other = nn.MultiheadAttention(4, 2, kdim=3, vdim=3, batch_first=True)
        self.norm = nn.LayerNorm(4)

    def forward(self, x):
        y = self.norm(x + self.own(x, x, x, need_weights=False)[0])
        memory = x[:, :, :3]
        return self.other(y, memory, memory, need_weights=False)[0]


attention = Attention()
with torch.no_grad():
    for p in attention.parameters():
        if p.dim() == 1:
            p.copy_(torch.randn(p.shape) * 0.3 + (1 if p is attention.norm.weight else 0))
save_file(attention.state_dict(), OUT / "attention.safetensors")
record("attention", attention, torch.randn(2, 3, 4))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, num_layers=2, bidirectional=True)
        self.gru = nn.GRU(8, 4)
        self.rnn = nn.RNN(4, 3, bias=False)

    def forward(self, x):
        return self.rnn(self.gru(self.lstm(x)[0])[0])[0]


recurrent = Recurrent()
save_file(recurrent.state_dict(), OUT / "recurrent.safetensors")
record("recurrent", recurrent, torch.randn(5, 2, 3))
results["recurrent"]["dLstmHidden"] = numbers(recurrent.lstm.weight_hh_l0.grad)
results["recurrent"]["dGruHidden"] = numbers(recurrent.gru.weight_hh_l0.grad)


# Cells that PyTorch does not have, by their equations.
def cells():
    t, b, f, u = 4, 2, 3, 4
    make = lambda *shape: (torch.randn(*shape) * 0.6).requires_grad_()
    x = make(t, b, f)
    found = {"x": numbers(x)}

    def run(name, parameters, zero, step):
        carry, outs = zero, []
        for xt in x:
            carry, out = step(carry, xt)
            outs.append(out)
        y = torch.stack(outs)
        cotangent = torch.sin(torch.arange(y.numel(), dtype=torch.float32)).reshape(y.shape)
        grads = torch.autograd.grad(y, [x, *parameters.values()], cotangent)
        found[name] = {
            "parameters": {k: numbers(p) for k, p in parameters.items()},
            "y": numbers(y),
            "gradients": dict(zip(["x", *parameters], map(numbers, grads))),
        }

    p = {"wx": make(f, 4 * u), "wh": make(u, 4 * u), "b": make(4 * u), "pi": make(u), "pf": make(u), "po": make(u)}

    def peephole(carry, xt, p=p):
        h, c = carry
        i, f_, g, o = (xt @ p["wx"] + h @ p["wh"] + p["b"]).chunk(4, -1)
        c2 = torch.sigmoid(f_ + p["pf"] * c) * c + torch.sigmoid(i + p["pi"] * c) * torch.tanh(g)
        h2 = torch.sigmoid(o + p["po"] * c2) * torch.tanh(c2)
        return (h2, c2), h2

    run("peepholes", p, (torch.zeros(b, u), torch.zeros(b, u)), peephole)

    q = {"wx": make(f, 3 * u), "wh": make(u, 3 * u), "b": make(3 * u)}

    def before(h, xt, p=q):
        r, z, n = (xt @ p["wx"] + p["b"]).chunk(3, -1)
        hr, hz, hn = p["wh"].chunk(3, -1)
        r, z = torch.sigmoid(r + h @ hr), torch.sigmoid(z + h @ hz)
        h2 = (1 - z) * torch.tanh(n + (r * h) @ hn) + z * h
        return h2, h2

    run("resetBefore", q, torch.zeros(b, u), before)

    j = {"wx": make(f, u), "wh": make(2, u), "b": make(u), "wy": make(u, 2), "c": make(2)}

    def jordan(y, xt, p=j):
        h = torch.tanh(xt @ p["wx"] + y @ p["wh"] + p["b"])
        y2 = torch.sigmoid(h @ p["wy"] + p["c"])
        return y2, y2

    run("jordan", j, torch.zeros(b, 2), jordan)
    return found


results["cells"] = cells()
(OUT / "models.json").write_text(json.dumps(results))
