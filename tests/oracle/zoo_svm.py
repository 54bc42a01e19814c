"""What scikit-learn's support vector machines reach on the data of row 26 of the zoo, and the optima they find.
accuracy: share of the test rows (index mod 5 = 4) named right, one class against the rest; oneAgainstOne: SVC as it is.
duals, supports, named: optimum of the dual and number of support vectors of each class, and the test rows' classes.
Run: python3 tests/oracle/zoo_svm.py > tests/oracle/zoo_svm.json"""

import json
from pathlib import Path

import numpy as np
from sklearn.svm import SVC, LinearSVC

DATA = Path(__file__).parents[2] / "examples" / "data"


def split(name, scale, header):
    table = np.loadtxt(DATA / name, delimiter=",", skiprows=header)
    test = np.arange(len(table)) % 5 == 4
    x, label = table[:, :-1] * scale, table[:, -1].astype(int)
    return x[~test], label[~test], x[test], label[test]


def linear(data, C):
    """One against the rest with the hinge: ½‖w‖² + C·Σ max(0, 1 − y·f) for each class."""
    x, label, tx, tlabel = data
    best = LinearSVC(C=C, loss="hinge", max_iter=1_000_000, tol=1e-6, random_state=0).fit(x, label)
    return {"accuracy": best.score(tx, tlabel)}


def kernel(data, C, gamma):
    """One against the rest with k(u, v) = exp(−γ‖u − v‖²), and scikit-learn's own one against one."""
    x, label, tx, tlabel = data
    scores, duals, supports = [], [], []
    for c in np.unique(label):
        y = np.where(label == c, 1, -1)
        machine = SVC(C=C, gamma=gamma, tol=1e-6).fit(x, y)
        a = machine.dual_coef_[0]
        K = np.exp(-gamma * ((machine.support_vectors_[:, None] - machine.support_vectors_[None]) ** 2).sum(2))
        duals.append(float(np.abs(a).sum() - 0.5 * a @ K @ a))
        supports.append(len(a))
        scores.append(machine.decision_function(tx))
    named = np.argmax(scores, axis=0)
    return {
        "accuracy": float(np.mean(named == tlabel)),
        "oneAgainstOne": SVC(C=C, gamma=gamma).fit(x, label).score(tx, tlabel),
        "duals": duals,
        "supports": supports,
        "named": named.tolist(),
    }


iris, digits = split("iris.csv", 1, 1), split("digits.csv", 1 / 16, 0)
record = {
    "iris": {"linear": linear(iris, 1), "kernel": kernel(iris, 1, 0.5)},
    "digits": {"linear": linear(digits, 1), "kernel": kernel(digits, 10, 0.32)},
}
print(json.dumps(record))
