"""Inputs and outputs of the modules of GradBench that ../shared/suites has no records of: det, kmeans, gmm, lstm, ba, ht.
Written from the definitions, in f64: densities as densities, Jacobians and Hessians dense.
Run: python3 tests/oracle/gradbench.py > tests/oracle/gradbench.json"""

import json

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaln, logsumexp

jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(7)


def uniform(*shape, low=0.0, high=1.0):
    return np.round(rng.uniform(low, high, shape), 4).tolist()


def normal(*shape, scale=1.0):
    return np.round(scale * rng.normal(size=shape), 4).tolist()


def plain(tree):
    return jax.tree.map(lambda x: np.asarray(x).tolist(), tree)


CASES = []


def record(module, description, given, **outputs):
    for function, output in outputs.items():
        inputs = given | {"min_runs": 1, "min_seconds": 0.0}
        CASES.append(
            {"module": module, "function": function, "description": description, "input": inputs, "output": plain(output)}
        )


# det
for ell in [1, 2, 5]:
    a = jnp.array(uniform(ell, ell))
    record(
        "det",
        str(ell),
        {"A": a.ravel().tolist(), "ell": ell},
        primal=jnp.linalg.det(a),
        gradient=jax.grad(jnp.linalg.det)(a).ravel(),
    )


# kmeans
def cost(centroids, points):
    return jnp.sum(jnp.min(jnp.sum((points[:, None] - centroids[None]) ** 2, -1), 1))


for k, n, d in [(3, 17, 2), (4, 12, 3)]:
    points = uniform(n, d)
    centroids = points[-k:]
    at = (jnp.array(centroids), jnp.array(points))
    jacobian = jax.grad(cost)(*at).ravel()
    hessian = jax.hessian(cost)(*at).reshape(k * d, k * d)
    step = jnp.linalg.solve(hessian, jacobian).reshape(k, d)
    record("kmeans", f"k={k},n={n},d={d}", {"points": points, "centroids": centroids}, cost=cost(*at), dir=step)


# gmm
def posterior(parameters, x, gamma, m):
    alpha, mu, q, l = (parameters[name] for name in ["alpha", "mu", "q", "l"])
    k, d = mu.shape
    precisions = []
    for c in range(k):
        factor = jnp.diag(jnp.exp(q[c]))
        columns, rows = np.triu_indices(d, 1)
        factor = factor.at[rows, columns].set(l[c])
        precisions.append(factor.T @ factor)
    weights = jax.nn.log_softmax(alpha)
    total = 0.0
    for point in x:
        logs = []
        for c in range(k):
            off = point - mu[c]
            _, logdet = jnp.linalg.slogdet(precisions[c])
            logs.append(weights[c] - off @ precisions[c] @ off / 2 + logdet / 2 - d * jnp.log(2 * jnp.pi) / 2)
        total += logsumexp(jnp.stack(logs))
    freedom = d + m + 1
    scale = jnp.eye(d) / gamma**2
    gammas = d * (d - 1) / 4 * jnp.log(jnp.pi) + sum(gammaln(freedom / 2 - j / 2) for j in range(d))
    for precision in precisions:
        _, logdet = jnp.linalg.slogdet(precision)
        total += (freedom - d - 1) / 2 * logdet - jnp.trace(jnp.linalg.solve(scale, precision)) / 2
        total -= d * freedom / 2 * jnp.log(2.0) + freedom / 2 * jnp.linalg.slogdet(scale)[1] + gammas
    return total


for d, k, n, m, gamma in [(3, 2, 6, 0, 1.0), (2, 3, 5, 2, 0.7)]:
    parameters = {
        "alpha": normal(k),
        "mu": uniform(k, d),
        "q": normal(k, d, scale=0.5),
        "l": normal(k, d * (d - 1) // 2),
    }
    x = normal(n, d)
    at = {name: jnp.array(values) for name, values in parameters.items()}
    record(
        "gmm",
        f"{d}_{k}_{n}",
        {"d": d, "k": k, "n": n, "x": x, "m": m, "gamma": gamma} | parameters,
        objective=posterior(at, jnp.array(x), gamma, m),
        jacobian=jax.grad(posterior)(at, jnp.array(x), gamma, m),
    )


# lstm
def lstm_loss(parameters, state, sequence):
    main, extra = parameters
    b = sequence.shape[1]
    hidden, cell = list(state[0::2]), list(state[1::2])
    total = 0.0
    for now, following in zip(sequence[:-1], sequence[1:]):
        x = now * extra[0]
        for i in range(len(hidden)):
            w, c = main[2 * i].reshape(4, b), main[2 * i + 1].reshape(4, b)
            forget = jax.nn.sigmoid(w[0] * x + c[0])
            enter = jax.nn.sigmoid(w[1] * hidden[i] + c[1])
            leave = jax.nn.sigmoid(w[2] * x + c[2])
            change = jnp.tanh(w[3] * hidden[i] + c[3])
            cell[i] = cell[i] * forget + enter * change
            x = hidden[i] = leave * jnp.tanh(cell[i])
        y = x * extra[1] + extra[2]
        total += jnp.sum(following * (y - jnp.log(jnp.sum(jnp.exp(y)) + 2)))
    return -total / ((len(sequence) - 1) * b)


for l, c, b in [(2, 5, 3), (3, 4, 2)]:
    main, extra = normal(2 * l, 4 * b), normal(3, b)
    state, sequence = normal(2 * l, b, scale=0.5), np.eye(b)[rng.integers(0, b, c)].tolist()
    at = ((jnp.array(main), jnp.array(extra)), jnp.array(state), jnp.array(sequence))
    record(
        "lstm",
        f"l={l},c={c},b={b}",
        {"main_params": main, "extra_params": extra, "state": state, "sequence": sequence},
        objective=lstm_loss(*at),
        jacobian=jnp.concatenate([g.ravel() for g in jax.grad(lstm_loss)(*at)]),
    )


# ba
def skew(v):
    return jnp.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])


def turned(rotation, x, moving):
    """By Rodrigues; around no rotation by its first order."""
    if not moving:
        return x + skew(rotation) @ x
    angle = jnp.linalg.norm(rotation)
    axis = skew(rotation / angle)
    return x + axis @ x * jnp.sin(angle) + axis @ axis @ x * (1 - jnp.cos(angle))


def residuals(flat, n, m, p, feature, moving):
    cameras = flat[: 11 * n].reshape(n, 11)
    points = flat[11 * n : 11 * n + 3 * m].reshape(m, 3)
    weights = flat[11 * n + 3 * m :]
    errors = []
    for i in range(p):
        camera, w = cameras[i % n], weights[i]
        seen = turned(camera[:3], points[i % m] - camera[3:6], moving)
        plane = seen[:2] / seen[2]
        r2 = plane @ plane
        image = camera[6] * plane * (1 + camera[9] * r2 + camera[10] * r2**2) + camera[7:9]
        errors.append(w * (image - feature))
    return jnp.concatenate([*errors, 1 - weights**2])


def ba_jacobian(dense, n, m, p):
    """Rows of the structure, then only what GradBench keeps: the first 30 numbers of each list, and the last."""
    rows, cols, vals = [0], [], []
    for i in range(3 * p):
        weight = 11 * n + 3 * m + (i // 2 if i < 2 * p else i - 2 * p)
        at = [weight]
        if i < 2 * p:
            camera, point = i // 2 % n, i // 2 % m
            at = [*range(11 * camera, 11 * camera + 11), *range(11 * n + 3 * point, 11 * n + 3 * point + 3), weight]
        outside = np.delete(dense[i], at)
        assert not outside.any()
        rows.append(rows[-1] + len(at))
        cols += at
        vals += [float(dense[i, j]) for j in at]
    return {name: [*x[:30], x[-1]] for name, x in [("rows", rows), ("cols", cols), ("vals", vals)]}


for n, m, p, rotation in [(2, 3, 13, uniform(3)), (3, 4, 12, [0.0, 0.0, 0.0])]:
    camera = [*rotation, *uniform(3, low=-1), 1.5, *uniform(2), *uniform(2, low=-0.2, high=0.2)]
    given = {"n": n, "m": m, "p": p, "cam": camera, "x": uniform(3, low=2, high=3), "w": 0.8, "feat": uniform(2)}
    flat = jnp.array(camera * n + given["x"] * m + [given["w"]] * p)
    at = (flat, n, m, p, jnp.array(given["feat"]), any(rotation))
    values = residuals(*at)
    dense = np.asarray(jax.jacobian(residuals)(*at))
    objective = {
        "reproj_error": {"elements": values[:2].tolist(), "repeated": p},
        "w_err": {"element": float(values[-1]), "repeated": p},
    }
    record("ba", f"n{n}_m{m}_p{p}", given, objective=objective, jacobian=ba_jacobian(dense, n, m, p))


# ht
FINGERS = 5


def axis_angle(v):
    angle = jnp.linalg.norm(v)
    k = skew(v / angle)
    return jnp.eye(3) + jnp.sin(angle) * k + (1 - jnp.cos(angle)) * k @ k


def about(axis, angle):
    return axis_angle(angle * jnp.eye(3)[axis])


def bone_turns(theta, bones):
    """Each finger has two angles at its first bone and one at the next two."""
    turns = [jnp.eye(4) for _ in range(bones)]
    for finger in range(FINGERS):
        for part in range(3):
            first = 6 + 4 * finger + (0 if part == 0 else part + 1)
            turn = about(0, theta[first])
            if part == 0:
                turn = about(2, theta[first + 1]) @ turn
            turns[2 + 4 * finger + part] = turns[2 + 4 * finger + part].at[:3, :3].set(turn)
    return turns


def vertices(theta, model):
    absolute = []
    for bone, turn in enumerate(bone_turns(theta, len(model["parents"]))):
        relative = jnp.array(model["base_relatives"][bone]) @ turn
        parent = model["parents"][bone]
        absolute.append(relative if parent == -1 else absolute[parent] @ relative)
    skinned = []
    for position, weights in zip(model["base_positions"], model["weights"]):
        point = sum(
            w * (a @ jnp.array(inverse) @ jnp.array(position))[:3]
            for w, a, inverse in zip(weights, absolute, model["inverse_base_absolutes"])
        )
        skinned.append(point * jnp.array([-1.0, 1.0, 1.0]) if model["is_mirrored"] else point)
    return jnp.stack(skinned) @ axis_angle(theta[:3]).T + theta[3:6]


def ht_errors(parameters, data):
    us, theta = parameters
    at = vertices(theta, data["model"])
    errors = []
    for i, (correspondence, point) in enumerate(zip(data["correspondences"], data["points"])):
        if us is None:
            found = at[correspondence]
        else:
            a, b, c = data["model"]["triangles"][correspondence]
            found = us[i, 0] * at[a] + us[i, 1] * at[b] + (1 - us[i, 0] - us[i, 1]) * at[c]
        errors.append(jnp.array(point) - found)
    return jnp.concatenate(errors)


BONES, VERTICES, POINTS = 2 + 4 * FINGERS, 6, 4
for complicated in [False, True]:
    weights = rng.uniform(size=(VERTICES, BONES)) * (rng.uniform(size=(VERTICES, BONES)) < 0.15)

    def frames():
        return [[*normal(3, 4, scale=0.6), [0.0, 0.0, 0.0, 1.0]] for _ in range(BONES)]

    model = {
        "bone_count": BONES,
        "bone_names": [f"bone{i}" for i in range(BONES)],
        "parents": [-1, 0, *[parent for f in range(FINGERS) for parent in [1, 2 + 4 * f, 3 + 4 * f, 4 + 4 * f]]],
        "base_relatives": frames(),
        "inverse_base_absolutes": frames(),
        "base_positions": [[*normal(3), 1.0] for _ in range(VERTICES)],
        "weights": np.round(weights, 3).tolist(),
        "triangles": [[0, 1, 2], [2, 3, 4], [5, 1, 3]],
        "is_mirrored": complicated,
    }
    data = {
        "model": model,
        "correspondences": [2, 0, 1, 2] if complicated else [5, 0, 3, 3],
        "points": normal(POINTS, 3),
    }
    theta, us = normal(26, scale=0.4), uniform(POINTS, 2, high=0.5) if complicated else []
    at = (jnp.array(us) if complicated else None, jnp.array(theta))
    by_us, by_theta = jax.jacobian(ht_errors)(at, data)
    columns = [by_theta]
    if complicated:
        own = [by_us[i, i // 3] for i in range(3 * POINTS)]
        assert jnp.count_nonzero(by_us) <= 6 * POINTS
        columns = [jnp.stack(own), by_theta]
    record(
        "ht",
        "complicated" if complicated else "simple",
        {"theta": theta, "data": data, "us": us},
        objective=ht_errors(at, data),
        jacobian=jnp.concatenate(columns, 1),
    )

print("[\n" + ",\n".join(json.dumps(case) for case in CASES) + "\n]")
