"""Clipped and accumulated gradients, in f64.
Run: python3 tests/oracle/gradient_steps.py > tests/oracle/gradient_steps.json"""

import json
import math

import torch


def gradients(step):
    return [
        torch.tensor([math.sin(step + 0.7 * i) for i in range(3)], dtype=torch.float64),
        torch.tensor([math.cos(2.0 * step + i) for i in range(2)], dtype=torch.float64),
    ]


def clipped(clip):
    params = [torch.zeros_like(g) for g in gradients(1)]
    for p, g in zip(params, gradients(1)):
        p.grad = g
    clip(params)
    return [v for p in params for v in p.grad.tolist()]


def accumulated(every, calls):
    params = [torch.tensor([0.5, -2.0, 3.0], dtype=torch.float64), torch.tensor([1.0, -1.0], dtype=torch.float64)]
    adam = torch.optim.Adam(params, lr=0.1)
    history = []
    for call in range(calls):
        if call % every == 0:
            adam.zero_grad()
        for p, g in zip(params, gradients(call)):
            p.grad = g / every if p.grad is None else p.grad + g / every
        if call % every == every - 1:
            adam.step()
        history.append([v for p in params for v in p.tolist()])
    return history


print(
    json.dumps(
        {
            "source": f"PyTorch {torch.__version__.split('+')[0]}, f64",
            "norm": math.sqrt(sum(float((g**2).sum()) for g in gradients(1))),
            "by norm 0.5": clipped(lambda p: torch.nn.utils.clip_grad_norm_(p, 0.5)),
            "by norm 9": clipped(lambda p: torch.nn.utils.clip_grad_norm_(p, 9)),
            "by value 0.6": clipped(lambda p: torch.nn.utils.clip_grad_value_(p, 0.6)),
            "adam every 3": accumulated(3, 7),
        },
        indent=1,
    )
)
