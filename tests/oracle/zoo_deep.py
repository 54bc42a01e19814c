"""Reference figures for the deep feed-forward networks of the zoo: shares of the test digits (row index mod 5 = 4) that are
named right, medians of five seeds.
mlpClassifier: scikit-learn, three hidden layers of 128 units, with early stopping and an L2 penalty.
torch: three hidden layers of 128 units of each kind, and eight of 96 rectified linear units with skip connections; dropout
0.3, AdamW with weight decay 0.1 on the weights, early stopping on a tenth of the training digits with patience 15.
Run: python3 tests/oracle/zoo_deep.py > tests/oracle/zoo_deep.json"""

import copy
import json
import pathlib
import warnings

import numpy as np
import torch
from sklearn.neural_network import MLPClassifier
from torch import nn

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
data = np.loadtxt(pathlib.Path(__file__).parent / "../../examples/data/digits.csv", delimiter=",")
x, label = data[:, :64].astype(np.float32) / 16, data[:, 64].astype(int)
held = np.arange(len(x)) % 5 == 4
DROP, DECAY, BATCH, EPOCHS, PATIENCE = 0.3, 0.1, 64, 60, 15


def classifier(seed):
    model = MLPClassifier((128,) * 3, early_stopping=True, alpha=1e-3, n_iter_no_change=PATIENCE, random_state=seed)
    return model.fit(x[~held], label[~held]).score(x[held], label[held])


class Absolute(nn.Module):
    def forward(self, z):
        return z.abs()


class Maxout(nn.Module):
    def forward(self, z):
        return z.unflatten(1, (-1, 2)).amax(2)


KINDS = {
    "relu": nn.ReLU,
    "leaky": lambda: nn.LeakyReLU(0.1),
    "absolute": Absolute,
    "parametric": lambda: nn.PReLU(128),
    "maxout": Maxout,
}


class Deep(nn.Module):
    def __init__(self, kind, depth=3, width=128, skips=False):
        super().__init__()
        sizes = [64] + [width] * depth
        pieces = 2 if kind == "maxout" else 1
        self.affine = nn.ModuleList(nn.Linear(a, b * pieces) for a, b in zip(sizes, sizes[1:]))
        self.units = nn.ModuleList(KINDS[kind]() for _ in self.affine)
        self.out = nn.Linear(width, 10)
        self.skips = skips
        for part in [*self.affine, self.out]:
            nn.init.kaiming_normal_(part.weight)
            nn.init.zeros_(part.bias)
        nn.init.xavier_uniform_(self.out.weight)

    def forward(self, h):
        for i, (affine, unit) in enumerate(zip(self.affine, self.units)):
            y = nn.functional.dropout(unit(affine(h)), DROP, self.training)
            h = h + y if self.skips and i > 0 else y
        return self.out(h)


def trained(seed, *network):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(np.flatnonzero(~held))
    apart = round(0.1 * len(order))
    pick = lambda rows: (torch.tensor(x[rows]), torch.tensor(label[rows]))
    validation, test = pick(order[:apart]), pick(held)
    model = Deep(*network)
    weights = [p for n, p in model.named_parameters() if n.endswith("weight") and p.dim() == 2]
    others = [p for n, p in model.named_parameters() if not (n.endswith("weight") and p.dim() == 2)]
    groups = [{"params": weights, "weight_decay": DECAY}, {"params": others, "weight_decay": 0}]
    optimizer = torch.optim.AdamW(groups, lr=2e-3)
    best, since, saved = np.inf, 0, None
    for _ in range(EPOCHS):
        model.train()
        rows = rng.permutation(order[apart:])
        for at in range(0, len(rows) - BATCH + 1, BATCH):
            images, names = pick(rows[at : at + BATCH])
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), names).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            loss = float(nn.functional.cross_entropy(model(validation[0]), validation[1]))
        since += 1
        if loss < best:
            best, since, saved = loss, 0, copy.deepcopy(model.state_dict())
        if since >= PATIENCE:
            break
    model.load_state_dict(saved)
    model.eval()
    with torch.no_grad():
        return float((model(test[0]).argmax(1) == test[1]).float().mean())


median = lambda of: round(float(np.median([of(seed) for seed in range(5)])), 4)
figures = {kind: median(lambda seed: trained(seed, kind)) for kind in KINDS}
figures["skips"] = median(lambda seed: trained(seed, "relu", 8, 96, True))
print(json.dumps({"mlpClassifier": median(classifier), "torch": figures}, indent=1))
