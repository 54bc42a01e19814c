"""First values of parameters: jax.nn.initializers for one key, f32.
Run: python3 tests/oracle/initializers.py > tests/oracle/initializers.json"""

import json

import jax
from jax.nn import initializers as init

KEY = jax.random.key(7)
AXES = {"in_axis": -2, "out_axis": -1}


def scaled(scale, mode, distribution):
    return init.variance_scaling(scale, mode, distribution, **AXES)


def normal(scale, mode):
    fan = {"fan_in": lambda s: s[-2] * window(s), "fan_avg": lambda s: (s[-2] + s[-1]) * window(s) / 2}[mode]
    return lambda key, shape: jax.random.normal(key, shape) * (scale / fan(shape)) ** 0.5


def window(shape):
    product = 1
    for n in shape[:-2]:
        product *= n
    return product


CASES = {
    "truncatedNormalInit": (init.truncated_normal(0.05), [3, 4]),
    "glorotUniform": (scaled(1.0, "fan_avg", "uniform"), [2, 3, 4]),
    "heUniform": (scaled(2.0, "fan_in", "uniform"), [2, 3, 4]),
    "lecunUniform": (scaled(1.0, "fan_in", "uniform"), [2, 3, 4]),
    "glorotNormal": (normal(1.0, "fan_avg"), [2, 3, 4]),
    "heNormal": (normal(2.0, "fan_in"), [2, 3, 4]),
    "lecunNormal": (normal(1.0, "fan_in"), [2, 3, 4]),
    "orthogonalTall": (init.orthogonal(), [5, 3]),
    "orthogonalWide": (init.orthogonal(2.0), [3, 5]),
    "orthogonalWindow": (init.orthogonal(), [2, 3, 4]),
}

rows = {}
for name, (make, shape) in CASES.items():
    rows[name] = {"shape": shape, "values": make(KEY, shape).reshape(-1).tolist()}
print(json.dumps({"source": f"JAX {jax.__version__}, f32, key(7)", "cases": rows}))
