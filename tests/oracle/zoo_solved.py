"""Reference figures for the rows of the zoo that one linear system trains, from scikit-learn and NumPy; medians of draws.
radial (row 3), bells around k-means' centres and ridge regression. curve: RMSE from MacKay's Hermite function with 12
bells and 400 points with noise 0.05; digits: share of the test digits (row index mod 5 = 4) named right, 300 centres.
extreme (row 22), random sigmoids and ridge regression. sinc: RMSE from sin(x)/x with 20 cells and 5,000 points with noise
up to 0.2; digits: with 512 cells.
echo (row 23), 400 random recurrent cells of spectral radius 0.95. next, later: NRMSE of the next value of the Mackey-Glass
series (delay 17) and of the 84th, on the 3,000 values after the 3,000 of training.
Run: python3 tests/oracle/zoo_solved.py > tests/oracle/zoo_solved.json"""

import json
import pathlib

import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import Ridge

data = np.loadtxt(pathlib.Path(__file__).parent / "../../examples/data/digits.csv", delimiter=",")
x, label = data[:, :64] / 16, data[:, 64].astype(int)
test = np.arange(len(x)) % 5 == 4


def squared(a, b):
    return ((a[:, None] - b[None]) ** 2).sum(2)


def fitted(x, target, count, seed):
    centres = KMeans(count, n_init=1, random_state=seed).fit(x).cluster_centers_
    width = np.mean(np.sqrt((squared(centres, centres) + 1e9 * np.eye(count)).min(1)))
    bells = lambda v: np.exp(-squared(v, centres) / (2 * width**2))
    model = Ridge(1e-3, fit_intercept=False).fit(bells(x), target)
    return lambda v: model.predict(bells(v))


def curve(seed):
    rng = np.random.default_rng(seed)
    hermite = lambda x: 1.1 * (1 - x + 2 * x**2) * np.exp(-(x**2) / 2)
    points = rng.uniform(-4, 4, 400)
    f = fitted(points[:, None], hermite(points) + 0.05 * rng.normal(size=400), 12, seed)
    grid = np.linspace(-4, 4, 201)
    return np.sqrt(np.mean((f(grid[:, None]) - hermite(grid)) ** 2))


def digits(seed):
    f = fitted(x[~test], np.eye(10)[label[~test]], 300, seed)
    return np.mean(f(x[test]).argmax(1) == label[test])


def extreme_sinc(seed):
    rng = np.random.default_rng(seed)
    points = rng.uniform(-10, 10, 5000)
    w, b = rng.uniform(-1, 1, (1, 20)), rng.uniform(-1, 1, 20)
    h = lambda v: 1 / (1 + np.exp(-(v[:, None] @ w + b)))
    model = Ridge(1e-6, fit_intercept=False).fit(h(points), np.sinc(points / np.pi) + rng.uniform(-0.2, 0.2, 5000))
    grid = np.linspace(-10, 10, 401)
    return np.sqrt(np.mean((model.predict(h(grid)) - np.sinc(grid / np.pi)) ** 2))


def extreme_digits(seed):
    rng = np.random.default_rng(seed)
    w, b = rng.uniform(-1, 1, (64, 512)), rng.uniform(-1, 1, 512)
    h = lambda v: 1 / (1 + np.exp(-(v @ w + b)))
    model = Ridge(0.1, fit_intercept=False).fit(h(x[~test]), np.eye(10)[label[~test]])
    return np.mean(model.predict(h(x[test])).argmax(1) == label[test])


def mackey_glass(length):
    first, delay = 500, 170
    y = np.full(delay + 10 * (first + length), 1.2)
    for t in range(delay, len(y) - 1):
        y[t + 1] = y[t] + 0.1 * (0.2 * y[t - delay] / (1 + y[t - delay] ** 10) - 0.1 * y[t])
    return y[delay + 10 * first :: 10]


def echo(seed, cells=400, length=3000, washout=200, horizon=84):
    rng = np.random.default_rng(seed)
    w = rng.normal(size=(cells, cells))
    w *= 0.95 / np.max(np.abs(np.linalg.eigvals(w)))
    w_in, b = rng.uniform(-1, 1, cells), rng.uniform(-0.2, 0.2, cells)
    step = lambda state, u: np.tanh(state @ w + u * w_in + b)
    series = mackey_glass(2 * length + 1) - 1

    def states(u):
        state, out = np.zeros(cells), []
        for value in u:
            state = step(state, value)
            out.append(np.concatenate([state, [value, 1]]))
        return np.array(out)

    rows = states(series[:length])[washout:]
    out = np.linalg.solve(rows.T @ rows + 1e-8 * np.eye(cells + 2), rows.T @ series[washout + 1 : length + 1])
    unseen = series[length:]
    heard = states(unseen[:length])
    deviation = np.std(unseen[:length])
    next_error = np.sqrt(np.mean((heard[washout:] @ out - unseen[washout + 1 : length + 1]) ** 2)) / deviation
    errors = []
    for start in range(washout, washout + 50 * 50, 50):
        row = heard[start]
        for _ in range(horizon):
            u = row @ out
            row = np.concatenate([step(row[:cells], u), [u, 1]])
        errors.append(u - unseen[start + horizon])
    return next_error, np.sqrt(np.mean(np.square(errors))) / deviation


median = lambda draw, count: float(np.median([draw(seed) for seed in range(count)]))
echoes = np.median([echo(seed) for seed in range(5)], axis=0)
print(json.dumps({
    "radial": {"curve": median(curve, 20), "digits": median(digits, 5)},
    "extreme": {"sinc": median(extreme_sinc, 20), "digits": median(extreme_digits, 5)},
    "echo": {"next": float(echoes[0]), "later": float(echoes[1])},
}))
