"""Golden traces of optimizers and schedules: PyTorch, f64, five steps on a quartic valley from one start.
Run: python3 tests/oracle/optimizers.py > tests/oracle/optimizers.json"""

import json

import torch
from torch.optim import lr_scheduler as lrs

torch.set_default_dtype(torch.float64)

START = [0.5, -2.0, 3.0]
CURVATURE = [1.0, 0.1, 0.4]
TARGET = [1.0, 1.0, -1.0]

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.8),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.8, nesterov=True),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.3),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.9),
    "rmspropCentered": lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.95, momentum=0.7, centered=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "adamTuned": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.5, 0.9), eps=1e-3),
    "adamW": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.3),
}

SCHEDULES = {
    "constantRate": lambda o: lrs.ConstantLR(o, factor=1.0),
    "exponentialDecay": lambda o: lrs.ExponentialLR(o, gamma=0.9),
    "stepDecay": lambda o: lrs.StepLR(o, step_size=4, gamma=0.1),
    "cosineDecay": lambda o: lrs.CosineAnnealingLR(o, T_max=12, eta_min=0.02),
    "piecewise": lambda o: lrs.MultiStepLR(o, milestones=[3, 7], gamma=0.5),
    "warmup": lambda o: lrs.LinearLR(o, start_factor=0.25, end_factor=1.0, total_iters=3),
    "oneCycle": lambda o: lrs.OneCycleLR(o, max_lr=0.5, total_steps=12),
}


def trace(make):
    w = torch.tensor(START, requires_grad=True)
    optimizer = make([w])
    points = []
    for _ in range(5):
        optimizer.zero_grad()
        e = w - torch.tensor(TARGET)
        loss = (torch.tensor(CURVATURE) * (e**2 + 0.1 * e**4)).sum()
        loss.backward()
        optimizer.step()
        points.append(w.detach().tolist())
    return points


def rates(make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
    schedule = make(optimizer)
    found = []
    for step in range(12):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < 11:
            schedule.step()
    return found


print(
    json.dumps(
        {
            "source": f"PyTorch {torch.__version__}, f64",
            "start": START,
            "curvature": CURVATURE,
            "target": TARGET,
            "optimizers": {name: trace(make) for name, make in OPTIMIZERS.items()},
            "schedules": {name: rates(make) for name, make in SCHEDULES.items()},
        },
        indent=1,
    )
)
