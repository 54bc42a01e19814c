"""Jacobians, Hessians and batched derivatives of a few functions, in f64.
Run: python3 tests/oracle/transforms.py > tests/oracle/transforms.json"""

import json

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)


def grid(shape, phase):
    n = 1
    for d in shape:
        n *= d
    return jnp.sin(jnp.arange(n) * 0.7 + phase).reshape(shape)


w, x, xs, t, ts = grid((3, 4), 0.1), grid((4,), 1.3), grid((5, 4), 2.1), grid((3,), 0.4), grid((5, 3), 0.9)


def layer(w, x):
    return jnp.tanh(w @ x)


def loss(w, x, t):
    return jnp.sum((jax.nn.softmax(layer(w, x)) - t) ** 2)


def rosenbrock(x):
    return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def roll(w, x):
    def step(h, _):
        h = jnp.tanh(w[:, :3] @ h + x[:3])
        return h, h

    return jax.lax.scan(step, jnp.ones(3), None, length=4)[1]


def stencil(x):
    return jnp.sin(x[1:]) * x[:-1] ** 2


def flat(value):
    return [float(v) for v in jnp.ravel(value)]


cases = {
    "jacrev by w": jax.jacrev(layer, 0)(w, x),
    "jacfwd by x": jax.jacfwd(layer, 1)(w, x),
    "hessian of rosenbrock": jax.hessian(rosenbrock)(x),
    "hessian of loss by w": jax.hessian(loss, 0)(w, x, t),
    "mixed block of loss": jax.jacfwd(jax.grad(loss, 0), 1)(w, x, t),
    "gradients per example": jax.vmap(jax.grad(loss, 0), (None, 0, 0))(w, xs, ts),
    "gradient of batch": jax.grad(lambda w: jnp.mean(jax.vmap(loss, (None, 0, 0))(w, xs, ts)))(w),
    "hessians per example": jax.vmap(jax.hessian(rosenbrock))(xs),
    "jacobian of gradient norms": jax.jacrev(
        lambda w: jax.vmap(lambda x, t: jnp.sum(jax.grad(loss, 0)(w, x, t) ** 2))(xs, ts)
    )(w),
    "scan per example": jax.vmap(jax.jacrev(roll, 0), (None, 0))(w, xs),
    "jacobian of stencil": jax.jacfwd(stencil)(x),
    "nested vmap": jax.vmap(lambda a: jax.vmap(lambda b: jnp.sum(jnp.outer(a, b) ** 2) + a @ b)(xs), 0, 1)(xs[:2]),
}
print(json.dumps({"source": f"JAX {jax.__version__}, f64", "cases": {k: flat(v) for k, v in cases.items()}}, indent=1))
