"""Prints the coefficients of the polynomials in src/loop/functions, with the largest error of each.

Nearly minimax: least squares on Chebyshev nodes, reweighted until the error is level (Lawson's method).
The last digits depend on the number of rounds; the errors do not. Digits that cannot matter are left out there.
Run with Python 3 and mpmath: python3 polynomials.py, or python3 polynomials.py WORD for those whose name holds a word.
"""

import struct
import sys

import mpmath as mp

mp.mp.dps = 60


def fit(f, low, high, degree, weight=lambda x: 1, rounds=12):
    """Coefficients of p, constant first, with weight·|f − p| small on [low, high]; and that error."""
    low, high, terms = mp.mpf(low), mp.mpf(high), degree + 1
    count = 6 * terms
    nodes = [mp.cos(mp.pi * (2 * k + 1) / (2 * count)) for k in range(count)]
    xs = [(low + high) / 2 + (high - low) / 2 * t for t in nodes]
    values, weights = [f(x) for x in xs], [mp.mpf(weight(x)) for x in xs]
    rows = [[mp.chebyt(i, t) for i in range(terms)] for t in nodes]
    level, best = [mp.mpf(1) / count] * count, None
    for _ in range(rounds):
        a, b = mp.zeros(terms, terms), mp.zeros(terms, 1)
        for row, y, w, q in zip(rows, values, weights, level):
            for i in range(terms):
                b[i] += q * w**2 * row[i] * y
                for j in range(terms):
                    a[i, j] += q * w**2 * row[i] * row[j]
        c = mp.lu_solve(a, b)
        errors = [w * abs(y - mp.fdot(c, row)) for row, y, w in zip(rows, values, weights)]
        if best is None or max(errors) < best[0]:
            best = (max(errors), c)
        total = mp.fdot(level, errors)
        level = [q * e / total for q, e in zip(level, errors)]
    # From Chebyshev polynomials of t = (2x − low − high) / (high − low) to powers of x.
    scale, shift = 2 / (high - low), -(low + high) / (high - low)
    basis = [[mp.mpf(1)], [shift, scale]]
    while len(basis) < terms:
        grown = [mp.mpf(0)] * (len(basis) + 1)
        for k, value in enumerate(basis[-1]):
            grown[k] += 2 * shift * value
            grown[k + 1] += 2 * scale * value
        for k, value in enumerate(basis[-2]):
            grown[k] -= value
        basis.append(grown)
    powers = [sum(best[1][i] * basis[i][k] for i in range(k, terms)) for k in range(terms)]
    return powers, best[0]


def show(name, dtype, f, low, high, degree, weight=lambda x: 1):
    if len(sys.argv) > 1 and sys.argv[1] not in name:
        return
    powers, error = fit(f, low, high, degree, weight)
    single = lambda x: f"{struct.unpack('f', struct.pack('f', float(x)))[0]:.9g}"
    text = ", ".join(single(p) if dtype == "f32" else repr(float(p)) for p in powers)
    print(f"{name} {dtype} (error 2^{float(mp.log(error, 2)):.1f}): {text}", flush=True)


def series(term, count=60):
    return lambda x: sum(term(k) * x**k for k in range(count))


def without_zero(f, at_zero):
    return lambda z: at_zero if z < mp.mpf(10) ** -20 else f(z)


def tangent(z):
    r = mp.sqrt(z)
    return (mp.tan(r) - r) / r**3


def small_erf(z):
    r = mp.sqrt(z)
    return mp.erf(r) / r - 1


def inverse(w):
    """erfinv(x)/x in w = −ln(1 − x²)."""
    x = mp.sqrt(-mp.expm1(-w))
    return mp.erfinv(x) / x


HALF_LN2 = mp.log(2) / 2 * mp.mpf("1.002")
ATANH_END = (3 - 2 * mp.sqrt(2)) ** 2 * mp.mpf("1.0002")
ANGLE = {"f32": mp.mpf("0.7965") ** 2, "f64": (mp.pi / 4 * mp.mpf("1.0001")) ** 2}
INVERSE = without_zero(inverse, mp.sqrt(mp.pi) / 2)

for dtype, degree in (("f32", 4), ("f64", 9)):
    show("exponential Q", dtype, series(lambda k: 1 / mp.factorial(k + 2)), -HALF_LN2, HALF_LN2, degree)
for dtype, degree in (("f32", 5), ("f64", 10)):
    show("power EXP2", dtype, series(lambda k: mp.log(2) ** (k + 1) / mp.factorial(k + 1)), -0.501, 0.501, degree)
for dtype, degree in (("f32", 2), ("f64", 6)):
    show("logarithm ATANH", dtype, series(lambda k: mp.mpf(2) / (2 * k + 3)), 0, ATANH_END, degree)
    show("power TAIL", dtype, series(lambda k: mp.mpf(3) / (2 * k + 5)), 0, ATANH_END, degree)
show("logarithm WIDE_ATANH", "f32", series(lambda k: mp.mpf(2) / (2 * k + 3), 60), 0, mp.mpf(1) / 9, 3)
for dtype, degree, end in (("f32", 2, ANGLE["f32"]), ("f64", 5, ANGLE["f64"])):
    show("SIN", dtype, series(lambda k: (-1) ** (k + 1) / mp.factorial(2 * k + 3), 30), 0, end, degree)
    show("COS", dtype, series(lambda k: (-1) ** k / mp.factorial(2 * k + 4), 30), 0, end, degree)
for dtype, degree in (("f32", 6), ("f64", 13)):
    show("TAN", dtype, without_zero(tangent, mp.mpf(1) / 3), 0, ANGLE[dtype], degree)
for dtype, degree in (("f32", 6), ("f64", 11)):
    show("erf SMALL", dtype, without_zero(small_erf, 2 / mp.sqrt(mp.pi) - 1), 0, 1, degree)
for dtype, degree, end in (("f32", 6, 4), ("f64", 16, 6)):
    show("LOG_ERFC", dtype, lambda a: mp.log(mp.erfc(a)), 1, end, degree, mp.erfc)
for dtype, degree in (("f32", 9), ("f64", 20)):
    f = lambda v: INVERSE(v + 3)
    show("erfinv, w < 6", dtype, f, -3, 3, degree, lambda v: 1 / f(v))
for dtype, degree, center, low, high in (("f32", 7, 3.25, mp.sqrt(6), 4), ("f64", 16, 3.25, mp.sqrt(6), 4), ("f64", 14, 5, 4, 6.1)):
    f = lambda v: INVERSE((v + center) ** 2)
    show(f"erfinv, √w to {high}", dtype, f, low - center, high - center, degree, lambda v: 1 / f(v))


def arc_tangent(z):
    r = mp.sqrt(z)
    return (mp.atan(r) - r) / r**3


def sine_of_turns(z):
    r = mp.sqrt(z)
    return mp.sin(mp.pi * r) / r


def scaled_tail(q):
    """(1 + 2a) e^(a²) erfc(a) at q = (a − 4) / (a + 4)."""
    a = 4 * (1 + q) / (1 - q)
    return (1 + 2 * a) * mp.exp(a * a) * mp.erfc(a)


def log_gamma_rest(v):
    """ln Γ(y) / ((y − 1)(y − 2)) at y = v + 3/2."""
    y = v + mp.mpf(3) / 2
    if abs(y - 1) < mp.mpf(10) ** -20:
        return mp.euler
    if abs(y - 2) < mp.mpf(10) ** -20:
        return 1 - mp.euler
    return mp.loggamma(y) / ((y - 1) * (y - 2))


EIGHTH = mp.tan(mp.pi / 8) ** 2 * mp.mpf("1.0001")
QUARTER = mp.mpf("0.2501")

for dtype, degree in (("f32", 4), ("f64", 10)):
    show("ATAN", dtype, without_zero(arc_tangent, -mp.mpf(1) / 3), 0, EIGHTH, degree)
for dtype, degree in (("f32", 4), ("f64", 8)):
    show("SIN_TURNS", dtype, without_zero(sine_of_turns, mp.pi), 0, QUARTER, degree)
for dtype, degree, end in (("f32", 10, "0.45"), ("f64", 20, "0.75")):
    show("TAIL_ERFC", dtype, scaled_tail, mp.mpf("-0.78"), mp.mpf(end), degree)
for dtype, degree in (("f32", 8), ("f64", 19)):
    show("LOG_GAMMA", dtype, log_gamma_rest, mp.mpf("-0.5"), mp.mpf("0.5"), degree)
