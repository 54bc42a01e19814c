"""Linear algebra in f64 by JAX: results of small matrices in full, and for larger ones three numbers that depend on all of
them: phi = sum of weights * results, its derivative along a direction, and its second derivative along it.
Run: python3 tests/oracle/linalg.py > tests/oracle/linalg.json"""

import json

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def noise(seed, shape):
    """Numbers between -1 and 1 from whole numbers, the same in every language."""
    k = np.arange(int(np.prod(shape)), dtype=np.int64)
    mixed = (k * 7919 + seed * 104729 + k * k * 31) % 20011
    return (mixed / 10005.5 - 1).reshape(shape)


def matrices(seed, batch, m, n):
    """Noise, with a growing diagonal: no two singular or eigenvalues are alike."""
    diagonal = np.zeros((m, n))
    np.fill_diagonal(diagonal, 2.0 + 0.5 * np.arange(min(m, n)))
    return noise(seed, (*batch, m, n)) + diagonal


def signs(rows):
    """1 or -1: makes the first entry of each row positive that is at least half as large as the largest."""
    size = jnp.abs(rows)
    first = jnp.argmax(2 * size >= size.max(-1, keepdims=True), -1)
    entry = jnp.take_along_axis(rows, first[..., None], -1)
    return jax.lax.stop_gradient(jnp.where(entry < 0, -1.0, 1.0))


def adjoint(x):
    return jnp.swapaxes(x, -1, -2)


def eigh(a):
    values, vectors = jnp.linalg.eigh(a)
    return values, vectors * adjoint(signs(adjoint(vectors)))


def svd(a):
    u, s, vt = jnp.linalg.svd(a, full_matrices=False)
    turn = signs(vt)
    return u * adjoint(turn), s, vt * turn


def triangular(**options):
    return lambda a, b: (jax.lax.linalg.triangular_solve(a, b, left_side=True, **options),)


def positive(a):
    return a @ adjoint(a) + jnp.eye(a.shape[-1])


def wide_lstsq(a, b):
    return adjoint(a) @ jnp.linalg.solve(a @ adjoint(a), b)


# name: function of (square, right sides), or of (tall, right sides), and whether the first one is tall
FUNCTIONS = {
    "cholesky": (lambda a, b: (jnp.linalg.cholesky(positive(a)),), False),
    "lu": (lambda a, b: (jax.lax.linalg.lu(a)[0],), False),
    "qr": (lambda a, b: tuple(jnp.linalg.qr(a)), True),
    "eigh": (lambda a, b: eigh(a), False),
    "svd": (lambda a, b: svd(a), True),
    "solve": (lambda a, b: (jnp.linalg.solve(a, b),), False),
    "solveTransposed": (lambda a, b: (jnp.linalg.solve(adjoint(a), b),), False),
    "upper": (triangular(lower=False), False),
    "lowerTransposed": (triangular(lower=True, transpose_a=True, unit_diagonal=True), False),
    "det": (lambda a, b: (jnp.linalg.det(a / 3),), False),
    "slogdet": (lambda a, b: tuple(jnp.linalg.slogdet(a)), False),
    "inverse": (lambda a, b: (jnp.linalg.inv(a),), False),
    "choleskySolve": (lambda a, b: (jnp.linalg.solve(positive(a), b),), False),
    "lstsq": (lambda a, b: (jnp.linalg.solve(adjoint(a) @ a, adjoint(a) @ b),), True),
    "lstsqWide": (lambda a, b: (wide_lstsq(adjoint(a), adjoint(a) @ b),), True),
    "pinv": (lambda a, b: (jnp.linalg.pinv(a),), True),
    "nuclear": (lambda a, b: (jnp.linalg.norm(a, "nuc", axis=(-2, -1)),), True),
    "spectral": (lambda a, b: (jnp.linalg.norm(a, 2, axis=(-2, -1)),), True),
    "frobenius": (lambda a, b: (jnp.linalg.norm(a, "fro", axis=(-2, -1)),), True),
    "power": (lambda a, b: (jnp.linalg.matrix_power(a / 3, 3),), False),
}
SIZES = [(1, ()), (2, (2,)), (3, ()), (8, (2,)), (33, ())]


def case(function, tall, n, batch):
    m = n + 2 if tall else n
    x = (matrices(n, batch, m, n), noise(n + 1, (*batch, m, 2)))
    along = (noise(n + 2, x[0].shape), noise(n + 3, x[1].shape))

    def phi(*args):
        return sum(jnp.sum(y * noise(n + 4 + k, y.shape)) for k, y in enumerate(function(*args)))

    def slope(*args):
        return jax.jvp(phi, args, along)[1]

    numbers = [phi(*x), slope(*x), jax.jvp(slope, x, along)[1]]
    recorded = {"n": n, "batch": list(batch), "phi": [float(f"{float(v):.12g}") for v in numbers]}
    if n <= 3:
        results = [np.asarray(y, np.float64).ravel() for y in function(*x)]
        recorded["results"] = [[float(f"{v:.12g}") for v in y] for y in results]
    return recorded


print(
    json.dumps(
        {name: [case(f, tall, n, batch) for n, batch in SIZES] for name, (f, tall) in FUNCTIONS.items()},
        separators=(",", ":"),
    ).replace("]}],", "]}],\n")
)
