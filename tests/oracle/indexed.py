"""
Orders, prefix folds and scatters of JAX, with gradients, and cumulative extrema of PyTorch.
Run: python3 tests/oracle/indexed.py > tests/oracle/indexed.json
"""

import json

import jax
import jax.numpy as jnp
import numpy as np
import torch

jax.config.update("jax_enable_x64", True)

random = np.random.default_rng(4)
x = np.round(random.normal(size=(3, 40)), 1)  # with ties
x[1, [3, 17]] = np.nan
smooth = np.round(random.normal(size=(2, 6)), 3)
zeros = np.array([[2.0, 0.0, 3.0, 0.0, 5.0, -1.5], [1.5, -2.0, 0.0, 4.0, 0.5, 3.0]])
weights = np.round(random.normal(size=(2, 6)), 3)
ids = random.integers(0, 5, size=12)
ids[ids == 3] = 1  # a segment without elements
data = np.round(random.normal(size=(12, 2)), 3)
base = np.round(random.normal(size=(5, 2)), 3)
distinct = np.array([4, 0, 2])
grid = np.sort(np.round(random.normal(size=17), 1))
queries = np.round(random.normal(size=(2, 5)), 1)


def listed(a):
    names = {np.inf: "Infinity", -np.inf: "-Infinity"}
    return ["NaN" if v != v else names.get(v, v) for v in np.asarray(a).ravel().tolist()]


def fold(f, at):
    y, pull = jax.vjp(f, at)
    return {"y": listed(y), "gradient": listed(pull(jnp.asarray(weights))[0])}


def extremum(name, reverse):
    at = torch.tensor(smooth, requires_grad=True)
    y = getattr(torch, name)(at.flip(1) if reverse else at, 1).values
    y = y.flip(1) if reverse else y
    y.backward(torch.tensor(weights))
    return {"y": listed(y.detach()), "gradient": listed(at.grad)}


def segments(f):
    y, pull = jax.vjp(f, jnp.asarray(data))
    return {"y": listed(y), "gradient": listed(pull(jnp.ones_like(y))[0])}


def scattered(method):
    y, pull = jax.vjp(lambda b, u: getattr(b.at[distinct], method)(u), jnp.asarray(base), jnp.asarray(data[:3]))
    gradients = pull(jnp.asarray(base * 2))
    return {"y": listed(y), "base": listed(gradients[0]), "updates": listed(gradients[1])}


volume = data.reshape(3, 4, 2)
points = np.array([[2, 1], [0, 3], [2, 0]])
along = np.array([[4, 0, 2], [1, 5, 3]])


def pulled(f, *at):
    """A value, and the gradients of its sum of squares' half in all arguments."""
    y, pull = jax.vjp(f, *[jnp.asarray(a) for a in at])
    return {"y": listed(y), **{f"gradient{i}": listed(g) for i, g in enumerate(pull(y))}}


def put_along(method):
    return pulled(lambda b, u: getattr(b.at[np.arange(2)[:, None], along], method)(u), smooth, weights[:, :3])


def recurrence(a, b):
    def step(carry, row):
        y = row[0] * carry + row[1]
        return y, y

    _, rest = jax.lax.scan(step, b[:, 0], (a[:, 1:].T, b[:, 1:].T))
    return jnp.concatenate([b[:, :1], rest.T], 1)


number = {"segments": 5}
cases = {
    "sort": listed(jnp.sort(x, 1)),
    "argsort": listed(jnp.argsort(x, 1, stable=True)),
    "argsortDescending": listed(jnp.argsort(x[[0, 2]], 1, stable=True, descending=True)),
    "topK": listed(jax.lax.top_k(x[[0, 2]], 24)[0]),
    "topKIndices": listed(jax.lax.top_k(x[[0, 2]], 24)[1]),
    "cumprod": fold(lambda v: jnp.cumprod(v, 1), zeros),
    "logcumsumexp": fold(lambda v: jax.lax.cumlogsumexp(v, 1), smooth),
    "logcumsumexpReverse": fold(lambda v: jax.lax.cumlogsumexp(v, 1, reverse=True), smooth),
    "cummax": extremum("cummax", False),
    "cummin": extremum("cummin", True),
    "segmentSum": segments(lambda d: jax.ops.segment_sum(d, ids, 5)),
    "segmentMax": segments(lambda d: jax.ops.segment_max(d, ids, 5)),
    "segmentMin": segments(lambda d: jax.ops.segment_min(d, ids, 5)),
    "segmentMean": segments(
        lambda d: jax.ops.segment_sum(d, ids, 5) / jnp.maximum(jnp.bincount(ids, length=5), 1)[:, None]
    ),
    "recurrence": pulled(recurrence, weights, smooth),
    "gatherNd": pulled(lambda v: v[points[:, 0], points[:, 1]], volume),
    "scatterAddNd": pulled(lambda u: jnp.zeros((3, 4, 2)).at[points[:, 0], points[:, 1]].add(u), base[:3]),
    "scatterSetNd": pulled(lambda v, u: v.at[points[:, 0], points[:, 1]].set(u), volume, base[:3]),
    "scatterSetAlong": put_along("set"),
    "scatterMaxAlong": put_along("max"),
    "scatterMinAlong": put_along("min"),
    "scatterSet": scattered("set"),
    "scatterMax": scattered("max"),
    "scatterMin": scattered("min"),
    "bincount": listed(jnp.bincount(ids, length=6)),
    "searchLeft": listed(jnp.searchsorted(grid, queries, side="left")),
    "searchRight": listed(jnp.searchsorted(grid, queries, side="right")),
}
inputs = {
    "x": x, "smooth": smooth, "zeros": zeros, "weights": weights, "ids": ids, "data": data, "base": base,
    "distinct": distinct, "grid": grid, "queries": queries,
}
print(
    json.dumps(
        {
            "source": f"JAX {jax.__version__}, PyTorch {torch.__version__}",
            "inputs": {name: listed(a) for name, a in inputs.items()},
            "cases": cases,
        }
    )
)
