"""Reference figures for the restricted Boltzmann machines of the zoo: BernoulliRBM of scikit-learn, on digits in black
and white (pixels of at least 1/2), test digits where row index mod 5 = 4.
machine: a small trained machine, and what scikit-learn says of the first test digits: free energies, and pseudo-log-
likelihoods with each pixel turned over in turn (score_samples turns one at random over).
likelihood: mean pseudo-log-likelihood of the test digits, in nats, by learning rate: 128 hidden units, 109 epochs, batches
of 64, persistent contrastive divergence.
stack: share of the test digits (grey) named right by two machines on top of each other and logistic regression, by
learning rate.
Run: python3 tests/oracle/zoo_rbm.py > tests/oracle/zoo_rbm.json"""

import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline

data = np.loadtxt(pathlib.Path(__file__).parent / "../../examples/data/digits.csv", delimiter=",")
x = (data[:, :64] >= 8).astype(np.float64)
test = np.arange(len(x)) % 5 == 4
train, unseen = x[~test], x[test]


def pseudo_log_likelihood(model, v):
    energy = model._free_energy(v)
    total = np.zeros(len(v))
    for i in range(v.shape[1]):
        turned = v.copy()
        turned[:, i] = 1 - turned[:, i]
        total -= np.logaddexp(0, energy - model._free_energy(turned))
    return total


def rounded(values):
    return [round(float(v), 6) for v in np.ravel(values)]


def trained(hidden, rate, epochs):
    return BernoulliRBM(hidden, learning_rate=rate, batch_size=64, n_iter=epochs, random_state=0).fit(train)


def machine():
    model = trained(8, 0.1, 20)
    for name in ("components_", "intercept_visible_", "intercept_hidden_"):
        setattr(model, name, np.reshape(rounded(getattr(model, name)), getattr(model, name).shape))
    few = unseen[:10]
    return {
        "w": rounded(model.components_.T),
        "b": rounded(model.intercept_visible_),
        "c": rounded(model.intercept_hidden_),
        "freeEnergy": rounded(model._free_energy(few)),
        "pseudoLogLikelihood": rounded(pseudo_log_likelihood(model, few)),
    }


def stack(rate):
    grey, label = data[:, :64] / 16, data[:, 64]
    machines = [BernoulliRBM(128, learning_rate=rate, batch_size=64, n_iter=60, random_state=i) for i in range(2)]
    model = make_pipeline(*machines, LogisticRegression(C=100, max_iter=2000))
    return float(model.fit(grey[~test], label[~test]).score(grey[test], label[test]))


rates = [0.3, 0.2, 0.1, 0.05]
print(
    json.dumps(
        {
            "machine": machine(),
            "likelihood": {str(r): float(pseudo_log_likelihood(trained(128, r, 109), unseen).mean()) for r in rates},
            "stack": {str(r): stack(r) for r in rates},
        }
    )
)
