"""Writes scalar-functions.json: values of scalar functions to the last place of f64, computed with mpmath.

Run with Python 3 and mpmath from this folder: python3 scalar_functions.py
"""

import json
import random

import mpmath as mp

mp.mp.dps = 60
random.seed(20240607)

NEAR_ONE = [1 - 2.0**-k for k in range(2, 53, 3)] + [1 + 2.0**-k for k in range(2, 53, 3)]


def spread(low, high, count):
    """Numbers of either sign whose logarithms are evenly spread."""
    return [random.choice([-1, 1]) * 2 ** random.uniform(low, high) for _ in range(count)]


def positive(xs):
    return [abs(x) for x in xs]


ONE_ARGUMENT = {
    "exp": (mp.exp, [random.uniform(-745, 709) for _ in range(150)] + spread(-60, 9, 100)),
    "expm1": (mp.expm1, [random.uniform(-40, 709) for _ in range(100)] + spread(-60, 9, 150)),
    "log": (mp.log, positive(spread(-1070, 1020, 150)) + NEAR_ONE + positive(spread(-3, 3, 100))),
    "log1p": (mp.log1p, [x for x in spread(-60, 20, 250) if x > -1] + positive(spread(0, 1000, 30))),
    "sin": (mp.sin, spread(-30, 16.6, 250) + [k * 1.5707963267948966 for k in range(1, 60000, 997)]),
    "cos": (mp.cos, spread(-30, 16.6, 250) + [k * 1.5707963267948966 for k in range(1, 60000, 997)]),
    "tan": (mp.tan, spread(-30, 16.6, 250) + [k * 1.5707963267948966 for k in range(1, 60000, 997)]),
    "tanh": (mp.tanh, spread(-60, 5, 250)),
    "erf": (mp.erf, spread(-60, 2.6, 250) + [random.uniform(0.8, 1.2) for _ in range(50)]),
    "erfinv": (mp.erfinv, [random.uniform(-1, 1) for _ in range(150)] + spread(-60, 0, 60) + NEAR_ONE[:17]),
}

POWERS = (
    [(abs(x), y) for x, y in zip(spread(-30, 30, 150), spread(-5, 5, 150))]
    + [(x, random.uniform(-1, 1) * 700 / abs(float(mp.log(x)))) for x in positive(spread(-1, 1, 150))]
    + [(x, random.uniform(-1, 1) * 700 / abs(float(mp.log(x)))) for x in NEAR_ONE]
    + [(-abs(x), float(k)) for k, x in enumerate(spread(-10, 10, 20))]
)

TRACED = {
    "asin": (mp.asin, [random.uniform(-1, 1) for _ in range(60)] + spread(-60, 0, 60) + NEAR_ONE[:17] + [-x for x in NEAR_ONE[:17]]),
    "acos": (mp.acos, [random.uniform(-1, 1) for _ in range(60)] + spread(-60, 0, 60) + NEAR_ONE[:17] + [-x for x in NEAR_ONE[:17]]),
    "atan": (mp.atan, spread(-60, 5, 120) + spread(-2, 3, 40)),
    "sinh": (mp.sinh, spread(-60, 9.46, 120) + [random.uniform(-710, 710) for _ in range(40)]),
    "cosh": (mp.cosh, spread(-60, 9.46, 120) + [random.uniform(-710, 710) for _ in range(40)]),
    "asinh": (mp.asinh, spread(-60, 1000, 100) + spread(-3, 6, 60)),
    "acosh": (mp.acosh, positive(spread(0, 1000, 100)) + [1 + x for x in positive(spread(-52, 3, 60))]),
    "atanh": (mp.atanh, [random.uniform(-1, 1) for _ in range(80)] + spread(-60, 0, 60) + NEAR_ONE[:17]),
    "erfc": (mp.erfc, spread(-60, 4.7, 120) + [random.uniform(-2, 26.5) for _ in range(60)]),
    "lgamma": (
        lambda x: mp.log(abs(mp.gamma(x))),
        positive(spread(-60, 12, 80)) + [random.uniform(0, 12) for _ in range(60)] + NEAR_ONE[::3]
        + [1 + x for x in NEAR_ONE[::3]] + [-random.uniform(0, 30) for _ in range(40)],
    ),
    "digamma": (mp.digamma, positive(spread(-60, 40, 80)) + [random.uniform(-30, 12) for _ in range(80)]),
    "trigamma": (lambda x: mp.polygamma(1, x), positive(spread(-60, 40, 80)) + [random.uniform(-30, 12) for _ in range(80)]),
}

ANGLES = [(x, y) for x, y in zip(spread(-300, 300, 60), spread(-300, 300, 60))] + [
    (random.uniform(-2, 2), random.uniform(-2, 2)) for _ in range(100)
]

golden = {name: [[x, float(f(mp.mpf(x)))] for x in xs] for name, (f, xs) in ONE_ARGUMENT.items()}
golden["pow"] = [[x, y, float(mp.power(mp.mpf(x), mp.mpf(y)))] for x, y in POWERS]
golden |= {name: [[x, float(f(mp.mpf(x)))] for x in xs] for name, (f, xs) in TRACED.items()}
golden["atan2"] = [[y, x, float(mp.atan2(mp.mpf(y), mp.mpf(x)))] for y, x in ANGLES]

with open("scalar-functions.json", "w") as file:
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(rows)}" for name, rows in golden.items())
    file.write("{\n" + lines + "\n}\n")
