"""
Operations of the catalogue that no other record here names, one by one: values of JAX, and gradients in f64 of half the
sum of squares of the results. Run: python3 tests/oracle/catalogue.py > tests/oracle/catalogue.json
"""

import json

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)

random = np.random.default_rng(11)
real = lambda *shape: np.round(random.normal(size=shape) * 2, 3)
whole = lambda high, *shape: random.integers(0, high, size=shape).astype(np.int32)
x, y = real(3, 4), real(3, 4)
words = [random.integers(0, 2**32, size=(6,), dtype=np.uint32) for _ in range(2)]
small = np.minimum(words[1], 31).astype(np.uint32)
truths = [whole(2, 8).astype(bool) for _ in range(2)]
ties = (np.round(real(4, 3)), np.round(real(4, 3)))
labels, rows = whole(4, 3), whole(5, 6)
columns = whole(4, 3, 2)
# [batch, axes…, groups, channels] and [groups, window…, channels, filters]
image, kernel = real(2, 5, 6, 1, 3), real(1, 3, 2, 3, 4)
SPATIAL = {"strides": [2, 1], "low": [1, 0], "high": [1, 1], "dilation": [1, 2]}


def convolution(a, k):
    y = lax.conv_general_dilated(
        a[:, :, :, 0], k[0], SPATIAL["strides"], list(zip(SPATIAL["low"], SPATIAL["high"])), rhs_dilation=SPATIAL["dilation"],
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
    )
    return y[:, :, :, None]


result, pull = jax.vjp(convolution, jnp.asarray(image), jnp.asarray(kernel))
cotangent = np.round(np.asarray(random.normal(size=result.shape)), 3)
picked = lambda logits, at: jnp.take_along_axis(logits, at[:, None], 1)[:, 0]
soft = np.asarray(jax.nn.softmax(jnp.asarray(y), 1))

# name: (function, operands, attributes)
CASES = {
    "rem": (lax.rem, [x, y], {}),
    "neg": (jnp.negative, [x], {}),
    "minimum": (jnp.minimum, [x, y], {}),
    "floor": (jnp.floor, [x], {}),
    "trunc": (jnp.trunc, [x], {}),
    **{name: (getattr(lax, name), list(ties), {}) for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    "bitcast": (lambda v: lax.bitcast_convert_type(v, jnp.uint32), [real(5).astype(np.float32)], {"dtype": "u32"}),
    "xor": (jnp.logical_xor, truths, {}),
    "bitAnd": (jnp.bitwise_and, words, {}),
    "bitOr": (jnp.bitwise_or, words, {}),
    "bitXor": (jnp.bitwise_xor, words, {}),
    "bitNot": (jnp.bitwise_not, words[:1], {}),
    "shiftLeft": (lax.shift_left, [words[0], small], {}),
    "shiftRight": (lax.shift_right_logical, [words[0], small], {}),
    "expand": (lambda v: jnp.broadcast_to(v[None], (2, 3, 4)), [x], {"shape": [2, 3, 4], "axes": [1, 2]}),
    "transpose": (lambda v: jnp.transpose(v, (2, 0, 1)), [real(2, 3, 4)], {"perm": [2, 0, 1]}),
    "pad": (
        lambda v: lax.pad(v, 1.5, [(1, 2, 1), (0, 3, 0)]),
        [x],
        {"low": [1, 0], "high": [2, 3], "interior": [1, 0], "value": 1.5},
    ),
    "slice": (lambda v: v[1:3, 0:4:2], [x], {"starts": [1, 0], "sizes": [2, 2], "steps": [1, 2]}),
    "concat": (lambda a, b: jnp.concatenate([a, b], 1), [x, real(3, 2)], {"axis": 1}),
    "maxNumber": (lambda v: jnp.nanmax(v, 1), [x], {"axes": [1]}),
    "argmin": (lambda v: jnp.argmin(v, 1).astype(jnp.int32), [x], {"axis": 1}),
    "logSumExp": (lambda v: jax.nn.logsumexp(v, 1), [x], {"axes": [1]}),
    "cumsum": (lambda v: lax.cumsum(v, 1, reverse=True), [x], {"axis": 1, "reverse": True, "exclusive": False}),
    "contract": (
        lambda a, b: jnp.einsum("bik,kbj->jib", a, b),
        [real(2, 3, 4), real(4, 2, 5)],
        {"left": "bik", "right": "kbj", "out": "jib"},
    ),
    "conv": (convolution, [image, kernel], SPATIAL),
    "scatterAdd": (lambda i, u: jnp.zeros((5, 2)).at[i].add(u), [rows, real(6, 2)], {"axis": 0, "size": 5}),
    "gatherAlong": (lambda v, i: jnp.take_along_axis(v, i, 1), [x, columns], {"axis": 1}),
    "scatterAddAlong": (
        lambda i, u: jnp.zeros((3, 4)).at[np.arange(3)[:, None], i].add(u),
        [columns, real(3, 2)],
        {"axis": 1, "size": 4},
    ),
    "oneHot": (lambda i: jax.nn.one_hot(i, 4, dtype=jnp.float32), [labels], {"depth": 4, "dtype": "f32"}),
    "expNonPositive": (jnp.exp, [-np.abs(x)], {}),
    "logSoftmax": (lambda v: jax.nn.log_softmax(v, 1), [x], {"axis": 1}),
    "softmaxCrossEntropy": (lambda v, i: -picked(jax.nn.log_softmax(v, 1), i), [x, labels], {}),
    "softmaxCrossEntropyDense": (lambda v, p: -jnp.sum(p * jax.nn.log_softmax(v, 1), 1), [x, soft], {}),
    "binaryCrossEntropyWithLogits": (lambda v, p: jax.nn.softplus(v) - v * p, [x, soft], {}),
    "iota": (lambda: lax.broadcasted_iota(jnp.int32, (2, 3), 1), [], {"dtype": "i32", "shape": [2, 3], "axis": 1}),
}

DTYPES = {"float64": "f64", "float32": "f32", "int32": "i32", "uint32": "u32", "bool": "bool"}


def array(a):
    a = np.asarray(a)
    return {"dtype": DTYPES[str(a.dtype)], "shape": list(a.shape), "data": a.astype(float).ravel().tolist()}


def record(f, operands, attrs):
    at = [jnp.asarray(a) for a in operands]
    out = f(*at)
    case = {"attrs": attrs, "inputs": [array(a) for a in operands], "output": array(out)}
    floats = [i for i, a in enumerate(at) if a.dtype == jnp.float64]
    if floats and out.dtype == jnp.float64:
        half = lambda *part: 0.5 * jnp.sum(jnp.square(f(*[part[floats.index(i)] if i in floats else a for i, a in enumerate(at)])))
        case["gradients"] = {str(i): array(g) for i, g in zip(floats, jax.grad(half, range(len(floats)))(*[at[i] for i in floats]))}
    return case


cases = {name: record(*case) for name, case in CASES.items()}
cases["convKernel"] = record(
    lambda a, c: jax.vjp(lambda k: convolution(a, k), jnp.asarray(kernel))[1](c)[0],
    [image, cotangent],
    {**SPATIAL, "window": [3, 2]},
)
print(json.dumps({"source": f"JAX {jax.__version__}, f64", "cases": cases}))
