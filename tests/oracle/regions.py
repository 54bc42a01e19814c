"""Values, gradients and Hessian-vector products of loops and choices, in f64, from lax.scan, while_loop and cond.
Run: python3 tests/oracle/regions.py > tests/oracle/regions.json"""

import json

import jax
import jax.numpy as jnp
from jax import lax

jax.config.update("jax_enable_x64", True)

key = jax.random.key(7)
keys = jax.random.split(key, 4)
W = jax.random.uniform(keys[0], (3, 3), jnp.float64, -1, 1)
X = jax.random.uniform(keys[1], (6, 2, 3), jnp.float64, -1, 1)
H = jax.random.uniform(keys[2], (2, 3), jnp.float64, -1, 1)
V = jax.random.uniform(keys[3], (3, 3), jnp.float64, -1, 1)


def recurrent(reverse):
    """A recurrence that uses its weights twice; the last state and all outputs are judged."""

    def f(w):
        def step(h, x):
            after = jnp.tanh(h @ w + x @ w.T)
            return after, after * x

        last, outs = lax.scan(step, H, X, reverse=reverse)
        return jnp.sum(last * last) + jnp.sum(jnp.sin(outs))

    return f


def chosen(w):
    """A choice in every step, by the sign of a sum that depends on the weights."""

    def step(h, x):
        after = lax.cond(jnp.sum(h * x) > 0, lambda: jnp.tanh(h @ w), lambda: jnp.sin(x @ w) * h)
        return after, jnp.sum(after)

    last, outs = lax.scan(step, H, X)
    return jnp.sum(last) + jnp.sum(outs * outs)


def until(w):
    """Newton's iteration for the inverse of 3·I + w, to convergence; its tangent is taken forwards."""
    a = 3 * jnp.eye(3) + w

    def follow(state):
        y, n = state
        return (jnp.sum((a @ y - jnp.eye(3)) ** 2) > 1e-20) & (n < 50)

    def step(state):
        y, n = state
        return y @ (2 * jnp.eye(3) - a @ y), n + 1

    y, _ = lax.while_loop(follow, step, (a.T / jnp.sum(a * a), 0))
    return jnp.sum(jnp.cos(y))


def mapped(w):
    return jnp.sum(jnp.cos(lax.map(lambda x: jnp.prod(x @ w, axis=-1), X)))


def case(f, forward=False):
    gradient = jax.jacfwd(f) if forward else jax.grad(f)
    hvp = jax.jvp(gradient, (W,), (V,))[1]
    return {"y": float(f(W)), "gradient": gradient(W).ravel().tolist(), "hvp": hvp.ravel().tolist()}


print(
    json.dumps(
        {
            "source": f"JAX {jax.__version__}, f64",
            "w": W.ravel().tolist(),
            "x": X.ravel().tolist(),
            "h": H.ravel().tolist(),
            "v": V.ravel().tolist(),
            "scan": case(recurrent(False)),
            "reverse": case(recurrent(True)),
            "cond": case(chosen),
            "while": case(until, forward=True),
            "map": case(mapped),
        },
        indent=1,
    )
)
