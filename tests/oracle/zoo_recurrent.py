"""Reference figures for the recurrent networks of the zoo from PyTorch, with the data and the recipe of the rows 5 to 7:
medians of three seeds.
adding: mean squared error of 1,000 new sequences of 100 steps after 1,000 batches of 16; lstm and gru of 16 units, rnn of 33.
letters: perplexity on the last tenth of 200,000 letters of Shakespeare's plays, one layer behind a table of letters.
Run: python3 tests/oracle/zoo_recurrent.py <folder of tinyshakespeare.txt> > tests/oracle/zoo_recurrent.json"""

import json
import math
import pathlib
import statistics
import sys

import torch
from torch import nn

torch.set_num_threads(1)
T = 100


def chrono(net, keep, enter=None):
    """First biases of gates that keep a memory for 1 to 100 steps (C. Tallec, Y. Ollivier 2018)."""
    n = net.hidden_size
    u = torch.log(torch.empty(n).uniform_(1, T - 1))
    with torch.no_grad():
        net.bias_ih_l0.zero_()
        net.bias_hh_l0.zero_()
        net.bias_ih_l0[keep * n : (keep + 1) * n] = u
        if enter is not None:
            net.bias_ih_l0[enter * n : (enter + 1) * n] = -u
    return net


def plain(features, units, **options):
    net = nn.RNN(features, units, **options)
    nn.init.orthogonal_(net.weight_hh_l0)
    return net


def problem(count):
    values = torch.rand(T, count)
    marks = torch.zeros(T, count)
    for low in (0, T // 2):
        marks[torch.randint(low, low + T // 2, (count,)), torch.arange(count)] = 1
    return torch.stack([values, marks], -1), (values * marks).sum(0)


def learner(modules, peak, steps):
    params = [p for m in modules for p in m.parameters()]
    adam = torch.optim.Adam(params, lr=peak)
    cycle = torch.optim.lr_scheduler.OneCycleLR(adam, peak, total_steps=steps, cycle_momentum=False)

    def update(loss):
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(params, 1)
        adam.step()
        cycle.step()

    return update


def adding(seed, make, peak=0.02, steps=1000):
    torch.manual_seed(seed)
    net = make()
    answer = nn.Linear(net.hidden_size, 1)
    error = lambda x, total: (answer(net(x)[0][-1])[:, 0] - total).square().mean()
    update = learner([net, answer], peak, steps)
    for _ in range(steps):
        update(error(*problem(16)))
    with torch.no_grad():
        return error(*problem(1000)).item()


def letters(seed, make, text, window, batch, peak, steps):
    torch.manual_seed(seed)
    symbols = sorted(set(text))
    all = torch.tensor([symbols.index(c) for c in text])
    border = int(len(all) * 0.9)
    train, test = all[:border], all[border:]
    table, net = nn.Embedding(len(symbols), 32), make(32)
    nxt = nn.Linear(net.hidden_size, len(symbols))
    cost = nn.CrossEntropyLoss()

    def read(stretch, memory):
        out, memory = net(table(stretch[:-1]), memory)
        return cost(nxt(out).flatten(0, 1), stretch[1:].flatten()), memory

    update = learner([table, net, nxt], peak, steps)
    memory = None
    part = len(train) // batch
    for step in range(steps):
        at = torch.arange(window + 1)[:, None] + torch.arange(batch) * part + step * window
        loss, memory = read(train[at % len(train)], memory)
        memory = tuple(m.detach() for m in memory) if isinstance(memory, tuple) else memory.detach()
        update(loss)
    with torch.no_grad():
        part = len(test) // batch
        return math.exp(read(test[: part * batch].view(batch, part).T, None)[0].item())


median = lambda f, *args: statistics.median(f(seed, *args) for seed in range(3))
text = (pathlib.Path(sys.argv[1]) / "tinyshakespeare.txt").read_text()[:200_000]
print(
    json.dumps(
        {
            "adding": {
                "lstm": median(adding, lambda: chrono(nn.LSTM(2, 16), 1, 0)),
                "gru": median(adding, lambda: chrono(nn.GRU(2, 16), 1)),
                "rnn": median(adding, lambda: plain(2, 33)),
            },
            "letters": {
                "lstm": median(letters, lambda features: nn.LSTM(features, 64), text, 32, 32, 0.02, 300),
                "gru": median(letters, lambda features: nn.GRU(features, 64), text, 32, 32, 0.02, 300),
                "rnn": median(letters, lambda features: plain(features, 128), text, 32, 32, 0.01, 300),
            },
        },
        indent=1,
    )
)
