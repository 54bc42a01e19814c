"""Values and gradients of functions of two numbers, norms and functions of matrices, in f64.
Run: python3 tests/oracle/elementwise.py > tests/oracle/elementwise.json"""

import json

import jax
import jax.numpy as jnp
import torch

jax.config.update("jax_enable_x64", True)

PAIR = [[[0.3, -1.2, 2.5], [-0.7, 3.1, -40.0]], [[1.9, -0.4, -2.2], [0.6, 3.0, 38.5]]]
MATRIX = [[0.5, -1.5, 2.0, 0.25], [3.0, 1.0, -0.75, 4.0], [-2.0, 0.125, 1.5, -1.0]]
SMALL = [[1.0, -2.0], [0.5, 3.0]]
VECTOR = [0.5, -1.5, 2.0]


def weights(shape):
    """A cotangent that tells every element from the others."""
    return (jnp.arange(1, 1 + int(jnp.prod(jnp.array(shape, int)))) * 0.25 - 0.6).reshape(shape)


def record_jax(f, *inputs):
    xs = [jnp.array(x, jnp.float64) for x in inputs]
    y, vjp = jax.vjp(f, *xs)
    w = weights(y.shape)
    return {"inputs": inputs, "y": y.tolist(), "w": w.tolist(), "gradients": [g.tolist() for g in vjp(w)]}


def record_torch(f, *inputs):
    xs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    y = f(*xs)
    w = torch.tensor(weights(tuple(y.shape)).tolist(), dtype=torch.float64)
    gradients = torch.autograd.grad(y, xs, w)
    return {"inputs": inputs, "y": y.tolist(), "w": w.tolist(), "gradients": [g.tolist() for g in gradients]}


NORM = torch.linalg.vector_norm

CASES = {
    "atan2": record_jax(jnp.arctan2, *PAIR),
    "hypot": record_jax(jnp.hypot, *PAIR),
    "logAddExp": record_jax(jnp.logaddexp, *PAIR),
    "prelu": record_torch(torch.nn.functional.prelu, [[0.3, -1.2, 2.5], [-0.7, 3.1, -40.0]], [0.25, 0.1, -0.5]),
    "norm1": record_torch(lambda x: NORM(x, 1, 1), [[0.0, -1.0, 2.0], [0.0, 0.0, 0.0]]),
    "norm2": record_torch(lambda x: NORM(x, 2, 1), [[0.0, -1.0, 2.0], [0.0, 0.0, 0.0]]),
    "norm3": record_torch(lambda x: NORM(x, 3, 0), MATRIX),
    "norm2.5": record_torch(lambda x: NORM(x, 2.5, 0), MATRIX),
    "normInfinity": record_torch(lambda x: NORM(x, torch.inf, 1), MATRIX),
    "tril": record_jax(lambda x: jnp.tril(x, 1), MATRIX),
    "triu": record_jax(lambda x: jnp.triu(x, -1), MATRIX),
    "diag": record_jax(lambda v: jnp.diag(v, 1), VECTOR),
    "diagBelow": record_jax(lambda v: jnp.diag(v, -2), VECTOR),
    "diagonal": record_jax(jnp.diagonal, MATRIX),
    "diagonalAbove": record_jax(lambda x: jnp.diagonal(x, 2), MATRIX),
    "diagonalBelow": record_jax(lambda x: jnp.diagonal(x, -1), MATRIX),
    "trace": record_jax(jnp.trace, MATRIX),
    "kron": record_jax(jnp.kron, SMALL, MATRIX),
    "kronVector": record_jax(jnp.kron, VECTOR, SMALL),
    "tile": record_jax(lambda x: jnp.tile(x, (2, 1, 3)), SMALL),
    "tileLast": record_jax(lambda x: jnp.tile(x, 2), SMALL),
    "roll": record_jax(lambda x: jnp.roll(x, (1, -6), (0, 1)), MATRIX),
    "moveAxis": record_jax(lambda x: jnp.moveaxis(x, (0, -1), (-1, 1)), [PAIR[0], PAIR[1]]),
}

SOURCE = f"JAX {jax.__version__}, PyTorch {torch.__version__.split('+')[0]}, f64"
print(json.dumps({"source": SOURCE, "cases": CASES}))
