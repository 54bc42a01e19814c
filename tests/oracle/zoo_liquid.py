"""Reference figures for the liquid state machine of the zoo: the same task (10 Poisson templates, 4 channels, 250 ms at
20 Hz, spikes moved by 4 ms, 500 trials to train and 500 to test), drawn and simulated in NumPy, read by scikit-learn's
RidgeClassifier at 250 ms. Medians of five draws of everything.
liquid: from exponentially filtered spikes of the column. input: from those of the input alone. whole: from the filtered
input at 25, 50, …, 250 ms, which is to see all of the past at once.
Run: python3 tests/oracle/zoo_liquid.py > tests/oracle/zoo_liquid.json"""

import json

import numpy as np
from sklearn.linear_model import RidgeClassifier

CHANNELS, TEMPLATES, TRIALS, LENGTH, JITTER, CELLS = 4, 10, 1000, 250, 4, 135


def trials(rng):
    templates = [
        [np.sort(rng.uniform(0, LENGTH, rng.poisson(20 * LENGTH / 1000))) for _ in range(CHANNELS)]
        for _ in range(TEMPLATES)
    ]
    spikes = np.zeros((TRIALS, LENGTH, CHANNELS))
    for trial in range(TRIALS):
        for channel, times in enumerate(templates[trial % TEMPLATES]):
            t = np.floor(times + JITTER * rng.standard_normal(len(times))).astype(int)
            spikes[trial, t[(t >= 0) & (t < LENGTH)], channel] = 1
    return spikes, np.arange(TRIALS) % TEMPLATES


def column(rng):
    place = np.stack(np.unravel_index(np.arange(CELLS), (15, 3, 3)), 1)
    near = np.exp(-np.sum((place[:, None] - place[None]) ** 2, -1) / 4)
    inhibits = (rng.permutation(CELLS) < CELLS / 5).astype(int)
    pair = (inhibits[:, None], inhibits[None])
    joined = rng.random((CELLS, CELLS)) < np.array([[0.3, 0.2], [0.4, 0.1]])[pair] * near * (1 - np.eye(CELLS))
    w = joined * np.array([[4.5, 9], [-5.7, -5.7]])[pair] * rng.exponential(1, (CELLS, CELLS))
    heard = rng.random((CHANNELS, CELLS)) < 0.3
    return inhibits, w, heard * np.array([18, 9])[inhibits] * rng.exponential(1, (CHANNELS, CELLS))


def simulate(spikes, rng):
    inhibits, w, w_in = column(rng)
    fading, resting = np.exp(-1 / np.where(inhibits, 6, 3)), np.where(inhibits, 2, 3)
    v = np.full((TRIALS, CELLS), 13.5)
    wait, s, trace = np.zeros_like(v), np.zeros_like(v), np.zeros_like(v)
    heard = np.zeros((TRIALS, CHANNELS))
    for t in range(LENGTH):
        current = s @ w + heard @ w_in
        v = np.where(wait > 0, 13.5, v + (13.5 + current - v) / 30)
        fires = v >= 15
        wait = np.where(fires, resting, wait - 1)
        v = np.where(fires, 13.5, v)
        s = s * fading + fires
        heard = heard * np.exp(-1 / 3) + spikes[:, t]
        trace = trace * np.exp(-1 / 30) + fires
    return trace


def filtered(spikes):
    trace, steps = np.zeros((TRIALS, CHANNELS)), []
    for t in range(LENGTH):
        trace = trace * np.exp(-1 / 30) + spikes[:, t]
        if t % 25 == 24:
            steps.append(trace)
    return np.concatenate(steps, 1)


def right(x, label):
    half = TRIALS // 2
    return RidgeClassifier(alpha=1).fit(x[:half], label[:half]).score(x[half:], label[half:])


found = {"liquid": [], "input": [], "whole": []}
for seed in range(5):
    rng = np.random.default_rng(seed)
    spikes, label = trials(rng)
    past = filtered(spikes)
    found["liquid"].append(right(simulate(spikes, rng), label))
    found["input"].append(right(past[:, -CHANNELS:], label))
    found["whole"].append(right(past, label))
print(json.dumps({name: float(np.median(shares)) for name, shares in found.items()}, indent=1))
