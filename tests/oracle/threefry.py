"""Random numbers of JAX's default generator. Run: python3 tests/oracle/threefry.py > tests/oracle/threefry.json"""

import json

import jax
import jax.numpy as jnp

jax.config.update("jax_threefry_partitionable", True)
jax.config.update("jax_enable_x64", True)

LOGITS = jnp.asarray([[0.0, 1.0, -2.0], [0.5, -1.0, 3.0]], jnp.float32)
SEEDS = [0, 1, 42, 2**32 + 7]
rows = []
for seed in SEEDS:
    key = jax.random.key(seed, impl="threefry2x32")
    words = jax.random.key_data
    rows.append(
        {
            "seed": seed,
            "key": words(key).tolist(),
            "bits": jax.random.bits(key, (2, 3), jnp.uint32).ravel().tolist(),
            "split": words(jax.random.split(key, 3)).ravel().tolist(),
            "foldIn": words(jax.random.fold_in(key, 12345)).tolist(),
            "uniform": jax.random.uniform(key, (8,), jnp.float32).tolist(),
            "uniformRange": jax.random.uniform(key, (8,), jnp.float32, -2.5, 3.25).tolist(),
            "uniformF64": jax.random.uniform(key, (8,), jnp.float64).tolist(),
            "normal": jax.random.normal(key, (8,), jnp.float32).tolist(),
            "normalF64": jax.random.normal(key, (8,), jnp.float64).tolist(),
            "exponential": jax.random.exponential(key, (8,), jnp.float32).tolist(),
            "gumbel": jax.random.gumbel(key, (8,), jnp.float32).tolist(),
            "laplace": jax.random.laplace(key, (8,), jnp.float64).tolist(),
            "truncated": jax.random.truncated_normal(key, -0.5, 1.25, (8,), jnp.float32).tolist(),
            "randint": jax.random.randint(key, (8,), -5, 1000, jnp.int32).tolist(),
            "randintWide": jax.random.randint(key, (8,), -(2**31), 2**31 - 1, jnp.int32).tolist(),
            "categorical": jax.random.categorical(key, LOGITS, axis=0, shape=(4, 3)).ravel().tolist(),
            "permutation": jax.random.permutation(key, 2000)[:12].tolist(),
            "shuffle": jax.random.permutation(key, jnp.arange(12).reshape(3, 4), axis=1).ravel().tolist(),
            "bernoulli": jax.random.bernoulli(key, jnp.float32(0.3), (16,)).astype(int).tolist(),
        }
    )
print(json.dumps({"source": f"JAX {jax.__version__}, jax_threefry_partitionable", "rows": rows}, indent=1))
