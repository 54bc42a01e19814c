"""Values, first and second derivatives of functions of one number, in f64.
Run: python3 tests/oracle/functions.py > tests/oracle/functions.json"""

import json

import jax
import jax.numpy as jnp
from jax.scipy.special import digamma, erf, erfc, erfinv, gammaln, logit, polygamma

jax.config.update("jax_enable_x64", True)

WIDE = [-40.0, -7.3, -2.5, -1.1, -0.4, -1e-3, 1e-9, 0.3, 0.9, 2.2, 6.8, 35.0]
POSITIVE = [1e-6, 0.07, 0.6, 1.4, 3.3, 120.0]
UNIT = [-0.999, -0.8, -0.31, -1e-5, 0.12, 0.66, 0.98]

FUNCTIONS = {
    "exp": (jnp.exp, WIDE),
    "expm1": (jnp.expm1, WIDE),
    "log": (jnp.log, POSITIVE),
    "log1p": (jnp.log1p, [-0.9, -1e-8, *POSITIVE]),
    "sin": (jnp.sin, WIDE),
    "cos": (jnp.cos, WIDE),
    "tan": (jnp.tan, WIDE),
    "tanh": (jnp.tanh, WIDE),
    "sigmoid": (jax.nn.sigmoid, WIDE),
    "softplus": (jax.nn.softplus, WIDE),
    "logSigmoid": (jax.nn.log_sigmoid, WIDE),
    "erf": (erf, [x for x in WIDE if abs(x) < 20]),
    "erfinv": (erfinv, UNIT),
    "erfc": (erfc, [x for x in WIDE if abs(x) < 20]),
    "logit": (logit, [0.001, 0.2, 0.5, 0.9, 0.9999]),
    # JAX's derivative of digamma has seven digits below 0; scalar_functions.py records those of mpmath.
    "lgamma": (gammaln, POSITIVE),
    "digamma": (digamma, POSITIVE),
    "trigamma": (lambda x: polygamma(1, x), POSITIVE),
    "asin": (jnp.arcsin, UNIT),
    "acos": (jnp.arccos, UNIT),
    "atan": (jnp.arctan, WIDE),
    "sinh": (jnp.sinh, [x for x in WIDE if abs(x) < 20]),
    "cosh": (jnp.cosh, [x for x in WIDE if abs(x) < 20]),
    "asinh": (jnp.arcsinh, WIDE),
    "acosh": (jnp.arccosh, [1.01, 1.4, 3.3, 120.0]),
    "atanh": (jnp.arctanh, UNIT),
    "softsign": (jax.nn.soft_sign, WIDE),
    "celu": (lambda x: jax.nn.celu(x, 1.3), WIDE),
    "hardSigmoid": (jax.nn.hard_sigmoid, WIDE),
    "hardSwish": (jax.nn.hard_swish, WIDE),
    "sqrt": (jnp.sqrt, POSITIVE),
    "rsqrt": (lambda x: 1 / jnp.sqrt(x), POSITIVE),
    "relu": (jax.nn.relu, WIDE),
    "relu6": (jax.nn.relu6, WIDE),
    "leakyRelu": (lambda x: jax.nn.leaky_relu(x, 0.01), WIDE),
    "elu": (jax.nn.elu, WIDE),
    "selu": (jax.nn.selu, WIDE),
    "silu": (jax.nn.silu, WIDE),
    "mish": (jax.nn.mish, WIDE),
    "gelu": (lambda x: jax.nn.gelu(x, approximate=False), WIDE),
    "geluTanh": (lambda x: jax.nn.gelu(x, approximate=True), WIDE),
    "reciprocal": (lambda x: 1 / x, POSITIVE),
    "square": (lambda x: x * x, WIDE),
    "cubed": (lambda x: x**3, WIDE),
    "power2.5": (lambda x: x**2.5, POSITIVE),
    "power-2": (lambda x: x**-2, POSITIVE),
}

rows = {}
for name, (f, xs) in FUNCTIONS.items():
    x = jnp.array(xs, jnp.float64)
    d1 = jax.grad(f)
    rows[name] = {
        "x": xs,
        "y": f(x).tolist(),
        "first": jax.vmap(d1)(x).tolist(),
        "second": jax.vmap(jax.grad(d1))(x).tolist(),
    }
print(json.dumps({"source": f"JAX {jax.__version__}, f64", "functions": rows}, indent=1))
